"""Processes that run the bot, on every kind of store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.engine.ports import Store
from bot.engine.processes import ALIVE_FOR, Process
from tests.samples import START

ONE = Process("one", "host", 7, "1.0", START, START, {"discord": "ab12"}, "0,1 of 4")
LATER = START + timedelta(minutes=1)


async def test_a_process_is_stored_as_it_is_now(any_store: Store) -> None:
    await any_store.processes.save(ONE)
    other = replace(ONE, id="other", beat_at=LATER)
    await any_store.processes.save(other)
    assert await any_store.processes.all() == [other, ONE]
    beaten = replace(
        ONE, beat_at=LATER + ALIVE_FOR, event_at=LATER, errors={"2026-03-02T12": 2}, ended_at=LATER
    )
    await any_store.processes.save(beaten)
    assert await any_store.processes.all() == [beaten, other]


async def test_a_process_of_long_ago_is_forgotten(any_store: Store) -> None:
    await any_store.processes.save(ONE)
    await any_store.processes.save(replace(ONE, id="new", beat_at=LATER))
    await any_store.processes.forget(LATER)
    assert [each.id for each in await any_store.processes.all()] == ["new"]


def test_a_process_is_alive_until_it_ends_or_its_heartbeat_stops() -> None:
    assert ONE.is_alive(START + ALIVE_FOR / 2)
    assert not ONE.is_alive(START + ALIVE_FOR)
    assert not replace(ONE, ended_at=START).is_alive(START)
