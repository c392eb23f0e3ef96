"""Screens as Slack's Block Kit, within its limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeVar, cast

from adapters.slack.mrkdwn import MARK, cut, escaped, plain, sections, shortened, shown
from bot.engine.actions import add_choice
from bot.engine.commands import opens_form
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Button,
    Choice,
    ChooseChannel,
    Code,
    Control,
    Link,
    Match,
    Open,
    Part,
    Pick,
    Screen,
    Search,
    Table,
    Tone,
    Write,
    split_lines,
)

Json = dict[str, Any]

HEADER, SECTION, BUTTON, OPTION, BLOCKS = 150, 3000, 75, 75, 50
"""Characters of a header, a section, a button and an option, and blocks of a message.
Source: Slack's documentation, "Block Kit reference"."""

TOTAL = 11_000
"""Characters of all blocks of a message together, as JSON. Slack's documentation has no such limit,
but more than about 12,000 are refused as `msg_blocks_too_long`."""

INLINE = 300
"""A field at most so long stands beside others."""

FORM = 1200
"""Characters of all options of a form's selections together; each is written out above them."""

FALLBACK = 3000
"""Characters of the text that stands for the blocks: in notifications, and read aloud."""

ALT = 2000
"""Characters that describe a picture. Source: Slack's documentation, "Image block"."""

FIELDS, IN_ROW, CONTROL_BLOCKS = 10, 5, 12
ASK, SUBMIT, PART, CALL = "ask|", "submit|", "part|", "call|"
"""Begin the action ids of a button that opens a modal, of one that sends a form, of the parts of a
form, and of a button that calls a command."""

SEARCH, CHANNEL = "external_select", "conversations_select"
"""Elements that call a command: with an option, in which case both are in its action id
(`topic|drill`), or as if in a channel, in which case its action id is the command's name."""

SIGNS = {
    Tone.RIGHT: ":white_check_mark: ",
    Tone.PARTLY: ":large_orange_circle: ",
    Tone.WRONG: ":x: ",
    Tone.PROBLEM: ":warning: ",
}
T = TypeVar("T")
_STYLES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True, slots=True)
class Message:
    """A screen as blocks, with the text that stands for them where they can't be shown, and what
    of it did not fit into one message."""

    text: str
    blocks: list[Json]
    more: tuple[Message, ...] = ()

    def body(self) -> Json:
        """What a message is sent with."""
        return {"text": self.text, "blocks": self.blocks}


def render(screen: Screen, *, alone: bool = False, calling: bool = False) -> Message:
    """The screen as a message, with as many messages after it as its text needs; `alone` where
    there can be none, so that the text ends with a mark; `calling` where the user group that the
    screen mentions is notified, above all else."""
    controls = list(_controls(screen.controls))[:CONTROL_BLOCKS]
    after: list[Json] = [
        {"type": "section", "fields": [_mrkdwn(field) for field in fields]}
        for fields in _in_rows([field for field in _fields(screen) if len(field) <= INLINE], FIELDS)
    ]
    after += controls
    if screen.note:
        after.append({"type": "context", "elements": [_mrkdwn(cut(shown(screen.note), SECTION))]})
    sign = SIGNS.get(screen.tone, "")
    before: list[Json] = []
    # Only an id is put in, whatever the mention says: nothing else may end up between brackets.
    if calling and screen.mention.isalnum():
        before.append({"type": "section", "text": _mrkdwn(f"<!subteam^{screen.mention}>")})
    if screen.title:
        title = shortened(f"{sign}{screen.title}", HEADER)
        before.append({"type": "header", "text": plain_text(title)})
        sign = ""
    first, *rest = _filled(_blocks(_signed(sign, _lines(screen))), before + after)
    if alone and rest:
        first[-1] = _cut_off(first[-1])
        rest = []
    more = tuple(Message(_said(blocks[0]), blocks) for blocks in rest)
    return Message(_fallback(screen), [*before, *first, *after], more)


def with_picture(message: Message, file: str, alt: str) -> Message:
    """The message with an uploaded picture under its title."""
    image = {
        "type": "image",
        "slack_file": {"id": file},
        "alt_text": shortened(alt, ALT),
    }
    after_title = 1 if message.blocks[:1] and message.blocks[0]["type"] == "header" else 0
    blocks = [*message.blocks[:after_title], image, *message.blocks[after_title:]]
    return replace(message, blocks=blocks[:BLOCKS])


def _signed(sign: str, lines: Iterable[str | Code]) -> Iterator[str | Code]:
    """The lines with a sign before the first."""
    for line in lines:
        if isinstance(line, str):
            yield f"{sign}{line}"
        else:
            yield from (sign, line)
        sign = ""


def _blocks(lines: Iterable[str | Code]) -> Iterator[Json]:
    """The lines in sections, and code in blocks of its own."""
    for kind, group in groupby(lines, type):
        if kind is str:
            yield from (_section(text) for text in sections(cast(Iterable[str], group), SECTION))
        else:
            codes = cast(Iterable[Code], group)
            yield from (_code(part) for code in codes for part in code.parts(SECTION))


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _code(text: str) -> Json:
    """Not mrkdwn, so that nothing in it is markup, a mention, or its end."""
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [code]}


def _text(block: Json) -> str:
    """What was made a section or code."""
    if block["type"] == "section":
        return str(block["text"]["text"])
    return str(block["elements"][0]["elements"][0]["text"])


def _said(block: Json) -> str:
    """What stands for a section or code where blocks can't be shown."""
    text = _text(block)
    return cut(text if block["type"] == "section" else escaped(text), FALLBACK)


def _cut_off(block: Json) -> Json:
    """A section or code with a mark at its end."""
    text = _text(block)
    if block["type"] == "section":
        return _section(cut(text, SECTION, MARK))
    return _code(text[: SECTION - len(MARK)] + MARK)


def _filled(texts: Iterable[Json], first: Sequence[Json]) -> list[list[Json]]:
    """Sections and code for as many messages as their size asks for; the first has other blocks,
    too."""
    found: list[list[Json]] = [[]]
    blocks, size = len(first), _size(first)
    for block in texts:
        if found[-1] and (blocks == BLOCKS or size + _size([block]) > TOTAL):
            found.append([])
            blocks, size = 0, 0
        found[-1].append(block)
        blocks, size = blocks + 1, size + _size([block])
    return found


def _size(blocks: Sequence[Json]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _fallback(screen: Screen) -> str:
    """The screen read aloud, from top to bottom."""
    said = [screen.title, *(line for part in screen.text for line in _read(part))]
    for control in screen.controls:
        if isinstance(control, Match):
            said += [f"{n}. {left}" for n, left in enumerate(control.lefts, 1)]
        if isinstance(control, Pick | Arrange | Match):
            said += [
                f"{letter}. {c.label}"
                for letter, c in zip(OPTION_LETTERS, control.choices, strict=False)
            ]
    said += [f"{name}: {plain(value)}" for name, value in screen.fields]
    said.append(plain(screen.note))
    text = "\n".join(line for line in said if line)
    return cut(escaped(text), FALLBACK) or "Studyhall"


def _read(part: Part) -> Iterator[str]:
    match part:
        case Code(text):
            yield text
        case Table():
            yield from (f"{place}. {plain(line)}" for place, line in part.lines())
        case _:
            yield plain(part)


def _lines(screen: Screen) -> Iterator[str | Code]:
    """All that is read from top to bottom. There are no spoilers in Slack: what only a press may
    show is left to it."""
    for place, part in enumerate(screen.text):
        match part:
            case Code():
                yield part
            case Table():
                yield from ("", *(f"*{row}.* {shown(line)}" for row, line in part.lines()))
            case _:
                first, *others = map(shown, split_lines(part))
                yield f"\n{first}" if place else first
                yield from others
    for control in screen.controls:
        match control:
            case Pick(choices=choices, lettered=True) | Arrange(choices=choices):
                yield ""
                yield from _lettered(choices)
            case Match(lefts=lefts, choices=choices):
                yield ""
                yield from (f"*{n}.* {escaped(left)}" for n, left in enumerate(lefts, 1))
                yield ""
                yield from _lettered(choices)
            case _:
                pass
    yield from (f"\n{field}" for field in _fields(screen) if len(field) > INLINE)


def _fields(screen: Screen) -> list[str]:
    return [f"*{escaped(name)}*\n{shown(value)}" for name, value in screen.fields]


def _lettered(choices: Iterable[Choice]) -> Iterator[str]:
    for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
        yield f"*{letter}.* {escaped(choice.label)}"


def _controls(controls: Iterable[Control]) -> Iterator[Json]:
    """Blocks of controls: forms one by one, buttons side by side, and so what calls commands."""
    buttons: dict[str, Json] = {}
    menus: list[Json] = []
    for control in controls:
        match control:
            case Pick(several=True) | Arrange() | Match():
                # The same id as before, so that an edit of the message keeps what was selected.
                yield {
                    "type": "actions",
                    "block_id": f"form|{control.action}",
                    "elements": _parts(control),
                }
                submit = _button("Submit", f"{SUBMIT}{control.action}", "primary")
                buttons[submit["action_id"]] = submit
            case Pick(action, choices, lettered=lettered):
                for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
                    label = letter if lettered else choice.label
                    button = _button(label, add_choice(action, choice.value))
                    if lettered:
                        said = shortened(f"{letter}. {choice.label}", BUTTON)
                        button["accessibility_label"] = said
                    buttons[button["action_id"]] = button
            case Button(label, action, style):
                button = _button(label, f"{ASK}{action}" if opens_form(action) else action, style)
                buttons.setdefault(button["action_id"], button)
            case Write(action, label):
                button = _button(label, f"{ASK}{action}", "primary")
                buttons[button["action_id"]] = button
            case Link(label, url):
                buttons[url] = _button(label, f"link|{len(buttons)}") | {"url": url}
            case Open(command, label):
                button = _button(label, f"{CALL}{command}")
                buttons[button["action_id"]] = button
            case Search(command, option, label):
                menus.append(_menu(SEARCH, f"{option}|{command}", label) | {"min_query_length": 0})
            case ChooseChannel(command, label):
                channels = {"filter": {"include": ["public", "private"]}}
                menus.append(_menu(CHANNEL, command, label) | channels)
    for row in (*_in_rows(list(buttons.values()), IN_ROW), *_in_rows(menus, IN_ROW)):
        yield {"type": "actions", "elements": list(row)}


def _parts(control: Pick | Arrange | Match) -> list[Json]:
    """Selections that are sent together: Slack keeps them for each member until they submit."""
    count = len(control.choices)
    places = len(control.lefts) if isinstance(control, Match) else count
    room = OPTION if isinstance(control, Pick) else min(OPTION, FORM // (places * count))
    options = [
        option(f"{letter}. {choice.label}", choice.value, room)
        for letter, choice in zip(OPTION_LETTERS, control.choices, strict=False)
    ]
    if isinstance(control, Pick):
        return [{"type": "checkboxes", "action_id": f"{PART}0", "options": options}]
    return [
        {
            "type": "static_select",
            "action_id": f"{PART}{place}",
            "placeholder": plain_text(f"{place + 1}."),
            "options": options,
        }
        for place in range(places)
    ]


def option(label: str, value: str, limit: int = OPTION) -> Json:
    """One thing to choose from a list."""
    return {"text": plain_text(shortened(label, limit)), "value": value}


def _button(label: str, action_id: str, style: str = "plain") -> Json:
    button: Json = {
        "type": "button",
        "text": plain_text(shortened(label, BUTTON)),
        "action_id": action_id,
    }
    return button | ({"style": _STYLES[style]} if style in _STYLES else {})


def _menu(kind: str, action_id: str, label: str) -> Json:
    return {"type": kind, "action_id": action_id, "placeholder": plain_text(label)}


def plain_text(text: str) -> Json:
    """A text without markup, as blocks have it."""
    return {"type": "plain_text", "text": text, "emoji": True}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _in_rows(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
