"""The planned end of a season: the next one begins, and the podium is posted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.engine import boards
from bot.engine.days import DAY, first_known_zone
from bot.engine.due.base import Means
from bot.engine.due.messages import post_once
from bot.engine.due.rows import DueRow
from bot.engine.notifying import notify
from bot.engine.platform import Unpostable
from bot.engine.schedules import to_utc
from bot.engine.screens import ChannelMention, CommandMention, Screen, Tone
from bot.engine.seasons import Season

log = logging.getLogger(__name__)

KIND = "season"
OPEN = timedelta(minutes=5)
"""How long to wait before it's looked again whether questions are still open."""

PATIENCE = timedelta(days=1)
"""How long a podium waits for the results of questions that were open at a season's end."""


class SeasonEnds:
    """Ends seasons."""

    name = KIND
    longest_pause = timedelta(hours=1)

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._posters = means.posters
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Seasons whose last day is over."""
        return await self._store.due.claim(KIND, platform, now, lease_until, limit)

    async def do(self, row: DueRow) -> None:
        """End the season, and post its podium once no result can change it any more."""
        now, channel = self._clock(), row.channel
        settings = await self._store.communities.settings(channel.platform, channel.community)
        zone, running = first_known_zone(settings.zone), settings.season
        end = end_of(running, zone.key) if running and str(running.id) == row.key else None
        if end and end > now:
            # The rules of its zone have changed, or its zone while it was due.
            await self._store.due.finish(row, end)
            return
        season = await self._store.seasons.end(row, now)
        if season is None:
            await self._store.due.finish(row)
            return
        everybody = boards.everybody(channel)
        waiting = await self._store.boards.awaits_results(everybody, season.period)
        if waiting and now - row.at < PATIENCE:
            await self._store.due.postpone(row, now + OPEN)
            return
        found = await boards.first_board(self._store, everybody, season.period, now, zone)
        try:
            await post_once(self._posters, row, boards.closing(season, found, row.at))
        except Unpostable as problem:
            await self._tell(row, season, str(problem))
        await self._store.due.finish(row)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Try again then."""
        await self._store.due.postpone(row, until)

    async def _tell(self, row: DueRow, season: Season, why: str) -> None:
        """Tell who planned the end that it was not posted."""
        log.warning("the podium of season %s can't be posted: %s", season.id, why)
        channel = row.channel
        screen = Screen(
            title=f"{season.name} is over, but its podium can't be posted",
            text=(("Where: ", ChannelMention(channel.id)), f"Why: {why}"),
            note=("All points are kept. To see who won: ", CommandMention("season list")),
            tone=Tone.PROBLEM,
        )
        await notify(self._posters, channel.platform, channel.community, row.set_by, screen)


def end_of(season: Season, zone: str) -> datetime | None:
    """The instant after a season's last day in a zone; None where no end is planned."""
    return to_utc(season.ends_on + DAY, time.min, zone) if season.ends_on else None
