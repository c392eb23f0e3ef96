from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine.due.rows import DueRow
from bot.engine.events import Channel
from tests.stand_ins.memory_store.state import State


class DueRows:
    def __init__(self, state: State) -> None:
        self._state = state

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        its = kind, (channel.platform, channel.community), key
        self._state.rows_due.pop(its, None)
        if at:
            self._state.rows_due[its] = DueRow(kind, key, channel, at), at

    async def claim(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        due = [
            row
            for row, at in self._state.rows_due.values()
            if row.kind == kind and row.channel.platform == platform and at <= now
        ][:limit]
        for row in due:
            self._state.rows_due[_key(row)] = replace(row, tries=row.tries + 1), lease_until
        return due

    async def postpone(self, row: DueRow, until: datetime) -> None:
        if self._is_due(row):
            stands, _ = self._state.rows_due[_key(row)]
            self._state.rows_due[_key(row)] = stands, until

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        if not self._is_due(row):
            return False
        await self.set(row.kind, row.key, row.channel, then)
        return True

    def _is_due(self, row: DueRow) -> bool:
        return self._state.rows_due.get(_key(row), (None,))[0] == row


def _key(row: DueRow) -> tuple[str, tuple[str, str], str]:
    return row.kind, (row.channel.platform, row.channel.community), row.key
