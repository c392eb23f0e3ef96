"""How much due work waits, for operators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, func, literal, select, union_all

from storage.database import Database
from storage.tables import daily, due, post

LATE_AFTER = timedelta(minutes=1)
"""When work that's due is late: a replica looks for it twice a second."""


async def count_waiting(database: Database, now: datetime) -> Mapping[str, tuple[int, int]]:
    """How many rows of each kind are due and not being worked on, and how many of those are late.
    Kinds without any are missing."""
    step = case((post.c.state == "claimed", "post"), else_="result")
    waiting = union_all(
        select(due.c.kind.label("kind"), due.c.due_at.label("due_at")).where(due.c.due_at <= now),
        select(literal("daily"), daily.c.next_due_at).where(daily.c.next_due_at <= now),
        select(step, post.c.due_at).where(post.c.due_at <= now),
    ).subquery()
    late = func.count(case((waiting.c.due_at <= now - LATE_AFTER, 1)))
    counts = func.count().label("due"), late.label("late")
    query = select(waiting.c.kind, *counts).group_by(waiting.c.kind)
    return {row.kind: (row.due, row.late) for row in await database.rows(query)}
