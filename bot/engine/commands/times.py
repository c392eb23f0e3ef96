"""Parse times of day and weekdays as people type them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time

from bot.engine.daily_planner import WEEKDAY_NAMES
from bot.engine.schedules import WEEKDAYS, Weekly
from bot.engine.screens import Choice

MAX_QUOTED_CHARS = 100
"""The longest text quoted in an error."""

NOON, HOURS_A_DAY = 12, 24

WEEKDAY_GROUPS = {
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
WEEKDAY_CHOICES = tuple(Choice(day, day.casefold()) for day in WEEKDAY_NAMES)
"""The weekdays from Monday, to pick from a list."""

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

RANGE_SEPARATOR = r"\s*\.{2,}\s*|\s+(?:to|until|till|through|thru)\s+"
"""A pattern between the first and the last of a range."""

LIST_SEPARATOR = r"\s*(?:[,;&+]|\band\b)\s*"
"""A pattern between the items of a list."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Words we could not parse, and what is wrong with them, if known."""

    words: str
    wrong: str = ""

    def __str__(self) -> str:
        words = (
            self.words
            if len(self.words) <= MAX_QUOTED_CHARS
            else f"{self.words[:MAX_QUOTED_CHARS]}…"
        )
        return f"`{words}` {self.wrong}." if self.wrong else f"I don't understand `{words}`."


@dataclass(frozen=True, slots=True)
class ParsedTime:
    """A time of day, and the rest of the text, which may name a time zone."""

    at: time
    rest: str = ""


def parse_time(text: str) -> ParsedTime | NotUnderstood:
    """Parse `9`, `09:00`, `9 p.m.`, `9h30`, `0900` or `noon`, or the start of `9:00 Berlin`."""
    text = re.sub(r"^(?:at|@)\s+", "", normalize(text), flags=re.IGNORECASE)
    said = _TIME.match(text)
    if said is None:
        return NotUnderstood(text)
    rest = text[said.end() :].strip(" ,()")
    if rest[:1] in ("+", "-") and not _OFFSET.fullmatch(rest):
        return NotUnderstood(rest)
    if said["named"]:
        return ParsedTime(NAMED_TIMES[said["named"].casefold()], rest)
    hour, minute = int(said["hour"]), int(said["minute"] or said["minutes"] or said["after"] or 0)
    if half := said["half"]:
        if not 1 <= hour <= NOON:
            return NotUnderstood(said[0])
        hour = hour % NOON + (NOON if half.casefold() == "p" else 0)
    return ParsedTime(time(hour, minute), rest) if hour < HOURS_A_DAY else NotUnderstood(said[0])


def parse_weekdays(text: str) -> frozenset[int] | NotUnderstood:
    """Parse `mon/wed`, `mon-fri` or `weekend` as numbers from Monday (0); an empty text means every
    day."""
    text = re.sub(r"^(?:on|every|each) (?!day)", "", normalize(text).casefold())
    if not text:
        return WEEKDAYS
    chosen, *left_out = re.split(r"\s+(?:except|but not|without)\s+", text)
    days = _parse_weekday_list(chosen)
    for each in left_out:
        others = _parse_weekday_list(each)
        if isinstance(days, NotUnderstood) or isinstance(others, NotUnderstood):
            return days if isinstance(days, NotUnderstood) else others
        days -= others
    return days or NotUnderstood(text)


def _parse_weekday_list(text: str) -> frozenset[int] | NotUnderstood:
    if text in WEEKDAY_GROUPS:
        return WEEKDAY_GROUPS[text]
    days: set[int] = set()
    for part in re.split(
        rf"{LIST_SEPARATOR}|\s*/\s*|\s+", re.sub(rf"{RANGE_SEPARATOR}|\s*-\s*", "-", text)
    ):
        if part in WEEKDAY_GROUPS:
            days |= WEEKDAY_GROUPS[part]
            continue
        first, _, last = part.partition("-")
        begin, end = find_weekday(first), find_weekday(last or first)
        if begin is None or end is None:
            return NotUnderstood((first if begin is None else last) or text)
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def find_weekday(name: str) -> int | None:
    """Find a weekday's number from Monday (0) by the start of its name."""
    for word in (name.rstrip("."), name.rstrip(".").removesuffix("s")):
        meant = [
            number for number, day in enumerate(WEEKDAY_NAMES) if day.casefold().startswith(word)
        ]
        if len(meant) == 1:
            return meant[0]
    return None


def parse_weekly(text: str) -> Weekly | NotUnderstood:
    """Parse `mon 09:00`, `Mondays at 9am` or `9am, Monday`."""
    text = re.sub(r"^(?:on|every|each)\s+", "", normalize(text), flags=re.IGNORECASE)
    first, _, rest = text.partition(" ")
    weekday = find_weekday(first.rstrip(",").casefold()) if first.strip(",") else None
    if weekday is None:
        said = parse_time(text)
        if isinstance(said, NotUnderstood):
            return said
        rest = re.sub(r"^(?:on|every|each)\s+", "", said.rest, flags=re.IGNORECASE)
        weekday = find_weekday(rest.casefold()) if rest else None
        return NotUnderstood(text) if weekday is None else Weekly(weekday, said.at)
    match parse_time(rest):
        case ParsedTime(at=at, rest=""):
            return Weekly(weekday, at)
        case NotUnderstood() as unread if rest:
            return unread
    return NotUnderstood(text)


def normalize(text: str) -> str:
    """Normalize dashes, digits and spaces."""
    return " ".join(_DASHES.sub("-", unicodedata.normalize("NFKC", text)).split())
