"""What every event meets on its way in: it is counted, timed, and finished before leaving."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter

from bot.engine.screens import Reply, failure

log = logging.getLogger(__name__)

LAST_SECONDS = 8
"""How long events in hand may take once the platform is told to leave."""

Work = Callable[[], Awaitable[None]]
Tell = Callable[[Reply], Awaitable[None]]


class Intake:
    """Takes a platform's events, each in a task of its own, until it leaves."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._in_hand = set[asyncio.Task[None]]()
        self._leaving = False

    def take(self, kind: str, what: str, work: Work, tell: Tell) -> None:
        """Do the work of an event, and log how long it took; where it fails, `tell` the member."""
        if self._leaving:
            return
        task = asyncio.create_task(self._done(f"{self._platform} {kind} {what}", work, tell))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def leave(self) -> None:
        """Take no more events, and finish those in hand."""
        self._leaving = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=LAST_SECONDS)

    async def _done(self, event: str, work: Work, tell: Tell) -> None:
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
