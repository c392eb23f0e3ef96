"""A store on a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage.database import open_database
from storage.store import SqlStore


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@asynccontextmanager
async def database(path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore(open_database(url_of(path)))
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with database(tmp_path / "studyhall.db") as opened:
        yield opened
