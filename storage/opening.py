"""Opens the database and upgrades it: durable writes, foreign keys checked."""

from __future__ import annotations

import os
import secrets
import sqlite3
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
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    NoSuchTableError,
    OperationalError,
    SQLAlchemyError,
)

from storage.compiled import use_driver
from storage.errors import keep_out_values
from storage.files import WatchedFile, make_private, narrow
from storage.tables import METADATA, setting

MIGRATIONS = Path(__file__).with_name("migrations")
LOCK_TIMEOUT_SECONDS = 10
"""How long a writer waits for another."""

WRITES = {"begin": "BEGIN IMMEDIATE"}
"""Execution options of a transaction that writes."""

READS = {"begin": ""}
"""Execution options of a single query, which needs no transaction."""

SERVER_SETTINGS = {
    "connect_timeout": 5,
    "application_name": "studyhall",
    # Milliseconds. After that an error is better than waiting on. A replica that freezes or dies
    # in a transaction loses its locks.
    "options": f"-c lock_timeout={LOCK_TIMEOUT_SECONDS * 1000} -c statement_timeout=30000"
    " -c idle_in_transaction_session_timeout=15000",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Defaults for PostgreSQL connections; the URL can override them."""

POOL = {
    "pool_size": 8,
    "max_overflow": 8,
    "pool_timeout": LOCK_TIMEOUT_SECONDS,
    "pool_pre_ping": True,
}
"""One connection for each thread that may need one; half of them stay open. Each is tested before
use, so that work resumes as soon as a server is back."""

SETUP_LOCK = 7_781_943
"""PostgreSQL advisory lock for upgrading or filling a database."""

IN_MEMORY = Path(":memory:")
"""SQLite's name for a database in memory."""

POSTGRESQL_SCHEMES = ("postgres", "postgresql")
_URL_FORMATS = "Use sqlite:///path/to/file.db or postgresql://user:password@host/database."
_HINTS = {
    "sqlite": "Check the path, its permissions and the free space, or use another path.",
    "postgresql": "Check that the server is running and has this database, and that the URL "
    "has the right user and password.",
}
_ESCAPE = "Escape special characters in a user name or password, for example @ as %40."
_CANNOT_WRITE = {
    "sqlite": "Can't write to the database at {}: {}. "
    "Check the permissions of the file and its folder, and the free space.",
    "postgresql": "Can't write to the database at {}: {}. "
    "Check that the server isn't a standby, its free space, and the user's rights.",
}
_PROOF_BYTES = {"sqlite": 65536, "postgresql": 1}
"""How much to write, to prove that one can: more than SQLite keeps in memory."""

_NO_DATABASE = (
    "There's no Studyhall database at {}. "
    "Set --database-url or STUDYHALL_DATABASE_URL to the one you mean."
)


class DatabaseUnavailable(Exception):
    """The database can't be opened. The message says why and what to do."""


def open_database(url: str | URL, name: str = "", *, existing: bool = False) -> Engine:
    """Open the database at `url` and upgrade its tables. Messages use `name`, by default the URL.
    A missing database is created, unless it must be `existing`.

    Raises DatabaseUnavailable.
    """
    parsed = _parse(url)
    name = name or redact_url(parsed)
    with _open_engine(parsed, name, existing=existing) as engine:
        if parsed.get_backend_name() == "sqlite":
            if (file := sqlite_file(parsed)) not in (None, IN_MEMORY):
                narrow(file)
            _enable_wal(engine)
        with engine.execution_options(**WRITES).begin() as connection:
            upgrade(connection, name)
    return engine


def check_database(url: str | URL) -> None:
    """Check that the database at `url` exists, is up to date and can be written to, without
    changing it. Raises DatabaseUnavailable."""
    name, file = redact_url(url), sqlite_file(url)
    if file and file.is_file() and not os.access(file, os.W_OK):
        # SQLite would leave a log beside it that can't be written either.
        raise DatabaseUnavailable(_CANNOT_WRITE["sqlite"].format(name, "the file is read-only"))
    with _open_engine(_parse(url), name, existing=True) as engine:
        with engine.execution_options(**READS).connect() as connection:
            version = _read_version(connection)
        if version == latest_version():
            _prove_write(engine, name)
        engine.dispose()
    if version != latest_version():
        _refuse_newer(version, name)
        raise DatabaseUnavailable(
            f"The database at {name} is at version {version}, older than this Studyhall. "
            "To upgrade it, start the bot or run `studyhall db upgrade`."
        )


def _prove_write(engine: Engine, name: str) -> None:
    """Write something and take it back. Raises DatabaseUnavailable."""
    kind = engine.dialect.name
    try:
        with engine.execution_options(**WRITES).connect() as connection:
            if kind == "sqlite":
                # Else it would write to the disk only at the end, which never comes.
                connection.exec_driver_sql("PRAGMA cache_size = 1")
            proof = secrets.token_hex(_PROOF_BYTES[kind])
            connection.execute(setting.insert().values(key=secrets.token_hex(16), value=proof))
            connection.rollback()
    except SQLAlchemyError as problem:
        raise DatabaseUnavailable(
            _CANNOT_WRITE[kind].format(name, describe_problem(problem))
        ) from None


@contextmanager
def _open_engine(parsed: URL, name: str, *, existing: bool) -> Iterator[Engine]:
    """An engine, which is disposed of if the block fails. Raises DatabaseUnavailable."""
    kind = parsed.get_backend_name()
    try:
        file = sqlite_file(parsed)
        if existing and file and not file.is_file():
            raise DatabaseUnavailable(_NO_DATABASE.format(name))
        engine = _create_postgresql(parsed) if file is None else _create_sqlite(parsed, file)
        if not existing and file not in (None, IN_MEMORY):
            make_private(file)
        try:
            if existing:
                with engine.execution_options(**READS).connect() as connection:
                    if not _read_version(connection):
                        raise DatabaseUnavailable(_NO_DATABASE.format(name))
            yield engine
        except BaseException:
            engine.dispose()
            raise
    except (ArgumentError, ImportError, TypeError, ValueError) as problem:
        raise DatabaseUnavailable(
            f"The database URL isn't valid: {describe_problem(problem)}. {_URL_FORMATS}"
        ) from None
    except (SQLAlchemyError, OSError) as problem:
        raise DatabaseUnavailable(
            f"Can't open the database at {name}: {describe_problem(problem)}. {_HINTS[kind]}"
        ) from None


def is_unusable(problem: BaseException | None) -> bool:
    """Whether the database itself failed: it's read-only, full, damaged, locked or gone."""
    return isinstance(problem, OperationalError) or type(problem) is DatabaseError


def raise_if_unusable(problem: Exception, url: str | URL) -> None:
    """Raises DatabaseUnavailable for a problem that's the database's own."""
    if is_unusable(problem):
        raise DatabaseUnavailable(
            f"Can't use the database at {redact_url(url)}: {describe_problem(problem)}. "
            f"{_HINTS[_parse(url).get_backend_name()]}"
        ) from None


def redact_url(url: str | URL) -> str:
    """The URL with its password masked, and no query, which can contain one too."""
    parsed = _parse(url)
    return parsed.set(drivername=parsed.get_backend_name(), query={}).render_as_string()


def sqlite_file(url: str | URL) -> Path | None:
    """The file of a SQLite database, or IN_MEMORY; None for a server."""
    parsed = _parse(url)
    return Path(parsed.database or IN_MEMORY) if parsed.get_backend_name() == "sqlite" else None


def describe_problem(problem: Exception) -> str:
    """A driver's error message in one line."""
    if isinstance(problem, NoSuchTableError):
        return f"no such table: {problem}"
    lines = str(getattr(problem, "orig", None) or problem).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(problem).__name__


def latest_version() -> str:
    """The latest migration's id, found without importing Alembic, which would slow every start."""
    return max(_list_versions())


def upgrade(connection: Connection, name: str) -> None:
    """Upgrade the tables; in an empty database, create and stamp them.

    Source of the stamping: Alembic's cookbook, "Building an Up to Date Database from Scratch".
    """
    if _read_version(connection) == latest_version():
        return
    lock_for_setup(connection)
    match _read_version(connection):
        case version if version == latest_version():
            return
        case None:
            METADATA.create_all(connection)
            _stamp(connection)
        case version:
            _refuse_newer(version, name)
            _migrate(connection, name, version)


def _refuse_newer(version: str | None, name: str) -> None:
    """Raises DatabaseUnavailable if the version is newer than this code."""
    if version and version not in _list_versions():
        raise DatabaseUnavailable(
            f"The database at {name} is at version {version}, newer than this Studyhall. "
            "Update Studyhall, or use another database."
        )


def _migrate(connection: Connection, name: str, version: str) -> None:
    # Importing Alembic doubles the start time, and only an old database needs it.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, "head")
        advance_sequences(connection)
    except (CommandError, SQLAlchemyError) as problem:
        raise DatabaseUnavailable(
            f"Can't upgrade the database at {name} from version {version or 'none'}: "
            f"{describe_problem(problem)}. Try again. If it keeps failing, restore a backup."
        ) from None


def advance_sequences(connection: Connection) -> None:
    """Advance PostgreSQL's sequences past rows that were inserted with their ids."""
    if connection.dialect.name != "postgresql":
        return
    for table in METADATA.sorted_tables:
        if (key := table.autoincrement_column) is not None:
            quoted = connection.dialect.identifier_preparer.quote(table.name)
            sequence = func.pg_get_serial_sequence(quoted, key.name)
            last = select(func.coalesce(func.max(key), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(sequence, last, False)))


def lock_for_setup(connection: Connection) -> None:
    """Make others who set up this database wait until this transaction ends, however long it takes;
    SQLite has only one writer anyway."""
    if connection.dialect.name == "postgresql":
        lift_timeouts(connection)
        connection.execute(select(func.pg_advisory_xact_lock(SETUP_LOCK)))


def lift_timeouts(connection: Connection) -> None:
    """Turn off timeouts for this transaction."""
    if connection.dialect.name == "postgresql":
        for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))


def _list_versions() -> list[str]:
    return [file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")]


def _read_version(connection: Connection) -> str | None:
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _stamp(connection: Connection) -> None:
    versions = Table("alembic_version", MetaData(), Column("version_num", String, primary_key=True))
    versions.create(connection)
    connection.execute(versions.insert().values(version_num=latest_version()))


def _parse(url: str | URL) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, ValueError):
        # The parser's message may contain part of the password.
        raise DatabaseUnavailable(
            f"Can't read the database URL. {_URL_FORMATS} {_ESCAPE}"
        ) from None
    if backend in POSTGRESQL_SCHEMES:
        if isinstance(url, str) and url.count("@") > 1:
            # What follows the first would be shown as the host, and it may be a password's rest.
            raise DatabaseUnavailable(f"The database URL has more than one @. {_ESCAPE}")
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseUnavailable(f"{backend} databases aren't supported. {_URL_FORMATS}")
    if isinstance(url, str) and "?" in url:
        # SQLAlchemy would silently end the path there.
        raise DatabaseUnavailable(
            f"A SQLite database URL can't contain a ?: it takes no settings. {_URL_FORMATS} "
            "Write %3F for a ? in a path."
        )
    if isinstance(url, str) and (parsed.database or "").startswith("~"):
        parsed = parsed.set(database=_expand_home(parsed.database or ""))
    return parsed.set(drivername="sqlite")


def _expand_home(path: str) -> str:
    try:
        return str(Path(path).expanduser())
    except RuntimeError:
        raise DatabaseUnavailable(
            f"Can't find the home folder of {path.partition('/')[0]}. "
            "Write the whole path in the database URL."
        ) from None


def _create_postgresql(url: URL) -> Engine:
    settings = {name: value for name, value in SERVER_SETTINGS.items() if name not in url.query}
    engine = create_engine(url, connect_args=settings, hide_parameters=True, **POOL)
    keep_out_values(engine)

    @event.listens_for(engine, "engine_connect")
    def connect(connection: Connection) -> None:
        if connection.get_execution_options().get("begin") == READS["begin"]:
            connection.execution_options(isolation_level="AUTOCOMMIT")

    return engine


def _create_sqlite(url: URL, file: Path) -> Engine:
    if file == IN_MEMORY:
        engine = create_engine(url, hide_parameters=True)
    else:
        # A connection never creates the file: there would be an empty one if it was deleted.
        where = f"{file.absolute().as_uri()}?mode=rw"
        watched = WatchedFile(file.absolute())

        def connect() -> sqlite3.Connection:
            watched.check_before_reopening()
            return sqlite3.connect(where, uri=True, check_same_thread=False)

        engine = create_engine(url, creator=connect, hide_parameters=True)
        _watch(engine, watched)
    keep_out_values(engine)
    _prepare_sqlite(engine)
    return engine


def _watch(engine: Engine, file: WatchedFile) -> None:
    """Check the file before each query and transaction. A pool's connection may be used many times,
    and a query may begin no transaction."""

    @event.listens_for(engine, "checkout")
    def check_out(*_: Any) -> None:
        file.check()

    @event.listens_for(engine, "begin")
    def begin(_: Connection) -> None:
        file.check()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        # The driver's implicit BEGIN wouldn't take the write lock up front.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {LOCK_TIMEOUT_SECONDS * 1000}",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # In WAL mode a transaction that starts with a read can fail at its first write without
        # waiting for another writer, so writers take the lock up front.
        if begin := connection.get_execution_options().get("begin", "BEGIN"):
            with use_driver(connection) as driver:
                driver.execute(begin)


def _enable_wal(engine: Engine) -> None:
    """Switch the file to write-ahead logging, which is permanent.

    SQLite doesn't wait here for another process that is switching at the same moment.
    """
    deadline = monotonic() + LOCK_TIMEOUT_SECONDS
    while True:
        try:
            with engine.execution_options(**READS).connect() as connection:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            return
        except OperationalError as problem:
            if "locked" not in str(problem.orig) or monotonic() > deadline:
                raise
            sleep(0.02)
