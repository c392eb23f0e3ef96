"""A simulated community with daily questions, drills, teams and seasons."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from sqlalchemy import text

from bot.engine.actions import AnswerRound, ContinueDrill, encode
from bot.engine.asked import find_asked
from bot.engine.commands import press_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Member, Place, Press
from bot.engine.library import Library
from bot.engine.screens import Button, Reply
from storage.opening import open_database
from storage.store import SqlStore
from tests.samples import Clock, small_pack, values_of
from tests.stand_ins.memory_poster import MemoryPoster

T = TypeVar("T")

BEGIN = datetime.fromisoformat("2026-02-20T12:00:00+00:00")
DAYS = 400
STEP_HOURS = 6
"""Hours between two runs of what's due."""

ANSWER_PROBABILITY = 0.5
"""How likely a member is to answer an open question within a step."""

LIVE_AT = 2, 18
"""Weekday and hour of the live question."""

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
"""Members with the zone that they chose, if any."""

SCHEDULES = {
    "general": {"time": "02:30", "zone": ZONE, "hours": 12},
    "evening": {"time": "01:30", "zone": "Europe/London", "days": "mon-fri", "hours": 11},
}
"""Times that clocks skip in spring and repeat in autumn."""

TOPICS = ("alpha", "beta", "gamma", "delta")
"""Few questions each, so that drills run into some that aren't due."""

FOUNDERS = {20: ("ann", "Owls"), 21: ("bob", "Larks"), 22: ("cid", "Finches")}
"""Who creates which team on which day. They stay in it, so that no team dies out."""


@dataclass
class Diary:
    """History that the database doesn't keep: team members and seasons over time."""

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
        """Start a new replica, which knows only what's in the database."""
        self.store = SqlStore(open_database(self.url))
        posters = {"terminal": self.poster}
        self.desk = Desk(Library([small_pack()]), self.store, self.clock, Random(9), posters)

    async def live(self) -> None:
        """Live through all the days."""
        await self._set_up()
        for day in range(DAYS):
            await self._change(day)
            if day % 50 == 7:
                await self.store.close()
                self.restart()
                await self.desk.dailies.retime()
            if day in (123, 124):
                continue  # Nothing happens: the machine sleeps.
            for hour in range(0, 24, STEP_HOURS):
                await self._run_step(BEGIN + timedelta(days=day, hours=hour))
            await self._drill(day)

    async def call(
        self, user: str, command: str, channel: str = "general", **options: Any
    ) -> Reply:
        """Call a command, and return its reply."""
        return await self.desk.handle(_event(user, channel, Call(command, options)))

    async def press(self, user: str, action: str, *values: str, channel: str = "general") -> Reply:
        """Press a control, and return the reply."""
        return await self.desk.handle(_event(user, channel, Press(action, values)))

    async def _set_up(self) -> None:
        await self._save("ann", await self.call("ann", "settings", zone=ZONE))
        longer: dict[str, Any] = {"question-minutes": STEP_HOURS * 60}
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

    async def _run_step(self, at: datetime) -> None:
        """Run what's due, and let members answer."""
        self.clock.now = at
        await self.desk.dailies.prepare()
        await self.desk.clockwork.run_due()
        if (at.weekday(), at.hour) == LIVE_AT:
            await self.call("dot", "question", minutes=STEP_HOURS * 60)
        shown = self._open()
        answering = [
            [
                self._answer(user, round_id, channel)
                for channel, round_id in shown
                if self.chance.random() < ANSWER_PROBABILITY
            ]
            for user in MEMBERS
        ]
        await asyncio.gather(*map(_in_turn, answering))

    def _open(self) -> list[tuple[str, int]]:
        with self.store.database.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT channel, round_id FROM post WHERE state = 'open' ORDER BY round_id")
            )
            return [(row.channel, row.round_id) for row in rows]

    def _answer(self, user: str, round_id: int, channel: str) -> Awaitable[Reply]:
        rightly = self.chance.random() < 0.3 + 0.08 * list(MEMBERS).index(user)
        at = self.clock.now + timedelta(seconds=self.chance.randrange(STEP_HOURS * 3600))

        async def answer() -> Reply:
            view = await self.store.answers.view(round_id, Member("terminal", "local", user))
            assert view is not None
            asked = find_asked(view.round)
            assert asked is not None
            values = values_of(asked.question, view.round.layout, rightly=rightly)
            # The desk reads the clock before it waits for anything.
            self.clock.now = at
            return await self.press(user, encode(AnswerRound(round_id)), *values, channel=channel)

        return answer()

    async def _drill(self, day: int) -> None:
        if day % 6:
            return
        user, topic = self.chance.choice(list(MEMBERS)), self.chance.choice(TOPICS)
        reply = await self.call(user, "drill", topic=topic, questions=5)
        while asked := _find_action(reply, AnswerRound):
            verdict = await self._answer(user, asked.round, "general")
            onward = _find_action(verdict, ContinueDrill)
            assert onward is not None
            reply = await self.press(user, encode(onward))

    async def _change(self, day: int) -> None:
        """Change teams, seasons and preferences, as happens in a year."""
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
        """Withdraw one of a channel's latest questions, open or closed."""
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
    """Give one member's answers, one after another."""
    for answer in answers:
        await answer


def _find_action(reply: Reply, kind: type[T]) -> T | None:
    """Find the action of the first control of that kind."""
    actions = (
        press_of(each.action)[1] for each in reply.screen.controls if hasattr(each, "action")
    )
    return next((each for each in actions if isinstance(each, kind)), None)


def _event(user: str, channel: str, what: Call | Press) -> Event:
    actor = Actor(user, user.capitalize(), admin=user == "ann")
    return Event(actor, Place("terminal", "local", channel, private=False), what)
