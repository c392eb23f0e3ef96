"""How long it takes until the first question, and to load the pack."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, compare
from content import loader


def measure() -> Iterator[Figure]:
    """The first question against the imports it needs; the pack against reading its files."""
    with TemporaryDirectory() as folder:
        env = os.environ | {
            "STUDYHALL_DATABASE_URL": f"sqlite:///{folder}/studyhall.db",
            "STUDYHALL_CACHE": f"{folder}/cache",
        }
        yield compare(
            "first question on screen, against importing sqlmodel and rich",
            lambda: _first_question(env),
            lambda: _import("sqlmodel, rich"),
            at_most=1.5,
            times=15,
        )
        yield compare(
            "loading the DP-100 pack again, against reading its files",
            lambda: _load(Path(folder)),
            _read,
            at_most=None,
            times=15,
        )


def _first_question(env: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "play"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdin and process.stdout:
            # With a pipe, play shows its first question only after a line of input.
            process.stdin.write("/help\n")
            process.stdin.flush()
            while "Question 1 of" not in process.stdout.readline():
                pass
        process.kill()


def _import(modules: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True)


def _load(folder: Path) -> None:
    loader.load(loader.find_pack("dp100"), cache=folder / "cache")


def _read() -> None:
    for file in loader.find_pack("dp100").rglob("*.yaml"):
        file.read_bytes()
