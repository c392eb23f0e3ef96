"""Rounds whose time is over: close them and show their results."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.engine.due.base import Means
from bot.engine.notifying import notify
from bot.engine.platform import ChannelGone, Unpostable
from bot.engine.posts import Post
from bot.engine.rounds import Results
from bot.engine.screens import ChannelMention, CommandMention, Screen, Tone

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(days=1)
"""Give up showing a result this long after the close."""

DELETED = "The question was deleted before anyone answered."


class Result:
    """Closes rounds, by claiming them, and shows their results."""

    name = "result"
    longest_pause = timedelta(hours=1)

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._rounds = means.rounds
        self._posters = means.posters
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Claim rounds whose time is over, and results that couldn't be shown before."""
        return await self._store.posts.claim_results(platform, now, lease_until, limit)

    async def do(self, post: Post) -> None:
        """Show the result; if that fails, notify the person who asked, but only once."""
        round_, message, trouble = post.round, post.message, ""
        try:
            shown = await self._rounds.show_result(post)
            message = shown.message
            if message is None:
                trouble = DELETED
            if shown.refused:
                await self._warn(post, shown.refused)
        except Exception as problem:
            lasting = isinstance(problem, Unpostable)
            final = (
                isinstance(problem, ChannelGone)
                or self._clock() - (round_.closes_at or round_.opened_at) > GIVE_UP_AFTER
            )
            if lasting and not post.trouble:
                await self._store.posts.note_trouble(round_.id, str(problem))
                await self._notify(post, str(problem), final=final)
            if not final:
                raise
            log.warning("could not show the result of round %s: %s", round_.id, problem)
            trouble = str(problem) if lasting else post.trouble
        await self._store.posts.finish(round_.id, message, trouble)

    async def postpone(self, post: Post, until: datetime) -> None:
        """Retry then."""
        await self._store.posts.postpone(post.round.id, until)

    async def _warn(self, post: Post, refused: str) -> None:
        """Say once why a channel gets a new message instead of a reply."""
        channel = post.channel
        if not await self._store.communities.note_warning(channel, refused):
            return
        screen = Screen(
            title="I can't reply to a question",
            text=(("Where: ", ChannelMention(channel.id)), f"Why: {refused}"),
            note=(
                "The result is shown, and I post a new message instead if I can. To do without: ",
                CommandMention("settings", {"results": Results.EDIT}),
            ),
            tone=Tone.PROBLEM,
        )
        await notify(self._posters, channel.platform, channel.community, post.asked_by, screen)

    async def _notify(self, post: Post, trouble: str, *, final: bool) -> None:
        channel = post.channel
        again = "I'll keep trying for a day, and right away if I'm let back in."
        screen = Screen(
            title="I can't show the result of a question",
            text=(("Where: ", ChannelMention(channel.id)), f"Why: {trouble}"),
            note="All answers are saved and count." if final else again,
            tone=Tone.PROBLEM,
        )
        await notify(self._posters, channel.platform, channel.community, post.asked_by, screen)
