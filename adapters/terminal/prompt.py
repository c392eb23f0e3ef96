"""Reads lines: with a menu and a bar where a terminal can show them, plainly anywhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.text import Text

from bot.engine.screens import Choice

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession


MENU_ROWS = 6
"""Rows kept free below the prompt."""

NOTE_COLUMNS = 20
"""Columns of the menu kept free for notes."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What's around the line being typed: the text before it, a bar at the bottom, and what it can
    become. A menu of that opens by itself for commands, and for everything if it's `eager`."""

    text: str = "> "
    bar: str = ""
    complete: Callable[[str], Iterable[Choice]] = lambda _: ()
    eager: bool = False


def read_lines(
    source: TextIO, console: Console, show: Callable[[], Prompt], *, plain: bool
) -> Iterator[str]:
    """The typed lines until the end of input, each at the prompt that's current by then."""
    if not source.isatty():
        yield from (line.rstrip("\r\n") for line in source)
        return
    cursor_moves = console.is_terminal and not console.is_dumb_terminal and not plain
    session = _start_session(show, console) if cursor_moves else None
    while True:
        try:
            yield _ask(session) if session else input(show().text)
        except EOFError:
            console.print()
            return


def _start_session(show: Callable[[], Prompt], console: Console) -> PromptSession[str]:
    # Imported here, since a pipe needs none of it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.buffer import CompletionState
    from prompt_toolkit.completion import CompleteEvent, Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    class Suggestions(Completer):
        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            line = document.text_before_cursor
            for each in show().complete(line):
                label = Text(each.label)
                label.truncate(console.width - NOTE_COLUMNS, overflow="ellipsis")
                yield Completion(each.value, -len(line), label.plain, each.note)

    suggestions, keys = Suggestions(), KeyBindings()

    @keys.add("tab")
    def complete(event: KeyPressEvent) -> None:
        """Take the first suggestion, or the next one, even before the menu is there."""
        buffer = event.current_buffer
        if not (buffer.complete_state and buffer.complete_state.completions):
            look_up = partial(suggestions.get_completions, buffer.document, CompleteEvent())
            with ThreadPoolExecutor(1) as thread:
                found = thread.submit(lambda: list(look_up())).result()
            buffer.complete_state = CompletionState(buffer.document, found) if found else None
        buffer.complete_next()

    session = PromptSession[str](
        # The color makes the text's last space be written, too, for programs that wait for it.
        lambda: [("bold fg:ansidefault", show().text)],
        completer=suggestions,
        key_bindings=keys,
        complete_in_thread=True,
        complete_while_typing=Condition(
            lambda: show().eager or get_app().current_buffer.text.startswith("/")
        ),
        bottom_toolbar=lambda: show().bar or None,
        reserve_space_for_menu=MENU_ROWS,
    )
    # Where nothing says where the cursor is, there's no bar. That's not worth a warning.
    session.app.renderer.cpr_not_supported_callback = None
    return session


def _ask(session: PromptSession[str]) -> str:
    from prompt_toolkit.renderer import CPR_Support

    line = session.prompt()
    renderer = session.app.renderer
    if renderer.cpr_support is CPR_Support.UNKNOWN:
        # Asking again would hold up each line for a second.
        renderer.cpr_support = CPR_Support.NOT_SUPPORTED
    return line
