"""Charts, and their sentences for screen readers."""

from __future__ import annotations

from typing import Any

from bot.engine import charts
from bot.engine.actions import MAX_ACTION_BYTES, MAX_NUMBERS, encode
from bot.engine.commands import press_of
from bot.engine.commands.leaderboard import DrawBoard


def line(rank: int, name: str, points: int) -> dict[str, Any]:
    return {"rank": rank, "name": name, "points": points}


def test_equal_points_share_their_rank_and_the_own_bar_is_marked_in_words() -> None:
    ann, bob = line(1, "Ann", 20), line(1, "Bob", 20)
    chart = charts.chart_standings("This week", {"by": "members", "lines": [ann, bob], "own": bob})
    assert chart is not None
    assert [(bar.place, bar.own) for bar in chart.bars] == [("1", ""), ("1", "you")]
    assert chart.alt == "Bar chart. This week: 1. Ann, 20 points; 1. Bob (you), 20 points."


def test_the_own_line_is_drawn_even_if_it_is_on_another_page() -> None:
    first, own = line(1, "Ann", 2000), line(12, "Bob", 1)
    chart = charts.chart_standings("Teams", {"by": "teams", "lines": [first], "own": own})
    assert chart is not None
    assert [bar.note for bar in chart.bars] == ["2,000 points", "1 point"]
    assert [bar.own for bar in chart.bars] == ["", "yours"]


def test_nothing_is_drawn_of_an_empty_board() -> None:
    assert charts.chart_standings("Today", {"by": "members", "lines": [], "own": None}) is None


def test_progress_tells_what_was_seen_from_what_was_right() -> None:
    chapter = {"title": "Design", "right": 3, "seen": 5, "questions": 20}
    chart = charts.chart_progress([chapter])
    (bar,) = chart.bars
    assert (bar.parts, bar.total) == ((3, 2), 20)
    assert "Design, 5 of 20 questions seen and 3 right when last asked" in chart.alt


def test_a_picture_of_any_page_fits_into_a_control() -> None:
    action = DrawBoard("today", "members", "channel", MAX_NUMBERS["Page"])
    text = encode(action)
    assert len(text.encode()) <= MAX_ACTION_BYTES
    assert press_of(text)[1] == action
