"""Opening the database: one durable, foreign-key-checked engine, brought up to date at start."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from storage.tables import METADATA

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 10
"""How long a writer waits for another one before it gives up."""

WRITES = {"begin": "BEGIN IMMEDIATE"}
"""Execution options of a transaction that will write."""

READS = {"begin": ""}
"""Execution options of a single query: it needs no transaction."""


class DatabaseUnavailable(Exception):
    """The database cannot be opened; the message says why and what to do."""


def open_database(url: str) -> Engine:
    """An engine for the database at `url`, with its tables up to date.

    Raises DatabaseUnavailable.
    """
    try:
        engine = create_engine(_with_folder(url))
    except (ArgumentError, ModuleNotFoundError, OSError) as problem:
        raise DatabaseUnavailable(f"The database URL is not usable: {problem}") from None
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        if engine.dialect.name == "sqlite":
            _write_ahead(engine)
        with engine.execution_options(**WRITES).begin() as connection:
            upgrade(connection)
    except DatabaseUnavailable:
        engine.dispose()
        raise
    except (DBAPIError, OSError) as problem:
        engine.dispose()
        cause = getattr(problem, "orig", None) or problem
        raise DatabaseUnavailable(
            f"The database at {make_url(url).render_as_string()} cannot be opened: {cause}. "
            "Check the path and its permissions, or name another with --database-url."
        ) from None
    return engine


def latest_version() -> str:
    """The newest migration's id, read without importing Alembic, which would slow every start."""
    return max(_versions())


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date; an empty database gets them whole and is stamped.

    Source of the stamping: Alembic's cookbook, "Building an Up to Date Database from Scratch".
    """
    match _version(connection):
        case version if version == latest_version():
            return
        case None:
            METADATA.create_all(connection)
            _stamp(connection)
        case version if version and version not in _versions():
            raise DatabaseUnavailable(
                f"The database is of version {version}, which this Studyhall does not know: "
                "it was written by a newer one. Update Studyhall, or name another database."
            )
        case _:
            # Alembic doubles the time to start: only a database that is behind needs it.
            from alembic import command
            from alembic.config import Config

            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            command.upgrade(config, "head")


def _versions() -> list[str]:
    return [file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")]


def _version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _stamp(connection: Connection) -> None:
    versions = Table("alembic_version", MetaData(), Column("version_num", String, primary_key=True))
    versions.create(connection)
    connection.execute(versions.insert().values(version_num=latest_version()))


def _with_folder(url: str) -> str:
    """The URL, once the folder of a SQLite file is there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
    return parsed.render_as_string(hide_password=False)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver's own implicit BEGIN would come too late to take the write lock at once.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that turns from reading to writing can fail at once in WAL mode, without
        # waiting for the other writer: so a writer says so from the start.
        if begin := connection.get_execution_options().get("begin", "BEGIN"):
            connection.exec_driver_sql(begin)


def _write_ahead(engine: Engine) -> None:
    """Switch the file to its write-ahead log, which it then keeps.

    SQLite does not wait here for another process that is switching at the same moment.
    """
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            with engine.execution_options(**READS).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except OperationalError as problem:
            if "locked" not in str(problem.orig) or monotonic() > deadline:
                raise
            sleep(0.02)
