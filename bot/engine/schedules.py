"""When a channel's daily question is due: one instant for each local date, whatever clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.engine.rounds import Reveal

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WEEKDAYS = frozenset(range(7))

DEFAULT_OPEN_HOURS = 12
"""How long a daily question stays open, unless an admin says otherwise."""

LOOKAHEAD_DAYS = 2 * 366
"""Days among which a next date is looked for: more than can be skipped by date."""


def to_utc(day: date, at: time, zone: str) -> datetime:
    """The first instant, in UTC, at which the clocks of a zone show that time of that day or later.

    A time that they skip is taken at the first moment after, one that comes twice the first time.
    """
    where, wanted = ZoneInfo(zone), datetime.combine(day, at)

    def shown(instant: datetime) -> datetime:
        return instant.astimezone(where).replace(tzinfo=None)

    # PEP 495: of a time that does not exist, fold 0 is read with the offset from before the gap and
    # lies after it; fold 1 with the offset from after it, and lies before.
    found = wanted.replace(tzinfo=where).astimezone(UTC)
    if shown(found) == wanted:
        return found
    before = wanted.replace(tzinfo=where, fold=1).astimezone(UTC)
    while found - before > SECOND:
        middle = before + (found - before) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        before, found = (before, middle) if shown(middle) >= wanted else (middle, found)
    return found


@dataclass(frozen=True, slots=True)
class Weekly:
    """When last week's board is posted in a channel: on a weekday, from Monday, 0, at a time."""

    weekday: int
    at: time

    def schedule(self, zone: str) -> Schedule:
        """Its dates and instants in a zone."""
        return Schedule(self.at, zone, frozenset({self.weekday}))


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the admins chose for a channel's daily question.

    `weekdays` count from Monday, 0; no `chapters` are all; it stays open for so many `seconds`;
    `role` is notified, where one is named; on the dates in `skips` there is none.
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
        """When the question of a local date is due, in UTC."""
        return to_utc(day, self.at, self.zone)

    def closes_at(self, day: date) -> datetime:
        """When the question of a local date closes, in UTC."""
        return self.instant(day) + timedelta(seconds=self.seconds)

    def falls_on(self, day: date) -> bool:
        """Whether a local date has a question. Where a zone crossed the date line, a whole date
        does not exist."""
        chosen = day.weekday() in self.weekdays and day not in self.skips
        return chosen and self.date_at(to_utc(day, time.min, self.zone)) == day

    def date_at(self, instant: datetime) -> date:
        """The date that the clocks of its zone show."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def next_date(self, day: date) -> date | None:
        """The next date after a day that has a question; None where all near ones are skipped."""
        ahead = (day + DAY * each for each in range(1, LOOKAHEAD_DAYS))
        return next((each for each in ahead if self.falls_on(each)), None)

    def next_date_after(self, now: datetime, last: date | None = None) -> date | None:
        """The first date whose question is still to come, and after the `last` one asked."""
        day = max(self.date_at(now) - DAY, last or date.min)
        while (following := self.next_date(day)) and self.instant(following) <= now:
            day = following
        return following

    def due(self, first: date, now: datetime) -> Iterator[date]:
        """The dates from the `first` on that are due by now, oldest first."""
        day: date | None = first
        while day and self.instant(day) <= now:
            yield day
            day = self.next_date(day)
