"""Many members answering at once on Discord: nothing lost, nothing twice, and how fast it is.

A local stand-in plays Discord and its members; the bot is the program itself, in a process of its
own, on SQLite. Run it with `python -m benchmarks.soak`.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import sqlite3
import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from tests.samples import save, small_pack
from tests.stand_ins.discord import Channel, DiscordServer, Person

GUILDS, MEMBERS, PRESSES, RATE = 50, 2000, 20_000, 200
TWICE = 10
"""One of so many presses is made twice."""


async def soak(folder: Path) -> None:
    """Run the whole soak and print its figures; raises AssertionError where something is lost."""
    pack = small_pack()
    single = [question for question in pack.questions if question.kind == "single"]
    saved = save(pack.model_copy(update={"questions": single}), folder / "pack")
    async with DiscordServer() as server:
        guilds = [server.add_guild(f"Guild {n}") for n in range(GUILDS)]
        channels = [guild.add_text_channel() for guild in guilds]
        admin = server.add_person("Admin")
        for guild in guilds:
            guild.join(admin, admin=True)
        people = [server.add_person(f"Member {n}") for n in range(MEMBERS)]
        process = await start(server, saved, folder)
        try:
            await play(server, process, channels, admin, people)
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()
        check(folder / "soak.db", server)


async def play(
    server: DiscordServer,
    process: asyncio.subprocess.Process,
    channels: list[Channel],
    admin: Person,
    people: list[Person],
) -> None:
    """One round after the other in every channel, answered by all its members."""
    await server.ready(timeout=60)
    waits: list[float] = []
    memory: list[int] = []
    twice = 0
    for _ in range(PRESSES // MEMBERS):
        for channel in channels:
            await admin.slash(channel, "question", minutes=60)
        presses = [(people[n], channels[n % GUILDS]) for n in range(MEMBERS)]
        again = presses[::TWICE]
        twice += len(again)
        waits += await press_all(presses + again)
        memory.append(resident(process.pid))
        for channel in channels:
            await close(admin, channel)
    report(waits, memory, twice)


async def start(server: DiscordServer, pack: Path, folder: Path) -> asyncio.subprocess.Process:
    """The program, talking to the stand-in."""
    env = os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/soak.db",
        "STUDYHALL_DISCORD_TOKEN": server.token,
        "STUDYHALL_DISCORD_API_BASE": server.api_base,
    }
    with (folder / "soak.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--pack", str(pack), env=env, stderr=log
        )


async def press_all(presses: list[tuple[Person, Channel]]) -> list[float]:
    """All presses at the rate; how long each waited for its answer, in milliseconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = []
    for n, (person, channel) in enumerate(presses):
        await asyncio.sleep(max(0.0, began + n / RATE - loop.time()))
        message = channel.messages[-1]
        buttons = list(message.buttons().values())
        tasks.append(asyncio.create_task(person.press(message, buttons[n % 4])))
    done = await asyncio.gather(*tasks)
    assert all(each.elapsed is not None for each in done), "some presses were not answered"
    return [1000 * (each.elapsed or 0) for each in done]


async def close(admin: Person, channel: Channel) -> None:
    """Close the channel's question, as an admin does."""
    sent = await admin.slash(channel, "question")
    shown = sent.message
    assert shown is not None
    await admin.press(shown, shown.buttons()["Close it now"])


def resident(pid: int) -> int:
    """Megabytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def report(waits: list[float], memory: list[int], twice: int) -> None:
    """Print the figures."""
    cuts = quantiles(waits, n=100)
    print(f"{len(waits)} presses ({twice} of them repeated) at {RATE} a second")
    print(f"event to answer: median {median(waits):.0f} ms, p99 {cuts[98]:.0f} ms, ", end="")
    print(f"longest {max(waits):.0f} ms")
    print(f"resident memory after each {MEMBERS} members: {memory} MB")


def check(database: Path, server: DiscordServer) -> None:
    """Compare what is kept and what is shown with what was done."""
    with sqlite3.connect(database) as connection:
        (answers,) = connection.execute("SELECT count(*) FROM answer").fetchone()
        (seats,) = connection.execute(
            "SELECT count(*) FROM (SELECT DISTINCT round_id, member_id FROM answer)"
        ).fetchone()
        (scored,) = connection.execute("SELECT sum(answered) FROM score").fetchone()
    connection.close()
    told = sum(
        int(re.search(r"Answered\n(\d+)", message.text)[1])  # type: ignore[index]
        for guild in server.guilds
        for channel in guild.channels
        for message in channel.messages
    )
    print(f"answers kept {answers}, seats {seats}, scored {scored}, told in results {told}")
    print(f"missed deadlines {server.missed_deadlines}, limits broken {len(server.violations)}")
    assert answers == seats == scored == told == PRESSES
    assert not server.missed_deadlines
    assert not server.violations


if __name__ == "__main__":
    # The stand-in keeps all that was said; its collector's pauses are not the bot's.
    gc.disable()
    with TemporaryDirectory() as folder:
        asyncio.run(soak(Path(folder)))
