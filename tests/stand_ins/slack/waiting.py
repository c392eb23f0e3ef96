"""Waiting for a change without polling, and logs that can be cleared."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that anything may take here: a busy machine fails no test."""
REMEMBERED = 200
REMEMBERED_BY_KEY = 20_000


class Bell:
    """Wakes whoever waits for a change, and only them."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Say that something changed."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def until(self, find: Callable[[], T | None], what: str, patience: float) -> T:
        """The first thing `find` finds, looked for again at each ring."""
        try:
            async with asyncio.timeout(patience):
                while (found := find()) is None:
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiting.add(waiter)
                    try:
                        await waiter
                    finally:
                        self._waiting.discard(waiter)
        except TimeoutError:
            raise AssertionError(f"no {what} within {patience} s") from None
        return found


class Log(Generic[T]):
    """A list whose places never move; without `keep` it forgets the oldest."""

    def __init__(self, keep: bool, most: int = REMEMBERED) -> None:
        self._most = None if keep else most
        self._items: list[T] = []
        self.first = 0

    def append(self, item: T) -> None:
        """Add at the end."""
        self._items.append(item)
        if self._most is not None and len(self._items) >= 2 * self._most:
            del self._items[: self._most]
            self.first += self._most

    def clear(self) -> None:
        """Forget all there is."""
        self.first += len(self._items)
        self._items.clear()

    def since(self, place: int) -> Iterator[tuple[int, T]]:
        """The remembered items from a place on, with their places."""
        for index in range(max(place - self.first, 0), len(self._items)):
            yield self.first + index, self._items[index]

    @property
    def end(self) -> int:
        """The place the next item will have: how many there ever were."""
        return self.first + len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return bool(self._items)

    def __getitem__(self, place: int) -> T:
        return self._items[place]


class Memory(OrderedDict[str, T]):
    """A dict that, without `keep`, forgets what was put in first."""

    def __init__(self, keep: bool, most: int = REMEMBERED_BY_KEY) -> None:
        super().__init__()
        self._most = None if keep else most

    def __setitem__(self, key: str, value: T) -> None:
        super().__setitem__(key, value)
        if self._most is not None and len(self) > self._most:
            self.popitem(last=False)
