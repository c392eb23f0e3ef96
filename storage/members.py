"""The rows that identify a member: community, person, player and member."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, bindparam, select

from bot.engine.events import Channel, Member
from bot.engine.streaks import Streak
from storage.database import Database
from storage.tables import answer, community, member, person, player, post


@dataclass(frozen=True, slots=True)
class MemberIds:
    """The ids of a member's rows; team 0 is none."""

    community: int
    player: int
    member: int
    team: int


def is_member(who: Member) -> tuple[ColumnElement[bool], ...]:
    """Matches the community and person of `who`."""
    return *is_community(who), *is_player(who)


def is_community(who: Member | Channel) -> tuple[ColumnElement[bool], ...]:
    """Matches the community of a member or a channel."""
    return community.c.platform == who.platform, community.c.external_id == who.community


def is_player(who: Member) -> tuple[ColumnElement[bool], ...]:
    """Matches the person of `who`, in any community."""
    return (
        person.c.platform == who.platform,
        person.c.realm == who.realm,
        person.c.external_id == who.user,
    )


def members(*columns: Any) -> Select[Any]:
    """A query over members with their communities and persons."""
    return (
        select(*columns)
        .select_from(member)
        .join(community, community.c.id == member.c.community_id)
        .join(person, person.c.id == member.c.person_id)
    )


def member_id(who: Member) -> ScalarSelect[int]:
    """The id of a member's row."""
    return members(member.c.id).where(*is_member(who)).scalar_subquery()


def known_channels(who: Member) -> Select[Any]:
    """The channels of their community in which a member has answered. Others may be private."""
    theirs = post.alias()
    return (
        select(theirs.c.channel)
        .join(answer, answer.c.round_id == theirs.c.round_id)
        .where(answer.c.member_id == member_id(who))
        .distinct()
    )


def lock_players(players: Collection[int] | Select[Any]) -> Select[Any]:
    """Lock players by id; their answers wait for the end of the transaction."""
    theirs = player.c.id.in_(players)
    return select(player.c.id).where(theirs).order_by(player.c.id).with_for_update()


def member_parameters(who: Member) -> dict[str, str]:
    """A member as parameters of a prebuilt statement."""
    return {
        "platform": who.platform,
        "realm": who.realm,
        "community": who.community,
        "user": who.user,
    }


def pseudonym(salt: str, who: Member) -> str:
    """A keyed hash of a person: only with the round's salt can it be matched to them."""
    key = "\0".join((who.platform, who.realm, who.user)).encode()
    return hashlib.blake2b(key, key=salt.encode(), digest_size=16).hexdigest()


def lock_order(who: Member) -> tuple[str, ...]:
    """Sort key for locking members in the same order in all replicas, by person first."""
    return who.platform, who.realm, who.user, who.community


# Built once: building a statement takes longer than running it.
_FIND = members(
    community.c.id.label("community"),
    person.c.player_id.label("player"),
    member.c.id.label("member"),
    member.c.team_id.label("team"),
    member.c.name,
).where(
    community.c.platform == bindparam("platform"),
    community.c.external_id == bindparam("community"),
    person.c.platform == bindparam("platform"),
    person.c.realm == bindparam("realm"),
    person.c.external_id == bindparam("user"),
)
_COMMUNITY = select(community.c.id).where(
    community.c.platform == bindparam("platform"),
    community.c.external_id == bindparam("external_id"),
)
_PERSON = select(person.c.id, person.c.player_id).where(
    person.c.platform == bindparam("platform"),
    person.c.realm == bindparam("realm"),
    person.c.external_id == bindparam("external_id"),
)
NEW_STREAK = {f"streak_{name}": value for name, value in asdict(Streak()).items()}
_NEW_PLAYER = player.insert().returning(player.c.id)


class Members:
    """Finds or creates the rows of members, within a transaction."""

    def __init__(self, database: Database) -> None:
        self._new_community = database.insert_or_find(community, "platform", "external_id")
        self._new_person = database.insert_or_find(person, "platform", "realm", "external_id")
        self._new_member = database.insert_or_find(member, "community_id", "person_id")

    def find(self, connection: Connection, who: Member) -> Row[Any] | None:
        """A member's ids and name; None if they're new."""
        return connection.execute(_FIND, member_parameters(who)).one_or_none()

    def join(self, connection: Connection, who: Member, name: str) -> MemberIds:
        """The member's ids; creates missing rows and updates the name."""
        return self.join_found(connection, who, self.find(connection, who), name)

    def join_found(
        self, connection: Connection, who: Member, found: Row[Any] | None, name: str
    ) -> MemberIds:
        """Like `join`, with the row that `find` returned."""
        if found is None:
            return self._create(connection, who, name)
        if found.name != name:
            connection.execute(member.update().where(member.c.id == found.member).values(name=name))
        return MemberIds(found.community, found.player, found.member, found.team or 0)

    def _create(self, connection: Connection, who: Member, name: str) -> MemberIds:
        """Create the rows of a member who is new in a community."""
        community_id = self.community(connection, who.platform, who.community)
        person_id, player_id = self.person(connection, who)
        member_id = connection.scalar(
            self._new_member,
            {
                "community_id": community_id,
                "person_id": person_id,
                "name": name,
                "hidden": False,
            },
        )
        return MemberIds(community_id, player_id, int(member_id or 0), 0)

    def community(self, connection: Connection, platform: str, external: str) -> int:
        """The id of a community; creates it if it's new."""
        key = {"platform": platform, "external_id": external}
        # Look first: an insert that conflicts would lock the row for all other replicas.
        found = connection.scalar(_COMMUNITY, key)
        return int(found or connection.scalar(self._new_community, key) or 0)

    def person(self, connection: Connection, who: Member) -> tuple[int, int]:
        """The ids of the person and their player; creates both if the person is new."""
        key = {"platform": who.platform, "realm": who.realm, "external_id": who.user}
        found = connection.execute(_PERSON, key).one_or_none()
        if found:
            return found.id, found.player_id
        player_id = connection.scalar(_NEW_PLAYER, NEW_STREAK)
        row = connection.execute(self._new_person, {**key, "player_id": player_id}).one()
        if row.player_id != player_id:
            # Another replica created the person at the same moment.
            connection.execute(player.delete().where(player.c.id == player_id))
        return row.id, row.player_id
