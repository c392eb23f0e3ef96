"""Leaderboards: their windows and their lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Window(StrEnum):
    """How far back a leaderboard looks."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    ALL = "all"

    @property
    def label(self) -> str:
        """The window in words."""
        return {"today": "today", "week": "this week", "month": "this month"}.get(self, "all time")

    def since(self, today: date) -> date | None:
        """The window's first day (weeks begin on Monday, as in ISO 8601); None for all time."""
        match self:
            case Window.TODAY:
                return today
            case Window.WEEK:
                return today - timedelta(days=today.weekday())
            case Window.MONTH:
                return today.replace(day=1)
            case Window.ALL:
                return None


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard. Equal points share a rank and the next rank skips."""

    rank: int
    user: str
    name: str
    points: int
    right: int
    answered: int
    streak: int


@dataclass(frozen=True, slots=True)
class Standings:
    """One page of a leaderboard, with the asking member's own line wherever it stands."""

    lines: tuple[Standing, ...]
    own: Standing | None
    total: int
