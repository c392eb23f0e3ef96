"""Runs incoming events: a few of each member at a time; times them, reports failures, and drains
before shutdown."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from time import monotonic, perf_counter

from structlog.contextvars import bind_contextvars

from bot.engine.commands import COMMANDS, PRESSES
from bot.engine.failures import make_reference
from bot.engine.screens import Reply, failure, notice
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

SHUTDOWN_GRACE_SECONDS = 8
"""How long running events may take to finish once the adapter shuts down."""

MAX_AT_ONCE = 6
"""How many events of one member run at the same time. It's more than anyone can press while a reply
is on its way, and less than what the database does at once (storage.database.THREADS)."""

NOTICE_SECONDS, MAX_NOTICES = 5.0, 1000
"""How long a member who presses too fast isn't told so again, and how many are remembered."""

TOO_FAST = notice("That's too fast for me. Wait a moment, then try again.")

LABELS = frozenset({*COMMANDS, *PRESSES, "opened"})
"""What the log calls events: nothing else that's sent in is logged, since members may have typed
it."""

Sender = tuple[str, str]
"""Who sent an event: a community and a user."""

Work = Callable[[], Awaitable[None]]
Respond = Callable[[Reply], Awaitable[None]]
"""Sends a reply to the person who caused the event."""


class Intake:
    """Runs a platform's events, each in its own task, until it drains."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._running = set[asyncio.Task[None]]()
        self._draining = False
        self._by_sender = Counter[Sender]()
        self._turned_away = TimedCache[Sender, bool](NOTICE_SECONDS, MAX_NOTICES, monotonic)

    def take(self, kind: str, what: str, sender: Sender, work: Work, respond: Respond) -> None:
        """Run an event's work and log how long it took. If it fails, `respond` with a reference.
        An event of a sender who has enough running is dropped, and now and then they're told."""
        if self._draining:
            return
        event = f"{self._platform} {kind} {_label(what)}"
        if self._admit(sender):
            task = self._start(self._run(event, work, respond))
            task.add_done_callback(lambda _: self._release(sender))
        elif not self._turned_away.get(sender):
            self._turned_away.keep(sender, True)
            self._start(self._run(f"{event} came too fast", lambda: respond(TOO_FAST), respond))

    @contextmanager
    def slot(self, sender: Sender) -> Iterator[bool]:
        """Count something that has to be answered in place, such as a completion, as one of its
        sender's events; whether it may run."""
        admitted = self._admit(sender)
        try:
            yield admitted
        finally:
            if admitted:
                self._release(sender)

    def _admit(self, sender: Sender) -> bool:
        admitted = self._by_sender[sender] < MAX_AT_ONCE
        self._by_sender[sender] += admitted
        return admitted

    def _release(self, sender: Sender) -> None:
        self._by_sender[sender] -= 1
        if not self._by_sender[sender]:
            del self._by_sender[sender]

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def drain(self) -> None:
        """Take no more events, and wait for the running ones to finish."""
        self._draining = True
        if self._running:
            await asyncio.wait(self._running, timeout=SHUTDOWN_GRACE_SECONDS)

    async def _run(self, event: str, work: Work, respond: Respond) -> None:
        # The task has its own context: all lines that are logged meanwhile carry the id.
        bind_contextvars(event_id=secrets.token_hex(4))
        started = perf_counter()
        try:
            await work()
        except Exception as failed:
            reference = make_reference(failed)
            log.exception("%s failed, reference %s", event, reference)
            try:
                await respond(failure(reference))
            except Exception as problem:
                log.warning("could not report failure %s: %s", reference, problem)
        log.info("%s %.0f ms", event, (perf_counter() - started) * 1000)


def _label(what: str) -> str:
    """The command, or the verb of the action, whatever it's for."""
    label = what.rpartition("|")[2].partition(":")[0]
    return label if label in LABELS else "unknown"
