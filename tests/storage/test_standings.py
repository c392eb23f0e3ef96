"""Leaderboards of members, on every kind of store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.engine.communities import CommunitySettings
from bot.engine.events import Member
from bot.engine.players import Preferences
from bot.engine.ports import Store
from bot.engine.rounds import Board, Reveal
from bot.engine.seasons import Season
from bot.engine.standings import ALL_TIME, RankBy
from bot.engine.streaks import Streak
from tests.samples import START
from tests.storage.steps import (
    ANN,
    BOB,
    MINUTE,
    TODAY,
    accept,
    accepted_answer,
    page,
    posted,
    start,
)


async def test_standings_add_up_days_and_stop_at_the_window(any_store: Store) -> None:
    for member, earned in ((ANN, (1, 1)), (BOB, (1, 0.5))):
        one, two = await start(any_store, member, "q1", "q2")
        await accept(any_store, accepted_answer(one, member, credit=earned[0]))
        await accept(
            any_store, accepted_answer(two, member, credit=earned[1], question="q2", days=3)
        )
    elsewhere = Member("terminal", "elsewhere", "ann", realm="T9")
    (stranger,) = await start(any_store, elsewhere, "q1")
    await accept(any_store, accepted_answer(stranger, elsewhere))

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
    assert set(await any_store.boards.played(ANN, ALL_TIME, RankBy.MEMBERS)) == {Board.DRILL}
    assert set(await any_store.boards.played(ANN, "2020-01", RankBy.MEMBERS)) == set()


async def test_equal_points_share_a_rank_and_the_next_one_skips(any_store: Store) -> None:
    for number, credit in enumerate((1, 1, 0.5)):
        member = Member("terminal", "local", f"u{number}")
        (round_,) = await start(any_store, member, "q1")
        await accept(any_store, accepted_answer(round_, member, credit=credit))
    assert [line.rank for line in (await page(any_store)).lines] == [1, 1, 3]
    assert [line.rank for line in (await page(any_store, offset=1)).lines] == [1, 3]
    assert (await page(any_store)).own is None


async def test_ties_go_to_whoever_reached_the_score_first(any_store: Store) -> None:
    """Ann gets her points first, then answers wrongly; Bob gets his in two halves."""
    answers = ((BOB, "q1", 0.5, 0), (ANN, "q1", 1, 1), (BOB, "q2", 0.5, 2), (ANN, "q2", 0, 3))
    seats = {member: await start(any_store, member, "q1", "q2") for member in (BOB, ANN)}
    for member, question, credit, days in answers:
        round_ = seats[member][question == "q2"]
        await accept(
            any_store, accepted_answer(round_, member, question=question, credit=credit, days=days)
        )
    assert [(line.rank, line.user) for line in (await page(any_store)).lines] == [
        (1, "ann"),
        (1, "bob"),
    ]


async def test_a_season_has_a_board_of_its_own_and_ends_the_one_before(any_store: Store) -> None:
    assert await any_store.communities.settings("terminal", "local") == CommunitySettings()
    spring = await any_store.seasons.start("terminal", "local", "Spring", START)
    one, two = await start(any_store, ANN, "q1", "q2")
    view = await any_store.answers.view(one, ANN)
    assert view is not None
    assert view.season == spring.id
    await accept(any_store, accepted_answer(one, season=spring.id))
    summer = await any_store.seasons.start("terminal", "local", "Summer", START + MINUTE)
    await accept(any_store, accepted_answer(two, question="q2", credit=0.5, season=summer.id))
    settings = await any_store.communities.settings("terminal", "local")
    assert settings.season == summer == Season(summer.id, "Summer", START + MINUTE)
    for season, points in ((spring, 10), (summer, 5)):
        lines = (await page(any_store, period=f"season-{season.id}")).lines
        assert [line.points for line in lines] == [points]
    elsewhere = await any_store.communities.settings("terminal", "elsewhere")
    assert elsewhere.season is None


async def test_a_streak_on_the_board_is_as_of_its_members_own_day(any_store: Store) -> None:
    """Two days later in UTC, it's still the next day in Lima."""
    (round_,) = await start(any_store, ANN, "q1")
    mine = accepted_answer(round_)
    await accept(any_store, replace(mine, zone="America/Lima", streak=Streak(1, 1, TODAY)))
    now = START + timedelta(days=1, hours=14)
    assert [line.streak for line in (await page(any_store, now=now)).lines] == [1]
    now += timedelta(hours=5)
    assert [line.streak for line in (await page(any_store, now=now)).lines] == [0]


async def test_hidden_members_are_seen_by_themselves_alone(any_store: Store) -> None:
    post = await posted(any_store)
    people = [Member("terminal", "local", f"u{number}") for number in range(3)]
    await any_store.players.set_preferences(people[0], "U0", Preferences(hidden=True))
    for member, credit in zip(people, (1, 0.7, 0.5), strict=True):
        await accept(any_store, accepted_answer(post.round.id, member, credit=credit))
    await any_store.players.set_preferences(people[1], "U1", Preferences(hidden=True))
    seen = await page(any_store, people[2])
    assert [(line.rank, line.user) for line in seen.lines] == [(1, "u2")]
    assert seen.total == 1
    own = (await page(any_store, people[1])).own
    assert own is not None
    assert (own.rank, own.points, own.hidden) == (1, 7, True)
    givens = await any_store.answers.of_round(post.round.id)
    assert {given.user for given in givens if given.hidden} == {"u0", "u1"}
    await any_store.players.set_preferences(people[0], "U0", Preferences())
    assert [(line.rank, line.user) for line in (await page(any_store)).lines] == [
        (1, "u0"),
        (2, "u2"),
    ]


async def test_points_revealed_at_the_close_count_from_then_on(any_store: Store) -> None:
    post = await posted(any_store)
    await any_store.teams.create(ANN, "Ann", "Owls")
    for credit, member in ((1, ANN), (0.5, BOB)):
        board, reveal = post.round.board, Reveal.AT_CLOSE
        await accept(
            any_store,
            accepted_answer(post.round.id, member, credit=credit, board=board, reveal=reveal),
        )

    async def known() -> tuple[list[int], int, int, int, int]:
        lines = (await page(any_store, board=Board.LIVE)).lines
        teams = await any_store.boards.team_standings(ANN, Board.LIVE, ALL_TIME, limit=9, offset=0)
        record = await any_store.players.totals(ANN)
        cards = await any_store.cards.of(ANN, "p")
        return (
            [e.points for e in lines],
            len(teams.lines),
            record.points,
            record.right,
            len(cards),
        )

    assert await known() == ([], 0, 0, 0, 0)
    assert (await any_store.players.totals(ANN)).streak.days == 1
    await any_store.posts.give_up(post.round.id, START + MINUTE)
    assert await known() == ([10, 5], 1, 10, 1, 1)
    await any_store.posts.give_up(post.round.id, START + MINUTE)
    assert await known() == ([10, 5], 1, 10, 1, 1)
