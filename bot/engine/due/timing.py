"""How long what happens at a time may take, and when it's tried again."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(seconds=30)
"""How long a replica has for what it claimed, before another one may claim it."""

STEP_SECONDS = 20
"""When one thing is broken off: well before its lease is over, even by the clock of a replica that
is some seconds ahead."""

RETRY_SECONDS = (2, 5, 10, 30, 60, 120, 300, 600, 1200, 2400, 3600)
"""Pauses before the next tries; the last one before all others, too."""

SOON = timedelta(minutes=5)
"""The longest pause where somebody may be waiting."""


def pause_after(tries: int, longest: timedelta = SOON) -> timedelta:
    """How long to wait before the next try, after so many that failed before the last one."""
    pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
    return min(timedelta(seconds=pause), longest)
