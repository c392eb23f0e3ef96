"""When a channel's daily question is due: one instant per local date, whatever clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.engine.rounds import Reveal

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WEEKDAYS = frozenset(range(7))

USUAL_TIME = time(9)
"""What's suggested before an admin chooses a time."""

DEFAULT_OPEN_HOURS = 12
"""How long a daily question stays open by default."""

MAX_OPEN_HOURS = 7 * 24

LOOKAHEAD_DAYS = 2 * 366
"""How far ahead to look for the next date: more days than can be skipped by date."""


def to_utc(day: date, at: time, zone: str) -> datetime:
    """Return the first instant, in UTC, when clocks in a zone show that time of that day, or later.

    A skipped time becomes the first instant after the gap; a repeated one counts the first time.
    """
    where, wanted = ZoneInfo(zone), datetime.combine(day, at)

    def on_clock(instant: datetime) -> datetime:
        return instant.astimezone(where).replace(tzinfo=None)

    # PEP 495: for a time that doesn't exist, fold 0 uses the offset from before the gap and lands
    # after it; fold 1 uses the offset from after the gap and lands before it.
    found = wanted.replace(tzinfo=where).astimezone(UTC)
    if on_clock(found) == wanted:
        return found
    before = wanted.replace(tzinfo=where, fold=1).astimezone(UTC)
    while found - before > SECOND:
        middle = before + (found - before) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        before, found = (before, middle) if on_clock(middle) >= wanted else (middle, found)
    return found


@dataclass(frozen=True, slots=True)
class Weekly:
    """When last week's board is posted in a channel: a weekday (Monday is 0) and a time."""

    weekday: int
    at: time

    def schedule(self, zone: str) -> Schedule:
        """Return its dates and instants in a zone."""
        return Schedule(self.at, zone, frozenset({self.weekday}))


@dataclass(frozen=True, slots=True)
class Schedule:
    """An admin's settings for a channel's daily question.

    Monday is weekday 0; no `chapters` means all of them; the question stays open for `seconds`;
    `role`, if any, is notified; the dates in `skips` have no question.
    """

    at: time
    zone: str
    weekdays: frozenset[int] = WEEKDAYS
    chapters: tuple[str, ...] = ()
    seconds: int = DEFAULT_OPEN_HOURS * 3600
    reveal: Reveal = Reveal.AT_ONCE
    role: str = ""
    skips: frozenset[date] = frozenset()

    def instant(self, day: date) -> datetime:
        """Return when the question of a local date is due, in UTC."""
        return to_utc(day, self.at, self.zone)

    def closes_at(self, day: date) -> datetime:
        """Return when the question of a local date closes, in UTC."""
        return self.instant(day) + timedelta(seconds=self.seconds)

    def falls_on(self, day: date) -> bool:
        """Whether a local date has a question. When a zone crosses the date line, a whole date
        doesn't exist."""
        chosen = day.weekday() in self.weekdays and day not in self.skips
        return chosen and self.date_at(to_utc(day, time.min, self.zone)) == day

    def date_at(self, instant: datetime) -> date:
        """Return the date in its zone at an instant."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def next_date(self, day: date) -> date | None:
        """Return the next date with a question after a day; None if all near ones are skipped."""
        ahead = (day + DAY * each for each in range(1, LOOKAHEAD_DAYS))
        return next((each for each in ahead if self.falls_on(each)), None)

    def next_date_after(self, now: datetime, last: date | None = None) -> date | None:
        """Return the first date whose question is yet to come, after the `last` one asked."""
        day = max(self.date_at(now) - DAY, last or date.min)
        while (coming := self.next_date(day)) and self.instant(coming) <= now:
            day = coming
        return coming

    def due(self, first: date, now: datetime) -> Iterator[date]:
        """List the dates from `first` on that are due by now, oldest first."""
        day: date | None = first
        while day and self.instant(day) <= now:
            yield day
            day = self.next_date(day)
