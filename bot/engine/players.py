"""What belongs to one player as a whole: their choices, their totals, their data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.streaks import Streak


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member chose: the IANA zone of their days, if any, and the hour at which these start,
    everywhere; and whether they are hidden from the boards of this community."""

    zone: str | None = None
    hidden: bool = False
    starts: int = 0


@dataclass(frozen=True, slots=True)
class PlayerTotals:
    """A player's sums over everything answered, with the zones that hold where they ask. Answers
    that are `waiting` for their result, which the close tells, are in no sum yet."""

    points: int = 0
    right: int = 0
    answered: int = 0
    streak: Streak = field(default_factory=Streak)
    zones: Zones = field(default_factory=Zones)
    waiting: int = 0


class Players(Protocol):
    """Keeps, shows and deletes what belongs to one player."""

    async def totals(self, member: Member) -> PlayerTotals:
        """The player's sums, over all their communities."""

    async def preferences(self, member: Member) -> Preferences:
        """What a member chose; the defaults where they chose nothing."""

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        """Keep what a member chose."""

    async def export(self, member: Member) -> Mapping[str, Any] | None:
        """A copy of all that is stored of a player, as plain data, but for how good answers were
        that is told at a later close; None if there is nothing."""

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a player; False if there was none. Of rounds that they answered and
        that are still open a pseudonym is kept until their close."""
