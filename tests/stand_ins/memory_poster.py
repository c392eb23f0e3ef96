"""A Poster in memory: what a channel shows, and how a platform can fail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.events import Channel, Mention, Role
from bot.engine.screens import Screen


@dataclass
class MemoryPoster:
    screens: dict[str, Screen] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, Screen]] = field(default_factory=list)
    """Direct messages to members."""
    edits: int = 0
    people: dict[str, Mention] = field(default_factory=dict)
    """People who can be looked up, by user id."""
    given: dict[Role, Sequence[str] | None] = field(default_factory=dict)
    """Roles and their members; None if events say it."""
    trouble: Exception | None = None
    """An error before the platform accepts anything."""
    foreseen: str | Exception = ""
    """What a rehearsal finds: why a post would fail, or why no one would be notified."""
    askers: list[str] = field(default_factory=list)
    """Who asked for each rehearsal; empty if no one may see a test message."""
    replies: dict[str, tuple[str, Screen, str]] = field(default_factory=dict)
    """Replies by handle: to which message, and the name of the discussion, if it's one."""
    unrepliable: Exception | None = None
    """An error when replying."""
    refuses_replies: str = ""
    """Why a reply would be refused."""
    address: str = ""
    """Starts the links to messages; empty if they aren't known."""
    uneditable: Exception | None = None
    """An error when editing a post."""
    lost: Exception | None = None
    """An error on the way back, after the platform has accepted a post."""

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        if self.trouble:
            raise self.trouble
        message = self.handles.setdefault(handle, f"m{len(self.handles) + 1}")
        self.screens[message] = screen
        if self.lost:
            raise self.lost
        return message

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        if self.trouble:
            raise self.trouble
        return self.handles.get(handle)

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        if problem := self.trouble or self.uneditable:
            raise problem
        self.screens[message] = screen
        self.edits += 1

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
        if problem := self.trouble or self.unrepliable:
            raise problem
        self.replies.setdefault(handle, (message, screen, thread))
        if self.lost:
            raise self.lost

    async def check_reply(self, channel: Channel, *, thread: bool) -> str:
        return self.refuses_replies

    async def link(self, channel: Channel, message: str) -> str:
        return f"{self.address}{channel.id}/{message}" if self.address else ""

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        self.askers.append(asker)
        if isinstance(self.foreseen, Exception):
            raise self.foreseen
        return self.foreseen

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        self.told.append((user, screen))

    async def roles(self, community: str) -> Sequence[Role]:
        return list(self.given)

    async def members_of(self, community: str, role: str) -> Sequence[str] | None:
        if self.trouble:
            raise self.trouble
        return next((users for each, users in self.given.items() if each.id == role), None)

    async def look_up(self, community: str, users: Collection[str]) -> Sequence[Mention]:
        return [self.people[user] for user in users if user in self.people]
