"""Says hello to a community that adds the bot, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.engine.ports import Clock, Store
from bot.engine.screens import CommandMention, Screen

log = logging.getLogger(__name__)

QUIET_PERIOD = timedelta(days=7)
"""A community that removes the bot and adds it again isn't greeted again this soon."""

GREETING_SECONDS = 20

HELLO = Screen(
    title="Hi, I'm Studyhall",
    text=(
        "I turn study notes into questions: one a day for a whole channel, and drills for "
        "yourself. Your answers are private, and leaderboards show who's ahead.",
        (
            "An admin can start a daily question in any channel: ",
            CommandMention("setup"),
        ),
        ("Everyone can practice right away: ", CommandMention("drill")),
    ),
    note=("See everything you can do: ", CommandMention("help")),
)


async def greet(
    store: Store,
    clock: Clock,
    platform: str,
    community: str,
    send: Callable[[Screen], Awaitable[object]],
) -> None:
    """Send the greeting, unless the community got it in the last few days. Never raises: nothing
    depends on it."""
    key, now = f"greeted-{platform}-{community}", clock()
    try:
        before = await store.settings.get(key)
        if before and now - datetime.fromisoformat(before) < QUIET_PERIOD:
            return
        async with asyncio.timeout(GREETING_SECONDS):
            await send(HELLO)
        await store.settings.set(key, now.isoformat())
    except Exception as problem:
        log.warning("could not greet %s community %s: %r", platform, community, problem)
