"""What would call people who did not ask to be called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.stand_ins.slack.blocks import JSON

SEQUENCE = re.compile(r"<!(?:channel|here|everyone|subteam\^)[^>]*>")
BROADCAST = re.compile(r"(?<![\w@<])@(?:channel|here|everyone)\b")
MENTION = re.compile(r"(?<![\w@<])@[\w.-]+")


def pings(body: JSON) -> list[str]:
    """The texts of a message that would ping.

    `link_names` and `parse=full` make any bare `@name` of the top text a mention. A mrkdwn object
    that is not `verbatim` has "certain mentions automatically parsed", so a bare broadcast counts
    there too.
    """
    found: list[str] = []
    text = str(body.get("text") or "")
    parsed = body.get("link_names") in {True, "1", "true"} or body.get("parse") == "full"
    if SEQUENCE.search(text) or (parsed and MENTION.search(text)):
        found.append(text)
    for inside, verbatim in _marked(body.get("blocks") or []):
        if SEQUENCE.search(inside) or (not verbatim and BROADCAST.search(inside)):
            found.append(inside)
    return found


def _marked(node: Any) -> Iterator[tuple[str, bool]]:
    if isinstance(node, list):
        for each in node:
            yield from _marked(each)
    elif isinstance(node, dict):
        match node:
            case {"type": "mrkdwn", "text": str(text)}:
                yield text, bool(node.get("verbatim"))
            case {"type": "markdown", "text": str(text)}:
                yield text, True
            case {"type": "broadcast", "range": str(whom)}:
                yield f"<!{whom}>", True
            case {"type": "usergroup", "usergroup_id": str(group)}:
                yield f"<!subteam^{group}>", True
            case _:
                for each in node.values():
                    yield from _marked(each)
