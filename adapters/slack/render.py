"""Screens as Slack's Block Kit, within its limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from adapters.slack.mrkdwn import MARK, cut, escaped, plain, sections, shortened, shown
from bot.engine.actions import chosen
from bot.engine.commands import prompt_of
from bot.engine.screens import (
    LETTERS,
    Arrange,
    Button,
    Choice,
    ChooseChannel,
    Control,
    Link,
    Match,
    Open,
    Pick,
    Screen,
    Search,
    Tone,
    Write,
    lines_of,
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
        before.append({"type": "header", "text": _plain(title)})
        sign = ""
    texts = sections(_signed(sign, _lines(screen)), SECTION)
    first, *rest = _filled(texts, before + after)
    if alone and rest:
        first[-1] = {
            "type": "section",
            "text": _mrkdwn(cut(first[-1]["text"]["text"], SECTION, MARK)),
        }
        rest = []
    more = tuple(Message(cut(blocks[0]["text"]["text"], FALLBACK), blocks) for blocks in rest)
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


def _signed(sign: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines with a sign before the first."""
    for line in lines:
        yield f"{sign}{line}"
        sign = ""


def _filled(texts: Iterable[str], first: Sequence[Json]) -> list[list[Json]]:
    """Sections for as many messages as their size asks for; the first has other blocks, too."""
    found: list[list[Json]] = [[]]
    blocks, size = len(first), _size(first)
    for text in texts:
        section = {"type": "section", "text": _mrkdwn(text)}
        if found[-1] and (blocks == BLOCKS or size + _size([section]) > TOTAL):
            found.append([])
            blocks, size = 0, 0
        found[-1].append(section)
        blocks, size = blocks + 1, size + _size([section])
    return found


def _size(blocks: Sequence[Json]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _fallback(screen: Screen) -> str:
    """The screen read aloud, from top to bottom."""
    said = [screen.title, *(plain(text) for text in screen.text)]
    for control in screen.controls:
        if isinstance(control, Match):
            said += [f"{n}. {left}" for n, left in enumerate(control.lefts, 1)]
        if isinstance(control, Pick | Arrange | Match):
            said += [
                f"{letter}. {c.label}" for letter, c in zip(LETTERS, control.choices, strict=False)
            ]
    said += [f"{name}: {plain(value)}" for name, value in screen.fields]
    said += (
        [f"{place}. {plain(line)}" for place, line in screen.table.lines()] if screen.table else []
    )
    said.append(plain(screen.note))
    text = "\n".join(line for line in said if line)
    return cut(escaped(text), FALLBACK) or "Studyhall"


def _lines(screen: Screen) -> Iterator[str]:
    """All that is read from top to bottom. There are no spoilers in Slack: what only a press may
    show is left to it."""
    for place, text in enumerate(screen.text):
        first, *others = map(shown, lines_of(text))
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
    if screen.table:
        yield from (f"*{place}.* {shown(line)}" for place, line in screen.table.lines())


def _fields(screen: Screen) -> list[str]:
    return [f"*{escaped(name)}*\n{shown(value)}" for name, value in screen.fields]


def _lettered(choices: Iterable[Choice]) -> Iterator[str]:
    for letter, choice in zip(LETTERS, choices, strict=False):
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
                for letter, choice in zip(LETTERS, choices, strict=False):
                    label = letter if lettered else choice.label
                    button = _button(label, chosen(action, choice.value))
                    if lettered:
                        said = shortened(f"{letter}. {choice.label}", BUTTON)
                        button["accessibility_label"] = said
                    buttons[button["action_id"]] = button
            case Button(label, action, style):
                button = _button(label, f"{ASK}{action}" if prompt_of(action) else action, style)
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
        for letter, choice in zip(LETTERS, control.choices, strict=False)
    ]
    if isinstance(control, Pick):
        return [{"type": "checkboxes", "action_id": f"{PART}0", "options": options}]
    return [
        {
            "type": "static_select",
            "action_id": f"{PART}{place}",
            "placeholder": _plain(f"{place + 1}."),
            "options": options,
        }
        for place in range(places)
    ]


def option(label: str, value: str, limit: int = OPTION) -> Json:
    """One thing to choose from a list."""
    return {"text": _plain(shortened(label, limit)), "value": value}


def modal(action: str, prompt: str, metadata: str) -> Json:
    """A modal that asks for a text; the action that it is for is its callback id."""
    return {
        "type": "modal",
        "callback_id": action,
        "private_metadata": metadata,
        "title": _plain("Studyhall"),
        "submit": _plain("Send"),
        "close": _plain("Cancel"),
        "blocks": [
            {
                "type": "input",
                "block_id": "text",
                "label": _plain(prompt),
                "element": {
                    "type": "plain_text_input",
                    "action_id": "text",
                    "max_length": 300,
                    "focus_on_load": True,
                },
            }
        ],
    }


def _button(label: str, action_id: str, style: str = "plain") -> Json:
    button: Json = {
        "type": "button",
        "text": _plain(shortened(label, BUTTON)),
        "action_id": action_id,
    }
    return button | ({"style": _STYLES[style]} if style in _STYLES else {})


def _menu(kind: str, action_id: str, label: str) -> Json:
    return {"type": kind, "action_id": action_id, "placeholder": _plain(label)}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _in_rows(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
