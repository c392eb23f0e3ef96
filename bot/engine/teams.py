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
    """A named group of members: everyone with its `role`, if it follows one."""

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
    """Stores communities' teams and their members."""

    async def all(self, member: Member) -> Sequence[Team]:
        """List the teams of the member's community by name."""

    async def create(self, member: Member, name: str, team: str) -> int | None:
        """Create a team with the member in it; None if the name is taken."""

    async def join(self, member: Member, name: str, team: int) -> JoinOutcome:
        """Put the member in a team of their community, unless it doesn't exist or has reached the
        community's `team_cap`."""

    async def leave(self, member: Member) -> bool:
        """Take the member out of their team, and delete it if empty; False if not in a team."""

    async def rename(self, member: Member, team: int, name: str) -> bool:
        """Rename a team of the member's community; False if the name is taken."""

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        """Move members of the member's community, given by user id, to teams by team name. Creates
        new teams, and deletes empty ones."""

    async def bind_role(self, member: Member, name: str, role: str) -> None:
        """Let a team of the member's community, created if needed, follow a role. No other team
        follows that role from then on."""

    async def unbind_role(self, member: Member, team: int) -> None:
        """Let a team of the member's community stop following a role."""

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        """Put the member in the team of their role, whatever its size; if None, take them out of
        their team if it follows a role."""

    async def place(
        self, member: Member, team: int, names: Mapping[str, str], holders: Collection[str]
    ) -> None:
        """Put people, names by user id, in a team of the member's community, whatever its size, and
        take out everyone who isn't one of the `holders` of its role, by user id."""

    async def cap(self, member: Member) -> int | None:
        """Return how many members a team of the member's community may have; None for no limit."""

    async def candidates(
        self, member: Member, since: datetime | None = None
    ) -> Sequence[TeamCandidate]:
        """List the members of the member's community with their points, in no particular order.
        With `since`, only those in a team or with answers since then, with points since then."""


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
