"""Seasons: periods with leaderboards of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.engine.due.rows import DueRow
from bot.engine.events import Channel, Member

PERIOD_PREFIX = "season-"
"""A season's period is this prefix and its id."""


@dataclass(frozen=True, slots=True)
class Season:
    """A named period that a community's admins started. With a last day, `ends_on`, it ends at the
    midnight after it in the community's zone, and the season named `next`, if any, begins. It's
    over once it has an `ended_at`."""

    id: int
    name: str
    started_at: datetime
    ended_at: datetime | None = None
    ends_on: date | None = None
    next: str = ""

    @property
    def period(self) -> str:
        """The period of its boards."""
        return season_period(self.id)


def season_period(season: int) -> str:
    """Return the period of a season's boards."""
    return f"{PERIOD_PREFIX}{season}"


@dataclass(frozen=True, slots=True)
class SeasonEnd:
    """A season's planned end, at the instant after its last day, with the `next` season's name, if
    any. Its podium is posted in `channel`; `set_by` is the user id of the admin who planned it."""

    last_day: date
    at: datetime
    next: str
    channel: Channel
    set_by: str


class Seasons(Protocol):
    """Stores communities' seasons."""

    async def start(
        self,
        platform: str,
        community: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        """Start a season. This ends the running one, and cancels its planned end."""

    async def end(self, row: DueRow, now: datetime) -> Season | None:
        """End the season of a due row, unless it has ended, and begin the next one, if it has a
        name, in one transaction. None if the end is no longer planned."""

    async def find(self, member: Member, season: int) -> Season | None:
        """Find a season of the member's community, past or running."""

    async def past(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        """List a page of the past seasons of the member's community, the latest first, with their
        total number."""
