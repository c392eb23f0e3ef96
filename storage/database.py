"""One database: its connections, its threads, and how a piece of work reads or writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Row, Table
from sqlalchemy.exc import DBAPIError

from storage.opening import READS, WRITES

THREADS = 8
"""Queries that one process runs at a time."""

TRIES = 4
"""How often a transaction is begun before it is given up."""

YIELDED = ("40P01", "40001")
"""PostgreSQL's codes for a transaction that had to give way to another: a deadlock, or a
serialization failure. It has changed nothing, and may be begun again at once."""

TAKEN = "23505"
"""PostgreSQL's code for a key that another transaction made just now."""

T = TypeVar("T")


class Database:
    """Holds the connections to one database, and nothing between calls.

    Queries run in threads: one hop a transaction costs far less than one a statement. SQLite has
    one writer at a time anyway, so there its writes queue for one thread instead of for its lock.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.one_writer = engine.dialect.name == "sqlite"
        self.writers = ThreadPoolExecutor(1 if self.one_writer else THREADS, "studyhall-write")
        self._readers = ThreadPoolExecutor(THREADS, "studyhall-read")
        self._reads = engine.execution_options(**READS)
        self._writes = engine.execution_options(**WRITES)
        self._writer: Connection | None = None
        # SQLite and PostgreSQL spell "insert or else" alike, but each in its own module.
        self.insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert

    async def close(self) -> None:
        """Finish what is under way and let the database go."""
        for threads in (self._readers, self.writers):
            await asyncio.to_thread(threads.shutdown)
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What a piece of work returns that only reads, all on one connection."""

        def read() -> T:
            with self._reads.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    async def rows(
        self, query: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """All rows of a query."""
        return await self.read(lambda connection: connection.execute(query, parameters).all())

    async def row(
        self, query: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """The one row of a query, if there is one."""
        return next(iter(await self.rows(query, parameters)), None)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What a piece of work returns, once all that it wrote is durable."""
        return await asyncio.get_running_loop().run_in_executor(self.writers, self.commit, work)

    def commit(
        self,
        work: Callable[[Connection], T],
        again: Collection[str] = YIELDED,
        tries: int = TRIES,
    ) -> T:
        """As `write`, in the caller's thread; begun again after problems of these codes."""
        try:
            with self._transaction() as connection:
                return work(connection)
        except DBAPIError as problem:
            if tries == 1 or getattr(problem.orig, "sqlstate", None) not in again:
                raise
        return self.commit(work, again, tries - 1)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction that writes."""
        if not self.one_writer:
            with self._writes.begin() as connection:
                yield connection
            return
        # The one writer keeps its connection: to take one from the pool and to put it back takes
        # as long as a small write.
        self._writer = self._writer or self._writes.connect()
        try:
            with self._writer.begin():
                yield self._writer
        except BaseException:
            # One whose commit failed may still be within its transaction: the pool ends that.
            self._writer.close()
            self._writer = None
            raise

    def insert_or_find(self, table: Table, *key: str) -> Any:
        """Insert a row, or find the one that is there by its key; returns its ids."""
        statement = self.insert(table)
        # An update that changes nothing makes the database return the row that is there. One of a
        # key would keep other replicas from referring to the row.
        free = [column for column in table.c if column.name not in ("id", *key)]
        same = {column.name: column for column in (free or [table.c[key[0]]])[:1]}
        ids = [column for column in table.c if column.name in ("id", "player_id")]
        return statement.on_conflict_do_update(index_elements=key, set_=same).returning(*ids)

    def upsert(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        """Insert, or on the key update the values."""
        statement = self.insert(table).values(**{**values, **key})
        return statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: statement.excluded[name] for name in values},
        )
