"""Discord's documented limits and shapes of messages; each check yields what is wrong.

Sources: Discord's documentation, "Message", "Embed Limits", "Allowed Mentions", "Uploading Files".
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping

from tests.stand_ins.discord import layout_limits
from tests.stand_ins.discord.checks import (
    EMPTY,
    Problem,
    Problems,
    at,
    items,
    number,
    text,
    wrong,
)
from tests.stand_ins.discord.components import IS_COMPONENTS_V2, ROW, walk
from tests.stand_ins.discord.control_limits import custom_ids, ids, row
from tests.stand_ins.discord.world import Json

BESIDE = ("content", "embeds", "sticker_ids", "poll")
"""What a layout has no place for."""
_MENTION = re.compile(r"@(?:everyone|here)|<@(?P<kind>[!&]?)(?P<id>\d+)>")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)


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
    is_layout = bool(_flags(body) & IS_COMPONENTS_V2)
    rows = yield from items(body, "components", 40 if is_layout else 5)
    kept = yield from _attachments(body, {**new_files, **old_files}, old_files)
    names = {*new_files.values(), *kept}
    if is_layout:
        yield from _nothing_beside(body)
        yield from layout_limits.layout(rows, names)
    else:
        yield from components(rows)
    shown = rows if is_layout else str(body.get("content") or "").strip() or embeds or rows or names
    if not shown:
        yield wrong("Cannot send an empty message", "content", code=EMPTY)
    if sum(map(_size, embeds)) > 6000:
        yield wrong("Embeds have more than 6000 characters together", "embeds")
    for place, embed in enumerate(embeds):
        yield from at("embeds", at(place, _embed(embed, names)))
    yield from _mentions(body)
    nonce = body.get("nonce")
    if nonce is not None and not (isinstance(nonce, (int, str)) and len(str(nonce)) <= 25):
        yield wrong("Must be at most 25 characters", "nonce")
    if not isinstance(body.get("flags") or 0, int):
        yield wrong("Not a number", "flags")


def flags_stay(before: int, change: Json) -> Problems:
    """Source: "Edit Message" and "Using Message Components"."""
    if "flags" in change and before & IS_COMPONENTS_V2 and not _flags(change) & IS_COMPONENTS_V2:
        yield wrong("IS_COMPONENTS_V2 cannot be removed from a message", "flags")


def archiving(thread: Json) -> Problems:
    """Source: "Start Thread from Message"."""
    minutes = thread.get("auto_archive_duration")
    if minutes is not None and minutes not in (60, 1440, 4320, 10080):
        yield wrong("Value must be one of {60, 1440, 4320, 10080}", "auto_archive_duration")


def _flags(body: Json) -> int:
    flags = body.get("flags")
    return flags if isinstance(flags, int) else 0


def _nothing_beside(body: Json) -> Problems:
    for key in BESIDE:
        if body.get(key):
            yield wrong(
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
                key,
                code="MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            )


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
    for place, each in enumerate(rows):
        if each.get("type") == ROW:
            yield from at("components", at(place, row(each)))
        else:
            problem = f"A component of type {each.get('type')} outside a row"
            yield wrong(problem, "components", place, "type", code="UNION_TYPE_CHOICES")
    yield from custom_ids(rows)
    yield from ids(rows)


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
    """What in the content, or in a layout's texts, would notify somebody. Embeds and code notify
    nobody."""
    allowed = body.get("allowed_mentions")
    texts = [each.get("content") for each in (body, *walk(body.get("components") or ()))]
    for match in _MENTION.finditer(_CODE.sub("", "\n".join(str(each or "") for each in texts))):
        kind = {"&": "roles"}.get(match["kind"], "users") if match["id"] else "everyone"
        if (
            allowed is None
            or kind in (allowed.get("parse") or ())
            or match["id"] in {str(each) for each in allowed.get(kind) or ()}
        ):
            yield match.group()
