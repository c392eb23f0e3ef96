"""Mark the messages of withdrawn rounds."""

from __future__ import annotations

import logging
from datetime import timedelta

from bot.engine.due.base import RowKind
from bot.engine.due.rows import DueRow
from bot.engine.platform import ChannelGone, MessageGone

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(days=1)
"""Give up marking a message this long after the withdrawal."""


class Withdrawn(RowKind):
    """Marks the messages of withdrawn rounds, once no update in progress can overwrite them."""

    name = "withdrawn"

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
