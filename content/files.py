"""The files of a pack: reading them safely, and saying what is wrong in them."""

from __future__ import annotations

import errno
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOP = "the link leads to itself; put a YAML file here"
MAX_BYTES = 5_000_000
"""Bytes of one file; a chapter with a thousand questions has less than a third of it."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file, where it is (from 1), and what would be right."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class BrokenPack(Exception):
    """A pack that cannot be used, with all its problems in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def read(path: Path, root: Path, shown: str) -> tuple[bytes | None, Problem | None]:
    """The bytes of a pack's file, or why they may not be read. Nothing outside `root` is."""

    def refused(message: str) -> tuple[None, Problem]:
        return None, Problem(shown, 1, 1, message)

    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            return refused("the link leads out of the pack; copy the file into it")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return refused("this is not a file; put a YAML file here")
        if status.st_size > MAX_BYTES:
            return refused(
                f"the file has {status.st_size:,} bytes; at most {MAX_BYTES:,} are read: "
                "split the chapter"
            )
        return path.read_bytes(), None
    except FileNotFoundError:
        return refused("the file is missing; create it")
    except RuntimeError:  # how Python says it before 3.13
        return refused(LOOP)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return refused(LOOP)
        return refused(f"the file cannot be read: {error.strerror}; make it readable")
