"""Teams that a platform's roles define: who has the role is in the team."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.engine.events import Event, Member, Role
from bot.engine.ports import Clock, Poster, Store

K = TypeVar("K")
V = TypeVar("V")
log = logging.getLogger(__name__)

FRESH = timedelta(minutes=1)
"""How long it is remembered which roles define teams: most events then cost nothing."""

MOST = 10_000
"""Communities, and members, that one process remembers."""


@dataclass(frozen=True, slots=True)
class Defined:
    """A team that a role defines, and the user ids of who has the role where events do not say."""

    team: int
    role: str
    users: frozenset[str] | None

    def includes(self, event: Event) -> bool:
        """Whether who sent the event has the role."""
        actor = event.actor
        return self.role in actor.roles if self.users is None else actor.user in self.users


class RoleTeams:
    """Puts members into the teams of their roles as they come by."""

    def __init__(self, store: Store, posters: Mapping[str, Poster], clock: Clock) -> None:
        self._store = store
        self._posters = posters
        self._clock = clock
        self._known: OrderedDict[tuple[str, str], tuple[datetime, tuple[Defined, ...]]] = (
            OrderedDict()
        )
        self._placed: OrderedDict[Member, int | None] = OrderedDict()

    async def roles(self, member: Member) -> Sequence[Role]:
        """The roles of the member's community; none where the platform has none."""
        poster = self._posters.get(member.platform)
        return await poster.roles(member.community) if poster else ()

    async def follow(self, event: Event) -> None:
        """Let who sent the event be in the team of their role: the first by its name, where they
        have several such roles."""
        member = event.member
        if not member.community or member.platform not in self._posters:
            return
        defined = await self._defined(member)
        if not defined:
            return
        team = next((each.team for each in defined if each.includes(event)), None)
        if self._placed.get(member, 0) == team:
            return
        await self._store.follow_role(member, event.actor.name, team)
        _remember(self._placed, member, team)

    async def _defined(self, member: Member) -> tuple[Defined, ...]:
        """The teams of the community that roles define, by their names."""
        key, now = (member.platform, member.community), self._clock()
        until, known = self._known.get(key, (now, ()))
        if now < until:
            return known
        # Before it is asked for, so that of many who come at once only one asks.
        _remember(self._known, key, (now + FRESH, known))
        teams = await self._store.teams(member)
        try:
            defined = tuple(
                [
                    Defined(each.id, each.role, await self._users(member, each.role))
                    for each in teams
                    if each.role
                ]
            )
        except Exception:
            log.exception("who has which role is not known")
            return known
        if defined != known:
            for each in [who for who in self._placed if (who.platform, who.community) == key]:
                del self._placed[each]
        _remember(self._known, key, (now + FRESH, defined))
        return defined

    async def _users(self, member: Member, role: str) -> frozenset[str] | None:
        users = await self._posters[member.platform].members_of(member.community, role)
        return None if users is None else frozenset(users)


def _remember(kept: OrderedDict[K, V], key: K, value: V) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > MOST:
        kept.popitem(last=False)
