"""Forms as Slack's modals, and what comes back of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from adapters.slack.mrkdwn import shortened
from adapters.slack.render import Json, option, plain_text, render
from bot.engine.events import FieldValue, Role
from bot.engine.screens import Field, Form, Screen

TITLE, SUBMIT, LABEL, HINT, TEXT = 24, 24, 2000, 2000, 3000
"""Characters of a modal's parts. Source: Slack's documentation, "Modal views", "Input block" and
"Plain-text input"."""

AT_A_GLANCE, OPTIONS = 10, 100
"""Choices that radio buttons and boxes can have, and those that a menu can."""

NAME = "Studyhall"
SEARCH = "search|"
"""Begins the action id of a field that is searched in while its member types; its kind and name
follow."""


def modal(form: Form, action: str, metadata: str) -> Json:
    """The form as a modal; the action that it belongs to is its callback id."""
    blocks = [_input(field) for field in form.fields]
    if form.fields[0].kind == "text":
        blocks[0]["element"]["focus_on_load"] = True
    return _view(form.title, action, metadata, blocks) | {
        "submit": plain_text(shortened(form.submit, SUBMIT))
    }


def loading(action: str, metadata: str) -> Json:
    """What is shown until a form is built."""
    return said(Screen(text=("Loading…",)), action, metadata)


def said(screen: Screen, action: str, metadata: str) -> Json:
    """A screen in the place of a form."""
    shown = render(replace(screen, controls=()), alone=True)
    return _view(NAME, action, metadata, shown.blocks)


async def fields_of(
    view: Mapping[str, Any],
    person: Callable[[str], Awaitable[FieldValue]],
    file: Callable[[Json], Awaitable[FieldValue]],
    channel: Callable[[str], FieldValue],
) -> dict[str, FieldValue]:
    """What a submitted modal holds, by the names of its fields."""
    fields: dict[str, FieldValue] = {}
    for name, parts in view["state"]["values"].items():
        for id_, part in parts.items():
            match part:
                case {"selected_user": str(user)}:
                    fields[name] = await person(user)
                case {"selected_conversation": str(where)}:
                    fields[name] = channel(where)
                case {"files": [sent, *_]}:
                    fields[name] = await file(sent)
                case {"selected_options": chosen}:
                    fields[name] = tuple(each["value"] for each in chosen or ())
                case {"selected_option": {"value": value, "text": text}}:
                    role = id_.startswith(f"{SEARCH}role|")
                    fields[name] = Role(value, text["text"]) if role else value
                case {"selected_time": str(text)} | {"value": str(text)}:
                    fields[name] = text
    return fields


def _view(title: str, action: str, metadata: str, blocks: list[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": action,
        "private_metadata": metadata,
        "title": plain_text(shortened(title, TITLE)),
        "close": plain_text("Cancel"),
        "blocks": blocks,
    }


def _input(field: Field) -> Json:
    block: Json = {
        "type": "input",
        "block_id": field.name,
        "optional": not field.required,
        "label": plain_text(shortened(field.label, LABEL)),
        "element": {"action_id": field.name, **_element(field)},
    }
    return block | ({"hint": plain_text(shortened(field.hint, HINT))} if field.hint else {})


def _element(field: Field) -> Json:
    filled = field.initial[0] if field.initial else None
    match field.kind:
        case "choice" | "choices":
            return _menu(field)
        case "time":
            return {"type": "timepicker"} | ({"initial_time": filled} if filled else {})
        case "zone" | "role":
            search = {
                "type": "external_select",
                "action_id": f"{SEARCH}{field.kind}|{field.name}",
                "min_query_length": 0,
            }
            return search | ({"initial_option": option(filled, filled)} if filled else {})
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
                "max_length": min(field.max_chars, TEXT),
            }
            return text | ({"initial_value": filled} if filled else {})


def _menu(field: Field) -> Json:
    several, few = field.kind == "choices", len(field.choices) <= AT_A_GLANCE
    options = [option(choice.label, choice.value) for choice in field.choices[:OPTIONS]]
    chosen = [each for each in options if each["value"] in field.initial]
    kinds = ("multi_static_select", "checkboxes") if several else ("static_select", "radio_buttons")
    menu: Json = {"type": kinds[few], "options": options}
    if not chosen:
        return menu
    return menu | ({"initial_options": chosen} if several else {"initial_option": chosen[0]})
