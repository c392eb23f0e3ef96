"""What must happen once at a time, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.engine.events import Channel


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something in a channel that must happen once `at` a time: of a kind, with a key that nothing
    else of its kind has in the community. It was begun `tries` times before; `set_by` is the user
    id of whoever wanted it."""

    kind: str
    key: str
    channel: Channel
    at: datetime
    tries: int = field(default=0, compare=False)
    set_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NewDue:
    """Something to happen once in a channel, in place of what was to happen by its kind and key
    before; at no time, where it's not to happen anymore."""

    kind: str
    key: str
    channel: Channel
    at: datetime | None
    set_by: str = ""


class DueRows(Protocol):
    """Keeps what is due, and who has it now."""

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Let something happen once in a channel at a time, in place of the one with this key that
        was to happen before; or not at all."""

    async def of_community(self, platform: str, community: str) -> Sequence[DueRow]:
        """All that is to happen in a community at a time."""

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Rows of a kind that are due, the longest waiting first; nobody else gets the same ones
        before the lease is over."""

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Let the next try of a row be then, not when its lease is over."""

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        """It has happened, and will the next time `then`, or never again. False where the row is
        another one by now."""
