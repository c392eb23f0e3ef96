"""Plays in a terminal: typed lines become events, and replies are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from adapters import typed
from adapters.terminal import forms
from adapters.terminal.prompt import Prompt, read_lines
from adapters.terminal.render import render, render_line, render_numbered
from bot.engine.commands import LISTED
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.screens import Button, Choice, Form, Reply, Screen, Tone

HOW_TO = (
    "How to play: type the letter of your answer and press Enter. If a question asks for words, "
    "type them. You'll see right away whether you're right, and why. /explain WORDS looks "
    "something up, /help lists every command, and /quit ends with a summary. Your answers are "
    "saved as you go."
)
START = "To start, run: studyhall play"
IN_PLAY = "To use commands that start with /, run: studyhall play"
NOT_AN_ANSWER = "That isn't in the list, and it wasn't taken as an answer."
DROP = "Start another drill, and leave this one at {}? Type yes or no."

HandleEvent = Callable[[Event], Reply]
OpenForm = Callable[[Event], Form | Reply]
"""Builds the form that a press opens, or a reply instead."""

CompleteOption = Callable[[Event, str, str], Iterable[Choice]]
"""Suggests choices for a half-typed option of a call."""


class Terminal:
    """One person at one terminal, or at the end of a pipe.

    What was shown last decides what a line means: a letter answers a question, a number picks from
    a list. A list can be shown while a question waits; until it's shown again, nothing answers it.
    """

    def __init__(
        self,
        handle: HandleEvent,
        open_: OpenForm,
        complete: CompleteOption,
        actor: Actor,
        place: Place,
        source: TextIO,
        console: Console,
        *,
        plain: bool = False,
    ) -> None:
        self._handle = handle
        self._open_form = open_
        self._complete = complete
        self._actor = actor
        self._place = place
        self._interactive = source.isatty()
        self._console = console
        self._plain = plain
        self._prompt = Prompt()
        self._lines = read_lines(source, console, lambda: self._prompt, plain=plain)
        self._question: Screen | None = None
        """The question that waits for an answer."""
        self._shown = Screen()
        """What was shown last of a question and lists."""
        self._list = Screen()
        """The last list, whose words go on working."""
        self._answered = Screen()
        """The question answered before, which the side buttons are about."""
        self._side_buttons: tuple[Button, ...] = ()
        self._verdicts: list[Tone] = []

    def play(self, options: dict[str, str | int]) -> None:
        """Run a drill until its summary, the end of input, or Ctrl-C.

        A person who names no topic is asked for one. A pipe isn't, so each of its lines is an
        answer; an empty pipe starts nothing.
        """
        self._console.print("Studyhall", style="bold")
        self._console.print(HOW_TO)
        try:
            if self._interactive:
                self._begin(options, tuple(self._list_choices("drill", "topic", "")))
            else:
                first = next(self._lines, None)
                if first is None:
                    self._console.print(START)
                    return
                self._push_back(first)
                self._send(Call("drill", options))
            for line in iter(lambda: next(self._lines, None), None):
                if line.strip().casefold() in typed.QUIT or not self._handle_line(line):
                    break
        except KeyboardInterrupt:
            self._console.print()
        self._finish()

    def _begin(self, options: dict[str, str | int], scopes: tuple[Choice, ...]) -> None:
        """Start a drill; ask for a topic until there's one with questions."""
        if options.get("topic"):
            self._send(Call("drill", options))
        while self._question is None:
            scope = self._ask_topic(scopes)
            if scope is None or scope.casefold() in typed.QUIT:
                return
            self._send(Call("drill", options | {"topic": scope}))

    def _ask_topic(self, scopes: tuple[Choice, ...]) -> str | None:
        """Ask what to practice; None at the end of input."""
        self._print_rule()
        self._console.print("What would you like to practice?", style="bold")
        labels = (f"{scope.label} ({scope.note})" for scope in scopes)
        self._console.print(render_numbered(labels, self._console, plain=self._plain))
        self._console.print("Type a number or part of a topic, or press Enter for everything")
        self._prompt = Prompt(complete=self._complete_command, eager=True)
        line = next(self._lines, None)
        if line and 0 < (number := typed.read_number(line.strip())) <= len(scopes):
            return scopes[number - 1].value
        return line.strip() if line is not None else None

    def _handle_line(self, line: str) -> bool:
        """Act on a line, reading more lines if it opens a form. False when the run is over."""
        over = self._question is None
        if over and (not line.strip() or not self._interactive):
            return False
        if typed.says("again", line, self._shown) or not line.strip():
            if line.strip() or self._shown is not self._question:
                self._show_again()
            return True
        beside = self._find_beside()
        what = typed.read_line(line, self._shown, beside)
        buttons = (*typed.list_buttons(self._shown), *beside)
        if what is None and self._question is not None:
            self._console.print(NOT_AN_ANSWER)
            self._show_again()
        elif what is None:
            self._print_hints()
        elif isinstance(what, Press) and typed.opens_shown_form(what, buttons):
            self._fill_in_form(what)
        elif self._question is None or not typed.starts_drill(what) or self._drops_drill():
            self._send(what)
        return True

    def _find_beside(self) -> tuple[Button, ...]:
        """The buttons that work besides those of the screen shown last."""
        screens = (each for each in (self._question, self._list) if each is not self._shown)
        buttons = (button for each in screens if each for button in typed.list_buttons(each))
        return (*buttons, *self._side_buttons)

    def _drops_drill(self) -> bool:
        """Ask whether a new drill may end the running one."""
        self._console.print(DROP.format(_name_question(self._question)))
        self._prompt = Prompt("yes or no> ")
        line = next(self._lines, "")
        if typed.read_yes_no(line):
            return True
        if not self._interactive and typed.read_yes_no(line) is None:
            self._push_back(line)
        self._show_again()
        return False

    def _push_back(self, line: str) -> None:
        self._lines = chain((line,), self._lines)

    def _fill_in_form(self, press: Press) -> None:
        """Ask for the fields of a press's form, then send the press with them."""
        opened = self._open_form(self._event(press))
        if isinstance(opened, Reply):
            self._show(opened, press)
            return
        self._print_subject(press)
        self._prompt = Prompt()
        if fields := forms.fill_in(opened, self._lines, self._console, plain=self._plain):
            self._send(replace(press, fields=fields))
        else:
            self._show_again()

    def _finish(self) -> None:
        """End a running drill, to show its summary."""
        for button in typed.list_buttons(self._question or Screen()):
            if button.style == "danger":
                self._send(Press(button.action))

    def _send(self, what: Call | Press, *, goes_on: bool = False) -> None:
        self._show(self._handle(self._event(what)), what, goes_on=goes_on)

    def _event(self, what: Call | Press) -> Event:
        return Event(self._actor, self._place, what)

    def _show(self, reply: Reply, what: Call | Press, *, goes_on: bool = False) -> None:
        """Print the reply to an event, and what can be typed next. It's about the question that
        waits if the event `goes_on` from it or used its controls."""
        screen, question = reply.screen, self._question
        own = goes_on or (question is not None and typed.has_control(question, what))
        buttons = typed.list_buttons(screen)
        onward = next((button for button in buttons if button.is_next), None)
        listed = self._interactive and bool(buttons)
        # Before printing, which can be interrupted.
        if typed.awaits_answer(screen):
            if typed.starts_drill(what):
                self._verdicts.clear()
            self._question = self._shown = screen
        elif own and reply.updates and not onward:
            self._question, self._shown = None, screen
        elif listed and not onward:
            self._shown = self._list = screen
        self._print_rule()
        self._print_subject(what)
        self._print(screen, listed=listed)
        if reply.file:
            self._save(Path(reply.file.name), reply.file.content)
        if onward:
            self._verdicts.append(screen.tone)
            self._answered = question or Screen()
            # Earlier output stays visible in a terminal, so there's no need to wait.
            self._side_buttons = tuple(button for button in buttons if button is not onward)
            self._send(Press(onward.action), goes_on=True)
        elif question is not None and question is self._question and not (own or listed):
            self._show_again()
        else:
            self._print_hints()

    def _show_again(self) -> None:
        """Print what a line was meant for before something else was shown."""
        self._shown = self._question or self._shown
        self._print_rule()
        self._print(self._shown, listed=True)
        self._print_hints()

    def _print(self, screen: Screen, *, listed: bool) -> None:
        shown = render(screen, self._console, beside=not listed, plain=self._plain)
        self._console.print(shown, crop=False)

    def _print_rule(self) -> None:
        self._console.print("" if self._plain else Rule(style="none"))

    def _print_subject(self, what: Call | Press) -> None:
        """Say which question the press is about, if it's about an earlier one."""
        if isinstance(what, Press) and what.action in {each.action for each in self._side_buttons}:
            stem = next(typed.list_paragraphs(self._answered), "")
            about = Text(f"About {_name_question(self._answered)}: ")
            about += render_line(stem, self._console, plain=self._plain)
            about.truncate(self._console.width, overflow="ellipsis")
            self._console.print(about)

    def _print_hints(self) -> None:
        """Say what can be typed, and set up the prompt for it."""
        self._prompt = self._make_prompt()
        question, over = self._question, self._question is None
        if over and not (self._interactive and self._shown.controls):
            return
        hints = typed.format_hints(self._shown, ())
        if question is not None and self._shown is not question:
            hints += f", or again for {_name_question(question)}"
        self._console.print(hints)
        if self._side_buttons and not over:
            words = typed.buttons_by_word(Screen(), self._side_buttons)
            listed = ", ".join(f"/{word}" for word in words)
            self._console.print(f"About {_name_question(self._answered)}: {listed}")

    def _make_prompt(self) -> Prompt:
        question, numbered = self._question, len(typed.list_buttons(self._shown))
        if question is None or self._shown is not question:
            text = f"1-{numbered}> " if numbered > 1 else "> "
        else:
            text = f"{_name_question(question)}> "
        place, _, scope = question.title.partition(" · ") if question else ("", "", "")
        right = sum(tone is Tone.RIGHT for tone in self._verdicts)
        bar = f"{place} · {right} of {len(self._verdicts)} right · {scope}" if place else ""
        return Prompt(text, bar, self._complete_line)

    def _save(self, path: Path, content: bytes) -> None:
        try:
            path.write_bytes(content)
        except OSError as problem:
            self._console.print(
                f"Can't save {path.resolve()}: {problem.strerror}. "
                "Start Studyhall in a folder where you can save files.",
                soft_wrap=True,
            )
        else:
            self._console.print(f"Saved to {path.resolve()}", soft_wrap=True)

    def _complete_line(self, line: str) -> Iterable[Choice]:
        """Commands after a slash, else the words that do something now."""
        if line.startswith("/"):
            return self._complete_command(line)
        named = typed.buttons_by_word(self._shown, self._find_beside())
        words = [Choice(word, word, button.label) for word, button in named.items()]
        words += [Choice(word, word) for word in ("again", "help", "next") if word not in named]
        return [each for each in words if each.value.startswith(line.casefold())]

    def _complete_command(self, line: str) -> Iterable[Choice]:
        works_here = [each for each in LISTED.values() if each.fits(self._place)]
        return typed.complete_line(line, self._list_choices, works_here)

    def _list_choices(self, command: str, option: str, text: str) -> Iterable[Choice]:
        return self._complete(self._event(Call(command, {})), option, text)


def _name_question(screen: Screen | None) -> str:
    """A question's name within a sentence: its title without what follows its number."""
    title = screen.title if screen else ""
    return title.partition(" of ")[0].replace("Question", "question")
