"""Facts about this installation, by their keys."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Database
from storage.tables import setting


class InstallationSettings:
    """Keeps the facts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """A fact about the installation, by its key."""
        row = await self._database.row(select(setting.c.value).where(setting.c.key == key))
        return row.value if row else None

    async def set(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""
        kept = self._database.upsert(setting, {"key": key}, {"value": value})
        await self._database.write(lambda connection: connection.execute(kept))
