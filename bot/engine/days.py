"""Where a day begins and ends: in the zone of a community, or in a member's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Zones:
    """The IANA zones that are known: chosen by the admins for a community, chosen by a member for
    themselves, and told of the member by a platform the last time that it told one."""

    community: str | None = None
    member: str | None = None
    told: str | None = None


def first_known(*names: str | None) -> ZoneInfo:
    """The zone of the first name that is known here; UTC where none is."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            # A platform may know zones that this machine does not.
            continue
    return ZoneInfo("UTC")


def day_in(zone: ZoneInfo, now: datetime) -> date:
    """The date there at an instant."""
    return now.astimezone(zone).date()


def end_of_day(zone: ZoneInfo, now: datetime) -> datetime:
    """The next midnight there, in UTC."""
    return datetime.combine(day_in(zone, now) + DAY, time(), zone).astimezone(UTC)
