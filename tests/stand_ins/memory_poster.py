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
