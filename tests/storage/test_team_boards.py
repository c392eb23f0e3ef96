"""The teams' board: what a team's line is made of, and who stands before whom."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.events import Member
from bot.engine.ports import Store
from bot.engine.rounds import Board
from bot.engine.standings import EVER, TeamStanding
from tests.samples import START
from tests.storage.test_store import ANN, BOB, EVE, accept, acceptance, start

FAY = Member("terminal", "local", "fay")


async def answered(store: Store, member: Member, credit: float = 1, days: int = 0) -> None:
    """A drill's question is answered, so many days after the start."""
    (round_,) = await start(store, member, "q1")
    await accept(store, acceptance(round_, member, credit=credit, days=days))


async def team(store: Store, name: str, *members: Member) -> int:
    first, *others = members
    made = await store.create_team(first, first.user, name)
    assert made is not None
    for each in others:
        await store.join_team(each, each.user, made)
    return made


async def lines(store: Store, period: str = EVER) -> list[TeamStanding]:
    board = await store.team_standings(ANN, Board.DRILL, period, limit=9, offset=0)
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
    await any_store.leave_team(BOB)
    assert await lines(any_store) == [before]
    await team(any_store, "Larks", BOB)
    assert await lines(any_store) == [before]
    await any_store.leave_team(EVE)
    assert [line.members for line in await lines(any_store)] == [3]


async def test_who_left_is_a_member_only_where_they_played_for_the_team(any_store: Store) -> None:
    await team(any_store, "Owls", ANN, BOB)
    await answered(any_store, BOB)
    await any_store.leave_team(BOB)
    await answered(any_store, ANN, days=40)
    first, later = (f"{START + timedelta(days=days):%Y-%m}" for days in (0, 40))
    for period, active, members in ((first, 1, 2), (later, 1, 1), (EVER, 2, 2)):
        (line,) = await lines(any_store, period)
        assert (line.active, line.members) == (active, members), period


async def test_who_has_their_data_deleted_is_no_member_of_any_team(any_store: Store) -> None:
    await team(any_store, "Owls", ANN, BOB)
    for member in (ANN, BOB):
        await answered(any_store, member)
    await any_store.forget(BOB)
    (line,) = await lines(any_store)
    assert (line.points, line.active, line.members) == (13, 1, 1)
