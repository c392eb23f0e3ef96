"""The smallest platform there can be: one room, in which people type lines over TCP.

It shows how little an adapter needs. Don't run it.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from adapters.intake import Intake
from adapters.typed import format_hints, read_line
from bot.engine.desk import Desk
from bot.engine.events import Actor, Channel, Event, Mention, Place, Role
from bot.engine.lines import format_line
from bot.engine.platform import LoginFailed, MessageGone, Presence, Unpostable
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Match,
    Pick,
    Reply,
    Screen,
    Text,
    list_lines,
    render_text,
)

END = "---"
"""What follows each screen."""


class TinyAdapter:
    platform = "tiny"
    deferred = 0
    connected = False

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self._desk, self.port, self.poster = desk, port, self
        self._intake = Intake(self.platform)
        self._people: dict[str, StreamWriter] = {}
        self._screens: dict[str, Screen] = {}
        self._messages: dict[str, Screen] = {}

    async def log_in(self) -> None:
        try:
            self._server = await asyncio.start_server(self._joined, "127.0.0.1", self.port)
        except OSError as problem:
            raise LoginFailed(f"Port {self.port} can't be used: {problem}.") from None
        self.port = self._server.sockets[0].getsockname()[1]

    async def connect(self) -> None:
        self.connected = True
        await self._server.serve_forever()

    async def leave(self) -> None:
        await self._intake.drain()
        self._server.close()
        for writer in self._people.values():
            writer.close()

    async def _joined(self, reader: StreamReader, writer: StreamWriter) -> None:
        """People send their name first. The first to join is the room's admin."""
        name = (await reader.readline()).decode().strip()
        actor = Actor(name, name, admin=not self._people)
        self._people[name] = writer
        while line := (await reader.readline()).decode():
            self._typed(actor, line.strip())

    def _typed(self, actor: Actor, line: str) -> None:
        async def respond(reply: Reply) -> None:
            await self.notify("", actor.user, reply.screen)

        async def work() -> None:
            if what := read_line(line, self._screens.get(actor.user, Screen()), ()):
                place = Place(self.platform, "room", "room", private=False)
                await respond(await self._desk.handle(Event(actor, place, what)))

        self._intake.take("line", line, ("room", actor.user), work, respond)

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        if handle not in self._messages:
            self._messages[handle] = screen
            await self.edit(channel, handle, screen)
        return handle

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        return handle if handle in self._messages else None

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        if message not in self._messages:
            raise MessageGone("That message was deleted.")
        for name in self._people:
            await self.notify("", name, screen)

    async def reply(
        self,
        channel: Channel,
        message: str,
        screen: Screen,
        handle: str,
        *,
        since: datetime | None = None,
        thread: str = "",
    ) -> None:
        await self.post(channel, screen, handle, since=since)

    async def check_reply(self, channel: Channel, *, thread: bool) -> str:
        return ""

    async def link(self, channel: Channel, message: str) -> str:
        return ""

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        return ""

    async def may_post(self, channel: Channel, user: str) -> bool:
        return user in self._people

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        if user not in self._people:
            raise Unpostable("They aren't in the room.")
        self._screens[user] = screen
        self._people[user].write(f"{render(screen)}\n{END}\n".encode())
        await self._people[user].drain()

    async def presence(self, community: str, users: Collection[str]) -> Mapping[str, Presence]:
        return {}

    async def roles(self, community: str) -> Sequence[Role]:
        return ()

    async def members_of(self, community: str, role: str) -> Sequence[str] | None:
        return None

    async def look_up(self, community: str, users: Collection[str]) -> Sequence[Mention]:
        return ()


def render(screen: Screen) -> str:
    lines = [screen.title]
    lines += [to_plain_text(line) for part in screen.text for line in list_lines(part)]
    for control in screen.controls:
        if isinstance(control, Match):
            lines += [f"{n}) {left}" for n, left in enumerate(control.lefts, 1)]
        if isinstance(control, Pick | Arrange | Match):
            labels = (each.label for each in control.choices)
            lines += [f"{a}) {label}" for a, label in zip(OPTION_LETTERS, labels, strict=False)]
    lines += [f"{name}: {to_plain_text(value)}" for name, value in screen.fields]
    return "\n".join(
        line for line in (*lines, to_plain_text(screen.note), format_hints(screen, ())) if line
    )


def to_plain_text(text: Text) -> str:
    return render_text(
        text,
        lambda person: person.name,
        lambda moment: f"{moment.at:%H:%M} UTC",
        lambda say: f"/{format_line(say)}",
    )
