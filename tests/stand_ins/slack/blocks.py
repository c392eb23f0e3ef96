"""Block Kit as a reader sees it: the words, the controls, and what has been put into them."""

from __future__ import annotations

import copy
import html
import secrets
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

JSON = dict[str, Any]
State = dict[str, dict[str, JSON]]

VALUE_KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}


class Option(NamedTuple):
    """One line of a menu: what it says and what it carries."""

    text: str
    value: str


def controls(blocks: Iterable[JSON]) -> Iterator[tuple[JSON, JSON]]:
    """Every element that may be touched, beside its block."""
    for block in blocks:
        inside: list[JSON | None] = []
        match block["type"]:
            case "section":
                inside = [block.get("accessory")]
            case "input":
                inside = [block["element"]]
            case "actions":
                inside = block["elements"]
        for element in inside:
            if element and element["type"] != "image":
                yield block, element


def named(blocks: Iterable[JSON]) -> list[JSON]:
    """The blocks as Slack keeps them: each block and control has an id."""
    kept = copy.deepcopy(list(blocks))
    for block in kept:
        block.setdefault("block_id", secrets.token_hex(3))
    for _, element in controls(kept):
        element.setdefault("action_id", secrets.token_hex(3))
    return kept


def options_of(holder: JSON) -> list[JSON]:
    """The options of an element or of an answer to a suggestion, groups flattened."""
    groups = holder.get("option_groups") or []
    return [*(holder.get("options") or []), *(each for g in groups for each in g["options"])]


def value_of(element: JSON, chosen: Iterable[JSON], values: list[str]) -> JSON:
    """What Slack reports of an element that holds these values."""
    key = VALUE_KEYS[element["type"]]
    if key == "selected_option":
        return {"type": element["type"], key: next(iter(chosen), None)}
    if key == "selected_options":
        return {"type": element["type"], key: list(chosen)}
    one = values[0] if values else None
    return {"type": element["type"], key: values if key.endswith("s") else one}


def is_empty(value: JSON) -> bool:
    """Whether nothing has been put into the control."""
    return not any(held for key, held in value.items() if key != "type")


def first_state(blocks: Iterable[JSON]) -> State:
    """The values the controls start with."""
    state: State = {}
    for block, element in controls(blocks):
        key = VALUE_KEYS.get(element["type"])
        if key is None or element["type"] == "overflow":
            continue
        initial = "initial_" + key.removeprefix("selected_").removeprefix("rich_text_")
        start = element.get(initial, [] if key.endswith("s") else None)
        state.setdefault(block["block_id"], {})[element["action_id"]] = {
            "type": element["type"],
            key: start,
        }
    return state


def words(blocks: Iterable[JSON]) -> str:
    """The text of the blocks, a line each, as a reader sees it but for bold and the like."""
    return html.unescape("\n".join(text for block in blocks for text in _texts(block) if text))


def _texts(block: JSON) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from (
                each["text"] for each in [block.get("text"), *block.get("fields", [])] if each
            )
        case "header":
            yield block["text"]["text"]
        case "markdown":
            yield block["text"]
        case "context":
            for element in block["elements"]:
                yield element["alt_text"] if element["type"] == "image" else element["text"]
        case "input":
            yield block["label"]["text"]
            yield block.get("hint", {}).get("text", "")
        case "image":
            yield block.get("title", {}).get("text", "")
            yield block["alt_text"]
        case "table":
            for row in block["rows"]:
                yield " ".join(_rich(cell) if "elements" in cell else cell["text"] for cell in row)
        case "rich_text":
            yield from (_rich(element) for element in block["elements"])


def _rich(element: JSON) -> str:
    match element["type"]:
        case "text":
            return str(element["text"])
        case "link":
            return str(element.get("text") or element["url"])
        case "emoji":
            return f":{element['name']}:"
        case "user":
            return f"<@{element['user_id']}>"
        case "rich_text_list":
            return "\n".join(_rich(each) for each in element["elements"])
        case _:
            return "".join(_rich(each) for each in element.get("elements", []))


class Surface:
    """Anything that shows blocks: a message or a view."""

    blocks: list[JSON]

    @property
    def words(self) -> str:
        """The text of all blocks, mrkdwn unescaped."""
        return words(self.blocks)

    def buttons(self) -> dict[str, str]:
        """The action_id of each button by its label."""
        return {
            html.unescape(element["text"]["text"]): element["action_id"]
            for _, element in controls(self.blocks)
            if element["type"] == "button"
        }

    def inputs(self) -> dict[str, str]:
        """The action_id of each input by its label."""
        return {
            html.unescape(block["label"]["text"]): block["element"]["action_id"]
            for block in self.blocks
            if block["type"] == "input"
        }

    def options(self, action_id: str) -> list[Option]:
        """What the menu, boxes or radio buttons offer."""
        _, element = self.find(action_id)
        return [Option(each["text"]["text"], each["value"]) for each in options_of(element)]

    def find(self, action_id: str) -> tuple[JSON, JSON]:
        """The block and element of an action_id."""
        for block, element in controls(self.blocks):
            if element["action_id"] == action_id:
                return block, element
        there = [element["action_id"] for _, element in controls(self.blocks)]
        raise LookupError(f"nothing to touch is called {action_id!r}; there are {there}")
