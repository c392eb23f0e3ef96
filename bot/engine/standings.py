"""Leaderboards: their windows and lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import floor
from typing import Protocol

from bot.engine.events import Member
from bot.engine.rounds import Board
from bot.engine.seasons import season_period

ALL_TIME = "all"
"""The period that never ends."""


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
        """Return the window's period on `today`; None for a season if none is running."""
        match self:
            case Window.TODAY:
                return today.isoformat()
            case Window.WEEK:
                return "{}-W{:02}".format(*today.isocalendar()[:2])
            case Window.MONTH:
                return today.isoformat()[:7]
            case Window.SEASON:
                return season_period(season) if season else None
            case Window.ALL:
                return ALL_TIME


def format_period(period: str) -> str:
    """Write the dates of a week, month or day. Raises ValueError for any other period."""
    match len(period):
        case 7:
            return f"{date.fromisoformat(f'{period}-01'):%B %Y}"
        case 8:
            monday = date.fromisocalendar(int(period[:4]), int(period[6:]), 1)
            return (
                f"{_format_day(monday)} to {_format_day(monday + SIX_DAYS)} {monday + SIX_DAYS:%Y}"
            )
        case _:
            day = date.fromisoformat(period)
            return f"{_format_day(day)} {day:%Y}"


def _format_day(day: date) -> str:
    return f"{day.day} {day:%B}"


SIX_DAYS = timedelta(days=6)


@lru_cache(maxsize=100)
def list_periods(today: date, season: int | None) -> tuple[str, ...]:
    """List the periods that an answer counts for: "all", "2026-11", "2026-W48", "2026-11-23",
    "season-7". `today` is the date in the community's zone, `season` its running season."""
    each = (window.period(today, season) for window in Window)
    return tuple(period for period in each if period)


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of a leaderboard. Equal points share a rank, and the next rank skips; ties are listed
    by who reached the score first. Only its own member sees a `hidden` line. A member who `left`
    the community keeps their line."""

    rank: int
    user: str
    name: str
    points: int
    right: int
    answered: int
    streak: int
    hidden: bool = False
    left: bool = False


class RankBy(StrEnum):
    """What a leaderboard ranks."""

    MEMBERS = "members"
    TEAMS = "teams"


TEAM_BEST = 3
"""A team's score averages this many of its best members, whatever its size."""

TEAM_BONUS = 0.25
"""Share added to a team's score when all its members take part."""


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """A line of the team leaderboard: `active` of its `members` answered in the period. Members
    include those who answered for the team in the period and left since."""

    rank: int
    team: int
    name: str
    points: int
    active: int
    members: int


def score_team(best: int, active: int, members: int) -> int:
    """Score a team: the average of its TEAM_BEST best members (of all, in a smaller team), plus up
    to TEAM_BONUS of that for the share of members who took part. `best` is the sum of those
    members' points. Members who didn't take part count as 0, so no answer lowers the score."""
    # A single division of exact numbers: rounding halves doesn't depend on anything else.
    score = best * (members + TEAM_BONUS * active) / (min(TEAM_BEST, members) * members)
    return floor(score + 0.5)


def rank_lines(lines: Iterable[TeamStanding]) -> list[TeamStanding]:
    """Rank lines by points; ties share a rank, and the next rank skips. Pass lines in the order in
    which they reached their points; ties keep it."""
    ordered = sorted(lines, key=lambda line: -line.points)
    ranks: dict[int, int] = {}
    return [
        replace(line, rank=ranks.setdefault(line.points, place))
        for place, line in enumerate(ordered, 1)
    ]


@dataclass(frozen=True, slots=True)
class TeamStandings:
    """A page of the team leaderboard, plus the member's own team from any page."""

    lines: tuple[TeamStanding, ...]
    own: TeamStanding | None
    total: int


@dataclass(frozen=True, slots=True)
class Standings:
    """A page of a leaderboard, plus the member's own line from any page. `left_out` lines of the
    page aren't shown: their members' accounts were deactivated."""

    lines: tuple[Standing, ...]
    own: Standing | None
    total: int
    left_out: int = 0


class Boards(Protocol):
    """Ranks members and teams."""

    async def played(self, member: Member, period: str, by: RankBy) -> Collection[Board]:
        """List the boards of the member's community that have lines in a period."""

    async def standings(
        self,
        member: Member,
        board: Board,
        period: str,
        *,
        now: datetime,
        zone: str,
        limit: int,
        offset: int,
    ) -> Standings:
        """Return a page of a leaderboard of the member's community, with streaks as of `now`: by
        each member's own day, or the community's `zone` if they have no zone."""

    async def awaits_results(self, member: Member, period: str) -> bool:
        """Whether the member's community has answers in a period that count only when their round
        closes."""

    async def team_standings(
        self, member: Member, board: Board, period: str, *, limit: int, offset: int
    ) -> TeamStandings:
        """Return a page of the team leaderboard of the member's community."""
