"""Post due messages once, however often posting is tried."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from bot.engine.due.rows import DueRow
from bot.engine.due.timing import MAX_CLOCK_SKEW
from bot.engine.platform import Poster
from bot.engine.screens import Screen


async def post_once(posters: Mapping[str, Poster], row: DueRow, screen: Screen) -> None:
    """Post a due row's screen, unless an earlier try got through. Raises what `Poster.post`
    does."""
    channel = row.channel
    handle = make_handle(row.kind, channel.platform, channel.community, row.key, row.at.isoformat())
    since = row.at - MAX_CLOCK_SKEW if row.tries else None
    await posters[channel.platform].post(channel, screen, handle, since=since)


def make_handle(*parts: str) -> str:
    """Make a handle for finding a message, short enough for every platform."""
    return blake2b("\0".join(parts).encode(), digest_size=10).hexdigest()
