"""Stores in memory and on real databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.engine.ports import Store
from storage.opening import open_database
from storage.store import SqlStore
from tests.databases import SqliteFiles
from tests.stand_ins.memory_store import MemoryStore


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


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
async def any_store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    kind = SqliteFiles() if request.param == "sqlite" else request.getfixturevalue("postgresql")
    with kind.new() as url:
        async with database(url) as store:
            yield store
