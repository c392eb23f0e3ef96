"""Discord's documented limits and shapes of messages; each check yields what is wrong.

Sources: Discord's documentation, "Message", "Embed Limits", "Allowed Mentions", "Uploading Files",
"Component Reference".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import NamedTuple

from tests.stand_ins.discord.components import (
    AUTO_SELECTS,
    BUTTON,
    CHANNELS,
    CHECKBOXES,
    MENTIONABLES,
    ROLES,
    ROW,
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
EMPTY = "EMPTY_MESSAGE"

_MENTION = re.compile(r"@(?:everyone|here)|<@(?P<kind>[!&]?)(?P<id>\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


class Problem(NamedTuple):
    """What is wrong, and where in the request's body."""

    path: tuple[str | int, ...]
    code: str
    text: str


Problems = Iterator[Problem]


def at(place: str | int, problems: Iterable[Problem]) -> Problems:
    """The problems of a part, named from the whole."""
    for problem in problems:
        yield problem._replace(path=(place, *problem.path))


def wrong(text: str, *path: str | int, code: str = "BASE_TYPE_INVALID") -> Problem:
    return Problem(path, code, text)


def tree(problems: Iterable[Problem]) -> Json:
    """The problems as Discord answers them."""
    errors: Json = {}
    for path, code, text in problems:
        place = errors
        for step in path:
            place = place.setdefault(str(step), {})
        place.setdefault("_errors", []).append({"code": code, "message": text})
    return errors


def text(body: Json, key: str, most: int, least: int = 0, *, required: bool = False) -> Problems:
    """A text's length. Spaces around it do not count."""
    value = body.get(key)
    if value is None:
        if required:
            yield wrong("This field is required", key, code="BASE_TYPE_REQUIRED")
    elif not isinstance(value, str):
        yield wrong("Not a string", key)
    elif not least <= len(value.strip()) or len(value) > most:
        yield wrong(
            f"Must be between {least} and {most} in length, has {len(value)}",
            key,
            code="BASE_TYPE_BAD_LENGTH",
        )


def items(body: Json, key: str, most: int, least: int = 0) -> Generator[Problem, None, list[Json]]:
    """A list of objects, and how many they may be."""
    found = body.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        yield wrong("Not a list of objects", key)
        return []
    if not least <= len(found) <= most:
        yield wrong(
            f"Must be between {least} and {most} in length, has {len(found)}",
            key,
            code="BASE_TYPE_BAD_LENGTH",
        )
    return found


def number(body: Json, key: str, low: float, high: float) -> Problems:
    value = body.get(key)
    if value is not None and not (isinstance(value, (int, float)) and low <= value <= high):
        yield wrong(f"Must be between {low} and {high}", key, code="NUMBER_TYPE_RANGE")


def message(
    body: Json,
    new_files: Mapping[str, str] | None = None,
    old_files: Mapping[str, str] | None = None,
) -> Problems:
    """A message as it would be; files are names by what the body can call them: the new ones by
    their number in the request, those already there by their id."""
    new_files, old_files = new_files or {}, old_files or {}
    yield from text(body, "content", 2000)
    embeds = yield from items(body, "embeds", 10)
    rows = yield from items(body, "components", 5)
    kept = yield from _attachments(body, {**new_files, **old_files}, old_files)
    names = {*new_files.values(), *kept}
    if not (str(body.get("content") or "").strip() or embeds or rows or names):
        yield wrong("Cannot send an empty message", "content", code=EMPTY)
    if sum(map(_size, embeds)) > 6000:
        yield wrong("Embeds have more than 6000 characters together", "embeds")
    for place, embed in enumerate(embeds):
        yield from at("embeds", at(place, _embed(embed, names)))
    yield from components(rows)
    yield from _mentions(body)
    nonce = body.get("nonce")
    if nonce is not None and not (isinstance(nonce, (int, str)) and len(str(nonce)) <= 25):
        yield wrong("Must be at most 25 characters", "nonce")
    if not isinstance(body.get("flags") or 0, int):
        yield wrong("Not a number", "flags")
    elif (body.get("flags") or 0) & 1 << 15:
        yield wrong("This stand-in knows no second version of components", "flags")


def _attachments(
    body: Json, known: Mapping[str, str], old: Mapping[str, str]
) -> Generator[Problem, None, set[str]]:
    """References to files; the names of the old files that stay."""
    if body.get("attachments") is None:
        return set(old.values())
    named = yield from items(body, "attachments", 10)
    for place, each in enumerate(named):
        if str(each.get("id")) not in known:
            yield wrong("There is no such file", "attachments", place, "id")
        yield from at("attachments", at(place, text(each, "description", 1024)))
    return {old[str(each.get("id"))] for each in named if str(each.get("id")) in old}


def _size(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for each in embed.get("fields") or ():
        parts += [each.get("name"), each.get("value")]
    return sum(len(part) for part in parts if isinstance(part, str))


def _embed(embed: Json, files: set[str]) -> Problems:
    yield from text(embed, "title", 256)
    yield from text(embed, "description", 4096)
    yield from number(embed, "color", 0, 0xFFFFFF)
    fields = yield from items(embed, "fields", 25)
    for place, each in enumerate(fields):
        yield from at("fields", at(place, text(each, "name", 256, 1, required=True)))
        yield from at("fields", at(place, text(each, "value", 1024, 1, required=True)))
    if embed.get("footer"):
        yield from at("footer", text(embed["footer"], "text", 2048, required=True))
    if embed.get("author"):
        yield from at("author", text(embed["author"], "name", 256, required=True))
    for key in ("image", "thumbnail"):
        url = str((embed.get(key) or {}).get("url") or "https://")
        name = url.removeprefix("attachment://")
        if not url.startswith(("http://", "https://", "attachment://")):
            yield wrong("Not a well formed URL", key, "url", code="URL_TYPE_INVALID_URL")
        elif name != url and name not in files:
            yield wrong(f"There is no file {name}", key, "url")
    if not set(embed) - {"type", "color", "flags"}:
        yield wrong("An embed shows something")


def components(rows: list[Json]) -> Problems:
    """Rows of buttons and selects."""
    for place, row in enumerate(rows):
        yield from at("components", at(place, _row(row)))
    yield from unique(walk(rows), "custom_id", "components")
    yield from ids(rows)


def _row(row: Json) -> Problems:
    if row.get("type") != ROW:
        yield wrong(f"A component of type {row.get('type')} outside a row", "type")
        return
    inner = yield from items(row, "components", 5, 1)
    for place, each in enumerate(inner):
        if each.get("type") == BUTTON:
            problems = _button(each)
        elif each.get("type") == SELECT or each.get("type") in AUTO_SELECTS:
            problems = select(each)
            if len(inner) > 1:
                yield wrong("A select is alone in its row", "components")
        else:
            problems = iter([wrong("Neither a button nor a select", "type")])
        yield from at("components", at(place, problems))


def _button(button: Json) -> Problems:
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


def unique(things: Iterable[Json], key: str, place: str) -> Problems:
    counted = Counter(str(each[key]) for each in things if each.get(key) is not None)
    for value, count in counted.items():
        if count > 1:
            yield wrong(f"{key} {value} is there {count} times", place, code="DUPLICATED")


def ids(components: Iterable[Json]) -> Problems:
    """The components' own numbers: 0 stands for none."""
    given = [each for each in walk(components) if each.get("id")]
    for each in given:
        yield from number(each, "id", 0, 2**31 - 1)
    yield from unique(given, "id", "components")


def _mentions(body: Json) -> Problems:
    allowed = body.get("allowed_mentions")
    if allowed is None:
        return
    if not isinstance(allowed, dict):
        yield wrong("Not an object", "allowed_mentions")
        return
    parse = allowed.get("parse") or []
    if not set(parse) <= {"roles", "users", "everyone"}:
        yield wrong("Must be among roles, users, everyone", "allowed_mentions", "parse")
    for kind in ("users", "roles"):
        named = allowed.get(kind) or []
        if len(named) > 100 or not all(str(each).isdecimal() for each in named):
            yield wrong("Must be at most 100 ids", "allowed_mentions", kind)
        if named and kind in parse:
            yield wrong("Mutually exclusive with parse", "allowed_mentions", kind)
    for key in set(allowed) - {"parse", "users", "roles", "replied_user"}:
        yield wrong("Unknown key", "allowed_mentions", key)


def pings(body: Json) -> Iterator[str]:
    """What in the content would notify somebody. Embeds and code notify nobody."""
    allowed = body.get("allowed_mentions")
    for match in _MENTION.finditer(_CODE.sub("", str(body.get("content") or ""))):
        kind = {"&": "roles"}.get(match["kind"], "users") if match["id"] else "everyone"
        if (
            allowed is None
            or kind in (allowed.get("parse") or ())
            or match["id"] in {str(each) for each in allowed.get(kind) or ()}
        ):
            yield match.group()
