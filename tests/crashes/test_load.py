"""The load of the benchmarks, on a small scale: a replica killed, the database restarted."""

from __future__ import annotations

import pytest

from benchmarks.load import Scale, measure


@pytest.mark.long
def test_no_answer_is_lost_or_doubled_under_load() -> None:
    figures = [*measure(Scale(communities=5, presses_a_minute=600, seconds=24))]
    assert len(figures) == 6
