"""What must happen once at a time, kept in rows of one table."""

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
    """Keeps what is due, and who has it now."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Let something happen once in a channel at a time, or not at all."""

        new = NewDue(kind, key, channel, at)
        await self._database.write(lambda connection: self.keep(connection, new))

    def keep(self, connection: Connection, new: NewDue) -> None:
        """Let it happen as a part of a transaction."""
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
        """All that is to happen in a community at a time."""
        theirs = community.c.platform == platform, community.c.external_id == external
        query = _DUE.where(*theirs).order_by(due.c.at, due.c.kind, due.c.key)
        return [_to_row(row) for row in await self._database.rows(query)]

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Rows of a kind that are due, for the caller alone until the lease is over."""
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
        """Let the next try of a row be then."""
        later = due.update().where(*is_due(row)).values(due_at=until)
        await self._database.write(lambda connection: connection.execute(later))

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        """It has happened; False where the row is another one by now."""
        done = (
            due.update().where(*is_due(row)).values(at=then, due_at=then, tries=0)
            if then
            else due.delete().where(*is_due(row))
        )
        return await self._database.write(lambda connection: connection.execute(done).rowcount > 0)


def is_due(row: DueRow) -> tuple[ColumnElement[bool], ...]:
    """That what is due is still that row."""
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
