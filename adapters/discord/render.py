"""Screens as Discord's messages: embeds within their limits, and components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from discord import Colour, Embed, ui

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
    LETTERS,
    Arrange,
    Choice,
    Code,
    Match,
    Pick,
    Screen,
    Table,
    Tone,
    lines_of,
)

MAX_TITLE, MAX_DESCRIPTION, MAX_FIELD_VALUE, MAX_EMBEDS_TOTAL = 256, 4096, 1024, 6000
"""Characters of an embed's parts, and of all embeds of a message together. Source: Discord's
documentation, "Embed Limits"."""

MAX_NOTE = 1024
"""A note has at most so much of the description."""

MAX_INLINE_VALUE = 40
"""A field at most so long stands beside others."""

COLORS = {
    Tone.PLAIN: Colour.blurple(),
    Tone.RIGHT: Colour.green(),
    Tone.PARTLY: Colour.gold(),
    Tone.WRONG: Colour.red(),
    Tone.PROBLEM: Colour.orange(),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A screen as one message with its components, and what of its text did not fit into it."""

    embed: Embed
    view: ui.View | None
    more: tuple[Embed, ...] = ()


def render(screen: Screen, commands: CommandIds, *, alone: bool = False) -> Message:
    """The screen as a message, with as many messages after it as its text needs; `alone` where
    there can be none, so that the text ends with a mark. The note stays with the controls."""
    embed = Embed(
        title=shorten(escape(screen.title), MAX_TITLE) or None, colour=COLORS[screen.tone]
    )
    for name, value in screen.fields:
        text = fit(value, commands, MAX_FIELD_VALUE)
        embed.add_field(name=escape(name), value=text, inline=len(text) <= MAX_INLINE_VALUE)
    # Not as a footer, in which nothing can be mentioned.
    note = "".join(f"\n-# {line}" for line in fit(screen.note, commands, MAX_NOTE).splitlines())
    room = min(MAX_DESCRIPTION, MAX_EMBEDS_TOTAL - len(embed)) - len(note) - len(ELLIPSIS)
    first, *rest = paginate(_format_lines(screen), room, MAX_DESCRIPTION, commands)
    if alone and rest:
        first, rest = first + ELLIPSIS, []
    embed.description = f"{first}{note}".lstrip("\n") or None
    more = tuple(Embed(description=page, colour=COLORS[screen.tone]) for page in rest)
    return Message(embed, build_view(screen.controls), more)


def _format_lines(screen: Screen) -> Iterator[Line | Block]:
    """All that is read from top to bottom."""
    for place, part in enumerate(screen.text):
        if place:
            yield Line("")
        match part:
            case Code():
                yield Block(part)
            case Table():
                yield from (Line(line, f"**{row}.** ") for row, line in part.lines())
            case _:
                yield from map(Line, lines_of(part))
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
    for letter, choice in zip(LETTERS, choices, strict=False):
        yield Line(choice.label, f"**{letter}.** ")
