"""Builds Slack's modals from forms, and reads them when they're submitted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.slack.render import Json, build_option, build_text, render_view
from bot.engine.events import FieldValue, Mention, Role
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
    inputs = [_build_input(field, listed=not form.distinct) for field in form.fields]
    if form.fields[0].kind == "text":
        inputs[0]["element"]["focus_on_load"] = True
    intro = render_view(Screen(text=form.intro)) if form.intro else []
    return _build_view(form.title, action, metadata, [*intro, *inputs]) | {
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
    person: Callable[[str], Awaitable[Mention | None]],
    file: Callable[[Json], Awaitable[FieldValue]],
    channel: Callable[[str], FieldValue],
) -> dict[str, FieldValue]:
    """The values of a submitted modal, by field name."""
    fields: dict[str, FieldValue] = {}
    for name, parts in view["state"]["values"].items():
        for id_, part in parts.items():
            match part:
                case {"selected_user": str(user)}:
                    fields[name] = await person(user) or ""
                case {"selected_users": users}:
                    known = [await person(user) for user in users or ()]
                    fields[name] = tuple(each for each in known if each)
                case {"selected_conversation": str(conversation)}:
                    fields[name] = channel(conversation)
                case {"files": [sent, *_]}:
                    fields[name] = await file(sent)
                case {"selected_options": chosen} if id_.startswith(SEARCH_PREFIX):
                    fields[name] = _read_found(id_, chosen[0]) if chosen else ""
                case {"selected_options": chosen}:
                    fields[name] = tuple(each["value"] for each in chosen or ())
                case {"selected_option": {"value": _} as chosen}:
                    fields[name] = _read_found(id_, chosen)
                case {"selected_time": str(text)} | {"value": str(text)}:
                    fields[name] = text
    return fields


def _read_found(id_: str, chosen: Json) -> FieldValue:
    """An option that was picked from a menu, or found in a search."""
    if id_.startswith(f"{SEARCH_PREFIX}role|"):
        return Role(chosen["value"], chosen["text"]["text"])
    return str(chosen["value"])


def find_changed(view: Mapping[str, Any]) -> frozenset[str]:
    """The names of the fields that no longer hold what the modal showed when it opened."""
    elements = {each["block_id"]: each["element"] for each in view["blocks"] if "element" in each}
    return frozenset(
        name
        for name, parts in view["state"]["values"].items()
        for part in parts.values()
        if not _is_unchanged(elements.get(name, {}), part)
    )


def _is_unchanged(element: Json, part: Json) -> bool:
    """Whether an element holds what it showed at first: `selected_time` is `initial_time`."""
    return all(
        _strip(held) == _strip(element.get(f"initial_{key.removeprefix('selected_')}"))
        for key, held in part.items()
        if key != "type"
    )


def _strip(held: Any) -> Any:
    """A field's value without the labels of its options, which Slack may write differently."""
    match held:
        case {"value": value}:
            return value
        case list():
            return sorted(map(_strip, held))
        case _:
            return held or None


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
        case "number":
            return {
                "type": "number_input",
                "is_decimal_allowed": False,
                "min_value": str(field.minimum),
                "max_value": str(field.maximum),
            } | ({"initial_value": filled} if filled else {})
        case "choice" | "choices":
            return _build_menu(field, listed=listed)
        case "time":
            return {"type": "timepicker"} | ({"initial_time": filled} if filled else {})
        case "zone" | "role" | "topic":
            return _build_search(field)
        case "member":
            return {"type": "users_select"}
        case "members":
            people = {"initial_users": [*field.initial]} if field.initial else {}
            return {"type": "multi_users_select"} | people
        case "channel":
            channels = {"filter": {"include": ["public", "private"]}}
            here = {"initial_conversation": filled} if filled else {}
            return {"type": "conversations_select"} | channels | here
        case "file":
            return {"type": "file_input", "max_files": 1}
        case _:
            text = {
                "type": "plain_text_input",
                "multiline": field.multiline,
                "max_length": min(field.max_chars, MAX_TEXT),
            }
            return text | ({"initial_value": filled} if filled else {})


def _build_search(field: Field) -> Json:
    """A menu with suggestions as you type. Only one for several options can be emptied again."""
    labels = field.labels or field.initial
    found = [build_option(*each) for each in zip(labels, field.initial, strict=True)]
    search: Json = {
        "type": "external_select" if field.required else "multi_external_select",
        "action_id": f"{SEARCH_PREFIX}{field.kind}|{field.name}",
        "min_query_length": 0,
    }
    if not field.required:
        return search | {"max_selected_items": 1} | ({"initial_options": found} if found else {})
    return search | ({"initial_option": found[0]} if found else {})


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
