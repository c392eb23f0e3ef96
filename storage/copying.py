"""Copying all that is kept into another database: for backups, for restoring them, for moving.

There is one way for all three: the rows of one snapshot go into an empty database in one
transaction, so that a copy is whole or nothing. A backup is a SQLite database like any other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, NamedTuple

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from storage.opening import (
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

SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a transaction that sees everything as it was at its first query."""


UNREAD = "Nothing was copied: {} cannot be read: {}. Check it, and try again."
UNWRITTEN = "Nothing was copied to {}: {}. Try again."


class NotCopied(Exception):
    """Nothing was copied, and nothing changed; the message says why and what to do."""


class _Place(NamedTuple):
    """A database, and what messages call it."""

    url: str | URL
    name: str


def backup(url: str, file: Path, told: Told) -> int:
    """Write everything into a new file, and return the number of rows; the bot may be running.

    Raises NotCopied and DatabaseUnavailable.
    """
    with _beside(file) as made:
        rows = _fill(_Place(url, shown(url)), _Place(_url(made), str(file)), told)
        made.chmod(0o600)
    return rows


def restore(file: Path, url: str, told: Told) -> int:
    """Put a backup, of this version or an older one, into an empty database.

    Raises NotCopied and DatabaseUnavailable.
    """
    try:
        with TemporaryDirectory() as folder:
            own = Path(folder) / "backup.db"
            _take(file, own)
            return _put(_Place(_url(own), str(file)), url, told)
    except OSError as problem:
        raise NotCopied(f"{file} cannot be restored: {problem.strerror}.") from None


def copy(source: str, target: str, told: Told) -> int:
    """Copy everything into an empty database, and return the number of rows.

    Raises NotCopied and DatabaseUnavailable.
    """
    return _put(_Place(source, shown(source)), target, told)


def _take(file: Path, own: Path) -> None:
    """Copy a backup to where it can be brought up to date."""
    url = f"{file.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(url, uri=True)) as backed:
            version = backed.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as problem:
        raise NotCopied(f"{file} is not a backup of Studyhall's: {problem}.") from None
    if not version:
        raise NotCopied(f"{file} is not a backup of Studyhall's: it has no version.")
    try:
        with closing(sqlite3.connect(url, uri=True)) as backed, closing(sqlite3.connect(own)) as to:
            backed.backup(to)
    except sqlite3.Error as problem:
        raise NotCopied(
            f"{file} cannot be copied to {gettempdir()}, as it has to be first: {problem}. "
            "Make room there, or set TMPDIR to a folder that has room."
        ) from None


def _put(source: _Place, target: str, told: Told) -> int:
    """Copy into a database, or into a new file that has its name only once it is whole."""
    file = sqlite_file(target)
    if file == IN_MEMORY:
        raise NotCopied(
            "What is copied into memory would be gone at once. "
            "Name a file, as in sqlite:///path/to/file.db, or a PostgreSQL database."
        )
    to = _Place(target, shown(target))
    if file is None or _is_there(file):
        return _copy(source, to, told)
    with _beside(file.resolve(), folders=True) as made:
        return _fill(source, to._replace(url=_url(made)), told)


def _fill(source: _Place, new: _Place, told: Told) -> int:
    """Copy into a new file, and look again at what is in it."""
    rows = _copy(source, new, told)
    engine = create_engine(new.url, poolclass=NullPool)
    _blame(engine, UNWRITTEN, new.name)
    with engine.connect() as connection:
        # One file that can be read from anywhere, without a log beside it.
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    with engine.connect() as connection:
        if sum(_counts(connection).values()) != rows:
            raise NotCopied(UNWRITTEN.format(new.name, "not all rows arrived"))
    return rows


def _copy(source: _Place, target: _Place, told: Told) -> int:
    with (
        _open(source, UNREAD, existing=True) as here,
        _open(target, UNWRITTEN) as there,
        here.execution_options(**SNAPSHOT[here.dialect.name]).begin() as reading,
        there.execution_options(**WRITES).begin() as writing,
    ):
        alone(writing)
        if any(_counts(writing).values()):
            raise NotCopied(
                f"{target.name} holds data already, and stays as it is. "
                "Name a new file or a new PostgreSQL database."
            )
        try:
            counts = _copy_rows(reading, writing, told)
        except (TypeError, ValueError) as problem:
            # In what SQLite keeps, anything can be where a time should be.
            raise NotCopied(UNREAD.format(source.name, cause(problem))) from None
        if _counts(writing) != counts:
            raise NotCopied(UNWRITTEN.format(target.name, "not all rows arrived"))
    return sum(counts.values())


def _copy_rows(source: Connection, target: Connection, told: Told) -> dict[str, int]:
    """Returns how many there are of each table's."""
    unhurried(source)
    counts = _counts(source)
    done, total = 0, sum(counts.values())
    for table in METADATA.sorted_tables:
        with source.execute(select(table).execution_options(yield_per=ROWS)) as rows:
            for part in rows.mappings().partitions():
                target.execute(table.insert(), [dict(row) for row in part])
                done += len(part)
                told(table.name, done, total)
    count_on(target)
    return counts


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in METADATA.sorted_tables
    }


@contextmanager
def _open(place: _Place, says: str, *, existing: bool = False) -> Iterator[Engine]:
    engine = open_database(place.url, place.name, existing=existing)
    _blame(engine, says, place.name)
    try:
        yield engine
    finally:
        engine.dispose()


def _blame(engine: Engine, says: str, name: str) -> None:
    """Let an error say at which of two databases it was."""

    @event.listens_for(engine, "handle_error")
    def say(context: ExceptionContext) -> NotCopied | None:
        problem = context.sqlalchemy_exception or context.original_exception
        if isinstance(problem, SQLAlchemyError):
            return NotCopied(says.format(name, cause(problem)))
        return None


@contextmanager
def _beside(file: Path, *, folders: bool = False) -> Iterator[Path]:
    """A path from which a finished file can take its place in one step, in `folders` that may have
    to be made."""
    if _is_there(file):
        raise NotCopied(f"{file} is there already. Name a new file: nothing is overwritten.")
    with _writing(file):
        known = next(each for each in file.parents if not folders or each.is_dir())
        with TemporaryDirectory(dir=known, prefix=".studyhall-") as folder:
            made = Path(folder) / "copy.db"
            yield made
            file.parent.mkdir(parents=True, exist_ok=True)
            # Not even what has come meanwhile is overwritten.
            file.touch(exist_ok=False)
            made.replace(file)


def _is_there(file: Path) -> bool:
    with _writing(file):
        return file.exists()


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise NotCopied(f"{file} cannot be written: {problem.strerror}.") from None


def _url(file: Path) -> URL:
    """Not a string: in one, what follows a ? in a path would not belong to it."""
    return URL.create("sqlite", database=str(file))
