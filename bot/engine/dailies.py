"""The daily question of each channel: chosen ahead, claimed when it is due, once for each date."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from statistics import fmean

from bot.engine import memory, selection
from bot.engine.events import Channel, Role
from bot.engine.kinds import kind_of
from bot.engine.library import EVERYTHING, IndexedPack, Library
from bot.engine.memory import Card
from bot.engine.platform import Poster
from bot.engine.ports import Claim, Clock, Daily, NewPost, Store
from bot.engine.rounds import Board, NewRound
from bot.engine.schedules import Schedule
from bot.engine.screens import Say, Screen, Text, Tone, Where
from bot.engine.zones.labels import label
from content.model import Question

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Dailies that are claimed in one transaction."""

AHEAD = timedelta(hours=1)
"""How long before it is due a question is chosen."""

CHOSEN = 100
"""Dailies for which one turn of the heartbeat chooses questions."""

ACTIVE = timedelta(days=30)
GROUP = 25
"""Members at most, those who answered last, whose memory stands for the group's."""

LATER = timedelta(minutes=1)
"""How long one daily with which something is wrong waits, while the others go on."""

TELLING = 20
"""Seconds after which it is given up to tell an admin something."""

ASKED = "Today's question was asked already."
NO_QUESTIONS = "There are no questions in the chosen chapters any more."
OVER = "Every upcoming date is skipped."
BY_ADMIN = "An admin paused it."
"""Such a pause lasts until somebody ends it; all others are the bot's own."""


class Dailies:
    """Turns schedules into rounds; posting them is left to those who look after rounds."""

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
        self._telling = set[asyncio.Task[None]]()

    async def claim(self) -> None:
        """Make rounds of all dailies that are due."""
        while due := await self._store.due_dailies(self._posters.keys(), self._clock(), AT_ONCE):
            now = self._clock()
            claims = [await self._claim_safely(each, now) for each in due]
            held = await self._store.claim_dailies(claims, now)
            for each in claims:
                if each.paused and each.seen.id in held:
                    self._tell(replace(each.seen, paused=each.paused))
            if len(held) < AT_ONCE:
                return

    async def ask_now(self, daily: Daily) -> int | str:
        """Make today's round now; returns its id, or says why there is none. A pause that the bot
        made itself is over then: it begins anew if the round can't be posted."""
        now = self._clock()
        today = daily.schedule.local(now)
        if daily.last_on and daily.last_on >= today:
            return ASKED
        over = now + timedelta(seconds=daily.schedule.seconds)
        post = await self._post(daily, over)
        if post is None:
            return NO_QUESTIONS
        claim = Claim(daily, day=today, post=post, paused=BY_ADMIN)
        if daily.paused != BY_ADMIN:
            coming = daily.schedule.following(today)
            due = daily.schedule.instant(coming) if coming else None
            claim = replace(claim, next_on=coming, next_due=due, paused="" if coming else OVER)
        held = await self._store.claim_dailies([claim], now)
        return held.get(daily.id) or ASKED

    async def prepare(self) -> None:
        """Choose the questions of dailies that are due soon, so that nothing is left to do then."""
        until = self._clock() + AHEAD
        waiting = await self._store.unprepared_dailies(self._posters.keys(), until, CHOSEN)
        chosen = []
        for each in waiting:
            pack, question = await self._choose(each)
            if pack and question:
                chosen.append(replace(each, pack=pack.pack.id, question=question.id))
        if chosen:
            await self._store.prepare_dailies(chosen)

    async def retime(self) -> None:
        """Work out anew when dailies are due: the rules of a zone may have changed."""
        after = 0
        while dailies := await self._store.dailies(after, AT_ONCE):
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

    async def _retime(self, daily: Daily) -> None:
        due = daily.schedule.instant(daily.next_on) if daily.next_on else None
        if due != daily.next_due and await self._store.change_daily(
            daily, replace(daily, next_due=due)
        ):
            log.warning("daily %s is due at %s, no longer %s", daily.id, due, daily.next_due)

    async def _claim_safely(self, daily: Daily, now: datetime) -> Claim:
        """As `_claim`; one with which something is wrong must not keep the others waiting."""
        try:
            return await self._claim(daily, now)
        except Exception:
            log.exception("daily %s waits for another try", daily.id)
            return Claim(daily, daily.next_on, now + LATER)

    async def _claim(self, daily: Daily, now: datetime) -> Claim:
        """What is to be done for a daily that is due: of several dates only the last one counts,
        and only while its question would still be open."""
        schedule = daily.schedule
        first = daily.next_on or schedule.local(now)
        dates = [*schedule.due(first, now)]
        if not dates:
            # The rules of its zone have changed, or clocks differ.
            return Claim(daily, first, schedule.instant(first))
        *missed, day = dates
        coming = schedule.following(day)
        due = schedule.instant(coming) if coming else None
        if daily.last_on and day <= daily.last_on:
            return Claim(daily, coming, due, paused="" if coming else OVER)
        if schedule.over(day) <= now:
            missed.append(day)
        if missed:
            log.warning(
                "daily %s was not asked on %s: nobody was there to do it",
                daily.id,
                ", ".join(map(str, missed)),
            )
        if day in missed:
            return Claim(daily, coming, due, paused="" if coming else OVER)
        post = await self._post(daily, schedule.over(day))
        if post is None:
            return Claim(daily, paused=NO_QUESTIONS)
        return Claim(daily, coming, due, day, post, paused="" if coming else OVER)

    async def _post(self, daily: Daily, over: datetime) -> NewPost | None:
        pack, question = await self._choose(daily)
        if pack is None or question is None:
            return None
        schedule = daily.schedule
        return NewPost(
            channel=daily.channel,
            pack=pack.pack.id,
            round=NewRound(
                question.id, question.version, kind_of(question).layout(question, self._rng)
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
        asked = await self._store.asked_in(daily.channel, pack.pack.id)
        now = self._clock()
        since = (now - ACTIVE).date()
        cards = await self._store.group_cards(daily.channel, pack.pack.id, since, GROUP)
        forgotten = await asyncio.to_thread(_forgotten, pack, cards, now) if cards else {}
        questions = questions_of(pack, daily.schedule.chapters)
        return pack, selection.daily(questions, asked, pack.weights, forgotten, rng=self._rng)

    def _tell(self, daily: Daily) -> None:
        """Tell of a pause without waiting for it."""
        telling = asyncio.create_task(tell_paused(self._posters, daily))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)


async def tell_paused(posters: Mapping[str, Poster], daily: Daily) -> None:
    """Tell the admin who set a daily why it is paused, where the platform takes that."""
    log.warning("daily %s is paused: %s", daily.id, daily.paused)
    if not daily.set_by:
        return
    channel = daily.channel
    screen = Screen(
        title="The daily question is paused",
        text=(("Where: ", Where(channel.id)), f"Why: {daily.paused}"),
        note=remedy(daily.paused),
        tone=Tone.PROBLEM,
    )
    try:
        async with asyncio.timeout(TELLING):
            await posters[channel.platform].tell(channel.community, daily.set_by, screen)
    except Exception as problem:
        log.warning("nobody could be told that daily %s is paused: %s", daily.id, problem)


def remedy(paused: str) -> Text:
    """What an admin can do about a daily that is paused for this reason."""
    if paused in (NO_QUESTIONS, OVER):
        return ("To start again, set it anew: ", Say("daily set"))
    return ("To go on: ", Say("daily resume"))


def questions_of(pack: IndexedPack, chapters: Sequence[str]) -> list[Question]:
    """The questions of some chapters, or of all."""
    return [each for scope in chapters or (EVERYTHING,) for each in pack.questions_in(scope)]


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
            of_topic[question.topic].append(memory.recall(card, now))
    return {topic: 1 - fmean(recalls) for topic, recalls in of_topic.items()}
