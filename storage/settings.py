"""Settings of this installation, by key."""

from __future__ import annotations

from sqlalchemy import select

from storage.database import Database
from storage.tables import setting


class InstallationSettings:
    """Stores the settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> str | None:
        """The value of a setting, or None."""
        row = await self._database.row(select(setting.c.value).where(setting.c.key == key))
        return row.value if row else None

    async def set(self, key: str, value: str) -> None:
        """Save a setting."""
        upsert = self._database.upsert(setting, {"key": key}, {"value": value})
        await self._database.write(lambda connection: connection.execute(upsert))
