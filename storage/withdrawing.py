"""Withdrawing a round: what it earned is taken back, as if it had never been asked."""

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

_KEY = [f"its_{name}" for name in STANDING_KEY]
_LINE = and_(*(standing.c[name] == bindparam(f"its_{name}") for name in STANDING_KEY))
_AT = bindparam("its_reached_at", type_=UtcDateTime)


def _less(name: str) -> ColumnElement[int]:
    """A sum of a line without what is taken back; of old answers it may never have had all."""
    taken: ColumnElement[int] = bindparam(f"its_{name}")
    return case((standing.c[name] > taken, standing.c[name] - taken), else_=0)


_EMPTIED = standing.delete().where(_LINE, standing.c.answered <= 1)
_LESSENED = standing.update().where(_LINE).values({name: _less(name) for name in SUMS})
_COUNTS = (
    or_(post.c.reveal == Reveal.AT_ONCE.value, post.c.state == "closed"),
    round_.c.withdrawn_at.is_(None),
)
_LEFT = (
    select(answer.c.answered_at)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(post, post.c.round_id == answer.c.round_id)
    .where(
        answer.c.member_id == standing.c.member_id,
        post.c.board == standing.c.board,
        *_COUNTS,
        cast(answer.c.periods, String).contains(literal('"') + standing.c.period + '"'),
        or_(standing.c.team_id == 0, standing.c.team_id == answer.c.team_id),
    )
    .correlate(standing)
)
"""When answers that are left on a line were given."""
_SCORED_LAST = _LEFT.with_only_columns(func.max(answer.c.answered_at)).where(answer.c.points > 0)
_FIRST = _LEFT.with_only_columns(func.min(answer.c.answered_at))
_REACHED = (
    standing.update()
    .where(_LINE, or_(standing.c.points == 0, standing.c.reached_at == _AT))
    .values(
        reached_at=func.coalesce(
            case(
                (standing.c.points > 0, _SCORED_LAST.scalar_subquery()),
                else_=_FIRST.scalar_subquery(),
            ),
            standing.c.reached_at,
        )
    )
)
_taken = answer.alias()


def _place_of(*columns: ColumnElement[Any]) -> ColumnElement[int]:
    return func.row_number().over(partition_by=columns, order_by=answer.c.answered_at.desc())


_BEFORE = (
    select(
        answer.c.member_id,
        answer.c.team_id,
        answer.c.periods,
        answer.c.answered_at,
        _place_of(answer.c.member_id).label("place"),
        _place_of(answer.c.member_id, answer.c.team_id).label("place_for_team"),
    )
    .join(_taken, _taken.c.member_id == answer.c.member_id)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(post, post.c.round_id == answer.c.round_id)
    .where(
        _taken.c.round_id == bindparam("withdrawn"),
        post.c.board == bindparam("board"),
        *_COUNTS,
        answer.c.points > 0,
        answer.c.answered_at <= _taken.c.answered_at,
    )
    .subquery()
)
_SCORED_BEFORE = select(_BEFORE).where((_BEFORE.c.place == 1) | (_BEFORE.c.place_for_team == 1))
"""The last answers that earned anything before those to a round: for most lines, they are when the
points that are left were reached, and to look for that line by line would take minutes."""
_REACHED_BEFORE = (
    standing.update()
    .where(_LINE, standing.c.points > 0, standing.c.reached_at == _AT)
    .values(reached_at=bindparam("its_now_reached_at"))
)


def lock_round(round_id: int, who: Member) -> Select[Any]:
    """The round, which nobody answers or closes before the transaction ends."""
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
    """Let what its players answer meanwhile wait: to the same question, whose card is decided about
    before it's kept, and to any other one."""
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
    # Who is linked with somebody meanwhile is another player then.
    held = set[int]()
    while set(connection.scalars(_players(asked.id))) - held:
        held |= set(connection.scalars(lock_players(_players(asked.id))))


def take_back(connection: Connection, asked: Row[Any]) -> None:
    """Let points, lines and cards be as if nobody had answered a round."""
    _recall(connection, asked)
    _lessen_lines(connection, asked)
    _remake_cards(connection, asked)


def _recall(connection: Connection, asked: Row[Any]) -> None:
    """Find out for old answers, which don't know it, what they counted for: by the zone that holds
    in the community now, and by the one team for which their member played on that day."""
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


def _lessen_lines(connection: Connection, asked: Row[Any]) -> None:
    """Take what answers earned off their lines."""
    lines = [
        (dict(zip(_KEY, (each.member_id, asked.board, period, team), strict=True)), each)
        for each in connection.execute(select(answer).where(answer.c.round_id == asked.id))
        for period, team in product(each.periods, {0, each.team_id or 0})
    ]
    if not lines:
        return
    connection.execute(_EMPTIED, [line for line, _ in lines])
    connection.execute(
        _LESSENED,
        [
            line
            | {"its_points": each.points, "its_right": int(each.credit == 1), "its_answered": 1}
            for line, each in lines
        ],
    )
    # Only now: the lines are held, so that no close of another round adds to them meanwhile.
    _find_when_reached(connection, asked, lines)


def _find_when_reached(
    connection: Connection, asked: Row[Any], lines: Sequence[tuple[dict[str, Any], Row[Any]]]
) -> None:
    """Let lines whose points were reached with an answer that is taken back say when those that
    are left were."""
    before = dict[tuple[int, int], Row[Any]]()
    for row in connection.execute(_SCORED_BEFORE, {"withdrawn": asked.id, "board": asked.board}):
        if row.place_for_team == 1 and row.team_id:
            before[row.member_id, row.team_id] = row
        if row.place == 1:
            before[row.member_id, 0] = row
    stood = [line | {"its_reached_at": each.answered_at} for line, each in lines]
    known = [
        line | {"its_now_reached_at": last.answered_at}
        for line in stood
        if (last := before.get((line["its_member_id"], line["its_team_id"])))
        and line["its_period"] in (last.periods or ())
    ]
    if known:
        connection.execute(_REACHED_BEFORE, known)
    connection.execute(_REACHED, stood)


def _remake_cards(connection: Connection, asked: Row[Any]) -> None:
    """Make the cards of its question anew from the answers that are left."""
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
    by_player = groupby(sorted(past, key=_player), key=_player)
    insert_cards(
        connection,
        [
            (player_id, pack, new)
            for player_id, rows in by_player
            for pack, new in rebuild_cards(PastAnswer(*row[:-1]) for row in rows)
        ],
    )


def _player(row: Row[Any]) -> int:
    return int(row.player_id)
