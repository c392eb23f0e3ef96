"""What there is in the stand-in's Discord: servers, channels, people, messages, interactions."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any

EPHEMERAL = 64
TEXT, DM = 0, 1
MANAGE_GUILD = 1 << 5
MEMBER_PERMISSIONS = (1 << 10) | (1 << 11) | (1 << 31)
ADMIN_PERMISSIONS = MEMBER_PERMISSIONS | MANAGE_GUILD

Json = dict[str, Any]
_numbers = itertools.count(1)


def snowflake() -> str:
    """A new id, with the time in it as Discord's have."""
    return str(((int(time() * 1000) - 1420070400000) << 22) | (next(_numbers) & 0x3FFFFF))


@dataclass(eq=False)
class Channel:
    """A server's text channel, or a person's direct messages with the bot."""

    name: str
    guild: Guild | None
    id: str = field(default_factory=snowflake)
    messages: list[Message] = field(default_factory=list)
    deleted: bool = False
    forbidden: bool = False

    def payload(self) -> Json:
        kind = TEXT if self.guild else DM
        return {"id": self.id, "type": kind, "name": self.name, "permissions": "0", "position": 0}


@dataclass(eq=False)
class Guild:
    """A server."""

    name: str
    locale: str = "en-GB"
    id: str = field(default_factory=snowflake)
    channels: list[Channel] = field(default_factory=list)

    def payload(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "owner_id": "1",
            "preferred_locale": self.locale,
            "roles": [
                {"id": self.id, "name": "@everyone", "permissions": "0", "position": 0, "color": 0}
            ],
            "emojis": [],
            "stickers": [],
            "features": [],
            "members": [],
            "channels": [{**each.payload(), "guild_id": self.id} for each in self.channels],
            "threads": [],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "member_count": 2,
            "large": False,
            "unavailable": False,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "joined_at": "2026-01-01T00:00:00+00:00",
        }


@dataclass(eq=False)
class Message:
    """A message, seen by all in its channel or by one person."""

    channel: Channel
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    visible_to: str | None = None
    nonce: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    id: str = field(default_factory=snowflake)
    edits: int = 0
    deleted: bool = False

    def change(self, body: Json, files: dict[str, bytes]) -> None:
        """Take over what a body names."""
        if "content" in body:
            self.content = body["content"] or ""
        if "embeds" in body:
            self.embeds = body["embeds"] or []
        if "components" in body:
            self.components = body["components"] or []
        if files or "attachments" in body:
            self.files = files

    def payload(self) -> Json:
        return {
            "id": self.id,
            "channel_id": self.channel.id,
            "author": BOT,
            "content": self.content,
            "timestamp": "2026-03-02T12:00:00+00:00",
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": self.embeds,
            "components": self.components,
            "pinned": False,
            "type": 0,
            "flags": self.flags,
            **({"nonce": self.nonce} if self.nonce else {}),
        }

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    def controls(self) -> Iterator[Json]:
        """Buttons and selects in order."""
        for row in self.components:
            yield from row["components"]

    @property
    def text(self) -> str:
        """Everything that can be read."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title", ""), embed.get("description", "")]
            for each in embed.get("fields", ()):
                parts += [each["name"], each["value"]]
            parts.append(embed.get("footer", {}).get("text", ""))
        return "\n".join(part for part in parts if part)


BOT_ID = "1000000000000000001"
BOT = {
    "id": BOT_ID,
    "username": "Studyhall",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "bot": True,
}


@dataclass(eq=False)
class Interaction:
    """One thing a person did, and what the bot made of it."""

    payload: Json
    person: str
    channel: Channel
    used: Message | None = None
    id: str = field(default_factory=snowflake)
    token: str = field(default_factory=lambda: f"token-{next(_numbers)}")
    sent_at: float = field(default_factory=monotonic)
    elapsed: float | None = None
    response: Json | None = None
    message: Message | None = None
    """What answers it: a new message, or the one that was used."""
    followups: list[Message] = field(default_factory=list)
    expired: bool = False
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def deferred(self) -> bool:
        return bool(self.response and self.response["type"] in (5, 6))

    @property
    def failed(self) -> bool:
        """Whether the person was told that the interaction failed."""
        return self.response is None

    async def settled(self, timeout: float = 10) -> Message:
        """What the person sees in the end."""
        async with asyncio.timeout(timeout):
            await self.answered.wait()
        shown = self.followups[0] if self.followups and self.deferred else self.message
        if shown is None:
            raise AssertionError(f"nothing to see: {self.response}")
        return shown
