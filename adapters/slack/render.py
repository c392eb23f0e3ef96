"""Renders screens as Slack's Block Kit, within its limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, TypeGuard, TypeVar, cast

from adapters.slack.mrkdwn import (
    ELLIPSIS,
    escape,
    format_text,
    join_sections,
    shorten,
    strip_code,
    to_plain_text,
    truncate,
)
from bot.engine.actions import add_choice, ask_in_form
from bot.engine.commands import opens_form
from bot.engine.screens import (
    OPTION_LETTERS,
    PHONE_COLUMNS,
    Arrange,
    Bars,
    Bullets,
    Button,
    Choice,
    ChooseChannel,
    Code,
    Control,
    Entry,
    Grid,
    Link,
    Match,
    Menu,
    Open,
    Part,
    Pick,
    Screen,
    Search,
    Select,
    Table,
    Tone,
    Write,
    list_lines,
    split_lines,
)

Json = dict[str, Any]

MAX_HEADER, MAX_SECTION, MAX_BUTTON, MAX_OPTION, MAX_BLOCKS = 150, 3000, 75, 75, 50
"""Characters in a header, a section, a button and an option, and blocks in a message. Source:
Slack's documentation, "Block Kit reference"."""

MAX_BLOCKS_CHARS = 11_000
"""Characters in all blocks of a message together, as JSON. Slack's documentation has no such limit,
but more than about 12,000 fail with `msg_blocks_too_long`."""

MAX_OPTIONS_CHARS = MAX_BLOCKS_CHARS // 2
"""Characters of options beside their buttons; more are listed in the text."""

MAX_VIEW_BLOCKS, MAX_VIEW_CHARS = 100, 200_000
"""The same of a modal or Home. Slack's documentation allows 250 kB."""

MAX_INLINE_FIELD = 300
"""Characters of a field that's shown beside others; a longer one becomes text."""

MAX_FALLBACK = 3000
"""Characters in the text that replaces the blocks in notifications and for screen readers."""

MAX_ALT = 2000
"""Characters in a picture's description. Source: Slack's documentation, "Image block"."""

FIELDS_PER_BLOCK, ELEMENTS_PER_ROW, MAX_CONTROL_BLOCKS = 10, 5, 12
FORM_PREFIX, SUBMIT_PREFIX, PART_PREFIX, COMMAND_PREFIX = "ask|", "submit|", "part|", "call|"
"""Start the action ids of a button that opens a modal, of one that submits a form, of a form's
parts, and of a button that calls a command. Forms in old messages have several parts."""

SELECT_PREFIX = "select|"
"""Starts the action id of a menu that sends what was picked; a value that starts like a button that
opens a modal does so, too."""

MENU_PREFIX, LIST_ELEMENT = "menu|", "static_select"
"""Starts the action id of a list of buttons: its options' values are the buttons' action ids."""

SEARCH_ELEMENT, CHANNEL_ELEMENT = "external_select", "conversations_select"
"""Elements that call a command: with an option (the action id has both, as in `topic|drill`), or in
a chosen channel (the action id is the command's name)."""

CHANNELS: Json = {"filter": {"include": ["public", "private"]}}
"""What a menu of channels lists: no direct messages."""

NO_PREVIEWS: Json = {"unfurl_links": False, "unfurl_media": False}
"""Parameters that keep Slack from adding previews of links to a message."""

SIGNS = {
    Tone.RIGHT: ":white_check_mark: ",
    Tone.PARTLY: ":large_orange_circle: ",
    Tone.WRONG: ":x: ",
    Tone.PROBLEM: ":warning: ",
}
T = TypeVar("T")
Line = str | Code | Entry
"""A line of mrkdwn, or what gets blocks of its own."""

_STYLES = {"primary": "primary", "danger": "danger"}


@dataclass(frozen=True, slots=True)
class Message:
    """A screen as blocks, with a fallback text, and more messages for what didn't fit."""

    text: str
    blocks: list[Json]
    more: tuple[Message, ...] = ()

    def body(self) -> Json:
        """The parameters to send the message with."""
        return {"text": self.text, "blocks": self.blocks}


def render(
    screen: Screen,
    *,
    single: bool = False,
    notify: bool = False,
    max_blocks: int = MAX_BLOCKS,
    max_chars: int = MAX_BLOCKS_CHARS,
) -> Message:
    """Render a screen as a message, followed by as many as its text needs. `single` allows no
    others: the text is cut and ends with an ellipsis. `notify` mentions the screen's user group at
    the top."""
    options = _build_options(screen.controls)
    rest_of_controls = [each for each in screen.controls if not (options and _is_lettered(each))]
    controls = list(_build_controls(rest_of_controls))[:MAX_CONTROL_BLOCKS]
    inline = [field for field in _format_fields(screen) if len(field) <= MAX_INLINE_FIELD]
    after = options + [
        {"type": "section", "fields": [_build_mrkdwn(field) for field in fields]}
        for fields in _chunk(inline, FIELDS_PER_BLOCK)
    ]
    after += controls
    if screen.note:
        note = truncate(format_text(screen.note), MAX_SECTION)
        after.append({"type": "context", "elements": [_build_mrkdwn(note)]})
    sign = SIGNS.get(screen.tone, "")
    before: list[Json] = []
    # Only an id may end up between the brackets, whatever the mention says.
    if notify and screen.mention.isalnum():
        before.append({"type": "section", "text": _build_mrkdwn(f"<!subteam^{screen.mention}>")})
    if screen.title:
        title = build_text(f"{sign}{screen.title}", MAX_HEADER)
        before.append({"type": "header", "text": title})
        sign = ""
    first, *rest = _split_messages(
        _build_blocks(_add_sign(sign, _format_lines(screen, listed=not options))),
        before + after,
        max_blocks,
        max_chars,
    )
    if single and rest:
        first[-1] = _mark_cut(first[-1])
        rest = []
    more = tuple(Message(_block_fallback(blocks[0]), blocks) for blocks in rest)
    return Message(_read_screen(screen), [*before, *first, *after], more)


def render_view(screen: Screen, picture: str = "") -> list[Json]:
    """Render a screen as the blocks of a modal or of Home, with an uploaded picture. What doesn't
    fit is cut, and ends with an ellipsis."""
    message = render(screen, single=True, max_blocks=MAX_VIEW_BLOCKS, max_chars=MAX_VIEW_CHARS)
    if picture and screen.picture:
        message = add_picture(message, picture, screen.picture.alt, MAX_VIEW_BLOCKS)
    # A view can't be empty.
    return message.blocks or [_build_section(message.text)]


def add_picture(message: Message, file: str, alt: str, max_blocks: int = MAX_BLOCKS) -> Message:
    """The message with an uploaded picture below its title."""
    image = {
        "type": "image",
        "slack_file": {"id": file},
        "alt_text": shorten(alt, MAX_ALT),
    }
    after_title = 1 if message.blocks[:1] and message.blocks[0]["type"] == "header" else 0
    blocks = [*message.blocks[:after_title], image, *message.blocks[after_title:]]
    return replace(message, blocks=blocks[:max_blocks])


def _add_sign(sign: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Put a sign before the first line."""
    for line in lines:
        match line:
            case str():
                yield f"{sign}{line}"
            case _:
                yield from (sign, line)
        sign = ""


def _build_blocks(lines: Iterable[Line]) -> Iterator[Json]:
    """The lines in sections, and code and entries each in their own blocks."""
    for kind, group in groupby(lines, type):
        if kind is str:
            yield from (
                _build_section(text)
                for text in join_sections(cast(Iterable[str], group), MAX_SECTION)
            )
        elif kind is Entry:
            yield from map(_build_entry, cast(Iterable[Entry], group))
        else:
            codes = cast(Iterable[Code], group)
            yield from (_build_code(part) for code in codes for part in code.parts(MAX_SECTION))


def _build_section(text: str) -> Json:
    return {"type": "section", "text": _build_mrkdwn(text)}


def _build_entry(entry: Entry) -> Json:
    """A section with a button at its side, which screen readers tell from others by the text."""
    (button,) = _build_buttons(entry.button)
    description = f"{entry.button.label}: {to_plain_text(entry.text)}"
    button["accessibility_label"] = shorten(description, MAX_BUTTON)
    text = truncate(format_text(entry.text), MAX_SECTION)
    return _build_section(text) | {"accessory": button}


def _build_code(text: str) -> Json:
    """Code isn't mrkdwn, so nothing in it can be markup, a mention, or its end."""
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [code]}


def _block_text(block: Json) -> str:
    """The text of a section or code block."""
    if block["type"] == "section":
        return str(block["text"]["text"])
    return str(block["elements"][0]["elements"][0]["text"])


def _block_fallback(block: Json) -> str:
    """The fallback text of a section or code block."""
    text = _block_text(block)
    return truncate(text if block["type"] == "section" else escape(text), MAX_FALLBACK)


def _mark_cut(block: Json) -> Json:
    """A section or code block that ends with an ellipsis."""
    text = _block_text(block)
    if block["type"] == "section":
        return block | _build_section(truncate(text, MAX_SECTION, ELLIPSIS))
    return _build_code(text[: MAX_SECTION - len(ELLIPSIS)] + ELLIPSIS)


def _split_messages(
    texts: Iterable[Json], first: Sequence[Json], max_blocks: int, max_chars: int
) -> list[list[Json]]:
    """Split sections and code into as many messages as needed; the first also has other blocks."""
    messages: list[list[Json]] = [[]]
    blocks, size = len(first), _json_size(first)
    for block in texts:
        if messages[-1] and (blocks == max_blocks or size + _json_size([block]) > max_chars):
            messages.append([])
            blocks, size = 0, 0
        messages[-1].append(block)
        blocks, size = blocks + 1, size + _json_size([block])
    return messages


def _json_size(blocks: Sequence[Json]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _read_screen(screen: Screen) -> str:
    """The screen as plain text, from top to bottom, for screen readers."""
    lines = [screen.title]
    lines += [to_plain_text(line) for part in screen.text for line in list_lines(part)]
    for control in screen.controls:
        if isinstance(control, Match):
            lines += [f"{n}. {left}" for n, left in enumerate(control.lefts, 1)]
        if isinstance(control, Pick | Arrange | Match):
            lines += [
                f"{letter}. {c.label}"
                for letter, c in zip(OPTION_LETTERS, control.choices, strict=False)
            ]
    lines += [f"{name}: {to_plain_text(value)}" for name, value in screen.fields]
    lines.append(to_plain_text(screen.note))
    text = "\n".join(line for line in lines if line)
    return truncate(escape(text), MAX_FALLBACK) or "Studyhall"


def _format_lines(screen: Screen, *, listed: bool) -> Iterator[Line]:
    """The screen's lines, from top to bottom; options that are beside their buttons aren't `listed`
    again. Slack has no spoilers, so they're left out."""
    for place, part in enumerate(screen.text):
        yield from _format_part(part, first=not place)
    for control in screen.controls:
        match control:
            case Pick() if _is_lettered(control) and not listed:
                pass
            case Pick(choices=choices, lettered=True) | Arrange(choices=choices):
                yield ""
                yield from _format_choices(choices)
            case Match(lefts=lefts, choices=choices):
                yield ""
                yield from (f"*{n}.* {escape(left)}" for n, left in enumerate(lefts, 1))
                yield ""
                yield from _format_choices(choices)
            case _:
                pass
    yield from (f"\n{field}" for field in _format_fields(screen) if len(field) > MAX_INLINE_FIELD)


def _format_part(part: Part, *, first: bool) -> Iterator[Line]:
    match part:
        case Code() | Entry():
            yield part
        case Table():
            yield from ("", *(f"*{row}.* {format_text(line)}" for row, line in part.lines()))
        case Grid():
            if drawn := part.draw(PHONE_COLUMNS):
                yield Code(drawn)
            else:
                yield from ("", *(f"• {escape(line)}" for line in part.lines()))
        case Bullets(title, items):
            yield f"\n*{escape(title)}*" if title else ""
            yield from (f"• {format_text(item)}" for item in items)
        case Bars():
            yield ""
            for letter, words, bar in part.lines():
                yield f"*{letter}.* {escape(words)}" if letter else escape(words)
                yield bar
        case _:
            opening, *others = map(format_text, split_lines(part))
            yield opening if first else f"\n{opening}"
            yield from others


def _format_fields(screen: Screen) -> list[str]:
    return [f"*{escape(name)}*\n{format_text(value)}" for name, value in screen.fields]


def _format_choices(choices: Iterable[Choice]) -> Iterator[str]:
    for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
        yield f"*{letter}.* {escape(choice.label)}"


def _is_lettered(control: Control) -> TypeGuard[Pick]:
    """Whether exactly one of several lettered choices has to be picked."""
    return isinstance(control, Pick) and control.lettered and not control.several


def _build_options(controls: Iterable[Control]) -> list[Json]:
    """Each option with its button beside it; none if there isn't room for it."""
    sections = [
        _build_section(text) | {"accessory": button}
        for control in controls
        if _is_lettered(control)
        for text, button in zip(
            _format_choices(control.choices), _build_buttons(control), strict=True
        )
    ]
    return sections if _json_size(sections) <= MAX_OPTIONS_CHARS else []


def _build_controls(controls: Iterable[Control]) -> Iterator[Json]:
    """Blocks for the controls: one per form, then rows of buttons, then rows of menus."""
    buttons: dict[str, Json] = {}
    menus: list[Json] = []
    for control in controls:
        match control:
            case Search(command, option, label):
                menu = _build_menu(SEARCH_ELEMENT, f"{option}|{command}", label)
                menus.append(menu | {"min_query_length": 0})
            case ChooseChannel(command, label):
                menus.append(_build_menu(CHANNEL_ELEMENT, command, label) | CHANNELS)
            case Select():
                menus.append(_build_select(control))
            case Menu(label, folded):
                options = [build_option(each.label, _to_action_id(each.action)) for each in folded]
                menu = _build_menu(LIST_ELEMENT, f"{MENU_PREFIX}{label}", label)
                menus.append(menu | {"options": options})
            case Link(label, url):
                buttons[url] = _build_button(label, f"link|{len(buttons)}") | {"url": url}
            case Pick(several=False):
                # Apart from other buttons, so that none of them is taken for an answer.
                yield from map(_build_row, _chunk([*_build_buttons(control)], ELEMENTS_PER_ROW))
            case _:
                if isinstance(control, Pick):
                    yield _build_form(control)
                for button in _build_buttons(control):
                    buttons.setdefault(button["action_id"], button)
    rows = (*_chunk([*buttons.values()], ELEMENTS_PER_ROW), *_chunk(menus, ELEMENTS_PER_ROW))
    yield from map(_build_row, rows)


def _build_row(elements: Sequence[Json]) -> Json:
    return {"type": "actions", "elements": [*elements]}


def _build_buttons(
    control: Button | Pick | Arrange | Match | Write | Open,
) -> Iterator[Json]:
    match control:
        case Button(label, action, style):
            yield _build_button(label, _to_action_id(action), style)
        case Arrange(action):
            yield _build_button("Put in order", f"{FORM_PREFIX}{ask_in_form(action)}", "primary")
        case Match(action):
            yield _build_button("Match", f"{FORM_PREFIX}{ask_in_form(action)}", "primary")
        case Pick(several=True):
            yield _build_button("Submit", f"{SUBMIT_PREFIX}{control.action}", "primary")
        case Pick(action, choices, lettered=lettered):
            for letter, choice in zip(OPTION_LETTERS, choices, strict=False):
                label = letter if lettered else choice.label
                button = _build_button(label, add_choice(action, choice.value))
                if lettered:
                    description = build_text(f"{letter}. {choice.label}", MAX_BUTTON)
                    button["accessibility_label"] = description["text"]
                yield button
        case Write(action, label):
            yield _build_button(label, f"{FORM_PREFIX}{action}", "primary")
        case Open(command, label):
            yield _build_button(label, f"{COMMAND_PREFIX}{command}")


def _to_action_id(action: str) -> str:
    return f"{FORM_PREFIX}{action}" if opens_form(action) else action


def _build_form(control: Pick) -> Json:
    """Boxes that are submitted together; Slack keeps them per member until then."""
    options = [
        build_option(f"{letter}. {choice.label}", choice.value)
        for letter, choice in zip(OPTION_LETTERS, control.choices, strict=False)
    ]
    boxes = {"type": "checkboxes", "action_id": f"{PART_PREFIX}0", "options": options}
    # A stable id, so that editing the message keeps what was selected.
    return {"type": "actions", "block_id": f"form|{control.action}", "elements": [boxes]}


def build_option(label: str, value: str) -> Json:
    """An option of a menu or list."""
    return {"text": build_text(label, MAX_OPTION), "value": value}


def _build_button(label: str, action_id: str, style: str = "plain") -> Json:
    button: Json = {
        "type": "button",
        "text": build_text(label, MAX_BUTTON),
        "action_id": action_id,
    }
    return button | ({"style": _STYLES[style]} if style in _STYLES else {})


def _build_menu(kind: str, action_id: str, label: str) -> Json:
    return {"type": kind, "action_id": action_id, "placeholder": build_text(label)}


def _build_select(select: Select) -> Json:
    action_id = f"{SELECT_PREFIX}{select.action}"
    if select.kind == "channel":
        element = _build_menu(CHANNEL_ELEMENT, action_id, select.label) | CHANNELS
        return element | ({"initial_conversation": select.chosen} if select.chosen else {})
    options = [build_option(choice.label, choice.value) for choice in select.choices]
    chosen = next((each for each in options if each["value"] == select.chosen), None)
    if select.other:
        options.append(build_option("Other…", f"{FORM_PREFIX}{select.other}"))
    element = _build_menu(LIST_ELEMENT, action_id, select.label) | {"options": options}
    return element | ({"initial_option": chosen} if chosen else {})


def build_text(text: str, limit: int = MAX_HEADER) -> Json:
    """A text object without markup, in at most `limit` characters."""
    return {"type": "plain_text", "text": shorten(strip_code(text), limit), "emoji": True}


def _build_mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _chunk(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
