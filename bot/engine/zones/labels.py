"""Time zones as they are written for people."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")


def label(zone: str) -> str:
    """A zone by its city, as in "New York (America/New_York)", or by its offset, as in "UTC+2"."""
    name = short(zone)
    city = name.rpartition("/")[2].replace("_", " ")
    return name if city == name else f"{city} ({name})"


def label_now(zone: str, now: datetime) -> str:
    """A zone and what its clocks show, as in "New York (America/New_York), 14:05 now"."""
    return f"{label(zone)}, {now.astimezone(ZoneInfo(zone)):%H:%M} now"


def short(zone: str) -> str:
    """A zone in one word, as it can be typed, too: its name, or "UTC+2" for an offset, whose sign
    POSIX, and so IANA, has the other way round."""
    if fixed := _FIXED.fullmatch(zone):
        return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}"
    return zone
