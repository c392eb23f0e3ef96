"""What tests of all kinds run on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import Databases, PostgresqlServer, SqliteFiles, postgresql_server


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresqlServer]:
    """A PostgreSQL server."""
    with postgresql_server(tmp_path_factory.mktemp("postgresql")) as server:
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
