"""Format time zones for people."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

_FIXED = re.compile(r"Etc/GMT([+-])(\d+)")


def label(zone: str) -> str:
    """Format a zone by its city, "New York (America/New_York)", or its offset, "UTC+2"."""
    name = short(zone)
    city = name.rpartition("/")[2].replace("_", " ")
    return name if city == name else f"{city} ({name})"


def label_now(zone: str, now: datetime) -> str:
    """Format a zone with its current time, "New York (America/New_York), 14:05 now"."""
    return f"{label(zone)}, {now.astimezone(ZoneInfo(zone)):%H:%M} now"


def short(zone: str) -> str:
    """A zone in one word, as one can type it: its name, or "UTC+2" for an offset, whose sign POSIX,
    and so IANA, has the other way round."""
    if fixed := _FIXED.fullmatch(zone):
        return f"UTC{'-' if fixed[1] == '+' else '+'}{fixed[2]}"
    return zone
