"""What arrives while a batch is worked on is the next batch: a thread, a transaction and a wait for
the disk are shared by all who came at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import OperationalError

In = TypeVar("In")
Out = TypeVar("Out")

BATCH = 200
"""Things done together at most, so that nobody waits long for others."""


class Together(Generic[In, Out]):
    """Does a piece of work for many at a time: once more where the database is in trouble, and for
    each alone where something else makes it fail for them all. So it must bear being done again."""

    def __init__(self, work: Callable[[Sequence[In]], Awaitable[Sequence[Out]]]) -> None:
        self._work = work
        self._waiting: list[tuple[In, asyncio.Future[Out]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, thing: In) -> Out:
        """What the work gives for one thing. Raises what the work raises for it."""
        done: asyncio.Future[Out] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._do_waiting())
        return await done

    async def _do_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            await self._do(batch)

    async def _do(self, batch: Sequence[tuple[In, asyncio.Future[Out]]], tries: int = 2) -> None:
        try:
            results = await self._work([thing for thing, _ in batch])
        except Exception as problem:
            troubled = isinstance(problem, OperationalError)
            if tries > 1 and troubled:
                await self._do(batch, tries - 1)
            elif len(batch) > 1 and not troubled:
                # One for which it fails must not take the others along.
                for each in batch:
                    await self._do([each])
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_exception(problem)
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)
