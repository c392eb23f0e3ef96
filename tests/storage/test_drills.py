"""Drills, on every kind of store."""

from __future__ import annotations

from bot.engine.events import Member
from bot.engine.ports import Store
from tests.samples import START
from tests.storage.steps import ANN, BOB, rounds, start


async def test_a_drill_comes_back_with_its_rounds_in_order(any_store: Store) -> None:
    drill = await any_store.drills.start(ANN, "Ann", "p", "topic", rounds("q1", "q2"), START)
    kept = await any_store.drills.get(drill, ANN)
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
    assert await any_store.drills.get(1, BOB) is None
    assert await any_store.drills.get(99, ANN) is None
    assert await any_store.answers.view(round_, BOB) is None
    assert await any_store.answers.view(round_, Member("slack", "local", "ann")) is None
    assert await any_store.answers.view(99, ANN) is None
    assert await any_store.answers.view(round_, ANN) is not None
