"""The pulse of a running bot, as others see it in the database."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from pydantic import SecretStr

from bot.app import build_desk
from bot.engine.events import Actor, Call, Event, Place
from bot.operators.watch import Watch, WatchedDesk
from bot.pulse import ErrorCounter, Pulse, fingerprints
from bot.settings import Settings
from tests.samples import NOW, TickingClock, small_pack
from tests.storage.conftest import database


async def test_a_heartbeat_tells_what_happened_and_an_event_costs_no_write(
    database_url: str,
) -> None:
    clock = TickingClock(NOW)
    async with database(database_url) as store:
        pulse = Pulse(store.processes, clock, {"discord": "ab"}, "0 of 2")
        desk = await build_desk(
            store, [small_pack()], {}, make=partial(WatchedDesk, Watch(store), pulse)
        )
        await pulse.beat()
        (first,) = await store.processes.all()
        assert (first.event_at, first.errors, first.shards) == (None, {}, "0 of 2")

        log = logging.getLogger("tests.pulse")
        log.addHandler(counter := ErrorCounter(pulse))
        log.error("oh")
        log.warning("not an error")
        log.removeHandler(counter)
        where = Place("terminal", "local", "terminal", private=True)
        await desk.handle(Event(Actor("u", "U"), where, Call("help", {})))
        assert await store.processes.all() == [first]

        clock.now += timedelta(seconds=30)
        await pulse.beat()
        (then,) = await store.processes.all()
        assert sum(then.errors.values()) == 1
        assert then.event_at is not None
        assert then.beat_at - first.beat_at >= timedelta(seconds=30)
        assert pulse.beat_at == then.beat_at
        assert then.is_alive(clock.now)

        clock.now += timedelta(days=2)
        await pulse.end()
        (last,) = await store.processes.all()
        assert last.errors == {}
        assert not last.is_alive(clock.now)


async def test_the_next_process_forgets_the_one_of_long_ago(database_url: str) -> None:
    clock = TickingClock(NOW)
    async with database(database_url) as store:
        await Pulse(store.processes, clock, {}).beat()
        clock.now += timedelta(days=8)
        await Pulse(store.processes, clock, {}).beat()
        assert len(await store.processes.all()) == 1


def test_a_fingerprint_tells_bots_apart_and_gives_no_token_away() -> None:
    def of(token: str) -> str:
        found = fingerprints(Settings(discord_token=SecretStr(token)), ["discord", "slack"])
        assert found.keys() == {"discord"}
        return found["discord"]

    assert of("one-token") == of("one-token") != of("other-token")
    assert len(of("one-token")) == 12
    assert "token" not in of("one-token")
