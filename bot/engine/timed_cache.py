"""What was true not long ago, so that it is not asked for each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class TimedCache(Generic[K, V]):
    """Values that hold for so many seconds of a clock; of more than `most`, the oldest are
    forgotten."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float]) -> None:
        self._seconds, self._most, self._clock = seconds, most, clock
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, while it holds."""
        until, value = self._kept.get(key, (0.0, None))
        return value if self._clock() < until else None

    def last(self, key: K) -> V | None:
        """The value, whether it still holds or not."""
        _, value = self._kept.get(key, (0.0, None))
        return value

    def drop(self, key: K) -> None:
        """Forget a value that does not hold any more."""
        self._kept.pop(key, None)

    def keep(self, key: K, value: V) -> V:
        """Remember a value from now on; returns it."""
        self._kept[key] = self._clock() + self._seconds, value
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value
