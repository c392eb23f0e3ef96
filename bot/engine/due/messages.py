"""Messages that are due in a channel: each is posted once, however often it's tried."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b

from bot.engine.due.rows import DueRow
from bot.engine.platform import Poster
from bot.engine.screens import Screen

APART = timedelta(minutes=1)
"""How far our clock may be ahead of a platform's."""


async def post_once(posters: Mapping[str, Poster], row: DueRow, screen: Screen) -> None:
    """Post a screen for what is due, unless an earlier try got through. Raises as `Poster.post`
    does."""
    channel = row.channel
    handle = handle_of(row.kind, channel.platform, channel.community, row.key, row.at.isoformat())
    since = row.at - APART if row.tries else None
    await posters[channel.platform].post(channel, screen, handle, since=since)


def handle_of(*parts: str) -> str:
    """What marks a message, so that it can be found: as short as platforms need it."""
    return blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
