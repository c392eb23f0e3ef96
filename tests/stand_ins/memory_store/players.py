from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.streaks import Streak
from tests.stand_ins.memory_store.state import State, player_key, same_player


class Players:
    def __init__(self, state: State) -> None:
        self._state = state

    async def totals(self, member: Member) -> PlayerTotals:
        mine = [each for each in self._state.accepted if same_player(each.member, member)]
        revealed = [each for each in mine if each in self._state.revealed]
        return PlayerTotals(
            points=sum(each.answer.points for each in revealed),
            right=sum(each.answer.right for each in revealed),
            answered=len(revealed),
            streak=mine[-1].streak if mine else Streak(),
            zones=Zones(
                self._state.settings_of(member).zone,
                self._state.zones.get(player_key(member)),
                mine[-1].zone if mine else None,
                self._state.day_starts.get(player_key(member), 0),
            ),
            waiting=sum(self._state.awaits_reveal(each) for each in mine),
        )

    async def preferences(self, member: Member) -> Preferences:
        player = player_key(member)
        starts = self._state.day_starts.get(player, 0)
        return Preferences(self._state.zones.get(player), member in self._state.hidden, starts)

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        self._state.names[member] = name
        self._state.zones[player_key(member)] = chosen.zone
        self._state.day_starts[player_key(member)] = chosen.starts
        self._state.hidden = self._state.hidden - {member} | ({member} if chosen.hidden else set())

    async def export(self, member: Member) -> Mapping[str, Any] | None:
        managed = self._managed_by(member)
        if member not in self._state.names and not managed:
            return None
        return {
            "manager of": [{"platform": here[0], "community": here[1]} for here in managed],
            "answers": [
                {
                    "points": None if self._state.awaits_reveal(each) else each.answer.points,
                    "withdrawn": self._state.rounds[each.round.id].withdrawn,
                }
                for each in self._state.accepted
                if each.member == member
            ],
        }

    def _managed_by(self, member: Member) -> list[tuple[str, str]]:
        """The communities that name the member as a manager."""
        return [
            (platform, community)
            for (platform, community), chosen in self._state.communities.items()
            if member.user in chosen.managers.users
            and platform == member.platform
            and member.realm in ("", community)
        ]

    async def forget(self, member: Member) -> bool:
        set_by = [
            each
            for each in self._state.dailies_set.values()
            if each.set_by == member.user
            and each.channel.platform == member.platform
            and member.realm in ("", each.channel.community)
        ]
        self._state.dailies_set |= {each.id: replace(each, set_by="") for each in set_by}
        here = member.platform, member.community, member.user
        self._state.posed = {
            number: (channel, user)
            for number, (channel, user) in self._state.posed.items()
            if (channel.platform, channel.community, user) != here
        }
        due = [
            (key, row, at)
            for key, (row, at) in self._state.rows_due.items()
            if row.set_by == member.user
            and row.channel.platform == member.platform
            and member.realm in ("", row.channel.community)
        ]
        self._state.rows_due |= {key: (replace(row, set_by=""), at) for key, row, at in due}
        managed = self._managed_by(member)
        for key in managed:
            chosen = self._state.communities[key]
            users = tuple(each for each in chosen.managers.users if each != member.user)
            managers = replace(chosen.managers, users=users)
            self._state.communities[key] = replace(chosen, managers=managers)
        known = member in self._state.names or bool(set_by or due or managed)
        self._state.names.pop(member, None)
        teams = {
            self._state.team_of.pop(member, None),
            *(
                earned_for
                for each, earned_for in zip(
                    self._state.accepted, self._state.earned_for, strict=True
                )
                if each.member == member
            ),
        }
        remaining = [
            (each, earned_for)
            for each, earned_for in zip(self._state.accepted, self._state.earned_for, strict=True)
            if each.member != member
        ]
        self._state.accepted = [each for each, _ in remaining]
        self._state.earned_for = [earned_for for _, earned_for in remaining]
        self._state.erased |= {
            key
            for key in self._state.answers
            if key[1] == member and not self._state.rounds[key[0]].closed
        }
        self._state.answers = {
            key: each for key, each in self._state.answers.items() if key[1] != member
        }
        used = {*self._state.team_of.values(), *self._state.earned_for, *self._state.team_roles}
        self._state.team_names = {
            number: named
            for number, named in self._state.team_names.items()
            if number in used or number not in teams
        }
        return known
