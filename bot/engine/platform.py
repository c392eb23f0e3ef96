"""What a platform adapter must do: take events in, and show screens in channels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Protocol

from bot.engine.events import Channel, Mention, Role
from bot.engine.screens import Screen


class Misconfigured(Exception):
    """A setting is missing or wrong; the message says what to set."""


class LoginFailed(Exception):
    """Logging in failed; the message says what to do."""


class Unreachable(LoginFailed):
    """A platform can't be reached for now; the message says why."""


class Unpostable(Exception):
    """The platform refuses a message for good; the message says why."""


class MessageGone(Unpostable):
    """The message was deleted or can't be edited, though its channel exists."""


class ChannelGone(Unpostable):
    """The channel was deleted."""


class Presence(Enum):
    """Whether a member is still in a community. Leaderboards mark those who left, and leave out
    those whose account was deactivated."""

    HERE = "here"
    LEFT = "left"
    DEACTIVATED = "deactivated"


class Poster(Protocol):
    """Posts screens on a platform."""

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen and return the message's id. A screen just posted with the same handle
        isn't posted again; `since` is the time of an earlier attempt that may have got through.
        Raises Unpostable, or anything else if a retry may work."""

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """Find the message of a screen posted with the handle since then; None if there's none, or
        we may not read the channel. Raises as `post` does."""

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Replace a message's screen. Raises as `post` does."""

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
        """Post a screen, once as `post` does, as a reply to a message of ours that notifies nobody;
        or as the first message of a discussion on it, named `thread`. Raises as `post` does; a
        channel that refuses replies or discussions may still accept a message."""

    async def check_reply(self, channel: Channel, *, thread: bool) -> str:
        """Say why a reply or a discussion would be refused, or "". Asks nobody: what isn't known
        passes."""

    async def link(self, channel: Channel, message: str) -> str:
        """Return the web address of a message, or "" if it isn't known or known soon. Asks the
        platform at most once for a community."""

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """Check, without posting, whether a screen could be posted now. Returns why the mentioned
        role wouldn't be notified, or "". What can't be checked passes; if the check needs a
        message, only `asker` sees it, if given. Raises as `post` would."""

    async def may_post(self, channel: Channel, user: str) -> bool:
        """Whether a member may post in a channel of their community. Raises anything if that can't
        be told for now."""

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Send a member a screen as a direct message. Raises as `post` does."""

    async def presence(self, community: str, users: Collection[str]) -> Mapping[str, Presence]:
        """Look up whether members are still there. Whoever can't be looked up within a second is
        missing from the result. Never raises."""

    async def roles(self, community: str) -> Sequence[Role]:
        """List a community's roles or user groups; none if it has none or we may not see them."""

    async def members_of(self, community: str, role: str) -> Sequence[str] | None:
        """List the user ids of a role's members; None if events carry them, in `Actor.roles`."""

    async def look_up(self, community: str, users: Collection[str]) -> Sequence[Mention]:
        """Look up people by user id, without those that can't be looked up now. Only called with
        ids that `members_of` listed."""


class Adapter(Protocol):
    """A platform's adapter."""

    platform: str
    deferred: int
    """How many replies took too long to send at once."""

    @property
    def connected(self) -> bool:
        """Whether events can come in now."""

    @property
    def poster(self) -> Poster:
        """The poster for its channels."""

    async def log_in(self) -> None:
        """Log in. Raises LoginFailed if the platform refuses us for good, else Unreachable."""

    async def connect(self) -> None:
        """Take events until closed. Raises as `log_in` does; a new adapter is made then."""

    async def leave(self) -> None:
        """Finish pending work, and close."""
