"""A channel's daily question that is due: a round is made for its date."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.dailies import Daily, DailyClaim
from bot.engine.daily_planner import NO_QUESTIONS, OVER, tell_paused
from bot.engine.due.base import Means
from bot.engine.due.timing import SOON

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Dailies that are claimed in one transaction."""

LATER = timedelta(minutes=1)
"""How long one daily with which something is wrong waits, while the others go on."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A daily that had to be paused when it was due."""

    daily: Daily
    tries: int = 0


class DailyQuestion:
    """Turns dailies that are due into rounds, which are posted as all rounds are: for one a
    minute, a lease and a transaction of its own would cost more than the round. What is left to do
    is to tell of a pause."""

    name = "daily"
    longest_pause = SOON

    def __init__(self, means: Means) -> None:
        self._dailies = means.dailies
        self._posters = means.posters
        self._store = means.store
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Paused]:
        """Make the rounds of all dailies that are due; those that are paused now."""
        paused: list[Paused] = []
        while due := await self._store.dailies.due({platform}, self._clock(), AT_ONCE):
            now = self._clock()
            claims = [await self._claim_safely(each, now) for each in due]
            held = await self._store.dailies.claim(claims, now)
            paused += [
                Paused(replace(each.seen, paused=each.paused))
                for each in claims
                if each.paused and each.seen.id in held
            ]
            if len(held) < AT_ONCE:
                break
        return paused

    async def do(self, row: Paused) -> None:
        """Tell the admin who set it."""
        await tell_paused(self._posters, row.daily)

    async def postpone(self, row: Paused, until: datetime) -> None:
        """It's told once; the channel's settings say it, too."""

    async def _claim_safely(self, daily: Daily, now: datetime) -> DailyClaim:
        """As `_claim`; one with which something is wrong must not keep the others waiting."""
        try:
            return await self._claim(daily, now)
        except Exception:
            log.exception("daily %s waits for another try", daily.id)
            return DailyClaim(daily, daily.next_on, now + LATER)

    async def _claim(self, daily: Daily, now: datetime) -> DailyClaim:
        """What is to be done for a daily that is due: of several dates only the last one counts,
        and only while its question would still be open."""
        schedule = daily.schedule
        first = daily.next_on or schedule.date_at(now)
        dates = [*schedule.due(first, now)]
        if not dates:
            # The rules of its zone have changed, or clocks differ.
            return DailyClaim(daily, first, schedule.instant(first))
        *missed, day = dates
        coming = schedule.next_date(day)
        due = schedule.instant(coming) if coming else None
        if daily.last_on and day <= daily.last_on:
            return DailyClaim(daily, coming, due, paused="" if coming else OVER)
        if schedule.closes_at(day) <= now:
            missed.append(day)
        if missed:
            log.warning(
                "daily %s was not asked on %s: nobody was there to do it",
                daily.id,
                ", ".join(map(str, missed)),
            )
        if day in missed:
            return DailyClaim(daily, coming, due, paused="" if coming else OVER)
        post = await self._dailies.new_post(daily, schedule.closes_at(day))
        if post is None:
            return DailyClaim(daily, paused=NO_QUESTIONS)
        return DailyClaim(daily, coming, due, day, post, paused="" if coming else OVER)
