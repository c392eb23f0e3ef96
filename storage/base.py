"""What all parts of the store share: the connections, and how rows are made and found."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    Select,
    Table,
    Update,
    bindparam,
    select,
)
from sqlalchemy.exc import DBAPIError

from bot.engine.events import Channel, Member
from bot.engine.ports import CommunitySettings
from bot.engine.streaks import Streak
from storage.database import READS, WRITES
from storage.tables import METADATA

_TABLES = METADATA.tables
community, channel = _TABLES["community"], _TABLES["channel"]
player, person, member = _TABLES["player"], _TABLES["person"], _TABLES["member"]
team, drill, round_, post = (_TABLES[name] for name in ("team", "drill", "round", "post"))
answer, card = _TABLES["answer"], _TABLES["card"]
standing, season = _TABLES["standing"], _TABLES["season"]
report, setting, linking = _TABLES["report"], _TABLES["setting"], _TABLES["linking"]
daily, due, withdrawn = (_TABLES[name] for name in ("daily", "due", "withdrawn"))


THREADS = 8
"""Queries that one process runs at a time."""

TRIES = 4
"""How often a transaction is begun before it is given up."""

YIELDED = ("40P01", "40001")
"""PostgreSQL's codes for a transaction that had to give way to another: a deadlock, or a
serialization failure. It has changed nothing, and may be begun again at once."""

TAKEN = "23505"
"""PostgreSQL's code for a key that another transaction made just now."""


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


def is_community(who: Member | Channel) -> tuple[ColumnElement[bool], ...]:
    """That the community is that of a member or a channel."""
    return community.c.platform == who.platform, community.c.external_id == who.community


def choosing(community_id: int, settings: CommunitySettings) -> Update:
    """Keeps what was chosen for a community."""
    return (
        community.update()
        .where(community.c.id == community_id)
        .values(
            zone=settings.zone,
            posers=settings.posers.value,
            questions_an_hour=settings.questions_an_hour,
            question_minutes=settings.question_minutes,
            team_cap=settings.team_cap,
        )
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


def pseudonym(salt: str, who: Member) -> str:
    """What tells that somebody answered a round to whoever knows its salt, and them."""
    person_ = "\0".join((who.platform, who.realm, who.user)).encode()
    return hashlib.blake2b(person_, key=salt.encode(), digest_size=16).hexdigest()


def in_order(who: Member) -> tuple[str, ...]:
    """A key that sorts members alike in all replicas, by the rows of their persons first."""
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
NOTHING_YET = {f"streak_{name}": value for name, value in asdict(Streak()).items()}
_NEW_PLAYER = player.insert().returning(player.c.id)

T = TypeVar("T")


class Base:
    """Holds the connections to one database, and nothing between calls.

    Queries run in threads: one hop a transaction costs far less than one a statement. SQLite has
    one writer at a time anyway, so there its writes queue for one thread instead of for its lock.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        sqlite = engine.dialect.name == "sqlite"
        self._reads = engine.execution_options(**READS)
        self._writes = engine.execution_options(**WRITES)
        self._readers = ThreadPoolExecutor(THREADS, "studyhall-read")
        self._writers = ThreadPoolExecutor(1 if sqlite else THREADS, "studyhall-write")
        self._alone = sqlite
        self._writer: Connection | None = None
        # SQLite and PostgreSQL spell "insert or else" alike, but each in its own module.
        self._insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert
        self._new_community = self._known(community, "platform", "external_id")
        self._new_person = self._known(person, "platform", "realm", "external_id")
        self._new_member = self._known(member, "community_id", "person_id")

    async def close(self) -> None:
        """Finish what is under way and let the database go."""
        for threads in (self._readers, self._writers):
            await asyncio.to_thread(threads.shutdown)
        if self._writer is not None:
            self._writer.close()
        self.engine.dispose()

    async def _read(self, work: Callable[[Connection], T]) -> T:
        """What a piece of work returns that only reads, all on one connection."""

        def read() -> T:
            with self._reads.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    async def _rows(
        self, query: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """All rows of a query."""
        return await self._read(lambda connection: connection.execute(query, parameters).all())

    async def _row(
        self, query: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Row[Any] | None:
        """The one row of a query, if there is one."""
        return next(iter(await self._rows(query, parameters)), None)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """What a piece of work returns, once all that it wrote is durable."""
        return await asyncio.get_running_loop().run_in_executor(self._writers, self._written, work)

    def _written(
        self,
        work: Callable[[Connection], T],
        again: Collection[str] = YIELDED,
        tries: int = TRIES,
    ) -> T:
        """As `_write`, in the caller's thread; begun again after problems of these codes."""
        try:
            with self._transaction() as connection:
                return work(connection)
        except DBAPIError as problem:
            if tries == 1 or getattr(problem.orig, "sqlstate", None) not in again:
                raise
        return self._written(work, again, tries - 1)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction that writes."""
        if not self._alone:
            with self._writes.begin() as connection:
                yield connection
            return
        # The one writer keeps its connection: to take one from the pool and to put it back takes
        # as long as a small write.
        self._writer = self._writer or self._writes.connect()
        try:
            with self._writer.begin():
                yield self._writer
        except BaseException:
            # One whose commit failed may still be within its transaction: the pool ends that.
            self._writer.close()
            self._writer = None
            raise

    def _find(self, connection: Connection, who: Member) -> Row[Any] | None:
        return connection.execute(_FIND, named(who)).one_or_none()

    def _join(self, connection: Connection, who: Member, name: str) -> Ids:
        """The member's rows, made where they are new; keeps the name fresh."""
        return self._known_as(connection, who, self._find(connection, who), name)

    def _known_as(
        self, connection: Connection, who: Member, found: Row[Any] | None, name: str
    ) -> Ids:
        if found is None:
            return self._welcome(connection, who, name)
        if found.name != name:
            connection.execute(member.update().where(member.c.id == found.member).values(name=name))
        return Ids(found.community, found.player, found.member, found.team or 0)

    def _welcome(self, connection: Connection, who: Member, name: str) -> Ids:
        """The rows of a member who is new in a community."""
        community_id = self._community(connection, who.platform, who.community)
        person_id, player_id = self._person(connection, who)
        member_id = connection.scalar(
            self._new_member,
            {
                "community_id": community_id,
                "person_id": person_id,
                "name": name,
                "hidden": False,
            },
        )
        return Ids(community_id, player_id, int(member_id or 0), 0)

    def _community(self, connection: Connection, platform: str, external: str) -> int:
        key = {"platform": platform, "external_id": external}
        # Looked for first: an insert that finds it there would lock it for all other replicas.
        found = connection.scalar(_COMMUNITY, key)
        return int(found or connection.scalar(self._new_community, key) or 0)

    def _person(self, connection: Connection, who: Member) -> tuple[int, int]:
        """Ids of the person and their player, who is a new one where the person is."""
        key = {"platform": who.platform, "realm": who.realm, "external_id": who.user}
        found = connection.execute(_PERSON, key).one_or_none()
        if found:
            return found.id, found.player_id
        player_id = connection.scalar(_NEW_PLAYER, NOTHING_YET)
        row = connection.execute(self._new_person, {**key, "player_id": player_id}).one()
        if row.player_id != player_id:
            # Another replica met them at the same moment.
            connection.execute(player.delete().where(player.c.id == player_id))
        return row.id, row.player_id

    def _known(self, table: Table, *key: str) -> Any:
        """Insert a row, or find the one that is there by its key; returns its ids."""
        statement = self._insert(table)
        # An update that changes nothing makes the database return the row that is there. One of a
        # key would keep other replicas from referring to the row.
        free = [column for column in table.c if column.name not in ("id", *key)]
        same = {column.name: column for column in (free or [table.c[key[0]]])[:1]}
        ids = [column for column in table.c if column.name in ("id", "player_id")]
        return statement.on_conflict_do_update(index_elements=key, set_=same).returning(*ids)

    def _upsert(self, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        """Insert, or on the key update the values."""
        statement = self._insert(table).values(**{**values, **key})
        return statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: statement.excluded[name] for name in values},
        )
