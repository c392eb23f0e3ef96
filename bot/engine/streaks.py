"""Streaks: days in a row, in the member's own time zone, with at least one answer.

A week with enough active days earns a freeze, and a freeze bridges a missed day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.engine.days import Days, first_known_zone

FREEZE_DAYS = 5
"""Active days in one ISO week that earn a freeze."""

MAX_FREEZES = 2
"""Freezes that can be held at a time."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row up to `last`, and the longest run so far; `freezes` held after `last`, and the
    `active` days of its ISO week. A day that a freeze bridges counts for nothing.

    The last answer was given `at` an instant; `last` is a day of the `zone`, which `starts` at an
    hour.
    """

    days: int = 0
    best: int = 0
    last: date | None = None
    freezes: int = 0
    active: int = 0
    at: datetime | None = None
    zone: str = ""
    starts: int = 0

    def after(self, now: datetime, days: Days) -> Streak:
        """The streak once something was answered `now`; one more answer on a day changes nothing,
        nor does one that arrives late."""
        if self.last is not None and self._apart(now, days) < 1:
            return replace(self, at=max(now, self.at or now))
        day, length = days.of(now), self.on(now, days) + 1
        active = self.active + 1 if _week(self.last) == _week(day) else 1
        freezes = min(self.freezes_on(now, days) + int(active == FREEZE_DAYS), MAX_FREEZES)
        return Streak(
            length,
            max(length, self.best),
            day,
            freezes,
            active,
            now,
            days.zone.key,
            days.starts,
        )

    def on(self, now: datetime, days: Days) -> int:
        """Days in a row as of now; a day that is not over yet breaks nothing, nor do as many missed
        days as there are freezes."""
        return self.days if self._missed(now, days) <= self.freezes else 0

    def freezes_on(self, now: datetime, days: Days) -> int:
        """Freezes left as of now; where they were too few, none is used."""
        missed = self._missed(now, days)
        return self.freezes - missed if missed <= self.freezes else self.freezes

    def _missed(self, now: datetime, days: Days) -> int:
        """Days that are over since `last` without an answer."""
        return max(0, self._apart(now, days) - 1)

    def _apart(self, now: datetime, days: Days) -> int:
        """How many days the last answer's day and the present one are apart: by the days that held
        then, or by those that hold now, whichever is fewer. So nobody loses a day by traveling, or
        wins one by choosing another zone."""
        if self.last is None:
            return 0
        if self.at is None:
            return (days.of(now) - self.last).days
        then = Days(first_known_zone(self.zone), self.starts)
        return min((then.of(now) - self.last).days, (days.of(now) - days.of(self.at)).days)


def _week(day: date | None) -> tuple[int, int] | None:
    return day.isocalendar()[:2] if day else None
