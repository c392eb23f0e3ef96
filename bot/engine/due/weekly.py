"""Post last week's leaderboard in a channel on a weekday."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import boards
from bot.engine.daily_planner import WEEKDAY_NAMES
from bot.engine.days import first_known_zone
from bot.engine.due.base import RowKind
from bot.engine.due.messages import post_once
from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from bot.engine.notifying import notify
from bot.engine.platform import Unpostable
from bot.engine.schedules import Weekly
from bot.engine.screens import ChannelMention, CommandMention, Screen, Tone
from bot.engine.standings import Window

log = logging.getLogger(__name__)

KIND = "weekly"
MAX_DELAY = timedelta(days=1)
"""Post a late board up to this long after it was due; later, wait for next week's."""

WEEK = timedelta(days=7)


class WeeklyBoard(RowKind):
    """Posts last week's boards."""

    name = KIND

    async def do(self, row: DueRow) -> None:
        """Post last week's board and schedule the next."""
        now, channel = self._clock(), row.channel
        weekly = (await self._store.communities.channel_settings(channel)).weekly
        if weekly is None:
            await self._store.due.finish(row)
            return
        everywhere = await self._store.communities.settings(channel.platform, channel.community)
        zone = first_known_zone(everywhere.zone)
        schedule = weekly.schedule(zone.key)
        day: date | None = schedule.date_at(row.at)
        if day and schedule.falls_on(day) and schedule.instant(day) <= now:
            if now - row.at > MAX_DELAY:
                log.warning("a weekly board was not posted on %s: no bot was running", day)
            elif not await self._post(row, weekly, day, zone):
                return
        else:
            # The zone or its rules have changed.
            day = None
        coming = schedule.next_date_after(now, day)
        await self._store.due.finish(row, schedule.instant(coming) if coming else None)

    async def _post(self, row: DueRow, weekly: Weekly, day: date, zone: ZoneInfo) -> bool:
        """Post the board if anyone played; return False if posting had to be turned off."""
        week = Window.WEEK.period(day - WEEK, None) or ""
        everybody = boards.everybody(row.channel)
        found = await boards.first_board(self._store, everybody, week, self._clock(), zone)
        if found is None:
            return True
        members = await boards.check_presence(self._posters, everybody, found.members)
        found = replace(found, members=members)
        waiting = await self._store.boards.awaits_results(everybody, week)
        screen = boards.weekly(found, week, zone, row.at, waiting=waiting)
        try:
            await post_once(self._posters, row, screen)
        except Unpostable as problem:
            await self._switch_off(row, weekly, str(problem))
            return False
        return True

    async def _switch_off(self, row: DueRow, weekly: Weekly, why: str) -> None:
        """Turn posting off, and notify the admin who turned it on."""
        log.warning("switched off a weekly board: %s", why)
        channel = row.channel
        off = NewDue(KIND, channel.id, channel, None)
        chosen = await self._store.communities.channel_settings(channel)
        await self._store.communities.set_channel_settings(
            channel, replace(chosen, weekly=None), due=off
        )
        screen = Screen(
            title="I can't post last week's leaderboard",
            text=(("Where: ", ChannelMention(channel.id)), f"Why: {why}"),
            note=(
                "I've turned it off. To turn it on again: ",
                CommandMention("settings", {"weekly": format_weekly(weekly)}),
            ),
            tone=Tone.PROBLEM,
        )
        await notify(self._posters, channel.platform, channel.community, row.set_by, screen)


def next_due(
    channel: Channel, weekly: Weekly | None, zone: str, now: datetime, user: str
) -> NewDue:
    """The next due row for a channel's weekly setting."""
    schedule = weekly.schedule(zone) if weekly else None
    coming = schedule.next_date_after(now) if schedule else None
    at = schedule.instant(coming) if schedule and coming else None
    return NewDue(KIND, channel.id, channel, at, user)


def format_weekly(weekly: Weekly) -> str:
    """Format the weekly setting the way admins type it."""
    return f"{WEEKDAY_NAMES[weekly.weekday][:3].casefold()} {weekly.at:%H:%M}"
