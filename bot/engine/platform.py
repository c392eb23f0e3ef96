"""What a platform must do: take events in, and show screens in its channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.engine.events import Channel, Role
from bot.engine.screens import Screen


class LoginFailed(Exception):
    """A platform cannot be logged in to; the message says what to do."""


class Unreachable(LoginFailed):
    """A platform can't be reached now, but may be later; the message says why."""


class Unpostable(Exception):
    """The platform will not take a message there, now or later; the message says why."""


class MessageGone(Unpostable):
    """The message is not there any more, or takes no change, though the channel is there."""


class ChannelGone(Unpostable):
    """The channel is not there any more."""


class Poster(Protocol):
    """Shows screens in a platform's channels."""

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen and return the message's id. What was just posted with the same handle is
        not posted again; `since` is the time from which an earlier try may have got through, if
        there was one. Raises Unpostable, or anything else where it may work later."""

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """The message of a screen that was posted with the handle since then; None if there is
        none, or it may not be looked for. Raises as `post` does."""

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Show another screen in a message's place. Raises as `post` does."""

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """Find out, without posting, whether a screen could be posted there now. Returns why the
        role it mentions wouldn't be notified, or nothing. What can't be found out doesn't count as
        trouble; where it takes a message to find out, a line is shown to `asker` alone, if given.
        Raises as `post` would."""

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Show a screen to one member of a community in private. Raises as `post` does."""

    async def roles(self, community: str) -> Sequence[Role]:
        """The roles that a community gives to some of its members; none where it has none, or they
        may not be seen."""

    async def members_of(self, community: str, role: str) -> Sequence[str] | None:
        """User ids of who has a role; None where events say it, in `Actor.roles`."""


class Adapter(Protocol):
    """A platform that can be run."""

    platform: str

    @property
    def poster(self) -> Poster:
        """What posts in its channels."""

    async def log_in(self) -> None:
        """Log in. Raises LoginFailed where the platform refuses us for good, else Unreachable."""

    async def connect(self) -> None:
        """Take events until closed. Raises as `log_in` does; another adapter is made then."""

    async def leave(self) -> None:
        """Finish what is in hand, and close."""
