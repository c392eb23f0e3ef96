"""A workspace: its people, channels and groups."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.stand_ins.slack.blocks import JSON, named
from tests.stand_ins.slack.people import Person
from tests.stand_ins.slack.surfaces import Message
from tests.stand_ins.slack.waiting import Bell, Log, Memory

if TYPE_CHECKING:
    from tests.stand_ins.slack.server import SlackServer


class Channel:
    """A conversation: a channel of many or the bot's DM with one person."""

    def __init__(self, team: Team, id_: str, name: str, dm_with: Person | None = None) -> None:
        self.team, self.id, self.name, self.dm_with = team, id_, name, dm_with
        self.private = False
        self.archived = False
        self.threadable = True
        self.has_bot = True
        self.bell = Bell()
        keep = team.server.keep
        self.log: Log[Message] = Log(keep, most=50)
        self._by_ts: Memory[Message] = Memory(keep, most=200)
        self.client_ids: Memory[Message] = Memory(keep, most=200)
        self.last_post = 0.0

    @property
    def messages(self) -> list[Message]:
        """The public messages, oldest first."""
        return [each for each in self.log if not each.ephemeral and not each.deleted]

    def add(self, message: Message) -> Message:
        """Show a message."""
        message.blocks = named(message.blocks)
        self.log.append(message)
        if not message.ephemeral:
            self._by_ts[message.ts] = message
        self.bell.ring()
        return message

    def get(self, ts: str) -> Message | None:
        """The public message of a timestamp."""
        return self._by_ts.get(ts)

    def has_thread(self, ts: str) -> bool:
        """Whether somebody has replied to the message of a timestamp."""
        return any(each.thread_ts == ts for each in self.messages)

    def forget(self, message: Message) -> None:
        """A message is deleted."""
        self._by_ts.pop(message.ts, None)
        self.bell.ring()

    def shown(self) -> JSON:
        """The channel as the Web API shows it."""
        shown: JSON = {
            "id": self.id,
            "is_im": self.dm_with is not None,
            "is_archived": self.archived,
            "context_team_id": self.team.id,
        }
        if self.dm_with:
            return shown | {"user": self.dm_with.id, "is_open": True}
        return shown | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": True,
            "is_group": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_member": self.has_bot,
            "num_members": len(self.team.people),
        }


@dataclass
class Group:
    """A user group."""

    id: str
    handle: str
    members: list[Person]


class Team:
    """One workspace the app is installed in."""

    def __init__(self, server: SlackServer, name: str) -> None:
        self.server, self.name = server, name
        self.domain = name.lower().replace(" ", "-")
        self.id = f"T{server.number()}"
        self.bot_user = f"U{server.number()}"
        self.bot_id = f"B{server.number()}"
        self.bot_token = f"xoxb-{secrets.token_hex(8)}"
        self.installed = True
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}

    def add_person(
        self, name: str, *, tz: str = "Europe/London", admin: bool = False, locale: str = "en-GB"
    ) -> Person:
        """Someone who works here."""
        person = Person(self, f"U{self.server.number()}", name, tz, admin, locale)
        self.people[person.id] = person
        return person

    def add_channel(self, name: str, *, private: bool = False, bot: bool = True) -> Channel:
        """A channel that everyone here is in, and the bot unless told otherwise."""
        channel = Channel(self, f"C{self.server.number()}", name)
        channel.private, channel.has_bot = private, bot
        self.channels[channel.id] = channel
        return channel

    def add_group(self, handle: str, members: Iterable[Person] = ()) -> Group:
        """A user group, for example `teachers`."""
        group = Group(f"S{self.server.number()}", handle, list(members))
        self.groups[group.id] = group
        return group

    def dm(self, person: Person) -> Channel:
        """The bot's own conversation with one person."""
        key = f"D{person.id[1:]}"
        if key not in self.channels:
            self.channels[key] = Channel(self, key, "directmessage", person)
        return self.channels[key]

    def find(self, wanted: str) -> Channel | None:
        """The channel of an id, of a `#name`, or the DM of a user id."""
        if wanted in self.people:
            return self.dm(self.people[wanted])
        if wanted in self.channels:
            return self.channels[wanted]
        name = wanted.removeprefix("#")
        rooms = (each for each in self.channels.values() if each.name == name and not each.dm_with)
        return next(rooms, None)

    def shown(self) -> JSON:
        """The team as the Web API shows it."""
        return {"id": self.id, "name": self.name, "domain": self.domain, "email_domain": ""}
