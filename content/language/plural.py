"""A number with its noun, in the singular or the plural."""

from __future__ import annotations

import re
from typing import Final

_ENDINGS: Final = (
    (re.compile(r"(?<=[^aeiou])y$"), "ies"),
    (re.compile(r"(?<=[sxz])$|(?<=[cs]h)$"), "es"),
    (re.compile(r"$"), "s"),
)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 member`, `2,000 members`, `3 replies`; an irregular noun brings its `plural`."""
    return f"{number:,} {noun if number == 1 else plural or pluralize(noun)}"


def pluralize(noun: str) -> str:
    """The regular plural of a noun, or of a phrase that ends in one."""
    return next(ending.sub(end, noun) for ending, end in _ENDINGS if ending.search(noun))
