"""The team board: how a team's line is computed, and how teams are ranked."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.events import Member
from bot.engine.ports import Store
from bot.engine.rounds import Board
from bot.engine.standings import ALL_TIME, RankBy, TeamStanding
from tests.samples import START
from tests.storage.steps import ANN, BOB, EVE, accept, accepted_answer, start

FAY = Member("terminal", "local", "fay")


CROWD = [Member("terminal", "local", f"m{number}") for number in range(9)]


async def answered(
    store: Store, member: Member, credit: float = 1, days: int = 0, board: Board = Board.DRILL
) -> None:
    """Answer a question, a number of days after the start."""
    (round_,) = await start(store, member, "q1")
    await accept(store, accepted_answer(round_, member, credit=credit, days=days, board=board))


async def team(store: Store, name: str, *members: Member) -> int:
    first, *others = members
    made = await store.teams.create(first, first.user, name)
    assert made is not None
    for each in others:
        await store.teams.join(each, each.user, made)
    return made


async def lines(store: Store, period: str = ALL_TIME) -> list[TeamStanding]:
    board = await store.boards.team_standings(ANN, Board.DRILL, period, limit=9, offset=0)
    assert board.total == len(board.lines)
    return list(board.lines)


async def test_a_wrong_answer_does_not_lower_its_team_nor_does_silence_raise_it(
    any_store: Store,
) -> None:
    await team(any_store, "Owls", ANN, BOB, EVE, FAY)
    points = []
    for member, credit in ((ANN, 1), (BOB, 0), (EVE, 0.5), (FAY, 0)):
        await answered(any_store, member, credit)
        (line,) = await lines(any_store)
        points.append((line.points, line.active, line.members))
    # A third of 10, 10, 15 and 15, and a quarter, a half, three quarters and all of 0.25 on top.
    assert points == [(4, 1, 4), (4, 2, 4), (6, 3, 4), (6, 4, 4)]


async def test_a_team_does_not_rise_when_those_who_played_leave_it(any_store: Store) -> None:
    await team(any_store, "Owls", ANN, BOB, EVE, FAY)
    await answered(any_store, ANN)
    await answered(any_store, BOB, 0)
    (before,) = await lines(any_store)
    assert (before.points, before.active, before.members) == (4, 2, 4)
    await any_store.teams.leave(BOB)
    assert await lines(any_store) == [before]
    await team(any_store, "Larks", BOB)
    assert await lines(any_store) == [before]
    await any_store.teams.leave(EVE)
    assert [line.members for line in await lines(any_store)] == [3]


async def test_members_who_left_count_only_if_they_played_for_the_team(any_store: Store) -> None:
    await team(any_store, "Owls", ANN, BOB)
    await answered(any_store, BOB)
    await any_store.teams.leave(BOB)
    await answered(any_store, ANN, days=40)
    first, later = (f"{START + timedelta(days=days):%Y-%m}" for days in (0, 40))
    for period, active, members in ((first, 1, 2), (later, 1, 1), (ALL_TIME, 2, 2)):
        (line,) = await lines(any_store, period)
        assert (line.active, line.members) == (active, members), period


async def test_deleting_data_removes_a_member_from_their_team(any_store: Store) -> None:
    await team(any_store, "Owls", ANN, BOB)
    for member in (ANN, BOB):
        await answered(any_store, member)
    await any_store.players.forget(BOB)
    (line,) = await lines(any_store)
    assert (line.points, line.active, line.members) == (13, 1, 1)


async def test_tied_teams_share_a_rank_and_the_first_to_reach_it_is_listed_first(
    any_store: Store,
) -> None:
    """Neither their names nor their creation order decides."""
    for name, member, days in (
        ("Ants", CROWD[0], (5,)),
        ("Eels", CROWD[1], (1, 1)),
        ("Dogs", CROWD[2], (3,)),
        ("Cats", CROWD[3], (3,)),
        ("Bees", CROWD[4], (4,)),
    ):
        await team(any_store, name, member)
        for day in days:
            await answered(any_store, member, days=day)
    await team(any_store, "Foxes", CROWD[5])
    await answered(any_store, CROWD[5], 0.5)
    board = await any_store.boards.team_standings(
        CROWD[0], Board.DRILL, ALL_TIME, limit=9, offset=0
    )
    assert [(line.rank, line.name, line.points) for line in board.lines] == [
        (1, "Eels", 25),
        (2, "Dogs", 13),
        (2, "Cats", 13),
        (2, "Bees", 13),
        (2, "Ants", 13),
        (6, "Foxes", 6),
    ]
    assert board.own == board.lines[4]
    page = await any_store.boards.team_standings(CROWD[0], Board.DRILL, ALL_TIME, limit=2, offset=3)
    assert page.lines == board.lines[3:5]


async def test_a_team_reached_its_points_with_the_last_of_its_best_members(
    any_store: Store,
) -> None:
    """Later answers don't matter if they earn nothing or aren't among the best."""
    for name, days in (("Owls", (4, 3)), ("Finches", (0, 5)), ("Larks", (1, 2, 3, 7))):
        members = [Member("terminal", "local", f"{name}{day}") for day in days]
        await team(any_store, name, *members)
        for member, day in zip(members, days, strict=True):
            await answered(any_store, member, days=day)
        await answered(any_store, members[0], 0, days=8)
    assert [(line.rank, line.name, line.points) for line in await lines(any_store)] == [
        (1, "Larks", 13),
        (1, "Owls", 13),
        (1, "Finches", 13),
    ]


async def test_boards_are_played_by_teams_where_somebody_played_for_one(any_store: Store) -> None:
    await answered(any_store, ANN, board=Board.LIVE)
    await team(any_store, "Owls", BOB)
    await answered(any_store, BOB, days=40)
    later = f"{START + timedelta(days=40):%Y-%m}"
    assert set(await any_store.boards.played(ANN, ALL_TIME, RankBy.MEMBERS)) == {
        Board.LIVE,
        Board.DRILL,
    }
    for period, boards in ((ALL_TIME, {Board.DRILL}), (later, {Board.DRILL}), ("2026-03", set())):
        assert set(await any_store.boards.played(ANN, period, RankBy.TEAMS)) == boards
    elsewhere = Member("terminal", "elsewhere", "ann")
    assert not await any_store.boards.played(elsewhere, ALL_TIME, RankBy.TEAMS)
