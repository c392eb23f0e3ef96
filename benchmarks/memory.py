"""Memory: of a bot that is idle on both platforms, and after many events."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.figures import Figure
from benchmarks.ground import ground
from tests.databases import SqliteFiles
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer

EARLY, LATE, ROUNDS, ABREAST = 20_000, 100_000, 200, 100
FLAT = 1.05


def measure() -> Iterator[Figure]:
    """Start to ready and the idle bot, against Python with the libraries; then 100,000 events."""
    yield from asyncio.run(_idle())
    yield asyncio.run(_after_events())


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
            await asyncio.sleep(5)
            size = _resident(bot.pid)
            bot.send_signal(signal.SIGTERM)
            await asyncio.gather(bot.wait(), floor.wait())
    beside = "against importing the libraries"
    return [
        Figure(f"start to ready on both platforms, {beside}", ready, imported, "s"),
        Figure(f"resident memory, idle on both platforms, {beside}", size, floor_size, "MB"),
    ]


async def _after_events() -> Figure:
    """All through the desk: answers, each of them made durable."""
    sizes = {}
    with SqliteFiles().new() as url:
        async with ground(url, ROUNDS) as desk:
            for begin in range(0, LATE, ABREAST):
                number, first = divmod(begin, LATE // ROUNDS)
                await asyncio.gather(*(desk.press(first + each, number) for each in range(ABREAST)))
                sizes[begin + ABREAST] = _resident(os.getpid())
    name = f"memory after {LATE:,} events, against that after {EARLY:,}"
    return Figure(name, sizes[LATE], sizes[EARLY], "MB", at_most=FLAT)


def _resident(pid: int) -> float:
    """Megabytes that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
