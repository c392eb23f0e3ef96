"""Post rounds that are due."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.due.base import Means
from bot.engine.due.timing import MAX_PAUSE_WHILE_WAITING
from bot.engine.platform import Unpostable
from bot.engine.posts import Post

log = logging.getLogger(__name__)

GIVE_UP_LIVE_AFTER = timedelta(minutes=3)
"""Give up posting a live question after this long, because nobody is waiting for it by then. A
daily question is posted as long as it would still be open."""


class Posting:
    """Posts claimed rounds."""

    name = "post"
    longest_pause = MAX_PAUSE_WHILE_WAITING

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._rounds = means.rounds
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Claim rounds without a confirmed message."""
        return await self._store.posts.claim_due(platform, now, lease_until, limit)

    async def do(self, post: Post) -> None:
        """Post the round, unless its time is over and no earlier try got through."""
        now, round_ = self._clock(), post.round
        over = (
            round_.closes_at <= now
            if round_.closes_at
            else now - round_.opened_at > GIVE_UP_LIVE_AFTER
        )
        if not over and not post.outdated:
            try:
                await self._rounds.publish(post)
            except Unpostable as problem:
                log.warning("could not post round %s: %s", round_.id, problem)
        elif not (post.tried and await self._rounds.confirm_earlier(post)):
            log.warning("round %s expired before it could be posted", round_.id)
            await self._store.posts.give_up(round_.id, now)

    async def postpone(self, post: Post, until: datetime) -> None:
        """Retry then."""
        await self._store.posts.postpone(post.round.id, until)
