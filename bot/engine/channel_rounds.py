"""Rounds in channels: opened, counted, posted.

Each step is written down before and after it is taken, so that another replica can take it up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine import question_screens
from bot.engine.answers import MemberAnswer
from bot.engine.daily_planner import tell_paused
from bot.engine.due.timing import LEASE, STEP_SECONDS, pause_after
from bot.engine.events import Member
from bot.engine.library import Library
from bot.engine.platform import MessageGone, Poster, Unpostable
from bot.engine.ports import Clock, Store
from bot.engine.posts import Post
from bot.engine.question_screens import OUTDATED
from bot.engine.rounds import NewPost
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

APART = timedelta(minutes=1)
"""How far our clock may be ahead of a platform's."""

QUIET = timedelta(seconds=10)
"""Before a question closes its count stays: a late change must not replace the result."""

REMOVED = "Studyhall was removed from here."

SOON = timedelta(seconds=1)


class ChannelRounds:
    """Opens rounds in channels, and looks after those that are open."""

    def __init__(
        self, library: Library, store: Store, posters: Mapping[str, Poster], clock: Clock
    ) -> None:
        self._library = library
        self._store = store
        self._posters = posters
        self._clock = clock

    async def open(self, new: NewPost) -> Post | None:
        """Post a round in its channel; None where one is open there already.

        A post without a message is not confirmed yet, but will be posted as soon as the platform
        can be reached. Raises Unpostable.
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
            log.warning("round %s is not posted yet", claimed.round.id, exc_info=True)
            with suppress(Exception):
                await self._store.posts.postpone(claimed.round.id, self._clock() + pause_after(0))
            return claimed

    async def publish(self, post: Post) -> Post:
        """Post a claimed round. Raises Unpostable once its round is closed."""
        closes = self._closing(post)
        screen = replace(self._open_screen(post, closes), mention=post.mention)
        try:
            message = await self._poster(post).post(
                post.channel, screen, _handle(post), since=_since(post) if post.tried else None
            )
        except Unpostable as problem:
            paused = await self._store.posts.fail(post.round.id, str(problem), self._clock())
            if paused:
                await tell_paused(self._posters, paused)
            raise
        confirmed = await self._confirm(post, message)
        if confirmed is None:
            return post
        if confirmed.round.closes_at and confirmed.round.closes_at - closes > SOON:
            await self._show_safely(confirmed)
        return confirmed

    async def confirm_earlier(self, post: Post) -> bool:
        """Whether the message of a claimed round had got through; its round goes on then."""
        screen = self._open_screen(post, self._closing(post))
        try:
            message = await self._poster(post).find(
                post.channel, screen, _handle(post), _since(post)
            )
        except Unpostable as problem:
            log.warning("round %s is not looked for: %s", post.round.id, problem)
            return False
        if message:
            await self._confirm(post, message)
        return message is not None

    async def count(self, *platforms: str) -> None:
        """Show how many have answered where that has changed, on these platforms, or on all."""
        wanted = [each for each in platforms or self._posters if each in self._posters]
        for post in await self._store.posts.claim_changed(wanted):
            await self._show_safely(post)

    async def is_gone(self, post: Post) -> bool:
        """Whether the message of an open round was deleted; the round is over then."""
        if not await self._show_safely(post):
            return False
        where = Member(post.channel.platform, post.channel.community, "")
        return await self._store.posts.close_early(post.round.id, where, self._clock())

    async def show_result(self, post: Post) -> str | None:
        """Show a closed round's result in place of its question, or as a message of its own where
        the question was deleted; the message's id, or None if nobody had answered what was
        deleted. Raises what a poster does."""
        givens = await self._store.answers.of_round(post.round.id)
        screen = self._result_screen(post, givens)
        message = post.message or ""
        try:
            await self._poster(post).edit(post.channel, message, screen)
        except MessageGone:
            if not givens:
                return None
            since = (post.round.closes_at or post.round.opened_at) - APART
            handle = f"result-{post.round.id}"
            message = await self._poster(post).post(
                post.channel, screen, handle, since=since if post.tried else None
            )
        return message

    async def show_withdrawn(self, post: Post) -> None:
        """Show that a round was withdrawn in place of its question or its result. Raises what a
        poster does."""
        async with asyncio.timeout(STEP_SECONDS):
            await self._poster(post).edit(
                post.channel, post.message or "", question_screens.WITHDRAWN
            )

    async def abandon(self, platform: str, community: str) -> None:
        """End the rounds of a community that removed the bot."""
        await self._store.posts.abandon(platform, community, REMOVED, self._clock())

    async def welcome(self, platform: str, community: str) -> None:
        """Show at once the results that a community, which lets the bot in again, has missed."""
        await self._store.posts.hurry_results(platform, community, self._clock())

    def _closing(self, post: Post) -> datetime:
        return post.round.closes_at or self._clock() + timedelta(seconds=post.seconds)

    async def _confirm(self, post: Post, message: str) -> Post | None:
        return await self._store.posts.confirm(post.round.id, message, self._clock())

    async def _show_safely(self, post: Post) -> bool:
        """Show an open round as it stands; True if its message is gone."""
        closes = post.round.closes_at
        if not post.message or not closes or closes - self._clock() <= QUIET:
            return False
        try:
            async with asyncio.timeout(QUIET.total_seconds()):
                screen = self._open_screen(post, closes)
                await self._poster(post).edit(post.channel, post.message, screen)
        except Exception as problem:
            log.warning("round %s does not show its count: %s", post.round.id, problem)
            return isinstance(problem, MessageGone)
        return False

    def _poster(self, post: Post) -> Poster:
        return self._posters[post.channel.platform]

    def _open_screen(self, post: Post, closes: datetime) -> Screen:
        asked = self._library.find_question(post.round)
        return question_screens.open_in_channel(*asked, post, closes) if asked else OUTDATED

    def _result_screen(self, post: Post, givens: Sequence[MemberAnswer]) -> Screen:
        asked = self._library.find_question(post.round)
        return question_screens.result(*asked, post, givens) if asked else OUTDATED


def _handle(post: Post) -> str:
    """What marks a round's message, so that it can be found."""
    return f"round-{post.round.id}"


def _since(post: Post) -> datetime:
    """When a round's message can have been posted at the earliest: until it is confirmed, a round's
    time is that of its claim."""
    return post.round.opened_at - APART
