"""A community with daily questions, drills, teams and seasons, whose clock a test moves on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from sqlalchemy import text

from bot.engine.actions import AnswerRound, ContinueDrill, encode
from bot.engine.commands import press_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Member, Place, Press
from bot.engine.library import Library
from bot.engine.screens import Button, Reply
from storage.database import open_database
from storage.store import SqlStore
from tests.samples import Clock, small_pack, values_of
from tests.stand_ins.memory_poster import MemoryPoster

T = TypeVar("T")

BEGIN = datetime.fromisoformat("2026-02-20T12:00:00+00:00")
DAYS = 400
STEP = 6
"""Hours between two looks at what is due."""

EAGER = 0.5
"""How likely a member answers an open question within one of these stretches."""

LIVE = 2, 18
"""Weekday and hour at which somebody poses a question to the channel."""

ZONE = "America/New_York"
MEMBERS = {
    "ann": "",
    "bob": "Europe/Berlin",
    "cid": "Asia/Tokyo",
    "dot": "Pacific/Auckland",
    "eve": "Asia/Kolkata",
    "fay": "America/Los_Angeles",
    "gus": "",
    "hal": "Australia/Lord_Howe",
}
"""Each with the zone they chose, if they did."""

SCHEDULES = {
    "general": {"time": "02:30", "zone": ZONE, "hours": 12},
    "evening": {"time": "01:30", "zone": "Europe/London", "days": "mon-fri", "hours": 11},
}
"""Times that clocks skip in spring and show twice in autumn."""

TOPICS = ("alpha", "beta", "gamma", "delta")
"""Few questions each, so that drills come to some that are not due."""

FOUNDERS = {20: ("ann", "Owls"), 21: ("bob", "Larks"), 22: ("cid", "Finches")}
"""Who makes which team on which day. They stay in it, so that no team dies out."""


@dataclass
class Diary:
    """What the database does not tell of the past: who was in which team and which season ran."""

    teams: list[tuple[datetime, str, str]] = field(default_factory=list)
    seasons: list[tuple[datetime, str]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)


class Community:
    """Its replicas come and go; its database, channels and members stay."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.clock = Clock(BEGIN)
        self.chance = Random(400)
        self.poster = MemoryPoster()
        self.diary = Diary()
        self.restart()

    def restart(self) -> None:
        """Another replica, which knows what is in the database."""
        self.store = SqlStore(open_database(self.url))
        posters = {"terminal": self.poster}
        self.desk = Desk(Library([small_pack()]), self.store, self.clock, Random(9), posters)

    async def live(self) -> None:
        """Through all the days."""
        await self._found()
        for day in range(DAYS):
            await self._change(day)
            if day % 50 == 7:
                await self.store.close()
                self.restart()
                await self.desk.dailies.retime()
            if day in (123, 124):
                continue  # Nobody is there: the machine sleeps.
            for hour in range(0, 24, STEP):
                await self._beat(BEGIN + timedelta(days=day, hours=hour))
            await self._drill(day)

    async def call(
        self, user: str, command: str, channel: str = "general", **options: Any
    ) -> Reply:
        """What a command answers."""
        return await self.desk.handle(_event(user, channel, Call(command, options)))

    async def press(self, user: str, action: str, *values: str, channel: str = "general") -> Reply:
        """What a control leads to."""
        return await self.desk.handle(_event(user, channel, Press(action, values)))

    async def _found(self) -> None:
        await self._save("ann", await self.call("ann", "settings", zone=ZONE))
        longer: dict[str, Any] = {"question-minutes": STEP * 60}
        await self.call("ann", "settings", **longer)
        for channel, schedule in SCHEDULES.items():
            shown = await self.call("ann", "daily set", channel, **schedule)
            await self._save("ann", shown, channel)
        for user, zone in MEMBERS.items():
            if zone:
                await self._save(user, await self.call(user, "preferences", zone=zone))

    async def _save(self, user: str, shown: Reply, channel: str = "general") -> None:
        (save,) = (each for each in shown.screen.controls if isinstance(each, Button))
        await self.press(user, save.action, channel=channel)

    async def _beat(self, at: datetime) -> None:
        """What is due by then; and those who answer meanwhile."""
        self.clock.now = at
        await self.desk.dailies.prepare()
        await self.desk.clockwork.run_due()
        if (at.weekday(), at.hour) == LIVE:
            await self.call("dot", "question", minutes=STEP * 60)
        shown = self._open()
        answering = [
            [
                self._answer(user, round_id, channel)
                for channel, round_id in shown
                if self.chance.random() < EAGER
            ]
            for user in MEMBERS
        ]
        await asyncio.gather(*map(_in_turn, answering))

    def _open(self) -> list[tuple[str, int]]:
        with self.store.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT channel, round_id FROM post WHERE state = 'open' ORDER BY round_id")
            )
            return [(row.channel, row.round_id) for row in rows]

    def _answer(self, user: str, round_id: int, channel: str) -> Awaitable[Reply]:
        rightly = self.chance.random() < 0.3 + 0.08 * list(MEMBERS).index(user)
        at = self.clock.now + timedelta(seconds=self.chance.randrange(STEP * 3600))

        async def answer() -> Reply:
            seat = await self.store.seat(round_id, Member("terminal", "local", user))
            assert seat is not None
            asked = self.desk.library.find_question(seat.round)
            assert asked is not None
            values = values_of(asked[1], seat.round.layout, rightly=rightly)
            # The desk looks at the clock before it waits for anything.
            self.clock.now = at
            return await self.press(user, encode(AnswerRound(round_id)), *values, channel=channel)

        return answer()

    async def _drill(self, day: int) -> None:
        if day % 6:
            return
        user, topic = self.chance.choice(list(MEMBERS)), self.chance.choice(TOPICS)
        reply = await self.call(user, "drill", topic=topic, questions=5)
        while asked := _offered(reply, AnswerRound):
            verdict = await self._answer(user, asked.round, "general")
            onward = _offered(verdict, ContinueDrill)
            assert onward is not None
            reply = await self.press(user, encode(onward))

    async def _change(self, day: int) -> None:
        """Teams, seasons and preferences, as a year has them."""
        self.clock.now = BEGIN + timedelta(days=day)
        if day in FOUNDERS:
            user, name = FOUNDERS[day]
            await self.call(user, "team create", name=name)
            self.diary.teams.append((self.clock.now, user, name))
        if day > 25 and day % 9 == 0:
            founders = dict(FOUNDERS.values())
            user = self.chance.choice([each for each in MEMBERS if each not in founders])
            name = self.chance.choice(["", *founders.values()])
            options = {"name": name} if name else {}
            await self.call(user, "team join" if name else "team leave", **options)
            self.diary.teams.append((self.clock.now, user, name))
        if day % 13 == 10:
            await self._withdraw("evening" if day % 2 else "general")
        if day in (60, 200, 330):
            await self._season(f"Season {day}")
        if day % 40 == 5:
            user = self.chance.choice(list(MEMBERS))
            hide = user not in self.diary.hidden
            await self.call(user, "preferences", boards="hidden" if hide else "shown")
            self.diary.hidden ^= {user}

    async def _withdraw(self, channel: str) -> None:
        """One of the latest questions of a channel, open or closed."""
        offered = await self.call("ann", "withdraw", channel)
        buttons = [each for each in offered.screen.controls if isinstance(each, Button)]
        chosen = self.chance.choice(buttons)
        first = await self.press("ann", chosen.action, channel=channel)
        (sure,) = (each for each in first.screen.controls if isinstance(each, Button))
        done = await self.press("ann", sure.action, channel=channel)
        assert done.screen.title == "Withdrawn"

    async def _season(self, name: str) -> None:
        reply = await self.call("ann", "season start", name=name)
        for control in reply.screen.controls:
            if isinstance(control, Button) and control.style == "danger":
                await self.press("ann", control.action)
        self.diary.seasons.append((self.clock.now, name))


async def _in_turn(answers: Iterable[Awaitable[Reply]]) -> None:
    """One member's answers, each once the one before is kept."""
    for answer in answers:
        await answer


def _offered(reply: Reply, kind: type[T]) -> T | None:
    """What the first control of that kind leads to."""
    actions = (
        press_of(each.action)[1] for each in reply.screen.controls if hasattr(each, "action")
    )
    return next((each for each in actions if isinstance(each, kind)), None)


def _event(user: str, channel: str, what: Call | Press) -> Event:
    actor = Actor(user, user.capitalize(), admin=user == "ann")
    return Event(actor, Place("terminal", "local", channel, private=False), what)
