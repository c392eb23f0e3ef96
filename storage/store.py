"""The engine's Store on any database that SQLAlchemy reaches. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from importlib import import_module
from typing import Any

from sqlalchemy import Row, Table, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.ports import Acceptance, Drill, Record, Seat
from bot.engine.rounds import Answer, Given, NewRound, Round
from bot.engine.standings import Standing, Standings
from bot.engine.streaks import Streak
from storage.database import WRITES
from storage.tables import METADATA

_TABLES = METADATA.tables
_community, _member, _drill = _TABLES["community"], _TABLES["member"], _TABLES["drill"]
_round, _answer, _score, _card = (
    _TABLES["round"],
    _TABLES["answer"],
    _TABLES["score"],
    _TABLES["card"],
)
_ANSWER = [
    _answer.c.given,
    _answer.c.credit,
    _answer.c.points,
    _answer.c.answered_at,
]
_CARD_FIELDS = [field.name for field in fields(Card)]
_CARD = [_card.c[name].label(f"card_{name}") for name in _CARD_FIELDS]


class SqlStore:
    """Keeps everything in one database; holds nothing between calls."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._reads = engine
        self._writes = engine.execution_options(**WRITES)
        # SQLite and PostgreSQL spell "insert or else" alike, but each in its own module.
        self._insert = import_module(f"sqlalchemy.dialects.{engine.dialect.name}").insert

    async def start_drill(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        """Keep a new drill with all its rounds; returns the drill's id."""
        async with self._writes.begin() as connection:
            community_id, member_id = await self._join(connection, member, name)
            row = await connection.execute(
                _drill.insert()
                .values(member_id=member_id, pack=pack, scope=scope, started_at=now)
                .returning(_drill.c.id)
            )
            drill_id = int(row.scalar_one())
            await connection.execute(
                _round.insert(),
                [
                    {
                        "community_id": community_id,
                        "drill_id": drill_id,
                        "step": step,
                        "pack": pack,
                        "question": each.question,
                        "version": each.version,
                        "layout": list(each.layout),
                        "opened_at": now,
                    }
                    for step, each in enumerate(rounds, 1)
                ],
            )
        return drill_id

    async def seat(self, round_id: int, member: Member) -> Seat | None:
        """The member's place at a round; None if there is no such round, or it is not theirs."""
        me = and_(
            _member.c.community_id == _round.c.community_id,
            _member.c.external_id == member.user,
        )
        query = (
            select(_round, _steps(), *_ANSWER, *_CARD, *_streak())
            .join(_community, _community.c.id == _round.c.community_id)
            .outerjoin(_member, me)
            .outerjoin(_drill, _drill.c.id == _round.c.drill_id)
            .outerjoin(
                _answer,
                and_(_answer.c.round_id == _round.c.id, _answer.c.member_id == _member.c.id),
            )
            .outerjoin(
                _card,
                and_(
                    _card.c.member_id == _member.c.id,
                    _card.c.pack == _round.c.pack,
                    _card.c.question == _round.c.question,
                ),
            )
            .where(
                _round.c.id == round_id,
                _community.c.platform == member.platform,
                _community.c.external_id == member.community,
                or_(_drill.c.id.is_(None), _drill.c.member_id == _member.c.id),
            )
        )
        async with self._reads.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return None
        return Seat(_to_round(row), _to_answer(row), _to_card(row), _to_streak(row))

    async def accept(self, acceptance: Acceptance) -> Answer:
        """Keep the answer if it is the member's first to the round, with all that follows."""
        async with self._writes.connect() as connection, connection.begin() as transaction:
            community_id, member_id = await self._join(
                connection, acceptance.member, acceptance.name
            )
            first = await connection.execute(
                self._insert(_answer)
                .values(
                    round_id=acceptance.round,
                    member_id=member_id,
                    given=acceptance.answer.given,
                    credit=acceptance.answer.credit,
                    points=acceptance.answer.points,
                    answered_at=acceptance.answer.answered_at,
                )
                .on_conflict_do_nothing()
                .returning(_answer.c.id)
            )
            if first.one_or_none() is None:
                row = await connection.execute(
                    select(*_ANSWER).where(
                        _answer.c.round_id == acceptance.round, _answer.c.member_id == member_id
                    )
                )
                stands = _to_answer(row.one())
                await transaction.rollback()
                return stands or acceptance.answer
            await connection.execute(
                _member.update()
                .where(_member.c.id == member_id)
                .values({f"streak_{k}": v for k, v in asdict(acceptance.streak).items()})
            )
            await connection.execute(
                self._added(
                    _score,
                    {
                        "member_id": member_id,
                        "board": acceptance.board,
                        "day": acceptance.day,
                        "community_id": community_id,
                    },
                    {
                        "points": acceptance.answer.points,
                        "right": int(acceptance.answer.right),
                        "answered": 1,
                    },
                )
            )
            await connection.execute(
                self._upsert(
                    _card,
                    {
                        "member_id": member_id,
                        "pack": acceptance.pack,
                        **asdict(acceptance.card),
                    },
                )
            )
        return acceptance.answer

    async def drill(self, drill: int, member: Member) -> Drill | None:
        """A member's drill with all its steps; None if there is no such drill of theirs."""
        query = (
            select(_round, _drill.c.scope, *_ANSWER)
            .join(_drill, _drill.c.id == _round.c.drill_id)
            .join(_member, _member.c.id == _drill.c.member_id)
            .join(_community, _community.c.id == _member.c.community_id)
            .outerjoin(
                _answer,
                and_(_answer.c.round_id == _round.c.id, _answer.c.member_id == _member.c.id),
            )
            .where(_drill.c.id == drill, *_is(member))
            .order_by(_round.c.step)
        )
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return None
        steps = tuple((_to_round(row, len(rows)), _to_answer(row)) for row in rows)
        return Drill(drill, rows[0].pack, rows[0].scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        """The member's cards of a pack by question id."""
        query = (
            select(*_CARD)
            .join(_member, _member.c.id == _card.c.member_id)
            .join(_community, _community.c.id == _member.c.community_id)
            .where(_card.c.pack == pack, *_is(member))
        )
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).all()
        cards = (_to_card(row) for row in rows)
        return {card.question: card for card in cards if card}

    async def record(self, member: Member) -> Record:
        """The member's sums."""
        query = (
            select(
                *(_sum(name) for name in ("points", "right", "answered")),
                *_streak(),
            )
            .select_from(_member)
            .join(_community, _community.c.id == _member.c.community_id)
            .outerjoin(_score, _score.c.member_id == _member.c.id)
            .where(*_is(member))
            .group_by(_member.c.id)
        )
        async with self._reads.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            return Record()
        return Record(row.points or 0, row.right or 0, row.answered or 0, _to_streak(row))

    async def standings(
        self,
        member: Member,
        board: str,
        since: date | None,
        *,
        today: date,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community; reads day sums, never answers."""
        sums = (
            select(_score.c.member_id, *(_sum(name) for name in ("points", "right", "answered")))
            .join(_community, _community.c.id == _score.c.community_id)
            .where(
                _community.c.platform == member.platform,
                _community.c.external_id == member.community,
                _score.c.board == board,
                *([_score.c.day >= since] if since else []),
            )
            .group_by(_score.c.member_id)
            .subquery()
        )
        ranked = select(
            sums, func.rank().over(order_by=sums.c.points.desc()).label("rank")
        ).subquery()
        lines = select(
            ranked,
            _member.c.external_id,
            _member.c.name,
            *_streak(),
        ).join(_member, _member.c.id == ranked.c.member_id)
        page = (
            lines.order_by(ranked.c.rank, ranked.c.right.desc(), ranked.c.member_id)
            .limit(limit)
            .offset(offset)
        )
        async with self._reads.connect() as connection:
            rows = (await connection.execute(page)).all()
            own = await connection.execute(lines.where(_member.c.external_id == member.user))
            total = await connection.execute(select(func.count()).select_from(sums))
            mine = own.one_or_none()
            return Standings(
                tuple(_to_standing(row, today) for row in rows),
                _to_standing(mine, today) if mine else None,
                total.scalar_one(),
            )

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a member; False if there was none."""
        mine = (
            select(_member.c.id)
            .join(_community, _community.c.id == _member.c.community_id)
            .where(*_is(member))
        )
        async with self._writes.begin() as connection:
            gone = await connection.execute(delete(_member).where(_member.c.id.in_(mine)))
        return gone.rowcount > 0

    async def _join(
        self, connection: AsyncConnection, member: Member, name: str
    ) -> tuple[int, int]:
        """Ids of the community and the member, made when they are new; keeps the name fresh."""
        community_id = await connection.scalar(
            self._upsert(
                _community, {"platform": member.platform, "external_id": member.community}
            ).returning(_community.c.id)
        )
        member_id = await connection.scalar(
            self._upsert(
                _member,
                {
                    "community_id": community_id,
                    "external_id": member.user,
                    "name": name,
                    "streak_days": 0,
                    "streak_best": 0,
                },
                update=("name",),
            ).returning(_member.c.id)
        )
        return int(community_id or 0), int(member_id or 0)

    def _upsert(self, table: Table, values: Mapping[str, Any], update: Sequence[str] = ()) -> Any:
        """Insert, or on the table's own key update (everything, unless columns are named)."""
        statement = self._insert(table).values(**values)
        columns = update or tuple(values)
        return statement.on_conflict_do_update(
            index_elements=_key(table),
            set_={name: statement.excluded[name] for name in columns},
        )

    def _added(self, table: Table, key: Mapping[str, Any], sums: Mapping[str, int]) -> Any:
        """Insert the sums, or on the key add them to what is there."""
        statement = self._insert(table).values(**key, **sums)
        return statement.on_conflict_do_update(
            index_elements=_key(table),
            set_={name: table.c[name] + statement.excluded[name] for name in sums},
        )


_KEYS = {"community": ("platform", "external_id"), "member": ("community_id", "external_id")}


def _key(table: Table) -> Sequence[str]:
    """The columns by which a row is known from outside."""
    return _KEYS.get(table.name) or [column.name for column in table.primary_key]


def _is(member: Member) -> tuple[Any, ...]:
    return (
        _community.c.platform == member.platform,
        _community.c.external_id == member.community,
        _member.c.external_id == member.user,
    )


def _streak() -> list[Any]:
    return [_member.c.streak_days, _member.c.streak_best, _member.c.streak_last]


def _sum(name: str) -> Any:
    return func.sum(_score.c[name]).label(name)


def _steps() -> Any:
    others = _round.alias()
    return (
        select(func.count()).where(others.c.drill_id == _round.c.drill_id).scalar_subquery()
    ).label("steps")


def _to_round(row: Row[Any], steps: int | None = None) -> Round:
    return Round(
        id=row.id,
        pack=row.pack,
        question=row.question,
        version=row.version,
        layout=tuple(row.layout),
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        drill=row.drill_id,
        step=row.step,
        steps=row.steps if steps is None else steps,
    )


def _to_answer(row: Row[Any]) -> Answer | None:
    if row.answered_at is None:
        return None
    given: Given = row.given if isinstance(row.given, str) else tuple(row.given)
    return Answer(given, row.credit, row.points, row.answered_at)


def _to_card(row: Row[Any]) -> Card | None:
    if row.card_due is None:
        return None
    return Card(**{name: row._mapping[f"card_{name}"] for name in _CARD_FIELDS})


def _to_streak(row: Row[Any]) -> Streak:
    return Streak(row.streak_days or 0, row.streak_best or 0, row.streak_last)


def _to_standing(row: Row[Any], today: date) -> Standing:
    return Standing(
        rank=row.rank,
        user=row.external_id,
        name=row.name,
        points=row.points,
        right=row.right,
        answered=row.answered,
        streak=_to_streak(row).on(today),
    )
