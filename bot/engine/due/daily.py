"""Due daily questions: create a round for each date."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.dailies import Daily, DailyClaim
from bot.engine.daily_planner import ALL_SKIPPED, NO_QUESTIONS, notify_paused
from bot.engine.due.base import Means
from bot.engine.due.timing import MAX_PAUSE_WHILE_WAITING

log = logging.getLogger(__name__)

CLAIMS_PER_TRANSACTION = 500
"""How many dailies one transaction claims."""

PAUSE_AFTER_ERROR = timedelta(minutes=1)
"""How long a failing daily waits, while the others go on."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A daily that was paused when it was due."""

    daily: Daily
    tries: int = 0


class DailyQuestion:
    """Turns due dailies into rounds, which are posted like all rounds. A lease and a transaction
    for each would cost more than the round itself, so claiming does it all, except for notifying
    admins of a pause."""

    name = "daily"
    longest_pause = MAX_PAUSE_WHILE_WAITING

    def __init__(self, means: Means) -> None:
        self._dailies = means.dailies
        self._posters = means.posters
        self._store = means.store
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Paused]:
        """Create the rounds of all due dailies; return those that were paused."""
        paused: list[Paused] = []
        while due := await self._store.dailies.due(
            {platform}, self._clock(), CLAIMS_PER_TRANSACTION
        ):
            now = self._clock()
            claims = [await self._claim_safely(each, now) for each in due]
            held = await self._store.dailies.claim(claims, now)
            paused += [
                Paused(replace(each.seen, paused=each.paused))
                for each in claims
                if each.paused and each.seen.id in held
            ]
            if len(held) < CLAIMS_PER_TRANSACTION:
                break
        return paused

    async def do(self, row: Paused) -> None:
        """Notify the admin who set it."""
        await notify_paused(self._posters, row.daily)

    async def postpone(self, row: Paused, until: datetime) -> None:
        """Don't retry: `daily show` shows the pause, too."""

    async def _claim_safely(self, daily: Daily, now: datetime) -> DailyClaim:
        """Like `_claim`, but a failing daily doesn't keep the others waiting."""
        try:
            return await self._claim(daily, now)
        except Exception:
            log.exception("could not claim daily %s, will retry", daily.id)
            return DailyClaim(daily, daily.next_on, now + PAUSE_AFTER_ERROR)

    async def _claim(self, daily: Daily, now: datetime) -> DailyClaim:
        """Decide what to do for a due daily: of several dates, ask only the last one, and only
        while its question would still be open."""
        schedule = daily.schedule
        first = daily.next_on or schedule.date_at(now)
        dates = [*schedule.due(first, now)]
        if not dates:
            # The zone's rules have changed, or clocks differ.
            return DailyClaim(daily, first, schedule.instant(first))
        *missed, day = dates
        coming = schedule.next_date(day)
        due = schedule.instant(coming) if coming else None
        if daily.last_on and day <= daily.last_on:
            return DailyClaim(daily, coming, due, paused="" if coming else ALL_SKIPPED)
        if schedule.closes_at(day) <= now:
            missed.append(day)
        if missed:
            log.warning(
                "daily %s was not asked on %s: no bot was running",
                daily.id,
                ", ".join(map(str, missed)),
            )
        if day in missed:
            return DailyClaim(daily, coming, due, paused="" if coming else ALL_SKIPPED)
        post = await self._dailies.new_post(daily, schedule.closes_at(day))
        if post is None:
            return DailyClaim(daily, paused=NO_QUESTIONS)
        return DailyClaim(daily, coming, due, day, post, paused="" if coming else ALL_SKIPPED)
