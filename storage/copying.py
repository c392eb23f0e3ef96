"""Copying all that is kept into another database: for backups, for restoring them, for moving.

There is one way for all three: the rows of one snapshot go into an empty database in one
transaction, so that a copy is whole or nothing. A backup is a SQLite database like any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    MetaData,
    NullPool,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError

from storage.database import (
    IN_MEMORY,
    WRITES,
    alone,
    cause,
    count_on,
    open_database,
    shown,
    sqlite_file,
    unhurried,
)
from storage.tables import METADATA

Told = Callable[[str, int, int], None]
"""Is told the table, how many rows are copied, and of how many in all."""

ROWS = 1000
"""How many rows are in memory at a time."""

BESIDE = "slack_"
"""How the names of tables begin that Slack's library keeps beside ours: who installed the app."""

SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a transaction that sees everything as it was at its first query."""


class NotCopied(Exception):
    """Nothing was copied, and nothing changed; the message says why and what to do."""


def backup(url: str, file: Path, told: Told) -> int:
    """Write everything into a new file, and return the number of rows; the bot may be running.

    Raises NotCopied and DatabaseUnavailable.
    """
    with _beside(file) as made:
        rows = copy(url, _url(made), told)
        if _finished(made) != rows:
            raise NotCopied(f"{file} was not written: not all rows arrived. Try again.")
        made.chmod(0o600)
    return rows


def restore(file: Path, url: str, told: Told) -> int:
    """Put a backup, of this version or an older one, into an empty database.

    Raises NotCopied and DatabaseUnavailable.
    """
    with TemporaryDirectory() as folder:
        own = Path(folder) / "backup.db"
        try:
            with (
                closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as backed,
                closing(sqlite3.connect(own)) as mine,
            ):
                version = backed.execute("SELECT version_num FROM alembic_version").fetchone()
                backed.backup(mine)
        except sqlite3.Error as problem:
            raise NotCopied(f"{file} is not a backup of Studyhall's: {problem}.") from None
        if not version:
            raise NotCopied(f"{file} is not a backup of Studyhall's: it has no version.")
        return copy(_url(own), url, told)


def copy(source: str | URL, target: str | URL, told: Told) -> int:
    """Copy everything into an empty database, and return the number of rows.

    Raises NotCopied and DatabaseUnavailable.
    """
    if sqlite_file(target) == IN_MEMORY:
        raise NotCopied(
            "What is copied into memory would be gone at once. "
            "Name a file, as in sqlite:///path/to/file.db, or a PostgreSQL database."
        )
    with _open(source, existing=True) as here, _open(target) as there:
        snapshot = here.execution_options(**SNAPSHOT[here.dialect.name])
        try:
            with (
                snapshot.begin() as reading,
                there.execution_options(**WRITES).begin() as writing,
            ):
                alone(writing)
                if any(_counts(writing, _tables(writing)).values()):
                    raise NotCopied(
                        f"{shown(target)} holds data already, and stays as it is. "
                        "Name a new file or a new PostgreSQL database."
                    )
                return _copy(reading, writing, told)
        except DBAPIError as problem:
            raise NotCopied(
                f"Nothing was copied to {shown(target)}: {cause(problem)}. Try again."
            ) from None


def _copy(source: Connection, target: Connection, told: Told) -> int:
    unhurried(source)
    tables = _tables(source)
    counts = _counts(source, tables)
    tables.create_all(target)
    done, total = 0, sum(counts.values())
    for table in tables.sorted_tables:
        with source.execute(select(table).execution_options(yield_per=ROWS)) as rows:
            for part in rows.mappings().partitions():
                target.execute(table.insert(), [dict(row) for row in part])
                done += len(part)
                told(table.name, done, total)
    if _counts(target, tables) != counts:
        raise NotCopied("Nothing was copied: not all rows arrived. Try again.")
    count_on(target, tables)
    return total


def _finished(file: Path) -> int:
    """Make one file of a database, without a log beside it, and count the rows that are in it."""
    engine = create_engine(_url(file), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    with engine.connect() as connection:
        return sum(_counts(connection, _tables(connection)).values())


def _tables(connection: Connection) -> MetaData:
    """Our tables, and those beside them."""
    tables = MetaData()
    for table in METADATA.sorted_tables:
        table.to_metadata(tables)

    @event.listens_for(tables, "column_reflect")
    def translate(_inspector: object, _table: Table, column: dict[str, Any]) -> None:
        """Into what any database understands."""
        column["type"] = column["type"].as_generic()
        column["default"] = None

    names = [name for name in inspect(connection).get_table_names() if name.startswith(BESIDE)]
    tables.reflect(connection, only=names)
    return tables


def _counts(connection: Connection, tables: MetaData) -> dict[str, int]:
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in tables.sorted_tables
    }


@contextmanager
def _open(url: str | URL, *, existing: bool = False) -> Iterator[Engine]:
    engine = open_database(url, existing=existing)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A path from which a finished file can take its place in one step."""
    try:
        if file.exists():
            raise NotCopied(f"{file} is there already. Name a new file: no backup is overwritten.")
        with TemporaryDirectory(dir=file.parent, prefix=".studyhall-") as folder:
            made = Path(folder) / "backup.db"
            yield made
            made.rename(file)
    except OSError as problem:
        raise NotCopied(f"{file} cannot be written: {problem.strerror}.") from None


def _url(file: Path) -> URL:
    """Not a string: in one, what follows a ? in a path would not belong to it."""
    return URL.create("sqlite", database=str(file))
