"""Renders screens as Discord messages: embeds with components, or layouts of components alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from discord import AllowedMentions, Color, Embed, File, ui

from adapters.discord.controls import (
    arrange_rows,
    build_option_buttons,
    build_view,
    is_lettered,
    says_options,
)
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
from adapters.discord.uploads import Upload
from bot.engine.screens import (
    OPTION_LETTERS,
    PHONE_COLUMNS,
    Arrange,
    Bars,
    Bullets,
    Choice,
    Code,
    Entry,
    Grid,
    Match,
    Pick,
    Screen,
    Table,
    Tone,
    split_lines,
)

MAX_TITLE, MAX_DESCRIPTION, MAX_EMBEDS_TOTAL = 256, 4096, 6000
"""Characters in an embed's parts, and in all embeds of a message. Source: Discord's documentation,
"Embed Limits"."""

MAX_LAYOUT, MAX_PARTS = 4000, 40
"""Characters in all texts of a layout, and components, with those inside others. Source: Discord's
documentation, "Component Reference"."""

PARTS_PER_OPTION, PARTS_PER_CONTROL, OTHER_PARTS = 3, 2, 8
"""Components: a section with its text and button; at most a row with its button; and the container,
two texts, a separator, a picture and a file, with some to spare."""

MAX_BESIDE = 2000
"""Characters of the options and fields that a layout shows as such; more become text, which may
continue in another message."""

MAX_NOTE = 1024
"""Characters of the description that a note may take."""

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


@dataclass(frozen=True, slots=True)
class Layout:
    """A screen as a message of components alone, and more of them for the text that didn't fit."""

    view: ui.LayoutView
    more: tuple[ui.LayoutView, ...] = ()


def render(screen: Screen, commands: CommandIds, *, single: bool = False) -> Message:
    """Render a screen as a message, followed by as many as its text needs. `single` allows no
    others: the text is cut and ends with an ellipsis. The note stays with the controls."""
    embed = Embed(title=shorten(escape(screen.title), MAX_TITLE) or None, color=COLORS[screen.tone])
    note = _format_note(screen, commands)
    room = min(MAX_DESCRIPTION, MAX_EMBEDS_TOTAL - len(embed)) - len(note)
    lines = (*_format_text(screen), *_format_options(screen), *_format_below(screen))
    first, rest = _split(lines, room, MAX_DESCRIPTION, commands, single=single)
    embed.description = f"{first}{note}".lstrip("\n") or None
    more = tuple(Embed(description=page, color=COLORS[screen.tone]) for page in rest)
    return Message(embed, build_view(screen.all_controls), more)


def lay_out(
    screen: Screen, commands: CommandIds, *, single: bool = False, uploads: Sequence[Upload] = ()
) -> Layout:
    """Render a screen as a layout, as `render` does: each option beside its button, pictures and
    files where Discord shows them, and the other controls at the end."""
    title = f"### {shorten(escape(screen.title), MAX_TITLE)}\n" if screen.title else ""
    note = _format_note(screen, commands)
    sections, below = _build_sections(screen), ""
    if sections:
        below = "\n".join(paginate(_format_below(screen), MAX_LAYOUT, MAX_LAYOUT, commands))
    taken = len(below) + sum(section.content_length() for section in sections)
    if taken > MAX_BESIDE:
        sections, below, taken = [], "", 0
    lines = [*_format_text(screen)]
    if not sections:
        lines += (*_format_options(screen), *_format_below(screen))
    room = MAX_LAYOUT - len(title) - len(note) - taken
    first, rest = _split(lines, room, MAX_LAYOUT, commands, single=single)
    top, bottom = f"{title}{first}", f"{below}{note}"
    if not sections:
        top, bottom = f"{top}{bottom}", ""
    rows = arrange_rows(each for each in screen.controls if not (sections and is_lettered(each)))
    items: list[ui.Item[Any]] = [
        *_build_text(top),
        *sections,
        *_build_text(bottom),
        *(each.component() for each in uploads),
    ]
    if items and rows:
        items.append(ui.Separator())
    items += (ui.ActionRow(*row) for row in rows)
    color = COLORS[screen.tone]
    return Layout(
        _build_layout(items, color),
        tuple(_build_layout(_build_text(page), color) for page in rest),
    )


def replace_with(view: ui.LayoutView, files: Sequence[File] = ()) -> dict[str, Any]:
    """The parameters of an edit that turns any message into a layout. A layout has nothing beside
    its components, so all else is removed; and it stays one. Its texts could notify people."""
    return {
        "content": None,
        "embeds": [],
        "attachments": [*files],
        "view": view,
        "allowed_mentions": AllowedMentions.none(),
    }


def _split(
    lines: Iterable[Line | Block], first: int, other: int, commands: CommandIds, *, single: bool
) -> tuple[str, list[str]]:
    """The text that fits the first page, and other pages; a `single` page is cut."""
    page, *rest = paginate(lines, first - len(ELLIPSIS), other, commands)
    return (page + ELLIPSIS, []) if single and rest else (page, rest)


def _build_text(text: str) -> list[ui.Item[Any]]:
    text = text.strip("\n")
    return [ui.TextDisplay(text)] if text else []


def _build_layout(items: Iterable[ui.Item[Any]], color: Color) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*items, accent_color=color))
    view.stop()
    return view


def _build_sections(screen: Screen) -> list[ui.Section[Any]]:
    """Each option with its button beside it; none if a message can't hold so many components."""
    picks = [each for each in screen.controls if is_lettered(each)]
    count = sum(PARTS_PER_OPTION * len(pick.choices) for pick in picks)
    if count + PARTS_PER_CONTROL * len(screen.controls) > MAX_PARTS - OTHER_PARTS:
        return []
    return [
        ui.Section(f"**{letter}.** {escape(choice.label)}", accessory=button)
        for pick in picks
        for letter, choice, button in zip(
            OPTION_LETTERS, pick.choices, build_option_buttons(pick, OPTION_LETTERS), strict=False
        )
    ]


def _format_note(screen: Screen, commands: CommandIds) -> str:
    """The note as small text. Not a footer of an embed: mentions don't work there."""
    return "".join(f"\n-# {line}" for line in fit(screen.note, commands, MAX_NOTE).splitlines())


def _format_text(screen: Screen) -> Iterator[Line | Block]:
    """The screen's paragraphs and other blocks."""
    for place, part in enumerate(screen.text):
        if place:
            yield Line("")
        match part:
            case Code():
                yield Block(part)
            case Table():
                yield from (Line(line, f"**{row}.** ") for row, line in part.lines())
            case Grid():
                if drawn := part.draw(PHONE_COLUMNS):
                    yield Block(Code(drawn))
                else:
                    yield from (Line(line, "- ") for line in part.lines())
            case Bullets(title, items):
                if title:
                    yield Line(title, "**", "**")
                yield from (Line(item, "- ") for item in items)
            case Bars():
                for letter, words, bar in part.lines():
                    yield Line(words, f"**{letter}.** " if letter else "")
                    yield Line(bar)
            case Entry(text):
                yield from map(Line, split_lines(text))
            case _:
                yield from map(Line, split_lines(part))


def _format_options(screen: Screen) -> Iterator[Line | Block]:
    """What can be chosen, by letter, unless the buttons say it."""
    for control in screen.controls:
        match control:
            case Pick(choices=choices, lettered=True) | Arrange(choices=choices):
                if isinstance(control, Pick) and says_options(control):
                    continue
                yield Line("")
                yield from _format_choices(choices)
            case Match(lefts=lefts, choices=choices):
                yield Line("")
                yield from (Line(left, f"**{n}.** ") for n, left in enumerate(lefts, 1))
                yield Line("")
                yield from _format_choices(choices)
            case _:
                pass


def _format_below(screen: Screen) -> Iterator[Line | Block]:
    """What's hidden until it's pressed, and the fields, each on its own line: in columns, a phone
    would show each name above its value."""
    if screen.spoiler:
        yield Line("")
        yield from (Line(text, "||", "||") for text in screen.spoiler)
    if screen.fields:
        yield Line("")
    for name, value in screen.fields:
        first, *others = split_lines(value)
        yield Line(first, f"**{escape(name)}:** ")
        yield from map(Line, others)


def _format_choices(choices: Iterable[Choice]) -> Iterator[Line]:
    for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
        yield Line(choice.label, f"**{letter}.** ")
