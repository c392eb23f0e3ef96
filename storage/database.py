"""One database: its connections, its threads, and its transactions."""

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
from storage.outages import Outages

THREADS = 8
"""Queries a process runs at a time."""

MAX_TRIES = 4
"""Upper bound of attempts at a transaction."""

SERIALIZATION_FAILURES = ("40P01", "40001")
"""PostgreSQL's codes for a deadlock and a serialization failure. The transaction changed nothing
and can be retried at once."""

UNIQUE_VIOLATION = "23505"
"""PostgreSQL's code for a duplicate key, inserted by another transaction just now."""

T = TypeVar("T")


class Database:
    """The connections to one database; no state between calls.

    Queries run in threads: one hop a transaction costs far less than one a statement. SQLite has
    one writer at a time anyway, so there its writes queue for one thread instead of for its lock.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.single_writer = engine.dialect.name == "sqlite"
        self.writers = ThreadPoolExecutor(1 if self.single_writer else THREADS, "studyhall-write")
        self._readers = ThreadPoolExecutor(THREADS, "studyhall-read")
        self._reads = engine.execution_options(**READS)
        self._writes = engine.execution_options(**WRITES)
        self._writer: Connection | None = None
        self._read_outages, self._write_outages = Outages("read"), Outages("write to")
        # SQLite and PostgreSQL spell "insert or else" alike, but each in its own module.
        self.insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert

    async def close(self) -> None:
        """Finish running work and close all connections."""
        for threads in (self._readers, self.writers):
            await asyncio.to_thread(threads.shutdown)
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run work that only reads, on one connection; returns its result."""

        def read() -> T:
            with self._read_outages, self._reads.connect() as connection:
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
        """The first row of a query, or None."""
        return next(iter(await self.rows(query, parameters)), None)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction; returns its result once everything is durable."""
        return await asyncio.get_running_loop().run_in_executor(self.writers, self.commit, work)

    def commit(
        self,
        work: Callable[[Connection], T],
        retry_codes: Collection[str] = SERIALIZATION_FAILURES,
        attempts: int = MAX_TRIES,
    ) -> T:
        """Like `write`, but in the caller's thread; errors with these codes are retried."""
        try:
            with self._write_outages, self._transaction() as connection:
                return work(connection)
        except DBAPIError as problem:
            if attempts == 1 or getattr(problem.orig, "sqlstate", None) not in retry_codes:
                raise
        return self.commit(work, retry_codes, attempts - 1)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction that writes."""
        if not self.single_writer:
            with self._writes.begin() as connection:
                yield connection
            return
        # The single writer reuses its connection: getting one from the pool and returning it takes
        # as long as a small write.
        self._writer = self._writer or self._writes.connect()
        try:
            with self._writer.begin():
                yield self._writer
        except BaseException:
            # After a failed commit the transaction may still be open: the pool ends it.
            self._writer.close()
            self._writer = None
            raise

    def insert_or_find(self, table: Table, *key: str) -> Any:
        """Insert a row, or find the existing one by its key; returns its ids."""
        statement = self.insert(table)
        # An update that changes nothing makes the database return the existing row. Updating a key
        # column would block other replicas' inserts that refer to the row.
        free = [column for column in table.c if column.name not in ("id", *key)]
        same = {column.name: column for column in (free or [table.c[key[0]]])[:1]}
        ids = [column for column in table.c if column.name in ("id", "player_id")]
        return statement.on_conflict_do_update(index_elements=key, set_=same).returning(*ids)

    def upsert(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        """Insert a row, or update its values if the key exists."""
        statement = self.insert(table).values(**{**values, **key})
        return statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: statement.excluded[name] for name in values},
        )
