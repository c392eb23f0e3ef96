"""Bare drivers, which make the rows of an answer durable and do nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import asyncpg

# What storage/answers.py writes for an answer, written by hand.
STATEMENTS = (
    "INSERT INTO answer (round_id, member_id, given, credit, points, answered_at, day, periods,"
    " team_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    "UPDATE player SET streak_days = $2, streak_best = $3, streak_last = $4, streak_freezes = $5,"
    " streak_active = $6, streak_at = $7, streak_zone = $8, streak_starts = $9, told_zone = $10"
    " WHERE id = $1",
    'INSERT INTO standing (member_id, board, period, team_id, community_id, points, "right",'
    " answered, reached_at, hidden) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, false)"
    " ON CONFLICT (member_id, board, period, team_id) DO UPDATE SET"
    ' points = standing.points + excluded.points, "right" = standing."right" + excluded."right",'
    " answered = standing.answered + excluded.answered, reached_at ="
    " CASE WHEN excluded.points > 0 AND excluded.reached_at > standing.reached_at"
    " OR standing.points = 0 AND"
    " (excluded.points > 0 OR excluded.reached_at <= standing.reached_at)"
    " THEN excluded.reached_at ELSE standing.reached_at END",
    "INSERT INTO card (player_id, pack, question, stability, difficulty, due, reviewed_at, seen,"
    ' "right", last_right) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)'
    " ON CONFLICT (player_id, pack, question) DO UPDATE SET stability = excluded.stability,"
    " difficulty = excluded.difficulty, due = excluded.due, reviewed_at = excluded.reviewed_at,"
    ' seen = excluded.seen, "right" = excluded."right", last_right = excluded.last_right',
)


@dataclass(frozen=True)
class AnswerRows:
    """The rows of one accepted answer: for each statement, its parameters."""

    rows: tuple[tuple[tuple[Any, ...], ...], ...]

    def __iter__(self) -> Iterator[tuple[str, tuple[tuple[Any, ...], ...]]]:
        return zip(STATEMENTS, self.rows, strict=True)


class Floor(Protocol):
    """A bare driver."""

    async def write(self, answer: AnswerRows) -> None:
        """Make the rows durable, with their own commit."""


class Sqlite:
    """Python's own driver, with our settings; it caches prepared statements."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # SQLite would read `$1` as a named parameter; `?1` is numbered.
        self._numbered = {each: each.replace("$", "?") for each in STATEMENTS}

    async def write(self, answer: AnswerRows) -> None:
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        for statement, rows in answer:
            for row in rows:
                run(self._numbered[statement], row)
        run("COMMIT")


class Postgresql:
    """asyncpg, with prepared statements."""

    def __init__(self, connection: Any, prepared: dict[str, Any]) -> None:
        self._connection = connection
        self._prepared = prepared

    async def write(self, answer: AnswerRows) -> None:
        async with self._connection.transaction():
            for statement, rows in answer:
                if len(rows) == 1:
                    await self._prepared[statement].fetch(*rows[0])
                else:
                    await self._prepared[statement].executemany(rows)


@asynccontextmanager
async def open_floor(url: str) -> AsyncIterator[Floor]:
    """The bare driver for a database that has our tables."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        sqlite3.register_adapter(date, date.isoformat)
        sqlite3.register_adapter(datetime, _format_instant)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for pragma in ("synchronous = FULL", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {pragma}")
            (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
            assert journal == "wal"
            yield Sqlite(connection)
        return
    connection = await asyncpg.connect(url)
    try:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on", setting
        prepared = {each: await connection.prepare(each) for each in STATEMENTS}
        yield Postgresql(connection, prepared)
    finally:
        await connection.close()


def _format_instant(instant: datetime) -> str:
    """An instant as SQLAlchemy writes it to SQLite."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
