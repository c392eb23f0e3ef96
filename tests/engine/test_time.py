"""Streaks, windows and memory: everything that depends on the date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import memory
from bot.engine.days import DAY, day_in, end_of_day, first_known
from bot.engine.rounds import POINTS, points_for
from bot.engine.standings import Window, periods
from bot.engine.streaks import EARNS, HELD, Streak
from tests.samples import START

HOUR = timedelta(hours=1)
MONDAY = date(2026, 3, 2)


def streak_of(*days: int) -> Streak:
    streak = Streak()
    for day in days:
        streak = streak.after(MONDAY + day * DAY)
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
    assert streak_of(*days).on(MONDAY + today * DAY) == length


def day_by_day(active: set[int], today: int) -> tuple[int, int, int]:
    """Streak, longest streak and freezes at noon of a day, told by a diary: freezes are laid out
    for missed days one by one, and taken back where they turn out too few."""
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
            if sum(each in active for each in week) == EARNS:
                freezes = min(freezes + 1, HELD)
        elif day < today and run:
            laid_out += 1
            bridging = laid_out <= freezes
    return (run, longest, freezes - laid_out) if bridging else (0, longest, freezes)


@given(st.sets(st.integers(0, 60)), st.integers(0, 3))
def test_a_streak_with_freezes_is_what_a_diary_of_every_day_says(days: set[int], rest: int) -> None:
    today = max(days, default=0) + rest
    streak, noon = streak_of(*sorted(days)), MONDAY + today * DAY
    assert (streak.on(noon), streak.best, streak.freezes_on(noon)) == day_by_day(days, today)


def test_five_active_days_of_a_week_earn_a_freeze_and_it_bridges_a_day() -> None:
    five = streak_of(0, 1, 2, 3, 4)
    assert five.freezes == 1
    assert streak_of(0, 1, 2, 3, 4, 5, 6).freezes == 1
    assert (streak_of(0, 1, 2, 3, 4, 6).days, streak_of(0, 1, 2, 3, 4, 6).freezes) == (6, 0)
    assert [five.on(MONDAY + day * DAY) for day in (5, 6, 7)] == [5, 5, 0]
    broken = streak_of(0, 1, 2, 3, 4, 8)
    assert (broken.days, broken.freezes) == (1, 1)
    assert streak_of(*range(21)).freezes == HELD


def test_an_answer_that_arrives_late_does_not_turn_a_streak_back() -> None:
    assert streak_of(0, 1, 0) == streak_of(0, 1)


def test_an_answer_counts_for_its_day_week_month_season_and_for_ever() -> None:
    assert set(periods(date(2026, 11, 23), 7)) == {
        "all",
        "2026-11",
        "2026-W48",
        "2026-11-23",
        "season-7",
    }
    assert "2026-W53" in periods(date(2027, 1, 3), None)
    assert Window.SEASON.period(MONDAY, None) is None


def test_a_day_ends_at_midnight_where_it_is_counted() -> None:
    berlin = first_known("Nowhere/Atlantis", None, "Europe/Berlin")
    before_spring = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    assert day_in(berlin, before_spring) == date(2026, 3, 28)
    assert end_of_day(berlin, before_spring) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert end_of_day(berlin, before_spring + DAY - HOUR) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert first_known("../etc/passwd", "").key == "UTC"


def test_a_right_answer_is_not_due_for_days_and_a_wrong_one_sooner() -> None:
    right = memory.review(None, "q", 1, START)
    partly = memory.review(None, "q", 0.5, START)
    wrong = memory.review(None, "q", 0, START)
    assert wrong.due <= partly.due < right.due
    assert not right.is_due(START)
    assert right.is_due(right.due)
    assert (right.seen, right.right, right.last_right) == (1, 1, True)
    assert (wrong.seen, wrong.right, wrong.last_right) == (1, 0, False)


def test_memory_fades_with_time_and_grows_with_each_right_review() -> None:
    card = memory.review(None, "q", 1, START)
    later = START + timedelta(days=30)
    assert 0 < memory.recall(card, later) < memory.recall(card, START + DAY) <= 1
    again = memory.review(card, "q", 1, card.due)
    assert again.due - card.due > card.due - START
    assert (again.seen, again.right) == (2, 2)


@pytest.mark.parametrize(
    ("credit", "points"), [(0, 0), (1 / 3, 3), (0.5, 5), (2 / 3, 6), (0.7, 7), (1, POINTS)]
)
def test_points_are_the_share_of_the_credit_rounded_down(credit: float, points: int) -> None:
    assert points_for(credit, counts=True) == points
    assert points_for(credit, counts=False) == 0
