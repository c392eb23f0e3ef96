"""A round that was withdrawn: its message says so."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.due.base import Means
from bot.engine.due.rows import DueRow
from bot.engine.platform import ChannelGone, MessageGone

log = logging.getLogger(__name__)

PATIENCE = timedelta(days=1)
"""How long after it was withdrawn it's tried to say so."""


class Withdrawn:
    """Changes the messages of withdrawn rounds, once no count or result that was on its way at that
    moment can take their place any more."""

    name = "withdrawn"
    longest_pause = timedelta(hours=1)

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._rounds = means.rounds
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Rows whose keys are ids of rounds."""
        return await self._store.due.claim(self.name, platform, now, lease_until, limit)

    async def do(self, row: DueRow) -> None:
        """Say so, unless there's nothing left to say it in."""
        try:
            if post := await self._store.posts.get(int(row.key)):
                await self._rounds.show_withdrawn(post)
        except Exception as problem:
            gone = isinstance(problem, MessageGone | ChannelGone)
            if not gone and self._clock() - row.at <= PATIENCE:
                raise
            log.warning("round %s can't be shown to be withdrawn: %s", row.key, problem)
        await self._store.due.finish(row)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Try again then."""
        await self._store.due.postpone(row, until)
