"""What was measured, beside its floor: what the same machine needs at least, taken in the same run.

A machine's speed changes from minute to minute, so that only the ratio of the two says something.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

WIDE = 200
"""Characters that the table may take."""


@dataclass(frozen=True)
class Figure:
    """A figure and its floor in one unit, and what is promised of their ratio, if anything."""

    name: str
    ours: float
    floor: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor it is."""
        return self.ours / self.floor

    @property
    def promise(self) -> str:
        """What is promised of the ratio, in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else ""

    @property
    def met(self) -> bool:
        """Whether the promise is kept; so it is where there is none."""
        return (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )

    def cells(self) -> tuple[str, ...]:
        """Its line of the table."""
        verdict = ("met" if self.met else "NOT MET") if self.promise else ""
        values = (f"{value:,.{2 if value < 10 else 0}f}" for value in (self.ours, self.floor))
        ours, floor = (f"{value} {self.unit}" for value in values)
        return self.name, ours, floor, f"{self.ratio:.2f}", self.promise, verdict


HEADS = ("figure", "ours", "floor", "ratio", "promised", "")


def show(figures: Iterable[Figure]) -> None:
    """Print a table: in Markdown where nobody watches."""
    rows = [figure.cells() for figure in figures]
    if not sys.stdout.isatty():
        for row in (HEADS, ("---", "--:", "--:", "--:", "---", "---"), *rows):
            print("|", " | ".join(row), "|")
        return
    table = Table(*HEADS)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, width=WIDE).print(table)


def compare(
    name: str,
    ours: Callable[[], None],
    floor: Callable[[], None],
    *,
    at_most: float | None,
    times: int,
) -> Figure:
    """Run both in turns, so that noise falls on both alike; the first turn warms up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for run, kept in zip((ours, floor), taken, strict=True):
            start = perf_counter()
            run()
            if turn:
                kept.append(1000 * (perf_counter() - start))
    return Figure(name, median(taken[0]), median(taken[1]), "ms", at_most)
