"""What must happen once, at a set time, and how it's stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.engine.events import Channel


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something that must happen once in a channel, `at` a time. Its key is unique for its kind in
    the community. It was started `tries` times before; `set_by` is the user id of the person who
    asked for it."""

    kind: str
    key: str
    channel: Channel
    at: datetime
    tries: int = field(default=0, compare=False)
    set_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NewDue:
    """Something to schedule once in a channel. It replaces the row with the same kind and key;
    without a time, it only cancels that row."""

    kind: str
    key: str
    channel: Channel
    at: datetime | None
    set_by: str = ""


class DueRows(Protocol):
    """Stores due rows, and who has claimed them."""

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Schedule something once in a channel, in place of the row with the same kind and key.
        Without a time, only cancel that row."""

    async def of_community(self, platform: str, community: str) -> Sequence[DueRow]:
        """List all due rows of a community."""

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Claim due rows of a kind, the longest overdue first. Nobody else gets them until the
        lease ends."""

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Retry a row then, instead of when its lease ends."""

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        """Mark a row as done: it's due again at `then`, or never if None. False if the row was
        rescheduled or replaced meanwhile."""
