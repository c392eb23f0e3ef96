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
    """A season's planned end: the instant after its last day, with the name of the one that begins
    then, if any. Its podium is posted in a channel; `set_by` is who planned that."""

    last_day: date
    at: datetime
    next: str
    channel: Channel
    set_by: str


class Seasons(Protocol):
    """Keeps the seasons of communities."""

    async def start(
        self,
        platform: str,
        community: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        """Start a season, which ends the one that runs, and with that what was planned of it."""

    async def end(self, row: DueRow, now: datetime) -> Season | None:
        """End the season of a due row, if that did not happen before, and begin the next one, if
        one is named: both or neither. None where its end is not planned anymore."""

    async def find(self, member: Member, season: int) -> Season | None:
        """A season of the member's community, past or not."""

    async def past(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        """A page of the past seasons of the member's community, the latest first, and how many
        there are."""
