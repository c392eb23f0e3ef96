"""Ten thousand daily questions due at the same minute: claiming them, and posting them at the
platform's rate limit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from pydantic import TypeAdapter

from adapters.discord.client import StudyhallClient
from adapters.discord.invite import log_in
from benchmarks.bench import load_pack, start_databases
from benchmarks.figures import Figure
from bot.engine.desk import Desk
from bot.engine.due.base import Means
from bot.engine.due.daily import DailyQuestion
from bot.engine.library import Library
from bot.engine.platform import Poster
from bot.engine.schedules import Schedule
from bot.scheduler import build_scheduler
from storage.opening import open_database
from storage.store import SqlStore
from storage.tables import community, daily
from tests.databases import Databases
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.memory_poster import MemoryPoster

DAILIES, POSTS, PACE = 10_000, 1_000, 50
MAX_OWN_MS = 1.0
"""Budget of our own time per daily."""

CHANNELS, LATENCY_SECONDS, MAX_DELAY_SECONDS = 100, 0.1, 2.0
"""Dailies due at the same minute, how long the platform takes for each, and the deadline for the
last one."""

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def measure() -> Iterator[Figure]:
    """Claiming on each kind of database; posting to the Discord stand-in."""
    with start_databases() as kinds:
        for kind in kinds:
            yield asyncio.run(_claiming(kind, DAILIES))
            yield asyncio.run(_claiming(kind, POSTS, ahead=False))
            yield asyncio.run(_in_time(kind))
    yield asyncio.run(_posting())


async def _claiming(kind: Databases, dailies: int, *, ahead: bool = True) -> Figure:
    with kind.new() as url:
        store = SqlStore(open_database(url))
        _schedule(store, {f"{number}": "1" for number in range(dailies)}, NINE)
        posters: Mapping[str, Any] = {"discord": None}
        desk = Desk(Library([load_pack()]), store, lambda: NINE, Random(7), posters)
        while ahead and await store.dailies.unprepared({"discord"}, NINE, 1):
            await desk.dailies.prepare()
        means = Means(desk.library, store, posters, lambda: NINE, desk.rounds, desk.dailies)
        claiming = DailyQuestion(means)
        before, began = process_time(), perf_counter()
        await claiming.claim("discord", NINE, NINE, dailies)
        own, took = process_time() - before, perf_counter() - began
        assert len(await store.posts.claim_due("discord", NINE, NINE, dailies + 1)) == dailies
        await store.close()
    which = "dailies" if ahead else "dailies with nothing chosen ahead"
    name = f"claiming {dailies:,} {which}, own time of each ({took:.1f} s in all), {kind.name}"
    return Figure(name, 1000 * own / dailies, MAX_OWN_MS, "ms", at_most=1 if ahead else None)


async def _in_time(kind: Databases) -> Figure:
    """How long after its minute the last daily is posted, with the scheduler running."""

    all_posted = asyncio.Event()

    class SlowPoster(MemoryPoster):
        async def post(self, *args: Any, **kwargs: Any) -> str:
            await asyncio.sleep(LATENCY_SECONDS)
            message = await super().post(*args, **kwargs)
            if len(self.screens) == CHANNELS:
                all_posted.set()
            return message

    with kind.new() as url:
        store = SqlStore(open_database(url))
        due = datetime.now(UTC) + timedelta(seconds=3)
        _schedule(store, {f"{number}": "1" for number in range(CHANNELS)}, due)
        posters: Mapping[str, Poster] = {"discord": SlowPoster()}
        desk = Desk(Library([load_pack()]), store, lambda: datetime.now(UTC), Random(7), posters)
        await desk.dailies.prepare()
        scheduler = build_scheduler(desk, posters)
        scheduler.start()
        await all_posted.wait()
        took = (datetime.now(UTC) - due).total_seconds()
        scheduler.shutdown(wait=False)
        await desk.clockwork.drain()
        await store.close()
    name = f"the last of {CHANNELS} dailies posted after its minute, {kind.name}"
    return Figure(name, took, MAX_DELAY_SECONDS, "s", at_most=1)


async def _posting() -> Figure:
    """How many are posted per second, at Discord's rate limit."""
    with TemporaryDirectory() as folder:
        store = SqlStore(open_database(f"sqlite:///{Path(folder)}/posting.db"))
        async with DiscordServer() as server:
            guild = server.add_guild()
            channels = {guild.add_text_channel(f"c{n}").id: guild.id for n in range(POSTS)}
            now = datetime.now(UTC)
            _schedule(store, channels, now)
            posters: dict[str, Poster] = {}
            desk = Desk(
                Library([load_pack()]), store, lambda: datetime.now(UTC), Random(7), posters
            )
            client = StudyhallClient(desk, store)
            await log_in(client, server.token, server.api_base)
            posters["discord"] = client.poster
            server.limit_everywhere(PACE)
            means = Means(
                desk.library, store, posters, lambda: datetime.now(UTC), desk.rounds, desk.dailies
            )
            await DailyQuestion(means).claim("discord", now, now, POSTS)
            began = perf_counter()
            await desk.clockwork.run_due()
            took = perf_counter() - began
            posted = [len(channel.messages) for channel in guild.channels]
            assert sorted(posted)[-POSTS:] == [1] * POSTS
            await client.close()
        await store.close()
    # The first second's worth goes out at once.
    pace = (POSTS - PACE) / took
    return Figure(f"posting {POSTS} dailies to Discord", pace, PACE, "a second", at_least=0.95)


def _schedule(store: SqlStore, channels: Mapping[str, str], due: datetime) -> None:
    """A daily in each channel of a community, due then."""
    plan = TypeAdapter(Schedule).dump_json(Schedule(time(due.hour, due.minute), "UTC")).decode()
    with store.database.engine.begin() as connection:
        ids = {
            each: connection.scalar(
                community.insert()
                .values(platform="discord", external_id=each)
                .returning(community.c.id)
            )
            for each in sorted(set(channels.values()))
        }
        connection.execute(
            daily.insert(),
            [
                {
                    "community_id": ids[guild],
                    "channel": channel,
                    "set_by": "1",
                    "plan": plan,
                    "proposed": "",
                    "proposal": 1,
                    "paused": "",
                    "next_on": due.date(),
                    "next_due_at": due,
                    "pack": "",
                    "question": "",
                }
                for channel, guild in channels.items()
            ],
        )
