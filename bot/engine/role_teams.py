"""Teams that follow a platform's roles: everyone with the role is in the team."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.engine.events import Event, Member, Role
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store
from bot.engine.teams import Team
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

CACHE_LIFETIME = timedelta(minutes=1)
"""How long a community's role teams and their members are cached, so that most events need no
look-up."""

MAX_COMMUNITIES = 10_000
"""Communities cached by a process."""


@dataclass(frozen=True, slots=True)
class RoleTeam:
    """A team that follows a role, with the role's user ids unless events carry members' roles."""

    team: int
    role: str
    users: frozenset[str] | None

    def includes(self, event: Event) -> bool:
        """Whether the sender of an event has the role."""
        actor = event.actor
        return self.role in actor.roles if self.users is None else actor.user in self.users


@dataclass(frozen=True, slots=True)
class CommunityTeams:
    """A community's cached role teams, by name; `all` is False if some couldn't be looked up.
    `placed` are the teams that members were put in, by user id."""

    teams: Sequence[RoleTeam] = ()
    all: bool = True
    placed: dict[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """How many people with a role were put in its team, and how many couldn't be looked up;
    `listed` is False if we couldn't find out who has the role."""

    people: int = 0
    missing: int = 0
    listed: bool = True


class RoleTeams:
    """Puts everyone with a role in its team at once, if the platform lists them, and members in the
    teams of their roles whenever they do something."""

    def __init__(self, store: Store, posters: Mapping[str, Poster], clock: Clock) -> None:
        self._store = store
        self._posters = posters
        self._cache = TimedCache[tuple[str, str], CommunityTeams](
            CACHE_LIFETIME.total_seconds(), MAX_COMMUNITIES, lambda: clock().timestamp()
        )

    async def roles(self, member: Member) -> Sequence[Role]:
        """List the roles of the member's community; none if the platform has no roles."""
        poster = self._posters.get(member.platform)
        return await poster.roles(member.community) if poster else ()

    async def bind(self, member: Member, name: str, role: str) -> Placement | None:
        """Let a team follow a role, and put everyone with the role in it, except for those who have
        the role of an earlier team. None if the platform doesn't list them: they're put there as
        they do something."""
        await self._store.teams.bind_role(member, name, role)
        self._cache.drop((member.platform, member.community))
        teams = [each for each in await self._store.teams.all(member) if each.role]
        place = next((n for n, each in enumerate(teams) if each.role == role), None)
        if place is None:
            return None
        *earlier, bound = [await self._look_up(member, each, ()) for each in teams[: place + 1]]
        if bound is None:
            return Placement(listed=False)
        if bound.users is None:
            return None
        people = await self._posters[member.platform].look_up(member.community, bound.users)
        others = {user for each in earlier if each for user in each.users or ()}
        names = {who.user: who.name for who in people if who.plays and who.user not in others}
        await self._store.teams.place(member, bound.team, names, bound.users)
        return Placement(len(names), len(bound.users) - len(people))

    async def unbind(self, member: Member, team: int) -> None:
        """Let a team stop following its role; its members stay."""
        await self._store.teams.unbind_role(member, team)
        self._cache.drop((member.platform, member.community))

    async def follow(self, event: Event) -> None:
        """Put the sender of an event in the team of their role; with several roles, in the first
        team by name."""
        member = event.member
        if not member.community or member.platform not in self._posters:
            return
        known = await self._teams_of(member)
        if not known.teams:
            return
        team = next((each.team for each in known.teams if each.includes(event)), None)
        if team is None and not known.all:
            return
        if known.placed.get(member.user, 0) != team:
            await self._store.teams.follow_role(member, event.actor.name, team)
            known.placed[member.user] = team

    async def _teams_of(self, member: Member) -> CommunityTeams:
        key = member.platform, member.community
        if known := self._cache.get(key):
            return known
        before = self._cache.last(key) or CommunityTeams()
        # Cached before the look-up, so that only one of many concurrent events looks it up.
        stale = self._cache.keep(key, CommunityTeams(before.teams))
        try:
            teams = [each for each in await self._store.teams.all(member) if each.role]
        except Exception:
            log.exception("could not look up the teams that follow roles")
            return stale
        found = [await self._look_up(member, each, before.teams) for each in teams]
        defined = [each for each in found if each]
        fresh = CommunityTeams(defined, len(defined) == len(found))
        # If it was dropped in the meantime, what we've read may be older than that.
        return self._cache.keep(key, fresh) if self._cache.last(key) is stale else fresh

    async def _look_up(
        self, member: Member, team: Team, before: Sequence[RoleTeam]
    ) -> RoleTeam | None:
        """Look up a team's role members; if that fails, keep those of the last look-up."""
        try:
            return RoleTeam(team.id, team.role, await self._users_with(member, team.role))
        except Exception as problem:
            log.warning("could not look up the members of role %s: %s", team.role, problem)
            return next((each for each in before if each.role == team.role), None)

    async def _users_with(self, member: Member, role: str) -> frozenset[str] | None:
        users = await self._posters[member.platform].members_of(member.community, role)
        return None if users is None else frozenset(users)
