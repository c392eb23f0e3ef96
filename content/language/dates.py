"""Dates as people write them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from content.language import split_words

MONTHS: Final = split_words(
    "january february march april may june july august september october november december"
)
DAYS: Final = split_words("monday tuesday wednesday thursday friday saturday sunday")
_MONTH_NUMBERS: Final = MappingProxyType(
    {name: place for place, name in enumerate(MONTHS, 1)}
    | {name[:3]: place for place, name in enumerate(MONTHS, 1)}
    | {"sept": 9}
)
_DAY, _NAME = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?", r"(?P<month>[A-Za-z]{3,9})\.?"
_YEAR: Final = r"(?P<year>\d{4})\b"
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b",
        rf"(?<![\d.])(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}",
        rf"(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})/{_YEAR}",
        rf"\b{_NAME} {_DAY},? {_YEAR}",
        rf"\b{_DAY}\.?(?: of)? {_NAME},? {_YEAR}",
        rf"\b{_NAME} {_DAY}\b(?![.\d])",
        rf"\b{_DAY}\.?(?: of)? {_NAME}\b",
    )
)
_DECEMBER: Final = 12


def read_date(text: str, place: int) -> tuple[str, int] | None:
    """The date at a position in a text, with or without a year, and where it ends."""
    if place and text[place - 1].isalnum():
        return None
    for pattern in _PATTERNS:
        if found := pattern.match(text, place):
            name, day = found["month"].casefold(), int(found["day"])
            month = int(name) if name.isdecimal() else _MONTH_NUMBERS.get(name, 0)
            if "/" in found[0]:
                # Only a day above 12 shows which number is the month.
                day, month = max(day, month), min(day, month)
                if day <= _DECEMBER:
                    continue
            if 0 < month <= _DECEMBER:
                year = found["year"] if "year" in pattern.groupindex else ""
                return f"{year}-{month}-{day}", found.end()
    return None
