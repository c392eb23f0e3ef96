"""Members' reports of problems with questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.events import Member


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """A member's report of a problem with a question."""

    pack: str
    question: str
    version: str
    reason: str
    reported_at: datetime


class Reports(Protocol):
    """Stores reports for the packs' authors."""

    async def add(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Store a member's report of a round's question; False if the round doesn't exist or isn't
        theirs."""

    async def all(self) -> Sequence[QuestionReport]:
        """List all reports, newest first."""
