"""Many members answer at once: checks that nothing is lost or counted twice, and measures speed.

A local stand-in plays the platform and its members; the real bot runs in its own process, on
SQLite. Run it with `python -m benchmarks.soak discord` (or `slack`).
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Protocol

from tests.samples import save_pack, small_pack
from tests.stand_ins import discord, slack

CHANNELS, MEMBERS, PRESSES, RATE = 50, 2000, 20_000, 200
REPEAT_EVERY = 10
"""Every tenth press is repeated."""

DEADLINE_SECONDS = 3.0
"""How long both platforms wait for an acknowledgment."""


class Platform(Protocol):
    """A platform with channels, and members who press buttons in them."""

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables that connect the bot to it."""

    async def ready(self) -> None:
        """Wait until the bot is connected."""

    async def pose(self, channel: int) -> None:
        """Post a question in a channel."""

    async def press(self, member: int, channel: int) -> float:
        """Let a member press a button; returns the seconds until they see the verdict."""

    async def close(self, channel: int) -> None:
        """Close the channel's question."""

    def texts(self) -> Iterable[str]:
        """The texts of all messages in channels."""

    def problems(self) -> int:
        """How many deadlines were missed and limits exceeded."""


class OnDiscord:
    """Fifty Discord servers with a channel each."""

    def __init__(self, server: discord.DiscordServer) -> None:
        self._server = server
        guilds = [server.add_guild(f"Guild {n}") for n in range(CHANNELS)]
        self._channels = [guild.add_text_channel() for guild in guilds]
        self._admin = server.add_person("Admin")
        for guild in guilds:
            guild.join(self._admin, admin=True)
        self._people = [server.add_person(f"Member {n}") for n in range(MEMBERS)]

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "STUDYHALL_DISCORD_TOKEN": self._server.token,
            "STUDYHALL_DISCORD_API_BASE": self._server.api_base,
        }

    async def ready(self) -> None:
        await self._server.ready(timeout=60)

    async def pose(self, channel: int) -> None:
        await self._admin.slash(self._channels[channel], "question", minutes=60)

    async def press(self, member: int, channel: int) -> float:
        message = self._channels[channel].messages[-1]
        buttons = list(message.buttons().values())
        sent = await self._people[member].press(message, buttons[member % len(buttons)])
        assert sent.elapsed is not None, "a press was not answered"
        return sent.elapsed

    async def close(self, channel: int) -> None:
        sent = await self._admin.slash(self._channels[channel], "question")
        assert sent.message is not None
        await self._admin.press(sent.message, sent.message.buttons()["Close it now"])

    def texts(self) -> Iterable[str]:
        return (message.text for channel in self._channels for message in channel.messages)

    def problems(self) -> int:
        return self._server.missed_deadlines + len(self._server.violations)


class OnSlack:
    """A Slack workspace with fifty channels."""

    def __init__(self, server: slack.SlackServer) -> None:
        self._server = server
        self._channels = [server.team.add_channel(f"channel-{n}") for n in range(CHANNELS)]
        self._admin = server.team.add_person("Admin", admin=True)
        self._people = [server.team.add_person(f"Member {n}") for n in range(MEMBERS)]

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "STUDYHALL_SLACK_BOT_TOKEN": self._server.bot_token,
            "STUDYHALL_SLACK_APP_TOKEN": self._server.app_token,
            "STUDYHALL_SLACK_API_BASE": self._server.base_url,
        }

    async def ready(self) -> None:
        await self._server.ready(patience=60)

    async def pose(self, channel: int) -> None:
        await self._call(channel, "question minutes:60")

    async def press(self, member: int, channel: int) -> float:
        person, place = self._people[member], self._channels[channel]
        message = place.messages[-1]
        buttons = [id_ for id_ in message.buttons().values() if id_.startswith("answer:")]
        person.catch_up(place)
        began = perf_counter()
        await person.press(message, buttons[member % len(buttons)])
        while (await person.next_message(place, patience=10)).visible_to is None:
            pass
        return perf_counter() - began

    async def close(self, channel: int) -> None:
        shown = await self._call(channel, "question minutes:60")
        await self._admin.press(shown, shown.buttons()["Close it now"])
        await self._answer(channel)

    async def _call(self, channel: int, words: str) -> slack.Message:
        self._admin.catch_up(self._channels[channel])
        await self._admin.command(self._channels[channel], "/quiz", words)
        return await self._answer(channel)

    async def _answer(self, channel: int) -> slack.Message:
        while True:
            message = await self._admin.next_message(self._channels[channel], patience=10)
            if message.visible_to is not None:
                return message

    def texts(self) -> Iterable[str]:
        return (message.words for channel in self._channels for message in channel.messages)

    def problems(self) -> int:
        return len(self._server.missed_deadlines) + len(self._server.violations)


async def soak(name: str, folder: Path) -> None:
    """Run the soak test and print its figures. Raises AssertionError if anything is lost."""
    server = (
        discord.DiscordServer(deadline=DEADLINE_SECONDS)
        if name == "discord"
        else slack.SlackServer(deadline=DEADLINE_SECONDS)
    )
    async with server:
        platform: Platform = (
            OnDiscord(server) if isinstance(server, discord.DiscordServer) else OnSlack(server)
        )
        async with running_bot(platform, folder) as pid:
            await play(platform, pid)
        check(folder / "soak.db", platform)


@asynccontextmanager
async def running_bot(platform: Platform, folder: Path) -> AsyncIterator[int]:
    """The real bot in its own process, with questions that have buttons; gives its process id."""
    pack = small_pack()
    single = [question for question in pack.questions if question.kind == "single"]
    saved = save_pack(pack.model_copy(update={"questions": single}), folder / "pack")
    env = os.environ | platform.env
    env["STUDYHALL_DATABASE_URL"] = f"sqlite:///{folder}/soak.db"
    with (folder / "soak.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--pack", str(saved), env=env, stderr=log
        )
    try:
        await platform.ready()
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def play(platform: Platform, pid: int) -> None:
    """Play round after round in every channel, answered by all its members."""
    waits: list[float] = []
    memory: list[int] = []
    for _ in range(PRESSES // MEMBERS):
        for channel in range(CHANNELS):
            await platform.pose(channel)
        waits += await press_all(platform, [*range(MEMBERS), *range(0, MEMBERS, REPEAT_EVERY)])
        memory.append(resident(pid))
        for channel in range(CHANNELS):
            await platform.close(channel)
    cuts = quantiles(waits, n=100)
    print(f"{len(waits)} presses, {len(waits) - PRESSES} of them repeated, at {RATE} a second")
    print(f"press to verdict: median {median(waits):.0f} ms, p99 {cuts[98]:.0f} ms, ", end="")
    print(f"longest {max(waits):.0f} ms")
    print(f"resident memory after each {MEMBERS} members: {memory} MB")


async def press_all(platform: Platform, members: list[int]) -> list[float]:
    """Press at the given rate; returns how long each press took, in milliseconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for n, member in enumerate(members):
        await asyncio.sleep(max(0.0, began + n / RATE - loop.time()))
        tasks.append(asyncio.create_task(platform.press(member, member % CHANNELS)))
    return [1000 * wait for wait in await asyncio.gather(*tasks)]


def resident(pid: int) -> int:
    """Resident memory of a process, in megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def check(database: Path, platform: Platform) -> None:
    """Compare what was saved and shown with what was pressed."""
    with sqlite3.connect(database) as connection:
        (answers,) = connection.execute("SELECT count(*) FROM answer").fetchone()
        (distinct,) = connection.execute(
            "SELECT count(*) FROM (SELECT DISTINCT round_id, member_id FROM answer)"
        ).fetchone()
        (scored,) = connection.execute(
            "SELECT sum(answered) FROM standing WHERE period = 'all' AND team_id = 0"
        ).fetchone()
    connection.close()
    displayed = sum(
        int(found[1])
        for text in platform.texts()
        if (found := re.search(r"Answered\W+(\d+)", text))
    )
    print(f"answers {answers}, distinct {distinct}, scored {scored}, displayed {displayed}")
    print(f"deadlines missed and limits exceeded: {platform.problems()}")
    assert answers == distinct == scored == displayed == PRESSES
    assert not platform.problems()


if __name__ == "__main__":
    # The stand-in keeps every message; its garbage collector's pauses aren't the bot's.
    gc.disable()
    with TemporaryDirectory() as folder:
        asyncio.run(soak(sys.argv[1] if len(sys.argv) > 1 else "discord", Path(folder)))
