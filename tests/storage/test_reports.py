"""Reports of questions, on every kind of store."""

from __future__ import annotations

from bot.engine.ports import Store
from bot.engine.reports import QuestionReport
from tests.samples import START
from tests.storage.steps import ANN, BOB, start


async def test_all_reports_are_listed_newest_first(any_store: Store) -> None:
    (round_,) = await start(any_store, ANN, "q1")
    assert not await any_store.reports.add(round_, BOB, "Bob", "not mine", START)
    for reason in ("typo", "wrong key"):
        assert await any_store.reports.add(round_, ANN, "Ann", reason, START)
    assert await any_store.reports.all() == [
        QuestionReport("p", "q1", "v1", reason, START) for reason in ("wrong key", "typo")
    ]
