"""Reads a message that a member picked: its text, and the actions of its controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import discord


def read_text(message: discord.Message) -> str:
    """All text of a message: its content, its embeds, and the texts among its components."""
    lines = [message.content, *(line for embed in message.embeds for line in _read_embed(embed))]
    lines += [
        each.content for each in _walk(message.components) if isinstance(each, discord.TextDisplay)
    ]
    return "\n".join(filter(None, lines))


def read_actions(message: discord.Message) -> list[str]:
    """The actions of a message's controls, without what we put before some."""
    ids = (getattr(each, "custom_id", None) for each in _walk(message.components))
    return [id_.rpartition("|")[2] for id_ in ids if id_]


def _read_embed(embed: discord.Embed) -> Iterator[str | None]:
    yield embed.title
    yield embed.description
    for field in embed.fields:
        yield field.name
        yield field.value


def _walk(components: Iterable[Any]) -> Iterator[Any]:
    """All components, however deeply nested."""
    for each in components:
        yield each
        accessory = getattr(each, "accessory", None)
        yield from _walk([*getattr(each, "children", ()), *([accessory] if accessory else ())])
