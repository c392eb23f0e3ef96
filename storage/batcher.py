"""Group commit: items that arrive while a batch runs form the next batch and share its thread,
transaction and disk sync."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError

In = TypeVar("In")
Out = TypeVar("Out")

MAX_BATCH = 200
"""Upper bound of a batch, so that nobody waits long for others."""

LOCK_TIMEOUTS = ("55P03", "57014")
"""PostgreSQL's codes for a lock timeout and a canceled statement, which includes a statement
timeout."""


class Batcher(Generic[In, Out]):
    """Runs work on batches of items in a thread. A batch that fails is retried: once as a whole if
    the database is in trouble, else item by item. So the work must be safe to repeat."""

    def __init__(self, work: Callable[[Sequence[In]], Sequence[Out]], threads: Executor) -> None:
        self._work = work
        self._threads = threads
        self._waiting: deque[tuple[In, asyncio.Future[Out]]] = deque()
        self._running = False
        self.sizes = Counter[int]()
        """How many batches there were of each size."""

    @property
    def waiting(self) -> int:
        """How many items wait for the next batch."""
        return len(self._waiting)

    async def submit(self, item: In) -> Out:
        """The result of the work for one item. Raises what the work raises for it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Out] = loop.create_future()
        self._waiting.append((item, done))
        if not self._running:
            self._start(loop)
        return await done

    async def drain(self) -> None:
        """Wait until no item is waiting."""
        while waiting := [done for _, done in self._waiting]:
            await asyncio.wait(waiting)

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads.submit(self._run_batch, loop)
        self._running = True

    def _run_batch(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
        self.sizes[len(batch)] += 1
        outcomes = self._run([item for item, _ in batch])
        loop.call_soon_threadsafe(self._resolve, loop, [done for _, done in batch], outcomes)

    def _resolve(
        self,
        loop: asyncio.AbstractEventLoop,
        futures: Sequence[asyncio.Future[Out]],
        outcomes: Sequence[Out | BaseException],
    ) -> None:
        self._running = False
        for done, outcome in zip(futures, outcomes, strict=True):
            if done.done():
                continue
            if isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)
        if self._waiting:
            self._start(loop)

    def _run(self, batch: Sequence[In], attempts: int = 2) -> Sequence[Out | BaseException]:
        try:
            return self._work(batch)
        except BaseException as problem:
            if isinstance(problem, OperationalError) and not _is_lock_timeout(problem):
                return self._run(batch, attempts - 1) if attempts > 1 else [problem] * len(batch)
            if len(batch) == 1:
                return [problem]
            # One bad item must not fail the others.
            return [outcome for each in batch for outcome in self._run([each])]


def _is_lock_timeout(problem: OperationalError) -> bool:
    """Whether another transaction held a row for too long."""
    return getattr(problem.orig, "sqlstate", None) in LOCK_TIMEOUTS
