"""Where people and the bot meet: guilds, their channels and roles, and direct messages."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from tests.stand_ins.discord.messages import Message
    from tests.stand_ins.discord.people import Person

Json = dict[str, Any]
V = TypeVar("V")

EPOCH = 1420070400000
LONG_AGO = 1577836800.0
"""When everything was made whose making no test sees: 1 January 2020."""
TEXT, DM, THREAD = 0, 1, 11

ADMINISTRATOR, MANAGE_GUILD = 1 << 3, 1 << 5
VIEW_CHANNEL, SEND_MESSAGES, SEND_IN_THREADS = 1 << 10, 1 << 11, 1 << 38
EMBED_LINKS, ATTACH_FILES, MENTION_EVERYONE = 1 << 14, 1 << 15, 1 << 17
READ_HISTORY, CREATE_PUBLIC_THREADS = 1 << 16, 1 << 35
EVERYTHING = (1 << 53) - 1
MEMBER = (
    1 << 6  # add reactions
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_HISTORY
    | 1 << 31  # use application commands
    | CREATE_PUBLIC_THREADS
    | SEND_IN_THREADS
)
IN_DMS = 1 << 14 | 1 << 15 | 1 << 17 | 1 << 18

_numbers = itertools.count(1)


def snowflake(at: float = LONG_AGO) -> str:
    """A new id, with the time in it as Discord's have."""
    return str(((int(at * 1000) - EPOCH) << 22) | (next(_numbers) & 0x3FFFFF))


def time_of(id_: str) -> float:
    """When something with this id was made, in seconds since 1970."""
    return ((int(id_) >> 22) + EPOCH) / 1000


BOT_ID = snowflake()
BOT: Json = {
    "id": BOT_ID,
    "username": "Studyhall",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "bot": True,
}


class Shelf(dict[str, V]):
    """Things by id; with a limit, the oldest make room."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: str, value: V) -> None:
        super().__setitem__(key, value)
        if self._limit is not None and len(self) > self._limit:
            del self[next(iter(self))]


def _untold(name: str, guild: Guild, data: Json) -> None:
    """Before a guild is known to a server, nobody is told what happens there."""


@dataclass(eq=False)
class Channel:
    """A guild's text channel or a thread of one, or a person's direct messages with the bot."""

    name: str
    guild: Guild | None = None
    person: Person | None = None
    id: str = field(default_factory=snowflake)
    history: list[Message] = field(default_factory=list)
    """All messages that were kept, those that only one person sees among them."""
    nonces: Shelf[tuple[float, Message]] = field(default_factory=lambda: Shelf(1000))
    deleted: bool = False
    denied: int = 0
    """What the bot may not do here, by an overwrite of its own."""
    refuses: tuple[int, str] | None = None
    """The error that the bot gets here instead of being let in."""
    hides_history: bool = False
    """Whether the bot may write here, but not read what was written."""
    parent: Channel | None = None
    """The channel that a thread belongs to."""
    archived: bool = False
    locked: bool = False
    """Whether only moderators, of which the bot is none, can open an archived thread."""

    @property
    def messages(self) -> list[Message]:
        """The channel's public messages, in order."""
        return [each for each in self.history if each.shown and each.visible_to is None]

    @property
    def app_permissions(self) -> int:
        """What the bot may do here. A thread has its channel's permissions. Source: Discord's
        documentation, "Permissions": "Permission Overwrites", "Implicit Permissions", "Inherited
        Permissions (Threads)"."""
        if self.guild is None:
            return IN_DMS
        allowed = self.guild.granted & ~(self.parent or self).denied
        if not allowed & VIEW_CHANNEL:
            return 0
        if not allowed & (SEND_IN_THREADS if self.parent else SEND_MESSAGES):
            allowed &= ~(EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE)
        return allowed

    def payload(self, permissions: int | None = None) -> Json:
        """Discord's channel object; with somebody's permissions inside an interaction."""
        told: Json = {"id": self.id, "last_message_id": None, "flags": 0}
        if self.person is not None:
            told |= {"type": DM, "recipients": [self.person.payload()]}
        if self.guild is not None:
            told |= {
                "type": TEXT,
                "name": self.name,
                "guild_id": self.guild.id,
                "position": 0,
                "nsfw": False,
                "parent_id": None,
                "topic": None,
                "rate_limit_per_user": 0,
                "permission_overwrites": [
                    {"id": BOT_ID, "type": 1, "allow": "0", "deny": str(self.denied)}
                ],
            }
        if self.parent is not None:
            told |= {
                "type": THREAD,
                "parent_id": self.parent.id,
                "owner_id": "1",
                "message_count": len(self.messages),
                "member_count": 1,
                "thread_metadata": {
                    "archived": self.archived,
                    "locked": self.locked,
                    "auto_archive_duration": 60,
                    "archive_timestamp": "2026-01-01T00:00:00+00:00",
                },
            }
        if permissions is not None:
            told["permissions"] = str(permissions)
        return told


@dataclass(eq=False)
class Role:
    """A role of a guild."""

    name: str
    permissions: int = 0
    position: int = 1
    managed: bool = False
    """Whether it's an app's own role, which can't be assigned."""
    mentionable: bool = False
    """Whether everyone may mention it."""
    id: str = field(default_factory=snowflake)

    def payload(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": self.managed,
            "mentionable": self.mentionable,
            "flags": 0,
        }


@dataclass(eq=False)
class Membership:
    """How a person is known in a guild."""

    admin: bool = False
    permissions: int = 0
    """What the person may do beyond what every member may."""
    nick: str | None = None
    roles: list[Role] = field(default_factory=list)

    def allowed(self) -> int:
        """All that the person may do; an administrator may do everything."""
        granted = MEMBER | self.permissions
        for role in self.roles:
            granted |= role.permissions
        return EVERYTHING if self.admin or granted & ADMINISTRATOR else granted

    def payload(self) -> Json:
        return {
            "nick": self.nick,
            "avatar": None,
            "roles": [role.id for role in self.roles],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "permissions": str(self.allowed()),
        }


@dataclass(eq=False)
class Guild:
    """What people call a server. Everybody is a member unless they join as something more."""

    name: str
    locale: str = "en-GB"
    id: str = field(default_factory=snowflake)
    channels: list[Channel] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    members: dict[str, Membership] = field(default_factory=dict)
    granted: int = MEMBER
    """What the bot may do by its roles, of which it has none but that of everybody."""
    commands: list[Json] = field(default_factory=list)
    allowed: dict[str, Role] = field(default_factory=dict)
    """Who may use a command by the integration's settings, whatever they may do otherwise."""
    tell: Callable[[str, Guild, Json], None] = _untold
    shelf: Shelf[Channel] = field(default_factory=Shelf)

    def add_text_channel(self, name: str = "general") -> Channel:
        channel = Channel(name, self)
        self.channels.append(channel)
        self.shelf[channel.id] = channel
        self.tell("CHANNEL_CREATE", self, channel.payload())
        return channel

    def add_thread(
        self,
        parent: Channel,
        name: str = "thread",
        *,
        announced: bool = False,
        of_message: str | None = None,
    ) -> Channel:
        """A public thread, which has the id of its message if it has one; sessions are told of one
        that is announced."""
        thread = Channel(name, self, parent=parent, id=of_message or snowflake())
        self.shelf[thread.id] = thread
        if announced:
            self.tell("THREAD_CREATE", self, thread.payload() | {"newly_created": True})
        return thread

    def add_role(
        self,
        name: str,
        permissions: int = 0,
        *,
        position: int = 1,
        managed: bool = False,
        mentionable: bool = False,
    ) -> Role:
        role = Role(name, permissions, position, managed, mentionable)
        self.roles.append(role)
        self.tell("GUILD_ROLE_CREATE", self, {"guild_id": self.id, "role": role.payload()})
        return role

    def join(
        self,
        person: Person,
        *,
        admin: bool = False,
        permissions: int = 0,
        nick: str | None = None,
        roles: list[Role] | None = None,
    ) -> None:
        """Make the person a member with more than what everybody has."""
        self.members[person.id] = Membership(admin, permissions, nick, roles or [])

    def membership(self, person: Person) -> Membership:
        return self.members.setdefault(person.id, Membership())

    def everyone(self) -> Json:
        """The role that all have, with the guild's own id."""
        return Role("@everyone", self.granted, 0, id=self.id).payload()

    def payload(self) -> Json:
        """The guild as a session is first told of it."""
        empty = ("emojis", "stickers", "features", "threads", "voice_states")
        later = ("presences", "stage_instances", "guild_scheduled_events", "soundboard_sounds")
        zero = ("verification_level", "default_message_notifications", "explicit_content_filter")
        none = ("icon", "splash", "discovery_splash", "description", "afk_channel_id", "banner")
        return {
            **{key: [] for key in (*empty, *later)},
            **dict.fromkeys((*zero, "mfa_level", "nsfw_level", "premium_tier"), 0),
            **dict.fromkeys((*none, "application_id", "system_channel_id", "rules_channel_id")),
            "id": self.id,
            "name": self.name,
            "owner_id": next((id_ for id_, each in self.members.items() if each.admin), "1"),
            "preferred_locale": self.locale,
            "roles": [self.everyone(), *(role.payload() for role in self.roles)],
            "channels": [each.payload() for each in self.channels],
            # Without the privileged intent, the bot is told of itself alone.
            "members": [{**Membership().payload(), "user": BOT}],
            "member_count": len(self.members) + 1,
            "large": False,
            "unavailable": False,
            "afk_timeout": 300,
            "system_channel_flags": 0,
            "premium_progress_bar_enabled": False,
            "vanity_url_code": None,
            "public_updates_channel_id": None,
            "joined_at": "2026-01-01T00:00:00+00:00",
        }
