"""One member presses 50 times a second: how long others wait, against how long they wait without
that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from benchmarks.soak import CHANNELS, MEMBERS, OnDiscord, running_bot
from tests.stand_ins.discord import DiscordServer

RATE, FLOOD_RATE = 10, 50
"""Presses a second of others, each of another member, and of the one."""

SECONDS, TURNS = 5, 4
"""How long a turn takes, and how many there are of each kind."""


def measure() -> Iterable[Figure]:
    """The median wait of others during a flood."""
    with TemporaryDirectory() as folder:
        calm, flooded = asyncio.run(_compare(Path(folder)))
    name = "press to verdict beside a member who presses 50 times a second: median"
    yield Figure(name, 1000 * flooded, 1000 * calm, "ms", at_most=1.5)


async def _compare(folder: Path) -> tuple[float, float]:
    waits: dict[bool, list[float]] = {False: [], True: []}
    async with DiscordServer() as server:
        platform = OnDiscord(server)
        async with running_bot(platform, folder):
            for channel in range(CHANNELS):
                await platform.pose(channel)
            members = iter(range(MEMBERS - 1))
            for turn in range(2 * TURNS):
                flood = asyncio.create_task(_flood(platform)) if turn % 2 else None
                others = []
                for _ in range(SECONDS * RATE):
                    member = next(members)
                    press = platform.press(member, member % CHANNELS)
                    others.append(asyncio.create_task(press))
                    await asyncio.sleep(1 / RATE)
                waits[bool(flood)] += await asyncio.gather(*others)
                if flood:
                    flood.cancel()
                    with suppress(asyncio.CancelledError):
                        await flood
    return median(waits[False]), median(waits[True])


async def _flood(platform: OnDiscord) -> None:
    """Press until canceled, and wait for no reply: most are dropped."""
    presses = []
    try:
        while True:
            presses.append(asyncio.create_task(platform.press(MEMBERS - 1, 0)))
            await asyncio.sleep(1 / FLOOD_RATE)
    finally:
        for press in presses:
            press.cancel()
        await asyncio.gather(*presses, return_exceptions=True)
