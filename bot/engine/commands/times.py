"""Times of day, weekdays and dates as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from bot.engine.dailies import NAMES
from bot.engine.schedules import WEEKDAYS

GROUPS = {
    "": WEEKDAYS,
    "all": WEEKDAYS,
    "daily": WEEKDAYS,
    "every day": WEEKDAYS,
    "weekdays": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
}
LONGEST = 366
"""Days that a range of dates may have."""

_TIMES = ("%H:%M", "%H.%M", "%H", "%I%p", "%I:%M%p", "%I %p", "%I:%M %p")
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s*(?:\.\.|to|until)\s*(\d{4}-\d{2}-\d{2}))?")


def time_of(text: str) -> time | None:
    """The time of day that is meant by `9`, `09:00`, `9am` or `5:30 pm`; None if none is."""
    for form in _TIMES:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC).time()
    return None


def weekdays_of(text: str) -> frozenset[int] | None:
    """The weekdays, from Monday, 0, that are meant by `mon,wed` or `mon-fri`; None if none are."""
    text = " ".join(text.casefold().split())
    if text in GROUPS:
        return GROUPS[text]
    days: set[int] = set()
    for part in re.split(r"\s*(?:,| and | )\s*", re.sub(r"\s*-\s*", "-", text)):
        first, _, last = part.partition("-")
        begin, end = _weekday(first), _weekday(last or first)
        if begin is None or end is None:
            return None
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def dates_of(text: str) -> list[date] | None:
    """The dates that are meant by `2026-12-24` or `2026-12-24..2027-01-01`, several of them with
    commas; None if none are, or a range is too long."""
    dates: list[date] = []
    for part in text.split(","):
        said = _RANGE.fullmatch(part.strip())
        try:
            first, last = (date.fromisoformat(each) for each in (said[1], said[2] or said[1]))  # type: ignore[index]
        except (TypeError, ValueError):
            return None
        if not 0 <= (last - first).days < LONGEST:
            return None
        dates += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return dates


def in_ranges(dates: Iterable[date]) -> str:
    """Dates in words, those in a row as one range."""
    ranges: list[tuple[date, date]] = []
    for day in dates:
        if ranges and day - ranges[-1][1] == timedelta(days=1):
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in ranges)


def _weekday(name: str) -> int | None:
    meant = [number for number, day in enumerate(NAMES) if day.casefold().startswith(name)]
    return meant[0] if len(meant) == 1 else None
