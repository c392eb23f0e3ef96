"""Runs every measurement and prints one line for each."""

from __future__ import annotations

from benchmarks import boards, startup
from benchmarks.ratio import Ratio


def main() -> None:
    measured: list[Ratio] = [*startup.measure(), *boards.measure()]
    for ratio in measured:
        print(ratio)


if __name__ == "__main__":
    main()
