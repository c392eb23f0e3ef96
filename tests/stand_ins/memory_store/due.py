from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from tests.stand_ins.memory_store.state import State


class DueRows:
    def __init__(self, state: State) -> None:
        self._state = state

    async def set(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        self.save(NewDue(kind, key, channel, at))

    def save(self, new: NewDue) -> None:
        its = new.kind, (new.channel.platform, new.channel.community), new.key
        self._state.rows_due.pop(its, None)
        if new.at:
            row = DueRow(new.kind, new.key, new.channel, new.at, set_by=new.set_by)
            self._state.rows_due[its] = row, new.at

    def move(self, row: DueRow, at: datetime) -> None:
        if self._is_due(row):
            current, _ = self._state.rows_due[_key(row)]
            self._state.rows_due[_key(row)] = replace(current, at=at), at

    async def of_community(self, platform: str, community: str) -> Sequence[DueRow]:
        rows = [
            row
            for row, _ in self._state.rows_due.values()
            if (row.channel.platform, row.channel.community) == (platform, community)
        ]
        return sorted(rows, key=lambda row: (row.at, row.kind, row.key))

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
            current, _ = self._state.rows_due[_key(row)]
            self._state.rows_due[_key(row)] = current, until

    async def finish(self, row: DueRow, then: datetime | None = None) -> bool:
        if not self._is_due(row):
            return False
        set_by = self._state.rows_due[_key(row)][0].set_by
        self.save(NewDue(row.kind, row.key, row.channel, then, set_by))
        return True

    def _is_due(self, row: DueRow) -> bool:
        return self._state.rows_due.get(_key(row), (None,))[0] == row


def _key(row: DueRow) -> tuple[str, tuple[str, str], str]:
    return row.kind, (row.channel.platform, row.channel.community), row.key
