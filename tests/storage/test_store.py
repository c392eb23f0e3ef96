"""What every store keeps to, in memory and on each database alike."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen, remove

from bot.engine import memory
from bot.engine.days import Zones
from bot.engine.events import Channel, Member
from bot.engine.ports import (
    Acceptance,
    ChannelSettings,
    CommunitySettings,
    NewPost,
    Post,
    Preferences,
    Record,
    Reported,
    Seat,
    Store,
    Team,
)
from bot.engine.rounds import Answer, Board, Given, NewRound, Posers, Reveal, Round
from bot.engine.standings import ALL_TIME, RankBy, Season, Standings, list_periods
from bot.engine.streaks import Streak
from bot.engine.teams import JoinOutcome, TeamCandidate
from storage.store import SqlStore
from tests.samples import START
from tests.storage.conftest import database

ANN, BOB = (Member("terminal", "local", user) for user in ("ann", "bob"))
TODAY = START.date()


def rounds(*questions: str) -> list[NewRound]:
    return [NewRound(question, "v1", (2, 0, 1)) for question in questions]


async def start(store: Store, member: Member, *questions: str) -> list[int]:
    """Ids of the rounds of a new drill."""
    drill = await store.start_drill(member, member.user, "p", "scope", rounds(*questions), START)
    kept = await store.drill(drill, member)
    assert kept is not None
    return [round_.id for round_, _ in kept.steps]


def acceptance(
    round_: int,
    member: Member = ANN,
    *,
    credit: float = 1,
    given: Given = (1,),
    question: str = "q1",
    days: int = 0,
    season: int | None = None,
    board: Board = Board.DRILL,
    reveal: Reveal = Reveal.AT_ONCE,
) -> Acceptance:
    """An answer to a round, as the engine would decide about it."""
    now = START + timedelta(days=days)
    streak = Streak(days + 1, days + 1, now.date(), freezes=1, active=4)
    return Acceptance(
        round=Round(round_, "p", question, "v1", (), START, board=board, reveal=reveal),
        member=member,
        name=member.user.upper(),
        day=now.date(),
        zone=None,
        periods=list_periods(now.date(), season),
        answer=Answer(given, credit, round(credit * 10), now),
        card=memory.review(None, question, credit, now),
        streak=streak,
    )


async def accept(store: Store, new: Acceptance) -> Answer:
    """The answer that stands once the new one was to be kept."""
    _, stands = await store.accept(new.round.id, new.member, lambda _: new)
    return stands


async def test_a_drill_comes_back_with_its_rounds_in_order(any_store: Store) -> None:
    drill = await any_store.start_drill(ANN, "Ann", "p", "topic", rounds("q1", "q2"), START)
    kept = await any_store.drill(drill, ANN)
    assert kept is not None
    assert (kept.pack, kept.scope) == ("p", "topic")
    assert [(r.question, r.step, r.steps, r.layout) for r, _ in kept.steps] == [
        ("q1", 1, 2, (2, 0, 1)),
        ("q2", 2, 2, (2, 0, 1)),
    ]
    assert kept.steps[0][0].opened_at == START
    assert all(answer is None for _, answer in kept.steps)


async def test_a_drill_and_its_rounds_belong_to_one_member(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    await start(any_store, BOB, "q1")
    assert await any_store.drill(1, BOB) is None
    assert await any_store.drill(99, ANN) is None
    assert await any_store.seat(round_, BOB) is None
    assert await any_store.seat(round_, Member("slack", "local", "ann")) is None
    assert await any_store.seat(99, ANN) is None
    assert await any_store.seat(round_, ANN) is not None


@pytest.mark.parametrize("given", [(1,), (0, 2), (2, -1, 0), "compute cluster"])
async def test_an_accepted_answer_is_found_at_its_seat_with_card_and_streak(
    any_store: Store, given: Given
) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    empty = await any_store.seat(round_, ANN)
    assert empty is not None
    assert (empty.answer, empty.card, empty.streak) == (None, None, Streak())
    new = acceptance(round_, given=given)
    assert await accept(any_store, new) == new.answer
    seat = await any_store.seat(round_, ANN)
    assert seat is not None
    assert (seat.answer, seat.card, seat.streak) == (new.answer, new.card, new.streak)
    assert await any_store.cards(ANN, "p") == {"q1": new.card}
    assert await any_store.cards(ANN, "other") == {}


async def test_the_first_answer_stands_and_a_second_changes_nothing(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    first = acceptance(round_, credit=0)
    await accept(any_store, first)
    assert await accept(any_store, acceptance(round_, credit=1, days=1)) == first.answer
    record = await any_store.record(ANN)
    assert record == Record(points=0, right=0, answered=1, streak=first.streak)
    assert (await any_store.cards(ANN, "p"))["q1"] == first.card


async def page(
    store: Store,
    member: Member = ANN,
    period: str = ALL_TIME,
    *,
    board: Board = Board.DRILL,
    now: datetime = START,
    limit: int = 9,
    offset: int = 0,
) -> Standings:
    return await store.standings(
        member, board, period, now=now, zone="UTC", limit=limit, offset=offset
    )


async def test_standings_add_up_days_and_stop_at_the_window(any_store: Store) -> None:
    for member, earned in ((ANN, (1, 1)), (BOB, (1, 0.5))):
        one, two = await start(any_store, member, "q1", "q2")
        await accept(any_store, acceptance(one, member, credit=earned[0]))
        await accept(any_store, acceptance(two, member, credit=earned[1], question="q2", days=3))
    elsewhere = Member("terminal", "elsewhere", "ann", realm="T9")
    (stranger,) = await start(any_store, elsewhere, "q1")
    await accept(any_store, acceptance(stranger, elsewhere))

    later = START + timedelta(days=3)
    everything = await page(any_store, now=later)
    assert [(s.rank, s.user, s.name, s.points, s.right, s.answered) for s in everything.lines] == [
        (1, "ann", "ANN", 20, 2, 2),
        (2, "bob", "BOB", 15, 1, 2),
    ]
    assert everything.total == 2
    assert everything.own == everything.lines[0]
    assert everything.lines[0].streak == 4
    first_day = await page(any_store, BOB, TODAY.isoformat(), now=later, limit=1, offset=1)
    assert [s.user for s in first_day.lines] == ["bob"]
    last_day = await page(any_store, BOB, later.date().isoformat(), now=later)
    assert [(s.rank, s.points) for s in last_day.lines] == [(1, 10), (2, 5)]
    nobody = await page(any_store, BOB, board=Board.DAILY)
    assert (nobody.lines, nobody.own, nobody.total) == ((), None, 0)
    assert set(await any_store.boards_played(ANN, ALL_TIME, RankBy.MEMBERS)) == {Board.DRILL}
    assert set(await any_store.boards_played(ANN, "2020-01", RankBy.MEMBERS)) == set()


async def test_equal_points_share_a_rank_and_the_next_one_skips(any_store: Store) -> None:
    for number, credit in enumerate((1, 1, 0.5)):
        member = Member("terminal", "local", f"u{number}")
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member, credit=credit))
    assert [line.rank for line in (await page(any_store)).lines] == [1, 1, 3]
    assert [line.rank for line in (await page(any_store, offset=1)).lines] == [1, 3]
    assert (await page(any_store)).own is None


async def test_among_equals_who_was_first_to_reach_it_comes_first(any_store: Store) -> None:
    """Ann has her points first, and answers wrongly once more; Bob's come in two halves."""
    answers = ((BOB, "q1", 0.5, 0), (ANN, "q1", 1, 1), (BOB, "q2", 0.5, 2), (ANN, "q2", 0, 3))
    seats = {member: await start(any_store, member, "q1", "q2") for member in (BOB, ANN)}
    for member, question, credit, days in answers:
        round_ = seats[member][question == "q2"]
        await accept(
            any_store, acceptance(round_, member, question=question, credit=credit, days=days)
        )
    assert [(line.rank, line.user) for line in (await page(any_store)).lines] == [
        (1, "ann"),
        (1, "bob"),
    ]


async def test_a_season_has_a_board_of_its_own_and_ends_the_one_before(any_store: Store) -> None:
    assert await any_store.community_settings("terminal", "local") == CommunitySettings()
    spring = await any_store.start_season("terminal", "local", "Spring", START)
    one, two = await start(any_store, ANN, "q1", "q2")
    seat = await any_store.seat(one, ANN)
    assert seat is not None
    assert seat.season == spring.id
    await accept(any_store, acceptance(one, season=spring.id))
    summer = await any_store.start_season("terminal", "local", "Summer", START + MINUTE)
    await accept(any_store, acceptance(two, question="q2", credit=0.5, season=summer.id))
    settings = await any_store.community_settings("terminal", "local")
    assert settings.season == summer == Season(summer.id, "Summer", START + MINUTE)
    for season, points in ((spring, 10), (summer, 5)):
        lines = (await page(any_store, period=f"season-{season.id}")).lines
        assert [line.points for line in lines] == [points]
    elsewhere = await any_store.community_settings("terminal", "elsewhere")
    assert elsewhere.season is None


async def test_what_is_chosen_for_a_community_holds_and_is_found_at_a_seat(
    any_store: Store,
) -> None:
    chosen = CommunitySettings("Europe/Berlin", None, Posers.MANAGERS, 5, 90, 8)
    await any_store.set_community("terminal", "local", CommunitySettings("Asia/Tokyo"))
    await any_store.set_community("terminal", "local", chosen)
    assert await any_store.community_settings("terminal", "local") == chosen
    await any_store.set_preferences(ANN, "Ann", Preferences("America/Lima", starts=4))
    assert await any_store.preferences(ANN) == Preferences("America/Lima", starts=4)
    assert await any_store.preferences(BOB) == Preferences()
    (round_,) = await start(any_store, ANN, "q1")
    seat = await any_store.seat(round_, ANN)
    assert seat is not None
    assert seat.zones == Zones("Europe/Berlin", "America/Lima", starts=4)
    assert (await any_store.record(ANN)).zones == seat.zones
    assert (await any_store.record(BOB)).zones == Zones("Europe/Berlin")
    await accept(any_store, replace(acceptance(round_), zone="Asia/Tokyo"))
    assert (await any_store.record(ANN)).zones == replace(seat.zones, platform="Asia/Tokyo")


async def test_a_streak_on_the_board_is_as_of_its_members_own_day(any_store: Store) -> None:
    """Two days later in UTC it is still the next day in Lima."""
    (round_,) = await start(any_store, ANN, "q1")
    mine = acceptance(round_)
    await accept(any_store, replace(mine, zone="America/Lima", streak=Streak(1, 1, TODAY)))
    now = START + timedelta(days=1, hours=14)
    assert [line.streak for line in (await page(any_store, now=now)).lines] == [1]
    now += timedelta(hours=5)
    assert [line.streak for line in (await page(any_store, now=now)).lines] == [0]


async def test_hidden_members_are_seen_by_themselves_alone(any_store: Store) -> None:
    post = await posted(any_store)
    people = [Member("terminal", "local", f"u{number}") for number in range(3)]
    await any_store.set_preferences(people[0], "U0", Preferences(hidden=True))
    for member, credit in zip(people, (1, 0.7, 0.5), strict=True):
        await accept(any_store, acceptance(post.round.id, member, credit=credit))
    await any_store.set_preferences(people[1], "U1", Preferences(hidden=True))
    seen = await page(any_store, people[2])
    assert [(line.rank, line.user) for line in seen.lines] == [(1, "u2")]
    assert seen.total == 1
    own = (await page(any_store, people[1])).own
    assert own is not None
    assert (own.rank, own.points, own.hidden) == (1, 7, True)
    givens = await any_store.givens(post.round.id)
    assert {given.user for given in givens if given.hidden} == {"u0", "u1"}
    await any_store.set_preferences(people[0], "U0", Preferences())
    assert [(line.rank, line.user) for line in (await page(any_store)).lines] == [
        (1, "u0"),
        (2, "u2"),
    ]


async def test_what_is_told_at_the_close_counts_from_then_on(any_store: Store) -> None:
    post = await posted(any_store)
    await any_store.create_team(ANN, "Ann", "Owls")
    for credit, member in ((1, ANN), (0.5, BOB)):
        board, reveal = post.round.board, Reveal.AT_CLOSE
        await accept(
            any_store,
            acceptance(post.round.id, member, credit=credit, board=board, reveal=reveal),
        )

    async def known() -> tuple[list[int], int, int, int, int]:
        lines = (await page(any_store, board=Board.LIVE)).lines
        teams = await any_store.team_standings(ANN, Board.LIVE, ALL_TIME, limit=9, offset=0)
        record = await any_store.record(ANN)
        cards = await any_store.cards(ANN, "p")
        return (
            [e.points for e in lines],
            len(teams.lines),
            record.points,
            record.right,
            len(cards),
        )

    assert await known() == ([], 0, 0, 0, 0)
    assert (await any_store.record(ANN)).streak.days == 1
    await any_store.close_post(post.round.id, START + MINUTE)
    assert await known() == ([10, 5], 1, 10, 1, 1)
    await any_store.close_post(post.round.id, START + MINUTE)
    assert await known() == ([10, 5], 1, 10, 1, 1)


async def test_forgetting_a_member_takes_every_trace_and_nothing_of_others(
    any_store: Store,
) -> None:
    for member in (ANN, BOB):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member))
    assert await any_store.forget(ANN)
    assert not await any_store.forget(ANN)
    assert await any_store.record(ANN) == Record()
    assert await any_store.cards(ANN, "p") == {}
    assert [line.user for line in (await page(any_store, BOB)).lines] == ["bob"]
    assert (await any_store.record(BOB)).answered == 1


async def test_presses_at_the_same_time_keep_one_answer(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    stood = await asyncio.gather(
        *(accept(any_store, acceptance(round_, given=(i,), credit=i % 2)) for i in range(12))
    )
    assert len(set(stood)) == 1
    assert (await any_store.record(ANN)).answered == 1
    assert (await any_store.record(ANN)).points == stood[0].points


HERE = Channel("terminal", "local", "general")
MINUTE = timedelta(minutes=1)
PLATFORMS = {"terminal"}


async def claim(store: Store, *, channel: Channel = HERE, board: Board = Board.LIVE) -> Post | None:
    new = NewPost(channel, "p", rounds("q1")[0], board, Reveal.AT_CLOSE, 60)
    return await store.claim_post(new, START, START + MINUTE)


async def posted(store: Store) -> Post:
    """A round that is open in a channel."""
    claimed = await claim(store)
    assert claimed is not None
    confirmed = await store.confirm_post(claimed.round.id, "m1", START)
    assert confirmed is not None
    return confirmed


async def test_a_channel_has_one_live_round_at_a_time(any_store: Store) -> None:
    first = await claim(any_store)
    assert first is not None
    assert (first.message, first.round.closes_at, first.round.board) == (None, None, Board.LIVE)
    assert await claim(any_store) is None
    assert await claim(any_store, channel=Channel("terminal", "local", "other"))
    assert await any_store.live_post(HERE) == first
    await any_store.close_post(first.round.id, START)
    assert await any_store.live_post(HERE) is None
    assert await claim(any_store)


async def test_a_rounds_clock_starts_once_its_message_is_confirmed(any_store: Store) -> None:
    claimed = await claim(any_store)
    assert claimed is not None
    later = START + MINUTE
    open_ = await any_store.confirm_post(claimed.round.id, "m1", later)
    assert open_ is not None
    assert (open_.message, open_.round.closes_at) == ("m1", later + MINUTE)
    assert await any_store.confirm_post(claimed.round.id, "m2", later) is None
    seat = await any_store.seat(claimed.round.id, BOB)
    assert seat is not None
    assert (seat.round.reveal, seat.round.closes_at) == (Reveal.AT_CLOSE, later + MINUTE)


async def due(store: Store, at: datetime) -> list[int]:
    """Ids of the rounds that are handed out for a minute, because their time is over."""
    return [each.round.id for each in await store.due_results("terminal", at, at + MINUTE, 9)]


async def test_what_is_due_is_handed_out_once_until_its_lease_is_over(any_store: Store) -> None:
    post = await posted(any_store)
    over = START + MINUTE
    assert await due(any_store, START) == []
    assert await due(any_store, over) == [post.round.id]
    assert await due(any_store, over) == []
    assert await due(any_store, over + MINUTE) == [post.round.id]
    seat = await any_store.seat(post.round.id, ANN)
    assert seat is not None
    assert seat.round.closed, "once its result is due it takes no answer"
    await any_store.finish_post(post.round.id, None)
    assert await due(any_store, over + 9 * MINUTE) == []


async def test_a_post_that_was_begun_before_is_known_to_have_been_tried(any_store: Store) -> None:
    claimed = await claim(any_store)
    assert claimed is not None
    assert not claimed.tried
    (again,) = await any_store.due_posts("terminal", START + MINUTE, START + 2 * MINUTE, 9)
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
        [post.round.id for post in await any_store.due_posts("terminal", later, later + MINUTE, 2)]
        for _ in range(2)
    ]
    assert (sorted(first), second) == (ids[:2], ids[2:])


async def test_a_round_can_be_closed_early_within_its_community(any_store: Store) -> None:
    post = await posted(any_store)
    assert not await any_store.hurry_post(post.round.id, Member("terminal", "else", "x"), START)
    assert await any_store.hurry_post(post.round.id, ANN, START)
    (hurried,) = await any_store.due_results("terminal", START, START + MINUTE, 9)
    assert hurried.round.closes_at == START


async def test_answers_in_a_channel_are_counted_and_told_in_order(any_store: Store) -> None:
    post = await posted(any_store)
    assert await any_store.changed_posts(PLATFORMS) == []
    for days, member in enumerate((BOB, ANN)):
        await accept(any_store, acceptance(post.round.id, member, days=days))
    assert [each.answered for each in await any_store.changed_posts(PLATFORMS)] == [2]
    assert await any_store.changed_posts(PLATFORMS) == []
    givens = await any_store.givens(post.round.id)
    assert [(each.user, each.name, each.streak) for each in givens] == [
        ("bob", "BOB", 1),
        ("ann", "ANN", 2),
    ]
    assert [each.question for each in await any_store.asked_in(HERE, "p")] == ["q1"]


async def test_of_replicas_that_see_the_same_answers_one_tells_of_them(database_url: str) -> None:
    async with database(database_url) as one, database(database_url) as two:
        post = await posted(one)
        await accept(one, acceptance(post.round.id, ANN))
        told = await asyncio.gather(one.changed_posts(PLATFORMS), two.changed_posts(PLATFORMS))
        assert [each.answered for posts in told for each in posts] == [1]


async def test_an_answer_that_is_being_decided_about_is_in_the_result(database_url: str) -> None:
    deciding, decided = threading.Event(), threading.Event()
    async with database(database_url) as one, database(database_url) as two:
        post = await posted(one)
        mine = acceptance(post.round.id, ANN)

        def decide(_: Seat | None) -> Acceptance:
            deciding.set()
            assert decided.wait(5)
            return mine

        async def close() -> list[Answer]:
            while not await due(two, START + MINUTE):
                await asyncio.sleep(0.01)
            return [given.answer for given in await two.givens(post.round.id)]

        answering = asyncio.create_task(one.accept(post.round.id, ANN, decide))
        await asyncio.to_thread(deciding.wait, 5)
        closing = asyncio.create_task(close())
        await asyncio.sleep(0.1)
        decided.set()
        await answering
        assert await closing == [mine.answer]


async def test_what_is_open_where_a_member_plays_is_known(any_store: Store) -> None:
    post = await posted(any_store)
    directly, elsewhere = replace(BOB, community=""), replace(BOB, community="elsewhere")
    assert await any_store.open_questions(BOB, "p") == {"q1"}
    assert await any_store.open_questions(directly, "p") == set()
    await accept(any_store, acceptance(post.round.id, BOB))
    for member in (directly, elsewhere):
        assert await any_store.open_questions(member, "p") == {"q1"}
    assert await any_store.open_questions(BOB, "other") == set()
    await any_store.close_post(post.round.id, START)
    assert await any_store.open_questions(BOB, "p") == set()


async def test_a_channels_settings_are_its_own(any_store: Store) -> None:
    chosen = ChannelSettings(Reveal.AT_CLOSE, "other")
    await any_store.set_channel(HERE, ChannelSettings(pack="first"))
    await any_store.set_channel(HERE, chosen)
    assert await any_store.channel_settings(HERE) == chosen
    other = Channel("terminal", "elsewhere", "general")
    assert await any_store.channel_settings(other) == ChannelSettings()


async def test_what_is_chosen_for_a_channel_and_its_community_is_kept_together(
    any_store: Store,
) -> None:
    everywhere = CommunitySettings("Asia/Tokyo", team_cap=3)
    await any_store.set_channel(HERE, ChannelSettings(Reveal.AT_CLOSE, "p"), everywhere)
    assert await any_store.community_settings("terminal", "local") == everywhere
    assert await any_store.team_cap(ANN) == 3
    await any_store.set_channel(HERE, ChannelSettings(pack="other"))
    assert await any_store.community_settings("terminal", "local") == everywhere


async def test_where_not_all_that_is_chosen_can_be_kept_nothing_is(store: SqlStore) -> None:
    await store.set_channel(HERE, ChannelSettings(pack="p"), CommunitySettings("Asia/Tokyo"))

    def lose(*args: Any) -> None:
        if "UPDATE community" in args[2]:
            raise ConnectionError("the database is gone")

    listen(store.engine, "before_cursor_execute", lose)
    with pytest.raises(ConnectionError):
        await store.set_channel(HERE, ChannelSettings(pack="q"), CommunitySettings(team_cap=2))
    remove(store.engine, "before_cursor_execute", lose)
    assert (await store.channel_settings(HERE)).pack == "p"
    assert (await store.community_settings("terminal", "local")).zone == "Asia/Tokyo"


async def test_teams_gather_members_and_what_was_earned_stays(any_store: Store) -> None:
    owls = await any_store.create_team(ANN, "Ann", "Owls")
    assert owls is not None
    assert await any_store.create_team(BOB, "Bob", "OWLS") is None
    assert await any_store.join_team(BOB, "Bob", owls) is JoinOutcome.DONE
    assert await any_store.teams(BOB) == [Team(owls, "Owls", 2, mine=True)]
    for member, credit in ((ANN, 1), (BOB, 0.5)):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member, credit=credit))
    assert await any_store.leave_team(BOB)
    assert not await any_store.leave_team(BOB)
    larks = await any_store.create_team(BOB, "Bob", "Larks")
    (round_,) = await start(any_store, BOB, "q2")
    await accept(any_store, acceptance(round_, BOB, question="q2", credit=0.2))
    standings = await any_store.team_standings(BOB, Board.DRILL, ALL_TIME, limit=9, offset=0)
    assert [(t.rank, t.name, t.points, t.active, t.members) for t in standings.lines] == [
        (1, "Owls", 9, 2, 2),
        (2, "Larks", 3, 1, 1),
    ]
    assert standings.own is not None
    assert standings.own.team == larks
    assert await any_store.teams(Member("terminal", "elsewhere", "x")) == []


EVE = Member("terminal", "local", "eve")


async def names_and_sizes(store: Store) -> dict[str, int]:
    return {team.name: team.members for team in await store.teams(ANN)}


async def test_a_team_takes_no_more_members_than_the_cap_and_those_in_it_stay(
    any_store: Store,
) -> None:
    assert await any_store.team_cap(ANN) is None
    owls = await any_store.create_team(ANN, "Ann", "Owls")
    assert owls is not None
    assert await any_store.join_team(BOB, "Bob", owls) is JoinOutcome.DONE
    await any_store.set_community("terminal", "local", CommunitySettings(team_cap=1))
    assert await any_store.team_cap(EVE) == 1
    assert await any_store.team_cap(Member("terminal", "elsewhere", "ann")) is None
    assert await any_store.join_team(EVE, "Eve", owls) is JoinOutcome.FULL
    assert await any_store.join_team(BOB, "Bob", owls) is JoinOutcome.DONE
    assert await any_store.join_team(EVE, "Eve", 99) is JoinOutcome.UNKNOWN
    assert await names_and_sizes(any_store) == {"Owls": 2}
    await any_store.set_community("terminal", "local", CommunitySettings(team_cap=None))
    assert await any_store.join_team(EVE, "Eve", owls) is JoinOutcome.DONE


async def test_a_team_of_another_community_cannot_be_joined_or_renamed(any_store: Store) -> None:
    owls = await any_store.create_team(ANN, "Ann", "Owls")
    assert owls is not None
    stranger = Member("terminal", "elsewhere", "ann")
    assert await any_store.join_team(stranger, "Ann", owls) is JoinOutcome.UNKNOWN


@pytest.mark.parametrize("cap", [1, 3])
async def test_of_many_who_join_at_once_only_so_many_get_a_place(store: Store, cap: int) -> None:
    owls = await store.create_team(ANN, "Ann", "Owls")
    assert owls is not None
    await store.set_community("terminal", "local", CommunitySettings(team_cap=cap + 1))
    crowd = [Member("terminal", "local", f"member-{number}") for number in range(8)]
    outcomes = await asyncio.gather(*(store.join_team(who, who.user, owls) for who in crowd))
    assert outcomes.count(JoinOutcome.DONE) == cap
    assert outcomes.count(JoinOutcome.FULL) == len(crowd) - cap
    assert await names_and_sizes(store) == {"Owls": cap + 1}


async def test_members_who_change_places_at_once_all_get_one(store: Store) -> None:
    owls = await store.create_team(ANN, "Ann", "Owls")
    larks = await store.create_team(BOB, "Bob", "Larks")
    assert owls is not None
    assert larks is not None
    (round_,) = await start(store, ANN, "q1")
    await accept(store, acceptance(round_))
    await asyncio.gather(store.join_team(ANN, "Ann", larks), store.join_team(BOB, "Bob", owls))
    assert sum((await names_and_sizes(store)).values()) == 2


async def test_a_team_gets_another_name_unless_it_is_taken(any_store: Store) -> None:
    owls = await any_store.create_team(ANN, "Ann", "Owls")
    await any_store.create_team(BOB, "Bob", "Larks")
    assert owls is not None
    assert not await any_store.rename_team(ANN, owls, "LARKS")
    assert await any_store.rename_team(ANN, owls, "OWLS")
    assert await names_and_sizes(any_store) == {"Larks": 1, "OWLS": 1}


async def test_members_are_regrouped_at_once_and_history_stays(any_store: Store) -> None:
    owls = await any_store.create_team(ANN, "Ann", "Owls")
    await any_store.create_team(BOB, "Bob", "Larks")
    for member in (ANN, EVE):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member))
    await any_store.regroup(ANN, {"Finches": ["ann", "nobody"], "larks": ["bob", "eve"]})
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 2, "Owls": 0}
    assert owls in [team.id for team in await any_store.teams(ANN)]
    await any_store.regroup(ANN, {"Owls": ["ann", "bob", "eve"]})
    assert await names_and_sizes(any_store) == {"Owls": 3}


async def test_mates_are_who_is_in_a_team_or_has_answered_lately(any_store: Store) -> None:
    await any_store.create_team(BOB, "Bob", "Larks")
    for member, credit, days in ((ANN, 1, 0), (ANN, 0.5, 9), (EVE, 1, 0)):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member, credit=credit, days=days))
    lately = await any_store.mates(ANN, START + timedelta(days=5))
    assert {*lately} == {TeamCandidate("ann", "ANN", 5), TeamCandidate("bob", "Bob", 0)}
    assert {(mate.user, mate.points) for mate in await any_store.mates(BOB)} == {
        ("ann", 15),
        ("bob", 0),
        ("eve", 10),
    }
    assert await any_store.mates(Member("terminal", "elsewhere", "ann")) == []


async def test_a_role_defines_one_team_whose_members_follow_it(any_store: Store) -> None:
    await any_store.create_team(ANN, "Ann", "Owls")
    await any_store.set_community("terminal", "local", CommunitySettings(team_cap=1))
    await any_store.define_team(ANN, "OWLS", "r1")
    (owls,) = await any_store.teams(BOB)
    assert (owls.name, owls.role) == ("Owls", "r1")
    await any_store.follow_role(BOB, "Bob", owls.id)
    assert await names_and_sizes(any_store) == {"Owls": 2}
    for member in (ANN, BOB):
        await any_store.follow_role(member, member.user, None)
    await any_store.follow_role(EVE, "Eve", None)
    assert await names_and_sizes(any_store) == {"Owls": 0}
    await any_store.define_team(ANN, "Larks", "r1")
    assert [(team.name, team.role) for team in await any_store.teams(BOB)] == [("Larks", "r1")]
    await any_store.create_team(EVE, "Eve", "Finches")
    await any_store.follow_role(EVE, "Eve", None)
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 0}
    (larks,) = [team.id for team in await any_store.teams(ANN) if team.role]
    await any_store.release_team(Member("terminal", "elsewhere", "ann"), larks)
    assert await names_and_sizes(any_store) == {"Finches": 1, "Larks": 0}
    await any_store.release_team(ANN, larks)
    assert await names_and_sizes(any_store) == {"Finches": 1}


async def test_a_person_is_one_player_in_all_communities_of_a_realm(any_store: Store) -> None:
    here, there = ANN, Member("terminal", "elsewhere", "ann")
    stranger = Member("terminal", "elsewhere", "ann", realm="T9")
    for member in (here, there, stranger):
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, acceptance(round_, member))
    assert (await any_store.record(here)).answered == 2
    assert (await any_store.record(stranger)).answered == 1
    assert set(await any_store.cards(there, "p")) == {"q1"}


async def test_all_reports_are_kept_the_newest_first(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    assert not await any_store.report(round_, BOB, "Bob", "not mine", START)
    for reason in ("typo", "wrong key"):
        assert await any_store.report(round_, ANN, "Ann", reason, START)
    assert await any_store.reports() == [
        Reported("p", "q1", "v1", reason, START) for reason in ("wrong key", "typo")
    ]


async def test_everything_of_a_player_can_be_had_and_is_gone_once_forgotten(
    any_store: Store,
) -> None:
    assert await any_store.everything(ANN) is None
    (round_,) = await start(any_store, ANN, "q1")
    await accept(any_store, acceptance(round_))
    everything = await any_store.everything(ANN)
    assert everything is not None
    assert [answer["points"] for answer in everything["answers"]] == [10]
    await any_store.forget(ANN)
    assert await any_store.everything(ANN) is None


async def test_facts_of_the_installation_are_kept(any_store: Store) -> None:
    assert await any_store.kept("commands") is None
    await any_store.keep("commands", "1")
    await any_store.keep("commands", "2")
    assert await any_store.kept("commands") == "2"


async def test_who_decides_about_an_answer_can_see_when_one_last_counted(any_store: Store) -> None:
    seen: list[datetime | None] = []

    async def answered(question: str, credit: float, points: int, days: int, who: Member) -> None:
        (round_,) = await start(any_store, who, question)
        new = acceptance(round_, who, question=question, credit=credit, days=days)
        new = replace(new, answer=replace(new.answer, points=points))

        def decide(seat: Seat | None) -> Acceptance | None:
            seen.append(seat.last_counted() if seat else None)
            return new

        await any_store.accept(round_, who, decide)

    await answered("q1", 1, 10, 0, ANN)  # nobody has answered it yet
    await answered("q1", 1, 0, 1, ANN)
    await answered("q2", 1, 10, 2, ANN)
    await answered("q1", 0, 0, 3, ANN)  # the one that counted, not the one since
    await answered("q1", 1, 10, 4, ANN)  # a wrong one counts
    await answered("q1", 1, 10, 5, BOB)
    assert seen == [None, START, None, START, START + timedelta(days=3), None]


async def test_it_is_known_when_a_member_posed_questions_until_they_are_forgotten(
    any_store: Store,
) -> None:
    async def pose(channel: str, user: str, at: datetime, board: Board = Board.LIVE) -> None:
        where = Channel("terminal", "local", channel)
        new = NewPost(where, "p", rounds("q1")[0], board, Reveal.AT_ONCE, 60, posed_by=user)
        claimed = await any_store.claim_post(new, at, at + MINUTE)
        assert claimed is not None
        await any_store.confirm_post(claimed.round.id, f"m-{channel}", at)

    await start(any_store, ANN, "q1")
    await pose("one", "ann", START)
    await pose("two", "ann", START + MINUTE)
    await pose("three", "bob", START + MINUTE)
    await pose("four", "", START + MINUTE, Board.DAILY)
    assert await any_store.posed_since(ANN, START - MINUTE) == [START, START + MINUTE]
    assert await any_store.posed_since(ANN, START) == [START + MINUTE]
    assert await any_store.posed_since(replace(ANN, community="other"), START - MINUTE) == []
    assert await any_store.posed_since(replace(ANN, platform="slack"), START - MINUTE) == []
    await any_store.forget(ANN)
    assert await any_store.posed_since(ANN, START - MINUTE) == []
    assert await any_store.posed_since(BOB, START - MINUTE) == [START + MINUTE]


async def answered_at_close(store: Store, member: Member = ANN) -> Post:
    """A round that is open in a channel, and that a member has answered."""
    post = await posted(store)
    new = acceptance(post.round.id, member, board=Board.LIVE, reveal=Reveal.AT_CLOSE)
    await accept(store, replace(new, round=post.round))
    return post


async def test_a_player_has_as_many_answers_waiting_as_their_results_are_untold(
    any_store: Store,
) -> None:
    post = await answered_at_close(any_store)
    await answered_elsewhere(any_store)
    assert ((await any_store.record(ANN)).answered, (await any_store.record(ANN)).waiting) == (1, 1)
    assert (await any_store.record(BOB)).waiting == 0
    await any_store.close_post(post.round.id, START)
    assert ((await any_store.record(ANN)).answered, (await any_store.record(ANN)).waiting) == (2, 0)


async def test_a_copy_tells_nothing_that_waits_for_a_close(any_store: Store) -> None:
    post = await answered_at_close(any_store)
    copied = await any_store.everything(ANN)
    assert copied is not None
    assert [each["points"] for each in copied["answers"]] == [None]
    assert [each.get("credit") for each in copied["answers"]] == [None]
    assert copied.get("memory", []) == copied.get("standings", []) == []
    await any_store.close_post(post.round.id, START)
    copied = await any_store.everything(ANN)
    assert copied is not None
    assert [each["points"] for each in copied["answers"]] == [10]


async def test_who_deleted_everything_cannot_answer_an_open_round_again(any_store: Store) -> None:
    async def seen(who: Member) -> bool:
        seats: list[Seat | None] = []
        await any_store.accept(post.round.id, who, seats.append)
        (seat,) = seats
        assert seat is not None
        return seat.withdrawn

    post = await answered_at_close(any_store)
    await answered_elsewhere(any_store)
    assert not await seen(ANN)
    await any_store.forget(ANN)
    assert await seen(ANN)
    assert not await seen(BOB)
    assert not await seen(replace(ANN, user="anna"))


async def answered_elsewhere(store: Store) -> None:
    (round_,) = await start(store, ANN, "q2")
    await accept(store, acceptance(round_, question="q2"))


async def test_nothing_of_who_deleted_everything_is_left_after_the_close(store: SqlStore) -> None:
    post = await answered_at_close(store)
    await store.forget(ANN)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM withdrawn")).scalar() == 1
    await store.close_post(post.round.id, START)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM withdrawn")).scalar() == 0
        assert connection.execute(text("SELECT max(salt) FROM post")).scalar() is None
