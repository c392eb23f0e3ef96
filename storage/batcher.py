"""What arrives while a batch is worked on is the next batch: a thread, a transaction and a wait for
the disk are shared by all who came at the same moment."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError

In = TypeVar("In")
Out = TypeVar("Out")

BATCH = 200
"""Things done together at most, so that nobody waits long for others."""

LOCKED = ("55P03", "57014")
"""PostgreSQL's codes for a lock that was not to be had in time, and for a statement that was ended
because it took too long."""


class Batcher(Generic[In, Out]):
    """Does a piece of work in a thread, for many at a time: once more where the database is in
    trouble, and for each alone where one of them makes it fail for all. So it must bear being done
    again."""

    def __init__(self, work: Callable[[Sequence[In]], Sequence[Out]], threads: Executor) -> None:
        self._work = work
        self._threads = threads
        self._waiting: deque[tuple[In, asyncio.Future[Out]]] = deque()
        self._working = False

    async def do(self, thing: In) -> Out:
        """What the work gives for one thing. Raises what the work raises for it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Out] = loop.create_future()
        self._waiting.append((thing, done))
        if not self._working:
            self._begin(loop)
        return await done

    async def drain(self) -> None:
        """Wait until nothing waits to be done."""
        while waiting := [done for _, done in self._waiting]:
            await asyncio.wait(waiting)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads.submit(self._do_waiting, loop)
        self._working = True

    def _do_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
        outcomes = self._do([thing for thing, _ in batch])
        loop.call_soon_threadsafe(self._tell, loop, [done for _, done in batch], outcomes)

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        waited: Sequence[asyncio.Future[Out]],
        outcomes: Sequence[Out | BaseException],
    ) -> None:
        self._working = False
        for done, outcome in zip(waited, outcomes, strict=True):
            if done.done():
                continue
            if isinstance(outcome, BaseException):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)
        if self._waiting:
            self._begin(loop)

    def _do(self, batch: Sequence[In], tries: int = 2) -> Sequence[Out | BaseException]:
        try:
            return self._work(batch)
        except BaseException as problem:
            if isinstance(problem, OperationalError) and not _locked(problem):
                return self._do(batch, tries - 1) if tries > 1 else [problem] * len(batch)
            if len(batch) == 1:
                return [problem]
            # One for which it fails must not take the others along.
            return [outcome for each in batch for outcome in self._do([each])]


def _locked(problem: OperationalError) -> bool:
    """Whether it was waited in vain for a row that somebody else holds."""
    return getattr(problem.orig, "sqlstate", None) in LOCKED
