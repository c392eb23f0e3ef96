"""Streaks: days in a row with at least one answer, in the member's own time zone.

A week with enough active days earns a freeze, and a freeze bridges a missed day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.engine.days import Days, first_known_zone

FREEZE_DAYS = 5
"""Active days in an ISO week that earn a freeze."""

MAX_FREEZES = 2
"""Freezes that a member can hold at once."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row up to `last`, and the longest run so far; the `freezes` left after `last`, and
    the number of `active` days in its ISO week. A day bridged by a freeze isn't counted.

    `at` is when the last answer was given; `last` is a day in `zone`, where days start at the hour
    `starts`.
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
        """Return the streak after an answer at `now`. A second answer on a day, or one that arrives
        late, doesn't change it."""
        if self.last is not None and self._days_apart(now, days) < 1:
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
        """Return days in a row as of now. Neither today nor missed days covered by freezes break a
        streak."""
        return self.days if self._missed_days(now, days) <= self.freezes else 0

    def freezes_on(self, now: datetime, days: Days) -> int:
        """Return freezes left as of now; if there were too few, none is used."""
        missed = self._missed_days(now, days)
        return self.freezes - missed if missed <= self.freezes else self.freezes

    def _missed_days(self, now: datetime, days: Days) -> int:
        """Count past days since `last` without an answer."""
        return max(0, self._days_apart(now, days) - 1)

    def _days_apart(self, now: datetime, days: Days) -> int:
        """Count the days between the last answer's day and today, by the member's zone then or now,
        whichever is fewer: nobody loses a day by traveling, or wins one by changing zones."""
        if self.last is None:
            return 0
        if self.at is None:
            return (days.of(now) - self.last).days
        then = Days(first_known_zone(self.zone), self.starts)
        return min((then.of(now) - self.last).days, (days.of(now) - days.of(self.at)).days)


def _week(day: date | None) -> tuple[int, int] | None:
    return day.isocalendar()[:2] if day else None
