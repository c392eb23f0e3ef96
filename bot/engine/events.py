"""What adapters send in: who did what, and where."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a community, by the platform's own ids.

    `realm` is where the user id means this person: empty where the platform has one id for a
    person in all communities. Members of one realm with one user id are one player.
    """

    platform: str
    community: str
    user: str
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where rounds are posted, by the platform's own ids."""

    platform: str
    community: str
    id: str


@dataclass(frozen=True, slots=True)
class Role:
    """A group of members as the platform keeps it, by its own id."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who sent an event, as the platform tells it; an admin looks after the community. `zone` is
    the IANA time zone the platform knows of the actor, if any; `roles` are the ids of the actor's
    roles, where the platform says them with each event."""

    user: str
    name: str
    admin: bool = False
    zone: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event came from: a channel of a community, or somewhere `private`; a direct message
    has no community. `zone` is the IANA time zone in which its days are cut, where its admins chose
    no other."""

    platform: str
    community: str
    channel: str
    private: bool
    zone: str = "UTC"
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody named in an option, as the platform knows them; apps, and who is in another
    community, do not play."""

    user: str
    name: str
    plays: bool = True


Value = str | int | Mention
"""What an option can be: a member is a mention, or a name where the platform knows no more."""


class FileRefused(Exception):
    """A file can't be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that a member sends. `fetch` gets its bytes, or only the first ones where there are
    more than the limit that it is given; it raises FileRefused."""

    name: str
    size: int
    media_type: str
    fetch: Callable[[int], Awaitable[bytes]] = field(repr=False, compare=False)

    async def read(self, limit: int) -> bytes:
        """All of its bytes, fetched only now. Raises FileRefused, without a download where the
        platform says that there are more than `limit`."""
        content = b"" if self.size > limit else await self.fetch(limit)
        if max(self.size, len(content)) > limit:
            raise FileRefused(f"That file is too big. Send one of at most {_amount(limit)}.")
        return content


def _amount(limit: int) -> str:
    """A number of bytes in words."""
    return f"{limit / 2**20:.3g} MB" if limit >= 2**20 else f"{limit / 2**10:.3g} kB"


FieldValue = str | tuple[str, ...] | Mention | Role | Channel | IncomingFile
"""What a field of a form can hold. Where the platform knows no people, roles or channels, they are
names; what was left empty is an empty text or tuple."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command was called, with its options by name as the platform delivered them; `unread` are
    the typed words that are none of them."""

    command: str
    options: Mapping[str, Value]
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Press:
    """A control was used: its action, and what was selected or typed, if anything; `fields` is what
    its form holds by the fields' names, and None where it came without one."""

    action: str
    values: tuple[str, ...] = ()
    fields: Mapping[str, FieldValue] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing one person did."""

    actor: Actor
    place: Place
    what: Call | Press

    @property
    def member(self) -> Member:
        """The actor as a member of the place's community."""
        place = self.place
        return Member(place.platform, place.community, self.actor.user, place.realm)
