from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.events import Member
from bot.engine.reports import QuestionReport
from tests.stand_ins.memory_store.state import State


class Reports:
    def __init__(self, state: State) -> None:
        self._state = state

    async def add(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        asked = self._state.rounds.get(round_id)
        if asked is None or not self._state.is_theirs(asked, member):
            return False
        report = QuestionReport(asked.pack, asked.question, asked.version, reason, now)
        self._state.reports.append(report)
        return True

    async def all(self) -> Sequence[QuestionReport]:
        return self._state.reports[::-1]
