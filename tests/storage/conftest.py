"""A store on a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import open_database
from storage.store import SqlStore


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@asynccontextmanager
async def database(path: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(url_of(path))
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(tmp_path / "studyhall.db") as opened:
        yield opened


@pytest.fixture
def store(engine: AsyncEngine) -> SqlStore:
    return SqlStore(engine)
