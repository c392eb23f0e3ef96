"""Renders screens as Discord messages: embeds within their limits, and components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from discord import Color, Embed, ui

from adapters.discord.controls import build_view
from adapters.discord.markdown import (
    ELLIPSIS,
    Block,
    CommandIds,
    Line,
    escape,
    fit,
    paginate,
    shorten,
)
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Choice,
    Code,
    Entry,
    Match,
    Pick,
    Screen,
    Table,
    Tone,
    split_lines,
)

MAX_TITLE, MAX_DESCRIPTION, MAX_FIELD_VALUE, MAX_EMBEDS_TOTAL = 256, 4096, 1024, 6000
"""Characters in an embed's parts, and in all embeds of a message. Source: Discord's documentation,
"Embed Limits"."""

MAX_NOTE = 1024
"""Characters of the description that a note may take."""

MAX_INLINE_VALUE = 40
"""Characters of a field that's shown beside others; a longer one gets a row of its own."""

COLORS = {
    Tone.PLAIN: Color.blurple(),
    Tone.RIGHT: Color.green(),
    Tone.PARTLY: Color.gold(),
    Tone.WRONG: Color.red(),
    Tone.PROBLEM: Color.orange(),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A screen as a message with its components, and embeds for the text that didn't fit."""

    embed: Embed
    view: ui.View | None
    more: tuple[Embed, ...] = ()


def render(screen: Screen, commands: CommandIds, *, single: bool = False) -> Message:
    """Render a screen as a message, followed by as many as its text needs. `single` allows no
    others: the text is cut and ends with an ellipsis. The note stays with the controls."""
    embed = Embed(title=shorten(escape(screen.title), MAX_TITLE) or None, color=COLORS[screen.tone])
    for name, value in screen.fields:
        text = fit(value, commands, MAX_FIELD_VALUE)
        embed.add_field(name=escape(name), value=text, inline=len(text) <= MAX_INLINE_VALUE)
    # Not a footer: mentions don't work there.
    note = "".join(f"\n-# {line}" for line in fit(screen.note, commands, MAX_NOTE).splitlines())
    room = min(MAX_DESCRIPTION, MAX_EMBEDS_TOTAL - len(embed)) - len(note) - len(ELLIPSIS)
    first, *rest = paginate(_format_lines(screen), room, MAX_DESCRIPTION, commands)
    if single and rest:
        first, rest = first + ELLIPSIS, []
    embed.description = f"{first}{note}".lstrip("\n") or None
    more = tuple(Embed(description=page, color=COLORS[screen.tone]) for page in rest)
    return Message(embed, build_view(screen.all_controls), more)


def _format_lines(screen: Screen) -> Iterator[Line | Block]:
    """The screen's lines, from top to bottom."""
    for place, part in enumerate(screen.text):
        if place:
            yield Line("")
        match part:
            case Code():
                yield Block(part)
            case Table():
                yield from (Line(line, f"**{row}.** ") for row, line in part.lines())
            case Entry(text):
                yield from map(Line, split_lines(text))
            case _:
                yield from map(Line, split_lines(part))
    for control in screen.controls:
        match control:
            case Pick(choices=choices, lettered=True) | Arrange(choices=choices):
                yield Line("")
                yield from _format_choices(choices)
            case Match(lefts=lefts, choices=choices):
                yield Line("")
                yield from (Line(left, f"**{n}.** ") for n, left in enumerate(lefts, 1))
                yield Line("")
                yield from _format_choices(choices)
            case _:
                pass
    if screen.spoiler:
        yield Line("")
        yield from (Line(text, "||", "||") for text in screen.spoiler)


def _format_choices(choices: Iterable[Choice]) -> Iterator[Line]:
    for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
        yield Line(choice.label, f"**{letter}.** ")
