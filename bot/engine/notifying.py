"""Direct messages that nothing depends on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from bot.engine.platform import Poster
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

NOTIFY_TIMEOUT_SECONDS = 20


async def notify(
    posters: Mapping[str, Poster], platform: str, community: str, user: str, screen: Screen
) -> bool:
    """Send a member a screen as a direct message; False if that fails."""
    poster = posters.get(platform)
    if poster is None or not user:
        return False
    try:
        async with asyncio.timeout(NOTIFY_TIMEOUT_SECONDS):
            await poster.notify(community, user, screen)
    except Exception as problem:
        log.warning("could not send a direct message on %s: %s", platform, problem)
        return False
    return True
