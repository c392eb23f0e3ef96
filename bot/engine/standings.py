"""Leaderboards: their windows and their lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import floor


@dataclass(frozen=True, slots=True)
class Season:
    """A stretch of time that the admins of a community started and named. One that has a last day,
    `ends_on`, ends at the midnight after it in the community's zone; `next` begins then, where that
    is named. It's over once it has an `ended_at`."""

    id: int
    name: str
    started_at: datetime
    ended_at: datetime | None = None
    ends_on: date | None = None
    next: str = ""

    @property
    def period(self) -> str:
        """The period that its boards are of."""
        return f"{SEASON_PREFIX}{self.id}"


ALL_TIME = "all"
"""The period that never ends."""

SEASON_PREFIX = "season-"
"""Begins the period of a season, which ends with its id."""


class Window(StrEnum):
    """How far back a leaderboard looks."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"
    ALL = "all"

    @property
    def label(self) -> str:
        """The window in words."""
        words = {"week": "this week", "month": "this month", "all": "all time"}
        return words.get(self, self.value)

    def period(self, today: date, season: int | None) -> str | None:
        """The period that the window shows on `today`; None for a season where none runs."""
        match self:
            case Window.TODAY:
                return today.isoformat()
            case Window.WEEK:
                return "{}-W{:02}".format(*today.isocalendar()[:2])
            case Window.MONTH:
                return today.isoformat()[:7]
            case Window.SEASON:
                return f"{SEASON_PREFIX}{season}" if season else None
            case Window.ALL:
                return ALL_TIME


def format_period(period: str) -> str:
    """The days of a week, a month or a day in words. Raises ValueError for any other period."""
    match len(period):
        case 7:
            return f"{date.fromisoformat(f'{period}-01'):%B %Y}"
        case 8:
            monday = date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
            return f"{_day(monday)} to {_day(monday + SIX_DAYS)} {monday + SIX_DAYS:%Y}"
        case _:
            day = date.fromisoformat(period)
            return f"{_day(day)} {day:%Y}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"


SIX_DAYS = timedelta(days=6)


@lru_cache(maxsize=100)
def list_periods(today: date, season: int | None) -> tuple[str, ...]:
    """All periods that an answer counts for: "all", "2026-11", "2026-W48", "2026-11-23",
    "season-7". `today` is the date in the community's zone, `season` the one that runs there."""
    each = (window.period(today, season) for window in Window)
    return tuple(period for period in each if period)


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard. Equal points share a rank and the next rank skips; among them, who
    was first to have so many comes first. `hidden` lines are seen by nobody but their member."""

    rank: int
    user: str
    name: str
    points: int
    right: int
    answered: int
    streak: int
    hidden: bool = False


class RankBy(StrEnum):
    """What a leaderboard ranks."""

    MEMBERS = "members"
    TEAMS = "teams"


TEAM_BEST = 3
"""So many of a team's members, the best ones, make its score, however many there are."""

TEAM_BONUS = 0.25
"""What a team's score grows by when all its members take part."""


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """A line of the teams' board: `active` of its `members` have answered there. Members are who is
    in the team now, and who has answered there for it and left it since."""

    rank: int
    team: int
    name: str
    points: int
    active: int
    members: int


def score_team(best: int, active: int, members: int) -> int:
    """A team's score: `best`, the points of its TEAM_BEST best members added up, divided by so
    many (by all, in a smaller team), and up to PARTICIPATION of that on top for the share of
    members who took part. Who did not counts as 0, so that no answer lowers the score."""
    # One division of numbers that are exact: nothing else decides where a half is rounded to.
    score = best * (members + TEAM_BONUS * active) / (min(TEAM_BEST, members) * members)
    return floor(score + 0.5)


def rank_lines(lines: Iterable[TeamStanding]) -> list[TeamStanding]:
    """The lines by points with their ranks; equal points share one and the next rank skips. The
    lines come by when they reached their points, and equal ones stay in that order."""
    ordered = sorted(lines, key=lambda line: -line.points)
    ranks: dict[int, int] = {}
    return [
        replace(line, rank=ranks.setdefault(line.points, place))
        for place, line in enumerate(ordered, 1)
    ]


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
