"""How long due work may take, and when it's retried."""

from __future__ import annotations

from datetime import timedelta

LEASE = timedelta(seconds=30)
"""How long a replica has for a claimed row before another may claim it."""

STEP_SECONDS = 20
"""The time limit for one row: well within its lease, even if a replica's clock is some seconds
ahead."""

MAX_CLOCK_SKEW = timedelta(minutes=1)
"""How far our clock may be ahead of a platform's."""

RETRY_SECONDS = (2, 5, 10, 30, 60, 120, 300, 600, 1200, 2400, 3600)
"""Pauses before the first retries; the last one repeats."""

MAX_PAUSE_WHILE_WAITING = timedelta(minutes=5)
"""Upper bound of the retry backoff while somebody may be waiting."""


def pause_after(tries: int, longest: timedelta = MAX_PAUSE_WHILE_WAITING) -> timedelta:
    """How long to wait before the next try, given the tries before the last one."""
    pause = RETRY_SECONDS[min(tries, len(RETRY_SECONDS) - 1)]
    return min(timedelta(seconds=pause), longest)
