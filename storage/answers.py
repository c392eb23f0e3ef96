"""Answers to rounds, with the streaks, cards and leaderboards they change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, and_, bindparam, case, func, not_, or_, select

from bot.engine.answers import AcceptedAnswer, MemberAnswer, RoundView
from bot.engine.events import Member
from bot.engine.rounds import Answer, Reveal, Round
from storage.batcher import Batcher
from storage.compiled import CompiledStatement, use_driver
from storage.database import SERIALIZATION_FAILURES, UNIQUE_VIOLATION, Database
from storage.members import MemberIds, Members, lock_order, member_parameters, pseudonym
from storage.rows import (
    ANSWER,
    ANSWER_FIELDS,
    CARD,
    CARD_FIELDS,
    DOCUMENT,
    IS_ASKED,
    POST_COLUMNS,
    STREAK,
    STREAK_NAMES,
    SUMS,
    UNREVEALED_PREFIX,
    streak_values,
    to_answer,
    to_card,
    to_round,
    to_streak,
    to_zones,
    values,
)
from storage.tables import (
    answer,
    card,
    community,
    drill,
    erased_answer,
    person,
    player,
    post,
    question_version,
    round_,
    season,
    standing,
)
from storage.tables import member as member_

T = TypeVar("T")
AnswerAttempt = tuple[int, Member, Callable[[RoundView | None], Any]]
"""The round, the member who answers, and the engine's decision."""

STANDING_KEY = ("member_id", "board", "period", "team_id")

_drill_rounds = round_.alias()
_STEP_COUNT = (
    select(func.count()).where(_drill_rounds.c.drill_id == round_.c.drill_id).scalar_subquery()
).label("steps")

# Built once: building a statement takes longer than running it.
_VIEW = (
    select(
        round_,
        DOCUMENT,
        _STEP_COUNT,
        *POST_COLUMNS,
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
    .outerjoin(question_version, IS_ASKED)
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
_LOCK_ROUNDS = (
    select(round_.c.id).where(round_.c.id == bindparam("round")).with_for_update(read=True)
)
_IS_HIDDEN = (
    select(member_.c.hidden).where(member_.c.id == bindparam("standing_of")).scalar_subquery()
)
_SET_STREAK = player.update().where(player.c.id == bindparam("player"))
ANSWER_COLUMNS = ["round_id", "member_id", "day", "periods", "team_id", *ANSWER_FIELDS]
# Points of a round that reveals its result at its close, as lines of the board they'll count on.
_on_own_board = standing.alias()
_SELECT_UNREVEALED = (
    select(
        _on_own_board.c.member_id,
        post.c.board,
        *(column for column in _on_own_board.c if column.name not in ("member_id", "board")),
    )
    .join_from(post, _on_own_board, _on_own_board.c.community_id == post.c.community_id)
    .where(
        post.c.round_id == bindparam("round"),
        _on_own_board.c.board == bindparam("unrevealed"),
    )
)
_DELETE_UNREVEALED = standing.delete().where(
    standing.c.community_id
    == select(post.c.community_id).where(post.c.round_id == bindparam("round")).scalar_subquery(),
    standing.c.board == bindparam("unrevealed"),
)


class Answers:
    """Stores answers, cards and board totals."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members
        self.batcher = Batcher(self._decide_all, database.writers)
        self.stored = Counter[tuple[str, str]]()
        """How many answers were stored, by platform and result."""
        dialect = database.engine.dialect
        self._view = CompiledStatement(_VIEW, dialect)
        self._lock_rounds = CompiledStatement(_LOCK_ROUNDS, dialect)
        self._set_streak = CompiledStatement(_SET_STREAK, dialect, [*STREAK_NAMES, "told_zone"])
        self._insert_answer = CompiledStatement(answer.insert(), dialect, ANSWER_COLUMNS)
        # Read `hidden` after the answer is in: a member who hides at this moment waits for these
        # lines, or these wait for them.
        line = self._database.insert(standing).values(hidden=_IS_HIDDEN)
        # Replicas may commit answers in another order than members gave them.
        scores, is_later = (
            line.excluded.points > 0,
            line.excluded.reached_at > standing.c.reached_at,
        )
        reached = or_(
            and_(scores, is_later), and_(standing.c.points == 0, or_(scores, not_(is_later)))
        )
        added: dict[str, Any] = {
            "index_elements": STANDING_KEY,
            "set_": {
                **{name: standing.c[name] + line.excluded[name] for name in SUMS},
                "reached_at": case(
                    (reached, line.excluded.reached_at), else_=standing.c.reached_at
                ),
            },
        }
        self._add_standing = CompiledStatement(
            line.on_conflict_do_update(**added),
            dialect,
            [*STANDING_KEY, *SUMS, "community_id", "reached_at"],
        )
        self._add_unrevealed = (
            self._database.insert(standing)
            .from_select(list(_SELECT_UNREVEALED.selected_columns.keys()), _SELECT_UNREVEALED)
            .on_conflict_do_update(**added)
        )
        memory = self._database.insert(card)
        self._set_card = CompiledStatement(
            memory.on_conflict_do_update(
                index_elements=["player_id", "pack", "question"],
                set_={name: memory.excluded[name] for name in CARD_FIELDS if name != "question"},
            ),
            dialect,
            ["player_id", "pack", *CARD_FIELDS],
        )

    async def drain(self) -> None:
        """Wait until every answer is stored."""
        await self.batcher.drain()

    def publish(self, connection: Connection, round_id: int) -> None:
        """Add a round's points to its board, once its result is revealed."""
        which = {"round": round_id, "unrevealed": _unrevealed_board(round_id)}
        connection.execute(self._add_unrevealed, which)
        connection.execute(_DELETE_UNREVEALED, which)

    async def view(self, round_id: int, member: Member) -> RoundView | None:
        """The member's view of a round; None if it doesn't exist or isn't theirs."""
        where = _view_parameters(round_id, member)
        (row,) = await self._database.read(lambda connection: self._view.rows(connection, where))
        return _to_view(row)

    async def accept(
        self,
        round_id: int,
        member: Member,
        decide: Callable[[RoundView | None], AcceptedAnswer | T],
    ) -> tuple[AcceptedAnswer, Answer] | T:
        """Pass the member's view to `decide`, and store the answer it accepts, with all that
        follows from it, if it's the member's first to the round.

        Answers that arrive during a commit share the next one: the disk and the thread hops take
        most of the time.
        """
        decided: tuple[AcceptedAnswer, Answer] | T = await self.batcher.submit(
            (round_id, member, decide)
        )
        match decided:
            case (AcceptedAnswer(answer=given), stored) if stored is given:
                self.stored[member.platform, given.result] += 1
            case _:
                pass
        return decided

    def _decide_all(self, attempts: Sequence[AnswerAttempt]) -> Sequence[Any]:
        # If another replica stores an answer to the same round at this moment, the retry sees it.
        return self._database.commit(
            lambda connection: self._decide(connection, attempts),
            retry_codes=(*SERIALIZATION_FAILURES, UNIQUE_VIOLATION),
        )

    def _decide(self, connection: Connection, attempts: Sequence[AnswerAttempt]) -> list[Any]:
        """Decide about attempts and store the accepted answers; several attempts of one member are
        decided in order."""
        decided: dict[int, Any] = {}
        waiting = dict(enumerate(attempts))
        while waiting:
            first = {press[1]: number for number, press in reversed(waiting.items())}
            batch = {number: waiting.pop(number) for number in sorted(first.values())}
            whose = (_view_parameters(*press[:2]) for press in batch.values())
            lock = partial(self._lock, sorted({press[0] for press in batch.values()}))
            rows = self._view.rows(connection, *whose, before=lock)
            accepted: list[tuple[AcceptedAnswer, Row[Any] | None]] = []
            for (number, (_, member, decide)), row in zip(batch.items(), rows, strict=True):
                view = _to_view(row)
                if view and row and row.member:
                    find = partial(self._find_last_counted, connection, view.round, row.member)
                    view = replace(view, last_counted=find)
                if view and row and row.salt:
                    erased = self._has_erased_answer(connection, view.round.id, row.salt, member)
                    view = replace(view, erased=erased)
                each = decide(view)
                if isinstance(each, AcceptedAnswer):
                    existing = view.answer if view else None
                    if existing is None:
                        accepted.append((each, row if row and row.member else None))
                    each = each, existing or each.answer
                decided[number] = each
            if accepted:
                self._insert(connection, accepted)
        return [decided[number] for number in range(len(attempts))]

    def _has_erased_answer(
        self, connection: Connection, round_id: int, salt: str, member: Member
    ) -> bool:
        """Whether the member answered the open round before they deleted their data."""
        query = select(erased_answer.c.round_id).where(
            erased_answer.c.round_id == round_id,
            erased_answer.c.pseudonym == pseudonym(salt, member),
        )
        return connection.scalar(query) is not None

    def _find_last_counted(
        self, connection: Connection, asked: Round, member_id: int
    ) -> datetime | None:
        """When a member's answer to a round's question last counted for boards. A wrong answer is
        treated as one that did: its question is due the next day anyway."""
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

    def _lock(self, rounds: Sequence[int], driver: Any) -> None:
        """Make a close of these rounds wait for this transaction; on SQLite it waits anyway."""
        if not self._database.single_writer:
            self._lock_rounds.run(driver, *({"round": each} for each in rounds))

    def _insert(
        self, connection: Connection, accepted: Sequence[tuple[AcceptedAnswer, Row[Any] | None]]
    ) -> None:
        """Store answers of different members, each with the member's row if it exists, and all that
        follows from them."""
        # All replicas lock in the same order, or they could deadlock.
        joined = [
            (each, self._members.join_found(connection, each.member, row, each.name))
            for each, row in sorted(accepted, key=lambda each: lock_order(each[0].member))
        ]
        joined.sort(key=lambda each: (each[0].round.id, each[1].member))
        by_player = sorted(joined, key=lambda each: (each[1].player, each[1].member))
        with use_driver(connection) as driver:
            self._insert_answer.run(driver, *(_answer_values(*each) for each in joined))
            self._set_streak.run(driver, *(_player_values(*each) for each in by_player))
            self._add_standing.run(driver, *_sum_lines(joined))
            self._set_card.run(driver, *(_card_values(*each) for each in by_player))

    async def of_round(self, round_id: int) -> Sequence[MemberAnswer]:
        """All answers to a round, oldest first."""
        query = (
            select(person.c.external_id, member_.c.name, member_.c.hidden, *ANSWER, *STREAK)
            .select_from(answer)
            .join(member_, member_.c.id == answer.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .join(player, player.c.id == person.c.player_id)
            .where(answer.c.round_id == round_id)
            .order_by(answer.c.answered_at, answer.c.id)
        )
        return [
            MemberAnswer(row.external_id, row.name, given, to_streak(row).days, row.hidden)
            for row in await self._database.rows(query)
            if (given := to_answer(row))
        ]


def _view_parameters(round_id: int, member: Member) -> dict[str, Any]:
    return {"round": round_id, **member_parameters(member)}


def _answer_values(each: AcceptedAnswer, ids: MemberIds) -> dict[str, Any]:
    where = {"round_id": each.round.id, "member_id": ids.member, "day": each.day}
    counted = {"periods": each.periods, "team_id": ids.team or None}
    return where | counted | values(each.answer, ANSWER_FIELDS)


def _player_values(each: AcceptedAnswer, ids: MemberIds) -> dict[str, Any]:
    return {"player": ids.player, "told_zone": each.zone, **streak_values(each.streak)}


def _card_values(each: AcceptedAnswer, ids: MemberIds) -> dict[str, Any]:
    where = {"player_id": ids.player, "pack": each.round.pack}
    return where | values(each.card, CARD_FIELDS)


def _to_view(row: Row[Any] | None) -> RoundView | None:
    if row is None:
        return None
    return RoundView(
        to_round(row), to_answer(row), to_card(row), to_streak(row), to_zones(row), row.season
    )


def _counting_board(round_: Round) -> str:
    """The board an answer counts on: the round's own one until its result is revealed."""
    at_close = round_.reveal is Reveal.AT_CLOSE
    return _unrevealed_board(round_.id) if at_close else round_.board.value


def _unrevealed_board(round_id: int) -> str:
    """The name of a round's own board, which counts it until its result is revealed."""
    return f"{UNREVEALED_PREFIX}{round_id}"


def _sum_lines(first: Iterable[tuple[AcceptedAnswer, MemberIds]]) -> list[dict[str, Any]]:
    """Sum up what new answers add to each line, the member's own and their team's; all replicas
    sort them the same way."""
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each, ids in sorted(first, key=lambda each: each[0].answer.answered_at):
        for period, team in product(each.periods, {0, ids.team}):
            key = ids.member, _counting_board(each.round), period, team
            line = lines.setdefault(
                key,
                dict(zip(STANDING_KEY, key, strict=True))
                | {"community_id": ids.community, "standing_of": ids.member}
                | {"reached_at": each.answer.answered_at}
                | dict.fromkeys(SUMS, 0),
            )
            line["points"] += each.answer.points
            line["right"] += each.answer.right
            line["answered"] += 1
            if each.answer.points:
                line["reached_at"] = each.answer.answered_at
    return [lines[key] for key in sorted(lines)]
