"""The heartbeat: APScheduler wakes each replica for what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.desk import Desk

log = logging.getLogger(__name__)

DUE_SECONDS = 0.5
"""How often is looked for what is due: a daily question is to be posted within two seconds of its
minute."""

PREPARE_SECONDS = 30
RETIME_SECONDS = 3600
COUNT_SECONDS = 4
"""How often a message's number of answers may change: often enough to be alive, and far below
what platforms allow."""


def heartbeat(desk: Desk, platforms: Iterable[str]) -> AsyncIOScheduler:
    """A scheduler, not started yet, that does what is due and keeps messages fresh. Each platform
    has jobs of its own: one may hang while another goes on."""
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for platform in platforms:
        dispatch = partial(desk.clockwork.dispatch, platform)
        count = partial(desk.rounds.count, platform)
        scheduler.add_job(_steady(dispatch), "interval", seconds=DUE_SECONDS)
        scheduler.add_job(_steady(count), "interval", seconds=COUNT_SECONDS)
    scheduler.add_job(_steady(desk.dailies.retime), "interval", seconds=RETIME_SECONDS)
    # Begun at once: a question may be due before the first interval is over.
    scheduler.add_job(
        _steady(desk.dailies.prepare),
        "interval",
        seconds=PREPARE_SECONDS,
        next_run_time=datetime.now(UTC),
    )
    return scheduler


def _steady(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """The job, with a line in the log when it begins to fail and when it works again."""
    failing = False

    async def run() -> None:
        nonlocal failing
        try:
            await job()
        except asyncio.CancelledError:
            # The scheduler stops. It would log this as a failure, and nobody else waits for it.
            return
        except Exception as problem:
            if not failing:
                log.exception("the heartbeat fails, and goes on trying: %s", problem)
            failing = True
        else:
            if failing:
                log.info("the heartbeat works again")
            failing = False

    return run
