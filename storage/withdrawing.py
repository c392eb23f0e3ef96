"""Withdrawing a round: undoes its points and cards, as if it had never been asked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, product
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union,
)

from bot.engine.days import date_in, first_known_zone
from bot.engine.events import Member
from bot.engine.linking import PastAnswer, rebuild_cards
from bot.engine.rounds import Reveal
from bot.engine.standings import list_periods
from storage.answers import STANDING_KEY
from storage.cards import insert_cards, select_past
from storage.members import is_community, lock_players
from storage.rows import SUMS
from storage.tables import (
    UtcDateTime,
    answer,
    card,
    community,
    drill,
    person,
    post,
    round_,
    season,
    standing,
)
from storage.tables import member as member_

_KEY = [f"line_{name}" for name in STANDING_KEY]
_LINE = and_(*(standing.c[name] == bindparam(f"line_{name}") for name in STANDING_KEY))
_AT = bindparam("line_reached_at", type_=UtcDateTime)


def _subtract(name: str) -> ColumnElement[int]:
    """A total minus what is withdrawn, at least 0: old answers may not be fully in it."""
    withdrawn: ColumnElement[int] = bindparam(f"line_{name}")
    return case((standing.c[name] > withdrawn, standing.c[name] - withdrawn), else_=0)


_DELETE_EMPTY = standing.delete().where(_LINE, standing.c.answered <= 1)
_SUBTRACT = standing.update().where(_LINE).values({name: _subtract(name) for name in SUMS})
_IS_COUNTED = (
    or_(post.c.reveal == Reveal.AT_ONCE.value, post.c.state == "closed"),
    round_.c.withdrawn_at.is_(None),
)
_REMAINING = (
    select(answer.c.answered_at)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(post, post.c.round_id == answer.c.round_id)
    .where(
        answer.c.member_id == standing.c.member_id,
        post.c.board == standing.c.board,
        *_IS_COUNTED,
        cast(answer.c.periods, String).contains(literal('"') + standing.c.period + '"'),
        or_(standing.c.team_id == 0, standing.c.team_id == answer.c.team_id),
    )
    .correlate(standing)
)
"""Times of the answers that remain on a line."""
_LAST_SCORED = _REMAINING.with_only_columns(func.max(answer.c.answered_at)).where(
    answer.c.points > 0
)
_FIRST_GIVEN = _REMAINING.with_only_columns(func.min(answer.c.answered_at))
_FIND_REACHED = (
    standing.update()
    .where(_LINE, or_(standing.c.points == 0, standing.c.reached_at == _AT))
    .values(
        reached_at=func.coalesce(
            case(
                (standing.c.points > 0, _LAST_SCORED.scalar_subquery()),
                else_=_FIRST_GIVEN.scalar_subquery(),
            ),
            standing.c.reached_at,
        )
    )
)
_withdrawn_answer = answer.alias()


def _latest_first(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    return func.row_number().over(partition_by=columns, order_by=answer.c.answered_at.desc())


_SCORED_EARLIER = (
    select(
        answer.c.member_id,
        answer.c.team_id,
        answer.c.periods,
        answer.c.answered_at,
        _latest_first(answer.c.member_id).label("place"),
        _latest_first(answer.c.member_id, answer.c.team_id).label("place_for_team"),
    )
    .join(_withdrawn_answer, _withdrawn_answer.c.member_id == answer.c.member_id)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(post, post.c.round_id == answer.c.round_id)
    .where(
        _withdrawn_answer.c.round_id == bindparam("withdrawn"),
        post.c.board == bindparam("board"),
        *_IS_COUNTED,
        answer.c.points > 0,
        answer.c.answered_at <= _withdrawn_answer.c.answered_at,
    )
    .subquery()
)
_SELECT_LAST_SCORED = select(_SCORED_EARLIER).where(
    (_SCORED_EARLIER.c.place == 1) | (_SCORED_EARLIER.c.place_for_team == 1)
)
"""Members' last scoring answers before the withdrawn round: on most lines they are when the
remaining points were reached, and searching for that line by line would take minutes."""
_SET_REACHED = (
    standing.update()
    .where(_LINE, standing.c.points > 0, standing.c.reached_at == _AT)
    .values(reached_at=bindparam("line_now_reached_at"))
)


def lock_round(round_id: int, who: Member) -> Select[Any]:
    """Lock the round: nobody can answer or close it until the transaction ends."""
    return (
        select(round_, post.c.board, post.c.channel, community.c.zone)
        .join(post, post.c.round_id == round_.c.id)
        .join(community, community.c.id == round_.c.community_id)
        .where(round_.c.id == round_id, post.c.message.is_not(None), *is_community(who))
        .with_for_update(of=[post, round_])
    )


def _players(round_id: int) -> Select[Any]:
    """Ids of the players who answered a round."""
    return (
        select(person.c.player_id)
        .join(member_, member_.c.person_id == person.c.id)
        .join(answer, answer.c.member_id == member_.c.id)
        .where(answer.c.round_id == round_id)
    )


def lock_answers(connection: Connection, asked: Row[Any]) -> None:
    """Make all other answers of the round's players wait. Their open rounds with the same question
    are locked first: an answer computes its card before it locks the player."""
    theirs = (
        select(round_.c.id)
        .join(drill, drill.c.id == round_.c.drill_id)
        .join(member_, member_.c.id == drill.c.member_id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id.in_(_players(asked.id)))
    )
    of_all = select(post.c.round_id).where(post.c.state != "closed")
    connection.execute(
        select(round_.c.id)
        .where(
            round_.c.id.in_(union(theirs, of_all)),
            round_.c.pack == asked.pack,
            round_.c.question == asked.question,
        )
        .order_by(round_.c.id)
        .with_for_update()
    )
    # Linking may have moved somebody to another player in the meantime.
    locked = set[int]()
    while set(connection.scalars(_players(asked.id))) - locked:
        locked |= set(connection.scalars(lock_players(_players(asked.id))))


def undo_answers(connection: Connection, asked: Row[Any]) -> None:
    """Undo points, board lines and cards, as if nobody had answered the round."""
    _fill_in_old_answers(connection, asked)
    _subtract_from_lines(connection, asked)
    _rebuild_cards(connection, asked)


def _fill_in_old_answers(connection: Connection, asked: Row[Any]) -> None:
    """Work out the periods and teams of old answers without them: from the community's current
    zone, and the team their member played for that day, if it was only one."""
    its = answer.c.round_id == asked.id
    old = connection.execute(
        select(answer.c.id, answer.c.member_id, answer.c.answered_at).where(
            its, answer.c.periods.is_(None)
        )
    ).all()
    for row in old:
        ran = (
            select(season.c.id)
            .where(
                season.c.community_id == asked.community_id,
                season.c.started_at <= row.answered_at,
                or_(season.c.ended_at.is_(None), season.c.ended_at > row.answered_at),
            )
            .limit(1)
        )
        today = date_in(first_known_zone(asked.zone), row.answered_at)
        played_for = connection.scalars(
            select(standing.c.team_id).where(
                standing.c.member_id == row.member_id,
                standing.c.board == asked.board,
                standing.c.period == today.isoformat(),
                standing.c.team_id > 0,
            )
        ).all()
        connection.execute(
            answer.update()
            .where(answer.c.id == row.id)
            .values(
                periods=list_periods(today, connection.scalar(ran)),
                team_id=played_for[0] if len(played_for) == 1 else None,
            )
        )


def _subtract_from_lines(connection: Connection, asked: Row[Any]) -> None:
    """Subtract the answers' points from their board lines."""
    lines = [
        (dict(zip(_KEY, (each.member_id, asked.board, period, team), strict=True)), each)
        for each in connection.execute(select(answer).where(answer.c.round_id == asked.id))
        for period, team in product(each.periods, {0, each.team_id or 0})
    ]
    if not lines:
        return
    connection.execute(_DELETE_EMPTY, [line for line, _ in lines])
    connection.execute(
        _SUBTRACT,
        [
            line
            | {"line_points": each.points, "line_right": int(each.credit == 1), "line_answered": 1}
            for line, each in lines
        ],
    )
    # Only now are the lines locked, so that no other round's close adds to them.
    _update_reached(connection, asked, lines)


def _update_reached(
    connection: Connection, asked: Row[Any], lines: Sequence[tuple[dict[str, Any], Row[Any]]]
) -> None:
    """Correct `reached_at` on lines that reached their points with a withdrawn answer."""
    before = dict[tuple[int, int], Row[Any]]()
    for row in connection.execute(
        _SELECT_LAST_SCORED, {"withdrawn": asked.id, "board": asked.board}
    ):
        if row.place_for_team == 1 and row.team_id:
            before[row.member_id, row.team_id] = row
        if row.place == 1:
            before[row.member_id, 0] = row
    changed = [line | {"line_reached_at": each.answered_at} for line, each in lines]
    known = [
        line | {"line_now_reached_at": last.answered_at}
        for line in changed
        if (last := before.get((line["line_member_id"], line["line_team_id"])))
        and line["line_period"] in (last.periods or ())
    ]
    if known:
        connection.execute(_SET_REACHED, known)
    connection.execute(_FIND_REACHED, changed)


def _rebuild_cards(connection: Connection, asked: Row[Any]) -> None:
    """Rebuild the cards of the question from the remaining answers."""
    players = _players(asked.id)
    of_question = round_.c.pack == asked.pack, round_.c.question == asked.question
    past = connection.execute(select_past(person.c.player_id.in_(players), *of_question)).all()
    connection.execute(
        card.delete().where(
            card.c.player_id.in_(players),
            card.c.pack == asked.pack,
            card.c.question == asked.question,
        )
    )
    by_player = groupby(sorted(past, key=_player_id), key=_player_id)
    insert_cards(
        connection,
        [
            (player_id, pack, new)
            for player_id, rows in by_player
            for pack, new in rebuild_cards(PastAnswer(*row[:-1]) for row in rows)
        ],
    )


def _player_id(row: Row[Any]) -> int:
    return int(row.player_id)
