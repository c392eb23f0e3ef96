"""What every event meets on its way in: it is counted, timed, and finished before leaving."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from bot.engine.screens import Reply, failure

log = logging.getLogger(__name__)

SHUTDOWN_GRACE_SECONDS = 8
"""How long events in hand may take once the platform is told to leave."""

Work = Callable[[], Awaitable[None]]
Respond = Callable[[Reply], Awaitable[None]]


class Intake:
    """Takes a platform's events, each in a task of its own, until it leaves."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._running = set[asyncio.Task[None]]()
        self._draining = False

    def take(self, kind: str, what: str, work: Work, tell: Respond) -> None:
        """Do the work of an event, and log how long it took; where it fails, `tell` the member."""
        if self._draining:
            return
        task = asyncio.create_task(self._run(f"{self._platform} {kind} {what}", work, tell))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def drain(self) -> None:
        """Take no more events, and finish those in hand."""
        self._draining = True
        if self._running:
            await asyncio.wait(self._running, timeout=SHUTDOWN_GRACE_SECONDS)

    async def _run(self, event: str, work: Work, tell: Respond) -> None:
        began = perf_counter()
        try:
            await work()
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("%s failed, reference %s", event, reference)
            try:
                await tell(failure(reference))
            except Exception as problem:
                log.warning("could not report failure %s: %s", reference, problem)
        log.info("%s %.0f ms", event, (perf_counter() - began) * 1000)
