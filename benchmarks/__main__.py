"""Runs measurements, all or those that are named, and prints a table of their figures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from benchmarks import answers, boards, dailies, memory, startup
from benchmarks.figures import Figure, show

MEASURES: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "answers": answers.measure,
    "boards": boards.measure,
    "dailies": dailies.measure,
    "memory": memory.measure,
    "startup": startup.measure,
}


def main(names: list[str]) -> None:
    """Measure, and say what is under way."""
    figures: list[Figure] = []
    for name in names or MEASURES:
        print(f"{name} ...", file=sys.stderr)
        figures += MEASURES[name]()
    show(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
