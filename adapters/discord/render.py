"""Screens as Discord's messages: embeds within their limits, and components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from discord import Colour, Embed, ui

from adapters.discord.controls import view_of
from adapters.discord.markdown import (
    MARK,
    Block,
    CommandIds,
    Line,
    escaped,
    fitted,
    pages,
    shortened,
)
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Choice,
    Code,
    Match,
    Pick,
    Screen,
    Table,
    Tone,
    split_lines,
)

TITLE, DESCRIPTION, VALUE, TOTAL = 256, 4096, 1024, 6000
"""Characters of an embed's parts, and of all embeds of a message together. Source: Discord's
documentation, "Embed Limits"."""

NOTE = 1024
"""A note has at most so much of the description."""

INLINE = 40
"""A field at most so long stands beside others."""

COLOURS = {
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
        title=shortened(escaped(screen.title), TITLE) or None, colour=COLOURS[screen.tone]
    )
    for name, value in screen.fields:
        text = fitted(value, commands, VALUE)
        embed.add_field(name=escaped(name), value=text, inline=len(text) <= INLINE)
    # Not as a footer, in which nothing can be mentioned.
    note = "".join(f"\n-# {line}" for line in fitted(screen.note, commands, NOTE).splitlines())
    room = min(DESCRIPTION, TOTAL - len(embed)) - len(note) - len(MARK)
    first, *rest = pages(_lines(screen), room, DESCRIPTION, commands)
    if alone and rest:
        first, rest = first + MARK, []
    embed.description = f"{first}{note}".lstrip("\n") or None
    more = tuple(Embed(description=page, colour=COLOURS[screen.tone]) for page in rest)
    return Message(embed, view_of(screen.controls), more)


def _lines(screen: Screen) -> Iterator[Line | Block]:
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
                yield from map(Line, split_lines(part))
    for control in screen.controls:
        match control:
            case Pick(choices=choices, lettered=True) | Arrange(choices=choices):
                yield Line("")
                yield from _lettered(choices)
            case Match(lefts=lefts, choices=choices):
                yield Line("")
                yield from (Line(left, f"**{n}.** ") for n, left in enumerate(lefts, 1))
                yield Line("")
                yield from _lettered(choices)
            case _:
                pass
    if screen.spoiler:
        yield Line("")
        yield from (Line(text, "||", "||") for text in screen.spoiler)


def _lettered(choices: Iterable[Choice]) -> Iterator[Line]:
    for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
        yield Line(choice.label, f"**{letter}.** ")
