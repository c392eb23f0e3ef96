"""Rounds in channels: claimed, posted, counted, closed.

Each step is written down before and after it is taken, so that another replica can take it up.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.actions import Answer, Explain, Why, encode
from bot.engine.dailies import tell_paused
from bot.engine.kinds import kind_of, wording
from bot.engine.kinds.base import share
from bot.engine.library import Library
from bot.engine.platform import Poster, Unpostable
from bot.engine.ports import Clock, Given, NewPost, Post, Store
from bot.engine.rounds import Board, Reveal
from bot.engine.screens import Button, Moment, Person, Screen, Span, Text

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a replica has for one step, before another one takes it up."""

LONGEST = timedelta(minutes=5)
"""How long a step that fails again and again is waited with at most."""

PATIENCE = timedelta(days=1)
"""How long after its close it is tried to show a result."""

STEP = 20
"""Seconds after which a step is broken off: well before its lease is over, even by the clock of a
replica that is some seconds ahead."""

APART = timedelta(minutes=1)
"""How far our clock may be ahead of a platform's."""

WIDTH = 64
"""Steps under way at a time on one platform: enough to keep its rate limit busy."""

STALE = timedelta(minutes=3)
"""A live question that could not be posted for so long is given up: nobody waits for it any more. A
daily one is posted as long as it would be open."""

QUIET = timedelta(seconds=10)
"""Before a question closes its count stays: a late change must not replace the result."""

REMOVED = "Studyhall was removed from here."

SOON = timedelta(seconds=1)
FIRST = 3
"""Members named as the first who were right."""

STREAK = 7
"""Days in a row from which a streak is worth a mention."""

PROMISES = {
    Reveal.AT_ONCE: "Your answer is private. You learn at once whether it is right.",
    Reveal.AT_CLOSE: "Your answer is private. The result comes when the question closes.",
}
TITLES = {Board.DAILY: "Daily question", Board.LIVE: "Question"}
GONE = Screen(
    title="Question withdrawn",
    text=("This question was changed since it was asked, so it takes no more answers.",),
)


class ChannelRounds:
    """Opens rounds in channels, and looks after those that are open."""

    def __init__(
        self, library: Library, store: Store, posters: Mapping[str, Poster], clock: Clock
    ) -> None:
        self._library = library
        self._store = store
        self._posters = posters
        self._clock = clock
        self._working = defaultdict[str, set[asyncio.Task[None]]](set)

    async def open(self, new: NewPost) -> Post | None:
        """Post a round in its channel; None where one is open there already.

        A post without a message is not confirmed yet, but will be posted as soon as the platform
        can be reached. Raises Unpostable.
        """
        now = self._clock()
        claimed = await self._store.claim_post(new, now, now + LEASE)
        if claimed is None:
            return None
        try:
            async with asyncio.timeout(STEP):
                return await self._publish(claimed)
        except Unpostable:
            raise
        except Exception:
            log.warning("round %s is not posted yet", claimed.round.id, exc_info=True)
            return claimed

    async def tend(self, *platforms: str) -> None:
        """Do what is due now, to its end, on these platforms, or on all: post what waits for it,
        close what is over."""
        wanted = platforms or tuple(self._posters)
        await asyncio.gather(*map(self.take_up, wanted))
        await self.settle(*wanted)

    async def settle(self, *platforms: str) -> None:
        """Wait for the steps that are under way on these platforms, or on all."""
        wanted = platforms or tuple(self._working)
        await asyncio.gather(*(task for each in wanted for task in self._working[each]))

    async def take_up(self, platform: str) -> None:
        """Begin all that is due on a platform now, as wide as it may be, without waiting for the
        last steps."""
        working = self._working[platform]
        while platform in self._posters:  # what is due waits for a platform that is down
            if len(working) > WIDTH * 3 // 4:
                await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                continue
            now, free = self._clock(), WIDTH - len(working)
            due = await self._store.due_posts(platform, now, now + LEASE, free)
            for post in due:
                step = self._post_due if post.message is None else self._close
                task = asyncio.create_task(self._safely(step, post))
                working.add(task)
                task.add_done_callback(working.discard)
            if len(due) < free:
                return

    async def count(self, *platforms: str) -> None:
        """Show how many have answered where that has changed, on these platforms, or on all."""
        wanted = [each for each in platforms or self._posters if each in self._posters]
        for post in await self._store.changed_posts(wanted):
            try:
                async with asyncio.timeout(QUIET.total_seconds()):
                    await self._show(post)
            except Exception as problem:
                log.warning("round %s does not show its count: %s", post.round.id, problem)

    async def abandon(self, platform: str, community: str) -> None:
        """Do nothing more for the rounds of a community that removed the bot."""
        await self._store.abandon_posts(platform, community, REMOVED, self._clock())

    async def _safely(self, step: Callable[[Post], Awaitable[object]], post: Post) -> None:
        """Take a step; what fails is tried again, ever more seldom."""
        try:
            async with asyncio.timeout(STEP):
                await step(post)
        except Unpostable as problem:
            log.warning("round %s cannot be shown: %s", post.round.id, problem)
        except Exception:
            log.exception("round %s waits for another try", post.round.id)
            wait = min(LEASE * 2 ** min(post.tries, 9), LONGEST)
            with suppress(Exception):
                await self._store.postpone_post(post.round.id, self._clock() + wait)

    async def _post_due(self, post: Post) -> None:
        now, round_ = self._clock(), post.round
        over = round_.closes_at <= now if round_.closes_at else now - round_.opened_at > STALE
        if not over and not post.outdated:
            await self._publish(post)
            return
        message = await self._find(post) if post.tried else None
        if message:
            await self._confirm(post, message)
        else:
            log.warning("round %s could not be posted in its time", round_.id)
            await self._store.close_post(round_.id, now)

    async def _find(self, post: Post) -> str | None:
        """The message of a round that may have got through."""
        screen = self._open_screen(post, self._closing(post))
        try:
            return await self._poster(post).find(post.channel, screen, _handle(post), _since(post))
        except Unpostable as problem:
            log.warning("round %s is not looked for: %s", post.round.id, problem)
            return None

    def _closing(self, post: Post) -> datetime:
        return post.round.closes_at or self._clock() + timedelta(seconds=post.seconds)

    async def _publish(self, post: Post) -> Post:
        """Post a round. Raises Unpostable once its round is closed."""
        closes = self._closing(post)
        screen = replace(self._open_screen(post, closes), mention=post.mention)
        try:
            message = await self._poster(post).post(
                post.channel, screen, _handle(post), since=_since(post) if post.tried else None
            )
        except Unpostable as problem:
            paused = await self._store.refuse_post(post.round.id, str(problem), self._clock())
            if paused:
                await tell_paused(self._posters, paused)
            raise
        confirmed = await self._confirm(post, message)
        if confirmed is None:
            return post
        if confirmed.round.closes_at and confirmed.round.closes_at - closes > SOON:
            await self._safely(self._show, confirmed)
        return confirmed

    async def _confirm(self, post: Post, message: str) -> Post | None:
        return await self._store.confirm_post(post.round.id, message, self._clock())

    async def _show(self, post: Post) -> None:
        closes = post.round.closes_at
        if post.message and closes and closes - self._clock() > QUIET:
            screen = self._open_screen(post, closes)
            await self._poster(post).edit(post.channel, post.message, screen)

    async def _close(self, post: Post) -> None:
        screen = self._result_screen(post, await self._store.givens(post.round.id))
        try:
            await self._poster(post).edit(post.channel, post.message or "", screen)
        except Exception as problem:
            over = self._clock() - (post.round.closes_at or post.round.opened_at)
            if not isinstance(problem, Unpostable) and over < PATIENCE:
                raise
            log.warning("the result of round %s cannot be shown: %s", post.round.id, problem)
        await self._store.close_post(post.round.id, self._clock())

    def _poster(self, post: Post) -> Poster:
        return self._posters[post.channel.platform]

    def _open_screen(self, post: Post, closes: datetime) -> Screen:
        asked = self._library.asked(post.round)
        if asked is None:
            return GONE
        pack, question = asked
        kind = kind_of(question)
        chapter = pack.topics[question.topic].chapter.title
        return Screen(
            title=f"{TITLES[post.round.board]} · {pack.pack.title}",
            text=(*wording(question), *([post.intro] if post.intro else ())),
            fields=(
                ("Chapter", chapter),
                ("Kind", f"{kind.name}, {question.level}"),
                ("Answered", str(post.answered)),
                ("Closes", (Moment(closes),)),
            ),
            controls=(kind.control(question, post.round.layout, encode(Answer(post.round.id))),),
            note=PROMISES[post.round.reveal],
        )

    def _result_screen(self, post: Post, givens: Sequence[Given]) -> Screen:
        asked = self._library.asked(post.round)
        if asked is None:
            return GONE
        pack, question = asked
        kind, layout = kind_of(question), post.round.layout
        right = [given for given in givens if given.answer.right]
        named = [given for given in givens if not given.hidden]
        first = [given for given in named if given.answer.right][:FIRST]
        fields: list[tuple[str, Text]] = [
            ("Chapter", pack.topics[question.topic].chapter.title),
            ("Answered", str(len(givens))),
        ]
        if givens:
            fields.append(("Right", share(len(right), len(givens))))
        if first:
            fields.append(("Right first", _named(first)))
        if lasting := sorted(
            (given for given in named if given.streak >= STREAK), key=lambda given: -given.streak
        ):
            fields.append(("Streaks", _streaks(lasting[:FIRST])))
        key = kind.key(question, layout)
        tally = kind.tally(question, layout, [given.answer.given for given in givens])
        return Screen(
            title=f"Result · {pack.pack.title}",
            text=(question.stem, *(["\n".join(tally)] if tally else ())),
            fields=tuple(fields),
            spoiler=("The answer:", *key) if len(key) > 1 else (f"The answer: {key[0]}",),
            controls=(
                Button("Answer and why", encode(Why(post.round.id)), style="primary"),
                Button("Explain", encode(Explain(pack.pack.id, question.topic))),
            ),
        )


def _handle(post: Post) -> str:
    """What marks a round's message, so that it can be found."""
    return f"round-{post.round.id}"


def _since(post: Post) -> datetime:
    """When a round's message can have been posted at the earliest: until it is confirmed, a round's
    time is that of its claim."""
    return post.round.opened_at - APART


def _named(givens: Sequence[Given]) -> Text:
    return _joined([(Person(given.user, given.name),) for given in givens])


def _streaks(givens: Sequence[Given]) -> Text:
    return _joined([(Person(given.user, given.name), f" {given.streak} days") for given in givens])


def _joined(parts: Sequence[tuple[Span, ...]]) -> Text:
    spans: list[Span] = []
    for part in parts:
        spans += [", ", *part] if spans else part
    return tuple(spans)
