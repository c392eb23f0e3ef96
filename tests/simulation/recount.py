"""Boards and streaks counted anew from the raw answers, without the code that keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from tests.simulation.community import MEMBERS, ZONE, Diary

RAW = """
    SELECT n.external_id AS member, coalesce(p.board, 'drill') AS board, a.points, a.credit,
           a.answered_at
    FROM answer AS a JOIN round AS r ON r.id = a.round_id LEFT JOIN post AS p ON p.round_id = r.id
    JOIN member AS m ON m.id = a.member_id JOIN person AS n ON n.id = m.person_id
    ORDER BY a.answered_at, a.id
"""


@dataclass(frozen=True)
class Given:
    """An answer, with the points that a round of its kind had to give for it."""

    member: str
    board: str
    points: int
    right: bool
    at: datetime


def raw(connection: Connection) -> list[Given]:
    """Every answer, in the order in which they were given."""
    rows = connection.execute(text(RAW))
    return [
        Given(row.member, row.board, row.points, row.credit == 1, _instant(row.answered_at))
        for row in rows
    ]


def _instant(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def period_of(given: Given, diary: Diary) -> list[str]:
    """The names of the stretches of time that an answer falls in."""
    there = given.at.astimezone(ZoneInfo(ZONE))
    seasons = [number for number, (begin, _) in enumerate(diary.seasons, 1) if begin <= given.at]
    return [
        "all",
        there.strftime("%Y-%m"),
        there.strftime("%G-W%V"),
        there.strftime("%Y-%m-%d"),
        *(f"season-{number}" for number in seasons[-1:]),
    ]


def team_of(given: Given, diary: Diary) -> str:
    """The team for which a member played at that time."""
    mine = [team for since, user, team in diary.teams if user == given.member and since <= given.at]
    return mine[-1] if mine else ""


Line = tuple[int, str, int, int, int]
"""Rank, member, points, right, answered."""


def board(givens: Iterable[Given], hidden: Iterable[str] = ()) -> list[Line]:
    """The lines of a leaderboard over these answers."""
    of: defaultdict[str, list[Given]] = defaultdict(list)
    for given in givens:
        if given.member not in hidden:
            of[given.member].append(given)
    points = {member: sum(each.points for each in mine) for member, mine in of.items()}

    def reached(member: str) -> datetime:
        """When the member had as many points as they have."""
        scoring = [each.at for each in of[member] if each.points]
        return scoring[-1] if scoring else of[member][0].at

    return [
        (
            1 + sum(other > points[member] for other in points.values()),
            member,
            points[member],
            sum(each.right for each in of[member]),
            len(of[member]),
        )
        for member in sorted(of, key=lambda member: (-points[member], reached(member)))
    ]


def team_board(givens: Iterable[Given], diary: Diary) -> dict[str, tuple[int, int]]:
    """Points and active members by team: a third of what the best three members have, and up to a
    quarter more for the share of members who took part. Who took part and left is one of them."""
    now = {user: team for _, user, team in diary.teams}
    sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for given in givens:
        if team := team_of(given, diary):
            sums[team][given.member] += given.points
    boards = {}
    for team, earned in sums.items():
        best = sorted(earned.values(), reverse=True)[:3]
        size = len(earned.keys() | {user for user, own in now.items() if own == team})
        score = Fraction(sum(best), min(3, size)) * (1 + Fraction(len(earned), 4 * size))
        boards[team] = floor(score + Fraction(1, 2)), len(earned)
    return boards


def streak(givens: Sequence[Given], member: str, today: date) -> tuple[int, int]:
    """A member's days in a row as of today, and their freezes, walked through day by day."""
    zone = ZoneInfo(MEMBERS[member] or ZONE)
    active = {each.at.astimezone(zone).date() for each in givens if each.member == member}
    if not active:
        return 0, 0
    day, days, freezes, week, unspent = min(active), 0, 0, 0, 0
    while day <= today:
        if day.weekday() == 0:
            week = 0
        if day in active:
            days, week, unspent = days + 1, week + 1, 0
            freezes = min(freezes + (week == 5), 2)
        elif day < today:
            if days and freezes:
                freezes, unspent = freezes - 1, unspent + 1
            elif days:
                # The gap is longer than the freezes reached: the streak ends, and none is used.
                days, freezes, unspent = 0, freezes + unspent, 0
        day += timedelta(days=1)
    return days, freezes
