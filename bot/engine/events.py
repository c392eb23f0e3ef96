"""What adapters send in: who did what, and where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

ROLE_WORD = "role"
"""What most platforms call a group of members that admins make."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a community, by the platform's own ids.

    `realm` is the scope of the user id: empty if the platform uses one id per person everywhere.
    Members with the same realm and user id are one player.
    """

    platform: str
    community: str
    user: str
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel that rounds are posted in, by the platform's own ids."""

    platform: str
    community: str
    id: str


@dataclass(frozen=True, slots=True)
class Role:
    """A platform's own group of members: a role or user group, by its id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who sent an event; an `admin` manages the community, by the platform's own rules.
    `zone` is the IANA time zone in their platform profile, if any; `roles` are the ids of their
    roles, if the platform sends them with each event."""

    user: str
    name: str
    admin: bool = False
    zone: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event came from: a community's channel, or somewhere `private`; a direct message has
    no community. `zone` is the community's IANA time zone unless its admins chose another one.
    `role_word` is what the platform calls a group of members that admins make."""

    platform: str
    community: str
    channel: str
    private: bool
    zone: str = "UTC"
    realm: str = ""
    role_word: str = ROLE_WORD


@dataclass(frozen=True, slots=True)
class Mention:
    """A person named in an option, as the platform knows them; apps and people from other
    communities don't play."""

    user: str
    name: str
    plays: bool = True


Value = str | int | Mention | tuple[Mention | str, ...]
"""What an option can hold: a member is a mention, or a name if the platform has no more; people are
mentions with any words between them."""


class FileRefused(Exception):
    """A file can't be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that a member sent. `fetch` downloads its bytes; it may stop once it has more than the
    limit that it's given. It raises FileRefused."""

    name: str
    size: int
    media_type: str
    fetch: Callable[[int], Awaitable[bytes]] = field(repr=False, compare=False)

    async def read(self, limit: int) -> bytes:
        """Download the file. Raises FileRefused if it's over `limit` bytes, without a download if
        the platform already says so."""
        content = b"" if self.size > limit else await self.fetch(limit)
        if max(self.size, len(content)) > limit:
            raise FileRefused(f"That file is too big. Send one of at most {_format_size(limit)}.")
        return content


def _format_size(limit: int) -> str:
    """Write a number of bytes in MB or kB."""
    return f"{limit / 2**20:.3g} MB" if limit >= 2**20 else f"{limit / 2**10:.3g} kB"


FieldValue = str | tuple[str, ...] | tuple[Mention, ...] | Mention | Role | Channel | IncomingFile
"""What a form field can hold. On a platform without people, roles or channels they're names; an
empty field is an empty text or tuple."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command with its options by name, as the platform delivered them; `unread` are typed words
    that belong to no option. If it came with the command's form instead, `fields` are the form's
    values by field name, and `changed` the names of those that the member changed."""

    command: str
    options: Mapping[str, Value]
    unread: str = ""
    fields: Mapping[str, FieldValue] | None = None
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Press:
    """A used control: its action, and what was selected or typed, if anything; `fields` are the
    values of its form by field name, None if it came without a form."""

    action: str
    values: tuple[str, ...] = ()
    fields: Mapping[str, FieldValue] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that one person did."""

    actor: Actor
    place: Place
    what: Call | Press

    @property
    def member(self) -> Member:
        """The actor as a member of the place's community."""
        place = self.place
        return Member(place.platform, place.community, self.actor.user, place.realm)
