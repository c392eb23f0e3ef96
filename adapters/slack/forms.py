"""Builds Slack's modals from forms, and reads them when they're submitted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.slack.render import Json, build_option, build_text, render_view
from bot.engine.events import FieldValue, Role
from bot.engine.screens import Field, Form, Screen

MAX_TITLE, MAX_SUBMIT, MAX_LABEL, MAX_HINT, MAX_TEXT = 24, 24, 2000, 2000, 3000
"""Characters in a modal's parts. Source: Slack's documentation, "Modal views", "Input block" and
"Plain-text input"."""

MAX_LISTED_OPTIONS, MAX_MENU_OPTIONS = 10, 100
"""How many choices radio buttons and checkboxes can have, and how many a menu can."""

APP_NAME = "Studyhall"
SEARCH_PREFIX = "search|"
"""Starts the action id of a field with suggestions as you type; its kind and name follow."""


def build_modal(form: Form, action: str, metadata: str) -> Json:
    """The form as a modal; its callback id is the form's action."""
    # A list of all options in each field would take too much room in a form that repeats them.
    blocks = [_build_input(field, listed=not form.distinct) for field in form.fields]
    if form.fields[0].kind == "text":
        blocks[0]["element"]["focus_on_load"] = True
    return _build_view(form.title, action, metadata, blocks) | {
        "submit": build_text(form.submit, MAX_SUBMIT)
    }


def build_loading(action: str, metadata: str) -> Json:
    """The modal that's shown while what goes into it is being built."""
    return build_screen(Screen(text=("Loading…",)), action, metadata)


def build_screen(screen: Screen, action: str, metadata: str, picture: str = "") -> Json:
    """A modal that shows a screen with its controls, and with an uploaded picture."""
    return _build_view(APP_NAME, action, metadata, render_view(screen, picture)) | {
        "close": build_text("Close")
    }


async def read_fields(
    view: Mapping[str, Any],
    person: Callable[[str], Awaitable[FieldValue]],
    file: Callable[[Json], Awaitable[FieldValue]],
    channel: Callable[[str], FieldValue],
) -> dict[str, FieldValue]:
    """The values of a submitted modal, by field name."""
    fields: dict[str, FieldValue] = {}
    for name, parts in view["state"]["values"].items():
        for id_, part in parts.items():
            match part:
                case {"selected_user": str(user)}:
                    fields[name] = await person(user)
                case {"selected_conversation": str(conversation)}:
                    fields[name] = channel(conversation)
                case {"files": [sent, *_]}:
                    fields[name] = await file(sent)
                case {"selected_options": chosen}:
                    fields[name] = tuple(each["value"] for each in chosen or ())
                case {"selected_option": {"value": value, "text": text}}:
                    role = id_.startswith(f"{SEARCH_PREFIX}role|")
                    fields[name] = Role(value, text["text"]) if role else value
                case {"selected_time": str(text)} | {"value": str(text)}:
                    fields[name] = text
    return fields


def _build_view(title: str, action: str, metadata: str, blocks: list[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": action,
        "private_metadata": metadata,
        "title": build_text(title, MAX_TITLE),
        "close": build_text("Cancel"),
        "blocks": blocks,
    }


def _build_input(field: Field, *, listed: bool) -> Json:
    block: Json = {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": build_text(field.label, MAX_LABEL),
        "element": {"action_id": field.name, **_build_element(field, listed=listed)},
    }
    return block | ({"hint": build_text(field.hint, MAX_HINT)} if field.hint else {})


def _build_element(field: Field, *, listed: bool) -> Json:
    filled = field.initial[0] if field.initial else None
    match field.kind:
        case "choice" | "choices":
            return _build_menu(field, listed=listed)
        case "time":
            return {"type": "timepicker"} | ({"initial_time": filled} if filled else {})
        case "zone" | "role":
            search = {
                "type": "external_select",
                "action_id": f"{SEARCH_PREFIX}{field.kind}|{field.name}",
                "min_query_length": 0,
            }
            return search | ({"initial_option": build_option(filled, filled)} if filled else {})
        case "member":
            return {"type": "users_select"}
        case "channel":
            return {"type": "conversations_select", "filter": {"include": ["public", "private"]}}
        case "file":
            return {"type": "file_input", "max_files": 1}
        case _:
            text = {
                "type": "plain_text_input",
                "multiline": field.multiline,
                "max_length": min(field.max_chars, MAX_TEXT),
            }
            return text | ({"initial_value": filled} if filled else {})


def _build_menu(field: Field, *, listed: bool) -> Json:
    several, few = field.kind == "choices", listed and len(field.choices) <= MAX_LISTED_OPTIONS
    options = [
        build_option(choice.label, choice.value) for choice in field.choices[:MAX_MENU_OPTIONS]
    ]
    chosen = [each for each in options if each["value"] in field.initial]
    kinds = ("multi_static_select", "checkboxes") if several else ("static_select", "radio_buttons")
    menu: Json = {"type": kinds[few], "options": options}
    if not chosen:
        return menu
    return menu | ({"initial_options": chosen} if several else {"initial_option": chosen[0]})
