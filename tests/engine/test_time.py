"""Streaks, windows and memory: everything that depends on the date."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import memory
from bot.engine.days import DAY, Days, date_in, first_known_zone
from bot.engine.rounds import POINTS, score_points
from bot.engine.standings import Window, list_periods
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES, Streak
from tests.samples import START

HOUR = timedelta(hours=1)
MONDAY = date(2026, 3, 2)


UTC_DAYS = Days(ZoneInfo("UTC"))


def noon(day: int) -> datetime:
    """Return noon, `days` after a Monday."""
    return datetime.combine(MONDAY + day * DAY, time(12), UTC)


def streak_of(*days: int) -> Streak:
    streak = Streak()
    for day in days:
        streak = streak.after(noon(day), UTC_DAYS)
    return streak


@pytest.mark.parametrize(
    ("days", "today", "length"),
    [
        ([], 0, 0),
        ([0], 0, 1),
        ([0, 0, 0], 0, 1),
        ([0, 1, 2], 2, 3),
        ([0, 1, 2], 3, 3),
        ([0, 1, 2], 4, 0),
        ([0, 2], 2, 1),
    ],
)
def test_a_streak_is_days_in_a_row_and_a_day_not_over_breaks_nothing(
    days: list[int], today: int, length: int
) -> None:
    assert streak_of(*days).on(noon(today), UTC_DAYS) == length


def day_by_day(active: set[int], today: int) -> tuple[int, int, int]:
    """Return streak, longest streak and freezes at noon of a day, from a diary: freezes are spent
    on missed days one by one, and refunded if they turn out to be too few."""
    run = longest = freezes = laid_out = 0
    bridging = True
    for day in range(today + 1):
        if day in active:
            if bridging:
                freezes -= laid_out
            run = run + 1 if bridging else 1
            laid_out, bridging = 0, True
            longest = max(longest, run)
            week = range(day - day % 7, day + 1)
            if sum(each in active for each in week) == FREEZE_DAYS:
                freezes = min(freezes + 1, MAX_FREEZES)
        elif day < today and run:
            laid_out += 1
            bridging = laid_out <= freezes
    return (run, longest, freezes - laid_out) if bridging else (0, longest, freezes)


@given(st.sets(st.integers(0, 60)), st.integers(0, 3))
def test_a_streak_with_freezes_is_what_a_diary_of_every_day_says(days: set[int], rest: int) -> None:
    today = max(days, default=0) + rest
    streak, now = streak_of(*sorted(days)), noon(today)
    told = streak.on(now, UTC_DAYS), streak.best, streak.freezes_on(now, UTC_DAYS)
    assert told == day_by_day(days, today)


def test_five_active_days_of_a_week_earn_a_freeze_and_it_bridges_a_day() -> None:
    five = streak_of(0, 1, 2, 3, 4)
    assert five.freezes == 1
    assert streak_of(0, 1, 2, 3, 4, 5, 6).freezes == 1
    assert (streak_of(0, 1, 2, 3, 4, 6).days, streak_of(0, 1, 2, 3, 4, 6).freezes) == (6, 0)
    assert [five.on(noon(day), UTC_DAYS) for day in (5, 6, 7)] == [5, 5, 0]
    broken = streak_of(0, 1, 2, 3, 4, 8)
    assert (broken.days, broken.freezes) == (1, 1)
    assert streak_of(*range(21)).freezes == MAX_FREEZES


def test_an_answer_that_arrives_late_does_not_turn_a_streak_back() -> None:
    assert streak_of(0, 1, 0) == streak_of(0, 1)


def test_an_answer_counts_for_its_day_week_month_season_and_for_ever() -> None:
    assert set(list_periods(date(2026, 11, 23), 7)) == {
        "all",
        "2026-11",
        "2026-W48",
        "2026-11-23",
        "season-7",
    }
    assert "2026-W53" in list_periods(date(2027, 1, 3), None)
    assert Window.SEASON.period(MONDAY, None) is None


def test_a_day_ends_at_midnight_where_it_is_counted() -> None:
    berlin = first_known_zone("Nowhere/Atlantis", None, "Europe/Berlin")
    before_spring = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    assert date_in(berlin, before_spring) == date(2026, 3, 28)
    days = Days(berlin)
    assert days.of(before_spring) == date(2026, 3, 28)
    assert days.end(before_spring) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert days.end(before_spring + DAY - HOUR) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert first_known_zone("../etc/passwd", "").key == "UTC"


def test_a_right_answer_is_not_due_for_days_and_a_wrong_one_sooner() -> None:
    right = memory.review(None, "q", 1, START)
    partly = memory.review(None, "q", 0.5, START)
    wrong = memory.review(None, "q", 0, START)
    assert wrong.due <= partly.due < right.due
    assert not right.is_due(START, UTC_DAYS)
    assert right.is_due(right.due, UTC_DAYS)
    assert (right.seen, right.right, right.last_right) == (1, 1, True)
    assert (wrong.seen, wrong.right, wrong.last_right) == (1, 0, False)


def test_memory_fades_with_time_and_grows_with_each_right_review() -> None:
    card = memory.review(None, "q", 1, START)
    later = START + timedelta(days=30)
    assert 0 < memory.predict_recall(card, later) < memory.predict_recall(card, START + DAY) <= 1
    again = memory.review(card, "q", 1, card.due, (card.due - START).days)
    assert again.due - card.due > card.due - START
    assert (again.seen, again.right) == (2, 2)


@pytest.mark.parametrize(
    ("credit", "points"), [(0, 0), (1 / 3, 3), (0.5, 5), (2 / 3, 6), (0.7, 7), (1, POINTS)]
)
def test_points_are_the_share_of_the_credit_rounded_down(credit: float, points: int) -> None:
    assert score_points(credit, counts=True) == points
    assert score_points(credit, counts=False) == 0


BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLACES = st.sampled_from(
    ["Pacific/Auckland", "Europe/Berlin", "America/New_York", "Pacific/Honolulu", "Asia/Kolkata"]
)
OWN = st.builds(lambda zone, starts: Days(ZoneInfo(zone), starts), PLACES, st.integers(0, 6))


def test_a_day_that_starts_late_lasts_until_then() -> None:
    days = Days(BERLIN, 4)
    late = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # half past three, an hour after the jump
    assert days.of(late) == date(2026, 3, 28)
    assert days.end(late) == datetime(2026, 3, 29, 2, tzinfo=UTC)
    assert days.of(days.end(late)) == date(2026, 3, 29)
    jumped = Days(BERLIN, 2)
    assert jumped.end(late - HOUR) == datetime(2026, 3, 29, 1, tzinfo=UTC)


@given(OWN, st.integers(0, 4 * 365 * 24 * 60))
def test_a_day_goes_on_to_its_end_and_not_longer(days: Days, minutes: int) -> None:
    now = NOON + timedelta(minutes=minutes)
    end = days.end(now)
    assert timedelta() < end - now <= timedelta(hours=25)
    assert days.of(end - timedelta(seconds=1)) == days.of(now)
    assert days.of(end) == days.of(now) + DAY


def test_who_studies_a_little_earlier_each_evening_finds_their_cards_due() -> None:
    now, days = datetime(2026, 3, 2, 21, tzinfo=UTC), Days(BERLIN)
    card, points = memory.review(None, "q", 0, now), 0
    for _ in range(20):
        now += DAY - timedelta(minutes=30)
        since = (days.of(now) - days.of(card.reviewed_at)).days
        points += card.is_due(now, days)
        card = memory.review(card, "q", 0, now, since)
        assert card.due - now >= DAY
    assert points == 20


def test_a_look_half_an_hour_earlier_on_the_next_day_teaches_as_much_as_a_whole_day_later() -> None:
    first = memory.review(None, "q", 1, START)
    early, late = START + 3 * DAY - HOUR, START + 3 * DAY
    looked = [memory.review(first, "q", 1, at, 3) for at in (early, late)]
    assert looked[0].stability == looked[1].stability


def test_three_zones_in_a_minute_make_one_day() -> None:
    streak = Streak()
    for minute, zone in enumerate(("Pacific/Honolulu", "Europe/Berlin", "Pacific/Auckland")):
        streak = streak.after(NOON + timedelta(minutes=minute), Days(ZoneInfo(zone)))
    assert (streak.days, streak.active) == (1, 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # Monday evening in New York is Tuesday in Tokyo, where the next one is Wednesday evening.
        (("America/New_York", "2026-03-02T20:00"), ("Asia/Tokyo", "2026-03-04T22:00")),
        # Monday morning in New York; Tuesday evening there is Wednesday in Tokyo.
        (("America/New_York", "2026-03-02T08:00"), ("Asia/Tokyo", "2026-03-04T09:00")),
        # Back over the date line the same date comes twice.
        (("Pacific/Auckland", "2026-03-04T10:00"), ("Pacific/Honolulu", "2026-03-04T12:00")),
    ],
)
def test_days_that_follow_one_another_where_one_was_or_where_one_is_keep_the_streak(
    first: tuple[str, str], second: tuple[str, str]
) -> None:
    streak = Streak()
    for zone, at in (first, second):
        there = ZoneInfo(zone)
        streak = streak.after(datetime.fromisoformat(at).replace(tzinfo=there), Days(there))
    assert streak.days == 2


steps = st.lists(st.tuples(st.integers(1, 60 * 24 * 3), OWN), min_size=1, max_size=30)


@given(steps)
def test_whatever_zones_are_chosen_no_day_makes_three(
    steps: list[tuple[int, Days]],
) -> None:
    now, streak, counted = NOON, Streak().after(NOON, UTC_DAYS), [NOON]
    for minutes, days in steps:
        before, now = streak, now + timedelta(minutes=minutes)
        streak = before.after(now, days)
        assert streak.days in (before.days, before.days + 1, 1)
        assert streak.at == now
        counted += [now] if streak.last != before.last or streak.days != before.days else []
    assert all(
        third - first >= timedelta(hours=23)
        for first, third in zip(counted, counted[2:], strict=False)
    )


@given(st.lists(st.integers(0, 60 * 20), max_size=30), OWN)
def test_who_answers_every_twenty_hours_in_one_zone_never_loses_a_streak(
    pauses: list[int], days: Days
) -> None:
    now, streak, dates = NOON, Streak().after(NOON, days), {days.of(NOON)}
    for minutes in pauses:
        now += timedelta(minutes=minutes)
        streak, dates = streak.after(now, days), dates | {days.of(now)}
    assert streak.days == len(dates)
