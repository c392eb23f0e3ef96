"""A store on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from storage.database import open_database
from storage.store import SqlStore


@asynccontextmanager
async def database(url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(open_database(url))
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[SqlStore]:
    async with database(database_url) as opened:
        yield opened
