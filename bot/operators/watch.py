"""Watches a running bot from outside: its desk, its due work, its adapters and its database."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from time import monotonic, perf_counter
from types import SimpleNamespace
from typing import Any, TypeVar

from aiohttp import ClientSession, TraceConfig
from prometheus_client import Histogram
from prometheus_client.core import Metric
from sqlalchemy import Connection, event
from sqlalchemy.pool import QueuePool
from structlog.contextvars import bind_contextvars

from bot.engine.commands import COMMANDS, PRESSES
from bot.engine.desk import Desk
from bot.engine.due.base import Kind, Means
from bot.engine.due.registry import KINDS
from bot.engine.events import Call, Event
from bot.engine.platform import Adapter
from bot.engine.screens import Choice, Form, Reply
from bot.operators.metrics import (
    BATCH_BUCKETS,
    ErrorCounter,
    Metrics,
    Readings,
    counter,
    gauge,
    histogram,
)
from bot.pulse import Pulse
from storage.opening import WRITES
from storage.store import SqlStore
from storage.waiting import count_waiting

T = TypeVar("T")

HEARTBEAT_LOST_SECONDS = 60
"""How long a platform's heartbeat may be missing. It comes twice a second, but waits while much is
due."""

DATABASE_TIMEOUT_SECONDS = 5
UNKNOWN = "unknown"

VERBS: Mapping[str, str] = {verb: verb for verb in PRESSES} | {
    press.action.verb: command.name for command in COMMANDS.values() for press in command.presses
}


class Watch:
    """What's known of this process, for operators."""

    def __init__(self, store: SqlStore) -> None:
        self.metrics = Metrics()
        self.running = Counter[str]()
        """Events that are being handled, by platform."""
        self.working = Counter[str]()
        """Due work that's being done, by kind."""
        self.heartbeats: dict[str, float] = {}
        """When each platform's due work was last looked for."""
        self._adapters: dict[str, Adapter | None] = {}
        self._store = store
        self._waiting: Mapping[str, tuple[int, int]] | None = None
        self.metrics.registry.register(Readings(self._read))
        _watch_transactions(store.database.engine, self.metrics.database)

    @contextmanager
    def counting_errors(self) -> Iterator[None]:
        """Count what's logged as a warning or an error."""
        errors = ErrorCounter(self.metrics.errors)
        logging.getLogger().addHandler(errors)
        try:
            yield
        finally:
            logging.getLogger().removeHandler(errors)

    def watch_adapter(self, platform: str, make: Callable[[], Adapter]) -> Callable[[], Adapter]:
        """The factory, which now tells us of each adapter it makes."""
        self._adapters[platform] = None

        def make_watched() -> Adapter:
            adapter = self._adapters[platform] = make()
            return adapter

        return make_watched

    def trace(self, platform: str) -> TraceConfig:
        """Times the requests that we send to a platform."""

        async def start(_: ClientSession, request: SimpleNamespace, __: Any) -> None:
            request.started = perf_counter()

        async def end(_: ClientSession, request: SimpleNamespace, sent: Any) -> None:
            response = getattr(sent, "response", None)
            status = str(response.status) if response else "failed"
            took = perf_counter() - request.started
            self.metrics.requests.labels(platform, status).observe(took)

        trace = TraceConfig()
        trace.on_request_start.append(start)
        trace.on_request_end.append(end)
        trace.on_request_exception.append(end)
        return trace

    async def count_waiting(self) -> None:
        """Count the due work that waits, for the next reading; unknown while the database doesn't
        answer."""
        self._waiting = None
        async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS):
            self._waiting = await count_waiting(self._store.database, datetime.now(UTC))

    async def find_problems(self) -> list[str]:
        """Say why this process isn't ready; empty if it is."""
        return [
            *(problem for name in self._adapters if (problem := self._check_platform(name))),
            *await self._check_database(),
        ]

    def _check_platform(self, platform: str) -> str:
        if not self._is_connected(platform):
            return f"{platform} isn't connected"
        beat = self.heartbeats.get(platform)
        if beat is None:
            return f"{platform} has had no heartbeat yet"
        silent = monotonic() - beat
        if silent > HEARTBEAT_LOST_SECONDS:
            return f"{platform} has had no heartbeat for {silent:.0f} seconds"
        return ""

    async def _check_database(self) -> list[str]:
        try:
            async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS):
                await self._store.settings.get("")
        except Exception as problem:
            return [f"the database doesn't answer ({type(problem).__name__})"]
        return []

    def _is_connected(self, platform: str) -> bool:
        adapter = self._adapters[platform]
        return adapter is not None and adapter.connected

    def _read(self) -> Iterable[Metric]:
        now, answers = monotonic(), self._store.answers
        adapters = {(name,): each for name, each in self._adapters.items()}
        yield gauge(
            "studyhall_connected",
            "Whether events can come in from a platform",
            ("platform",),
            {(name,): float(self._is_connected(name)) for name in self._adapters},
        )
        yield gauge(
            "studyhall_heartbeat_age_seconds",
            "Time since due work was last looked for",
            ("platform",),
            {(name,): now - beat for name, beat in self.heartbeats.items()},
        )
        yield gauge(
            "studyhall_events_running",
            "Events that are being handled",
            ("platform",),
            {(name,): self.running[name] for name in self._adapters},
        )
        yield counter(
            "studyhall_deferred_replies",
            "Replies that took too long to send at once",
            ("platform",),
            {name: each.deferred if each else 0 for name, each in adapters.items()},
        )
        yield counter(
            "studyhall_answers",
            "Answers that were stored",
            ("platform", "result"),
            answers.stored,
        )
        yield gauge(
            "studyhall_answers_waiting",
            "Answers that wait for the next batch",
            (),
            {(): answers.batcher.waiting},
        )
        yield histogram(
            "studyhall_answer_batch_size",
            "Answers that share a transaction",
            answers.batcher.sizes,
            BATCH_BUCKETS,
        )
        pool = self._store.database.engine.pool
        yield gauge(
            "studyhall_database_connections",
            "Database connections in use",
            (),
            {(): pool.checkedout()} if isinstance(pool, QueuePool) else {},
        )
        kinds = [kind.name for kind in KINDS]
        yield gauge(
            "studyhall_due_running",
            "Due work that's being done",
            ("kind",),
            {(kind,): self.working[kind] for kind in kinds},
        )
        waiting = self._waiting
        yield gauge(
            "studyhall_due_rows",
            "Work that's due and waits to be done, and how much of it is over a minute late",
            ("kind", "state"),
            {
                (kind, state): counted
                for kind in kinds
                if waiting is not None
                for state, counted in zip(("due", "late"), waiting.get(kind, (0, 0)), strict=True)
            },
        )


class WatchedDesk(Desk):
    """A desk that's watched."""

    def __init__(self, watch: Watch, pulse: Pulse, *means: Any) -> None:
        more: dict[str, Any] = {"kinds": [partial(WatchedKind, watch, kind) for kind in KINDS]}
        super().__init__(*means, **more)
        self._watch, self._pulse = watch, pulse
        # Looking up a label takes longer than counting.
        self._timers: dict[tuple[str, ...], Histogram] = {}

    async def handle(self, event: Event) -> Reply:
        """Reply to an event."""
        self._pulse.note_event()
        kind = "call" if isinstance(event.what, Call) else "press"
        return await self._time(kind, event, super().handle(event))

    async def form(self, event: Event) -> Form | Reply:
        """Build the form that a press or a call opens, or say why it doesn't."""
        return await self._time("form", event, super().form(event))

    async def complete(self, event: Event, option: str, text: str) -> list[Choice]:
        """Suggest values for an option while typing."""
        return await self._time("completion", event, super().complete(event, option, text))

    async def suggest(self, event: Event, kind: str, text: str) -> list[Choice]:
        """Suggest values for a form's field while typing."""
        return await self._time("completion", event, super().suggest(event, kind, text))

    async def _time(self, kind: str, event: Event, work: Awaitable[T]) -> T:
        platform, running = event.place.platform, self._watch.running
        key = platform, kind, find_command(event)
        timer = self._timers.get(key)
        if timer is None:
            timer = self._timers[key] = self._watch.metrics.events.labels(*key)
        running[platform] += 1
        started = perf_counter()
        try:
            return await work
        finally:
            timer.observe(perf_counter() - started)
            running[platform] -= 1


def find_command(event: Event) -> str:
    """Name the command that an event is about, or the press if every question has it."""
    match event.what:
        case Call(command=name):
            return name if name in COMMANDS else UNKNOWN
        case press:
            verb = press.action.partition(":")[0]
            return VERBS.get(verb, UNKNOWN)


class WatchedKind:
    """A kind of due work that's watched. Each try has an id, which log lines carry."""

    def __init__(self, watch: Watch, kind: type[Kind[Any]], means: Means) -> None:
        self._kind = kind(means)
        self._watch = watch
        self.name = self._kind.name
        self.longest_pause = self._kind.longest_pause

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Any]:
        """Claim rows: the heartbeat does this twice a second."""
        rows = await self._kind.claim(platform, now, lease_until, limit)
        self._watch.heartbeats[platform] = monotonic()
        return rows

    async def do(self, row: Any) -> None:
        """Do the work of a row, in a task of its own."""
        bind_contextvars(job=self.name, job_id=secrets.token_hex(4))
        started, outcome = perf_counter(), "failed"
        self._watch.working[self.name] += 1
        try:
            await self._kind.do(row)
            outcome = "done"
        finally:
            took = perf_counter() - started
            self._watch.metrics.due.labels(self.name, outcome).observe(took)
            self._watch.working[self.name] -= 1

    async def postpone(self, row: Any, until: datetime) -> None:
        """Retry then."""
        await self._kind.postpone(row, until)


def _watch_transactions(engine: Any, times: Histogram) -> None:
    """Time each transaction, and each query outside of one, from its first statement on."""
    reads, writes = times.labels("read"), times.labels("write")

    def begin(connection: Connection) -> None:
        connection.info["began"] = perf_counter()

    def end(connection: Connection) -> None:
        began = connection.info.pop("began", None)
        if began is not None:
            write = connection.get_execution_options().get("begin") == WRITES["begin"]
            (writes if write else reads).observe(perf_counter() - began)

    # First, so that waiting for SQLite's lock is included.
    event.listen(engine, "begin", begin, insert=True)
    event.listen(engine, "commit", end)
    event.listen(engine, "rollback", end)
