"""Times of day, weekdays and dates are read as people write them; errors name the rest."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.commands.dates import dates_of, in_ranges
from bot.engine.commands.times import Said, Unread, time_of, weekdays_of

TODAY = date(2026, 11, 30)
"""A Monday."""


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("9", time(9)),
        ("09:30", time(9, 30)),
        ("17.05", time(17, 5)),
        ("9am", time(9)),
        ("12 am", time(0)),
        ("12pm", time(12)),
        ("5:30 PM", time(17, 30)),
        ("9 p.m.", time(21)),
        ("9.15 P.M.", time(21, 15)),
        ("0900", time(9)),
        ("930", time(9, 30)),
        ("9h30", time(9, 30)),
        ("21h", time(21)),
        ("09:00:00", time(9)),
        ("9 o'clock", time(9)),
        ("at 9pm", time(21)),
        ("noon", time(12)),
        ("Midnight", time(0)),
        ("\uff19\uff1a\uff10\uff10", time(9)),
    ],
)
def test_times_are_read_as_people_type_them(said: str, meant: time) -> None:
    assert time_of(said) == Said(meant)


@pytest.mark.parametrize(
    ("said", "meant", "zone"),
    [
        ("9:00 Berlin", time(9), "Berlin"),
        ("9 p.m. New York", time(21), "New York"),
        ("9am, EST", time(9), "EST"),
        ("9 Amsterdam", time(9), "Amsterdam"),
        ("21h (Paris)", time(21), "Paris"),
        ("noon UTC+2", time(12), "UTC+2"),
        ("09:00+02:00", time(9), "+02:00"),
        ("09:00Z", time(9), "Z"),
    ],
)
def test_a_time_may_be_followed_by_its_zone(said: str, meant: time, zone: str) -> None:
    assert time_of(said) == Said(meant, zone)


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("24:00", "24:00"),
        ("13pm", "13pm"),
        ("0am", "0am"),
        ("25:00 Berlin", "25:00"),
        ("9:60", "9:60"),
        ("9:5", "9:5"),
        ("9 - 10", "- 10"),
        ("2026-12-24", "2026-12-24"),
        ("noonish", "noonish"),
        ("early", "early"),
        ("", ""),
    ],
)
def test_a_time_that_is_none_is_named(said: str, unread: str) -> None:
    assert time_of(said) == Unread(unread)


@given(st.times())
def test_a_time_reads_back_however_it_was_written(at: time) -> None:
    at = at.replace(second=0, microsecond=0)
    for written in ("%H:%M", "%H.%M", "%H%M", "%Hh%M", "%I:%M %p", "%H:%M:%S"):
        assert time_of(at.strftime(written)) == Said(at)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("", {0, 1, 2, 3, 4, 5, 6}),
        ("every day", {0, 1, 2, 3, 4, 5, 6}),
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("mon\u2013fri", {0, 1, 2, 3, 4}),
        ("Mon \u2014 Fri", {0, 1, 2, 3, 4}),
        ("mo-fr", {0, 1, 2, 3, 4}),
        ("monday to friday", {0, 1, 2, 3, 4}),
        ("Monday through Thursday", {0, 1, 2, 3}),
        ("mon..wed", {0, 1, 2}),
        ("fri - mon", {4, 5, 6, 0}),
        ("monday, wed and friday", {0, 2, 4}),
        ("mon/wed/fri", {0, 2, 4}),
        ("mon wed", {0, 2}),
        ("Tues & Thurs.", {1, 3}),
        ("weds", {2}),
        ("on Mondays", {0}),
        ("every tuesday", {1}),
        ("weekend", {5, 6}),
        ("weekends", {5, 6}),
        ("weekdays, sat", {0, 1, 2, 3, 4, 5}),
        ("every day except sunday", {0, 1, 2, 3, 4, 5}),
    ],
)
def test_weekdays_are_read_as_people_type_them(said: str, meant: set[int]) -> None:
    assert weekdays_of(said) == frozenset(meant)


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("t", "t"),
        ("mon,,", "mon,,"),
        ("mon, funday", "funday"),
        ("mon-fun", "fun"),
        ("every day except mon-sun", "every day except mon-sun"),
    ],
)
def test_weekdays_that_are_none_are_named(said: str, unread: str) -> None:
    assert weekdays_of(said) == Unread(unread)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-12-24", "2026-12-24"),
        ("2026-12-24..2027-01-01, 2027-05-01", "2026-12-24 to 2027-01-01, 2027-05-01"),
        ("2026-12-24 to 2026-12-26", "2026-12-24 to 2026-12-26"),
        ("2026-12-24 \u2013 2026-12-26", "2026-12-24 to 2026-12-26"),
        ("2026-12-24-2026-12-26", "2026-12-24 to 2026-12-26"),
        ("2026-1-1", "2026-01-01"),
        ("2026/12/24", "2026-12-24"),
        ("20261224", "2026-12-24"),
        ("24.12.2026", "2026-12-24"),
        ("24.12.26", "2026-12-24"),
        ("24.12.", "2026-12-24"),
        ("5.3.", "2027-03-05"),
        ("24.-26.12.", "2026-12-24 to 2026-12-26"),
        ("24.12.-2.1.", "2026-12-24 to 2027-01-02"),
        ("12/24", "2026-12-24"),
        ("24/12/2026", "2026-12-24"),
        ("12/12", "2026-12-12"),
        ("12/24-12/26", "2026-12-24 to 2026-12-26"),
        ("Dec 24", "2026-12-24"),
        ("24 December", "2026-12-24"),
        ("24th of december", "2026-12-24"),
        ("December 24th, 2027", "2027-12-24"),
        ("Dec 24, 2026 to Jan 2, 2027", "2026-12-24 to 2027-01-02"),
        ("Dec 24-26", "2026-12-24 to 2026-12-26"),
        ("24-26 Dec", "2026-12-24 to 2026-12-26"),
        ("Dec 24, 26 and 28", "2026-12-24, 2026-12-26, 2026-12-28"),
        ("Dec 24 until Jan 2", "2026-12-24 to 2027-01-02"),
        ("Thursday, Dec 24", "2026-12-24"),
        ("29 Feb", "2028-02-29"),
        ("today", "2026-11-30"),
        ("tomorrow", "2026-12-01"),
        ("day after tomorrow", "2026-12-02"),
        ("monday", "2026-11-30"),
        ("next monday", "2026-12-07"),
        ("fri", "2026-12-04"),
        ("tomorrow to friday", "2026-12-01 to 2026-12-04"),
        ("this weekend", "2026-12-05 to 2026-12-06"),
        ("next week", "2026-12-07 to 2026-12-13"),
    ],
)
def test_dates_are_read_as_people_type_them(said: str, meant: str) -> None:
    dates = dates_of(said, TODAY)
    assert not isinstance(dates, Unread)
    assert in_ranges(dates) == meant


@pytest.mark.parametrize(
    ("said", "unread"),
    [
        ("2026-02-30", "2026-02-30"),
        ("30 Feb", "30 feb"),
        ("0000-12-24", "0000-12-24"),
        ("2026-01-02..2026-01-01", "2026-01-02 to 2026-01-01"),
        ("2026-12-24..2028-12-24", "2026-12-24 to 2028-12-24"),
        ("3/4", "3/4"),
        ("03-04-2027", "03-04-2027"),
        ("Dec 24, 3/4", "3/4"),
        ("Friday 24 Dec", "friday 24 dec"),
        ("Dec 24 sometime", "sometime"),
        ("xmas", "xmas"),
        ("24", "24"),
        ("2026-12-24,", "2026-12-24,"),
        ("", ""),
    ],
)
def test_dates_that_are_none_are_not_guessed(said: str, unread: str) -> None:
    dates = dates_of(said, TODAY)
    assert isinstance(dates, Unread)
    assert dates.words == unread


@given(st.text("0123456789-./, abcdefmnotuy", max_size=40), st.text(max_size=40))
def test_any_text_is_read_or_named(likely: str, any_: str) -> None:
    for text in (likely, any_):
        time_of(text)
        weekdays_of(text)
        dates_of(text, TODAY)


@pytest.mark.parametrize("text", ["-" * 9000, "1-" * 4500, "mon " * 9000, "2026-12-24, " * 900])
def test_a_very_long_text_is_refused_at_once(text: str) -> None:
    dates = dates_of(text, TODAY)
    assert len(str(dates)) < 200
    assert isinstance(dates, Unread)


def test_a_date_that_can_be_two_is_told_with_both() -> None:
    assert "03 April or 04 March: write 2027-04-03 or 2027-03-04" in str(dates_of("3/4", TODAY))


@given(st.dates(TODAY, TODAY + timedelta(days=400)), st.integers(0, 300))
def test_dates_read_back_however_they_were_written(first: date, more: int) -> None:
    last = first + timedelta(days=more)
    for written in ("%Y-%m-%d", "%d.%m.%Y", "%B %d, %Y", "%d %b %Y", "%Y/%m/%d", "%A %d %B %Y"):
        one, other = first.strftime(written), last.strftime(written)
        assert dates_of(one, TODAY) == [first]
        for to in (" to ", "..", " - ", "\u2013"):
            dates = dates_of(f"{one}{to}{other}", TODAY)
            assert isinstance(dates, list), dates
            assert (dates[0], dates[-1], len(dates)) == (first, last, more + 1)
