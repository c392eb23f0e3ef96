"""Discord's documented limits and shapes of modals; each check yields what is wrong.

Sources: Discord's documentation, "Modal", "Component Reference", "File Type Filtering".
"""

from __future__ import annotations

from collections.abc import Callable

from tests.stand_ins.discord.checks import Problems, at, items, number, text, wrong
from tests.stand_ins.discord.components import (
    AUTO_SELECTS,
    CHECKBOX,
    CHECKBOXES,
    INPUT,
    LABEL,
    RADIO,
    ROW,
    SELECT,
    SHOWN_TEXT,
    UPLOAD,
)
from tests.stand_ins.discord.control_limits import (
    bounds,
    custom_id,
    custom_ids,
    ids,
    options,
    select,
)
from tests.stand_ins.discord.world import Json

FILE_GROUPS = {
    "image": (".png", ".gif", ".jpg", ".jpeg", ".jfif", ".webp", ".avif"),
    "video": (".mp4", ".mov", ".qt", ".webm"),
    "audio": (".mp3", ".m4a", ".wav", ".ogg", ".opus", ".flac"),
}


def modal(body: Json) -> Problems:
    """A modal: text inputs in rows of their own, any input with a label, or shown texts."""
    yield from text(body, "title", 45, 1, required=True)
    yield from custom_id(body)
    parts = yield from items(body, "components", 5, 1)
    for place, part in enumerate(parts):
        check = _IN_MODAL.get(part.get("type") or 0, _unknown)
        yield from at("components", at(place, check(part)))
    yield from custom_ids(parts)
    yield from ids(parts)


def _unknown(component: Json) -> Problems:
    yield wrong(f"No component of type {component.get('type')} here", "type")


def _shown_text(part: Json) -> Problems:
    yield from text(part, "content", 4000, 1, required=True)


def _input_row(row: Json) -> Problems:
    inner = yield from items(row, "components", 1, 1)
    for place, each in enumerate(inner):
        if each.get("type") != INPUT:
            yield wrong("Not a text input", "components", place, "type")
        yield from at("components", at(place, text(each, "label", 45, 1, required=True)))
        yield from at("components", at(place, _input(each)))


def _label(label: Json) -> Problems:
    yield from text(label, "label", 45, 1, required=True)
    yield from text(label, "description", 100)
    each = label.get("component") or {}
    if each.get("type") == INPUT and each.get("label") is not None:
        yield wrong("The label is outside", "component", "label")
    if each.get("disabled"):
        yield wrong("Nothing in a modal can be disabled", "component", "disabled")
    yield from at("component", _IN_LABEL.get(each.get("type") or 0, _unknown)(each))


def _input(field: Json) -> Problems:
    yield from custom_id(field)
    if field.get("style") not in (1, 2):
        yield wrong("Must be 1 or 2", "style")
    yield from text(field, "placeholder", 100)
    yield from text(field, "value", 4000)
    yield from number(field, "min_length", 0, 4000)
    yield from number(field, "max_length", 1, 4000)
    if (field.get("min_length") or 0) > (field.get("max_length") or 4000):
        yield wrong("More than max_length", "min_length")


def _select(field: Json) -> Problems:
    yield from select(field)
    yield from _required(field)


def _upload(field: Json) -> Problems:
    yield from custom_id(field)
    yield from number(field, "min_values", 0, 10)
    yield from number(field, "max_values", 1, 10)
    yield from _required(field)
    least, most = bounds(field)
    if least > most:
        yield wrong("More than max_values", "min_values")
    kinds = field.get("file_types") or []
    if len(kinds) > 10:
        yield wrong("Must be 10 or fewer in length", "file_types")
    for kind in kinds:
        if kind not in FILE_GROUPS and not str(kind).startswith("."):
            yield wrong("Neither a group nor an extension with its dot", "file_types")


def _radio(group: Json) -> Problems:
    yield from custom_id(group)
    yield from options(group, 10, 2)
    if sum(bool(each.get("default")) for each in group.get("options") or ()) > 1:
        yield wrong("More than one default", "options")


def _checkboxes(group: Json) -> Problems:
    yield from custom_id(group)
    yield from options(group, 10, 1)
    yield from number(group, "min_values", 0, 10)
    yield from number(group, "max_values", 1, 10)
    yield from _required(group)
    given = group.get("options") or []
    least, most = bounds(group)
    if most > len(given):
        yield wrong("More than there are options", "max_values")
    if least > most:
        yield wrong("More than max_values", "min_values")
    if sum(bool(each.get("default")) for each in given) > most:
        yield wrong("More defaults than max_values", "options")


def _required(field: Json) -> Problems:
    """Source: the note at `min_values` of each of them."""
    if field.get("required", True) and field.get("min_values") == 0:
        yield wrong("Must be at least 1 where it is required", "min_values")


_IN_MODAL: dict[int, Callable[[Json], Problems]] = {
    ROW: _input_row,
    LABEL: _label,
    SHOWN_TEXT: _shown_text,
}
_IN_LABEL: dict[int, Callable[[Json], Problems]] = {
    INPUT: _input,
    **dict.fromkeys((SELECT, *AUTO_SELECTS), _select),
    UPLOAD: _upload,
    RADIO: _radio,
    CHECKBOXES: _checkboxes,
    CHECKBOX: custom_id,
}
