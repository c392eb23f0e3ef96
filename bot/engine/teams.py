"""Teams: candidates, shuffling them, and the outcome of joining."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from itertools import count, islice
from random import Random
from typing import Protocol

from bot.engine.events import Member

LOOKBACK = timedelta(days=30)
"""A shuffle includes members who answered this recently, with their points of that time."""


@dataclass(frozen=True, slots=True)
class Team:
    """A named group of members; of those who have the `role`, where there is one."""

    id: int
    name: str
    members: int
    mine: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class TeamCandidate:
    """A member who can be in a team, with their recent points on all boards."""

    user: str
    name: str
    points: int = 0


class JoinOutcome(Enum):
    """The outcome of joining a team."""

    DONE = "done"
    UNKNOWN = "unknown"
    FULL = "full"


class Division(StrEnum):
    """How to divide members: at random, or into teams of about equal strength."""

    RANDOM = "random"
    BALANCED = "balanced"


class Teams(Protocol):
    """Keeps the teams of communities, and who is in which."""

    async def all(self, member: Member) -> Sequence[Team]:
        """The teams of the member's community by name."""

    async def create(self, member: Member, name: str, team: str) -> int | None:
        """Make a team and put the member into it; None where the name is taken."""

    async def join(self, member: Member, name: str, team: int) -> JoinOutcome:
        """Put the member into a team of their community, if there is such a team and it has a
        place left; the places of a team are its community's `team_cap`."""

    async def leave(self, member: Member) -> bool:
        """Take the member out of their team, and remove it once it is empty; False if in none."""

    async def rename(self, member: Member, team: int, name: str) -> bool:
        """Give a team of the member's community another name; False where it is taken."""

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        """Put members of the member's community, by their user ids, into teams by the teams'
        names, of which the new ones are made; and remove teams once they are empty."""

    async def bind_role(self, member: Member, name: str, role: str) -> None:
        """Let a role define a team of the member's community, which is made where there is none of
        that name; the role defines no other team any more."""

    async def unbind_role(self, member: Member, team: int) -> None:
        """Let a team of the member's community be defined by no role any more."""

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        """Put the member into the team of their role, whatever its size; without one, take them
        out of the team they are in, if a role defines it."""

    async def cap(self, member: Member) -> int | None:
        """How many members a team of the member's community may have; None for any number."""

    async def candidates(
        self, member: Member, since: datetime | None = None
    ) -> Sequence[TeamCandidate]:
        """The members of the member's community with their points, in no order; with `since`,
        those who are in a team or have answered since then, with the points of that time."""


Groups = Mapping[str, Sequence[TeamCandidate]]
"""Candidates by team name."""


def divide(
    candidates: Iterable[TeamCandidate], teams: int, division: Division, seed: int
) -> list[list[TeamCandidate]]:
    """Divide candidates into teams whose sizes differ by at most one. The result depends only on
    the candidates, their points and the seed, not on their order.

    Balanced teams come from a snake draft: teams take turns to pick the strongest candidate left,
    and each round reverses the order. So the points of two teams differ by at most the strongest
    candidate's. Ties, and which team is which, are random.
    """
    chance = Random(seed)  # noqa: S311
    drawn = sorted(candidates, key=lambda each: each.user)
    chance.shuffle(drawn)
    if division is Division.BALANCED:
        drawn.sort(key=lambda each: -each.points)
    groups: list[list[TeamCandidate]] = [[] for _ in range(teams)]
    for place, candidate in enumerate(drawn):
        turn, group = divmod(place, teams)
        groups[group if turn % 2 == 0 else teams - 1 - group].append(candidate)
    chance.shuffle(groups)
    return groups


def choose_team_names(teams: int, known: Collection[str]) -> list[str]:
    """Choose team names: the known ones first, then "Team 1" and so on."""
    names = sorted(known, key=str.casefold)[:teams]
    return [*names, *islice(_new_names(known), teams - len(names))]


def _new_names(known: Collection[str]) -> Iterator[str]:
    taken = {name.casefold() for name in known}
    return (name for number in count(1) if (name := f"Team {number}").casefold() not in taken)


def fingerprint(groups: Groups) -> str:
    """Return a short hash that changes if any member's team, or any team's name, does."""
    teams = [
        [name, sorted(each.user for each in members)] for name, members in sorted(groups.items())
    ]
    return hashlib.sha256(json.dumps(teams).encode()).hexdigest()[:16]
