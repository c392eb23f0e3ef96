"""Memory of a bot that's idle on both platforms, and after many events."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.bench import PLATFORM, open_bench
from benchmarks.figures import Figure
from bot.engine.events import Actor, Call, Event, Place
from tests.databases import SqliteFiles
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.memory_poster import MemoryPoster
from tests.stand_ins.slack import SlackServer

EARLY, LATE, ROUNDS, AT_ONCE = 20_000, 100_000, 200, 100
MAX_GROWTH = 1.05
STARTS = 5
COMMANDS = ("leaderboard", "explain", "stats", "help")
"""Commands that members of other communities use in between."""


def measure() -> Iterator[Figure]:
    """Start to ready and the idle bot, against Python with the libraries; then 100,000 events."""
    yield from asyncio.run(_idle())
    # In a new process: memory that other benchmarks freed would hide growth.
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield process.submit(_in_new_process).result()


def _in_new_process() -> Figure:
    return asyncio.run(_after_events())


async def _idle() -> list[Figure]:
    with TemporaryDirectory() as folder:
        async with DiscordServer() as discord, SlackServer() as slack:
            discord.add_guild()
            env = os.environ | {
                "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/idle.db",
                "STUDYHALL_DISCORD_TOKEN": discord.token,
                "STUDYHALL_DISCORD_API_BASE": discord.api_base,
                "STUDYHALL_SLACK_BOT_TOKEN": slack.bot_token,
                "STUDYHALL_SLACK_APP_TOKEN": slack.app_token,
                "STUDYHALL_SLACK_API_BASE": slack.base_url,
            }
            bare = "import discord, slack_bolt.async_app, sqlmodel, apscheduler, asyncio"
            taken: list[tuple[float, float, float, float]] = []
            for _ in range(STARTS + 1):
                began = perf_counter()
                floor = await asyncio.create_subprocess_exec(
                    sys.executable, "-c", f"{bare}; print(flush=True); input()",
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                )  # fmt: skip
                assert floor.stdout
                await floor.stdout.readline()
                imported, floor_size = perf_counter() - began, _resident(floor.pid)
                floor.kill()
                began = perf_counter()
                bot = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot", "run", env=env, stderr=asyncio.subprocess.DEVNULL
                )
                await discord.ready(timeout=60)
                await slack.ready(connections=1)
                ready = perf_counter() - began
                await asyncio.sleep(3)
                taken.append((ready, imported, _resident(bot.pid), floor_size))
                bot.send_signal(signal.SIGTERM)
                await asyncio.gather(bot.wait(), floor.wait())
    # The first start warms up.
    ready, imported, size, floor_size = map(median, zip(*taken[1:], strict=True))
    beside = "against importing the libraries"
    return [
        Figure(f"start to ready on both platforms, {beside}", ready, imported, "s"),
        Figure(f"resident memory, idle on both platforms, {beside}", size, floor_size, "MB"),
    ]


async def _after_events() -> Figure:
    """All through the desk: durable answers, and with every hundred of them each command once, from
    another community."""
    sizes = {}
    with SqliteFiles().new() as url:
        async with open_bench(url, ROUNDS, {PLATFORM: MemoryPoster()}) as bench:
            for begin in range(0, LATE, AT_ONCE):
                number, first = divmod(begin, LATE // ROUNDS)
                await asyncio.gather(
                    *(bench.press(first + each, number) for each in range(AT_ONCE)),
                    *(bench.desk.handle(_call(name, f"elsewhere-{begin}")) for name in COMMANDS),
                )
                sizes[begin + AT_ONCE] = _resident(os.getpid())
    name = f"memory after {LATE:,} answers, against that after {EARLY:,}"
    return Figure(name, sizes[LATE], sizes[EARLY], "MB", at_most=MAX_GROWTH)


def _call(command: str, community: str) -> Event:
    place = Place(PLATFORM, community, "1", private=False)
    options = {"topic": "datastore"} if command == "explain" else {}
    return Event(Actor(f"of {community}", "Somebody"), place, Call(command, options))


def _resident(pid: int) -> float:
    """Resident memory of a process, in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
