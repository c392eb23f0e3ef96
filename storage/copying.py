"""Copies everything to another database: to back up, restore or move.

All three work the same way: the rows of one snapshot go into an empty database in one transaction,
so a copy is complete or it doesn't exist. A backup is a regular SQLite database.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import gettempdir
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

from storage.files import make_copy
from storage.opening import (
    IN_MEMORY,
    WRITES,
    advance_sequences,
    describe_problem,
    lift_timeouts,
    lock_for_setup,
    open_database,
    redact_url,
    sqlite_file,
)
from storage.tables import METADATA

Progress = Callable[[str, int, int], None]
"""Called with the table, the rows copied so far, and the total."""

BATCH_ROWS = 1000
"""Rows in memory at a time."""

SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a transaction that reads one snapshot."""


_UNSTORABLE = re.compile("[\0\ud800-\udfff]+")
"""NUL, which PostgreSQL doesn't store, and surrogates, which are half a character."""

CANNOT_READ = "Nothing was copied: can't read {}: {}. Check it and try again."
CANNOT_WRITE = "Nothing was copied to {}: {}. Try again."


class NotCopied(Exception):
    """Nothing was copied or changed. The message says why and what to do."""


class Copied(NamedTuple):
    """How many rows were copied, and how many texts in them were repaired."""

    rows: int
    repaired: int


class _NamedUrl(NamedTuple):
    """A database, and its name in messages."""

    url: str | URL
    name: str


def backup(url: str, file: Path, progress: Progress) -> Copied:
    """Back up everything to a new file. The bot can keep running.

    Raises NotCopied and DatabaseUnavailable.
    """
    with _new_file(file) as made:
        return _copy_to_new_file(
            _NamedUrl(url, redact_url(url)), _NamedUrl(_sqlite_url(made), str(file)), progress
        )


def restore(file: Path, url: str, progress: Progress) -> Copied:
    """Restore a backup of this version or an older one into an empty database.

    Raises NotCopied and DatabaseUnavailable.
    """
    try:
        with make_copy(Path(gettempdir())) as own:
            _copy_backup(file, own)
            return _copy_to(_NamedUrl(_sqlite_url(own), str(file)), url, progress)
    except OSError as problem:
        raise NotCopied(f"Can't restore {file}: {problem.strerror}.") from None


def copy(source: str, target: str, progress: Progress) -> Copied:
    """Copy everything to an empty database.

    Raises NotCopied and DatabaseUnavailable.
    """
    return _copy_to(_NamedUrl(source, redact_url(source)), target, progress)


def _copy_backup(file: Path, own: Path) -> None:
    """Copy a backup to where it can be upgraded, so the file itself stays unchanged."""
    url = f"{file.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(url, uri=True)) as backed:
            version = backed.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as problem:
        raise NotCopied(f"{file} isn't a Studyhall backup: {problem}.") from None
    if not version:
        raise NotCopied(f"{file} isn't a Studyhall backup: it has no version.")
    try:
        with closing(sqlite3.connect(url, uri=True)) as backed, closing(sqlite3.connect(own)) as to:
            backed.backup(to)
    except sqlite3.Error as problem:
        raise NotCopied(
            f"Can't make a temporary copy of {file} in {gettempdir()}: {problem}. "
            "Free up space there, or set TMPDIR to a folder with more space."
        ) from None


def _copy_to(source: _NamedUrl, target: str, progress: Progress) -> Copied:
    """Copy to a database, or to a new file that gets its name once it's complete."""
    file = sqlite_file(target)
    if file == IN_MEMORY:
        raise NotCopied(
            "A copy in memory would be lost at once. "
            "Use a file, for example sqlite:///path/to/file.db, or a PostgreSQL database."
        )
    to = _NamedUrl(target, redact_url(target))
    if file is None or _exists(file):
        return _copy(source, to, progress)
    with _new_file(file.resolve(), folders=True) as made:
        return _copy_to_new_file(source, to._replace(url=_sqlite_url(made)), progress)


def _copy_to_new_file(source: _NamedUrl, new: _NamedUrl, progress: Progress) -> Copied:
    """Copy to a new file, and check that everything is in it."""
    copied = _copy(source, new, progress)
    engine = create_engine(new.url, poolclass=NullPool, hide_parameters=True)
    _name_in_errors(engine, CANNOT_WRITE, new.name)
    with engine.connect() as connection:
        # Without a log next to it, the file can be moved and read anywhere.
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    with engine.connect() as connection:
        if sum(_count_rows(connection).values()) != copied.rows:
            raise NotCopied(CANNOT_WRITE.format(new.name, "some rows are missing"))
    return copied


def _copy(source: _NamedUrl, target: _NamedUrl, progress: Progress) -> Copied:
    with (
        _open_named(source, CANNOT_READ, existing=True) as here,
        _open_named(target, CANNOT_WRITE) as there,
        here.execution_options(**SNAPSHOT[here.dialect.name]).begin() as reading,
        there.execution_options(**WRITES).begin() as writing,
    ):
        lock_for_setup(writing)
        if any(_count_rows(writing).values()):
            raise NotCopied(
                f"{target.name} already contains data. Nothing was changed. "
                "Use a new file or a new PostgreSQL database."
            )
        try:
            counts, repaired = _copy_rows(reading, writing, progress)
        except (TypeError, ValueError) as problem:
            # SQLite doesn't check types: a time column can contain anything.
            raise NotCopied(CANNOT_READ.format(source.name, describe_problem(problem))) from None
        if _count_rows(writing) != counts:
            raise NotCopied(CANNOT_WRITE.format(target.name, "some rows are missing"))
    return Copied(sum(counts.values()), repaired)


def _copy_rows(
    source: Connection, target: Connection, progress: Progress
) -> tuple[dict[str, int], int]:
    """Returns the number of rows copied, by table, and of texts repaired."""
    lift_timeouts(source)
    if source.dialect.name == "sqlite":
        # SQLite doesn't check that a text is one. What isn't becomes surrogates.
        driver: Any = source.connection.driver_connection
        driver.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    counts = _count_rows(source)
    done, total, repaired = 0, sum(counts.values()), 0
    for table in METADATA.sorted_tables:
        with source.execute(select(table).execution_options(yield_per=BATCH_ROWS)) as rows:
            for part in rows.mappings().partitions():
                good = [{name: _repair(value) for name, value in row.items()} for row in part]
                repaired += sum(
                    value != row[name]
                    for row, new in zip(part, good, strict=True)
                    for name, value in new.items()
                )
                target.execute(table.insert(), good)
                done += len(part)
                progress(table.name, done, total)
    advance_sequences(target)
    return counts, repaired


def _repair(value: Any) -> Any:
    """Replace what no text can hold. Leaving it out could make two keys the same."""
    match value:
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case list():
            return [_repair(each) for each in value]
        case dict():
            return {_repair(key): _repair(each) for key, each in value.items()}
        case _:
            return value


def _count_rows(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
        for table in METADATA.sorted_tables
    }


@contextmanager
def _open_named(place: _NamedUrl, message: str, *, existing: bool = False) -> Iterator[Engine]:
    engine = open_database(place.url, place.name, existing=existing)
    _name_in_errors(engine, message, place.name)
    try:
        yield engine
    finally:
        engine.dispose()


def _name_in_errors(engine: Engine, message: str, name: str) -> None:
    """Name the database in its errors: two are open."""

    @event.listens_for(engine, "handle_error")
    def name_database(context: ExceptionContext) -> NotCopied | None:
        problem = context.sqlalchemy_exception or context.original_exception
        if isinstance(problem, SQLAlchemyError):
            return NotCopied(message.format(name, describe_problem(problem)))
        return None


@contextmanager
def _new_file(file: Path, *, folders: bool = False) -> Iterator[Path]:
    """A temporary path for a new file, which is renamed to `file` in one step once it's complete.
    With `folders`, missing folders are created."""
    if _exists(file):
        raise NotCopied(f"{file} already exists. Choose a new file: nothing is overwritten.")
    with _report_os_errors(file):
        known = next(each for each in file.parents if not folders or each.is_dir())
        with make_copy(known) as made:
            yield made
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Don't overwrite a file that was created in the meantime either.
            file.touch(mode=0o600, exist_ok=False)
            made.replace(file)


def _exists(file: Path) -> bool:
    with _report_os_errors(file):
        return file.exists()


@contextmanager
def _report_os_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise NotCopied(f"Can't write {file}: {problem.strerror}.") from None


def _sqlite_url(file: Path) -> URL:
    """Not a string: there, a ? would end the path."""
    return URL.create("sqlite", database=str(file))
