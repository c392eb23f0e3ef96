"""The clockwork: does due work once, and retries failures with a growing backoff."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot.engine.due.base import Kind, Row
from bot.engine.due.timing import LEASE, STEP_SECONDS, pause_after
from bot.engine.platform import Poster, Unpostable
from bot.engine.ports import Clock

log = logging.getLogger(__name__)

MAX_PARALLEL_TASKS = 64
"""The most tasks running on one platform: enough to use up its rate limit."""

MAX_CLOCK_JUMP_SECONDS = 60
"""A clock that jumps further than this was set or is wrong, so it's checked twice."""


class Clockwork:
    """Does due work on each platform. `stopwatch` counts real seconds, whatever the clock
    shows."""

    def __init__(
        self,
        kinds: Sequence[Kind[Any]],
        posters: Mapping[str, Poster],
        clock: Clock,
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        self._kinds = kinds
        self._posters = posters
        self._clock = clock
        self._stopwatch = stopwatch
        self._seen: dict[str, tuple[datetime, float]] = {}
        self._working = defaultdict[str, set[asyncio.Task[None]]](set)

    async def run_due(self, *platforms: str) -> None:
        """Do all due work on these platforms, or on all, and wait for it. Raises what `dispatch`
        does, once all that was started has ended."""
        wanted = platforms or tuple(self._posters)
        ended = await asyncio.gather(*map(self.dispatch, wanted), return_exceptions=True)
        await self.drain(*wanted)
        for problem in ended:
            if problem:
                raise problem

    async def drain(self, *platforms: str) -> None:
        """Wait for running work on these platforms, or on all."""
        wanted = platforms or tuple(self._working)
        await asyncio.gather(*(task for each in wanted for task in self._working[each]))

    async def dispatch(self, platform: str) -> None:
        """Start all due work on a platform, as much in parallel as allowed, without waiting for it
        to end. Work on a platform that's down stays due. If a kind's claim fails, the other kinds
        still run, and then this raises its error."""
        if platform not in self._posters or not self._steady(platform):
            return
        problem: Exception | None = None
        more = [*self._kinds]
        while more:
            for kind in [*more]:
                try:
                    full = await self._begin(kind, platform)
                except Exception as failed:
                    problem, full = failed, False
                if not full:
                    more.remove(kind)
        if problem:
            raise problem

    async def _do(self, kind: Kind[Any], row: Row) -> None:
        """Do one claimed row, and schedule a retry if it fails."""
        try:
            async with asyncio.timeout(STEP_SECONDS):
                await kind.do(row)
        except Exception as problem:
            unknown = not isinstance(problem, Unpostable)
            log.warning("%s failed, will retry: %s", kind.name, problem, exc_info=unknown)
            with suppress(Exception):
                pause = pause_after(row.tries, kind.longest_pause)
                await kind.postpone(row, self._clock() + pause)

    async def _begin(self, kind: Kind[Any], platform: str) -> bool:
        """Start due work of one kind; return whether there may be more."""
        working = self._working[platform]
        while len(working) > MAX_PARALLEL_TASKS * 3 // 4:
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        now, free = self._clock(), MAX_PARALLEL_TASKS - len(working)
        rows = await kind.claim(platform, now, now + LEASE, free)
        for row in rows:
            task = asyncio.create_task(self._do(kind, row))
            working.add(task)
            task.add_done_callback(working.discard)
        return len(rows) >= free

    def _steady(self, platform: str) -> bool:
        """Whether the clock moved as far as real time did."""
        if self._stopwatch is None:
            return True
        now, passed = self._clock(), self._stopwatch()
        before, passed_before = self._seen.get(platform, (now, passed))
        self._seen[platform] = now, passed
        jump = (now - before).total_seconds() - (passed - passed_before)
        if abs(jump) <= MAX_CLOCK_JUMP_SECONDS:
            return True
        log.warning("the clock jumped by %.0f seconds, will check it again first", jump)
        return False
