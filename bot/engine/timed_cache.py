"""A small cache whose entries expire."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TimedCache(Generic[K, V]):
    """Values that expire after `seconds` of a clock; beyond `max_entries`, the oldest are
    dropped."""

    def __init__(self, seconds: float, max_entries: int, clock: Callable[[], float]) -> None:
        self._seconds, self._max_entries, self._clock = seconds, max_entries, clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value unless it has expired."""
        until, value = self._entries.get(key, (0.0, None))
        return value if self._clock() < until else None

    def last(self, key: K) -> V | None:
        """Return the value, expired or not."""
        _, value = self._entries.get(key, (0.0, None))
        return value

    def drop(self, key: K) -> None:
        """Drop a value."""
        self._entries.pop(key, None)

    def keep(self, key: K, value: V) -> V:
        """Store a value as of now; returns it."""
        self._entries[key] = self._clock() + self._seconds, value
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
        return value
