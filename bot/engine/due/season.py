"""Planned ends of seasons: start the next one and post the podium."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.engine import boards
from bot.engine.days import DAY, first_known_zone
from bot.engine.due.base import RowKind
from bot.engine.due.messages import post_once
from bot.engine.due.rows import DueRow
from bot.engine.notifying import notify
from bot.engine.platform import Unpostable
from bot.engine.schedules import to_utc
from bot.engine.screens import ChannelMention, CommandMention, Screen, Tone
from bot.engine.seasons import Season

log = logging.getLogger(__name__)

KIND = "season"
RECHECK_AFTER = timedelta(minutes=5)
"""How often to check whether questions are still open."""

MAX_WAIT_FOR_RESULTS = timedelta(days=1)
"""The longest a podium waits for the results of open questions."""


class SeasonEnds(RowKind):
    """Ends seasons."""

    name = KIND

    async def do(self, row: DueRow) -> None:
        """End the season, and post its podium once no result can change it."""
        now, channel = self._clock(), row.channel
        settings = await self._store.communities.settings(channel.platform, channel.community)
        zone, running = first_known_zone(settings.zone), settings.season
        end = end_of(running, zone.key) if running and str(running.id) == row.key else None
        if end and end > now:
            # The zone or its rules have changed.
            await self._store.due.finish(row, end)
            return
        season = await self._store.seasons.end(row, now)
        if season is None:
            await self._store.due.finish(row)
            return
        everybody = boards.everybody(channel)
        waiting = await self._store.boards.awaits_results(everybody, season.period)
        if waiting and now - row.at < MAX_WAIT_FOR_RESULTS:
            await self._store.due.postpone(row, now + RECHECK_AFTER)
            return
        found = await boards.first_board(self._store, everybody, season.period, now, zone)
        best = boards.podium(found) if found else None
        if best:
            members = await boards.check_presence(self._posters, everybody, best.members)
            best = replace(best, members=members)
        try:
            await post_once(self._posters, row, boards.closing(season, best, row.at))
        except Unpostable as problem:
            await self._tell(row, season, str(problem))
        await self._store.due.finish(row)

    async def _tell(self, row: DueRow, season: Season, why: str) -> None:
        """Notify the admin who planned the end that the podium wasn't posted."""
        log.warning("could not post the podium of season %s: %s", season.id, why)
        channel = row.channel
        screen = Screen(
            title=f"{season.name} is over, but I can't post its podium",
            text=(("Where: ", ChannelMention(channel.id)), f"Why: {why}"),
            note=("All points are saved. To see who won: ", CommandMention("season list")),
            tone=Tone.PROBLEM,
        )
        await notify(self._posters, channel.platform, channel.community, row.set_by, screen)


def end_of(season: Season, zone: str) -> datetime | None:
    """When a season's last day ends in a zone; None if no end is planned."""
    return to_utc(season.ends_on + DAY, time.min, zone) if season.ends_on else None
