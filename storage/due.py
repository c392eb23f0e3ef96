"""What must happen once at a time, kept in rows of one table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, tuple_

from bot.engine.due.rows import DueRow
from bot.engine.events import Channel
from storage.database import Database
from storage.members import Members, is_community
from storage.tables import community, due


class DueRows:
    """Keeps what is due, and who has it now."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Let something happen once in a channel at a time, or not at all."""

        def keep(connection: Connection) -> None:
            community_id = self._members.community(connection, channel.platform, channel.community)
            its = {"kind": kind, "community_id": community_id, "key": key}
            if at is None:
                connection.execute(due.delete().filter_by(**its))
            else:
                when = {"at": at, "due_at": at, "tries": 0}
                connection.execute(self._database.upsert(due, its, {"channel": channel.id} | when))

        await self._database.write(keep)

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Rows of a kind that are due, for the caller alone until the lease is over."""
        waiting = (
            select(due, community.c.platform, community.c.external_id)
            .join(community, community.c.id == due.c.community_id)
            .where(due.c.kind == kind, due.c.due_at <= now, community.c.platform == platform)
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
            return [
                DueRow(
                    row.kind,
                    row.key,
                    Channel(row.platform, row.external_id, row.channel),
                    row.at,
                    row.tries,
                )
                for row in rows
            ]

        return await self._database.write(claim)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Let the next try of a row be then."""
        later = due.update().where(*_is(row)).values(due_at=until)
        await self._database.write(lambda connection: connection.execute(later))

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        """It has happened; False where the row is another one by now."""
        done = (
            due.update().where(*_is(row)).values(at=then, due_at=then, tries=0)
            if then
            else due.delete().where(*_is(row))
        )
        return await self._database.write(lambda connection: connection.execute(done).rowcount > 0)


def _is(row: DueRow) -> tuple[ColumnElement[bool], ...]:
    here = select(community.c.id).where(*is_community(row.channel)).scalar_subquery()
    return (
        due.c.kind == row.kind,
        due.c.community_id == here,
        due.c.key == row.key,
        due.c.at == row.at,
    )
