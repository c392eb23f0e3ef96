"""Times of day and weekdays as people type them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

from bot.engine.daily_planner import NAMES
from bot.engine.schedules import WEEKDAYS, Weekly

MAX_WORDS = 100
"""Characters of what was not understood that are shown."""

NOON, HOURS = 12, 24

GROUPS = {
    "all": WEEKDAYS,
    "daily": WEEKDAYS,
    "every day": WEEKDAYS,
    "everyday": WEEKDAYS,
    "each day": WEEKDAYS,
    "all days": WEEKDAYS,
    "weekday": frozenset(range(5)),
    "weekdays": frozenset(range(5)),
    "workday": frozenset(range(5)),
    "workdays": frozenset(range(5)),
    "working days": frozenset(range(5)),
    "business days": frozenset(range(5)),
    "weekend": frozenset({5, 6}),
    "weekends": frozenset({5, 6}),
}
NAMED_TIMES = {
    "noon": time(12),
    "midday": time(12),
    "12 noon": time(12),
    "midnight": time(0),
    "12 midnight": time(0),
}

_TIME = re.compile(
    rf"(?P<named>{'|'.join(NAMED_TIMES)})\b|"
    r"(?P<hour>\d{1,2})"
    r"(?:[:.](?P<minute>[0-5]\d)(?::00)?|\s?h\s?(?P<minutes>[0-5]\d)|(?P<after>[0-5]\d))?"
    r"(?:\s?h\b)?(?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?o'clock\b)?(?=$|[\s,(]|z$|[+-]\d\d:?\d\d$)",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"[+-]\d\d:?\d\d")
_DASHES = re.compile(r"[\u2010-\u2015\u2212~]")

TO = r"\s*\.{2,}\s*|\s+(?:to|until|till|through|thru)\s+"
"""A pattern of what stands between the first and the last of several."""

AND = r"\s*(?:[,;&+]|\band\b)\s*"
"""A pattern of what stands between one and another."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The words that were not understood, and what is wrong with them where that is known."""

    words: str
    wrong: str = ""

    def __str__(self) -> str:
        words = self.words if len(self.words) <= MAX_WORDS else f"{self.words[:MAX_WORDS]}…"
        return f"`{words}` {self.wrong}." if self.wrong else f"I don't know `{words}`."


@dataclass(frozen=True, slots=True)
class Said:
    """A time of day, and the words after it, which name a zone if anything."""

    at: time
    rest: str = ""


def time_of(text: str) -> Said | Unread:
    """The time of day that is meant by `9`, `09:00`, `9 p.m.`, `9h30`, `0900` or `noon`, or by the
    beginning of `9:00 Berlin`."""
    text = re.sub(r"^(?:at|@)\s+", "", plain(text), flags=re.IGNORECASE)
    said = _TIME.match(text)
    if said is None:
        return Unread(text)
    rest = text[said.end() :].strip(" ,()")
    if rest[:1] in ("+", "-") and not _OFFSET.fullmatch(rest):
        return Unread(rest)
    if said["named"]:
        return Said(NAMED_TIMES[said["named"].casefold()], rest)
    hour, minute = int(said["hour"]), int(said["minute"] or said["minutes"] or said["after"] or 0)
    if half := said["half"]:
        if not 1 <= hour <= NOON:
            return Unread(said[0])
        hour = hour % NOON + (NOON if half.casefold() == "p" else 0)
    return Said(time(hour, minute), rest) if hour < HOURS else Unread(said[0])


def weekdays_of(text: str) -> frozenset[int] | Unread:
    """The weekdays, from Monday, 0, that are meant by `mon/wed`, `mon-fri` or `weekend`; all of
    them by nothing."""
    text = re.sub(r"^(?:on|every|each) (?!day)", "", plain(text).casefold())
    if not text:
        return WEEKDAYS
    chosen, *left_out = re.split(r"\s+(?:except|but not|without)\s+", text)
    days = _weekdays(chosen)
    for each in left_out:
        others = _weekdays(each)
        if isinstance(days, Unread) or isinstance(others, Unread):
            return days if isinstance(days, Unread) else others
        days -= others
    return days or Unread(text)


def _weekdays(text: str) -> frozenset[int] | Unread:
    if text in GROUPS:
        return GROUPS[text]
    days: set[int] = set()
    for part in re.split(rf"{AND}|\s*/\s*|\s+", re.sub(rf"{TO}|\s*-\s*", "-", text)):
        if part in GROUPS:
            days |= GROUPS[part]
            continue
        first, _, last = part.partition("-")
        begin, end = weekday_of(first), weekday_of(last or first)
        if begin is None or end is None:
            return Unread((first if begin is None else last) or text)
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def weekday_of(name: str) -> int | None:
    """The number of a weekday from Monday, 0, by the beginning of its name."""
    for word in (name.rstrip("."), name.rstrip(".").removesuffix("s")):
        meant = [number for number, day in enumerate(NAMES) if day.casefold().startswith(word)]
        if len(meant) == 1:
            return meant[0]
    return None


def weekly_of(text: str) -> Weekly | Unread:
    """The weekday and the time that are meant by `mon 09:00`, `Mondays at 9am` or `9am, Monday`."""
    text = re.sub(r"^(?:on|every|each)\s+", "", plain(text), flags=re.IGNORECASE)
    first, _, rest = text.partition(" ")
    weekday = weekday_of(first.rstrip(",").casefold()) if first.strip(",") else None
    if weekday is None:
        said = time_of(text)
        if isinstance(said, Unread):
            return said
        rest = re.sub(r"^(?:on|every|each)\s+", "", said.rest, flags=re.IGNORECASE)
        weekday = weekday_of(rest.casefold()) if rest else None
        return Unread(text) if weekday is None else Weekly(weekday, said.at)
    match time_of(rest):
        case Said(at=at, rest=""):
            return Weekly(weekday, at)
        case Unread() as unread if rest:
            return unread
    return Unread(text)


def plain(text: str) -> str:
    """With plain dashes and figures, and single spaces."""
    return " ".join(_DASHES.sub("-", unicodedata.normalize("NFKC", text)).split())
