"""One instant per local date, in every zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.schedules import DAY, SECOND, Schedule

FIRST, LAST = date(2024, 1, 1), date(2033, 12, 31)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
TIMES = [time(hour, minute) for hour in (0, 1, 2, 3, 4, 21, 22, 23) for minute in (0, 30)]

zones = st.sampled_from(ZONES)
days = st.dates(FIRST, LAST)
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))

Stretch = tuple[datetime, datetime, timedelta]


@cache
def stretches(zone: str) -> Sequence[Stretch]:
    """List the periods in which a zone has had one offset from UTC, from its clocks."""
    where = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(where).utcoffset() or timedelta()

    at = datetime.combine(FIRST - 9 * DAY, time(), UTC)
    end = datetime.combine(LAST + 9 * DAY, time(), UTC)
    changes = [at]
    while at < end:
        # Twice a week is enough: nowhere do clocks change more often (for Ramadan: once a month).
        low, high = at, at + 3 * DAY
        if offset(low) != offset(high):
            while high - low > SECOND:
                middle = low + (high - low) // 2
                middle -= timedelta(microseconds=middle.microsecond)
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            changes.append(high)
        at += 3 * DAY
    return [(low, high, offset(low)) for low, high in pairwise([*changes, end])]


def first_shown(day: date, at: time, zone: str) -> datetime:
    """Return when clocks first showed that time or a later one, from the stretches alone."""
    wanted = datetime.combine(day, at, UTC)
    return next(
        instant
        for low, high, offset in stretches(zone)
        if (instant := max(low, wanted - offset)) < high
    )


def test_whatever_clocks_do_a_date_has_the_first_instant_at_which_they_show_its_time() -> None:
    for zone in ZONES:
        for (_, at, before), (_, _, after) in pairwise(stretches(zone)):
            for day in {(at + before).date(), (at + after).date()}:
                for wanted in TIMES:
                    found = Schedule(wanted, zone).instant(day)
                    assert found == first_shown(day, wanted, zone), (zone, day, wanted)


@given(zones, days, times)
def test_on_any_day_the_clocks_show_the_time_that_was_asked_for(
    zone: str, day: date, at: time
) -> None:
    assert Schedule(at, zone).instant(day) == first_shown(day, at, zone)


@given(zones, days, times, st.frozensets(st.integers(0, 6), min_size=1))
def test_dates_follow_one_another_and_so_do_their_instants(
    zone: str, day: date, at: time, weekdays: frozenset[int]
) -> None:
    schedule = Schedule(at, zone, weekdays)
    following = schedule.next_date(day)
    assert following
    assert following > day
    assert schedule.instant(following) > schedule.instant(day)
    skipped = [day + DAY * n for n in range(1, (following - day).days)]
    assert not any(each.weekday() in weekdays for each in skipped)


@given(zones, days, times, st.integers(0, 40))
def test_what_is_due_and_what_comes_next_are_told_apart_by_the_moment(
    zone: str, day: date, at: time, hours: int
) -> None:
    schedule = Schedule(at, zone)
    now = schedule.instant(day) + timedelta(hours=hours)
    *_, latest = schedule.due(day, now)
    coming = schedule.next_date_after(now)
    assert coming == schedule.next_date(latest)
    assert coming
    assert schedule.instant(latest) <= now < schedule.instant(coming)


@pytest.mark.parametrize(
    ("at", "day", "instant"),
    [
        (time(2, 30), date(2026, 3, 29), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (time(2, 30), date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (time(9), date(2026, 3, 29), datetime(2026, 3, 29, 7, 0, tzinfo=UTC)),
        (time(9), date(2026, 10, 25), datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_skipped_time_comes_right_after_and_a_double_one_the_first_time(
    at: time, day: date, instant: datetime
) -> None:
    assert Schedule(at, "Europe/Berlin").instant(day) == instant


def test_a_date_that_a_zone_left_out_has_no_question() -> None:
    schedule = Schedule(time(9), "Pacific/Apia")
    assert schedule.next_date(date(2011, 12, 29)) == date(2011, 12, 31)


def test_weekdays_and_dates_can_be_left_out() -> None:
    schedule = Schedule(
        time(9), "UTC", frozenset(range(5)), skips=frozenset({date(2026, 3, 2), date(2026, 3, 3)})
    )
    assert schedule.next_date(date(2026, 2, 27)) == date(2026, 3, 4)


def test_the_next_date_comes_after_the_last_one_that_was_asked() -> None:
    schedule = Schedule(time(9), "UTC")
    morning = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert schedule.next_date_after(morning) == date(2026, 3, 2)
    assert schedule.next_date_after(morning, last=date(2026, 3, 2)) == date(2026, 3, 3)
