"""Drills: members' private runs of questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.events import Member
from bot.engine.rounds import Answer, NewRound, Round


@dataclass(frozen=True, slots=True)
class Drill:
    """A member's private run of questions, with the answers given so far."""

    id: int
    pack: str
    scope: str
    steps: tuple[tuple[Round, Answer | None], ...]


class Drills(Protocol):
    """Stores drills."""

    async def start(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        """Create a drill with all its rounds; return the drill's id."""

    async def get(self, drill: int, member: Member) -> Drill | None:
        """Return a member's drill with all its steps; None if they have no such drill."""
