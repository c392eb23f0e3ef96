"""Drills, and the answers to any round with all that follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.ports import Acceptance, Drill, Record, Seat
from bot.engine.rounds import Answer, Board, Given, NewRound, Reveal, Round
from bot.engine.streaks import Streak
from storage.base import (
    Base,
    answer,
    card,
    community,
    drill,
    is_member,
    is_player,
    members,
    named,
    person,
    player,
    post,
    round_,
    score,
)
from storage.base import (
    member as member_,
)

ANSWER = [answer.c.given, answer.c.credit, answer.c.points, answer.c.answered_at]
STREAK = [player.c.streak_days, player.c.streak_best, player.c.streak_last]
POSTED = [post.c.board, post.c.reveal, post.c.state]
_CARD_FIELDS = [field.name for field in fields(Card)]
_CARD = [card.c[name].label(f"card_{name}") for name in _CARD_FIELDS]

_others = round_.alias()
_STEPS = (
    select(func.count()).where(_others.c.drill_id == round_.c.drill_id).scalar_subquery()
).label("steps")

# Built once: building a statement takes longer than running it.
_SEAT = (
    select(round_, _STEPS, *POSTED, *ANSWER, *_CARD, *STREAK)
    .join(community, community.c.id == round_.c.community_id)
    .outerjoin(
        person,
        and_(
            person.c.platform == bindparam("platform"),
            person.c.realm == bindparam("realm"),
            person.c.external_id == bindparam("user"),
        ),
    )
    .outerjoin(
        member_,
        and_(member_.c.community_id == round_.c.community_id, member_.c.person_id == person.c.id),
    )
    .outerjoin(player, player.c.id == person.c.player_id)
    .outerjoin(drill, drill.c.id == round_.c.drill_id)
    .outerjoin(post, post.c.round_id == round_.c.id)
    .outerjoin(answer, and_(answer.c.round_id == round_.c.id, answer.c.member_id == member_.c.id))
    .outerjoin(
        card,
        and_(
            card.c.player_id == player.c.id,
            card.c.pack == round_.c.pack,
            card.c.question == round_.c.question,
        ),
    )
    .where(
        round_.c.id == bindparam("round"),
        community.c.platform == bindparam("platform"),
        community.c.external_id == bindparam("community"),
        or_(drill.c.id.is_(None), drill.c.member_id == member_.c.id),
    )
)
_STANDS = select(*ANSWER).where(
    answer.c.round_id == bindparam("round"), answer.c.member_id == bindparam("member")
)
_STREAK = player.update().where(player.c.id == bindparam("player"))


class Answers(Base):
    """Keeps drills and answers, cards and sums."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._answered = self._insert(answer).on_conflict_do_nothing().returning(answer.c.id)
        scored = self._insert(score)
        self._scored = scored.on_conflict_do_update(
            index_elements=["member_id", "board", "day", "team_id"],
            set_={
                name: score.c[name] + scored.excluded[name]
                for name in ("points", "right", "answered")
            },
        )
        remembered = self._insert(card)
        self._remembered = remembered.on_conflict_do_update(
            index_elements=["player_id", "pack", "question"],
            set_={name: remembered.excluded[name] for name in _CARD_FIELDS if name != "question"},
        )

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
            ids = await self._join(connection, member, name)
            row = await connection.execute(
                drill.insert()
                .values(member_id=ids.member, pack=pack, scope=scope, started_at=now)
                .returning(drill.c.id)
            )
            drill_id = int(row.scalar_one())
            await connection.execute(
                round_.insert(),
                [
                    {
                        "community_id": ids.community,
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
        async with self._reads.connect() as connection:
            found = await connection.execute(_SEAT, {"round": round_id, **named(member)})
            row = found.one_or_none()
        if row is None:
            return None
        return Seat(to_round(row), to_answer(row), _to_card(row), to_streak(row))

    async def accept(self, acceptance: Acceptance) -> Answer:
        """Keep the answer if it is the member's first to the round, with all that follows."""
        mine = acceptance.answer
        async with self._writes.connect() as connection, connection.begin() as transaction:
            ids = await self._join(connection, acceptance.member, acceptance.name)
            first = await connection.execute(
                self._answered,
                {
                    "round_id": acceptance.round,
                    "member_id": ids.member,
                    "given": mine.given,
                    "credit": mine.credit,
                    "points": mine.points,
                    "answered_at": mine.answered_at,
                },
            )
            if first.one_or_none() is None:
                stands = await connection.execute(
                    _STANDS, {"round": acceptance.round, "member": ids.member}
                )
                earlier = to_answer(stands.one())
                await transaction.rollback()
                return earlier or mine
            await connection.execute(
                _STREAK,
                {
                    "player": ids.player,
                    **{f"streak_{k}": v for k, v in asdict(acceptance.streak).items()},
                },
            )
            await connection.execute(
                self._scored,
                {
                    "member_id": ids.member,
                    "board": acceptance.board.value,
                    "day": acceptance.day,
                    "team_id": ids.team,
                    "community_id": ids.community,
                    "points": mine.points,
                    "right": int(mine.right),
                    "answered": 1,
                },
            )
            await connection.execute(
                self._remembered,
                {"player_id": ids.player, "pack": acceptance.pack, **asdict(acceptance.card)},
            )
        return mine

    async def drill(self, drill_id: int, member: Member) -> Drill | None:
        """A member's drill with all its steps; None if there is no such drill of theirs."""
        query = (
            members(round_, drill.c.scope, *ANSWER)
            .join(drill, drill.c.member_id == member_.c.id)
            .join(round_, round_.c.drill_id == drill.c.id)
            .outerjoin(
                answer,
                and_(answer.c.round_id == round_.c.id, answer.c.member_id == member_.c.id),
            )
            .where(drill.c.id == drill_id, *is_member(member))
            .order_by(round_.c.step)
        )
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).all()
        if not rows:
            return None
        steps = tuple((to_round(row, len(rows)), to_answer(row)) for row in rows)
        return Drill(drill_id, rows[0].pack, rows[0].scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        """The player's cards of a pack by question id."""
        query = (
            select(*_CARD)
            .join(person, person.c.player_id == card.c.player_id)
            .where(card.c.pack == pack, *is_player(member))
        )
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).all()
        cards = (_to_card(row) for row in rows)
        return {card.question: card for card in cards if card}

    async def record(self, member: Member) -> Record:
        """The player's sums."""
        mine = select(person.c.player_id).where(*is_player(member)).scalar_subquery()
        sums = (
            select(*(func.sum(score.c[name]) for name in ("points", "right", "answered")))
            .join(member_, member_.c.id == score.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .where(person.c.player_id == mine)
        )
        async with self._reads.connect() as connection:
            row = (
                await connection.execute(select(*STREAK).where(player.c.id == mine))
            ).one_or_none()
            if row is None:
                return Record()
            total = (await connection.execute(sums)).one()
        points, right, answered = (int(each or 0) for each in total)
        return Record(points, right, answered, to_streak(row))


def to_round(row: Row[Any], steps: int | None = None) -> Round:
    """A round of a row; one without a post is a drill's."""
    known = row._mapping
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
        board=Board(known.get("board") or Board.DRILL),
        reveal=Reveal(known.get("reveal") or Reveal.AT_ONCE),
        closed=known.get("state") == "closed",
    )


def to_answer(row: Row[Any]) -> Answer | None:
    """An answer of a row; None where there was none to join."""
    if row.answered_at is None:
        return None
    given: Given = row.given if isinstance(row.given, str) else tuple(row.given)
    return Answer(given, row.credit, row.points, row.answered_at)


def to_streak(row: Row[Any]) -> Streak:
    """A streak of a row."""
    return Streak(row.streak_days or 0, row.streak_best or 0, row.streak_last)


def _to_card(row: Row[Any]) -> Card | None:
    if row.card_due is None:
        return None
    return Card(**{name: row._mapping[f"card_{name}"] for name in _CARD_FIELDS})
