"""Where a day begins and ends: in the zone of a community, or in a member's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Zones:
    """The IANA zones that are known: chosen by the admins for a community, chosen by a member for
    themselves, and told of the member by a platform the last time that it told one; with the hour
    at which the member's days start."""

    community: str | None = None
    member: str | None = None
    platform: str | None = None
    starts: int = 0


def first_known_zone(*names: str | None) -> ZoneInfo:
    """The zone of the first name that is known here; UTC where none is."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            # A platform may know zones that this machine does not.
            continue
    return ZoneInfo("UTC")


def date_in(zone: ZoneInfo, now: datetime) -> date:
    """The date there at an instant."""
    return now.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Days:
    """A member's own days: those of a zone, each from the hour on at which it `starts`."""

    zone: ZoneInfo
    starts: int = 0

    def of(self, now: datetime) -> date:
        """The day to which an instant belongs."""
        there = now.astimezone(self.zone)
        return there.date() - DAY if there.hour < self.starts else there.date()

    def end(self, now: datetime) -> datetime:
        """When the day of an instant is over, in UTC."""
        over = datetime.combine(self.of(now) + DAY, time(self.starts), self.zone)
        return over.astimezone(UTC)
