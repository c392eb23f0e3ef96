"""Teams: who can be in one, how members are divided, and what becomes of a wish to join."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from itertools import count, islice
from random import Random

LOOKBACK = timedelta(days=30)
"""Who has answered something for so long takes part in a shuffle, with the points of that time."""


@dataclass(frozen=True, slots=True)
class TeamCandidate:
    """A member who can be in a team, and the points they earned lately, on all boards together."""

    user: str
    name: str
    points: int = 0


class JoinOutcome(Enum):
    """What became of a wish to be in a team."""

    DONE = "done"
    UNKNOWN = "unknown"
    FULL = "full"


class Division(StrEnum):
    """How members are divided: by chance, or so that the teams are about equally strong."""

    RANDOM = "random"
    BALANCED = "balanced"


Groups = Mapping[str, Sequence[TeamCandidate]]
"""Who would be in which team, by its name."""


def divide(
    mates: Iterable[TeamCandidate], teams: int, way: Division, seed: int
) -> list[list[TeamCandidate]]:
    """All of them in so many groups, whose sizes differ by one at most; the same for the same
    people, points and seed, in whatever order they come.

    Balanced groups are drafted: each in turn takes the strongest who is left, and the order of
    turns is reversed after each round of them. So the points of any two groups differ by no more
    than the strongest member has. Equal points are drawn by chance, and so is which group is which.
    """
    chance = Random(seed)  # noqa: S311
    drawn = sorted(mates, key=lambda mate: mate.user)
    chance.shuffle(drawn)
    if way is Division.BALANCED:
        drawn.sort(key=lambda mate: -mate.points)
    groups: list[list[TeamCandidate]] = [[] for _ in range(teams)]
    for place, mate in enumerate(drawn):
        turn, group = divmod(place, teams)
        groups[group if turn % 2 == 0 else teams - 1 - group].append(mate)
    chance.shuffle(groups)
    return groups


def choose_team_names(teams: int, known: Collection[str]) -> list[str]:
    """Names for so many teams: those that there are, then "Team 1" and so on."""
    names = sorted(known, key=str.casefold)[:teams]
    return [*names, *islice(_new_names(known), teams - len(names))]


def _new_names(known: Collection[str]) -> Iterator[str]:
    taken = {name.casefold() for name in known}
    return (name for number in count(1) if (name := f"Team {number}").casefold() not in taken)


def fingerprint(groups: Groups) -> str:
    """A short text that changes when anybody would be in another team, or a team is another."""
    who = [[name, sorted(mate.user for mate in mates)] for name, mates in sorted(groups.items())]
    return hashlib.sha256(json.dumps(who).encode()).hexdigest()[:16]
