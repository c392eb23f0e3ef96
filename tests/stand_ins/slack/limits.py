"""Block Kit's documented limits, and slack_sdk's own models as a second opinion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View as SdkView

from tests.stand_ins.slack.blocks import JSON

Where = Literal["message", "modal", "home"]

PLAIN = ("plain_text",)
ANY_TEXT = ("plain_text", "mrkdwn")

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_TEXT = 40_000
MARKDOWN = 12_000
SUGGESTIONS = 100
VIEW_SIZE = 250_000
MOST_FILES = 10


@dataclass(frozen=True)
class Violation:
    """A body that Slack would not have taken."""

    method: str
    problems: tuple[str, ...]
    body: JSON


class Shape(NamedTuple):
    """The keys an object must and may have."""

    required: frozenset[str]
    allowed: frozenset[str]


def _shape(required: str = "", optional: str = "") -> Shape:
    needed = frozenset(required.split())
    return Shape(needed, needed | frozenset(optional.split()) | {"type"})


def _control(required: str = "", optional: str = "") -> Shape:
    return _shape(required, f"{optional} action_id confirm focus_on_load")


BLOCKS = {
    "section": _shape("", "text fields accessory expand"),
    "divider": _shape(),
    "header": _shape("text"),
    "image": _shape("alt_text", "image_url slack_file title"),
    "actions": _shape("elements"),
    "context": _shape("elements"),
    "input": _shape("label element", "hint optional dispatch_action"),
    "rich_text": _shape("elements"),
    "markdown": _shape("text"),
    "table": _shape("rows", "column_settings"),
    "video": _shape(
        "alt_text title thumbnail_url video_url",
        "author_name description provider_icon_url provider_name title_url",
    ),
}
MESSAGE_ONLY = {"markdown", "table"}

_MENU = "placeholder"
_CONVERSATIONS = "default_to_current_conversation response_url_enabled filter"
ELEMENTS = {
    "button": _shape("text", "action_id value url style confirm accessibility_label"),
    "image": _shape("alt_text", "image_url slack_file"),
    "overflow": _shape("options", "action_id confirm"),
    "checkboxes": _control("options", "initial_options"),
    "radio_buttons": _control("options", "initial_option"),
    "static_select": _control("", f"{_MENU} options option_groups initial_option"),
    "external_select": _control("", f"{_MENU} initial_option min_query_length"),
    "users_select": _control("", f"{_MENU} initial_user"),
    "channels_select": _control("", f"{_MENU} initial_channel response_url_enabled"),
    "conversations_select": _control("", f"{_MENU} initial_conversation {_CONVERSATIONS}"),
    "multi_static_select": _control(
        "", f"{_MENU} options option_groups initial_options max_selected_items"
    ),
    "multi_external_select": _control(
        "", f"{_MENU} initial_options min_query_length max_selected_items"
    ),
    "multi_users_select": _control("", f"{_MENU} initial_users max_selected_items"),
    "multi_channels_select": _control("", f"{_MENU} initial_channels max_selected_items"),
    "multi_conversations_select": _control(
        "", f"{_MENU} initial_conversations max_selected_items {_CONVERSATIONS}"
    ),
    "datepicker": _control("", "placeholder initial_date"),
    "timepicker": _control("", "placeholder initial_time timezone"),
    "datetimepicker": _control("", "initial_date_time"),
    "plain_text_input": _control(
        "", "placeholder initial_value multiline min_length max_length dispatch_action_config"
    ),
    "email_text_input": _control("", "placeholder initial_value dispatch_action_config"),
    "url_text_input": _control("", "placeholder initial_value dispatch_action_config"),
    "number_input": _control(
        "is_decimal_allowed",
        "placeholder initial_value min_value max_value dispatch_action_config",
    ),
    "rich_text_input": _control("", "placeholder initial_value dispatch_action_config"),
    "file_input": _control("", "filetypes max_files"),
}
_PICKS = frozenset(kind for kind in ELEMENTS if kind.endswith(("_select", "picker"))) | {
    "checkboxes",
    "radio_buttons",
}
_TYPED = frozenset(kind for kind in ELEMENTS if kind.endswith("_input"))
ACCESSORIES = (_PICKS | {"button", "image", "overflow"}) - {"datetimepicker"}
ACTIONS = _PICKS | {"button", "overflow", "rich_text_input"}
INPUTS = _PICKS | _TYPED

_NUMBER = r"-?\d+(\.\d+)?"
PATTERNS = {
    "number_input": dict.fromkeys(("min_value", "max_value", "initial_value"), _NUMBER),
    "timepicker": {"initial_time": r"([01]\d|2[0-3]):[0-5]\d"},
    "datepicker": {"initial_date": r"\d{4}-\d\d-\d\d"},
}

MENU_SIZES = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
MARKED_OPTIONS = {"checkboxes", "radio_buttons"}


class Checker:
    """Walks a body and notes each thing Slack would refuse, where it is."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.problems: list[str] = []
        self._block_ids: set[str] = set()
        self._action_ids: set[str] = set()
        self._markdown = 0
        self._focused = 0

    def blocks(self, blocks: Any, at: str = "/blocks") -> None:
        """The blocks of a message or view, in full."""
        most = MESSAGE_BLOCKS if self.where == "message" else VIEW_BLOCKS
        if not isinstance(blocks, list):
            return self.note("must be an array", at)
        if len(blocks) > most:
            self.note(f"no more than {most} items allowed", at)
        for place, block in enumerate(blocks):
            self._block(block, f"{at}/{place}")
        if self._markdown > MARKDOWN:
            self.note(f"markdown text of all blocks must be less than {MARKDOWN + 1}", at)
        if self._focused > 1:
            self.note("only one element may have focus_on_load", at)
        return None

    def view(self, view: Any) -> None:
        """A whole modal or Home tab."""
        if not isinstance(view, dict):
            return self.note("must be an object", "/view")
        modal = self.where == "modal"
        allowed = "type blocks private_metadata callback_id external_id"
        if modal:
            allowed += " title submit close clear_on_close notify_on_close submit_disabled"
        self._keys(view, Shape(frozenset({"blocks"}), frozenset(allowed.split())), "/view")
        if view.get("type") != self.where:
            self.note(f"must be a {self.where}", "/view/type")
        if modal:
            self._text(view.get("title"), "/view/title", 24, PLAIN)
            for key in ("submit", "close"):
                if view.get(key) is not None:
                    self._text(view[key], f"/view/{key}", 24, PLAIN)
        self._string(view, "private_metadata", 3000, "/view", least=0)
        self._string(view, "callback_id", 255, "/view", least=0)
        self._string(view, "external_id", 255, "/view", least=0)
        blocks = view.get("blocks")
        self.blocks(blocks, "/view/blocks")
        sound = blocks if isinstance(blocks, list) else []
        asks = any(isinstance(each, dict) and each.get("type") == "input" for each in sound)
        if modal and asks and not view.get("submit"):
            self.note("submit is required when an input is in blocks", "/view/submit")
        return self._second_opinion(lambda: SdkView(**view), "/view")

    def suggestions(self, answer: Any) -> None:
        """What an external select was answered."""
        if not isinstance(answer, dict) or not {"options", "option_groups"} & set(answer):
            return self.note("must have options or option_groups", "/")
        element = {key: answer[key] for key in ("options", "option_groups") if key in answer}
        return self._menu({"type": "external_select"} | element, "", least=0)

    def note(self, problem: str, at: str) -> None:
        """Put a problem down in Slack's words."""
        self.problems.append(f"[ERROR] {problem} [json-pointer:{at or '/'}]")

    def _block(self, block: Any, at: str) -> None:
        if not isinstance(block, dict):
            return self.note("must be an object", at)
        kind = block.get("type")
        shape = BLOCKS.get(str(kind))
        if shape is None:
            return self.note(f"unsupported type: {kind}", f"{at}/type")
        if kind in MESSAGE_ONLY and self.where != "message":
            return self.note(f"unsupported type: {kind}", f"{at}/type")
        self._keys(block, Shape(shape.required, shape.allowed | {"block_id"}), at)
        self._unique(block, "block_id", self._block_ids, at)
        self._inside(block, at)
        return self._second_opinion(lambda: Block.parse(block), at)

    def _inside(self, block: JSON, at: str) -> None:
        """What a block of its kind may hold."""
        match block["type"]:
            case "section":
                self._section(block, at)
            case "header":
                self._text(block.get("text"), f"{at}/text", 150, PLAIN)
            case "image":
                self._image(block, at)
                if "title" in block:
                    self._text(block["title"], f"{at}/title", 2000, PLAIN)
            case "actions":
                for place, each in self._several(block, "elements", 25, at):
                    self._element(each, ACTIONS, f"{at}/elements/{place}")
            case "context":
                self._context(block, at)
            case "input":
                self._text(block.get("label"), f"{at}/label", 2000, PLAIN)
                if "hint" in block:
                    self._text(block["hint"], f"{at}/hint", 2000, PLAIN)
                self._element(block.get("element"), INPUTS, f"{at}/element")
            case "markdown":
                self._string(block, "text", MARKDOWN, at)
                self._markdown += len(str(block.get("text", "")))
            case "table":
                for place, row in self._several(block, "rows", 100, at):
                    if not isinstance(row, list) or len(row) > 20:
                        self.note("no more than 20 items allowed", f"{at}/rows/{place}")

    def _section(self, block: JSON, at: str) -> None:
        if not block.get("text") and not block.get("fields"):
            self.note("missing required field: text or fields", at)
        if "text" in block:
            self._text(block["text"], f"{at}/text", 3000, ANY_TEXT)
        if "fields" in block:
            for place, each in self._several(block, "fields", 10, at):
                self._text(each, f"{at}/fields/{place}", 2000, ANY_TEXT)
        if "accessory" in block:
            self._element(block["accessory"], ACCESSORIES, f"{at}/accessory")

    def _context(self, block: JSON, at: str) -> None:
        for place, each in self._several(block, "elements", 10, at):
            spot = f"{at}/elements/{place}"
            if isinstance(each, dict) and each.get("type") == "image":
                self._image(each, spot)
            else:
                self._text(each, spot, 3000, ANY_TEXT)

    def _image(self, image: JSON, at: str) -> None:
        self._string(image, "alt_text", 2000, at)
        self._string(image, "image_url", 3000, at)
        if ("image_url" in image) == ("slack_file" in image):
            self.note("needs one of image_url and slack_file", at)

    def _element(self, element: Any, allowed: Iterable[str], at: str) -> None:
        if not isinstance(element, dict):
            return self.note("must be an object", at)
        kind = str(element.get("type"))
        if kind not in allowed:
            return self.note(f"unsupported type: {kind}", f"{at}/type")
        self._keys(element, ELEMENTS[kind], at)
        self._unique(element, "action_id", self._action_ids, at)
        self._focused += bool(element.get("focus_on_load"))
        if "placeholder" in element:
            self._text(element["placeholder"], f"{at}/placeholder", 150, PLAIN)
        if "confirm" in element:
            self._confirm(element["confirm"], f"{at}/confirm")
        match kind:
            case "button":
                self._button(element, at)
            case "image":
                self._image(element, at)
            case "plain_text_input":
                self._typed(element, at)
            case "file_input":
                self._file_input(element, at)
            case "number_input" | "timepicker" | "datepicker":
                for key, pattern in PATTERNS[kind].items():
                    self._pattern(element, key, pattern, at)
            case "overflow" | "checkboxes" | "radio_buttons":
                self._menu(element, at)
            case "static_select" | "multi_static_select":
                self._menu(element, at)
        if "max_selected_items" in element and element["max_selected_items"] < 1:
            self.note("must be more than 0", f"{at}/max_selected_items")
        return None

    def _button(self, button: JSON, at: str) -> None:
        self._text(button.get("text"), f"{at}/text", 75, PLAIN)
        self._string(button, "value", 2000, at)
        self._string(button, "url", 3000, at)
        self._string(button, "accessibility_label", 75, at)
        if button.get("style", "primary") not in {"primary", "danger"}:
            self.note("must be primary or danger", f"{at}/style")

    def _typed(self, element: JSON, at: str) -> None:
        self._string(element, "initial_value", 3000, at, least=0)
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not 0 <= least <= 3000:
            self.note("must be between 0 and 3000", f"{at}/min_length")
        if not max(least, 1) <= most <= 3000:
            self.note("must be between 1 and 3000", f"{at}/max_length")

    def _file_input(self, element: JSON, at: str) -> None:
        """In a modal's input only; the file extensions come without their dots."""
        if self.where != "modal":
            self.note("unsupported type: file_input", f"{at}/type")
        if not 1 <= element.get("max_files", MOST_FILES) <= MOST_FILES:
            self.note(f"must be between 1 and {MOST_FILES}", f"{at}/max_files")
        kinds = element.get("filetypes", ["md"])
        if not isinstance(kinds, list) or not kinds:
            return self.note("must be an array with something in it", f"{at}/filetypes")
        if not all(isinstance(kind, str) and re.fullmatch(r"\w+", kind) for kind in kinds):
            self.note("must be file extensions", f"{at}/filetypes")
        return None

    def _pattern(self, element: JSON, key: str, pattern: str, at: str) -> None:
        value = element.get(key)
        if value is not None and not re.fullmatch(pattern, str(value)):
            self.note("failed to match the pattern", f"{at}/{key}")

    def _confirm(self, confirm: Any, at: str) -> None:
        if not isinstance(confirm, dict):
            return self.note("must be an object", at)
        self._keys(confirm, _shape("title text confirm deny", "style"), at)
        self._text(confirm.get("title"), f"{at}/title", 100, PLAIN)
        self._text(confirm.get("text"), f"{at}/text", 300, ANY_TEXT)
        self._text(confirm.get("confirm"), f"{at}/confirm", 30, PLAIN)
        return self._text(confirm.get("deny"), f"{at}/deny", 30, PLAIN)

    def _menu(self, element: JSON, at: str, least: int = 1) -> None:
        kind = element["type"]
        most = MENU_SIZES.get(kind, SUGGESTIONS)
        if ("options" in element) == ("option_groups" in element):
            return self.note("needs one of options and option_groups", at)
        chosen = element.get("initial_options", [])
        if "initial_option" in element:
            chosen = [element["initial_option"]]
        offered: list[JSON] = []
        if "options" in element:
            offered += self._options(element, kind, most, at, least)
        else:
            for place, group in self._several(element, "option_groups", 100, at):
                spot = f"{at}/option_groups/{place}"
                if not isinstance(group, dict):
                    self.note("must be an object", spot)
                    continue
                self._text(group.get("label"), f"{spot}/label", 75, PLAIN)
                offered += self._options(group, kind, most, spot, least)
        for option in chosen:
            if option not in offered:
                self.note("the initial option must match an option", at)
        return None

    def _options(self, holder: JSON, kind: str, most: int, at: str, least: int) -> list[JSON]:
        kinds = ANY_TEXT if kind in MARKED_OPTIONS else PLAIN
        sound: list[JSON] = []
        for place, option in self._several(holder, "options", most, at, least):
            spot = f"{at}/options/{place}"
            if not isinstance(option, dict):
                self.note("must be an object", spot)
                continue
            extra = "description url" if kind == "overflow" else "description"
            self._keys(option, _shape("text value", extra), spot)
            self._text(option.get("text"), f"{spot}/text", 75, kinds)
            self._string(option, "value", 150, spot)
            self._string(option, "url", 3000, spot)
            if "description" in option:
                self._text(option["description"], f"{spot}/description", 75, kinds)
            sound.append(option)
        return sound

    def _text(self, text: Any, at: str, most: int, kinds: tuple[str, ...]) -> None:
        if not isinstance(text, dict):
            return self.note("must be a text object", at)
        kind = text.get("type")
        if kind not in kinds:
            return self.note(f"must be one of {', '.join(kinds)}", f"{at}/type")
        extra = "emoji" if kind == "plain_text" else "verbatim"
        self._keys(text, _shape("text", extra), at)
        return self._string(text, "text", most, at)

    def _string(self, holder: JSON, key: str, most: int, at: str, least: int = 1) -> None:
        value = holder.get(key)
        if value is None:
            return
        if not isinstance(value, str):
            self.note("must be a string", f"{at}/{key}")
        elif len(value) < least:
            self.note(f"must be more than {least - 1} characters", f"{at}/{key}")
        elif len(value) > most:
            self.note(f"must be less than {most + 1} characters", f"{at}/{key}")

    def _several(
        self, holder: JSON, key: str, most: int, at: str, least: int = 1
    ) -> Iterable[tuple[int, Any]]:
        value = holder.get(key)
        if not isinstance(value, list):
            self.note("must be an array", f"{at}/{key}")
            return ()
        if len(value) < least:
            self.note(f"no fewer than {least} items allowed", f"{at}/{key}")
        if len(value) > most:
            self.note(f"no more than {most} items allowed", f"{at}/{key}")
        return enumerate(value)

    def _keys(self, holder: JSON, shape: Shape, at: str) -> None:
        for key in sorted(shape.required - set(holder)):
            self.note(f"missing required field: {key}", at)
        for key in sorted(set(holder) - shape.allowed):
            self.note(f"no such field is allowed: {key}", at)

    def _unique(self, holder: JSON, key: str, taken: set[str], at: str) -> None:
        value = holder.get(key)
        if value is None:
            return
        self._string(holder, key, 255, at)
        if value in taken:
            self.note(f"{key} {value!r} already exists", f"{at}/{key}")
        taken.add(str(value))

    def _second_opinion(self, parse: Callable[[], JsonObject | None], at: str) -> None:
        try:
            parsed = parse()
            if parsed is not None:
                parsed.to_dict()
        except (SlackObjectFormationError, TypeError, AttributeError) as wrong:
            self.note(f"slack_sdk: {wrong}", at)


def message_problems(body: JSON) -> list[str]:
    """What is wrong with the blocks and text of a message."""
    checker = Checker("message")
    text = body.get("text")
    if body.get("blocks"):
        checker.blocks(body["blocks"])
        if not isinstance(text, str) or not text.strip():
            checker.note("text must be there for those who cannot see blocks", "/text")
    if isinstance(text, str) and len(text) > MESSAGE_TEXT:
        checker.note(f"must be less than {MESSAGE_TEXT + 1} characters", "/text")
    metadata = body.get("metadata")
    if metadata:
        match metadata:
            case {"event_type": str(kind), "event_payload": dict()} if kind:
                pass
            case _:
                checker.note("needs event_type and event_payload", "/metadata")
    return checker.problems


def view_problems(view: Any, where: Where) -> list[str]:
    """What is wrong with a modal or Home tab."""
    checker = Checker(where)
    checker.view(view)
    return checker.problems


def suggestion_problems(answer: Any) -> list[str]:
    """What is wrong with the options suggested to an external select."""
    checker = Checker("message")
    checker.suggestions(answer)
    return checker.problems
