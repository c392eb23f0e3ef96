"""What every store keeps to, in memory and on disk alike."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.engine import memory
from bot.engine.events import Member
from bot.engine.ports import Acceptance, Record, Store
from bot.engine.rounds import Answer, Given, NewRound
from bot.engine.streaks import Streak
from storage.store import SqlStore
from tests.samples import START
from tests.stand_ins.memory_store import MemoryStore

ANN, BOB = (Member("terminal", "local", user) for user in ("ann", "bob"))
TODAY = START.date()


@pytest.fixture(params=["memory", "sqlite"])
def any_store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    found: SqlStore = request.getfixturevalue("store")
    return found


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
) -> Acceptance:
    now = START + timedelta(days=days)
    return Acceptance(
        round=round_,
        pack="p",
        member=member,
        name=member.user.upper(),
        board="drill",
        day=now.date(),
        answer=Answer(given, credit, round(credit * 10), now),
        card=memory.review(None, question, credit, now),
        streak=Streak(days + 1, days + 1, now.date()),
    )


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
    assert await any_store.accept(new) == new.answer
    seat = await any_store.seat(round_, ANN)
    assert seat is not None
    assert (seat.answer, seat.card, seat.streak) == (new.answer, new.card, new.streak)
    assert await any_store.cards(ANN, "p") == {"q1": new.card}
    assert await any_store.cards(ANN, "other") == {}


async def test_the_first_answer_stands_and_a_second_changes_nothing(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    first = acceptance(round_, credit=0)
    await any_store.accept(first)
    assert await any_store.accept(acceptance(round_, credit=1, days=1)) == first.answer
    record = await any_store.record(ANN)
    assert record == Record(points=0, right=0, answered=1, streak=first.streak)
    assert (await any_store.cards(ANN, "p"))["q1"] == first.card


async def test_standings_add_up_days_rank_ties_alike_and_stop_at_the_window(
    any_store: Store,
) -> None:
    for member, earned in ((ANN, (1, 1)), (BOB, (1, 0.5))):
        one, two = await start(any_store, member, "q1", "q2")
        await any_store.accept(acceptance(one, member, credit=earned[0]))
        await any_store.accept(acceptance(two, member, credit=earned[1], question="q2", days=3))
    (stranger,) = await start(any_store, Member("terminal", "elsewhere", "ann"), "q1")
    await any_store.accept(acceptance(stranger, Member("terminal", "elsewhere", "ann")))

    today = TODAY + timedelta(days=3)
    everything = await any_store.standings(ANN, "drill", None, today=today, limit=10, offset=0)
    assert [(s.rank, s.user, s.name, s.points, s.right, s.answered) for s in everything.lines] == [
        (1, "ann", "ANN", 20, 2, 2),
        (2, "bob", "BOB", 15, 1, 2),
    ]
    assert everything.total == 2
    assert everything.own == everything.lines[0]
    assert everything.lines[0].streak == 4
    first_day = await any_store.standings(BOB, "drill", TODAY, today=today, limit=1, offset=1)
    assert [s.user for s in first_day.lines] == ["bob"]
    last_day = await any_store.standings(BOB, "drill", today, today=today, limit=9, offset=0)
    assert [(s.rank, s.points) for s in last_day.lines] == [(1, 10), (2, 5)]
    nobody = await any_store.standings(BOB, "daily", None, today=today, limit=9, offset=0)
    assert (nobody.lines, nobody.own, nobody.total) == ((), None, 0)


async def test_equal_points_share_a_rank_and_the_next_one_skips(any_store: Store) -> None:
    for number, credit in enumerate((1, 1, 0.5)):
        member = Member("terminal", "local", f"u{number}")
        (round_,) = await start(any_store, member, "q1")
        await any_store.accept(acceptance(round_, member, credit=credit))
    standings = await any_store.standings(ANN, "drill", None, today=TODAY, limit=9, offset=0)
    assert [line.rank for line in standings.lines] == [1, 1, 3]
    assert standings.own is None


async def test_forgetting_a_member_takes_every_trace_and_nothing_of_others(
    any_store: Store,
) -> None:
    for member in (ANN, BOB):
        (round_,) = await start(any_store, member, "q1")
        await any_store.accept(acceptance(round_, member))
    assert await any_store.forget(ANN)
    assert not await any_store.forget(ANN)
    assert await any_store.record(ANN) == Record()
    assert await any_store.cards(ANN, "p") == {}
    left = await any_store.standings(BOB, "drill", None, today=TODAY, limit=9, offset=0)
    assert [line.user for line in left.lines] == ["bob"]
    assert (await any_store.record(BOB)).answered == 1


async def test_presses_at_the_same_time_keep_one_answer(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    stood = await asyncio.gather(
        *(any_store.accept(acceptance(round_, given=(i,), credit=i % 2)) for i in range(12))
    )
    assert len(set(stood)) == 1
    assert (await any_store.record(ANN)).answered == 1
    assert (await any_store.record(ANN)).points == stood[0].points
