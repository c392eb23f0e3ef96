"""Discord's documented limits and shapes of the controls in messages and modals; each check yields
what is wrong.

Source: Discord's documentation, "Component Reference".
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.stand_ins.discord.checks import Problems, at, items, number, text, unique, wrong
from tests.stand_ins.discord.components import (
    AUTO_SELECTS,
    BUTTON,
    CHANNELS,
    CHECKBOXES,
    MENTIONABLES,
    ROLES,
    SELECT,
    USERS,
    walk,
)
from tests.stand_ins.discord.world import Json

LINK, PREMIUM = 5, 6
NAMED = {
    USERS: {"user"},
    ROLES: {"role"},
    MENTIONABLES: {"user", "role"},
    CHANNELS: {"channel"},
}
"""What can be named in advance in the selects that Discord fills."""


def custom_ids(components: Iterable[Json]) -> Problems:
    """No two controls of a message have the same."""
    yield from unique(walk(components), "custom_id", "components")


def row(body: Json) -> Problems:
    """Buttons side by side, or a select alone."""
    inner = yield from items(body, "components", 5, 1)
    for place, each in enumerate(inner):
        if each.get("type") == BUTTON:
            problems = button(each)
        elif each.get("type") == SELECT or each.get("type") in AUTO_SELECTS:
            problems = select(each)
            if len(inner) > 1:
                yield wrong("A select is alone in its row", "components")
        else:
            problems = iter([wrong("Neither a button nor a select", "type")])
        yield from at("components", at(place, problems))


def button(button: Json) -> Problems:
    yield from text(button, "label", 80)
    style = button.get("style")
    if style not in range(1, 7):
        yield wrong("Must be one of 1 to 6", "style")
    if not (button.get("label") or button.get("emoji")) and style != PREMIUM:
        yield wrong("A button has a label or an emoji", "label")
    if style == LINK:
        yield from text(button, "url", 512, 1, required=True)
    elif button.get("url") is not None:
        yield wrong("Only a link has a url", "url")
    if style in (LINK, PREMIUM):
        if button.get("custom_id") is not None:
            yield wrong("A link or an offer has no custom id", "custom_id")
    else:
        yield from custom_id(button)


def bounds(field: Json) -> tuple[int, int]:
    """How few and how many values can be chosen; null is as good as nothing, as discord.py's own
    fields send it."""
    least, most = field.get("min_values"), field.get("max_values")
    usual = len(field.get("options") or ()) if field["type"] == CHECKBOXES else 1
    return 1 if least is None else least, most or usual


def select(field: Json) -> Problems:
    yield from custom_id(field)
    yield from text(field, "placeholder", 150)
    yield from number(field, "min_values", 0, 25)
    yield from number(field, "max_values", 1, 25)
    least, most = bounds(field)
    if least > most:
        yield wrong("More than max_values", "min_values")
    if field["type"] == SELECT:
        yield from options(field, 25, 1)
        given = field.get("options") or []
        if most > len(given):
            yield wrong("More than there are options", "max_values")
        if sum(bool(each.get("default")) for each in given) > most:
            yield wrong("More defaults than max_values", "options")
    elif field.get("default_values"):
        first = field["default_values"]
        if not least <= len(first) <= most:
            yield wrong(f"Must be between {least} and {most} in length", "default_values")
        if not {each.get("type") for each in first} <= NAMED[field["type"]]:
            yield wrong("Not what can be selected", "default_values")


def options(field: Json, most: int, least: int) -> Problems:
    given = yield from items(field, "options", most, least)
    for place, option in enumerate(given):
        yield from at("options", at(place, text(option, "label", 100, 1, required=True)))
        yield from at("options", at(place, text(option, "value", 100, 1, required=True)))
        yield from at("options", at(place, text(option, "description", 100)))
    yield from unique(given, "value", "options")


def custom_id(component: Json) -> Problems:
    yield from text(component, "custom_id", 100, 1, required=True)


def ids(components: Iterable[Json]) -> Problems:
    """The components' own numbers: 0 stands for none."""
    given = [each for each in walk(components) if each.get("id")]
    for each in given:
        yield from number(each, "id", 0, 2**31 - 1)
    yield from unique(given, "id", "components")
