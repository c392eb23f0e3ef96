"""Runs incoming events: times each one, reports failures, and drains before shutdown."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from structlog.contextvars import bind_contextvars

from bot.engine.screens import Reply, failure

log = logging.getLogger(__name__)

SHUTDOWN_GRACE_SECONDS = 8
"""How long running events may take to finish once the adapter shuts down."""

Work = Callable[[], Awaitable[None]]
Respond = Callable[[Reply], Awaitable[None]]
"""Sends a reply to the person who caused the event."""


class Intake:
    """Runs a platform's events, each in its own task, until it drains."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._running = set[asyncio.Task[None]]()
        self._draining = False

    def take(self, kind: str, what: str, work: Work, respond: Respond) -> None:
        """Run an event's work and log how long it took. If it fails, `respond` with a reference."""
        if self._draining:
            return
        task = asyncio.create_task(self._run(f"{self._platform} {kind} {what}", work, respond))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

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
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("%s failed, reference %s", event, reference)
            try:
                await respond(failure(reference))
            except Exception as problem:
                log.warning("could not report failure %s: %s", reference, problem)
        log.info("%s %.0f ms", event, (perf_counter() - started) * 1000)
