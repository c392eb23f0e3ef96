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
    """Keeps drills."""

    async def start(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        """Keep a new drill with all its rounds; returns the drill's id."""

    async def get(self, drill: int, member: Member) -> Drill | None:
        """A member's drill with all its steps; None if there is no such drill of theirs."""
