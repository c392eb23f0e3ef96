"""Playing in a terminal: typed lines become events, replies are printed."""

from __future__ import annotations

import readline
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.rule import Rule

from adapters import typed
from adapters.terminal import forms
from adapters.terminal.render import numbered, render
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.screens import Button, Choice, Form, Reply, Screen

HOW_TO = (
    "How to play: each question shows its options with letters. Type a letter and press Enter, "
    "or words where a short answer is asked. You see at once whether it was right, and why. "
    "/explain WORDS looks something up, /help shows all there is, /quit ends with a summary. "
    "Every answer is kept as you give it."
)
START = "Start with: studyhall play"
IN_PLAY = "Type commands that begin with / in: studyhall play"

Handle = Callable[[Event], Reply]
Open = Callable[[Event], Form | Reply]
"""The form that a press opens."""

Complete = Callable[[Event, str, str], Iterable[Choice]]
"""Choices for a half-typed option of a call."""


class Terminal:
    """One person at one terminal, or at the end of a pipe."""

    def __init__(
        self,
        handle: Handle,
        open_: Open,
        complete: Complete,
        actor: Actor,
        place: Place,
        source: TextIO,
        console: Console,
    ) -> None:
        self._handle = handle
        self._open = open_
        self._complete = complete
        self._actor = actor
        self._place = place
        self._source = source
        self._console = console
        self._screen = Screen()
        self._aside: tuple[Button, ...] = ()

    def play(self, options: dict[str, str | int]) -> None:
        """A drill, until its summary, the end of input, or Ctrl-C.

        A person who names no topic is asked for one. A pipe is not, so that each of its lines is
        an answer, and one that is empty starts nothing.
        """
        self._console.print("Studyhall", style="bold")
        self._console.print(HOW_TO)
        lines = self._lines()
        try:
            if self._source.isatty():
                readline.set_completer_delims("\n")
                readline.set_completer(self._completed)
                readline.parse_and_bind("tab: complete")
                self._start(options, lines, tuple(self._choices("drill", "topic", "")))
            else:
                first = next(lines, None)
                if first is None:
                    self._console.print(START)
                    return
                lines = chain((first,), lines)
                self._send(Call("drill", options))
            for line in lines:
                if line.strip().casefold() in typed.QUIT or not self._take(line, lines):
                    break
        except KeyboardInterrupt:
            self._console.print()
        self._finish()

    def _start(
        self, options: dict[str, str | int], lines: Iterator[str], scopes: tuple[Choice, ...]
    ) -> None:
        """Begin a drill; where its topic is unknown or not named, ask for one."""
        if options.get("topic"):
            self._send(Call("drill", options))
        while not typed.asks(self._screen):
            scope = self._ask_scope(lines, scopes)
            if scope is None or scope.casefold() in typed.QUIT:
                return
            self._send(Call("drill", options | {"topic": scope}))

    def _take(self, line: str, lines: Iterator[str]) -> bool:
        """Act on a line, and on the next ones where a button opens a form; False when the run is
        over."""
        over = not typed.asks(self._screen)
        if over and (not line.strip() or not self._source.isatty()):
            return False
        if not line.strip():
            return True
        what = typed.read(line, self._screen, self._aside)
        buttons = (*typed.buttons(self._screen), *self._aside)
        if what is None:
            self._console.print(typed.hints(self._screen, self._aside), style="dim")
        elif isinstance(what, Press) and typed.opens(what, buttons):
            self._fill_in(what, lines)
        else:
            self._send(what)
        return True

    def _fill_in(self, press: Press, lines: Iterator[str]) -> None:
        """Ask for the fields of a press's form, and send it with them."""
        opened = self._open(self._event(press))
        if isinstance(opened, Reply):
            self._show(opened, press)
        elif fields := forms.ask(opened, lines, self._console):
            self._send(replace(press, fields=fields))

    def _finish(self) -> None:
        """End a drill that is still running, so that its summary is seen."""
        for button in typed.buttons(self._screen):
            if typed.asks(self._screen) and button.style == "danger":
                self._send(Press(button.action))

    def _send(self, what: Call | Press) -> None:
        self._show(self._handle(self._event(what)), what)

    def _event(self, what: Call | Press) -> Event:
        return Event(self._actor, self._place, what)

    def _show(self, reply: Reply, what: Call | Press) -> None:
        """Print what came of an event."""
        screen = reply.screen
        # What is looked up while a question waits is shown beside it: the question stays.
        beside = (
            typed.asks(self._screen)
            and not typed.asks(screen)
            and (isinstance(what, Call) or what.action in {each.action for each in self._aside})
        )
        self._console.print(Rule(style="dim"))
        over = not self._source.isatty() and not typed.asks(screen)
        self._console.print(render(screen, self._console, beside=beside or over), crop=False)
        if reply.file:
            path = Path(reply.file.name)
            path.write_bytes(reply.file.content)
            self._console.print(f"Written to {path.resolve()}", soft_wrap=True)
        buttons = typed.buttons(screen)
        onward = next((button for button in buttons if button.is_next), None)
        if onward:
            # A terminal keeps what was said above, so there is nothing to wait for.
            self._aside = tuple(button for button in buttons if button is not onward)
            self._send(Press(onward.action))
            return
        if beside and buttons:
            self._aside = buttons
        elif screen.controls and not beside:
            self._screen = screen
        if typed.asks(self._screen) or (self._source.isatty() and self._screen.controls):
            self._console.print(typed.hints(self._screen, self._aside), style="dim")

    def _ask_scope(self, lines: Iterator[str], scopes: tuple[Choice, ...]) -> str | None:
        """What a person wants to practise; None at the end of input."""
        self._console.print(Rule(style="dim"))
        self._console.print("What would you like to practise?", style="bold")
        self._console.print(numbered((scope.label for scope in scopes), self._console))
        self._console.print("Type a number, words of a topic, or Enter for everything", style="dim")
        line = next(lines, None)
        if line and line.strip().isdecimal() and 0 < int(line) <= len(scopes):
            return scopes[int(line) - 1].value
        return line.strip() if line is not None else None

    def _completed(self, line: str, number: int) -> str | None:
        """The so many-th way to go on with a half-typed line, as readline asks for it."""
        lines = typed.completions(line, self._choices)
        return lines[number] if number < len(lines) else None

    def _choices(self, command: str, option: str, text: str) -> Iterable[Choice]:
        return self._complete(self._event(Call(command, {})), option, text)

    def _lines(self) -> Iterator[str]:
        if not self._source.isatty():
            yield from (line.rstrip("\r\n") for line in self._source)
            return
        while True:
            try:
                yield input("> ")
            except EOFError:
                self._console.print()
                return
