"""Parse dates as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from bot.engine.commands.times import (
    LIST_SEPARATOR,
    RANGE_SEPARATOR,
    NotUnderstood,
    find_weekday,
    normalize,
)
from bot.engine.daily_planner import WEEKDAY_NAMES

DAY = timedelta(days=1)
SATURDAY = 5
LEAP_SEARCH_YEARS = 9
"""A 29 February exists within this many years."""
MAX_CHARS = 500
"""The longest text that is parsed."""

MAX_RANGE_DAYS = 366
"""The longest range."""

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_MONTH = rf"(?P<month>{'|'.join(f'{m[:3]}(?:{m[3:]})?' for m in MONTHS)}|sept)\b\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(?:[\s,.-]*(?P<year>\d{4}))?"
_WITH_MONTH_NAME = [
    re.compile(pattern)
    for pattern in (
        rf"{_DAY}[\s-]*(?:of )?{_MONTH}{_YEAR}",
        rf"{_MONTH}[\s-]*{_DAY}{_YEAR}",
    )
]
_ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(?:(\d{4})|(\d{2})))?\.?")
_KNOWN_WORD = re.compile(rf"(?:next|this|of|the|{_DAY}|{_MONTH}|\d{{4}})")
_WEEKDAY = rf"(?:{'|'.join(f'{d[:2]}[a-z]*' for d in map(str.casefold, WEEKDAY_NAMES))})\b\.?"


def parse_dates(text: str, today: date) -> list[date] | NotUnderstood:
    """Parse `2026-12-24`, `24.12.`, `Dec 24`, `tomorrow` or `24 Dec to 2 Jan`, or several with
    commas. Without a year, the next such date is meant."""
    if len(text) > MAX_CHARS:
        return NotUnderstood(text, "is too long")
    # Some commas belong to a date: "Thursday, Dec 24, 2026".
    text = re.sub(rf"({_WEEKDAY}),(?=\s*(?:\d|{_MONTH}))", r"\1", normalize(text).casefold())
    text = re.sub(r"(?<=\d),(?=\s*\d{4}\b(?![-/.]\d))", "", text)
    dates: list[date] = []
    for part in re.split(LIST_SEPARATOR, text):
        said = (
            _parse_range(part, today, dates[-1] if dates else None) if part else NotUnderstood(text)
        )
        if isinstance(said, NotUnderstood):
            return said
        dates += said
    return dates


def _parse_range(text: str, today: date, model: date | None) -> list[date] | NotUnderstood:
    """Parse a range or a single date. A bare day number is in the month of the `model`."""
    match re.split(rf"{RANGE_SEPARATOR}|\s+-\s+", text):
        case [first, last]:
            return _expand_range(first, last, today, model)
    wrong = only = _parse_part(text, today, model)
    for dash in (
        re.finditer("-", text) if isinstance(only, NotUnderstood) and not only.wrong else ()
    ):
        said = _expand_range(text[: dash.start()], text[dash.end() :], today, model)
        if not isinstance(said, NotUnderstood):
            return said
        wrong = said if said.wrong else wrong
    return wrong


def _expand_range(
    first: str, last: str, today: date, model: date | None
) -> list[date] | NotUnderstood:
    begin = _parse_part(first, today, model)
    if isinstance(begin, NotUnderstood) and not isinstance(
        ends := _parse_part(last, today), NotUnderstood
    ):
        begin = _parse_part(first, today, ends[-1])
    if isinstance(begin, NotUnderstood):
        return begin
    end = _parse_part(last, begin[0], begin[0])
    if isinstance(end, NotUnderstood):
        return end
    days = (end[-1] - begin[0]).days
    if days < 0:
        return NotUnderstood(f"{first} to {last}", "ends before it begins")
    if days >= MAX_RANGE_DAYS:
        return NotUnderstood(f"{first} to {last}", "is more than a year")
    return [begin[0] + DAY * n for n in range(days + 1)]


def _parse_part(text: str, today: date, model: date | None = None) -> list[date] | NotUnderstood:
    """Parse one date, or a weekend or week as several."""
    monday = today - DAY * today.weekday()
    match text.split():
        case ["today"]:
            return [today]
        case ["tomorrow"]:
            return [today + DAY]
        case ["the", "day", "after", "tomorrow"] | ["day", "after", "tomorrow"]:
            return [today + 2 * DAY]
        case ["this", "week"]:
            return [day for day in _list_days(monday, 7) if day >= today]
        case ["next", "week"]:
            return _list_days(monday + 7 * DAY, 7)
        case [*which, "weekend"] if which in ([], ["this"], ["the"], ["next"]):
            late = which == ["next"] and today.weekday() >= SATURDAY
            weekend = _list_days(monday + (SATURDAY + 7 * late) * DAY, 2)
            return [day for day in weekend if day >= today]
        case [*which, name] if which in ([], ["this"], ["next"], ["on"]):
            if len(name) > 1 and (weekday := find_weekday(name)) is not None:
                first = today + DAY if which == ["next"] else today
                return [first + DAY * ((weekday - first.weekday()) % 7)]
    return _parse_date(text, today, model)


def _parse_date(text: str, today: date, model: date | None) -> list[date] | NotUnderstood:
    weekday = re.match(rf"({_WEEKDAY})\s+(?=\S)", text)
    if weekday and (number := find_weekday(weekday[1])) is not None:
        dates = _parse_date(text[weekday.end() :], today, model)
        if isinstance(dates, NotUnderstood) or dates[0].weekday() == number:
            return dates
        return NotUnderstood(text, f"is wrong: {dates[0]} is a {WEEKDAY_NAMES[dates[0].weekday()]}")
    if (day := re.fullmatch(_DAY, text)) and model:
        return _pick_date(text, [(model.year, model.month, int(day["day"]))], today)
    if iso := _ISO.fullmatch(text):
        return _pick_date(text, [(int(iso[1]), int(iso[3]), int(iso[4]))], today)
    for each in _WITH_MONTH_NAME:
        if named := each.fullmatch(text):
            month = next(n for n, m in enumerate(MONTHS, 1) if m.startswith(named["month"][:3]))
            year = int(named["year"]) if named["year"] else None
            return _pick_date(text, [(year, month, int(named["day"]))], today)
    figures = _NUMERIC.fullmatch(text)
    if figures is None:
        strange = [word for word in text.split() if not _KNOWN_WORD.fullmatch(word)]
        return NotUnderstood(strange[0] if strange else text)
    one, sign, other, whole, short = figures.groups()
    year = int(whole or f"20{short}") if whole or short else None
    if sign == "-" and not year:
        return NotUnderstood(text)
    readings = [(year, int(other), int(one)), (year, int(one), int(other))]
    # With dots, the day comes first; otherwise it may be either.
    return _pick_date(text, readings[:1] if sign == "." else readings, today)


def _pick_date(
    text: str, readings: Iterable[tuple[int | None, int, int]], today: date
) -> list[date] | NotUnderstood:
    """Pick the only reading (year, month, day) that is a real date."""
    dates = list(dict.fromkeys(_complete_date(*reading, today) for reading in readings))
    match [day for day in dates if day]:
        case [day]:
            return [day]
        case [one, other, *_]:
            return NotUnderstood(
                text, f"could be {one:%d %B} or {other:%d %B}: write {one} or {other}"
            )
    return NotUnderstood(text, "isn't a date")


def _complete_date(year: int | None, month: int, day: int, today: date) -> date | None:
    for each in range(today.year, today.year + LEAP_SEARCH_YEARS) if year is None else [year]:
        with suppress(ValueError):
            found = date(each, month, day)
            if year is not None or found >= today:
                return found
    return None


def _list_days(first: date, count: int) -> list[date]:
    return [first + DAY * n for n in range(count)]


def format_ranges(dates: Iterable[date]) -> str:
    """Format dates, with consecutive ones as a range."""
    ranges: list[tuple[date, date]] = []
    for day in dates:
        if ranges and day - ranges[-1][1] == DAY:
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in ranges)
