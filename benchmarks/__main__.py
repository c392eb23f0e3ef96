"""Runs all benchmarks, or those named, and prints a table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping

from benchmarks import answers, boards, dailies, flood, importing, load, memory, startup
from benchmarks.figures import Figure, print_figures

BENCHMARKS: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "answers": answers.measure,
    "boards": boards.measure,
    "dailies": dailies.measure,
    "flood": flood.measure,
    "importing": importing.measure,
    "load": load.measure,
    "memory": memory.measure,
    "startup": startup.measure,
}


def main(names: list[str]) -> None:
    """Run the benchmarks, with progress on standard error."""
    figures: list[Figure] = []
    for name in names or BENCHMARKS:
        print(f"{name} ...", file=sys.stderr)
        figures += BENCHMARKS[name]()
    print_figures(figures)


if __name__ == "__main__":
    main(sys.argv[1:])
