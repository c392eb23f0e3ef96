"""How long a leaderboard and an answer take in an old community, against a young one.

Both have 10,000 members in 500 teams over 400 days: one has 10,000 answers, the other a million.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, Engine, insert, text

from benchmarks.figures import Figure, compare
from bot.engine import memory
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Member, Place
from bot.engine.library import Library
from bot.engine.rounds import POINTS, Answer
from bot.engine.standings import RankBy, Window, list_periods
from bot.engine.streaks import Streak
from storage.opening import WRITES, lift_timeouts, open_database
from storage.store import SqlStore
from storage.tables import METADATA
from tests.databases import Databases, SqliteFiles, postgresql_server
from tests.samples import small_pack

MEMBERS, TEAMS, DAYS = 10_000, 500, 400
FEW, MANY = 10_000, 1_000_000
TIMES = 30
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
"""A Sunday at the end of a month, when weeks and months are full."""

PLACE = Place("discord", "g", "c", private=False)
BATCH = 10_000
WINDOWS = (Window.TODAY, Window.WEEK, Window.MONTH, Window.ALL)

ANALYZE = {"sqlite": "ANALYZE", "postgresql": "VACUUM ANALYZE"}

LINES = """
    INSERT INTO standing (member_id, board, period, team_id, community_id, points, "right",
                          answered, reached_at, hidden)
    SELECT a.member_id, 'live', p.period, {team}, 1, sum(a.points), count(*), count(*),
           max(a.answered_at), FALSE
    FROM answer AS a JOIN period_of_day AS p ON p.day = a.day
    GROUP BY a.member_id, p.period
"""


def measure() -> Iterator[Figure]:
    """Leaderboards and answers, on each kind of database."""
    yield from _measure(SqliteFiles())
    with TemporaryDirectory() as folder, postgresql_server(Path(folder), durable=True) as server:
        yield from _measure(server)


def _measure(databases: Databases) -> Iterator[Figure]:
    with databases.new() as young, databases.new() as old:
        communities = [Community(url, size) for url, size in ((old, MANY), (young, FEW))]
        for by, window in product(RankBy, WINDOWS):
            name = f"{databases.name}: leaderboard of {by}, {window.label}"
            played = set[int].intersection(*(each.played_today() for each in communities))
            pages = [community.page(window, by, min(played)) for community in communities]
            yield compare(f"{name}, after a million answers", *pages, at_most=1.5, times=TIMES)
        answers = [community.answer for community in communities]
        name = f"{databases.name}: accepting an answer, after a million"
        yield compare(name, *answers, at_most=1.5, times=TIMES)
        for community in communities:
            community.close()


class Community:
    """A community with that many answers, and members who use it."""

    def __init__(self, url: str, answers: int) -> None:
        engine = open_database(url)
        with engine.execution_options(**WRITES).begin() as connection:
            _fill(connection, answers)
        _analyze(engine)
        self._store = SqlStore(engine)
        self._desk = Desk(Library([small_pack()]), self._store, lambda: NOW, Random(1), {})
        self._loop = asyncio.new_event_loop()
        self._members = count(1)

    def played_today(self) -> set[int]:
        """Members who have a line on every leaderboard."""
        today = {"day": NOW.date().isoformat()}
        query = text("SELECT member_id FROM standing WHERE period = :day AND team_id = 0")
        with self._store.database.engine.connect() as connection:
            return set(connection.scalars(query, today))

    def page(self, window: Window, by: RankBy, member: int) -> Callable[[], None]:
        """Show a page with a member's own rank."""
        call = Call("leaderboard", {"window": window.value, "by": by.value})
        event = Event(Actor(str(member), "U"), PLACE, call)

        def show() -> None:
            reply = self._loop.run_until_complete(self._desk.handle(event))
            if not reply.data["own"]:
                raise ValueError(f"no lines: {reply.screen.text}")

        return show

    def answer(self) -> None:
        """Accept an answer, each time another member's."""
        member = Member("discord", "g", str(next(self._members)))
        self._loop.run_until_complete(self._answer(member))

    async def _answer(self, member: Member) -> None:
        def decide(view: RoundView | None) -> AcceptedAnswer:
            if view is None:
                raise ValueError("no such round")
            return AcceptedAnswer(
                round=view.round,
                member=member,
                name="U",
                day=NOW.date(),
                zone="UTC",
                periods=list_periods(NOW.date(), None),
                answer=Answer((0,), 1.0, POINTS, NOW),
                card=memory.review(None, "new", 1, NOW),
                streak=Streak(1, 1, NOW.date()),
            )

        await self._store.answers.accept(DAYS + 1, member, decide)

    def close(self) -> None:
        """Close the database."""
        self._loop.run_until_complete(self._store.close())
        self._loop.close()


def _fill(connection: Connection, answers: int) -> None:
    """Everyone answers equally often, on random days."""
    lift_timeouts(connection)
    _add_members(connection)
    days = [NOW - timedelta(days=DAYS - n) for n in range(1, DAYS + 2)]
    asked = {"community_id": 1, "step": 1, "pack": "p", "question": "q", "version": "v"}
    connection.execute(
        insert(METADATA.tables["round"]),
        [{"id": n, "layout": [0], "opened_at": day, **asked} for n, day in enumerate(days, 1)],
    )
    _add_answers(connection, days, answers // MEMBERS)
    _add_lines(connection, days)


def _add_members(connection: Connection) -> None:
    tables = METADATA.tables
    connection.execute(
        insert(tables["community"]), {"id": 1, "platform": "discord", "external_id": "g"}
    )
    teams = range(1, TEAMS + 1)
    names = [{"id": n, "community_id": 1, "name": f"T{n}", "folded": f"t{n}"} for n in teams]
    connection.execute(insert(tables["team"]), names)
    people = range(1, MEMBERS + 1)
    streak = {"streak_days": 0, "streak_best": 0, "streak_freezes": 0, "streak_active": 0}
    connection.execute(insert(tables["player"]), [{"id": n, **streak} for n in people])
    connection.execute(
        insert(tables["person"]),
        [
            {"id": n, "platform": "discord", "realm": "", "external_id": str(n), "player_id": n}
            for n in people
        ],
    )
    connection.execute(
        insert(tables["member"]),
        [
            {
                "id": n,
                "community_id": 1,
                "person_id": n,
                "name": f"U{n}",
                "team_id": n % TEAMS + 1,
                "hidden": False,
            }
            for n in people
        ],
    )


def _add_answers(connection: Connection, days: Sequence[datetime], each: int) -> None:
    chance = Random(7)
    rows: list[dict[str, object]] = []
    for member in range(1, MEMBERS + 1):
        for number in chance.sample(range(DAYS), each):
            at = days[number] + timedelta(seconds=member)
            rows.append(
                {
                    "round_id": number + 1,
                    "member_id": member,
                    "given": [0],
                    "credit": 1.0,
                    "points": chance.randrange(POINTS + 1),
                    "answered_at": at,
                    "day": at.date(),
                }
            )
        if len(rows) >= BATCH or member == MEMBERS:
            connection.execute(insert(METADATA.tables["answer"]), rows)
            rows = []


def _add_lines(connection: Connection, days: Sequence[datetime]) -> None:
    """The answers' lines on the leaderboards."""
    connection.execute(text("CREATE TEMPORARY TABLE period_of_day (day DATE, period VARCHAR)"))
    connection.execute(
        text("INSERT INTO period_of_day VALUES (:day, :period)"),
        [
            {"day": day.date().isoformat(), "period": period}
            for day in days
            for period in list_periods(day.date(), None)
        ],
    )
    connection.execute(text(LINES.format(team="0")))
    connection.execute(text(LINES.format(team=f"a.member_id % {TEAMS} + 1")))


def _analyze(engine: Engine) -> None:
    """Update the planner's statistics, as a running database does."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(ANALYZE[engine.dialect.name]))
