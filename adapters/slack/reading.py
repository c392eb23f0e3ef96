"""Reads a message that a member picked: its text, and the actions of its controls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ATTACHMENT_TEXTS = ("title", "text", "fallback")


def read_text(message: Mapping[str, Any]) -> str:
    """The text of a message, or of its blocks and attachments if it has none of its own."""
    attachments = message.get("attachments") or ()
    texts = [
        *_find(message.get("blocks") or (), "text"),
        *(str(each[key]) for each in attachments for key in ATTACHMENT_TEXTS if each.get(key)),
    ]
    return str(message.get("text") or "") or "\n".join(texts)


def read_actions(message: Mapping[str, Any]) -> list[str]:
    """The actions of a message's controls, without what we put before some."""
    return [id_.rpartition("|")[2] for id_ in _find(message.get("blocks") or (), "action_id")]


def _find(node: Any, key: str) -> Iterator[str]:
    """The texts under a key, however deeply nested."""
    match node:
        case list() | tuple():
            for each in node:
                yield from _find(each, key)
        case dict():
            if isinstance(found := node.get(key), str):
                yield found
            yield from _find([*node.values()], key)
