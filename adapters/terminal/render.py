"""Screens as lines of text: complete without color, on any background, and read aloud."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from textwrap import indent

from rich.console import Console, Group, RenderableType
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from adapters.typed import awaits_answer, list_buttons
from bot.engine.lines import format_line
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Bar,
    Bars,
    Bullets,
    Code,
    Control,
    Entry,
    Grid,
    Link,
    Match,
    Meter,
    Part,
    Pick,
    Screen,
    Table,
    Tone,
    list_lines,
    render_text,
    to_spans,
)
from bot.engine.screens import Text as ScreenText

TONES = {
    Tone.PLAIN: ("", ""),
    Tone.RIGHT: ("✔ ", "bold green"),
    Tone.PARTLY: ("◐ ", "bold magenta"),
    Tone.WRONG: ("✘ ", "bold red"),
    Tone.PROBLEM: ("! ", "bold red"),
}
"""Signs and their colors. Only a sign is colored: no color is readable on every background."""

INDENT = 2
TAB_COLUMNS = 4
"""Width of a tab, and the indent of code."""

MAX_NAME_COLUMNS = 24
"""A longer name of a field stands above its value."""

METER_COLUMNS = 20
METER_SIGNS, METER_REST = "█▒", "░"
"""What a meter's parts and the rest of it are drawn with."""

LINKING_TERMINALS = {
    "TERM_PROGRAM": {"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "rio"},
    "TERM": {"xterm-kitty", "xterm-ghostty", "alacritty", "foot", "wezterm", "contour"},
}
LINKING_VARIABLES = ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID")
FIRST_LINKING_VTE = 5000
"""The first version of GNOME's terminal widget with links. Source: its OSC 8 specification."""


def make_console(*, plain: bool = False) -> Console:
    """The console on standard output; a plain one has no color, bold or links."""
    return Console(
        color_system=None if plain else "auto", highlight=False, markup=False, emoji=False
    )


def supports_links(console: Console, env: Mapping[str, str] = os.environ) -> bool:
    """Whether a terminal is known to show hyperlinks; others would hide the address."""
    if console.color_system is None or console.is_dumb_terminal:
        return False
    if forced := env.get("FORCE_HYPERLINK"):
        return forced != "0"
    # A multiplexer passes on the outer terminal's variables, but not always its links.
    if "TMUX" in env or "STY" in env:
        return False
    vte = env.get("VTE_VERSION", "")
    return (
        any(env.get(name) in known for name, known in LINKING_TERMINALS.items())
        or any(name in env for name in LINKING_VARIABLES)
        or (vte.isdecimal() and int(vte) >= FIRST_LINKING_VTE)
    )


def render(
    screen: Screen, console: Console, *, beside: bool = False, plain: bool = False
) -> RenderableType:
    """The whole screen. Buttons aren't listed `beside` a waiting question, or when nothing can be
    pressed. A `plain` one is for screen readers: words only, each line from its start."""
    return Group(*_Renderer(console, plain).render(screen, beside=beside))


def render_numbered(
    labels: Iterable[str], console: Console, *, plain: bool = False
) -> RenderableType:
    """A numbered list to choose from."""
    return _Renderer(console, plain).render_list(map(str, count(1)), labels)


def render_line(text: ScreenText, console: Console, *, plain: bool = False) -> Text:
    """A text in one line, however long."""
    words = " ".join(to_plain_text(text, plain=plain).split())
    return _Renderer(console, plain).mark_code(words)


@dataclass(frozen=True, slots=True)
class _Renderer:
    console: Console
    plain: bool

    def render(self, screen: Screen, *, beside: bool) -> Iterator[RenderableType]:
        asks = awaits_answer(screen)
        sign, color = TONES[screen.tone]
        mark = Text(sign, color)
        if self.plain:
            mark = Text("Problem: " if screen.tone is Tone.PROBLEM else "")
        if screen.title:
            title = self._words(clean(screen.title))
            yield Text.assemble(mark, (title, "bold"))
            mark = Text()
        if asks:
            yield Text(self._words(" · ".join(self._text(value) for _, value in screen.fields)))
            yield from self._gap()
        for part in screen.text:
            yield self._render_part(part, mark)
            mark = Text()
        yield from (self.mark_code(text) for text in screen.spoiler)
        if asks:
            yield from self._gap()
        elif screen.fields:
            yield from self._render_fields(screen.fields)
        for control in screen.controls:
            yield from self._render_control(control)
        shown = list_buttons(screen)
        if shown and not beside and not asks and not any(button.is_next for button in shown):
            yield self.render_list(map(str, count(1)), (button.label for button in shown))
        if screen.note:
            yield self.mark_code(self._text(screen.note))

    def render_list(self, signs: Iterable[str], labels: Iterable[str]) -> RenderableType:
        return Group(
            *(
                self._hang(Text(f"{sign}) ", "bold"), self.mark_code(label))
                for sign, label in zip(signs, labels, strict=False)
            )
        )

    def _gap(self) -> Iterator[RenderableType]:
        if not self.plain:
            yield ""

    def _words(self, text: str) -> str:
        return text.replace(" · ", ", ") if self.plain else text

    def _text(self, text: ScreenText) -> str:
        return clean(to_plain_text(text, plain=self.plain))

    def _render_part(self, part: Part, mark: Text) -> RenderableType:
        match part:
            case Table() | Grid() if self.plain:
                lines = (self._text(line) for line in list_lines(part))
                return Text("\n".join(map(self._words, lines)))
            case Grid(head, rows):
                return self._render_table(head, rows)
            case Table(rows):
                return self._render_table(rows[0], rows[1:])
            case Code() if self.plain:
                lines = (self._text(line) for line in list_lines(part))
                return Text("\n".join(lines), no_wrap=True, overflow="ignore")
            case Code(text):
                # Wrapped code couldn't be copied.
                code = indent(clean(text.strip("\n")), " " * TAB_COLUMNS)
                return Text(code, no_wrap=True, overflow="ignore")
            case Bullets(title, items):
                listed = (self._hang(Text("• "), self.mark_code(item)) for item in items)
                headed = (Text(f"{clean(title)}:", "bold"),) if title else ()
                return Group(*headed, *listed)
            case Bars(bars):
                return Group(*(line for bar in bars for line in self._render_bar(bar)))
            case Entry(text):
                return mark + self.mark_code(self._text(text))
            case _:
                return mark + self.mark_code(self._text(part))

    def _render_bar(self, bar: Bar) -> Iterator[RenderableType]:
        label = Text(f"{bar.place}) " if bar.place else "", "bold")
        yield self._hang(label, self.mark_code(self._words(f"{bar.label} · {bar.note}")))
        if not self.plain:
            drawn = _draw_meter(Meter(bar.parts, bar.total)).rstrip()
            yield self._hang(Text(" " * len(label)), Text(drawn))

    def _render_control(self, control: Control) -> Iterator[RenderableType]:
        match control:
            case Pick(choices=choices) | Arrange(choices=choices):
                yield self.render_list(OPTION_LETTERS, (choice.label for choice in choices))
            case Match(lefts=lefts, choices=choices):
                yield self.render_list(map(str, count(1)), lefts)
                yield Text("go with")
                yield self.render_list(OPTION_LETTERS, (choice.label for choice in choices))
            case Link(label=label, url=url) if not self.plain and supports_links(self.console):
                yield Text(clean(label), Style(underline=True, link=clean(url)))
            case Link(label=label, url=url):
                yield Text(f"{clean(label)}:")
                # A wrapped URL couldn't be clicked or copied.
                yield Text(clean(url), no_wrap=True, overflow="ignore")
            case _:
                return

    def _render_fields(self, fields: Iterable[tuple[str, ScreenText]]) -> Iterator[RenderableType]:
        fields = [(clean(name), value) for name, value in fields]
        beside = [name for name, value in fields if not _stands_above(name, value)]
        width = max(map(len, beside), default=0) + len(": ")
        for name, value in fields:
            text = self.mark_code(self._text(value))
            if self.plain or not _stands_above(name, value):
                label = Text(f"{name}: ")
                label.pad_right(0 if self.plain else width - len(label))
                yield self._hang(label, text)
            else:
                yield self._hang(Text(), Text(name))
                yield self._hang(Text(), text)

    def _render_table(
        self, headings: Iterable[ScreenText], rows: Iterable[Sequence[ScreenText]]
    ) -> RenderableType:
        table = RichTable(box=None, padding=(0, 2, 0, 0))
        for heading in headings:
            table.add_column(self.mark_code(self._text(heading)))
        for row in rows:
            table.add_row(*(self.mark_code(self._text(cell)) for cell in row))
        return table

    def _hang(self, label: Text, text: Text) -> Text:
        """The text after its label, with further lines below the first."""
        if self.plain:
            return label + text
        before = INDENT + label.cell_len
        lines = text.wrap(self.console, max(self.console.width - before, METER_COLUMNS))
        for line in lines:
            line.rstrip()
        return Text.assemble(" " * INDENT, label, Text(f"\n{' ' * before}").join(lines))

    def mark_code(self, text: str) -> Text:
        """The text with its code in bold; where nothing is bold, the backticks stay."""
        styled = self.console.color_system is not None and not self.console.no_color
        result = Text()
        for part in re.split(r"(`[^`\n]+`)", clean(text)):
            if styled and part.startswith("`"):
                result.append(part.strip("`"), style="bold")
            else:
                result.append(part)
        return result


def _stands_above(name: str, value: ScreenText) -> bool:
    return len(name) > MAX_NAME_COLUMNS or any(isinstance(span, Meter) for span in to_spans(value))


def to_plain_text(text: ScreenText, *, plain: bool = False) -> str:
    """The text with names, times in this machine's time zone, commands as code, and meters."""
    return render_text(
        text,
        lambda who: who.name,
        lambda when: f"{when.at.astimezone():%a %d %b, %H:%M}",
        lambda say: f"`/{format_line(say)}`",
        meter=(lambda _: "") if plain else _draw_meter,
    )


def _draw_meter(meter: Meter) -> str:
    ends = [
        round(METER_COLUMNS * sum(meter.parts[: place + 1]) / max(meter.whole, 1))
        for place in range(len(meter.parts))
    ]
    widths = (end - start for start, end in zip((0, *ends), (*ends, METER_COLUMNS), strict=True))
    signs = METER_SIGNS[: len(meter.parts)] + METER_REST
    return "".join(sign * width for sign, width in zip(signs, widths, strict=True)) + " "


def clean(text: str) -> str:
    """The text without control characters: they could control the terminal."""
    text = text.expandtabs(TAB_COLUMNS)
    return "".join(char for char in text if char.isprintable() or char == "\n")
