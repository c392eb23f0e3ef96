"""Time zones as they are written for people."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")


def label(zone: str) -> str:
    """A zone by its city, as in "New York (America/New_York)"; a bare offset as "UTC+2", whose
    sign POSIX, and so IANA, has the other way round."""
    if fixed := _FIXED.fullmatch(zone):
        return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}"
    city = zone.rpartition("/")[2].replace("_", " ")
    return zone if city == zone else f"{city} ({zone})"


def label_now(zone: str, now: datetime) -> str:
    """A zone and what its clocks show, as in "New York (America/New_York), 14:05 now"."""
    return f"{label(zone)}, {now.astimezone(ZoneInfo(zone)):%H:%M} now"
