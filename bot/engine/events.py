"""What adapters send in: who did what, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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


@dataclass(frozen=True, slots=True)
class Call:
    """A command was called, with its options by name as the platform delivered them."""

    command: str
    options: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Press:
    """A control was used: its action, and what was selected or typed, if anything."""

    action: str
    values: tuple[str, ...] = ()


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
