"""Looks up which members are still there: quickly, and rarely."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from time import monotonic

from bot.engine.platform import Presence
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

DAY_SECONDS, MAX_MEMBERS = 86_400.0, 20_000
"""How long a member's presence is cached, and for how many members."""

MAX_WAIT_SECONDS = 1.0
"""How long a leaderboard waits for look-ups."""

LookUp = Callable[[str, str], Awaitable[Presence]]
"""Asks the platform for a member's presence, by community and user. Raises anything if it can't
tell."""


class PresenceCache:
    """Members' presence by community and user."""

    def __init__(self, look_up: LookUp, clock: Callable[[], float] = monotonic) -> None:
        self._look_up = look_up
        self._known = TimedCache[tuple[str, str], Presence](DAY_SECONDS, MAX_MEMBERS, clock)
        self._asking: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def of(self, community: str, users: Collection[str]) -> Mapping[str, Presence]:
        """The presence of members, without those that we don't know in time."""
        asked = [self._ask(community, user) for user in users if not self._get(community, user)]
        if asked:
            # Never canceled: the Discord library would keep a global rate limit forever. What
            # arrives later is there for the next page.
            await asyncio.wait(asked, timeout=MAX_WAIT_SECONDS)
        found = {user: self._get(community, user) for user in users}
        return {user: presence for user, presence in found.items() if presence}

    def forget(self, community: str, user: str) -> None:
        """Drop what we know about a member who has changed."""
        self._known.drop((community, user))

    def _get(self, community: str, user: str) -> Presence | None:
        return self._known.get((community, user))

    def _ask(self, community: str, user: str) -> asyncio.Task[None]:
        """The look-up of a member, of which only one runs at a time."""
        key = community, user
        if key not in self._asking:
            task = self._asking[key] = asyncio.create_task(self._fetch(community, user))
            task.add_done_callback(lambda _: self._asking.pop(key))
        return self._asking[key]

    async def _fetch(self, community: str, user: str) -> None:
        try:
            self._known.keep((community, user), await self._look_up(community, user))
        except Exception as problem:
            log.warning("could not look up a member: %r", problem)
