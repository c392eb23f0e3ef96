"""Teams that a platform's roles define: who has the role is in the team."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.engine.events import Event, Member, Role
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store, Team
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

CACHE_LIFETIME = timedelta(minutes=1)
"""How long it is remembered which roles define teams, and who was put into theirs: most events
then cost nothing."""

MAX_COMMUNITIES = 10_000
"""Communities that one process remembers."""


@dataclass(frozen=True, slots=True)
class RoleTeam:
    """A team that a role defines, and the user ids of who has the role where events do not say."""

    team: int
    role: str
    users: frozenset[str] | None

    def includes(self, event: Event) -> bool:
        """Whether who sent the event has the role."""
        actor = event.actor
        return self.role in actor.roles if self.users is None else actor.user in self.users


@dataclass(frozen=True, slots=True)
class CommunityTeams:
    """What is remembered of a community: its teams by their names, whether these are `all` of them,
    and who is in which one."""

    teams: Sequence[RoleTeam] = ()
    all: bool = True
    placed: dict[str, int | None] = field(default_factory=dict)


class RoleTeams:
    """Puts members into the teams of their roles as they come by."""

    def __init__(self, store: Store, posters: Mapping[str, Poster], clock: Clock) -> None:
        self._store = store
        self._posters = posters
        self._known = TimedCache[tuple[str, str], CommunityTeams](
            CACHE_LIFETIME.total_seconds(), MAX_COMMUNITIES, lambda: clock().timestamp()
        )

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
        known = await self._of(member)
        if not known.teams:
            return
        team = next((each.team for each in known.teams if each.includes(event)), None)
        if team is None and not known.all:
            return
        if known.placed.get(member.user, 0) != team:
            await self._store.follow_role(member, event.actor.name, team)
            known.placed[member.user] = team

    async def _of(self, member: Member) -> CommunityTeams:
        key = member.platform, member.community
        if known := self._known.get(key):
            return known
        before = self._known.last(key) or CommunityTeams()
        # Remembered before it is asked for, so that of many who come at once only one asks.
        stale = self._known.keep(key, CommunityTeams(before.teams))
        try:
            teams = [each for each in await self._store.teams(member) if each.role]
        except Exception:
            log.exception("which roles define teams is not known")
            return stale
        found = [await self._defined(member, each, before.teams) for each in teams]
        defined = [each for each in found if each]
        return self._known.keep(key, CommunityTeams(defined, len(defined) == len(found)))

    async def _defined(
        self, member: Member, team: Team, before: Sequence[RoleTeam]
    ) -> RoleTeam | None:
        """A team with who has its role, or had it before where the platform does not say now."""
        try:
            return RoleTeam(team.id, team.role, await self._users(member, team.role))
        except Exception as problem:
            log.warning("who has role %s is not known: %s", team.role, problem)
            return next((each for each in before if each.role == team.role), None)

    async def _users(self, member: Member, role: str) -> frozenset[str] | None:
        users = await self._posters[member.platform].members_of(member.community, role)
        return None if users is None else frozenset(users)
