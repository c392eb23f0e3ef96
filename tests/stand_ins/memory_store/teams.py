from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine.events import Member
from bot.engine.teams import JoinOutcome, Team, TeamCandidate
from tests.stand_ins.memory_store.state import State, same_community


class Teams:
    def __init__(self, state: State) -> None:
        self._state = state

    async def all(self, member: Member) -> Sequence[Team]:
        return [
            Team(
                number,
                name,
                sum(team == number for team in self._state.team_of.values()),
                self._state.team_of.get(member) == number,
                self._state.team_roles.get(number, ""),
            )
            for number, (_, name) in sorted(self._state.team_names.items(), key=lambda t: t[1][1])
            if self._is_here(number, member)
        ]

    async def create(self, member: Member, name: str, team: str) -> int | None:
        if any(each.name.casefold() == team.casefold() for each in await self.all(member)):
            return None
        number = max(self._state.team_names, default=0) + 1
        self._state.team_names[number] = (member, team)
        await self.join(member, name, number)
        return number

    async def join(self, member: Member, name: str, team: int) -> JoinOutcome:
        self._state.names[member] = name
        wanted = next((each for each in await self.all(member) if each.id == team), None)
        if wanted is None:
            return JoinOutcome.UNKNOWN
        cap = await self.cap(member)
        if cap and wanted.members >= cap and not wanted.mine:
            return JoinOutcome.FULL
        self._state.team_of[member] = team
        self._remove_empty(member)
        return JoinOutcome.DONE

    async def leave(self, member: Member) -> bool:
        left = self._state.team_of.pop(member, None) is not None
        self._remove_empty(member)
        return left

    async def rename(self, member: Member, team: int, name: str) -> bool:
        if self._is_here(team, member):
            others = [each.name.casefold() for each in await self.all(member) if each.id != team]
            if name.casefold() in others:
                return False
            self._state.team_names[team] = (self._state.team_names[team][0], name)
        return True

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        known = {each.name.casefold(): each.id for each in await self.all(member)}
        for name, users in groups.items():
            number = known.get(name.casefold()) or max(self._state.team_names, default=0) + 1
            self._state.team_names.setdefault(number, (member, name))
            named = {replace(member, user=user) for user in users}
            self._state.team_of.update(dict.fromkeys(named & self._state.names.keys(), number))
        self._remove_empty(member)

    async def bind_role(self, member: Member, name: str, role: str) -> None:
        known = {each.name.casefold(): each.id for each in await self.all(member)}
        number = known.get(name.casefold()) or max(self._state.team_names, default=0) + 1
        self._state.team_names.setdefault(number, (member, name))
        for each in known.values():
            if self._state.team_roles.get(each) == role:
                del self._state.team_roles[each]
        self._state.team_roles[number] = role
        self._remove_empty(member)

    async def unbind_role(self, member: Member, team: int) -> None:
        if self._is_here(team, member):
            self._state.team_roles.pop(team, None)
            self._remove_empty(member)

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        if team is not None and self._is_here(team, member):
            self._state.names[member] = name
            self._state.team_of[member] = team
        elif team is None and self._state.team_of.get(member) in self._state.team_roles:
            del self._state.team_of[member]
        self._remove_empty(member)

    async def place(
        self, member: Member, team: int, names: Mapping[str, str], holders: Collection[str]
    ) -> None:
        if not self._is_here(team, member):
            return
        for who in [each for each, theirs in self._state.team_of.items() if theirs == team]:
            if who.user not in holders:
                del self._state.team_of[who]
        for user, name in names.items():
            self._state.names.setdefault(replace(member, user=user), name)
            self._state.team_of[replace(member, user=user)] = team
        self._remove_empty(member)

    async def cap(self, member: Member) -> int | None:
        return self._state.settings_of(member).team_cap

    async def candidates(
        self, member: Member, since: datetime | None = None
    ) -> Sequence[TeamCandidate]:
        points: dict[Member, int] = {}
        if since is None:
            points = dict.fromkeys(self._state.names, 0)
        points |= dict.fromkeys(self._state.team_of, 0)
        for each in self._state.accepted:
            if self._state.rounds[each.round.id].withdrawn:
                continue
            if since is None or each.answer.answered_at >= since:
                points[each.member] = points.get(each.member, 0) + each.answer.points
        return [
            TeamCandidate(who.user, self._state.names[who], sum_)
            for who, sum_ in points.items()
            if same_community(who, member)
        ]

    def _is_here(self, team: int, member: Member) -> bool:
        return team in self._state.team_names and same_community(
            self._state.team_names[team][0], member
        )

    def _remove_empty(self, member: Member) -> None:
        used = {*self._state.team_of.values(), *self._state.earned_for, *self._state.team_roles}
        self._state.team_names = {
            number: named
            for number, named in self._state.team_names.items()
            if number in used or not self._is_here(number, member)
        }
