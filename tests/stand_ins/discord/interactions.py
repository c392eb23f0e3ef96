"""Interactions: what a person did, and what the bot made of it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from time import monotonic
from typing import TYPE_CHECKING

from tests.stand_ins.discord.components import inner
from tests.stand_ins.discord.messages import Message
from tests.stand_ins.discord.world import BOT_ID, Channel, Json, time_of

if TYPE_CHECKING:
    from tests.stand_ins.discord.people import Person


class Kind(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    COMPLETION = 4
    SUBMIT = 5


class Response(IntEnum):
    """How the bot can respond."""

    ANSWER = 4
    DEFERRED_ANSWER = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


DEADLINE = 3.0
"""Seconds in which an interaction has to be responded to, on Discord itself."""

PATIENCE = 30.0
"""Seconds that anything may take here: a busy machine fails no test."""

TOKEN_LIFE = 15 * 60.0
"""Seconds in which an interaction's token can be used."""


@dataclass(eq=False)
class Interaction:
    """One thing a person did; it follows what the bot answers, even after it was handed out."""

    kind: Kind
    person: Person
    channel: Channel
    data: Json
    used: Message | None = None
    """The message whose component was used."""
    opener: Interaction | None = None
    """What opened the modal that was submitted."""
    id: str = field(kw_only=True)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    sent_at: float = field(default_factory=monotonic)
    response: Json | None = None
    elapsed: float | None = None
    """Seconds until the response came."""
    late: float | None = None
    """Seconds until a response came that was too late."""
    original: Message | None = None
    """What `@original` stands for: the answer, or a promise of it."""
    followups: list[Message] = field(default_factory=list)
    expired: bool = False
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    _shown: asyncio.Event = field(default_factory=asyncio.Event)
    _last: Message | None = None

    @property
    def message(self) -> Message | None:
        """The answer as the person sees it; None while there is nothing to see."""
        return self.original if self.original is not None and self.original.shown else None

    @property
    def deferred(self) -> bool:
        return self._type in (Response.DEFERRED_ANSWER, Response.DEFERRED_UPDATE)

    @property
    def modal(self) -> Json | None:
        """The modal that was opened."""
        return self.response["data"] if self.response and self._type == Response.MODAL else None

    def inputs(self) -> dict[str, str]:
        """The custom ids of the opened modal's fields by their labels."""
        labels: dict[str, str] = {}
        for part in (self.modal or {"components": []})["components"]:
            for each in inner(part):
                labels[part.get("label") or each["label"]] = each["custom_id"]
        return labels

    @property
    def failed(self) -> bool:
        """Whether the person was told that the interaction failed."""
        return self.response is None

    def valid(self, now: float) -> bool:
        """Whether its token can still be used."""
        return not self.expired and now - time_of(self.id) < TOKEN_LIFE

    def expire(self) -> None:
        """As when its fifteen minutes are over."""
        self.expired = True

    async def settled(self, timeout: float = PATIENCE) -> Message:
        """What the person sees in the end; of a deferred answer, once it was filled in."""
        if self.failed:
            raise AssertionError("This interaction failed")
        if self._last is None and not self.deferred:
            raise AssertionError(f"there is nothing to see: {self.response}")
        async with asyncio.timeout(timeout):
            await self._shown.wait()
        assert self._last is not None
        return self._last

    def show(self, message: Message) -> None:
        """The person sees an answer; the first one settles the interaction."""
        self._last = self._last or message
        self._shown.set()

    def metadata(self) -> Json:
        """What a message tells of the interaction that it answers."""
        told: Json = {
            "id": self.id,
            "type": self.kind,
            "user": self.person.payload(),
            "authorizing_integration_owners": owners(self.channel),
        }
        if self.kind is Kind.COMPONENT and self.used is not None:
            told["interacted_message_id"] = self.used.id
        if self.opener is not None:
            told["triggering_interaction_metadata"] = self.opener.metadata()
        return told

    def origin(self) -> Json:
        """What makes a message an answer to this interaction."""
        told: Json = {
            "application_id": BOT_ID,
            "webhook_id": BOT_ID,
            "interaction_metadata": self.metadata(),
        }
        if self.kind is Kind.COMMAND:
            told["type"] = 20 if self.data["type"] == 1 else 23
        elif self.used is not None:
            told["type"] = 19
            told["message_reference"] = {
                "type": 0,
                "channel_id": self.channel.id,
                "message_id": self.used.id,
            }
        return told

    @property
    def _type(self) -> int:
        return int(self.response["type"]) if self.response else 0


def owners(channel: Channel) -> Json:
    """By whose installation the bot acts there: the guild's; `0` stands for its own messages."""
    return {"0": channel.guild.id if channel.guild else "0"}
