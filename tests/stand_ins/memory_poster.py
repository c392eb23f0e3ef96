"""A Poster in memory: what a channel shows, and the troubles a platform can make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.engine.events import Channel, Role
from bot.engine.screens import Screen


@dataclass
class MemoryPoster:
    screens: dict[str, Screen] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, Screen]] = field(default_factory=list)
    """What members were told in private."""
    edits: int = 0
    given: dict[Role, Sequence[str] | None] = field(default_factory=dict)
    """Roles, and who has them; None where events say it."""
    trouble: Exception | None = None
    """What goes wrong before the platform has taken anything."""
    foreseen: str | Exception = ""
    """What a rehearsal finds: what would be in the way of a post, or why nobody is notified."""
    askers: list[str] = field(default_factory=list)
    """Who asked for the rehearsals; empty where nobody may be shown anything for it."""
    uneditable: Exception | None = None
    """What goes wrong when something posted is changed."""
    lost: Exception | None = None
    """What goes wrong on the way back, once the platform has taken it."""

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
