"""The daily question of each channel: its next date, and its question, which is chosen ahead."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from statistics import fmean

from bot.engine import memory, selection
from bot.engine.dailies import Daily, DailyClaim
from bot.engine.events import Channel, Role
from bot.engine.kinds import kind_of
from bot.engine.library import WHOLE_PACK, IndexedPack, Library
from bot.engine.memory import Card
from bot.engine.notifying import notify
from bot.engine.platform import Poster, Unpostable
from bot.engine.ports import Clock, Store
from bot.engine.rounds import Board, NewPost, NewRound
from bot.engine.schedules import Schedule
from bot.engine.screens import ChannelMention, CommandMention, Screen, Text, Tone
from bot.engine.zones.labels import label
from content.model import Question

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Dailies that are looked at together."""

AHEAD = timedelta(hours=1)
"""How long before it is due a question is chosen."""

CHOSEN = 100
"""Dailies for which one turn of the heartbeat chooses questions."""

ACTIVE = timedelta(days=30)
GROUP = 25
"""Members at most, those who answered last, whose memory stands for the group's."""

REHEARSAL = 5
"""Seconds after which it's no longer waited for whether a post would work."""

ASKED = "Today's question was asked already."
NO_QUESTIONS = "There are no questions in the chosen chapters any more."
OVER = "Every upcoming date is skipped."
BY_ADMIN = "An admin paused it."
"""Such a pause lasts until somebody ends it; all others are the bot's own."""


class DailyPlanner:
    """Chooses what dailies ask, and keeps their dates right."""

    def __init__(
        self,
        library: Library,
        store: Store,
        posters: Mapping[str, Poster],
        clock: Clock,
        rng: Random,
    ) -> None:
        self._library = library
        self._store = store
        self._posters = posters
        self._clock = clock
        self._rng = rng

    async def ask_now(self, daily: Daily) -> int | str:
        """Make today's round now; returns its id, or says why there is none. A pause that the bot
        made itself is over then: it begins anew if the round can't be posted."""
        daily = await self.believed(daily)
        now = self._clock()
        today = daily.schedule.date_at(now)
        if daily.last_on and daily.last_on >= today:
            return ASKED
        over = now + timedelta(seconds=daily.schedule.seconds)
        post = await self.new_post(daily, over)
        if post is None:
            return NO_QUESTIONS
        claim = DailyClaim(daily, day=today, post=post, paused=BY_ADMIN)
        if daily.paused != BY_ADMIN:
            coming = daily.schedule.next_date(today)
            due = daily.schedule.instant(coming) if coming else None
            claim = replace(claim, next_on=coming, next_due=due, paused="" if coming else OVER)
        held = await self._store.dailies.claim([claim], now)
        return held.get(daily.id) or ASKED

    async def prepare(self) -> None:
        """Choose the questions of dailies that are due soon, so that nothing is left to do then."""
        until = self._clock() + AHEAD
        waiting = await self._store.dailies.unprepared(self._posters.keys(), until, CHOSEN)
        chosen = []
        for each in waiting:
            pack, question = await self._choose(each)
            if pack and question:
                chosen.append(replace(each, pack=pack.pack.id, question=question.id))
        if chosen:
            await self._store.dailies.prepare(chosen)

    async def retime(self) -> None:
        """Work out anew when dailies are due: the rules of a zone may have changed, or a clock that
        was ahead may have moved them far away."""
        await self._forget_future()
        after = 0
        while dailies := await self._store.dailies.running(after, AT_ONCE):
            after = dailies[-1].id
            for each in dailies:
                try:
                    await self._retime(each)
                except Exception:
                    log.exception("daily %s stays as it is", each.id)

    async def roles(self, channel: Channel) -> Sequence[Role]:
        """The roles that a channel's community has; none where its platform has no roles."""
        poster = self._posters.get(channel.platform)
        return await poster.roles(channel.community) if poster else []

    async def check_postable(self, channel: Channel, mention: str, asker: str) -> str:
        """As the platform's poster does it; nothing where it doesn't tell. Raises Unpostable."""
        poster = self._posters.get(channel.platform)
        if poster is None:
            return ""
        try:
            async with asyncio.timeout(REHEARSAL):
                return await poster.check_postable(channel, mention, asker)
        except Unpostable:
            raise
        except Exception as problem:
            log.warning("unknown whether channel %s can be posted in: %r", channel.id, problem)
            return ""

    async def believed(self, daily: Daily) -> Daily:
        """The daily, without a date on which it was asked by a clock that was far ahead."""
        if daily.last_on is None or daily.last_on <= _latest_date(self._clock()):
            return daily
        await self._forget_future()
        return await self._store.dailies.of(daily.channel) or daily

    async def _forget_future(self) -> None:
        now = self._clock()
        for each in await self._store.dailies.forget_future_dates(_latest_date(now)):
            log.warning("daily %s was asked for a date to come, by a clock that was ahead", each)

    async def _retime(self, daily: Daily) -> None:
        schedule, on = daily.schedule, daily.next_on
        coming = schedule.next_date_after(self._clock(), daily.last_on)
        if on and coming and coming < on:
            on = coming
        due = schedule.instant(on) if on else None
        if due != daily.next_due and await self._store.dailies.change(
            daily, replace(daily, next_on=on, next_due=due)
        ):
            log.warning("daily %s is due at %s, no longer %s", daily.id, due, daily.next_due)

    async def new_post(self, daily: Daily, over: datetime) -> NewPost | None:
        """A daily's round, to be open until then; None where there is no question for it."""
        pack, question = await self._choose(daily)
        if pack is None or question is None:
            return None
        schedule = daily.schedule
        return NewPost(
            channel=daily.channel,
            pack=pack.pack.id,
            round=NewRound(
                question.id, question.version, kind_of(question).make_layout(question, self._rng)
            ),
            board=Board.DAILY,
            reveal=schedule.reveal,
            seconds=schedule.seconds,
            closes_at=over,
            mention=schedule.role,
            intro="" if daily.last_on or daily.paused == BY_ADMIN else intro(schedule),
        )

    async def _choose(self, daily: Daily) -> tuple[IndexedPack | None, Question | None]:
        """The question that was chosen before, if it may still be asked, or another one."""
        if daily.question and (pack := self._library.get(daily.pack)):
            question = pack.questions.get(daily.question)
            if question and question in questions_of(pack, daily.schedule.chapters):
                return pack, question
        settings = await self._store.communities.channel_settings(daily.channel)
        pack = self._library.get(settings.pack)
        if pack is None:
            return None, None
        asked = await self._store.posts.asked_in(daily.channel, pack.pack.id)
        now = self._clock()
        since = (now - ACTIVE).date()
        cards = await self._store.cards.of_group(daily.channel, pack.pack.id, since, GROUP)
        forgotten = await asyncio.to_thread(_forgotten, pack, cards, now) if cards else {}
        questions = questions_of(pack, daily.schedule.chapters)
        return pack, selection.choose_daily(
            questions, asked, pack.weights, forgotten, rng=self._rng
        )


async def tell_paused(posters: Mapping[str, Poster], daily: Daily) -> None:
    """Tell the admin who set a daily why it is paused, where the platform takes that."""
    log.warning("daily %s is paused: %s", daily.id, daily.paused)
    channel = daily.channel
    screen = Screen(
        title="The daily question is paused",
        text=(("Where: ", ChannelMention(channel.id)), f"Why: {daily.paused}"),
        note=remedy(daily.paused),
        tone=Tone.PROBLEM,
    )
    await notify(posters, channel.platform, channel.community, daily.set_by, screen)


def remedy(paused: str) -> Text:
    """What an admin can do about a daily that is paused for this reason."""
    if paused in (NO_QUESTIONS, OVER):
        return ("To start again, set it anew: ", CommandMention("daily set"))
    return ("To go on: ", CommandMention("daily resume"))


def _latest_date(now: datetime) -> date:
    """The latest date that clocks anywhere may show, with a day's grace for one that is behind."""
    return (now + timedelta(days=2)).date()


def questions_of(pack: IndexedPack, chapters: Sequence[str]) -> list[Question]:
    """The questions of some chapters, or of all."""
    return [each for scope in chapters or (WHOLE_PACK,) for each in pack.questions_in(scope)]


def intro(schedule: Schedule) -> str:
    """The sentence under a channel's first daily question."""
    return (
        f"From now on a question comes here {when(schedule)}. Answer in private by its buttons: "
        "your first answer counts for the daily leaderboard, and nobody sees what you said."
    )


def when(schedule: Schedule) -> str:
    """The days and the time of a schedule in words."""
    return f"{_days(schedule.weekdays)} at {schedule.at:%H:%M} in {label(schedule.zone)}"


NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _days(weekdays: Iterable[int]) -> str:
    match sorted(weekdays):
        case [0, 1, 2, 3, 4, 5, 6]:
            return "every day"
        case [0, 1, 2, 3, 4]:
            return "from Monday to Friday"
        case [only]:
            return f"every {NAMES[only]}"
        case [*first, last]:
            return f"on {', '.join(NAMES[day] for day in first)} and {NAMES[last]}"
        case _:
            return "never"


def _forgotten(pack: IndexedPack, cards: Iterable[Card], now: datetime) -> dict[str, float]:
    """How likely it is that a group with these cards has forgotten each topic, from 0 to 1."""
    of_topic: defaultdict[str, list[float]] = defaultdict(list)
    for card in cards:
        if question := pack.questions.get(card.question):
            of_topic[question.topic].append(memory.predict_recall(card, now))
    return {topic: 1 - fmean(recalls) for topic, recalls in of_topic.items()}
