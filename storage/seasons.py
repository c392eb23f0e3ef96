"""Seasons of communities: starting, ending and listing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Member
from bot.engine.seasons import Season, SeasonEnd
from storage.database import Database
from storage.due import DueRows
from storage.members import Members, is_community
from storage.tables import community, due, season

SEASON = [season.c[name] for name in ("id", "name", "started_at", "ended_at", "ends_on", "next")]
KIND = "season"
"""The kind of due row for a season's planned end; its key is the season's id."""


class Seasons:
    """Stores seasons and their planned ends."""

    def __init__(self, database: Database, members: Members, due_rows: DueRows) -> None:
        self._database = database
        self._members = members
        self._due = due_rows

    async def start(
        self,
        platform: str,
        external: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        """Start a season; ends the current one and cancels its planned end."""

        def start(connection: Connection) -> Season:
            community_id = self._members.community(connection, platform, external)
            _lock_community(connection, community_id)
            runs = season.c.community_id == community_id, season.c.ended_at.is_(None)
            values = {"ended_at": now, "ends_on": None, "next": ""}
            end_current = season.update().where(*runs).values(values).returning(season.c.id)
            keys = [str(id_) for id_ in connection.scalars(end_current)]
            its = due.c.community_id == community_id, due.c.kind == KIND, due.c.key.in_(keys)
            connection.execute(due.delete().where(*its))
            new = _insert_season(connection, community_id, name, now, end)
            if end:
                plan = NewDue(KIND, str(new.id), end.channel, end.at, end.set_by)
                self._due.save(connection, plan)
            return new

        return await self._database.write(start)

    async def end(self, row: DueRow, now: datetime) -> Season | None:
        """End the season of a due row, and start the next one if it's named."""
        its = (
            select(season)
            .join(community, community.c.id == season.c.community_id)
            .where(
                *is_community(row.channel),
                season.c.id == int(row.key),
                season.c.ends_on.is_not(None),
            )
        )

        def end(connection: Connection) -> Season | None:
            found = connection.execute(its).one_or_none()
            if found is None:
                return None
            _lock_community(connection, found.community_id)
            current = season.update().where(season.c.id == found.id, season.c.ended_at.is_(None))
            if connection.execute(current.values(ended_at=now)).rowcount and found.next:
                _insert_season(connection, found.community_id, found.next, now)
            ended = connection.execute(its).one_or_none()
            return to_season(ended) if ended else None

        return await self._database.write(end)

    async def find(self, member: Member, season_id: int) -> Season | None:
        """A season of the member's community, past or not."""
        row = await self._database.row(_seasons(member).where(season.c.id == season_id))
        return to_season(row) if row else None

    async def past(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        """A page of the past seasons of the member's community, and their total."""
        past = _seasons(member).where(season.c.ended_at.is_not(None))
        page = past.order_by(season.c.ended_at.desc(), season.c.id.desc())

        def read(connection: Connection) -> tuple[Sequence[Season], int]:
            total = connection.scalar(select(func.count()).select_from(past.subquery()))
            rows = connection.execute(page.limit(limit).offset(offset))
            return [to_season(row) for row in rows], int(total or 0)

        return await self._database.read(read)


def to_season(row: Row[Any]) -> Season:
    """Read a season."""
    return Season(*(getattr(row, column.name) for column in SEASON))


def _seasons(member: Member) -> Any:
    return (
        select(*SEASON)
        .join(community, community.c.id == season.c.community_id)
        .where(*is_community(member))
    )


def _lock_community(connection: Connection, community_id: int) -> None:
    """Make concurrent starts and ends of seasons wait for each other."""
    its = select(community.c.id).where(community.c.id == community_id)
    connection.execute(its.with_for_update())


def _insert_season(
    connection: Connection,
    community_id: int,
    name: str,
    now: datetime,
    end: SeasonEnd | None = None,
) -> Season:
    ends_on, following = (end.last_day, end.next) if end else (None, "")
    new = season.insert().values(
        community_id=community_id, name=name, started_at=now, ends_on=ends_on, next=following
    )
    number = int(connection.scalar(new.returning(season.c.id)) or 0)
    return Season(number, name, now, None, ends_on, following)
