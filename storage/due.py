"""Scheduled events: one row for everything that must happen once at a set time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, tuple_

from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from storage.database import Database
from storage.members import Members, is_community
from storage.tables import community, due

_DUE = select(due, community.c.platform, community.c.external_id).join(
    community, community.c.id == due.c.community_id
)


class DueRows:
    """Stores due rows and their leases."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Schedule something in a channel for a time; None cancels it."""
        new = NewDue(kind, key, channel, at)
        await self._database.write(lambda connection: self.save(connection, new))

    def save(self, connection: Connection, new: NewDue) -> None:
        """Like `set`, within a transaction."""
        where = new.channel
        community_id = self._members.community(connection, where.platform, where.community)
        its = {"kind": new.kind, "community_id": community_id, "key": new.key}
        if new.at is None:
            connection.execute(due.delete().filter_by(**its))
        else:
            when = {"at": new.at, "due_at": new.at, "tries": 0}
            what = {"channel": where.id, "set_by": new.set_by}
            connection.execute(self._database.upsert(due, its, what | when))

    async def of_community(self, platform: str, external: str) -> Sequence[DueRow]:
        """All due rows of a community, earliest first."""
        theirs = community.c.platform == platform, community.c.external_id == external
        query = _DUE.where(*theirs).order_by(due.c.at, due.c.kind, due.c.key)
        return [_to_row(row) for row in await self._database.rows(query)]

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Lease rows of a kind that are due to the caller."""
        waiting = (
            _DUE.where(due.c.kind == kind, due.c.due_at <= now, community.c.platform == platform)
            .order_by(due.c.due_at, due.c.key)
            .limit(limit)
        )
        if not await self._database.rows(waiting):
            return []
        free = waiting.with_for_update(skip_locked=True, of=due)

        def claim(connection: Connection) -> Sequence[DueRow]:
            rows = connection.execute(free).all()
            its = tuple_(due.c.kind, due.c.community_id, due.c.key)
            taken = [(row.kind, row.community_id, row.key) for row in rows]
            connection.execute(
                due.update().where(its.in_(taken)).values(due_at=lease_until, tries=due.c.tries + 1)
            )
            return [_to_row(row) for row in rows]

        return await self._database.write(claim)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Set the next try of a row."""
        later = due.update().where(*is_same_row(row)).values(due_at=until)
        await self._database.write(lambda connection: connection.execute(later))

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        """Delete a row that is done, or move it to `then`; False if it has changed since."""
        done = (
            due.update().where(*is_same_row(row)).values(at=then, due_at=then, tries=0)
            if then
            else due.delete().where(*is_same_row(row))
        )
        return await self._database.write(lambda connection: connection.execute(done).rowcount > 0)


def is_same_row(row: DueRow) -> tuple[ColumnElement[bool], ...]:
    """Matches a row that hasn't been rescheduled."""
    here = select(community.c.id).where(*is_community(row.channel)).scalar_subquery()
    return (
        due.c.kind == row.kind,
        due.c.community_id == here,
        due.c.key == row.key,
        due.c.at == row.at,
    )


def _to_row(row: Row[Any]) -> DueRow:
    channel = Channel(row.platform, row.external_id, row.channel)
    return DueRow(row.kind, row.key, channel, row.at, row.tries, row.set_by)
