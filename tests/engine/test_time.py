"""Streaks, windows and memory: everything that depends on the date."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine import memory
from bot.engine.rounds import POINTS, points_for
from bot.engine.standings import Window
from bot.engine.streaks import DAY, Streak
from tests.samples import START

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


@given(st.sets(st.integers(0, 60)))
def test_the_best_streak_is_the_longest_run_of_days(days: set[int]) -> None:
    longest = max((next(n for n in range(99) if day + n not in days) for day in days), default=0)
    assert streak_of(*sorted(days)).best == longest


def test_an_answer_that_arrives_late_does_not_turn_a_streak_back() -> None:
    assert streak_of(0, 1, 0) == streak_of(0, 1)


def test_windows_begin_on_the_day_the_monday_and_the_first_of_the_month() -> None:
    thursday = MONDAY + 3 * DAY
    assert [window.since(thursday) for window in Window] == [
        thursday,
        MONDAY,
        date(2026, 3, 1),
        None,
    ]


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
