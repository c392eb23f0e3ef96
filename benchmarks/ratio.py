"""Comparing something with its floor on a noisy machine: in turns, by medians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Ratio:
    """Medians in seconds, and the most that the first may be of the second."""

    name: str
    ours: float
    floor: float
    at_most: float

    def __str__(self) -> str:
        ratio = self.ours / self.floor
        verdict = "ok" if ratio <= self.at_most else "TOO MUCH"
        return (
            f"{self.name}: {self.ours * 1000:.1f} ms, floor {self.floor * 1000:.1f} ms, "
            f"ratio {ratio:.2f} (at most {self.at_most:g}): {verdict}"
        )


def compare(
    name: str, ours: Callable[[], None], floor: Callable[[], None], *, at_most: float, times: int
) -> Ratio:
    """Run both in turns, so that noise falls on both alike; the first turn warms up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for run, kept in zip((ours, floor), taken, strict=True):
            start = perf_counter()
            run()
            if turn:
                kept.append(perf_counter() - start)
    return Ratio(name, median(taken[0]), median(taken[1]), at_most)
