"""What members say is wrong with questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.engine.events import Member


@dataclass(frozen=True, slots=True)
class QuestionReport:
    """What a member said to be wrong with a question."""

    pack: str
    question: str
    version: str
    reason: str
    reported_at: datetime


class Reports(Protocol):
    """Keeps reports for those who look after the questions."""

    async def add(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a member says to be wrong with a round's question; False if there is no such
        round, or it is not theirs."""

    async def all(self) -> Sequence[QuestionReport]:
        """Everything reported, the newest first."""
