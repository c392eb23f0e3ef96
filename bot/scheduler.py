"""The heartbeat: APScheduler wakes each replica for what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.engine.channel_rounds import ChannelRounds
from bot.engine.dailies import Dailies

log = logging.getLogger(__name__)

DUE_SECONDS = 0.5
"""How often is looked for what is due: a daily question is made in one turn and posted in the next,
which is to be within two seconds of its minute."""

PREPARE_SECONDS = 30
COUNT_SECONDS = 4
"""How often a message's number of answers may change: often enough to be alive, and far below
what platforms allow."""


def heartbeat(
    rounds: ChannelRounds, dailies: Dailies, platforms: Iterable[str]
) -> AsyncIOScheduler:
    """A scheduler, not started yet, that looks after the rounds in channels and makes those of the
    dailies that are due. Each platform has jobs of its own: one may hang while another goes on."""
    scheduler = AsyncIOScheduler(
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(_steady(dailies.claim), "interval", seconds=DUE_SECONDS)
    for platform in platforms:
        take_up, count = partial(rounds.take_up, platform), partial(rounds.count, platform)
        scheduler.add_job(_steady(take_up), "interval", seconds=DUE_SECONDS)
        scheduler.add_job(_steady(count), "interval", seconds=COUNT_SECONDS)
    # Begun at once: a question may be due before the first interval is over.
    scheduler.add_job(
        _steady(dailies.prepare),
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
