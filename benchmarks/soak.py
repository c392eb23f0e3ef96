"""Many members answering at once: nothing lost, nothing twice, and how fast it is.

A local stand-in plays the platform and its members; the bot is the program itself, in a process of
its own, on SQLite. Run it with `python -m benchmarks.soak discord` or `... slack`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Protocol

from tests.samples import save_pack, small_pack
from tests.stand_ins import discord, slack

CHANNELS, MEMBERS, PRESSES, RATE = 50, 2000, 20_000, 200
TWICE = 10
"""One of so many presses is made twice."""

DEADLINE = 3.0
"""Seconds that both platforms wait for an acknowledgement."""


class Ground(Protocol):
    """A platform with so many channels, and members to press in them."""

    @property
    def env(self) -> Mapping[str, str]:
        """What the program needs to find it."""

    async def ready(self) -> None:
        """Wait until the bot is there."""

    async def pose(self, channel: int) -> None:
        """Have a question posed in a channel."""

    async def press(self, member: int, channel: int) -> float:
        """Let a member press a button; seconds until they see their answer."""

    async def close(self, channel: int) -> None:
        """Have the channel's question closed."""

    def told(self) -> Iterable[str]:
        """What all messages in channels say."""

    def problems(self) -> int:
        """Deadlines missed and limits broken."""


class OnDiscord:
    """Fifty servers with a channel each."""

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

    def told(self) -> Iterable[str]:
        return (message.text for channel in self._channels for message in channel.messages)

    def problems(self) -> int:
        return self._server.missed_deadlines + len(self._server.violations)


class OnSlack:
    """A workspace with fifty channels."""

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
        shown = await self._call(channel, "question")
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

    def told(self) -> Iterable[str]:
        return (message.words for channel in self._channels for message in channel.messages)

    def problems(self) -> int:
        return len(self._server.missed_deadlines) + len(self._server.violations)


async def soak(platform: str, folder: Path) -> None:
    """Run the whole soak and print its figures; raises AssertionError where something is lost."""
    pack = small_pack()
    single = [question for question in pack.questions if question.kind == "single"]
    saved = save_pack(pack.model_copy(update={"questions": single}), folder / "pack")
    server = (
        discord.DiscordServer(deadline=DEADLINE)
        if platform == "discord"
        else slack.SlackServer(deadline=DEADLINE)
    )
    async with server:
        ground: Ground = (
            OnDiscord(server) if isinstance(server, discord.DiscordServer) else OnSlack(server)
        )
        env = os.environ | ground.env
        env["STUDYHALL_DATABASE_URL"] = f"sqlite:///{folder}/soak.db"
        with (folder / "soak.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", "--pack", str(saved), env=env, stderr=log
            )
        try:
            await play(ground, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
        check(folder / "soak.db", ground)


async def play(ground: Ground, pid: int) -> None:
    """One round after the other in every channel, answered by all its members."""
    await ground.ready()
    waits: list[float] = []
    memory: list[int] = []
    for _ in range(PRESSES // MEMBERS):
        for channel in range(CHANNELS):
            await ground.pose(channel)
        waits += await press_all(ground, [*range(MEMBERS), *range(0, MEMBERS, TWICE)])
        memory.append(resident(pid))
        for channel in range(CHANNELS):
            await ground.close(channel)
    cuts = quantiles(waits, n=100)
    print(f"{len(waits)} presses, {len(waits) - PRESSES} of them repeated, at {RATE} a second")
    print(f"press to answer: median {median(waits):.0f} ms, p99 {cuts[98]:.0f} ms, ", end="")
    print(f"longest {max(waits):.0f} ms")
    print(f"resident memory after each {MEMBERS} members: {memory} MB")


async def press_all(ground: Ground, members: list[int]) -> list[float]:
    """All presses at the rate; how long each waited for its answer, in milliseconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for n, member in enumerate(members):
        await asyncio.sleep(max(0.0, began + n / RATE - loop.time()))
        tasks.append(asyncio.create_task(ground.press(member, member % CHANNELS)))
    return [1000 * wait for wait in await asyncio.gather(*tasks)]


def resident(pid: int) -> int:
    """Megabytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def check(database: Path, ground: Ground) -> None:
    """Compare what is kept and what is shown with what was done."""
    with sqlite3.connect(database) as connection:
        (answers,) = connection.execute("SELECT count(*) FROM answer").fetchone()
        (seats,) = connection.execute(
            "SELECT count(*) FROM (SELECT DISTINCT round_id, member_id FROM answer)"
        ).fetchone()
        (scored,) = connection.execute(
            "SELECT sum(answered) FROM standing WHERE period = 'all' AND team_id = 0"
        ).fetchone()
    connection.close()
    told = sum(
        int(found[1]) for text in ground.told() if (found := re.search(r"Answered\W+(\d+)", text))
    )
    print(f"answers kept {answers}, seats {seats}, scored {scored}, told in results {told}")
    print(f"deadlines missed and limits broken: {ground.problems()}")
    assert answers == seats == scored == told == PRESSES
    assert not ground.problems()


if __name__ == "__main__":
    # The stand-in keeps all that was said; its collector's pauses are not the bot's.
    gc.disable()
    with TemporaryDirectory() as folder:
        asyncio.run(soak(sys.argv[1] if len(sys.argv) > 1 else "discord", Path(folder)))
