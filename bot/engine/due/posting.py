"""A round that waits to be posted in its channel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.due.base import Means
from bot.engine.due.timing import SOON
from bot.engine.platform import Unpostable
from bot.engine.posts import Post

log = logging.getLogger(__name__)

STALE = timedelta(minutes=3)
"""A live question that could not be posted for so long is given up: nobody waits for it any more. A
daily one is posted as long as it would be open."""


class Posting:
    """Posts rounds that were claimed."""

    name = "post"
    longest_pause = SOON

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._rounds = means.rounds
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Rounds without a confirmed message."""
        return await self._store.posts.claim_due(platform, now, lease_until, limit)

    async def do(self, post: Post) -> None:
        """Post it, unless its time is over; one that had got through by then goes on."""
        now, round_ = self._clock(), post.round
        over = round_.closes_at <= now if round_.closes_at else now - round_.opened_at > STALE
        if not over and not post.outdated:
            try:
                await self._rounds.publish(post)
            except Unpostable as problem:
                log.warning("round %s can't be posted: %s", round_.id, problem)
        elif not (post.tried and await self._rounds.confirm_earlier(post)):
            log.warning("round %s could not be posted in its time", round_.id)
            await self._store.posts.give_up(round_.id, now)

    async def postpone(self, post: Post, until: datetime) -> None:
        """Try again then."""
        await self._store.posts.postpone(post.round.id, until)
