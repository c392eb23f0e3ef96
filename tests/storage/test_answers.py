"""Answers to rounds, on every kind of store."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.events import Member
from bot.engine.players import PlayerTotals
from bot.engine.ports import Store
from bot.engine.rounds import Answer, Given
from bot.engine.streaks import Streak
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import ANN, BOB, MINUTE, accept, accepted_answer, due, posted, start


@pytest.mark.parametrize("given", [(1,), (0, 2), (2, -1, 0), "compute cluster"])
async def test_an_accepted_answer_is_in_the_round_view_with_card_and_streak(
    any_store: Store, given: Given
) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    empty = await any_store.answers.view(round_, ANN)
    assert empty is not None
    assert (empty.answer, empty.card, empty.streak) == (None, None, Streak())
    new = accepted_answer(round_, given=given)
    assert await accept(any_store, new) == new.answer
    view = await any_store.answers.view(round_, ANN)
    assert view is not None
    assert (view.answer, view.card, view.streak) == (new.answer, new.card, new.streak)
    assert await any_store.cards.of(ANN, "p") == {"q1": new.card}
    assert await any_store.cards.of(ANN, "other") == {}


async def test_the_first_answer_counts_and_a_second_changes_nothing(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    first = accepted_answer(round_, credit=0)
    await accept(any_store, first)
    assert await accept(any_store, accepted_answer(round_, credit=1, days=1)) == first.answer
    record = await any_store.players.totals(ANN)
    assert record == PlayerTotals(points=0, right=0, answered=1, streak=first.streak)
    assert (await any_store.cards.of(ANN, "p"))["q1"] == first.card


async def test_presses_at_the_same_time_keep_one_answer(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    stood = await asyncio.gather(
        *(accept(any_store, accepted_answer(round_, given=(i,), credit=i % 2)) for i in range(12))
    )
    assert len(set(stood)) == 1
    assert (await any_store.players.totals(ANN)).answered == 1
    assert (await any_store.players.totals(ANN)).points == stood[0].points


async def test_an_answer_that_is_being_decided_about_is_in_the_result(database_url: str) -> None:
    deciding, decided = threading.Event(), threading.Event()
    async with database(database_url) as one, database(database_url) as two:
        post = await posted(one)
        mine = accepted_answer(post.round.id, ANN)

        def decide(_: RoundView | None) -> AcceptedAnswer:
            deciding.set()
            assert decided.wait(5)
            return mine

        async def close() -> list[Answer]:
            while not await due(two, START + MINUTE):
                await asyncio.sleep(0.01)
            return [given.answer for given in await two.answers.of_round(post.round.id)]

        answering = asyncio.create_task(one.answers.accept(post.round.id, ANN, decide))
        await asyncio.to_thread(deciding.wait, 5)
        closing = asyncio.create_task(close())
        await asyncio.sleep(0.1)
        decided.set()
        await answering
        assert await closing == [mine.answer]


async def test_a_decision_can_see_when_an_answer_last_counted(any_store: Store) -> None:
    seen: list[datetime | None] = []

    async def answered(question: str, credit: float, points: int, days: int, who: Member) -> None:
        (round_,) = await start(any_store, who, question)
        new = accepted_answer(round_, who, question=question, credit=credit, days=days)
        new = replace(new, answer=replace(new.answer, points=points))

        def decide(view: RoundView | None) -> AcceptedAnswer | None:
            seen.append(view.last_counted() if view else None)
            return new

        await any_store.answers.accept(round_, who, decide)

    await answered("q1", 1, 10, 0, ANN)  # nobody has answered it yet
    await answered("q1", 1, 0, 1, ANN)
    await answered("q2", 1, 10, 2, ANN)
    await answered("q1", 0, 0, 3, ANN)  # the one that counted, not the one since
    await answered("q1", 1, 10, 4, ANN)  # a wrong one counts
    await answered("q1", 1, 10, 5, BOB)
    assert seen == [None, START, None, START, START + timedelta(days=3), None]
