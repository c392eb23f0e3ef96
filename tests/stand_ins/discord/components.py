"""Components: their types, and how they lie in each other.

Source: Discord's documentation, "Component Reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from tests.stand_ins.discord.world import Json

ROW, BUTTON, SELECT, INPUT = 1, 2, 3, 4
USERS, ROLES, MENTIONABLES, CHANNELS = AUTO_SELECTS = (5, 6, 7, 8)
"""Selects that Discord fills."""
LABEL, UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 18, 19, 21, 22, 23
SECTION, SHOWN_TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
IS_COMPONENTS_V2 = 1 << 15
"""The flag of a message that is a layout: made of components alone. It is never taken back."""


def inner(component: Json) -> Iterator[Json]:
    """The components that lie in one."""
    yield from component.get("components") or ()
    for key in ("accessory", "component"):
        if component.get(key):
            yield component[key]


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """All components, each before those in it."""
    for each in components:
        yield each
        yield from walk(inner(each))


def media(component: Json) -> list[Json]:
    """The pictures and files that one shows itself; those of a gallery lie in its items."""
    shown = [component, *(component.get("items") or ())]
    return [each[key] for each in shown for key in ("media", "file") if key in each]


def numbered(components: list[Json]) -> list[Json]:
    """The components with the ids that Discord gives them where a request names none."""
    taken = {each.get("id") for each in walk(components)}
    free = (number for number in count(1) if number not in taken)

    def number(each: Json) -> Json:
        told = {**each, "id": each.get("id") or next(free)}
        if "components" in each:
            told["components"] = [number(part) for part in each["components"]]
        for key in ("accessory", "component"):
            if key in each:
                told[key] = number(each[key])
        return told

    return [number(each) for each in components]
