"""Screens as lines of text: in color if the terminal can, and complete without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from textwrap import indent

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from adapters.typed import awaits_answer, list_buttons
from bot.engine.lines import format_line
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Code,
    Control,
    Entry,
    Link,
    Match,
    Part,
    Pick,
    Screen,
    Table,
    Tone,
    render_text,
)
from bot.engine.screens import Text as ScreenText

TONES = {
    Tone.PLAIN: ("", "bold"),
    Tone.RIGHT: ("✔ ", "bold green"),
    Tone.PARTLY: ("◐ ", "bold yellow"),
    Tone.WRONG: ("✘ ", "bold red"),
    Tone.PROBLEM: ("! ", "yellow"),
}
TAB_COLUMNS = 4
"""Width of a tab, and the indent of code."""


def render(screen: Screen, console: Console, *, beside: bool = False) -> RenderableType:
    """The whole screen. Buttons aren't listed `beside` a waiting question, or when nothing can be
    pressed."""
    sign, style = TONES[screen.tone]
    parts: list[RenderableType] = []
    if screen.title:
        parts.append(Text(sign + clean(screen.title), style=style))
        sign = ""
    if awaits_answer(screen):
        values = " · ".join(clean(to_plain_text(value)) for _, value in screen.fields)
        parts += [Text(values, style="dim"), ""]
    parts += [_render_part(part, sign, console) for part in screen.text]
    parts += [_mark_code(text, console) for text in screen.spoiler]
    if awaits_answer(screen):
        parts.append("")
    if screen.fields and not awaits_answer(screen):
        parts.append(_render_fields(screen.fields, console))
    for control in screen.controls:
        parts += _render_control(control, console)
    shown = list_buttons(screen)
    if shown and not beside and not awaits_answer(screen) and not any(b.is_next for b in shown):
        parts.append(render_numbered((button.label for button in shown), console))
    if screen.note:
        parts.append(_mark_code(to_plain_text(screen.note), console, style="dim"))
    return Group(*parts)


def _render_part(part: Part, sign: str, console: Console) -> RenderableType:
    match part:
        case Table():
            return _render_table(part)
        case Code(text):
            # Wrapped code couldn't be copied.
            code = indent(clean(text.expandtabs(TAB_COLUMNS)), " " * TAB_COLUMNS)
            return Text(code, no_wrap=True, overflow="ignore")
        case Entry(text):
            return _mark_code(sign + to_plain_text(text), console)
        case _:
            return _mark_code(sign + to_plain_text(part), console)


def to_plain_text(text: ScreenText) -> str:
    """The text with names, times in this machine's time zone, and commands as code."""
    return render_text(
        text,
        lambda who: who.name,
        lambda when: f"{when.at.astimezone():%A %d %B, %H:%M}",
        lambda say: f"`/{format_line(say)}`",
    )


def render_numbered(labels: Iterable[str], console: Console) -> RenderableType:
    """A numbered list to choose from."""
    return _render_list(map(str, count(1)), labels, console)


def _render_control(control: Control, console: Console) -> Iterator[RenderableType]:
    match control:
        case Pick(choices=choices) | Arrange(choices=choices):
            yield _render_list(OPTION_LETTERS, (choice.label for choice in choices), console)
        case Match(lefts=lefts, choices=choices):
            yield render_numbered(lefts, console)
            yield Text("go with", style="dim")
            yield _render_list(OPTION_LETTERS, (choice.label for choice in choices), console)
        case Link(label=label, url=url):
            yield Text(f"{clean(label)}:", style="dim")
            # A wrapped URL couldn't be clicked or copied.
            yield Text(clean(url), style="dim underline", no_wrap=True, overflow="ignore")
        case _:
            return


def _render_list(signs: Iterable[str], labels: Iterable[str], console: Console) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    for sign, label in zip(signs, labels, strict=False):
        grid.add_row(Text(f"{sign})", style="bold"), _mark_code(label, console))
    return Padding(grid, (0, 0, 0, 2))


def _render_fields(fields: Iterable[tuple[str, ScreenText]], console: Console) -> RenderableType:
    grid = Grid.grid(padding=(0, 1))
    for name, value in fields:
        grid.add_row(
            Text(f"{clean(name)}:", style="dim"), _mark_code(to_plain_text(value), console)
        )
    return Padding(grid, (0, 0, 0, 2))


def _render_table(table: Table) -> RenderableType:
    headings, *rows = table.rows
    grid = Grid(box=None, padding=(0, 2, 0, 0))
    for heading in headings:
        grid.add_column(Text(clean(to_plain_text(heading))))
    for row in rows:
        grid.add_row(*(Text(clean(to_plain_text(cell))) for cell in row))
    return grid


def _mark_code(text: str, console: Console, style: str = "") -> Text:
    """The text with its code highlighted; without color, the backticks stay."""
    colored = console.color_system is not None and not console.no_color
    result = Text(style=style)
    for part in re.split(r"(`[^`\n]+`)", clean(text)):
        if colored and part.startswith("`"):
            result.append(part.strip("`"), style="bold cyan")
        else:
            result.append(part)
    return result


def clean(text: str) -> str:
    """The text without control characters: they could control the terminal."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
