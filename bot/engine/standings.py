"""Leaderboards: their windows and their lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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


class By(StrEnum):
    """What a leaderboard ranks."""

    MEMBERS = "members"
    TEAMS = "teams"


TEAM_BEST = 3
"""So many of a team's members, the best ones, make its score: big teams have no advantage."""

PARTICIPATION = 0.25
"""What a team's score grows by when all its members take part."""


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """A line of the teams' board; `active` of its `members` have points or answers there."""

    rank: int
    team: int
    name: str
    points: int
    active: int
    members: int


def team_points(best: float, active: int, members: int) -> int:
    """A team's score: the mean points of its best TEAM_BEST members (of all, in a smaller team),
    and up to PARTICIPATION of that on top for the share of members who took part."""
    share = min(active / members, 1.0) if members else 0.0
    return round(best * (1 + PARTICIPATION * share))


def ranked(lines: Iterable[TeamStanding]) -> list[TeamStanding]:
    """The lines by points with their ranks; equal points share one and the next rank skips."""
    ordered = sorted(lines, key=lambda line: (-line.points, line.name.casefold()))
    points = [line.points for line in ordered]
    return [replace(line, rank=points.index(line.points) + 1) for line in ordered]


@dataclass(frozen=True, slots=True)
class TeamStandings:
    """One page of the teams' board, with the asking member's own team wherever it stands."""

    lines: tuple[TeamStanding, ...]
    own: TeamStanding | None
    total: int


@dataclass(frozen=True, slots=True)
class Standings:
    """One page of a leaderboard, with the asking member's own line wherever it stands."""

    lines: tuple[Standing, ...]
    own: Standing | None
    total: int
