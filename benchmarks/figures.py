"""Figures next to their floors: the least that the same machine needs, measured in the same run.

A machine's speed changes from minute to minute, so only the ratio is meaningful.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from rich.console import Console
from rich.table import Table

MAX_TABLE_WIDTH = 200
"""In characters."""


@dataclass(frozen=True)
class Figure:
    """A figure and its floor in the same unit, and a target for their ratio, if there is one."""

    name: str
    ours: float
    floor: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """The figure divided by its floor."""
        return self.ours / self.floor

    @property
    def target(self) -> str:
        """The target for the ratio, in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else ""

    @property
    def met(self) -> bool:
        """Whether the target is met, or there is none."""
        return (self.at_most is None or self.ratio <= self.at_most) and (
            self.at_least is None or self.ratio >= self.at_least
        )

    def cells(self) -> tuple[str, ...]:
        """Its row of the table."""
        verdict = ("met" if self.met else "NOT MET") if self.target else ""
        values = (f"{value:,.{2 if value < 10 else 0}f}" for value in (self.ours, self.floor))
        ours, floor = (f"{value} {self.unit}" for value in values)
        return self.name, ours, floor, f"{self.ratio:.2f}", self.target, verdict


HEADINGS = ("figure", "ours", "floor", "ratio", "target", "")


def print_figures(figures: Iterable[Figure]) -> None:
    """Print a table, in Markdown if it goes to a file or a pipe."""
    rows = [figure.cells() for figure in figures]
    if not sys.stdout.isatty():
        for row in (HEADINGS, ("---", "--:", "--:", "--:", "---", "---"), *rows):
            print("|", " | ".join(row), "|")
        return
    table = Table(*HEADINGS)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, width=MAX_TABLE_WIDTH).print(table)


def compare(
    name: str,
    ours: Callable[[], None],
    floor: Callable[[], None],
    *,
    at_most: float | None,
    times: int,
) -> Figure:
    """Run both in turns, so that noise affects both alike; the first turn warms up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for run, times_taken in zip((ours, floor), taken, strict=True):
            start = perf_counter()
            run()
            if turn:
                times_taken.append(1000 * (perf_counter() - start))
    return Figure(name, median(taken[0]), median(taken[1]), "ms", at_most)
