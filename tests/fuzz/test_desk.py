"""Hostile events through the desk: nothing fails, no one is pinged, nothing of others changes."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from adapters.discord.render import lay_out
from adapters.discord.render import render as render_for_discord
from adapters.slack.render import render, render_view
from bot.engine.commands import COMMANDS
from bot.engine.commands.fields import COMPLETERS
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, FieldValue, Place, Press
from bot.engine.library import Library
from bot.engine.screens import Reply, Screen
from storage.opening import open_database
from storage.store import SqlStore
from tests.databases import Databases, dump_rows
from tests.fuzz.conftest import Amount
from tests.fuzz.hostile import Hostile
from tests.samples import TickingClock, small_pack
from tests.stand_ins.discord import limits as discord_limits
from tests.stand_ins.memory_poster import MemoryPoster
from tests.stand_ins.slack.limits import message_problems
from tests.stand_ins.slack.pings import pings as slack_pings

PLATFORMS = ("discord", "slack")
REMEMBERED = 400
"""How many of the actions shown last are pressed again, by anybody and anywhere."""


class Room:
    """Two communities on each platform: one is attacked from the other."""

    def __init__(self, url: str, seed: int) -> None:
        self.hostile = Hostile(seed)
        self.random = self.hostile.random
        self.store = SqlStore(open_database(url))
        self.posters = {name: MemoryPoster() for name in PLATFORMS}
        clock = TickingClock()
        library = Library([small_pack()])
        self.desk = Desk(library, self.store, clock, Random(1), self.posters, clock.elapsed)
        self.seen = deque[str](maxlen=REMEMBERED)

    async def live(self) -> None:
        """Fill the community that nobody may change from outside."""
        for platform in PLATFORMS:
            for what in (
                Call("question", {}),
                Call("drill", {}),
                Call("team create", {"name": "Owls"}),
                Call("season start", {"name": "Spring"}),
                Call("daily set", {"time": "09:00"}),
                Call("settings", {"reveal": "at-close"}),
                Call("preferences", {"zone": "Europe/Berlin"}),
            ):
                reply = await self.handle(Event(_owner(), _place(platform, "quiet"), what))
                for action in list_actions(reply.screen):
                    await self.handle(Event(_owner(), _place(platform, "quiet"), Press(action)))

    async def handle(self, event: Event) -> Reply:
        """Handle an event, check what would be shown, and note its controls."""
        reply = await self.desk.handle(event)
        check_shown(reply.screen)
        self.seen.extend(list_actions(reply.screen))
        return reply

    async def attack(self) -> None:
        """Do one hostile thing."""
        actor = Actor(
            self.random.choice(("eve", "mal", "Ann")),
            self.hostile.text(),
            admin=self.random.random() < 0.5,
            zone=self.random.choice(("", "UTC", self.hostile.text())),
            roles=tuple(self.hostile.text()[:20] for _ in range(self.random.randrange(3))),
        )
        community = self.random.choice(("loud", "loud", ""))
        place = replace(
            _place(self.random.choice(PLATFORMS), community),
            private=not community or self.random.random() < 0.3,
        )
        seen = [*self.seen]
        what = self.random.choice((self.hostile.call, lambda: self.hostile.press(seen)))()
        event = Event(actor, place, what)
        match self.random.randrange(8):
            case 0:
                form = await self.desk.form(event)
                if isinstance(form, Reply):
                    check_shown(form.screen)
                else:
                    given = {field.name: self._given() for field in form.fields}
                    await self.desk.problems(replace(event, what=replace(what, fields=given)))
                    await self.handle(replace(event, what=replace(what, fields=given)))
            case 1:
                command = self.random.choice([*COMMANDS.values()])
                names = [option.name for option in command.options] or [""]
                asked = replace(event, what=Call(command.name, {}))
                option, text = self.random.choice(names), self.hostile.text()
                await self.desk.complete(asked, option, text)
                await self.desk.suggest(event, self.random.choice([*COMPLETERS, ""]), text)
            case _:
                await self.handle(event)

    def _given(self) -> FieldValue:
        match self.random.randrange(4):
            case 0:
                return tuple(self.hostile.text() for _ in range(self.random.randrange(3)))
            case 1:
                return self.random.choice(("1", "UTC", "09:00", "sample", ""))
            case _:
                return self.hostile.text()


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
async def test_hostile_events_do_no_harm(
    amount: Amount, databases: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    with databases.new() as url:
        async with attacked(url, seed=1) as room:
            await room.live()
            before = dump_rows(room.store.database.engine)
            shown = {name: dict(poster.screens) for name, poster in room.posters.items()}
            for number in range(amount.desk):
                await room.attack()
                assert not caplog.records, f"event {number}: {caplog.text}"
            after = dump_rows(room.store.database.engine)
    for table, rows in before.items():
        assert {*rows} <= {*after[table]}, f"rows of another community changed in {table}"
    for name, poster in room.posters.items():
        assert shown[name].items() <= poster.screens.items()
        for screen in poster.screens.values():
            check_shown(screen)


@asynccontextmanager
async def attacked(url: str, seed: int) -> AsyncIterator[Room]:
    room = Room(url, seed)
    try:
        yield room
    finally:
        await room.store.close()


def check_shown(screen: Screen) -> None:
    """What both platforms would show is within their limits, and pings no one."""
    assert "Traceback" not in str(screen)
    message = render(screen)
    for each in (message, *message.more):
        assert list(message_problems(each.body())) == []
        assert slack_pings(each.body()) == []
    render_view(screen)
    asked = render_for_discord(screen, {})
    view: Any = asked.view
    components = view.to_components() if view else []
    body = {"embeds": [asked.embed.to_dict()], "components": components}
    assert list(discord_limits.message(body)) == []
    assert list(discord_limits.pings(body)) == []
    layout: Any
    for layout in (laid := lay_out(screen, {})).view, *laid.more:
        body = {"components": layout.to_components(), "flags": 1 << 15}
        assert list(discord_limits.message(body)) == []


def list_actions(screen: Screen) -> Iterator[str]:
    """The actions of a screen's controls."""
    for control in screen.all_controls:
        if action := getattr(control, "action", ""):
            yield action
        for button in getattr(control, "buttons", ()):
            yield button.action


def _owner() -> Actor:
    return Actor("ann", "Ann", admin=True)


def _place(platform: str, community: str) -> Place:
    realm = community if platform == "slack" else ""
    return Place(platform, community, f"{community}-general", private=not community, realm=realm)
