"""Daily questions on every kind of store: each date is claimed once, whoever is first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.engine.dailies import Daily, DailyClaim, PastDaily
from bot.engine.events import Channel, Member
from bot.engine.ports import Store
from bot.engine.rounds import Board, NewPost, NewRound, Reveal
from bot.engine.schedules import DAY, Schedule
from tests.databases import Databases
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import (
    ANN,
    BOB,
    EVE,
    HERE,
    MINUTE,
    accept,
    accepted_answer,
    due,
    posted,
)

TODAY = START.date()
SCHEDULE = Schedule(
    time(9),
    "Europe/Berlin",
    frozenset({0, 1, 2}),
    ("one", "two"),
    3600,
    Reveal.AT_CLOSE,
    "r1",
    frozenset({date(2026, 12, 24)}),
)
HOUR = timedelta(hours=1)


async def running(store: Store, channel: Channel = HERE, due: int = 0) -> Daily:
    """A daily that is due `due` minutes after the start of the tests."""
    id_, number = await store.dailies.propose(channel, "ann", SCHEDULE)
    community = Member(channel.platform, channel.community, "ann")
    proposed = await store.dailies.proposal(id_, number, community)
    assert proposed is not None
    saved = replace(proposed, next_on=TODAY, next_due=START + due * MINUTE)
    assert await store.dailies.save(number, proposed, saved)
    return saved


def question(channel: Channel = HERE, question: str = "q1") -> NewPost:
    return NewPost(
        channel,
        "p",
        NewRound(question, "v1", (0, 1)),
        Board.DAILY,
        Reveal.AT_ONCE,
        3600,
        closes_at=START + HOUR,
        mention="r1",
        intro="Hello.",
    )


def claim_for(seen: Daily) -> DailyClaim:
    return DailyClaim(seen, TODAY + DAY, START + DAY, TODAY, question(seen.channel))


async def test_what_was_proposed_comes_back_as_it_was_and_is_saved_once(any_store: Store) -> None:
    assert await any_store.dailies.of(HERE) is None
    id_, older = await any_store.dailies.propose(HERE, "ann", SCHEDULE)
    assert await any_store.dailies.of(HERE) is None
    same, newer = await any_store.dailies.propose(HERE, "ann", replace(SCHEDULE, role=""))
    assert (same, newer > older) == (id_, True)
    assert await any_store.dailies.proposal(id_, older, ANN) is None
    assert await any_store.dailies.proposal(id_, newer, Member("terminal", "else", "x")) is None
    proposed = await any_store.dailies.proposal(id_, newer, ANN)
    assert proposed is not None
    assert proposed.schedule == replace(SCHEDULE, role="")
    saved = replace(proposed, next_on=TODAY, next_due=START)
    assert await any_store.dailies.save(newer, proposed, saved)
    assert not await any_store.dailies.save(newer, saved, proposed)
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert (daily.schedule, daily.set_by) == (proposed.schedule, "ann")
    assert (daily.next_on, daily.next_due) == (TODAY, START)


async def test_a_claim_makes_a_round_that_waits_to_be_posted(any_store: Store) -> None:
    seen = await running(any_store)
    assert await any_store.dailies.due({"terminal"}, START - MINUTE, 9) == []
    assert await any_store.dailies.due({"terminal"}, START, 9) == [seen]
    assert len(await any_store.dailies.claim([claim_for(seen)], START)) == 1
    assert await any_store.dailies.due({"terminal"}, START, 9) == []
    (post,) = await any_store.posts.claim_due("terminal", START, START + MINUTE, 9)
    assert (post.mention, post.intro, post.tried) == ("r1", "Hello.", False)
    assert (post.round.board, post.round.closes_at) == (Board.DAILY, START + HOUR)
    confirmed = await any_store.posts.confirm(post.round.id, "m1", START + MINUTE)
    assert confirmed is not None
    assert confirmed.round.closes_at == START + HOUR, "it closes when it was meant to"
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert (daily.next_on, daily.last_on) == (TODAY + DAY, TODAY)


async def test_a_claim_of_what_has_changed_since_it_was_seen_does_not_hold(
    any_store: Store,
) -> None:
    seen = await running(any_store)
    paused = replace(seen, paused="later", next_on=None, next_due=None)
    assert await any_store.dailies.change(seen, paused)
    assert not await any_store.dailies.change(seen, seen)
    assert len(await any_store.dailies.claim([claim_for(seen)], START)) == 0
    assert await any_store.posts.claim_due("terminal", START + DAY, START + DAY, 9) == []


async def test_a_turn_without_a_question_only_moves_on_or_pauses(any_store: Store) -> None:
    seen = await running(any_store)
    assert (
        len(await any_store.dailies.claim([DailyClaim(seen, TODAY + DAY, START + DAY)], START)) == 1
    )
    moved = await any_store.dailies.of(HERE)
    assert moved is not None
    assert (moved.next_on, moved.last_on) == (TODAY + DAY, None)
    assert (
        len(await any_store.dailies.claim([DailyClaim(moved, paused="nothing to ask")], START)) == 1
    )
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert (daily.paused, daily.next_due) == ("nothing to ask", None)
    assert await any_store.posts.claim_due("terminal", START, START + MINUTE, 9) == []


async def test_many_are_claimed_together_and_each_round_is_in_its_channel(
    any_store: Store,
) -> None:
    channels = [Channel("terminal", "local", f"c{n}") for n in range(30)]
    dailies = [await running(any_store, channel) for channel in channels]
    assert len(await any_store.dailies.claim([claim_for(each) for each in dailies], START)) == 30
    posts = await any_store.posts.claim_due("terminal", START, START + MINUTE, 99)
    assert {post.channel for post in posts} == set(channels)
    assert len({post.round.id for post in posts}) == 30


async def test_the_question_chosen_ahead_is_stored_until_it_is_asked(any_store: Store) -> None:
    seen = await running(any_store, due=30)
    assert await any_store.dailies.unprepared({"terminal"}, START, 9) == []
    assert await any_store.dailies.unprepared({"terminal"}, START + HOUR, 9) == [seen]
    await any_store.dailies.prepare([replace(seen, pack="p", question="q7")])
    assert await any_store.dailies.unprepared({"terminal"}, START + HOUR, 9) == []
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert (daily.pack, daily.question) == ("p", "q7")
    await any_store.dailies.claim([claim_for(daily)], START)
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert daily.question == ""


async def test_a_daily_that_is_removed_is_gone_but_for_the_date_it_asked_last(
    any_store: Store,
) -> None:
    seen = await running(any_store)
    round_ = (await any_store.dailies.claim([claim_for(seen)], START))[seen.id]
    assert round_
    stands = await any_store.dailies.of(HERE)
    assert stands is not None
    assert await any_store.dailies.remove(HERE)
    assert not await any_store.dailies.remove(HERE)
    assert await any_store.dailies.of(HERE) is None
    assert await any_store.dailies.due({"terminal"}, START + 9 * DAY, 9) == []
    assert not await any_store.dailies.change(stands, stands)
    assert await any_store.dailies.claim([claim_for(stands)], START) == {}
    assert await any_store.posts.fail(round_, "no entry", START) is None
    id_, number = await any_store.dailies.propose(HERE, "ann", SCHEDULE)
    again = await any_store.dailies.proposal(id_, number, ANN)
    assert again is not None
    assert again.paused == ""


async def test_a_daily_set_anew_after_it_was_removed_knows_the_date_asked_last(
    any_store: Store,
) -> None:
    seen = await running(any_store)
    await any_store.dailies.claim([claim_for(seen)], START)
    assert await any_store.dailies.remove(HERE)
    id_, number = await any_store.dailies.propose(HERE, "bob", SCHEDULE)
    again = await any_store.dailies.proposal(id_, number, BOB)
    assert again is not None
    assert again.last_on == TODAY
    assert await any_store.dailies.save(number, again, replace(again, next_on=TODAY + DAY))


async def test_a_refused_post_is_closed_and_pauses_its_daily_once(any_store: Store) -> None:
    seen = await running(any_store)
    await any_store.dailies.claim([claim_for(seen)], START)
    (post,) = await any_store.posts.claim_due("terminal", START, START + MINUTE, 9)
    paused = await any_store.posts.fail(post.round.id, "no", START)
    assert paused is not None
    assert (paused.paused, paused.set_by, paused.channel) == ("no", "ann", HERE)
    assert await any_store.posts.fail(post.round.id, "no", START) is None
    assert await any_store.dailies.due({"terminal"}, START + 9 * DAY, 9) == []
    assert await any_store.posts.claim_due("terminal", START + DAY, START + DAY, 9) == []
    assert await any_store.dailies.running(0, 9) == []


async def test_a_community_that_is_left_has_its_dailies_paused(any_store: Store) -> None:
    await running(any_store)
    other = await running(any_store, Channel("terminal", "other", "x"))
    await any_store.posts.abandon("terminal", "local", "removed", START)
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert (daily.paused, daily.next_due) == ("removed", None)
    assert await any_store.dailies.running(0, 9) == [other]
    assert await any_store.dailies.running(other.id, 9) == []


async def test_deleting_an_admins_data_clears_their_name(any_store: Store) -> None:
    await running(any_store)
    assert await any_store.players.forget(ANN)
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert daily.set_by == ""
    assert not await any_store.players.forget(ANN)


async def test_what_a_member_missed_is_what_closed_without_them(any_store: Store) -> None:
    seen = await running(any_store)
    elsewhere = await running(any_store, Channel("terminal", "local", "elsewhere"))
    await any_store.dailies.claim([claim_for(seen), claim_for(elsewhere)], START)
    posts = await any_store.posts.claim_due("terminal", START, START + MINUTE, 9)
    for number, post in enumerate(posts):
        await any_store.posts.confirm(post.round.id, f"m{number}", START)
    here = next(post.round.id for post in posts if post.channel == HERE)

    async def missed(member: Member, channel: str = HERE.id) -> list[int]:
        found = await any_store.dailies.missed(member, channel, START - DAY, 9)
        return [each.id for each in found]

    assert await missed(BOB) == [], "it is still open"
    await accept(any_store, accepted_answer(here, ANN))
    for post in posts:
        await any_store.posts.give_up(post.round.id, START + HOUR)
    assert await missed(BOB) == [here]
    assert await missed(BOB, "") == [], "a channel of which nothing is known may be private"
    assert await missed(ANN, "") == []
    assert await any_store.dailies.missed(BOB, HERE.id, START + DAY, 9) == []


async def test_a_member_knows_the_dailies_of_channels_where_they_have_answered(
    any_store: Store,
) -> None:
    other, third = (replace(HERE, id=name) for name in ("other", "third"))
    seen, paused = await running(any_store, due=9), await running(any_store, other)
    await running(any_store, third)
    assert await any_store.dailies.known_to(BOB) == []
    asked = [question(other), question(HERE)]
    for new in asked:
        post = await any_store.posts.claim(new, START, START + MINUTE)
        assert post
        await any_store.posts.confirm(post.round.id, new.channel.id, START)
        await accept(any_store, accepted_answer(post.round.id, BOB))
    dailies = await any_store.dailies.known_to(BOB)
    assert [each.channel for each in dailies] == [other, HERE]
    assert dailies[1] == seen
    assert await any_store.dailies.change(
        paused, replace(paused, paused="An admin paused it.", next_on=None, next_due=None)
    )
    assert [each.channel for each in await any_store.dailies.known_to(BOB)] == [HERE, other]
    await any_store.dailies.remove(HERE)
    assert [each.channel for each in await any_store.dailies.known_to(BOB)] == [other]


async def test_the_groups_memory_is_that_of_those_who_answered_last(any_store: Store) -> None:
    seen = await running(any_store)
    await any_store.dailies.claim([claim_for(seen)], START)
    (post,) = await any_store.posts.claim_due("terminal", START, START + MINUTE, 9)
    for days, member in enumerate((ANN, BOB)):
        await accept(any_store, accepted_answer(post.round.id, member, days=days))
    everyone = await any_store.cards.of_group(HERE, "p", TODAY, 9)
    assert len(everyone) == 2
    assert await any_store.cards.of_group(Channel("terminal", "else", "x"), "p", TODAY, 9) == []


@pytest.fixture
async def replicas(databases: Databases) -> AsyncIterator[list[Store]]:
    """Stores of several processes on one database."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(databases.new())
        yield [await stack.enter_async_context(database(url)) for _ in range(4)]


async def test_of_replicas_that_claim_the_same_at_once_one_does(replicas: list[Store]) -> None:
    channels = [Channel("terminal", "local", f"c{n}") for n in range(20)]
    dailies = [await running(replicas[0], channel) for channel in channels]
    for daily in dailies:
        await asyncio.gather(
            *(
                store.dailies.claim([claim_for(daily)], START + timedelta(seconds=ahead))
                for ahead, store in enumerate(replicas)
            )
        )
    taken = await asyncio.gather(
        *(store.posts.claim_due("terminal", START + MINUTE, START + HOUR, 99) for store in replicas)
    )
    rounds = [post.round.id for posts in taken for post in posts]
    rest = await replicas[0].posts.claim_due("terminal", START + MINUTE, START + HOUR, 99)
    rounds += [post.round.id for post in rest]
    assert (len(rounds), len(set(rounds))) == (20, 20)


async def test_a_daily_that_went_on_since_it_was_seen_is_not_set_as_it_was_then(
    any_store: Store,
) -> None:
    seen = await running(any_store)
    _, number = await any_store.dailies.propose(HERE, "ann", SCHEDULE)
    await any_store.dailies.claim([claim_for(seen)], START)
    assert not await any_store.dailies.save(number, seen, seen)
    now = await any_store.dailies.of(HERE)
    assert now is not None
    assert await any_store.dailies.save(number, now, now)


async def test_of_two_changes_of_what_was_seen_the_second_does_not_hold(any_store: Store) -> None:
    seen = await running(any_store)
    for day, holds in ((25, True), (31, False)):
        schedule = replace(SCHEDULE, skips=frozenset({date(2026, 12, day)}))
        assert await any_store.dailies.change(seen, replace(seen, schedule=schedule)) is holds
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert daily.schedule.skips == {date(2026, 12, 25)}


async def test_a_date_for_which_nothing_was_posted_counts_as_not_asked(any_store: Store) -> None:
    seen = await running(any_store)
    (first,) = (await any_store.dailies.claim([claim_for(seen)], START)).values()
    assert first is not None
    await any_store.posts.confirm(first, "m1", START)
    seen = await any_store.dailies.of(HERE) or seen
    next_one = DailyClaim(seen, None, None, TODAY + DAY, question(question="q2"))
    (second,) = (await any_store.dailies.claim([next_one], START)).values()
    assert second is not None
    await any_store.posts.give_up(second, START)
    daily = await any_store.dailies.of(HERE)
    assert daily is not None
    assert daily.last_on == TODAY
    assert [each.question for each in await any_store.posts.asked_in(HERE, "p")] == ["q1"]
    again = DailyClaim(daily, None, None, TODAY + DAY, question(question="q2"))
    assert await any_store.dailies.claim([again], START) != {}


async def test_a_question_is_outdated_once_a_later_date_was_claimed(any_store: Store) -> None:
    seen = await running(any_store)
    (first,) = (await any_store.dailies.claim([claim_for(seen)], START)).values()
    assert first is not None
    seen = await any_store.dailies.of(HERE) or seen
    later = DailyClaim(seen, None, None, TODAY + DAY, question(question="q2"))
    await any_store.dailies.claim([later], START)
    outdated = {
        post.round.id: post.outdated
        for post in await any_store.posts.claim_due("terminal", START, START, 9)
    }
    assert outdated == {first: True, first + 1: False}


async def test_a_step_can_be_put_off_until_it_was_taken(any_store: Store) -> None:
    seen = await running(any_store)
    (round_id,) = (await any_store.dailies.claim([claim_for(seen)], START)).values()
    assert round_id is not None
    (post,) = await any_store.posts.claim_due("terminal", START, START + MINUTE, 9)
    await any_store.posts.postpone(round_id, START + HOUR)
    assert await any_store.posts.claim_due("terminal", START + MINUTE, START + MINUTE, 9) == []
    (again,) = await any_store.posts.claim_due("terminal", START + HOUR, START + HOUR, 9)
    assert (post.tries, again.tries) == (0, 1)
    await any_store.posts.confirm(round_id, "m1", START)
    await any_store.posts.postpone(round_id, START)
    kept = await any_store.posts.get(round_id)
    assert kept is not None
    assert (kept.message, kept.tries) == ("m1", 0)
    assert await any_store.posts.claim_due("terminal", START, START, 9) == [], "an open one waits"
    assert await any_store.posts.get(round_id + 1) is None


async def test_a_question_knows_how_the_one_before_went(any_store: Store) -> None:
    store = any_store
    seen = await running(store)
    asked: list[int] = []
    for number in range(4):
        new = replace(question(question=f"q{number}"), closes_at=START + DAY * (number + 1))
        day, at = TODAY + DAY * number, START + DAY * number
        claim = DailyClaim(seen, day + DAY, at + DAY, day, new)
        (round_,) = (await store.dailies.claim([claim], at)).values()
        assert round_
        asked.append(round_)
        if number != 2:
            assert await store.posts.confirm(round_, f"m{number}", at)
        seen = replace(seen, next_on=day + DAY, next_due=at + DAY, last_on=day)
    first, second, third, fourth = asked
    for member, credit in ((ANN, 1.0), (BOB, 0.5), (EVE, 0.0)):
        await accept(store, accepted_answer(first, member, credit=credit, board=Board.DAILY))
    assert await store.dailies.before(first, START) is None
    assert await store.dailies.before(second, START + DAY - MINUTE) is None, "it is still open"
    went = PastDaily("m0", answered=3, right=1)
    assert await store.dailies.before(second, START + DAY) == went
    assert await store.dailies.before(third, START + DAY * 2) is None, "nobody answered"
    await accept(store, accepted_answer(second, ANN, board=Board.DAILY))
    assert await store.dailies.before(third, START + DAY * 2) == PastDaily("m1", 1, 1)
    # One that was never posted is no date.
    await store.posts.give_up(third, START + DAY * 3)
    assert await store.dailies.before(fourth, START + DAY * 3) == PastDaily("m1", 1, 1)
    assert await store.posts.close_early(first, ANN, START + MINUTE)
    assert await due(store, START + MINUTE) == [first]
    assert await store.dailies.before(second, START + MINUTE) == went, "it closed early"
    assert await store.posts.withdraw(first, ANN, START + DAY, START + DAY)
    assert await store.dailies.before(second, START + DAY) is None


async def test_a_live_question_has_none_before_it(any_store: Store) -> None:
    daily = await running(any_store)
    await any_store.dailies.claim([claim_for(daily)], START)
    post = await posted(any_store)
    assert await any_store.dailies.before(post.round.id, START + DAY) is None
