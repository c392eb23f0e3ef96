"""The scheduler: runs due work on each replica, by APScheduler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.desk import Desk
from bot.engine.processes import BEAT_SECONDS
from bot.pulse import Pulse

log = logging.getLogger(__name__)

DUE_SECONDS = 0.5
"""How often to look for due work: a daily question must appear within two seconds of its minute."""

PREPARE_SECONDS = 30
RETIME_SECONDS = 3600
COUNT_SECONDS = 4
"""How often a message's answer count is updated: often enough to look alive, and far below the
platforms' rate limits."""


def build_scheduler(
    desk: Desk, platforms: Iterable[str], pulse: Pulse | None = None
) -> AsyncIOScheduler:
    """A scheduler, not started yet, that runs due work, updates messages and keeps the pulse. Each
    platform has its own jobs, so that one can hang without the others."""
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for platform in platforms:
        dispatch = partial(desk.clockwork.dispatch, platform)
        count = partial(desk.rounds.count, platform)
        scheduler.add_job(_guard(dispatch), "interval", seconds=DUE_SECONDS)
        scheduler.add_job(_guard(count), "interval", seconds=COUNT_SECONDS)
    scheduler.add_job(_guard(desk.dailies.retime), "interval", seconds=RETIME_SECONDS)
    # These run at once: a question may be due before the first interval ends.
    at_once = [(desk.dailies.prepare, PREPARE_SECONDS)]
    at_once += [(pulse.beat, BEAT_SECONDS)] if pulse else []
    for job, seconds in at_once:
        scheduler.add_job(_guard(job), "interval", seconds=seconds, next_run_time=datetime.now(UTC))
    return scheduler


def _guard(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The job, logged once when it starts to fail and once when it recovers."""
    failing = False

    async def run() -> None:
        nonlocal failing
        try:
            await job()
        except asyncio.CancelledError:
            # The scheduler is stopping, and would log this as an error.
            return
        except Exception as problem:
            if not failing:
                log.exception("scheduler job failing, will retry: %s", problem)
            failing = True
        else:
            if failing:
                log.info("scheduler job recovered")
            failing = False

    return run
