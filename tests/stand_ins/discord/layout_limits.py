"""Discord's documented limits and shapes of the components that are a whole message; each check
yields what is wrong.

Sources: Discord's documentation, "Component Reference"; for the characters of all texts together,
which it does not name, discord.py's, `LayoutView.content_length`.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.stand_ins.discord.checks import Problems, at, items, number, text, wrong
from tests.stand_ins.discord.components import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SEPARATOR,
    SHOWN_TEXT,
    THUMBNAIL,
    walk,
)
from tests.stand_ins.discord.control_limits import button, custom_ids, ids, row
from tests.stand_ins.discord.world import Json

COMPONENTS, CHARACTERS = 40, 4000
DESCRIPTION = 1024

Check = Callable[[Json, set[str]], Problems]


def layout(parts: list[Json], files: set[str]) -> Problems:
    """All components of a message, with the names of its files."""
    every = [*walk(parts)]
    if len(every) > COMPONENTS:
        yield wrong(f"{len(every)} components are more than {COMPONENTS}", "components")
    characters = sum(len(str(each.get("content"))) for each in every if each["type"] == SHOWN_TEXT)
    if characters > CHARACTERS:
        yield wrong(f"{characters} characters are more than {CHARACTERS}", "components")
    for place, part in enumerate(parts):
        yield from at("components", at(place, _one_of(_ON_TOP, part, files)))
    yield from custom_ids(parts)
    yield from ids(parts)


def _one_of(checks: dict[int, Check], part: Json, files: set[str]) -> Problems:
    kind = part.get("type") or 0
    if kind not in checks:
        yield wrong(f"Must be one of {(*checks,)}", "type", code="UNION_TYPE_CHOICES")
        return
    yield from checks[kind](part, files)


def _row(part: Json, files: set[str]) -> Problems:
    yield from row(part)


def _button(part: Json, files: set[str]) -> Problems:
    yield from button(part)


def _shown_text(part: Json, files: set[str]) -> Problems:
    yield from text(part, "content", CHARACTERS, 1, required=True)


def _section(part: Json, files: set[str]) -> Problems:
    texts = yield from items(part, "components", 3, 1)
    for place, each in enumerate(texts):
        yield from at("components", at(place, _one_of(_IN_SECTION, each, files)))
    if part.get("accessory"):
        yield from at("accessory", _one_of(_BESIDE, part["accessory"], files))
    else:
        yield wrong("This field is required", "accessory", code="BASE_TYPE_REQUIRED")


def _container(part: Json, files: set[str]) -> Problems:
    yield from number(part, "accent_color", 0, 0xFFFFFF)
    inner = yield from items(part, "components", COMPONENTS, 1)
    for place, each in enumerate(inner):
        yield from at("components", at(place, _one_of(_IN_CONTAINER, each, files)))


def _thumbnail(part: Json, files: set[str]) -> Problems:
    yield from text(part, "description", DESCRIPTION)
    yield from at("media", _media(part.get("media") or {}, files))


def _gallery(part: Json, files: set[str]) -> Problems:
    shown = yield from items(part, "items", 10, 1)
    for place, each in enumerate(shown):
        yield from at("items", at(place, _thumbnail(each, files)))


def _file(part: Json, files: set[str]) -> Problems:
    """Uploads only, unlike other media."""
    file = part.get("file") or {}
    if not str(file.get("url")).startswith("attachment://"):
        yield wrong("Not an uploaded file", "file", "url")
    yield from at("file", _media(file, files))


def _separator(part: Json, files: set[str]) -> Problems:
    yield from number(part, "spacing", 1, 2)


def _media(media: Json, files: set[str]) -> Problems:
    url = str(media.get("url"))
    name = url.removeprefix("attachment://")
    if not url.startswith(("http://", "https://", "attachment://")):
        yield wrong("Not a well formed URL", "url", code="URL_TYPE_INVALID_URL")
    elif name != url and name not in files:
        yield wrong(f"There is no file {name}", "url")


_IN_SECTION: dict[int, Check] = {SHOWN_TEXT: _shown_text}
_BESIDE: dict[int, Check] = {BUTTON: _button, THUMBNAIL: _thumbnail}
_IN_CONTAINER: dict[int, Check] = {
    ROW: _row,
    SECTION: _section,
    SHOWN_TEXT: _shown_text,
    GALLERY: _gallery,
    FILE: _file,
    SEPARATOR: _separator,
}
_ON_TOP: dict[int, Check] = {**_IN_CONTAINER, CONTAINER: _container}
