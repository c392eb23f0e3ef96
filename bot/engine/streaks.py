"""Streaks: days in a row, in the member's own time zone, with at least one answer.

A week with enough active days earns a freeze, and a freeze bridges a missed day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

EARNS = 5
"""Active days in one ISO week that earn a freeze."""

HELD = 2
"""Freezes that can be held at a time."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row up to `last`, and the longest run so far; `freezes` held after `last`, and the
    `active` days of its ISO week. A day that a freeze bridges counts for nothing."""

    days: int = 0
    best: int = 0
    last: date | None = None
    freezes: int = 0
    active: int = 0

    def after(self, day: date) -> Streak:
        """The streak once something was answered on `day`; an earlier day changes nothing."""
        if self.last is not None and day <= self.last:
            return self
        days = self.on(day) + 1
        active = self.active + 1 if _week(self.last) == _week(day) else 1
        earned = int(active == EARNS)
        freezes = min(self.freezes_on(day) + earned, HELD)
        return Streak(days, max(days, self.best), day, freezes, active)

    def on(self, day: date) -> int:
        """Days in a row as of `day`; a day that is not over yet breaks nothing, nor do as many
        missed days as there are freezes."""
        return self.days if self._missed(day) <= self.freezes else 0

    def freezes_on(self, day: date) -> int:
        """Freezes left as of `day`; where they were too few, none is used."""
        missed = self._missed(day)
        return self.freezes - missed if missed <= self.freezes else self.freezes

    def _missed(self, day: date) -> int:
        """Days that are over since `last` without an answer."""
        return max(0, (day - self.last).days - 1) if self.last else 0


def _week(day: date | None) -> tuple[int, int] | None:
    return day.isocalendar()[:2] if day else None
