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
from bot.engine.asked import make_round
from bot.engine.dailies import Daily, DailyClaim
from bot.engine.events import Channel
from bot.engine.library import WHOLE_PACK, IndexedPack, Library
from bot.engine.memory import Card
from bot.engine.notifying import notify
from bot.engine.platform import Poster, Unpostable
from bot.engine.ports import Clock, Store
from bot.engine.rounds import Board, NewPost
from bot.engine.schedules import Schedule
from bot.engine.screens import ChannelMention, CommandMention, Screen, Text, Tone
from bot.engine.zones.labels import label
from content.model import Question

log = logging.getLogger(__name__)

DAILIES_PER_READ = 500
"""How many dailies are read at a time."""

CHOOSE_AHEAD = timedelta(hours=1)
"""Choose a question this long before it's due."""

MAX_CHOSEN_PER_BEAT = 100
"""The most questions chosen in one heartbeat."""

ACTIVE_PERIOD = timedelta(days=30)
MAX_GROUP_MEMBERS = 25
"""The most members, the latest to answer, whose memory counts for the choice."""

REHEARSAL_SECONDS = 5
"""How long to wait for the check whether the bot can post."""

ALREADY_ASKED = "Today's question has already been asked."
NO_QUESTIONS = "There are no questions in the chosen chapters."
ALL_SKIPPED = "Every upcoming date is skipped."
PAUSED_BY_ADMIN = "An admin paused it."
"""Such a pause lasts until somebody resumes; the bot ends all others itself."""


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
        """Ask today's question now; return the round's id, or why there is none. It ends a pause
        the bot made itself, which starts again if the round can't be posted."""
        daily = await self.believed(daily)
        now = self._clock()
        today = daily.schedule.date_at(now)
        if daily.last_on and daily.last_on >= today:
            return ALREADY_ASKED
        over = now + timedelta(seconds=daily.schedule.seconds)
        post = await self.new_post(daily, over)
        if post is None:
            return NO_QUESTIONS
        claim = DailyClaim(daily, day=today, post=post, paused=PAUSED_BY_ADMIN)
        if daily.paused != PAUSED_BY_ADMIN:
            coming = daily.schedule.next_date(today)
            due = daily.schedule.instant(coming) if coming else None
            claim = replace(
                claim, next_on=coming, next_due=due, paused="" if coming else ALL_SKIPPED
            )
        held = await self._store.dailies.claim([claim], now)
        return held.get(daily.id) or ALREADY_ASKED

    async def prepare(self) -> None:
        """Choose the questions of dailies that are due soon, so that posting is fast."""
        until = self._clock() + CHOOSE_AHEAD
        waiting = await self._store.dailies.unprepared(
            self._posters.keys(), until, MAX_CHOSEN_PER_BEAT
        )
        chosen = []
        for each in waiting:
            pack, question = await self._choose(each)
            if pack and question:
                chosen.append(replace(each, pack=pack.pack.id, question=question.id))
        if chosen:
            await self._store.dailies.prepare(chosen)

    async def retime(self) -> None:
        """Recompute when dailies are due: a zone's rules may have changed, or a clock that was
        ahead may have moved them far away."""
        await self._forget_future()
        after = 0
        while dailies := await self._store.dailies.running(after, DAILIES_PER_READ):
            after = dailies[-1].id
            for each in dailies:
                try:
                    await self._retime(each)
                except Exception:
                    log.exception("could not retime daily %s", each.id)

    async def check_postable(self, channel: Channel, mention: str, asker: str) -> str:
        """Rehearse a post on the platform, and ignore all failures but Unpostable."""
        poster = self._posters.get(channel.platform)
        if poster is None:
            return ""
        try:
            async with asyncio.timeout(REHEARSAL_SECONDS):
                return await poster.check_postable(channel, mention, asker)
        except Unpostable:
            raise
        except Exception as problem:
            log.warning("could not check whether channel %s accepts posts: %r", channel.id, problem)
            return ""

    async def may_post(self, channel: Channel, user: str) -> bool:
        """Whether a member may post in a channel themselves; False while that can't be told."""
        poster = self._posters.get(channel.platform)
        if poster is None:
            return True
        try:
            async with asyncio.timeout(REHEARSAL_SECONDS):
                return await poster.may_post(channel, user)
        except Exception as problem:
            log.warning("could not check who may post in channel %s: %r", channel.id, problem)
            return False

    async def believed(self, daily: Daily) -> Daily:
        """The daily, without a last date set by a clock that was far ahead."""
        if daily.last_on is None or daily.last_on <= _latest_date(self._clock()):
            return daily
        await self._forget_future()
        return await self._store.dailies.of(daily.channel) or daily

    async def _forget_future(self) -> None:
        now = self._clock()
        for each in await self._store.dailies.forget_future_dates(_latest_date(now)):
            log.warning("daily %s was asked for a future date, by a clock that was ahead", each)

    async def _retime(self, daily: Daily) -> None:
        schedule, on = daily.schedule, daily.next_on
        coming = schedule.next_date_after(self._clock(), daily.last_on)
        if on and coming and coming < on:
            on = coming
        due = schedule.instant(on) if on else None
        if due != daily.next_due and await self._store.dailies.change(
            daily, replace(daily, next_on=on, next_due=due)
        ):
            log.warning("moved daily %s to %s, from %s", daily.id, due, daily.next_due)

    async def new_post(self, daily: Daily, over: datetime) -> NewPost | None:
        """Build a daily's round, open until then; None if there's no question for it."""
        pack, question = await self._choose(daily)
        if pack is None or question is None:
            return None
        schedule = daily.schedule
        return NewPost(
            channel=daily.channel,
            pack=pack.pack.id,
            round=make_round(pack, question, self._rng),
            board=Board.DAILY,
            reveal=schedule.reveal,
            seconds=schedule.seconds,
            closes_at=over,
            mention=schedule.role,
            intro=""
            if daily.last_on or daily.paused == PAUSED_BY_ADMIN
            else format_intro(schedule),
        )

    async def _choose(self, daily: Daily) -> tuple[IndexedPack | None, Question | None]:
        """Take the question chosen ahead if it can still be asked, or choose another."""
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
        since = (now - ACTIVE_PERIOD).date()
        cards = await self._store.cards.of_group(
            daily.channel, pack.pack.id, since, MAX_GROUP_MEMBERS
        )
        forgotten = await asyncio.to_thread(_estimate_forgetting, pack, cards, now) if cards else {}
        questions = questions_of(pack, daily.schedule.chapters)
        return pack, selection.choose_daily(
            questions, asked, pack.weights, forgotten, rng=self._rng
        )


async def notify_paused(posters: Mapping[str, Poster], daily: Daily) -> None:
    """Notify the admin who set a daily why it's paused, if the platform can."""
    log.warning("daily %s is paused: %s", daily.id, daily.paused)
    channel = daily.channel
    screen = Screen(
        title="The daily question is paused",
        text=(("Where: ", ChannelMention(channel.id)), f"Why: {daily.paused}"),
        note=suggest_remedy(daily.paused),
        tone=Tone.PROBLEM,
    )
    await notify(posters, channel.platform, channel.community, daily.set_by, screen)


def suggest_remedy(paused: str) -> Text:
    """Suggest what to do about a daily that is paused for this reason."""
    if paused in (NO_QUESTIONS, ALL_SKIPPED):
        return ("To start again, set a new one: ", CommandMention("daily set"))
    return ("To resume: ", CommandMention("daily resume"))


def _latest_date(now: datetime) -> date:
    """The latest date anywhere on Earth, plus a day in case our clock is behind."""
    return (now + timedelta(days=2)).date()


def questions_of(pack: IndexedPack, chapters: Sequence[str]) -> list[Question]:
    """List the questions of some chapters, or of all."""
    return [each for scope in chapters or (WHOLE_PACK,) for each in pack.questions_in(scope)]


def format_intro(schedule: Schedule) -> str:
    """The text under a channel's first daily question."""
    return (
        f"From now on, a question comes here {format_schedule(schedule)}. Answer in private with "
        "its buttons. Your first answer counts for the daily leaderboard, and nobody sees "
        "what you answered."
    )


def format_schedule(schedule: Schedule) -> str:
    """Format a schedule's days and time."""
    return f"{_format_weekdays(schedule.weekdays)} at {schedule.at:%H:%M} in {label(schedule.zone)}"


WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _format_weekdays(weekdays: Iterable[int]) -> str:
    match sorted(weekdays):
        case [0, 1, 2, 3, 4, 5, 6]:
            return "every day"
        case [0, 1, 2, 3, 4]:
            return "Monday to Friday"
        case [only]:
            return f"every {WEEKDAY_NAMES[only]}"
        case [*first, last]:
            return f"on {', '.join(WEEKDAY_NAMES[day] for day in first)} and {WEEKDAY_NAMES[last]}"
        case _:
            return "never"


def _estimate_forgetting(
    pack: IndexedPack, cards: Iterable[Card], now: datetime
) -> dict[str, float]:
    """Estimate how likely a group has forgotten each topic, from 0 to 1."""
    of_topic: defaultdict[str, list[float]] = defaultdict(list)
    for card in cards:
        if question := pack.questions.get(card.question):
            of_topic[question.topic].append(memory.predict_recall(card, now))
    return {topic: 1 - fmean(recalls) for topic, recalls in of_topic.items()}
