"""Mark the messages of withdrawn rounds."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.due.base import Means
from bot.engine.due.rows import DueRow
from bot.engine.platform import ChannelGone, MessageGone

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(days=1)
"""Give up marking a message this long after the withdrawal."""


class Withdrawn:
    """Marks the messages of withdrawn rounds, once no update in progress can overwrite them."""

    name = "withdrawn"
    longest_pause = timedelta(hours=1)

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._rounds = means.rounds
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Claim rows whose keys are ids of rounds."""
        return await self._store.due.claim(self.name, platform, now, lease_until, limit)

    async def do(self, row: DueRow) -> None:
        """Mark the message, unless it's gone."""
        try:
            if post := await self._store.posts.get(int(row.key)):
                await self._rounds.show_withdrawn(post)
        except Exception as problem:
            gone = isinstance(problem, MessageGone | ChannelGone)
            if not gone and self._clock() - row.at <= GIVE_UP_AFTER:
                raise
            log.warning("could not mark round %s as withdrawn: %s", row.key, problem)
        await self._store.due.finish(row)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Retry then."""
        await self._store.due.postpone(row, until)
