"""Recounting boards and streaks from the raw answers, without the code under test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor
from zoneinfo import ZoneInfo

import fsrs
from sqlalchemy import Connection, text

from tests.simulation.community import MEMBERS, ZONE, Diary

RAW = """
    SELECT n.external_id AS member, coalesce(p.board, 'drill') AS board, r.question, a.points,
           a.credit, a.answered_at, r.withdrawn_at
    FROM answer AS a JOIN round AS r ON r.id = a.round_id LEFT JOIN post AS p ON p.round_id = r.id
    JOIN member AS m ON m.id = a.member_id JOIN person AS n ON n.id = m.person_id
    ORDER BY a.id
"""

GRADES = {0.0: fsrs.Rating.Again, 1.0: fsrs.Rating.Good}
SCHEDULER = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


@dataclass(frozen=True)
class CountedAnswer:
    """An answer with the points that it should have earned, and those that were stored."""

    member: str
    board: str
    question: str
    points: int
    stored: int
    right: bool
    at: datetime
    withdrawn: bool


@dataclass(frozen=True)
class Look:
    """An earlier answer to the same question, which counts until it's withdrawn."""

    at: datetime
    day: date
    credit: Fraction
    counted: bool
    withdrawn_at: datetime | None


def read_answers(connection: Connection) -> list[CountedAnswer]:
    """Read all answers, in the order in which they were given. An answer earns 10 times its credit,
    rounded down. Other than in dailies, the question must also be new to the member or due, or, if
    it's live, a week must have passed since it last counted. Questions withdrawn by then count as
    never answered."""
    givens, looks = [], defaultdict[tuple[str, str], list[Look]](list)
    # Cards build on one another in the order in which answers were stored, not by their clocks.
    for row in connection.execute(text(RAW)):
        at, credit = _instant(row.answered_at), Fraction(row.credit).limit_denominator(99)
        withdrawn_at = _instant(row.withdrawn_at) if row.withdrawn_at else None
        there = ZoneInfo(MEMBERS[row.member] or ZONE)
        day = at.astimezone(there).date()
        before = looks[row.member, row.question]
        seen = [each for each in before if not each.withdrawn_at or each.withdrawn_at > at]
        card = _card(seen)
        known = card is not None and day < card.due.astimezone(there).date()
        last = next((each.at for each in reversed(seen) if each.counted), at)
        again = row.board == "live" and at - last >= timedelta(days=7)
        early = known and row.board != "daily" and not again
        points = 0 if early else floor(10 * credit)
        before.append(Look(at, day, credit, bool(points or not credit), withdrawn_at))
        withdrawn = withdrawn_at is not None
        given = CountedAnswer(
            row.member, row.board, row.question, points, row.points, credit == 1, at, withdrawn
        )
        givens.append(given)
    return sorted(givens, key=lambda given: given.at)


def _card(looks: Iterable[Look]) -> fsrs.Card | None:
    """Compute the card of a question after these looks."""
    card, last = None, None
    for look in looks:
        if card and last:
            card.last_review = look.at - max(timedelta(), look.day - last.day)
        grade = GRADES.get(float(look.credit), fsrs.Rating.Hard)
        card, _ = SCHEDULER.review_card(card or fsrs.Card(card_id=0, due=look.at), grade, look.at)
        last = look
    return card


def _instant(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def list_periods(given: CountedAnswer, diary: Diary) -> list[str]:
    """List the periods that an answer falls in."""
    there = given.at.astimezone(ZoneInfo(ZONE))
    seasons = [number for number, (begin, _) in enumerate(diary.seasons, 1) if begin <= given.at]
    return [
        "all",
        there.strftime("%Y-%m"),
        there.strftime("%G-W%V"),
        there.strftime("%Y-%m-%d"),
        *(f"season-{number}" for number in seasons[-1:]),
    ]


def find_team(given: CountedAnswer, diary: Diary) -> str:
    """Find the team that a member was in at that time."""
    mine = [team for since, user, team in diary.teams if user == given.member and since <= given.at]
    return mine[-1] if mine else ""


Line = tuple[int, str, int, int, int]
"""Rank, member, points, right, answered."""


def count_board(givens: Iterable[CountedAnswer], hidden: Iterable[str] = ()) -> list[Line]:
    """Count the lines of a leaderboard over these answers."""
    of: defaultdict[str, list[CountedAnswer]] = defaultdict(list)
    for given in givens:
        if given.member not in hidden:
            of[given.member].append(given)
    points = {member: sum(each.points for each in mine) for member, mine in of.items()}
    return [
        (
            1 + sum(other > points[member] for other in points.values()),
            member,
            points[member],
            sum(each.right for each in of[member]),
            len(of[member]),
        )
        for member in sorted(of, key=lambda member: (-points[member], _reached(of[member])))
    ]


def _reached(mine: Sequence[CountedAnswer]) -> datetime:
    """Return when a line reached its points."""
    return [each.at for each in mine if each.points or each is mine[0]][-1]


TeamLine = tuple[int, str, int, int, int]
"""Rank, team, points, how many took part, and of how many."""


def count_team_board(givens: Iterable[CountedAnswer], diary: Diary) -> list[TeamLine]:
    """Count the lines of the team leaderboard over these answers: the average of the best three
    members (or of all, if fewer), and up to a quarter more for the share of members who took part.
    Members who took part and left are included."""
    of: defaultdict[str, defaultdict[str, list[CountedAnswer]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for given in givens:
        of[find_team(given, diary)][given.member].append(given)
    now = {user: team for _, user, team in diary.teams}
    scored = []
    for team in dict.fromkeys(team for _, _, team in diary.teams):
        if team and (lines := of[team]):
            size = len(lines.keys() | {user for user, own in now.items() if own == team})
            sums = sorted((-sum(each.points for each in m), _reached(m)) for m in lines.values())
            score = Fraction(-sum(less for less, _ in sums[:3]), min(3, size))
            score *= 1 + Fraction(len(lines), 4 * size)
            reached = max(at for _, at in sums[:3])
            scored.append((-floor(score + Fraction(1, 2)), reached, team, len(lines), size))
    return [
        (1 + sum(less < mine for less, *_ in scored), team, -mine, active, size)
        for mine, _, team, active, size in sorted(scored, key=lambda each: each[:2])
    ]


def count_streak(givens: Sequence[CountedAnswer], member: str, today: date) -> tuple[int, int]:
    """Count a member's days in a row as of today, and their freezes, day by day."""
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
                # The freezes don't cover the gap: the streak ends, and they're refunded.
                days, freezes, unspent = 0, freezes + unspent, 0
        day += timedelta(days=1)
    return days, freezes
