"""A terminal to run programs in: a pseudo-terminal, with an emulator that draws what they write."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType

import pexpect
import pyte

PATIENCE_SECONDS = 30


class _AnsweringScreen(pyte.Screen):
    """A screen that says where its cursor is, when a program asks."""

    child: pexpect.spawn[str]

    def write_process_input(self, data: str) -> None:
        self.child.send(data)


class TerminalWindow:
    """A program in a terminal with more rows than it needs, so that nothing scrolls away."""

    def __init__(
        self,
        env: Mapping[str, str],
        *words: str,
        folder: Path | None = None,
        columns: int = 60,
        rows: int = 400,
    ) -> None:
        self._screen = _AnsweringScreen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self.written = ""
        """All that the program wrote, with its control sequences."""
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "bot", *words],
            env=dict(env),
            cwd=folder,
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(rows, columns),
        )
        self._screen.child = self._child

    def __enter__(self) -> TerminalWindow:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close(force=True)

    @property
    def process(self) -> int:
        return int(self._child.pid or 0)

    @property
    def screen(self) -> pyte.Screen:
        return self._screen

    @property
    def lines(self) -> list[str]:
        """What's shown, line by line."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """What's shown, without the empty lines at the end."""
        return "\n".join(self.lines).rstrip()

    def wait(self, until: Callable[[], bool]) -> None:
        deadline = monotonic() + PATIENCE_SECONDS
        while not until():
            assert monotonic() < deadline, self.text
            self._draw()

    def prompt(self) -> str:
        """The prompt, once the program is waiting at it."""
        self.wait(self._is_at_prompt)
        return self.lines[self._screen.cursor.y]

    def press(self, keys: str) -> None:
        """Send keys, without waiting for what they do."""
        self._child.send(keys)

    def type(self, line: str) -> str:
        """Type a line; what's shown below it until the next prompt."""
        self.prompt()
        start = self._screen.cursor.y
        self.press(f"{line}\r")
        self.wait(lambda: self._screen.cursor.y > start and self._is_at_prompt())
        return "\n".join(self.lines[start + 1 : self._screen.cursor.y])

    def finish(self, keys: str = "") -> int:
        """Send keys, and wait for the program to end; its exit code."""
        self.press(keys)
        self.wait(self._child.eof)
        self._child.close()
        return int(self._child.exitstatus or 0)

    def _is_at_prompt(self) -> bool:
        cursor = self._screen.cursor
        return bool(self._screen.display[cursor.y][: cursor.x].endswith("> "))

    def _draw(self) -> None:
        try:
            written = self._child.read_nonblocking(65536, timeout=0.05)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            self._child.flag_eof = True
            return
        self.written += written
        self._stream.feed(written)
