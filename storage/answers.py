"""Drills, and the answers to any round with all that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
)

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.ports import Acceptance, Drill, Record, Seat
from bot.engine.rounds import Answer, Board, Given, NewRound, Reveal, Round
from bot.engine.standings import ALL_TIME
from bot.engine.streaks import Streak
from storage.base import (
    TAKEN,
    YIELDED,
    Base,
    Ids,
    answer,
    card,
    community,
    drill,
    in_order,
    is_community,
    is_member,
    is_player,
    members,
    named,
    person,
    player,
    post,
    pseudonym,
    round_,
    season,
    standing,
    withdrawn,
)
from storage.base import (
    member as member_,
)
from storage.prepared import Prepared, driving
from storage.together import Together

T = TypeVar("T")
Press = tuple[int, Member, Callable[[Seat | None], Any]]
"""Who answers which round, and what decides about it."""

ANSWER = [answer.c.given, answer.c.credit, answer.c.points, answer.c.answered_at]
ANSWER_FIELDS = [field.name for field in fields(Answer)]
STREAK_FIELDS = [field.name for field in fields(Streak)]
STREAK_NAMES = [f"streak_{name}" for name in STREAK_FIELDS]
STREAK = [player.c[name] for name in STREAK_NAMES]
BOARDS = [board.value for board in Board]
STANDING_KEY = ("member_id", "board", "period", "team_id")
SUMS = ("points", "right", "answered")
POSTED = [post.c.board, post.c.reveal, post.c.state]
CARD_FIELDS = [field.name for field in fields(Card)]
CARD_LABELS = [f"card_{name}" for name in CARD_FIELDS]
CARD = [card.c[name].label(label) for name, label in zip(CARD_FIELDS, CARD_LABELS, strict=True)]

_others = round_.alias()
_STEPS = (
    select(func.count()).where(_others.c.drill_id == round_.c.drill_id).scalar_subquery()
).label("steps")

# Built once: building a statement takes longer than running it.
_SEAT = (
    select(
        round_,
        _STEPS,
        *POSTED,
        *ANSWER,
        *CARD,
        *STREAK,
        community.c.zone.label("community_zone"),
        player.c.zone.label("member_zone"),
        player.c.told_zone,
        player.c.day_starts,
        season.c.id.label("season"),
        post.c.salt,
        community.c.id.label("community"),
        player.c.id.label("player"),
        member_.c.id.label("member"),
        member_.c.team_id.label("team"),
        member_.c.name,
    )
    .join(community, community.c.id == round_.c.community_id)
    .outerjoin(season, and_(season.c.community_id == community.c.id, season.c.ended_at.is_(None)))
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
UNTOLD = "round-"
"""Begins the name of the board that counts one round, until its result is told."""

_HELD = select(round_.c.id).where(round_.c.id == bindparam("round")).with_for_update(read=True)
_HIDDEN = select(member_.c.hidden).where(member_.c.id == bindparam("whose")).scalar_subquery()
_STREAK = player.update().where(player.c.id == bindparam("player"))
ANSWERED = ["round_id", "member_id", "day", "periods", "team_id", *ANSWER_FIELDS]
# What was earned in a round whose result is told at its close, as lines of the board it is for.
_untold = standing.alias()
_UNTOLD = (
    select(
        _untold.c.member_id,
        post.c.board,
        *(column for column in _untold.c if column.name not in ("member_id", "board")),
    )
    .join_from(post, _untold, _untold.c.community_id == post.c.community_id)
    .where(post.c.round_id == bindparam("round"), _untold.c.board == bindparam("untold"))
)
_FORGET_UNTOLD = standing.delete().where(
    standing.c.community_id
    == select(post.c.community_id).where(post.c.round_id == bindparam("round")).scalar_subquery(),
    standing.c.board == bindparam("untold"),
)
_holder = person.alias()
CARD_UNTOLD = (
    select(answer.c.id)
    .join(post, post.c.round_id == answer.c.round_id)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(member_, member_.c.id == answer.c.member_id)
    .join(_holder, _holder.c.id == member_.c.person_id)
    .where(
        post.c.reveal == Reveal.AT_CLOSE.value,
        post.c.state != "closed",
        round_.c.pack == card.c.pack,
        round_.c.question == card.c.question,
        _holder.c.player_id == card.c.player_id,
    )
    .exists()
)


class Answers(Base):
    """Keeps drills and answers, cards and sums."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._presses = Together(self._decide_all, self._writers)
        dialect = engine.dialect
        self._seat = Prepared(_SEAT, dialect)
        self._held = Prepared(_HELD, dialect)
        self._streak = Prepared(_STREAK, dialect, [*STREAK_NAMES, "told_zone"])
        self._answered = Prepared(answer.insert(), dialect, ANSWERED)
        # Whether they hide is read after the answer is in: who hides at this moment waits for these
        # lines, or these wait for them.
        stood = self._insert(standing).values(hidden=_HIDDEN)
        # Replicas may commit in another order than that in which the answers were given.
        scored, later = (
            stood.excluded.points > 0,
            stood.excluded.reached_at > standing.c.reached_at,
        )
        reached = or_(and_(scored, later), and_(standing.c.points == 0, or_(scored, not_(later))))
        added: dict[str, Any] = {
            "index_elements": STANDING_KEY,
            "set_": {
                **{name: standing.c[name] + stood.excluded[name] for name in SUMS},
                "reached_at": case(
                    (reached, stood.excluded.reached_at), else_=standing.c.reached_at
                ),
            },
        }
        self._stood = Prepared(
            stood.on_conflict_do_update(**added),
            dialect,
            [*STANDING_KEY, *SUMS, "community_id", "reached_at"],
        )
        self._told = (
            self._insert(standing)
            .from_select(list(_UNTOLD.selected_columns.keys()), _UNTOLD)
            .on_conflict_do_update(**added)
        )
        remembered = self._insert(card)
        self._remembered = Prepared(
            remembered.on_conflict_do_update(
                index_elements=["player_id", "pack", "question"],
                set_={
                    name: remembered.excluded[name] for name in CARD_FIELDS if name != "question"
                },
            ),
            dialect,
            ["player_id", "pack", *CARD_FIELDS],
        )

    async def close(self) -> None:
        """Finish what is under way and let the database go."""
        await self._presses.settle()
        await super().close()

    def _tell(self, connection: Connection, round_id: int) -> None:
        """Let what was earned in a round count on its board, once all may know it."""
        which = {"round": round_id, "untold": _untold_board(round_id)}
        connection.execute(self._told, which)
        connection.execute(_FORGET_UNTOLD, which)

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

        def start(connection: Connection) -> int:
            ids = self._join(connection, member, name)
            made = drill.insert().values(
                member_id=ids.member, pack=pack, scope=scope, started_at=now
            )
            drill_id = int(connection.scalar(made.returning(drill.c.id)) or 0)
            connection.execute(
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

        return await self._write(start)

    async def seat(self, round_id: int, member: Member) -> Seat | None:
        """The member's place at a round; None if there is no such round, or it is not theirs."""
        where = _whose(round_id, member)
        (row,) = await self._read(lambda connection: self._seat.rows(connection, where))
        return _to_seat(row)

    async def accept(
        self, round_id: int, member: Member, decide: Callable[[Seat | None], Acceptance | T]
    ) -> tuple[Acceptance, Answer] | T:
        """Let `decide` look at the member's place, and keep the answer that it accepts if that is
        the member's first to the round, with all that follows.

        Answers that arrive while others are being written are made durable together, by one
        commit: the disk and the way to a thread and back are what takes the time.
        """
        decided: tuple[Acceptance, Answer] | T = await self._presses.do((round_id, member, decide))
        return decided

    def _decide_all(self, presses: Sequence[Press]) -> Sequence[Any]:
        # Where another replica keeps an answer to the same round at this moment, it is seen at the
        # second look.
        return self._written(
            lambda connection: self._decide(connection, presses), again=(*YIELDED, TAKEN)
        )

    def _decide(self, connection: Connection, presses: Sequence[Press]) -> list[Any]:
        """Decide about presses, and keep what is accepted: of one member's presses, if there are
        several, one after the other."""
        decided: dict[int, Any] = {}
        waiting = dict(enumerate(presses))
        while waiting:
            first = {press[1]: number for number, press in reversed(waiting.items())}
            turn = {number: waiting.pop(number) for number in sorted(first.values())}
            whose = (_whose(*press[:2]) for press in turn.values())
            hold = partial(self._hold, sorted({press[0] for press in turn.values()}))
            rows = self._seat.rows(connection, *whose, before=hold)
            accepted: list[tuple[Acceptance, Row[Any] | None]] = []
            for (number, (_, member, decide)), row in zip(turn.items(), rows, strict=True):
                seat = _to_seat(row)
                if seat and row and row.member:
                    look = partial(self._last_counted, connection, seat.round, row.member)
                    seat = replace(seat, last_counted=look)
                if seat and row and row.salt:
                    gone = self._is_withdrawn(connection, seat.round.id, row.salt, member)
                    seat = replace(seat, withdrawn=gone)
                each = decide(seat)
                if isinstance(each, Acceptance):
                    stands = seat.answer if seat else None
                    if stands is None:
                        accepted.append((each, row if row and row.member else None))
                    each = each, stands or each.answer
                decided[number] = each
            if accepted:
                self._keep(connection, accepted)
        return [decided[number] for number in range(len(presses))]

    def _is_withdrawn(
        self, connection: Connection, round_id: int, salt: str, member: Member
    ) -> bool:
        """Whether the member had answered an open round before they deleted everything."""
        query = select(withdrawn.c.round_id).where(
            withdrawn.c.round_id == round_id, withdrawn.c.pseudonym == pseudonym(salt, member)
        )
        return connection.scalar(query) is not None

    def _last_counted(
        self, connection: Connection, asked: Round, member_id: int
    ) -> datetime | None:
        """When an answer of a member's to a round's question last counted for boards. A wrong one
        is taken for one that did: it is due on the next day anyway."""
        query = (
            select(answer.c.answered_at)
            .join(round_, round_.c.id == answer.c.round_id)
            .where(
                answer.c.member_id == member_id,
                round_.c.pack == asked.pack,
                round_.c.question == asked.question,
                round_.c.withdrawn_at.is_(None),
                or_(answer.c.points > 0, answer.c.credit == 0),
            )
            .order_by(answer.c.answered_at.desc())
            .limit(1)
        )
        return connection.scalar(query)

    def _hold(self, rounds: Sequence[int], driver: Any) -> None:
        """Let whoever closes a round wait until answers are decided about; on SQLite all wait."""
        if not self._alone:
            self._held.run(driver, *({"round": each} for each in rounds))

    def _keep(
        self, connection: Connection, accepted: Sequence[tuple[Acceptance, Row[Any] | None]]
    ) -> None:
        """Keep answers of different members, whose rows are known if they have some, and all that
        follows from them."""
        # In one order in all replicas: else two of them could each wait for what the other holds.
        kept = [
            (each, self._known_as(connection, each.member, row, each.name))
            for each, row in sorted(accepted, key=lambda each: in_order(each[0].member))
        ]
        kept.sort(key=lambda each: (each[0].round.id, each[1].member))
        by_player = sorted(kept, key=lambda each: (each[1].player, each[1].member))
        with driving(connection) as driver:
            self._answered.run(driver, *(_answer_of(*each) for each in kept))
            self._streak.run(driver, *(_streak_of(*each) for each in by_player))
            self._stood.run(driver, *_lines(kept))
            self._remembered.run(driver, *(_card_of(*each) for each in by_player))

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
        rows = await self._rows(query)
        if not rows:
            return None
        steps = tuple((to_round(row, len(rows)), to_answer(row)) for row in rows)
        return Drill(drill_id, rows[0].pack, rows[0].scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        """The player's cards of a pack by question id, but for what is told at a later close."""
        query = (
            select(*CARD)
            .join(person, person.c.player_id == card.c.player_id)
            .where(card.c.pack == pack, ~CARD_UNTOLD, *is_player(member))
        )
        cards = (to_card(row) for row in await self._rows(query))
        return {card.question: card for card in cards if card}

    async def record(self, member: Member) -> Record:
        """The player's sums."""
        mine = select(person.c.player_id).where(*is_player(member)).scalar_subquery()
        here = select(community.c.zone).where(*is_community(member)).scalar_subquery()
        zones = (
            here.label("community_zone"),
            player.c.zone.label("member_zone"),
            player.c.told_zone,
            player.c.day_starts,
        )
        streak: Select[Any] = select(*STREAK, *zones).where(player.c.id == mine)
        sums = (
            select(*(func.coalesce(func.sum(standing.c[name]), 0) for name in SUMS))
            .join(member_, member_.c.id == standing.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .where(
                person.c.player_id == mine,
                standing.c.board.in_(BOARDS),
                standing.c.period == ALL_TIME,
                standing.c.team_id == 0,
            )
        )

        waiting = (
            select(func.count())
            .select_from(answer)
            .join(post, post.c.round_id == answer.c.round_id)
            .join(member_, member_.c.id == answer.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .where(
                person.c.player_id == mine,
                post.c.reveal == Reveal.AT_CLOSE.value,
                post.c.state != "closed",
            )
        )

        def read(connection: Connection) -> Record:
            row = connection.execute(streak).first()
            if row is None:
                return Record(zones=Zones(connection.scalar(select(here))))
            points, right, answered = map(int, connection.execute(sums).one())
            zones = _to_zones(row)
            waits = int(connection.scalar(waiting) or 0)
            return Record(points, right, answered, to_streak(row), zones, waits)

        return await self._read(read)


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
        closed=known.get("state") in ("closing", "closed"),
        withdrawn=row.withdrawn_at is not None,
    )


def to_answer(row: Row[Any]) -> Answer | None:
    """An answer of a row; None where there was none to join."""
    if row.answered_at is None:
        return None
    given: Given = row.given if isinstance(row.given, str) else tuple(row.given)
    return Answer(given, row.credit, row.points, row.answered_at)


def to_streak(row: Row[Any]) -> Streak:
    """A streak of a row; an empty one where there was no player to join."""
    if row.streak_days is None:
        return Streak()
    return Streak(*map(row._mapping.__getitem__, STREAK_NAMES))


def streak_values(streak: Streak) -> dict[str, Any]:
    """A player's columns for a streak."""
    return dict(zip(STREAK_NAMES, _values(streak, STREAK_FIELDS).values(), strict=True))


def _values(record: Any, names: Sequence[str]) -> dict[str, Any]:
    """A record's fields; nothing in them is copied, as the library's own way would do."""
    return {name: getattr(record, name) for name in names}


def _whose(round_id: int, member: Member) -> dict[str, Any]:
    return {"round": round_id, **named(member)}


def _answer_of(each: Acceptance, ids: Ids) -> dict[str, Any]:
    where = {"round_id": each.round.id, "member_id": ids.member, "day": each.day}
    counted = {"periods": each.periods, "team_id": ids.team or None}
    return where | counted | _values(each.answer, ANSWER_FIELDS)


def _streak_of(each: Acceptance, ids: Ids) -> dict[str, Any]:
    return {"player": ids.player, "told_zone": each.zone, **streak_values(each.streak)}


def _card_of(each: Acceptance, ids: Ids) -> dict[str, Any]:
    where = {"player_id": ids.player, "pack": each.round.pack}
    return where | _values(each.card, CARD_FIELDS)


def _to_seat(row: Row[Any] | None) -> Seat | None:
    if row is None:
        return None
    return Seat(
        to_round(row), to_answer(row), to_card(row), to_streak(row), _to_zones(row), row.season
    )


def _to_zones(row: Row[Any]) -> Zones:
    return Zones(row.community_zone, row.member_zone, row.told_zone, row.day_starts or 0)


def _board_of(round_: Round) -> str:
    """The board on which an answer counts: one of the round's own until its result is told."""
    at_close = round_.reveal is Reveal.AT_CLOSE
    return _untold_board(round_.id) if at_close else round_.board.value


def _untold_board(round_id: int) -> str:
    """The board that counts one round, until its result is told."""
    return f"{UNTOLD}{round_id}"


def _lines(first: Iterable[tuple[Acceptance, Ids]]) -> list[dict[str, Any]]:
    """What new answers add to which lines, one row a line, in one order in all replicas: the
    member's own ones, and those of their team."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each, ids in sorted(first, key=lambda each: each[0].answer.answered_at):
        for period, team in product(each.periods, {0, ids.team}):
            key = ids.member, _board_of(each.round), period, team
            line = lines.setdefault(
                key,
                dict(zip(STANDING_KEY, key, strict=True))
                | {"community_id": ids.community, "whose": ids.member}
                | {"reached_at": each.answer.answered_at}
                | dict.fromkeys(SUMS, 0),
            )
            line["points"] += each.answer.points
            line["right"] += each.answer.right
            line["answered"] += 1
            if each.answer.points:
                line["reached_at"] = each.answer.answered_at
    return [lines[key] for key in sorted(lines)]


def to_card(row: Row[Any]) -> Card | None:
    """A card of a row; None where there was none to join."""
    if row.card_due is None:
        return None
    return Card(*map(row._mapping.__getitem__, CARD_LABELS))
