"""Dates as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta

from bot.engine.commands.times import AND, TO, Unread, plain, weekday_of
from bot.engine.daily_planner import NAMES

DAY = timedelta(days=1)
SATURDAY = 5
LEAP = 9
"""Years among which there is a 29 February."""
MAX_CHARS = 500
"""Characters of dates that are looked at."""

LONGEST = 366
"""Days that a range of dates may have."""

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
_NAMED = [
    re.compile(pattern)
    for pattern in (
        rf"{_DAY}[\s-]*(?:of )?{_MONTH}{_YEAR}",
        rf"{_MONTH}[\s-]*{_DAY}{_YEAR}",
    )
]
_ISO = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_FIGURES = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(?:(\d{4})|(\d{2})))?\.?")
_PARTS = re.compile(rf"(?:next|this|of|the|{_DAY}|{_MONTH}|\d{{4}})")
_WEEKDAY = rf"(?:{'|'.join(f'{d[:2]}[a-z]*' for d in map(str.casefold, NAMES))})\b\.?"


def dates_of(text: str, today: date) -> list[date] | Unread:
    """The dates that are meant by `2026-12-24`, `24.12.`, `Dec 24`, `tomorrow` or `24 Dec to 2
    Jan`, several of them with commas. Without a year it is the next such date."""
    if len(text) > MAX_CHARS:
        return Unread(text, "is too long")
    # Some commas belong to a date: "Thursday, Dec 24, 2026".
    text = re.sub(rf"({_WEEKDAY}),(?=\s*(?:\d|{_MONTH}))", r"\1", plain(text).casefold())
    text = re.sub(r"(?<=\d),(?=\s*\d{4}\b(?![-/.]\d))", "", text)
    dates: list[date] = []
    for part in re.split(AND, text):
        said = _range(part, today, dates[-1] if dates else None) if part else Unread(text)
        if isinstance(said, Unread):
            return said
        dates += said
    return dates


def _range(text: str, today: date, model: date | None) -> list[date] | Unread:
    """The dates from one to another, or only one. A day alone is of the month of the `model`."""
    match re.split(rf"{TO}|\s+-\s+", text):
        case [first, last]:
            return _from_to(first, last, today, model)
    wrong = only = _dates(text, today, model)
    for dash in re.finditer("-", text) if isinstance(only, Unread) and not only.wrong else ():
        said = _from_to(text[: dash.start()], text[dash.end() :], today, model)
        if not isinstance(said, Unread):
            return said
        wrong = said if said.wrong else wrong
    return wrong


def _from_to(first: str, last: str, today: date, model: date | None) -> list[date] | Unread:
    begin = _dates(first, today, model)
    if isinstance(begin, Unread) and not isinstance(ends := _dates(last, today), Unread):
        begin = _dates(first, today, ends[-1])
    if isinstance(begin, Unread):
        return begin
    end = _dates(last, begin[0], begin[0])
    if isinstance(end, Unread):
        return end
    days = (end[-1] - begin[0]).days
    if days < 0:
        return Unread(f"{first} to {last}", "ends before it begins")
    if days >= LONGEST:
        return Unread(f"{first} to {last}", "is more than a year")
    return [begin[0] + DAY * n for n in range(days + 1)]


def _dates(text: str, today: date, model: date | None = None) -> list[date] | Unread:
    """The dates that are named without a dash between them; more than one of a weekend or week."""
    monday = today - DAY * today.weekday()
    match text.split():
        case ["today"]:
            return [today]
        case ["tomorrow"]:
            return [today + DAY]
        case ["the", "day", "after", "tomorrow"] | ["day", "after", "tomorrow"]:
            return [today + 2 * DAY]
        case ["this", "week"]:
            return [day for day in _days(monday, 7) if day >= today]
        case ["next", "week"]:
            return _days(monday + 7 * DAY, 7)
        case [*which, "weekend"] if which in ([], ["this"], ["the"], ["next"]):
            late = which == ["next"] and today.weekday() >= SATURDAY
            weekend = _days(monday + (SATURDAY + 7 * late) * DAY, 2)
            return [day for day in weekend if day >= today]
        case [*which, name] if which in ([], ["this"], ["next"], ["on"]):
            if len(name) > 1 and (weekday := weekday_of(name)) is not None:
                first = today + DAY if which == ["next"] else today
                return [first + DAY * ((weekday - first.weekday()) % 7)]
    return _date(text, today, model)


def _date(text: str, today: date, model: date | None) -> list[date] | Unread:
    weekday = re.match(rf"({_WEEKDAY})\s+(?=\S)", text)
    if weekday and (number := weekday_of(weekday[1])) is not None:
        dates = _date(text[weekday.end() :], today, model)
        if isinstance(dates, Unread) or dates[0].weekday() == number:
            return dates
        return Unread(text, f"is not right: {dates[0]} is a {NAMES[dates[0].weekday()]}")
    if (day := re.fullmatch(_DAY, text)) and model:
        return _existing(text, [(model.year, model.month, int(day["day"]))], today)
    if iso := _ISO.fullmatch(text):
        return _existing(text, [(int(iso[1]), int(iso[3]), int(iso[4]))], today)
    for each in _NAMED:
        if named := each.fullmatch(text):
            month = next(n for n, m in enumerate(MONTHS, 1) if m.startswith(named["month"][:3]))
            year = int(named["year"]) if named["year"] else None
            return _existing(text, [(year, month, int(named["day"]))], today)
    figures = _FIGURES.fullmatch(text)
    if figures is None:
        strange = [word for word in text.split() if not _PARTS.fullmatch(word)]
        return Unread(strange[0] if strange else text)
    one, sign, other, whole, short = figures.groups()
    year = int(whole or f"20{short}") if whole or short else None
    if sign == "-" and not year:
        return Unread(text)
    readings = [(year, int(other), int(one)), (year, int(one), int(other))]
    # Where figures have dots between them the day comes first; elsewhere it may be either.
    return _existing(text, readings[:1] if sign == "." else readings, today)


def _existing(
    text: str, readings: Iterable[tuple[int | None, int, int]], today: date
) -> list[date] | Unread:
    """The one date that exists of several readings as year, month and day."""
    dates = list(dict.fromkeys(_next(*reading, today) for reading in readings))
    match [day for day in dates if day]:
        case [day]:
            return [day]
        case [one, other, *_]:
            return Unread(text, f"can be {one:%d %B} or {other:%d %B}: write {one} or {other}")
    return Unread(text, "is no date")


def _next(year: int | None, month: int, day: int, today: date) -> date | None:
    for each in range(today.year, today.year + LEAP) if year is None else [year]:
        with suppress(ValueError):
            found = date(each, month, day)
            if year is not None or found >= today:
                return found
    return None


def _days(first: date, count: int) -> list[date]:
    return [first + DAY * n for n in range(count)]


def in_ranges(dates: Iterable[date]) -> str:
    """Dates in words, those in a row as one range."""
    ranges: list[tuple[date, date]] = []
    for day in dates:
        if ranges and day - ranges[-1][1] == DAY:
            ranges[-1] = ranges[-1][0], day
        else:
            ranges.append((day, day))
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in ranges)
