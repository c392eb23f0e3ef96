"""Looks at a database and leaves it as it is: makes no file, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, case, create_engine, make_url, select, text

from bot.engine.dailies import Daily
from bot.engine.events import Channel
from storage.opening import SERVER_SETTINGS, check_database, sqlite_file
from storage.rows import select_dailies, to_daily
from storage.tables import channel, community, daily, due, post, round_

LOOK_ONLY = "-c default_transaction_read_only=on -c statement_timeout=5000 -c lock_timeout=2000"
QUICK_CHECK_SECONDS = 5.0
"""How long SQLite may take to check a file; a big one is checked in part."""

_STEPS_BETWEEN_CHECKS = 100_000
READ_VERSION, WITH_LOG = 19, 2
"""The place in a file's header that says how it's written, and what it says with a log."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something in a channel that should have happened by `since`."""

    kind: str
    channel: Channel
    since: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class SqliteState:
    """How a SQLite file is: its `damage`, empty if none was found; whether there was time to check
    all of it; and whether it has a write-ahead log."""

    damage: str
    checked: bool
    has_log: bool


@dataclass(frozen=True, slots=True)
class ServerState:
    """How a PostgreSQL server is set up, and how many connections it has left."""

    version: str
    fsync: bool
    full_page_writes: bool
    synchronous_commit: str
    connections: int
    max_connections: int


def open_to_look(url: str) -> Engine:
    """Open a database that exists and is up to date, to read it. Raises DatabaseUnavailable."""
    check_database(url)
    if file := sqlite_file(url):
        return create_engine("sqlite://", creator=lambda: _connect(file), poolclass=NullPool)
    parsed = make_url(url)
    settings = {name: value for name, value in SERVER_SETTINGS.items() if name not in parsed.query}
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        connect_args=settings | {"options": LOOK_ONLY},
        poolclass=NullPool,
    )


def _connect(file: Path) -> sqlite3.Connection:
    """A connection that makes no files: without a log next to it, nobody has the file open, and it
    can be read as it is."""
    in_use = file.with_name(f"{file.name}-wal").exists()
    mode = "mode=ro" if in_use else "immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True)


def list_dailies(connection: Connection) -> Sequence[Daily]:
    """All dailies that are set."""
    query = select_dailies(daily.c.plan != "").order_by(daily.c.id)
    return [to_daily(row) for row in connection.execute(query)]


def list_chosen_packs(connection: Connection) -> Sequence[tuple[Channel, str]]:
    """Channels with a pack of their own, and which."""
    query = (
        select(community.c.platform, community.c.external_id, channel.c.external_id, channel.c.pack)
        .join(community, community.c.id == channel.c.community_id)
        .where(channel.c.pack != "")
        .order_by(channel.c.id)
    )
    return [(Channel(*row[:3]), row[3]) for row in connection.execute(query)]


def list_overdue(connection: Connection, before: datetime) -> Sequence[Overdue]:
    """What should have happened before then, the longest overdue first."""
    where = community.c.platform, community.c.external_id
    rows = select(due.c.kind, *where, due.c.channel, due.c.at, due.c.tries).join(
        community, community.c.id == due.c.community_id
    )
    # A lease or a pause moves the next try, but not when it should have happened.
    unposted = post.c.state == "claimed"
    kind = case((unposted, "question"), else_="result")
    since = case((unposted, round_.c.opened_at), else_=round_.c.closes_at)
    posts = (
        select(kind, *where, post.c.channel, since.label("since"), post.c.tries)
        .join(community, community.c.id == post.c.community_id)
        .join(round_, round_.c.id == post.c.round_id)
        .where(post.c.due_at.is_not(None), since < before)
    )
    found = [
        *connection.execute(rows.where(due.c.at < before)),
        *connection.execute(posts),
    ]
    overdue = [Overdue(row[0], Channel(*row[1:4]), *row[4:]) for row in found]
    return sorted(overdue, key=lambda each: each.since)


def find_last_post(connection: Connection) -> datetime | None:
    """When the last question was posted in a channel."""
    query = (
        select(round_.c.opened_at)
        .join(post, post.c.round_id == round_.c.id)
        .where(post.c.message.is_not(None))
        .order_by(round_.c.id.desc())
        .limit(1)
    )
    found: datetime | None = connection.execute(query).scalar()
    return found


def examine_sqlite(connection: Connection, file: Path) -> SqliteState:
    """Look at the file, for a limited time."""
    driver: Any = connection.connection.driver_connection
    # From the header, since a connection that takes no locks says "delete". Source: SQLite's
    # documentation, "Database File Format".
    with file.open("rb") as header:
        has_log = header.read(READ_VERSION + 1)[READ_VERSION] == WITH_LOG
    deadline = monotonic() + QUICK_CHECK_SECONDS
    driver.set_progress_handler(lambda: monotonic() > deadline, _STEPS_BETWEEN_CHECKS)
    try:
        found = [row[0] for row in driver.execute("PRAGMA quick_check(1)")]
    except sqlite3.OperationalError:
        return SqliteState("", checked=False, has_log=has_log)
    except sqlite3.DatabaseError as problem:
        found = [str(problem)]
    finally:
        driver.set_progress_handler(None, 0)
    return SqliteState("" if found == ["ok"] else found[0], checked=True, has_log=has_log)


def examine_server(connection: Connection) -> ServerState:
    """Look at the server's settings."""

    def show(name: str) -> str:
        return str(connection.execute(text(f"SHOW {name}")).scalar())

    used = connection.execute(text("SELECT count(*) FROM pg_stat_activity WHERE datname <> ''"))
    reserved = int(show("superuser_reserved_connections"))
    return ServerState(
        version=show("server_version"),
        fsync=show("fsync") == "on",
        full_page_writes=show("full_page_writes") == "on",
        synchronous_commit=show("synchronous_commit"),
        connections=int(used.scalar() or 0),
        max_connections=int(show("max_connections")) - reserved,
    )


def list_openers(file: Path) -> dict[int, str]:
    """The processes that have a file open, with their names, as far as this system tells."""
    wanted, openers = {str(file.resolve()), f"{file.resolve()}-wal"}, dict[int, str]()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(each.readlink()) in wanted for each in (folder / "fd").iterdir()):
                openers[int(folder.name)] = (folder / "comm").read_text().strip()
        except OSError:
            continue
    return openers
