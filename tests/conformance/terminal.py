"""Scenarios at a real terminal: a process at the other end of a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pexpect

from content.model import Pack
from tests.conformance.chat import Chat, Filled, Named, Shown, Upload, typed
from tests.samples import NOW, TickingClock

PROMPT = "> "
TYPING, TYPED = "\x1b[?2004h", "\x1b[?2004l"
"""What's written when a line may be typed, and once it has been."""

DROP = "Type yes or no."
COPY = "studyhall-my-data.json"
_COMMAND = re.compile(r"`/([^`\n]+)`")
AT = """
import sys
from datetime import datetime
from bot import app, cli
now = datetime.fromisoformat(sys.argv.pop(1))
app._now = lambda: now
cli.main()
"""
"""The program, at an instant."""
_RULE = re.compile(r"^─+$", re.MULTILINE)
_CHOICE = re.compile(r"^ +(\d+)\) (.+?) *$", re.MULTILINE)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class TerminalChat(Chat):
    """One person at a terminal: no channel, no other members, no way back to earlier output."""

    name = "terminal"
    can = frozenset({"lines"})
    before = ""
    """What is run before the program."""

    def __init__(self, pack: Pack, folder: Path, database: str, clock: TickingClock) -> None:
        super().__init__(pack, clock)
        self._folder = folder
        self._database = database
        self._child: pexpect.spawn[str]

    @classmethod
    @asynccontextmanager
    async def running(
        cls, pack: Pack, folder: Path, database: str, now: datetime = NOW
    ) -> AsyncIterator[TerminalChat]:
        chat = cls(pack, folder, database, TickingClock(now))
        await asyncio.to_thread(chat._start)
        try:
            yield chat
        finally:
            chat._kill()

    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        words = typed(options)
        if command == "explain":
            words = str(options["topic"])
        return await self._say(f"/{command} {words}")

    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        if label == "Next":
            # A terminal goes on by itself: what was said stays on the screen.
            following: Shown = shown.source
            return following
        word = f"/{label.split(maxsplit=1)[0].casefold().rstrip(',')}"
        return await self._say(word, *([text] if text else []))

    async def fill(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str = "ann"
    ) -> Shown:
        said = await asyncio.to_thread(self._fill_in, label, fields)
        return self._shown(_RULE.split(said)[1].strip("\n"))

    async def open(self, shown: Shown, label: str, user: str = "ann") -> Shown:
        return await self._say(f"/{label.casefold()}")

    async def fill_wrongly(self, shown: Shown, label: str, fields: Mapping[str, Filled]) -> str:
        return await asyncio.to_thread(self._fill_in, label, fields)

    @property
    def here(self) -> str:
        return "general"

    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        return await self._say("again", "".join(letters))

    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        return await self._say("again", text)

    def named(self, shown: Shown) -> list[str]:
        return _COMMAND.findall(shown.text)

    async def follow(self, shown: Shown, command: str, user: str = "ann") -> Shown:
        named = next(each for each in self.named(shown) if each.startswith(command))
        return await self.type_line(named, user)

    async def type_line(self, line: str, user: str = "ann") -> Shown:
        return await self._say(f"/{line}")

    async def restart(self) -> None:
        self._kill()
        await asyncio.to_thread(self._start)

    async def passes(self, seconds: float) -> None:
        """A running program has a fixed time, so it's restarted at the later one."""
        self.clock.now += timedelta(seconds=seconds)
        await self.restart()

    async def _say(self, *lines: str) -> Shown:
        return await asyncio.to_thread(self._typed, lines)

    def _typed(self, lines: Sequence[str]) -> Shown:
        text = self._read(lines)
        if DROP in text:
            text = self._read(["yes"])
        first, *rest = (part.strip("\n") for part in _RULE.split(text)[1:])
        return self._shown(first, self._shown(rest[0]) if rest else None)

    def _fill_in(self, label: str, fields: Mapping[str, Filled]) -> str:
        """What's printed once every requested field has its line."""
        said = self._read([f"/{label.casefold()}"])
        while not _RULE.search(said) and "Canceled" not in said:
            lines = [line.split(" (")[0].strip() for line in said.splitlines()]
            asked = next((name for name in fields if name in lines), "")
            said = self._read([self._line(fields[asked], said) if asked else ""])
        return said

    def _line(self, value: Filled, said: str) -> str:
        """What to type into a field."""
        match value:
            case Upload(name, content):
                path = self._folder.parent / name
                path.write_bytes(content)
                return str(path)
            case Named(name):
                return name
        numbers: dict[str, str] = {name: number for number, name in _CHOICE.findall(said)}
        if isinstance(value, list):
            return " ".join(numbers[each] for each in value)
        return numbers.get(value, value)

    def _read(self, lines: Sequence[str]) -> str:
        """What's printed after the last line."""
        child = self._child
        for line in lines:
            child.sendline(line)
            child.expect_exact(TYPED)
            child.expect_exact(TYPING)
            said = str(child.before)
            child.expect_exact(PROMPT)
        return _ESCAPES.sub("", said).replace("\r", "")

    def _shown(self, text: str, following: Shown | None = None) -> Shown:
        copy = self._folder.parent / COPY
        file = copy.read_bytes() if COPY in text else None
        return Shown(text, private=True, file=file, source=following)

    def _start(self) -> None:
        self._child = pexpect.spawn(
            sys.executable,
            [
                "-c",
                self.before + AT,
                self.clock().isoformat(),
                "play",
                "alpha",
                "--pack",
                str(self._folder),
            ],
            cwd=self._folder.parent,
            env=os.environ
            | {
                "STUDYHALL_DATABASE_URL": self._database,
                "TERM": "xterm-256color",
                "NO_COLOR": "1",
                "FORCE_HYPERLINK": "0",
                # Nothing here says where the cursor is.
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
            encoding="utf-8",
            timeout=30,
            dimensions=(60, 200),
        )
        self._child.expect_exact(PROMPT)

    def _kill(self) -> None:
        self._child.kill(signal.SIGKILL)
        self._child.close()
