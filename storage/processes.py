"""Processes that run the bot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from bot.engine.processes import Process
from storage.database import Database
from storage.tables import process as process_


class Processes:
    """Stores processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, process: Process) -> None:
        """Insert or update a process."""
        values = asdict(process)
        upsert = self._database.upsert(process_, {"id": values.pop("id")}, values)
        await self._database.write(lambda connection: connection.execute(upsert))

    async def all(self) -> Sequence[Process]:
        """All processes, the last heartbeat first."""
        query = select(process_).order_by(process_.c.beat_at.desc(), process_.c.id)
        return [Process(**row._mapping) for row in await self._database.rows(query)]

    async def forget(self, before: datetime) -> None:
        """Delete processes without a heartbeat since then."""
        old = process_.delete().where(process_.c.beat_at < before)
        await self._database.write(lambda connection: connection.execute(old))
