"""Streaks: days in a row, in the member's own time zone, with at least one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row up to `last`, and the longest run so far."""

    days: int = 0
    best: int = 0
    last: date | None = None

    def after(self, day: date) -> Streak:
        """The streak once something was answered on `day`; an earlier day changes nothing."""
        if self.last is not None and day <= self.last:
            return self
        days = self.days + 1 if self.last == day - DAY else 1
        return Streak(days, max(days, self.best), day)

    def on(self, day: date) -> int:
        """Days in a row as of `day`; a day that is not over yet breaks nothing."""
        return self.days if self.last is not None and self.last >= day - DAY else 0
