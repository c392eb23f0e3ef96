"""When a day begins and ends, in a community's time zone or a member's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Zones:
    """The known IANA zones: a community's, chosen by its admins; a member's own choice; and the
    last one in their `platform` profile. The member's days start at the hour `starts`."""

    community: str | None = None
    member: str | None = None
    platform: str | None = None
    starts: int = 0


def first_known_zone(*names: str | None) -> ZoneInfo:
    """Return the first zone that this machine knows; UTC if there's none."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            # A platform may know zones that this machine doesn't.
            continue
    return ZoneInfo("UTC")


def date_in(zone: ZoneInfo, now: datetime) -> date:
    """Return the date in a zone at an instant."""
    return now.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Days:
    """A member's own days: days of a zone, each beginning at the hour `starts`."""

    zone: ZoneInfo
    starts: int = 0

    def of(self, now: datetime) -> date:
        """Return the day that an instant belongs to."""
        there = now.astimezone(self.zone)
        return there.date() - DAY if there.hour < self.starts else there.date()

    def end(self, now: datetime) -> datetime:
        """Return when the day of an instant ends, in UTC."""
        over = datetime.combine(self.of(now) + DAY, time(self.starts), self.zone)
        return over.astimezone(UTC)
