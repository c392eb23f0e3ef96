"""What a cache keeps, for how long, and how many entries."""

from __future__ import annotations

from bot.engine.timed_cache import TimedCache


def test_what_is_remembered_holds_for_a_while_and_is_not_more_than_so_much() -> None:
    now = [0.0]
    known = TimedCache[str, int](60, 2, clock=lambda: now[0])
    for place, name in enumerate(("a", "b", "c")):
        known.keep(name, place)
    assert [known.get(name) for name in ("a", "b", "c")] == [None, 1, 2]
    now[0] = 30
    known.keep("b", 7)
    now[0] = 60
    assert [known.get(name) for name in ("b", "c")] == [7, None]
    assert [known.last(name) for name in ("a", "b", "c")] == [None, 7, 2]
