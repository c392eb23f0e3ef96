"""Managers: who may change things in a community, besides its admins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.engine.events import Event, Member
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

CACHE_LIFETIME = timedelta(minutes=1)
"""How long a role's members are cached, and so how long somebody who lost it may still manage."""

MAX_ROLES = 10_000
"""Roles cached by a process."""

TRY_AGAIN = "I couldn't check whether you're a manager here. Try again in a moment."


@dataclass(slots=True)
class ManagerCheck:
    """Whether an event's sender may do what managers may: looked up when it's first asked, as most
    events never ask. `failed` if the look-up did; then they may not."""

    event: Event
    lookup: Callable[[Event], Awaitable[bool]]
    answer: bool | None = None
    failed: bool = False

    async def check(self) -> bool:
        """Whether they may."""
        if self.answer is None:
            try:
                self.answer = await self.lookup(self.event)
            except Exception as problem:
                log.warning("could not look up managers: %r", problem)
                self.answer, self.failed = False, True
        return self.answer


class ManagerLookup:
    """Knows who manages a community: its admins, and whoever they chose."""

    def __init__(self, store: Store, posters: Mapping[str, Poster], clock: Clock) -> None:
        self._store = store
        self._posters = posters
        self._lookups = TimedCache[tuple[str, str, str], asyncio.Future[Sequence[str] | None]](
            CACHE_LIFETIME.total_seconds(), MAX_ROLES, lambda: clock().timestamp()
        )

    def about(self, event: Event) -> ManagerCheck:
        """Prepare the check of an event's sender."""
        return ManagerCheck(event, self._manages)

    async def _manages(self, event: Event) -> bool:
        actor, member = event.actor, event.member
        if not member.community:
            return False
        if actor.admin:
            return True
        settings = await self._store.communities.settings(member.platform, member.community)
        chosen = settings.managers
        if actor.user in chosen.users:
            return True
        if not chosen.role:
            return False
        users = await self._users_with(member, chosen.role)
        return chosen.role in actor.roles if users is None else actor.user in users

    async def _users_with(self, member: Member, role: str) -> Sequence[str] | None:
        """The user ids of a role's members; None if events carry their sender's roles. Events that
        ask at the same time share one look-up."""
        key = member.platform, member.community, role
        lookup = self._lookups.get(key)
        if lookup is None:
            poster = self._posters[member.platform]
            found = poster.members_of(member.community, role)
            lookup = self._lookups.keep(key, asyncio.ensure_future(found))
        try:
            return await asyncio.shield(lookup)
        except Exception:
            self._lookups.drop(key)
            raise
