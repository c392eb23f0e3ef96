"""Rounds in channels: open, post, count and close them.

Each step is recorded before and after it's taken, so that another replica can continue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine import question_screens
from bot.engine.answers import MemberAnswer
from bot.engine.asked import find_asked
from bot.engine.dailies import PastDaily
from bot.engine.daily_planner import notify_paused
from bot.engine.due.timing import LEASE, MAX_CLOCK_SKEW, STEP_SECONDS, pause_after
from bot.engine.events import Channel, Member
from bot.engine.platform import MessageGone, Poster, Unpostable
from bot.engine.ports import Clock, Store
from bot.engine.posts import Post
from bot.engine.question_screens import DISCUSS, draw_reply, draw_unknown, format_right
from bot.engine.rounds import Board, NewPost, Results
from bot.engine.screens import Screen, Text, WebLink

log = logging.getLogger(__name__)

NO_UPDATES_BEFORE_CLOSE = timedelta(seconds=10)
"""Don't update the count this long before the close: a late edit must not overwrite the result."""

REMOVED = "Studyhall was removed from here."

CLOSE_SHIFT_TOLERANCE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ShownResult:
    """A result's message, if it has one, and why the channel `refused` a reply to it, if it did."""

    message: str | None
    refused: str = ""


class ChannelRounds:
    """Opens rounds in channels and maintains open ones."""

    def __init__(self, store: Store, posters: Mapping[str, Poster], clock: Clock) -> None:
        self._store = store
        self._posters = posters
        self._clock = clock

    async def open(self, new: NewPost) -> Post | None:
        """Post a round in its channel; None if one is already open there.

        A post without a message isn't confirmed yet, but will be posted as soon as the platform
        responds. Raises Unpostable.
        """
        now = self._clock()
        claimed = await self._store.posts.claim(new, now, now + LEASE)
        if claimed is None:
            return None
        try:
            async with asyncio.timeout(STEP_SECONDS):
                return await self.publish(claimed)
        except Unpostable:
            raise
        except Exception:
            log.warning("could not post round %s, will retry", claimed.round.id, exc_info=True)
            with suppress(Exception):
                await self._store.posts.postpone(claimed.round.id, self._clock() + pause_after(0))
            return claimed

    async def publish(self, post: Post) -> Post:
        """Post a claimed round. Raises Unpostable, after closing the round."""
        closes = self._closing(post)
        screen = await self._open_screen(post, closes)
        screen = replace(screen, mention=post.mention)
        try:
            message = await self._poster(post).post(
                post.channel,
                screen,
                _make_handle(post),
                since=_earliest_post(post) if post.tried else None,
            )
        except Unpostable as problem:
            paused = await self._store.posts.fail(post.round.id, str(problem), self._clock())
            if paused:
                await notify_paused(self._posters, paused)
            raise
        confirmed = await self._confirm(post, message)
        if confirmed is None:
            return post
        if confirmed.round.closes_at and confirmed.round.closes_at - closes > CLOSE_SHIFT_TOLERANCE:
            await self._show_safely(confirmed)
        return confirmed

    async def confirm_earlier(self, post: Post) -> bool:
        """Whether an earlier try posted the round; if so, confirm it."""
        screen = await self._open_screen(post, self._closing(post))
        try:
            message = await self._poster(post).find(
                post.channel, screen, _make_handle(post), _earliest_post(post)
            )
        except Unpostable as problem:
            log.warning("could not look for round %s: %s", post.round.id, problem)
            return False
        if message:
            await self._confirm(post, message)
        return message is not None

    async def count(self, *platforms: str) -> None:
        """Update the counts of answers that changed, on these platforms or on all."""
        wanted = [each for each in platforms or self._posters if each in self._posters]
        for post in await self._store.posts.claim_changed(wanted):
            await self._show_safely(post)

    async def is_gone(self, post: Post) -> bool:
        """Whether an open round's message was deleted; if so, close the round."""
        if not await self._show_safely(post):
            return False
        where = Member(post.channel.platform, post.channel.community, "")
        return await self._store.posts.close_early(post.round.id, where, self._clock())

    async def show_result(self, post: Post) -> ShownResult:
        """Show a closed round's result in place of its question, or in a new message if the
        question was deleted, and let the channel know. There's no message if the question was
        deleted before anyone answered. Raises what a poster does."""
        givens = await self._store.answers.of_round(post.round.id)
        screen = self._result_screen(post, givens)
        message = post.message or ""
        try:
            await self._poster(post).edit(post.channel, message, screen)
        except MessageGone:
            if not givens:
                return ShownResult(None)
            message = await self._poster(post).post(
                post.channel, screen, f"result-{post.round.id}", since=_earliest_result(post)
            )
            if post.results is Results.REPLY:
                # Nobody misses a new message.
                return ShownResult(message)
        return ShownResult(message, await self._reply(post, message, givens) if givens else "")

    async def check_reply(self, channel: Channel, results: Results) -> str:
        """Say why a channel would refuse what its setting asks for, or ""."""
        poster = self._posters.get(channel.platform)
        if poster is None or results is Results.EDIT:
            return ""
        return await poster.check_reply(channel, thread=results is Results.THREAD)

    async def link(self, channel: Channel, message: str) -> str:
        """Return the web address of a message, or "" if it isn't known."""
        poster = self._posters.get(channel.platform)
        return await poster.link(channel, message) if poster and message else ""

    async def show_withdrawn(self, post: Post) -> None:
        """Mark a round's message as withdrawn. Raises what a poster does."""
        async with asyncio.timeout(STEP_SECONDS):
            await self._poster(post).edit(
                post.channel, post.message or "", question_screens.WITHDRAWN
            )

    async def abandon(self, platform: str, community: str) -> None:
        """Close the rounds of a community that removed the bot."""
        await self._store.posts.abandon(platform, community, REMOVED, self._clock())

    async def welcome(self, platform: str, community: str) -> None:
        """Show missed results right away once a community lets the bot back in."""
        await self._store.posts.hurry_results(platform, community, self._clock())

    def _closing(self, post: Post) -> datetime:
        return post.round.closes_at or self._clock() + timedelta(seconds=post.seconds)

    async def _confirm(self, post: Post, message: str) -> Post | None:
        return await self._store.posts.confirm(post.round.id, message, self._clock())

    async def _show_safely(self, post: Post) -> bool:
        """Redraw an open round; return True if its message is gone."""
        closes = post.round.closes_at
        if not post.message or not closes or closes - self._clock() <= NO_UPDATES_BEFORE_CLOSE:
            return False
        try:
            async with asyncio.timeout(NO_UPDATES_BEFORE_CLOSE.total_seconds()):
                screen = await self._open_screen(post, closes)
                await self._poster(post).edit(post.channel, post.message, screen)
        except Exception as problem:
            log.warning("could not update the count of round %s: %s", post.round.id, problem)
            return isinstance(problem, MessageGone)
        return False

    def _poster(self, post: Post) -> Poster:
        return self._posters[post.channel.platform]

    async def _open_screen(self, post: Post, closes: datetime) -> Screen:
        asked = find_asked(post.round)
        if asked is None:
            return draw_unknown(post.round)
        past = None
        if post.round.board is Board.DAILY:
            past = await self._store.dailies.before(post.round.id, self._clock())
        last_time = await self._format_past(post.channel, past) if past else ""
        return question_screens.draw_open(asked, post, closes, last_time)

    async def _format_past(self, channel: Channel, past: PastDaily) -> Text:
        right, url = format_right(past.right, past.answered), await self.link(channel, past.message)
        return (f"{right} ", WebLink("See the result", url)) if url else right

    async def _reply(self, post: Post, message: str, givens: Sequence[MemberAnswer]) -> str:
        """Reply to a result, or post a new message if the channel refuses replies; return why it
        does, or ""."""
        asked = find_asked(post.round)
        if asked is None or post.results is Results.EDIT:
            return ""
        thread, more = "", tuple[Text, ...]()
        if post.results is Results.THREAD:
            thread, more = asked.topic, (DISCUSS,)
        poster, handle, since = self._poster(post), f"reply-{post.round.id}", _earliest_result(post)
        try:
            screen = draw_reply(post, givens, *more)
            await poster.reply(post.channel, message, screen, handle, since=since, thread=thread)
        except Unpostable as problem:
            log.warning("could not reply to the result of round %s: %s", post.round.id, problem)
            refused = str(problem)
        else:
            return ""
        url = await self.link(post.channel, message)
        screen = draw_reply(post, givens, *([(WebLink("See the result", url),)] if url else ()))
        with suppress(Unpostable):
            await poster.post(post.channel, screen, handle, since=since)
        return refused

    def _result_screen(self, post: Post, givens: Sequence[MemberAnswer]) -> Screen:
        asked = find_asked(post.round)
        if asked is None:
            return draw_unknown(post.round)
        return question_screens.draw_result(asked, post, givens)


def _make_handle(post: Post) -> str:
    """Make the handle by which a round's message can be found."""
    return f"round-{post.round.id}"


def _earliest_post(post: Post) -> datetime:
    """The earliest time a round's message can have been posted. Until it's confirmed, a round's
    time is that of its claim."""
    return post.round.opened_at - MAX_CLOCK_SKEW


def _earliest_result(post: Post) -> datetime | None:
    """The earliest time an earlier try can have posted something about a round's result; None on
    the first try."""
    closed = post.round.closes_at or post.round.opened_at
    return closed - MAX_CLOCK_SKEW if post.tried else None
