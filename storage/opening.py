"""Opening the database: one durable, foreign-key-checked engine, brought up to date at start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import ArgumentError, NoSuchTableError, OperationalError, SQLAlchemyError

from storage.compiled import driving
from storage.tables import METADATA

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 10
"""How long a writer waits for another one before it gives up."""

WRITES = {"begin": "BEGIN IMMEDIATE"}
"""Execution options of a transaction that will write."""

READS = {"begin": ""}
"""Execution options of a single query: it needs no transaction."""

SERVER_SETTINGS = {
    "connect_timeout": 5,
    "application_name": "studyhall",
    # Milliseconds. A press has waited too long by then: better that it is told so. A replica that
    # freezes within a transaction, or is not there any more, loses what it holds.
    "options": f"-c lock_timeout={BUSY_SECONDS * 1000} -c statement_timeout=30000"
    " -c idle_in_transaction_session_timeout=15000",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""What a connection to PostgreSQL asks for, where the URL says nothing else."""

POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": BUSY_SECONDS, "pool_pre_ping": True}
"""As many connections as there are threads that may want one at once; half of them are kept. Each
is tried before it is used, so that work goes on as soon as a server is back."""

ALONE = 7_781_943
"""The advisory lock of who brings a PostgreSQL database up to date, or fills it."""

IN_MEMORY = Path(":memory:")
"""SQLite's name for what is gone when it is closed."""

SERVERS = ("postgres", "postgresql")
_URLS = "It is sqlite:///path/to/file.db or postgresql://user:password@host/database."
_CHECK = {
    "sqlite": "Check the path and its permissions, or name another.",
    "postgresql": "Check that the server runs and has this database, and the user and password "
    "in the URL, or name another.",
}
_NOTHING = (
    "There is no database of Studyhall's at {}. "
    "Name the one you mean with --database-url or STUDYHALL_DATABASE_URL."
)


class DatabaseUnavailable(Exception):
    """The database cannot be opened; the message says why and what to do."""


def open_database(url: str | URL, called: str = "", *, existing: bool = False) -> Engine:
    """An engine for the database at `url`, with its tables up to date, which messages call by its
    URL or otherwise. It is made if it is not there, unless an `existing` one is asked for.

    Raises DatabaseUnavailable.
    """
    parsed = _parsed(url)
    called = called or shown(parsed)
    with _opened(parsed, called, existing=existing) as engine:
        if parsed.get_backend_name() == "sqlite":
            _write_ahead(engine)
        with engine.execution_options(**WRITES).begin() as connection:
            upgrade(connection, called)
    return engine


def check_database(url: str | URL) -> None:
    """Look whether the database at `url` is there, can be read and is up to date; it stays as it
    is. Raises DatabaseUnavailable."""
    called = shown(url)
    with _opened(_parsed(url), called, existing=True) as engine:
        with engine.execution_options(**READS).connect() as connection:
            version = _version(connection)
        engine.dispose()
    if version != latest_version():
        _check_known(version, called)
        raise DatabaseUnavailable(
            f"The database at {called} is of version {version}, older than this "
            "Studyhall. Start the bot or run `studyhall db upgrade`: either brings it up to date."
        )


@contextmanager
def _opened(parsed: URL, called: str, *, existing: bool) -> Iterator[Engine]:
    """An engine, which is given back if what is done with it fails. Raises DatabaseUnavailable."""
    kind = parsed.get_backend_name()
    try:
        if existing and (file := sqlite_file(parsed)) and not file.is_file():
            raise DatabaseUnavailable(_NOTHING.format(called))
        engine = _sqlite(parsed) if kind == "sqlite" else _postgresql(parsed)
        try:
            if existing:
                with engine.execution_options(**READS).connect() as connection:
                    if not _version(connection):
                        raise DatabaseUnavailable(_NOTHING.format(called))
            yield engine
        except BaseException:
            engine.dispose()
            raise
    except (ArgumentError, ImportError, TypeError, ValueError) as problem:
        raise DatabaseUnavailable(
            f"The database URL is not usable: {cause(problem)}. {_URLS}"
        ) from None
    except (SQLAlchemyError, OSError) as problem:
        raise DatabaseUnavailable(
            f"The database at {called} cannot be opened: {cause(problem)}. {_CHECK[kind]}"
        ) from None


def shown(url: str | URL) -> str:
    """The URL as it may be read by anyone: a password can be in its query, too."""
    parsed = _parsed(url)
    return parsed.set(drivername=parsed.get_backend_name(), query={}).render_as_string()


def sqlite_file(url: str | URL) -> Path | None:
    """The file of a SQLite database, or IN_MEMORY; none of a server's."""
    parsed = _parsed(url)
    return Path(parsed.database or IN_MEMORY) if parsed.get_backend_name() == "sqlite" else None


def cause(problem: Exception) -> str:
    """What a driver says is wrong, in one line."""
    if isinstance(problem, NoSuchTableError):
        return f"there is no table {problem}"
    lines = str(getattr(problem, "orig", None) or problem).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(problem).__name__


def latest_version() -> str:
    """The newest migration's id, read without importing Alembic, which would slow every start."""
    return max(_versions())


def upgrade(connection: Connection, called: str) -> None:
    """Bring the tables up to date; an empty database gets them whole and is stamped.

    Source of the stamping: Alembic's cookbook, "Building an Up to Date Database from Scratch".
    """
    if _version(connection) == latest_version():
        return
    alone(connection)
    match _version(connection):
        case version if version == latest_version():
            return
        case None:
            METADATA.create_all(connection)
            _stamp(connection)
        case version:
            _check_known(version, called)
            _migrate(connection, called, version)


def _check_known(version: str | None, called: str) -> None:
    """Raises DatabaseUnavailable of a version newer than this code."""
    if version and version not in _versions():
        raise DatabaseUnavailable(
            f"The database at {called} is of version {version}, which this Studyhall does not "
            "know: it was written by a newer one. Update Studyhall, or name another database."
        )


def _migrate(connection: Connection, called: str, version: str) -> None:
    # Alembic doubles the time to start: only a database that is behind needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
        count_on(connection)
    except (CommandError, SQLAlchemyError) as problem:
        raise DatabaseUnavailable(
            f"The database at {called} is of version {version or 'none'} and cannot be brought up "
            f"to date: {cause(problem)}. Try again; if it stays so, restore a backup."
        ) from None


def count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that are there, whose ids came with them."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        if (key := table.autoincrement_column) is not None:
            quoted = connection.dialect.identifier_preparer.quote(table.name)
            sequence = func.pg_get_serial_sequence(quoted, key.name)
            last = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, last, False)))


def alone(connection: Connection) -> None:
    """Let others who ask for the same wait until this transaction is over, however long it takes;
    a writer on SQLite is alone already."""
    if connection.dialect.name == "postgresql":
        unhurried(connection)
        connection.execute(select(func.pg_advisory_xact_lock(ALONE)))


def unhurried(connection: Connection) -> None:
    """Let this transaction take as long as it takes."""
    if connection.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))


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


def _parsed(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # What the parser says may hold a part of the password.
        raise DatabaseUnavailable(
            f"The database URL cannot be read. {_URLS} "
            "Special characters in a password are written as in %40 for @."
        ) from None
    if backend in SERVERS:
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUnavailable(f"The database cannot be {backend}. {_URLS}")
    if isinstance(url, str) and "?" in url:
        # The path would end before it, in silence.
        raise DatabaseUnavailable(
            f"The database URL cannot have a ? in it: SQLite takes no settings. {_URLS} "
            "Write %3F for a ? in a path."
        )
    return parsed.set(drivername="sqlite")


def _postgresql(url: URL) -> Engine:
    asked = {name: value for name, value in SERVER_SETTINGS.items() if name not in url.query}
    engine = create_engine(url, connect_args=asked, **POOL)

    @event.listens_for(engine, "engine_connect")
    def connect(connection: Connection) -> None:
        if connection.get_execution_options().get("begin") == READS["begin"]:
            connection.execution_options(isolation_level="AUTOCOMMIT")

    return engine


def _sqlite(url: URL) -> Engine:
    if (file := sqlite_file(url)) not in (None, IN_MEMORY):
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    _prepare_sqlite(engine)
    return engine


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
            with driving(connection) as driver:
                driver.execute(begin)


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
