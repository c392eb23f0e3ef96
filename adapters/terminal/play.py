"""Plays in a terminal: typed lines become events, and replies are printed."""

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
from adapters.terminal.render import render, render_numbered
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.screens import Button, Choice, Form, Reply, Screen

HOW_TO = (
    "How to play: type the letter of your answer and press Enter. If a question asks for words, "
    "type them. You'll see right away whether you're right, and why. /explain WORDS looks "
    "something up, /help lists every command, and /quit ends with a summary. Your answers are "
    "saved as you go."
)
START = "To start, run: studyhall play"
IN_PLAY = "To use commands that start with /, run: studyhall play"

HandleEvent = Callable[[Event], Reply]
OpenForm = Callable[[Event], Form | Reply]
"""Builds the form that a press opens, or a reply instead."""

CompleteOption = Callable[[Event, str, str], Iterable[Choice]]
"""Suggests choices for a half-typed option of a call."""


class Terminal:
    """One person at one terminal, or at the end of a pipe."""

    def __init__(
        self,
        handle: HandleEvent,
        open_: OpenForm,
        complete: CompleteOption,
        actor: Actor,
        place: Place,
        source: TextIO,
        console: Console,
    ) -> None:
        self._handle = handle
        self._open_form = open_
        self._complete = complete
        self._actor = actor
        self._place = place
        self._source = source
        self._console = console
        self._screen = Screen()
        self._side_buttons: tuple[Button, ...] = ()

    def play(self, options: dict[str, str | int]) -> None:
        """Run a drill until its summary, the end of input, or Ctrl-C.

        A person who names no topic is asked for one. A pipe isn't, so each of its lines is an
        answer; an empty pipe starts nothing.
        """
        self._console.print("Studyhall", style="bold")
        self._console.print(HOW_TO)
        lines = self._read_lines()
        try:
            if self._source.isatty():
                readline.set_completer_delims("\n")
                readline.set_completer(self._complete_line)
                readline.parse_and_bind("tab: complete")
                self._begin(options, lines, tuple(self._list_choices("drill", "topic", "")))
            else:
                first = next(lines, None)
                if first is None:
                    self._console.print(START)
                    return
                lines = chain((first,), lines)
                self._send(Call("drill", options))
            for line in lines:
                if line.strip().casefold() in typed.QUIT or not self._handle_line(line, lines):
                    break
        except KeyboardInterrupt:
            self._console.print()
        self._finish()

    def _begin(
        self, options: dict[str, str | int], lines: Iterator[str], scopes: tuple[Choice, ...]
    ) -> None:
        """Start a drill; ask for a topic until there's one with questions."""
        if options.get("topic"):
            self._send(Call("drill", options))
        while not typed.awaits_answer(self._screen):
            scope = self._ask_topic(lines, scopes)
            if scope is None or scope.casefold() in typed.QUIT:
                return
            self._send(Call("drill", options | {"topic": scope}))

    def _handle_line(self, line: str, lines: Iterator[str]) -> bool:
        """Act on a line, reading more lines if it opens a form. False when the run is over."""
        over = not typed.awaits_answer(self._screen)
        if over and (not line.strip() or not self._source.isatty()):
            return False
        if not line.strip():
            return True
        what = typed.read_line(line, self._screen, self._side_buttons)
        buttons = (*typed.list_buttons(self._screen), *self._side_buttons)
        if what is None:
            self._console.print(typed.format_hints(self._screen, self._side_buttons), style="dim")
        elif isinstance(what, Press) and typed.opens_shown_form(what, buttons):
            self._fill_in_form(what, lines)
        else:
            self._send(what)
        return True

    def _fill_in_form(self, press: Press, lines: Iterator[str]) -> None:
        """Ask for the fields of a press's form, then send the press with them."""
        opened = self._open_form(self._event(press))
        if isinstance(opened, Reply):
            self._show(opened, press)
        elif fields := forms.fill_in(opened, lines, self._console):
            self._send(replace(press, fields=fields))

    def _finish(self) -> None:
        """End a running drill, to show its summary."""
        for button in typed.list_buttons(self._screen):
            if typed.awaits_answer(self._screen) and button.style == "danger":
                self._send(Press(button.action))

    def _send(self, what: Call | Press) -> None:
        self._show(self._handle(self._event(what)), what)

    def _event(self, what: Call | Press) -> Event:
        return Event(self._actor, self._place, what)

    def _show(self, reply: Reply, what: Call | Press) -> None:
        """Print the reply to an event."""
        screen = reply.screen
        # Looking something up doesn't replace the question that's waiting.
        beside = (
            typed.awaits_answer(self._screen)
            and not typed.awaits_answer(screen)
            and (
                isinstance(what, Call)
                or what.action in {each.action for each in self._side_buttons}
            )
        )
        self._console.print(Rule(style="dim"))
        over = not self._source.isatty() and not typed.awaits_answer(screen)
        self._console.print(render(screen, self._console, beside=beside or over), crop=False)
        if reply.file:
            path = Path(reply.file.name)
            path.write_bytes(reply.file.content)
            self._console.print(f"Saved to {path.resolve()}", soft_wrap=True)
        buttons = typed.list_buttons(screen)
        onward = next((button for button in buttons if button.is_next), None)
        if onward:
            # Earlier output stays visible in a terminal, so there's no need to wait.
            self._side_buttons = tuple(button for button in buttons if button is not onward)
            self._send(Press(onward.action))
            return
        if beside and buttons:
            self._side_buttons = buttons
        elif screen.controls and not beside:
            self._screen = screen
        if typed.awaits_answer(self._screen) or (self._source.isatty() and self._screen.controls):
            self._console.print(typed.format_hints(self._screen, self._side_buttons), style="dim")

    def _ask_topic(self, lines: Iterator[str], scopes: tuple[Choice, ...]) -> str | None:
        """Ask what to practice; None at the end of input."""
        self._console.print(Rule(style="dim"))
        self._console.print("What would you like to practice?", style="bold")
        self._console.print(render_numbered((scope.label for scope in scopes), self._console))
        self._console.print(
            "Type a number or part of a topic, or press Enter for everything", style="dim"
        )
        line = next(lines, None)
        if line and line.strip().isdecimal() and 0 < int(line) <= len(scopes):
            return scopes[int(line) - 1].value
        return line.strip() if line is not None else None

    def _complete_line(self, line: str, number: int) -> str | None:
        """The n-th completion of a half-typed line, as readline asks for it."""
        lines = typed.complete_line(line, self._list_choices)
        return lines[number] if number < len(lines) else None

    def _list_choices(self, command: str, option: str, text: str) -> Iterable[Choice]:
        return self._complete(self._event(Call(command, {})), option, text)

    def _read_lines(self) -> Iterator[str]:
        if not self._source.isatty():
            yield from (line.rstrip("\r\n") for line in self._source)
            return
        while True:
            try:
                yield input("> ")
            except EOFError:
                self._console.print()
                return
