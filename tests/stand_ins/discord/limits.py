"""Discord's documented limits, as far as the bot can meet them; each check yields what is wrong.

Sources: Discord's documentation, "Message", "Embed Limits", "Component Reference", "Application
Commands".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
ROW, BUTTON, SELECT, INPUT, LABEL = 1, 2, 3, 4, 18
LINK = 5
_NAME = re.compile(r"^[-_a-z0-9]{1,32}$")
_PING = re.compile(r"@everyone|@here|<@[!&]?\d+>")


def long(what: str, text: str, limit: int, least: int = 1) -> Iterator[str]:
    if not least <= len(text) <= limit:
        yield f"{what} has {len(text)} characters, allowed are {least} to {limit}"


def message(body: Json, files: int = 0) -> Iterator[str]:
    yield from long("content", body.get("content") or "", 2000, 0)
    embeds = body.get("embeds") or []
    if not (body.get("content") or embeds or body.get("components") or files):
        yield "the message is empty"
    if len(embeds) > 10:
        yield "more than 10 embeds"
    if (total := sum(map(_size, embeds))) > 6000:
        yield f"embeds have {total} characters together"
    for embed in embeds:
        yield from _embed(embed)
    yield from components(body.get("components") or [])
    yield from long("nonce", str(body.get("nonce", "")), 25, 0)


def _size(embed: Json) -> int:
    fields = sum(len(f["name"]) + len(f["value"]) for f in embed.get("fields", ()))
    footer = embed.get("footer", {}).get("text", "")
    return (
        len(embed.get("title") or "") + len(embed.get("description") or "") + fields + len(footer)
    )


def _embed(embed: Json) -> Iterator[str]:
    yield from long("title", embed.get("title") or "", 256, 0)
    yield from long("description", embed.get("description") or "", 4096, 0)
    if len(embed.get("fields", ())) > 25:
        yield "more than 25 fields"
    for each in embed.get("fields", ()):
        yield from long("field name", each["name"], 256)
        yield from long("field value", each["value"], 1024)
    if "footer" in embed:
        yield from long("footer", embed["footer"]["text"], 2048)


def components(rows: list[Json]) -> Iterator[str]:
    if len(rows) > 5:
        yield "more than 5 rows"
    for row in rows:
        if row["type"] != ROW:
            yield f"a component of type {row['type']} outside a row"
            continue
        if not 1 <= len(row["components"]) <= 5:
            yield "a row has 1 to 5 components"
        for each in row["components"]:
            if each["type"] == SELECT:
                if len(row["components"]) > 1:
                    yield "a select shares its row"
                yield from _select(each)
            elif each["type"] == BUTTON:
                yield from _button(each)
            else:
                yield f"a component of type {each['type']} in a message"
    ids = Counter(c.get("custom_id") for row in rows for c in row["components"])
    yield from (f"custom id {id_} twice" for id_, n in ids.items() if id_ and n > 1)


def _button(button: Json) -> Iterator[str]:
    yield from long("button label", button.get("label") or "", 80)
    if (button["style"] == LINK) != ("url" in button) or ("url" in button) == (
        "custom_id" in button
    ):
        yield "a link has a url and no custom id, another button the reverse"
    if "custom_id" in button:
        yield from long("custom id", button["custom_id"], 100)


def _select(select: Json) -> Iterator[str]:
    yield from long("custom id", select["custom_id"], 100)
    yield from long("placeholder", select.get("placeholder") or "", 150, 0)
    options = select["options"]
    if not 1 <= len(options) <= 25:
        yield "a select has 1 to 25 options"
    for option in options:
        yield from long("option label", option["label"], 100)
        yield from long("option value", option["value"], 100)
        yield from long("option description", option.get("description") or "", 100, 0)
    if len({option["value"] for option in options}) != len(options):
        yield "option values repeat"
    if not 0 <= select.get("min_values", 1) <= select.get("max_values", 1) <= len(options):
        yield "min and max values do not fit the options"


def modal(body: Json) -> Iterator[str]:
    yield from long("modal title", body["title"], 45)
    yield from long("custom id", body["custom_id"], 100)
    if not 1 <= len(body["components"]) <= 5:
        yield "a modal has 1 to 5 components"
    for each in body["components"]:
        if each["type"] != LABEL or each["component"]["type"] != INPUT:
            yield "a modal's text inputs stand in labels"
            continue
        yield from long("label", each["label"], 45)
        field = each["component"]
        yield from long("custom id", field["custom_id"], 100)
        yield from long("placeholder", field.get("placeholder") or "", 100, 0)
        if field.get("max_length", 1) > 4000:
            yield "a text input takes at most 4000 characters"


def choices(body: Json) -> Iterator[str]:
    if len(body["choices"]) > 25:
        yield "more than 25 choices"
    for choice in body["choices"]:
        yield from long("choice name", choice["name"], 100)
        yield from long("choice value", str(choice["value"]), 100)


def commands(body: list[Json]) -> Iterator[str]:
    if len(body) > 100:
        yield "more than 100 commands"
    for command in body:
        if command.get("type", 1) == 1:
            yield from _command(command)
        else:
            yield from long("context menu name", command["name"], 32)


def _command(command: Json) -> Iterator[str]:
    if not _NAME.match(command["name"]):
        yield f"{command['name']} is no command name"
    yield from long("command description", command["description"], 100)
    options = command.get("options", [])
    if len(options) > 25:
        yield "more than 25 options"
    required = [option.get("required", False) for option in options if option["type"] > 2]
    if required != sorted(required, reverse=True):
        yield "required options come first"
    for option in options:
        yield from _command(option)
        if option.get("autocomplete") and option.get("choices"):
            yield "choices or autocomplete, not both"
        if option.get("choices"):
            yield from choices(option)


def pings(body: Json) -> Iterator[str]:
    """What in the content would notify somebody. Embeds notify nobody."""
    allowed = body.get("allowed_mentions")
    if allowed is None or allowed.get("parse") or allowed.get("users") or allowed.get("roles"):
        yield from _PING.findall(body.get("content") or "")
