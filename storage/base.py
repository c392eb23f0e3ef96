"""What all parts of the store share: the connections, and how rows are made and found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.events import Member
from storage.database import WRITES
from storage.tables import METADATA

_TABLES = METADATA.tables
community, channel = _TABLES["community"], _TABLES["channel"]
player, person, member = _TABLES["player"], _TABLES["person"], _TABLES["member"]
team, drill, round_, post = (_TABLES[name] for name in ("team", "drill", "round", "post"))
answer, score, card = _TABLES["answer"], _TABLES["score"], _TABLES["card"]
report, setting = _TABLES["report"], _TABLES["setting"]


@dataclass(frozen=True, slots=True)
class Ids:
    """A member's rows by their keys."""

    community: int
    player: int
    member: int
    team: int


def is_member(who: Member) -> tuple[ColumnElement[bool], ...]:
    """That community, person and member are those of `who`."""
    return (
        community.c.platform == who.platform,
        community.c.external_id == who.community,
        person.c.platform == who.platform,
        person.c.realm == who.realm,
        person.c.external_id == who.user,
    )


def is_player(who: Member) -> tuple[ColumnElement[bool], ...]:
    """That the person is `who`, in whatever community."""
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


def named(who: Member) -> dict[str, str]:
    """Who it is, as parameters of a statement that was built once."""
    return {
        "platform": who.platform,
        "realm": who.realm,
        "community": who.community,
        "user": who.user,
    }


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


class Base:
    """Holds the connections to one database, and nothing between calls."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._reads = engine
        self._writes = engine.execution_options(**WRITES)
        # SQLite and PostgreSQL spell "insert or else" alike, but each in its own module.
        self._insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert

    async def _find(self, connection: AsyncConnection, who: Member) -> Row[Any] | None:
        found: Row[Any] | None = (await connection.execute(_FIND, named(who))).one_or_none()
        return found

    async def _join(self, connection: AsyncConnection, who: Member, name: str) -> Ids:
        """The member's rows, made where they are new; keeps the name fresh."""
        found = await self._find(connection, who)
        if found is None:
            community_id = await self._community(connection, who.platform, who.community)
            person_id = await self._person(connection, who)
            await connection.execute(
                self._insert(member)
                .values(community_id=community_id, person_id=person_id, name=name)
                .on_conflict_do_nothing()
            )
            found = await self._find(connection, who)
            if found is None:
                raise RuntimeError("a member that was just kept is gone")
        elif found.name != name:
            await connection.execute(
                member.update().where(member.c.id == found.member).values(name=name)
            )
        return Ids(found.community, found.player, found.member, found.team or 0)

    async def _community(self, connection: AsyncConnection, platform: str, external: str) -> int:
        key = {"platform": platform, "external_id": external}
        statement = self._upsert(community, key, key).returning(community.c.id)
        return int(await connection.scalar(statement) or 0)

    async def _person(self, connection: AsyncConnection, who: Member) -> int:
        """The person's id, with a player of their own where they are new."""
        found = await connection.scalar(select(person.c.id).where(*is_player(who)))
        if found:
            return int(found)
        new = player.insert().values(streak_days=0, streak_best=0).returning(player.c.id)
        player_id = await connection.scalar(new)
        key = {"platform": who.platform, "realm": who.realm, "external_id": who.user}
        statement = self._upsert(person, key, {"player_id": player_id}, update=("platform",))
        row = (await connection.execute(statement.returning(person.c.id, person.c.player_id))).one()
        if row.player_id != player_id:
            # Another replica met them at the same moment.
            await connection.execute(player.delete().where(player.c.id == player_id))
        return int(row.id)

    def _upsert(
        self,
        table: Table,
        key: Mapping[str, Any],
        values: Mapping[str, Any],
        update: Sequence[str] = (),
    ) -> Any:
        """Insert, or on the key update (all values, unless columns are named)."""
        statement = self._insert(table).values(**{**values, **key})
        return statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: statement.excluded[name] for name in update or values},
        )
