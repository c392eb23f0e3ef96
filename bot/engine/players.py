"""A player's preferences, totals and data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.streaks import Streak


@dataclass(frozen=True, slots=True)
class Preferences:
    """A member's choices: the IANA zone of their days, if any, and the hour these start at, both
    for every community; and whether they're `hidden` from this community's boards."""

    zone: str | None = None
    hidden: bool = False
    starts: int = 0


@dataclass(frozen=True, slots=True)
class PlayerTotals:
    """A player's sums over all their answers, with the zones known in the community they ask from.
    The sums leave out answers that are `waiting` for the close to reveal their result."""

    points: int = 0
    right: int = 0
    answered: int = 0
    streak: Streak = field(default_factory=Streak)
    zones: Zones = field(default_factory=Zones)
    waiting: int = 0


class Players(Protocol):
    """Stores, exports and deletes a player's data."""

    async def totals(self, member: Member) -> PlayerTotals:
        """Return the player's sums over all their communities."""

    async def preferences(self, member: Member) -> Preferences:
        """Return a member's choices, with defaults for the rest."""

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        """Store a member's choices."""

    async def export(self, member: Member) -> Mapping[str, Any] | None:
        """Return a copy of everything stored about a player, as plain data; None if there's
        nothing. Leaves out how good an answer was if only a later close reveals it."""

    async def forget(self, member: Member) -> bool:
        """Delete everything about a player; False if there's nothing. Open rounds that they
        answered keep a pseudonym until they close."""
