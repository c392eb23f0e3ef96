"""Lines of notes, what was repaired in them, and what was left out of them."""

from __future__ import annotations

from dataclasses import dataclass

CELL_BREAK = "\u2028"
"""Stands for a line break inside a table cell."""

MAX_REPORTED_CHARS = 80


@dataclass(frozen=True, slots=True, order=True)
class Repair:
    """What was fixed, on which line and, if there are several, in which file."""

    line: int
    what: str
    file: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Omission:
    """What didn't become a note, and why."""

    line: int
    what: str
    why: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the repaired text with its line number in the file; code stays as written."""

    number: int
    text: str
    is_code: bool = False


def shorten(text: str) -> str:
    """A text as one line of a report."""
    text = " ".join(text.split())
    return text if len(text) <= MAX_REPORTED_CHARS else f"{text[: MAX_REPORTED_CHARS - 1]}…"
