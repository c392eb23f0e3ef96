"""Rounds in channels, on every kind of store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from bot.engine.communities import ChannelSettings
from bot.engine.events import Channel, Member
from bot.engine.ports import Store
from bot.engine.rounds import Board, NewPost, Results, Reveal
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import (
    ANN,
    BOB,
    HERE,
    MINUTE,
    PLATFORMS,
    accept,
    accepted_answer,
    claim,
    due,
    posted,
    rounds,
    start,
)


async def test_a_channel_has_one_live_round_at_a_time(any_store: Store) -> None:
    first = await claim(any_store)
    assert first is not None
    assert (first.message, first.round.closes_at, first.round.board) == (None, None, Board.LIVE)
    assert await claim(any_store) is None
    assert await claim(any_store, channel=Channel("terminal", "local", "other"))
    assert await any_store.posts.live_in(HERE) == first
    await any_store.posts.give_up(first.round.id, START)
    assert await any_store.posts.live_in(HERE) is None
    assert await claim(any_store)


async def test_a_rounds_clock_starts_once_its_message_is_confirmed(any_store: Store) -> None:
    claimed = await claim(any_store)
    assert claimed is not None
    later = START + MINUTE
    open_ = await any_store.posts.confirm(claimed.round.id, "m1", later)
    assert open_ is not None
    assert (open_.message, open_.round.closes_at) == ("m1", later + MINUTE)
    assert await any_store.posts.confirm(claimed.round.id, "m2", later) is None
    view = await any_store.answers.view(claimed.round.id, BOB)
    assert view is not None
    assert (view.round.reveal, view.round.closes_at) == (Reveal.AT_CLOSE, later + MINUTE)


async def test_what_is_due_is_handed_out_once_until_its_lease_is_over(any_store: Store) -> None:
    post = await posted(any_store)
    over = START + MINUTE
    assert await due(any_store, START) == []
    assert await due(any_store, over) == [post.round.id]
    assert await due(any_store, over) == []
    assert await due(any_store, over + MINUTE) == [post.round.id]
    view = await any_store.answers.view(post.round.id, ANN)
    assert view is not None
    assert view.round.closed, "once its result is due it takes no answer"
    await any_store.posts.finish(post.round.id, None)
    assert await due(any_store, over + 9 * MINUTE) == []


async def test_a_post_that_was_begun_before_is_known_to_have_been_tried(any_store: Store) -> None:
    claimed = await claim(any_store)
    assert claimed is not None
    assert not claimed.tried
    (again,) = await any_store.posts.claim_due("terminal", START + MINUTE, START + 2 * MINUTE, 9)
    assert again.tried


async def test_as_many_are_handed_out_as_are_asked_for_the_longest_waiting_first(
    any_store: Store,
) -> None:
    ids = []
    for name in "abc":
        post = await claim(any_store, channel=Channel("terminal", "local", name))
        ids.append(post.round.id if post else 0)
    later = START + MINUTE
    first, second = [
        [
            post.round.id
            for post in await any_store.posts.claim_due("terminal", later, later + MINUTE, 2)
        ]
        for _ in range(2)
    ]
    assert (sorted(first), second) == (ids[:2], ids[2:])


async def test_a_round_can_be_closed_early_within_its_community(any_store: Store) -> None:
    post = await posted(any_store)
    assert not await any_store.posts.close_early(
        post.round.id, Member("terminal", "else", "x"), START
    )
    assert await any_store.posts.close_early(post.round.id, ANN, START)
    (hurried,) = await any_store.posts.claim_results("terminal", START, START + MINUTE, 9)
    assert hurried.round.closes_at == START


async def test_answers_in_a_channel_are_counted_and_displayed_in_order(any_store: Store) -> None:
    post = await posted(any_store)
    assert await any_store.posts.claim_changed(PLATFORMS) == []
    for days, member in enumerate((BOB, ANN)):
        await accept(any_store, accepted_answer(post.round.id, member, days=days))
    assert [each.answered for each in await any_store.posts.claim_changed(PLATFORMS)] == [2]
    assert await any_store.posts.claim_changed(PLATFORMS) == []
    givens = await any_store.answers.of_round(post.round.id)
    assert [(each.user, each.name, each.streak) for each in givens] == [
        ("bob", "BOB", 1),
        ("ann", "ANN", 2),
    ]
    assert [each.question for each in await any_store.posts.asked_in(HERE, "p")] == ["q1"]


async def test_of_replicas_that_see_the_same_answers_one_tells_of_them(database_url: str) -> None:
    async with database(database_url) as one, database(database_url) as two:
        post = await posted(one)
        await accept(one, accepted_answer(post.round.id, ANN))
        told = await asyncio.gather(
            one.posts.claim_changed(PLATFORMS), two.posts.claim_changed(PLATFORMS)
        )
        assert [each.answered for posts in told for each in posts] == [1]


async def test_what_is_open_where_a_member_plays_is_known(any_store: Store) -> None:
    post = await posted(any_store)
    directly, elsewhere = replace(BOB, community=""), replace(BOB, community="elsewhere")
    assert await any_store.posts.open_questions(BOB, "p") == {"q1"}
    assert await any_store.posts.open_questions(directly, "p") == set()
    await accept(any_store, accepted_answer(post.round.id, BOB))
    for member in (directly, elsewhere):
        assert await any_store.posts.open_questions(member, "p") == {"q1"}
    assert await any_store.posts.open_questions(BOB, "other") == set()
    await any_store.posts.give_up(post.round.id, START)
    assert await any_store.posts.open_questions(BOB, "p") == set()


async def test_open_questions_are_listed_until_answered_where_a_member_has_answered_before(
    any_store: Store,
) -> None:
    async def unanswered(member: Member, at: datetime = START) -> list[int]:
        return [post.round.id for post in await any_store.posts.unanswered(member, at)]

    first = await posted(any_store)
    assert await unanswered(BOB) == [], "a channel of which nothing is known may be private"
    await accept(any_store, accepted_answer(first.round.id, BOB))
    assert await unanswered(BOB) == []
    daily = await claim(any_store, board=Board.DAILY)
    elsewhere = await claim(any_store, channel=replace(HERE, id="elsewhere"))
    assert daily
    assert elsewhere
    assert await unanswered(BOB) == [], "it isn't posted yet"
    await any_store.posts.confirm(elsewhere.round.id, "m2", START)
    await any_store.posts.confirm(daily.round.id, "m3", START)
    assert await unanswered(BOB) == [daily.round.id]
    assert await unanswered(ANN) == []
    assert await unanswered(BOB, START + MINUTE) == [], "its time is over"
    await accept(any_store, accepted_answer(elsewhere.round.id, ANN))
    assert await unanswered(ANN) == []
    await accept(any_store, accepted_answer(daily.round.id, ANN))
    assert await unanswered(ANN) == [first.round.id]
    await any_store.posts.withdraw(daily.round.id, BOB, START, START)
    assert await unanswered(BOB) == []


async def test_it_is_known_when_a_member_posed_questions_until_they_are_forgotten(
    any_store: Store,
) -> None:
    async def pose(channel: str, user: str, at: datetime, board: Board = Board.LIVE) -> None:
        where = Channel("terminal", "local", channel)
        new = NewPost(where, "p", rounds("q1")[0], board, Reveal.AT_ONCE, 60, posed_by=user)
        claimed = await any_store.posts.claim(new, at, at + MINUTE)
        assert claimed is not None
        await any_store.posts.confirm(claimed.round.id, f"m-{channel}", at)

    await start(any_store, ANN, "q1")
    await pose("one", "ann", START)
    await pose("two", "ann", START + MINUTE)
    await pose("three", "bob", START + MINUTE)
    await pose("four", "", START + MINUTE, Board.DAILY)
    assert await any_store.posts.posed_since(ANN, START - MINUTE) == [START, START + MINUTE]
    assert await any_store.posts.posed_since(ANN, START) == [START + MINUTE]
    assert await any_store.posts.posed_since(replace(ANN, community="other"), START - MINUTE) == []
    assert await any_store.posts.posed_since(replace(ANN, platform="slack"), START - MINUTE) == []
    await any_store.players.forget(ANN)
    assert await any_store.posts.posed_since(ANN, START - MINUTE) == []
    assert await any_store.posts.posed_since(BOB, START - MINUTE) == [START + MINUTE]


async def test_a_post_and_a_members_view_know_where_it_is(any_store: Store) -> None:
    post = await posted(any_store)
    view = await any_store.answers.view(post.round.id, BOB)
    assert view
    for round_ in (post.round, view.round):
        assert (round_.channel, round_.message) == (HERE.id, "m1")
    (drilled,) = await start(any_store, ANN, "q1")
    own = await any_store.answers.view(drilled, ANN)
    assert own
    assert (own.round.channel, own.round.message) == ("", "")


async def test_a_post_follows_its_channels_setting_for_results(any_store: Store) -> None:
    post = await posted(any_store)
    assert post.results is Results.REPLY
    for channel in (replace(HERE, id="talk"), replace(HERE, community="elsewhere")):
        await any_store.communities.set_channel_settings(
            channel, ChannelSettings(results=Results.EDIT)
        )
    await any_store.communities.set_channel_settings(HERE, ChannelSettings(results=Results.THREAD))
    found = await any_store.posts.get(post.round.id)
    assert found
    assert found.results is Results.THREAD
    (closed,) = await any_store.posts.claim_results(
        "terminal", START + MINUTE, START + 9 * MINUTE, 9
    )
    assert closed.results is Results.THREAD
