"""What tests of all kinds run on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.databases import Databases, PostgresqlServer, SqliteFiles, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, in a folder that another run of the tests does not close."""
    with TemporaryDirectory() as folder, postgresql_server(Path(folder)) as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Databases of each kind that there is."""
    if request.param == "sqlite":
        return SqliteFiles()
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A database of the test's own."""
    with databases.new() as url:
        yield url
