"""Screens as lines of text: coloured where the terminal can, whole without colour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from textwrap import indent

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from adapters.typed import asks, buttons
from bot.engine.lines import format_line
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Code,
    Control,
    Link,
    Match,
    Part,
    Pick,
    Screen,
    Table,
    Tone,
    format_text,
)
from bot.engine.screens import Text as ScreenText

TONES = {
    Tone.PLAIN: ("", "bold"),
    Tone.RIGHT: ("✔ ", "bold green"),
    Tone.PARTLY: ("◐ ", "bold yellow"),
    Tone.WRONG: ("✘ ", "bold red"),
    Tone.PROBLEM: ("! ", "yellow"),
}
TAB = 4
"""Columns of a tab, and before code."""


def render(screen: Screen, console: Console, *, beside: bool = False) -> RenderableType:
    """The whole screen; `beside` a question, or where nothing can be pressed,
    its buttons are not listed."""
    sign, style = TONES[screen.tone]
    parts: list[RenderableType] = []
    if screen.title:
        parts.append(Text(sign + clean(screen.title), style=style))
        sign = ""
    if asks(screen):
        values = " · ".join(clean(plain(value)) for _, value in screen.fields)
        parts += [Text(values, style="dim"), ""]
    parts += [_part(part, sign, console) for part in screen.text]
    parts += [_marked(text, console) for text in screen.spoiler]
    if asks(screen):
        parts.append("")
    if screen.fields and not asks(screen):
        parts.append(_fields(screen.fields, console))
    for control in screen.controls:
        parts += _control(control, console)
    shown = buttons(screen)
    if shown and not beside and not asks(screen) and not any(b.is_next for b in shown):
        parts.append(numbered((button.label for button in shown), console))
    if screen.note:
        parts.append(_marked(plain(screen.note), console, style="dim"))
    return Group(*parts)


def _part(part: Part, sign: str, console: Console) -> RenderableType:
    match part:
        case Table():
            return _table(part)
        case Code(text):
            # A wrapped line could not be copied.
            code = indent(clean(text.expandtabs(TAB)), " " * TAB)
            return Text(code, no_wrap=True, overflow="ignore")
        case _:
            return _marked(sign + plain(part), console)


def plain(text: ScreenText) -> str:
    """The line with names, with times by the clock of this machine, and with commands as code."""
    return format_text(
        text,
        lambda who: who.name,
        lambda when: f"{when.at.astimezone():%A %d %B, %H:%M}",
        lambda say: f"`/{format_line(say)}`",
    )


def numbered(labels: Iterable[str], console: Console) -> RenderableType:
    """Things to choose from by number."""
    return _list(map(str, count(1)), labels, console)


def _control(control: Control, console: Console) -> Iterator[RenderableType]:
    match control:
        case Pick(choices=choices) | Arrange(choices=choices):
            yield _list(OPTION_LETTERS, (choice.label for choice in choices), console)
        case Match(lefts=lefts, choices=choices):
            yield numbered(lefts, console)
            yield Text("go with", style="dim")
            yield _list(OPTION_LETTERS, (choice.label for choice in choices), console)
        case Link(label=label, url=url):
            yield Text(f"{clean(label)}:", style="dim")
            # A wrapped address could not be clicked or copied.
            yield Text(clean(url), style="dim underline", no_wrap=True, overflow="ignore")
        case _:
            return


def _list(signs: Iterable[str], labels: Iterable[str], console: Console) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    for sign, label in zip(signs, labels, strict=False):
        grid.add_row(Text(f"{sign})", style="bold"), _marked(label, console))
    return Padding(grid, (0, 0, 0, 2))


def _fields(fields: Iterable[tuple[str, ScreenText]], console: Console) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    for name, value in fields:
        grid.add_row(Text(f"{clean(name)}:", style="dim"), _marked(plain(value), console))
    return Padding(grid, (0, 0, 0, 2))


def _table(table: Table) -> RenderableType:
    headings, *rows = table.rows
    grid = Grid(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(Text(clean(plain(heading))))
    for row in rows:
        grid.add_row(*(Text(clean(plain(cell))) for cell in row))
    return grid


def _marked(text: str, console: Console, style: str = "") -> Text:
    """The text with its code picked out; where there is no colour the backticks stay."""
    coloured = console.color_system is not None and not console.no_color
    result = Text(style=style)
    for part in re.split(r"(`[^`\n]+`)", clean(text)):
        if coloured and part.startswith("`"):
            result.append(part.strip("`"), style="bold cyan")
        else:
            result.append(part)
    return result


def clean(text: str) -> str:
    """The text without control characters, which could take over a terminal."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
