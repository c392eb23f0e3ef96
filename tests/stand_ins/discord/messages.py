"""Messages, and what can be read and used on them."""

from __future__ import annotations

import copy
import mimetypes
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.stand_ins.discord.components import (
    AUTO_SELECTS,
    BUTTON,
    FILE,
    IS_COMPONENTS_V2,
    SELECT,
    SHOWN_TEXT,
    media,
    numbered,
    walk,
)
from tests.stand_ins.discord.world import BOT, Channel, Json, snowflake, time_of

if TYPE_CHECKING:
    from tests.stand_ins.discord.people import Person

CONTROLS = (BUTTON, SELECT, *AUTO_SELECTS)
EPHEMERAL, LOADING = 1 << 6, 1 << 7
HAS_THREAD = 1 << 5
REPLY = 19
"""The type of a message that replies to another one."""
KEPT_FLAGS = 1 << 2 | EPHEMERAL | 1 << 12 | IS_COMPONENTS_V2
"""The flags that a bot can set: no embeds of links, for one person only, without a sound, made of
components alone."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An uploaded file."""

    name: str
    data: bytes
    cdn: str
    """Where Discord's files are downloaded."""
    description: str = ""
    id: str = field(default_factory=snowflake)
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    """What makes its address one that cannot be guessed."""

    @property
    def type(self) -> str:
        """Its media type, told by its name."""
        kind = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def payload(self, *, ephemeral: bool = False) -> Json:
        """Discord's attachment object."""
        url = f"{self.cdn}/attachments/{self.id}/{quote(self.name)}?hm={self.key}&"
        return {
            "id": self.id,
            "filename": self.name,
            "description": self.description,
            "content_type": self.type,
            "size": len(self.data),
            "url": url,
            "proxy_url": url,
            "ephemeral": ephemeral,
        }


@dataclass(eq=False)
class Message:
    """A message, seen by all in its channel or by one person."""

    channel: Channel
    author: Json = field(default_factory=lambda: BOT)
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    visible_to: Person | None = None
    nonce: str | int | None = None
    origin: Json = field(default_factory=dict)
    """What Discord tells of the interaction that the message answers."""
    replies_to: Message | None = None
    id: str = field(kw_only=True)
    edits: int = 0
    edited: str | None = None
    deleted: bool = False

    def fill(self, body: Json, files: list[Attachment]) -> None:
        """Take over what a request says."""
        if "content" in body:
            self.content = body["content"] or ""
        if "embeds" in body:
            self.embeds = [{"type": "rich", **each} for each in body["embeds"] or ()]
        if "components" in body:
            self.components = numbered(body["components"] or [])
        if body.get("attachments") is not None:
            kept = {str(each["id"]) for each in body["attachments"]}
            self.attachments = [each for each in self.attachments if each.id in kept]
        self.attachments = [*self.attachments, *files]
        self.flags = self.flags & ~LOADING | int(body.get("flags") or 0) & IS_COMPONENTS_V2

    def edit(self, body: Json, files: list[Attachment], at: float) -> None:
        """Take over what a request changes."""
        self.fill(body, files)
        self.edits += 1
        self.edited = _written(at)

    def delete(self) -> None:
        """As when its author or a moderator deletes it."""
        self.deleted = True

    @property
    def shown(self) -> bool:
        """Whether there is anything to see but that the bot is thinking."""
        return not self.deleted and not self.flags & LOADING

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def files(self) -> dict[str, bytes]:
        """The bytes by name of the attached files that people see: of a layout those that it names,
        otherwise all."""
        named = {item["url"] for each in walk(self.components) for item in media(each)}
        return {
            each.name: each.data
            for each in self.attachments
            if not self.flags & IS_COMPONENTS_V2 or f"attachment://{each.name}" in named
        }

    @property
    def text(self) -> str:
        """Everything that can be read."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title", ""), embed.get("description", "")]
            for each in embed.get("fields", ()):
                parts += [each["name"], each["value"]]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [each["content"] for each in walk(self.components) if each["type"] == SHOWN_TEXT]
        return "\n".join(part for part in parts if part)

    def controls(self) -> Iterator[Json]:
        """Buttons and selects in order."""
        return (each for each in walk(self.components) if each["type"] in CONTROLS)

    def control(self, custom_id: str) -> Json | None:
        """The button or select with a custom id."""
        return next((each for each in self.controls() if each.get("custom_id") == custom_id), None)

    def buttons(self) -> dict[str, str]:
        """What the buttons send, or where they lead, by their labels."""
        return {
            each.get("label", ""): each.get("custom_id") or each.get("url", "")
            for each in self.controls()
            if each["type"] == BUTTON
        }

    def selects(self) -> dict[str, dict[str, str]]:
        """By the selects' custom ids: the values by the labels of their options."""
        return {
            each["custom_id"]: {option["label"]: option["value"] for option in each["options"]}
            for each in self.controls()
            if each["type"] == SELECT
        }

    def payload(self) -> Json:
        """Discord's message object."""
        told: Json = {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": self.author,
            "content": self.content,
            "timestamp": _written(time_of(self.id)),
            "edited_timestamp": self.edited,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [each.payload(ephemeral=self.ephemeral) for each in self.attachments],
            "embeds": self.embeds,
            "components": self._unfurled(self.components) if self.attachments else self.components,
            "pinned": False,
            "type": 0,
            "flags": self.flags,
            **self.origin,
        }
        if self.nonce is not None:
            told["nonce"] = self.nonce
        if (other := self.replies_to) is not None:
            told |= {
                "type": REPLY,
                "message_reference": {
                    "type": 0,
                    "message_id": other.id,
                    "channel_id": self.channel.id,
                    "guild_id": self.channel.guild.id if self.channel.guild else None,
                },
                "referenced_message": None if other.deleted else other.payload(),
            }
        return told

    def _unfurled(self, components: list[Json]) -> list[Json]:
        """The components as Discord tells of them: uploads are named by their address."""
        told, files = copy.deepcopy(components), {each.name: each for each in self.attachments}
        for each in walk(told):
            for item in media(each):
                name = item["url"].removeprefix("attachment://")
                if name == item["url"]:
                    continue
                file = files[name].payload()
                item |= {key: file[key] for key in ("url", "proxy_url", "content_type")}
                item["attachment_id"] = file["id"]
                if each["type"] == FILE:
                    each |= {"name": name, "size": file["size"]}
        return told


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
