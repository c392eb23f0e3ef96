"""A pack's files: reading them safely, and the problems found in them."""

from __future__ import annotations

import errno
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LINK_LOOP = "this link points to itself; put a YAML file here"
MAX_FILE_BYTES = 5_000_000
"""A chapter with a thousand questions takes less than a third of this."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What's wrong in a file, where (line and column count from 1), and how to fix it."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class BrokenPack(Exception):
    """An unusable pack, with all its problems by file and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def read_file(path: Path, root: Path, name: str) -> tuple[bytes | None, Problem | None]:
    """A pack file's bytes, or why it can't be read. Nothing outside `root` is read."""

    def refuse(message: str) -> tuple[None, Problem]:
        return None, Problem(name, 1, 1, message)

    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            return refuse("this link points outside the pack; copy the file into it")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return refuse("this isn't a file; put a YAML file here")
        if status.st_size > MAX_FILE_BYTES:
            return refuse(
                f"the file has {status.st_size:,} bytes, and the limit is {MAX_FILE_BYTES:,}; "
                "split the chapter"
            )
        return path.read_bytes(), None
    except FileNotFoundError:
        return refuse("the file is missing; create it")
    except RuntimeError:  # what Python raises for a loop before 3.13
        return refuse(LINK_LOOP)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return refuse(LINK_LOOP)
        return refuse(f"can't read the file ({error.strerror}); make it readable")
