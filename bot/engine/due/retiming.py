"""When things are due after a community has chosen another time zone: on the same dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.communities import CommunitySettings
from bot.engine.due import season, weekly
from bot.engine.due.rows import DueRow
from bot.engine.due.season import end_of
from bot.engine.ports import Store


async def moved(
    store: Store,
    platform: str,
    community: str,
    settings: CommunitySettings,
    before: str,
    after: str,
) -> Sequence[tuple[DueRow, datetime]]:
    """What is due at another instant in the zone `after` than in the one `before`."""
    rows = await store.due.of_community(platform, community)
    times = [(row, await _time(store, row, settings, before, after)) for row in rows]
    return [(row, at) for row, at in times if at and at != row.at]


async def _time(
    store: Store, row: DueRow, settings: CommunitySettings, before: str, after: str
) -> datetime | None:
    """When a row is due in another zone; None where zones don't matter to it."""
    running = settings.season
    match row.kind:
        case weekly.KIND:
            chosen = (await store.communities.channel_settings(row.channel)).weekly
            day = chosen.schedule(before).date_at(row.at) if chosen else None
            return chosen.schedule(after).instant(day) if chosen and day else None
        case season.KIND if running and str(running.id) == row.key:
            return end_of(running, after)
        case _:
            return None
