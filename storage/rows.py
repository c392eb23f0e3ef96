"""From rows to the engine's values: the columns to select for each, and its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from bot.engine.dailies import Daily
from bot.engine.days import Zones
from bot.engine.events import Channel
from bot.engine.memory import Card
from bot.engine.posts import Post
from bot.engine.rounds import Answer, Board, Given, Results, Reveal, Round
from bot.engine.schedules import Schedule
from bot.engine.streaks import Streak
from storage.tables import (
    answer,
    card,
    channel,
    community,
    daily,
    player,
    post,
    question_version,
    round_,
)

ANSWER = [answer.c.given, answer.c.credit, answer.c.points, answer.c.answered_at]
ANSWER_FIELDS = [field.name for field in fields(Answer)]
STREAK_FIELDS = [field.name for field in fields(Streak)]
STREAK_NAMES = [f"streak_{name}" for name in STREAK_FIELDS]
STREAK = [player.c[name] for name in STREAK_NAMES]
UNREVEALED_PREFIX = "round-"
"""Starts the name of the board that counts one round until its result is revealed."""

SUMS = ("points", "right", "answered")
BOARDS = [board.value for board in Board]
POST_COLUMNS = [post.c.board, post.c.reveal, post.c.state, post.c.channel, post.c.message]
DOCUMENT = func.coalesce(question_version.c.document, "").label("document")
IS_ASKED = and_(
    question_version.c.pack == round_.c.pack,
    question_version.c.question == round_.c.question,
    question_version.c.version == round_.c.version,
)
"""Joins a round with its question as it was asked, for DOCUMENT."""

CARD_FIELDS = [field.name for field in fields(Card)]
CARD_LABELS = [f"card_{name}" for name in CARD_FIELDS]
CARD = [card.c[name].label(label) for name, label in zip(CARD_FIELDS, CARD_LABELS, strict=True)]

SCHEDULE = TypeAdapter(Schedule)
ANSWER_COUNT = select(func.count()).where(answer.c.round_id == post.c.round_id).scalar_subquery()
_later = post.alias()
_OUTDATED = (
    select(_later.c.round_id)
    .where(_later.c.daily_id == post.c.daily_id, _later.c.local_date > post.c.local_date)
    .exists()
    .label("outdated")
)
_ASKED_BY = func.coalesce(
    func.nullif(post.c.posed_by, ""),
    select(daily.c.set_by).where(daily.c.id == post.c.daily_id).scalar_subquery(),
    "",
).label("asked_by")

_RESULTS = func.coalesce(
    select(channel.c.results)
    .where(
        channel.c.community_id == post.c.community_id,
        channel.c.external_id == post.c.channel,
    )
    .scalar_subquery(),
    Results.REPLY.value,
).label("results")


def to_round(row: Row[Any], steps: int | None = None) -> Round:
    """Read a round; one without a post belongs to a drill."""
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
        channel=known.get("channel") or "",
        message=known.get("message") or "",
        document=known.get("document") or "",
    )


def to_answer(row: Row[Any]) -> Answer | None:
    """Read an answer; None if none was joined."""
    if row.answered_at is None:
        return None
    given: Given = row.given if isinstance(row.given, str) else tuple(row.given)
    return Answer(given, row.credit, row.points, row.answered_at)


def to_card(row: Row[Any]) -> Card | None:
    """Read a card; None if none was joined."""
    if row.card_due is None:
        return None
    return Card(*map(row._mapping.__getitem__, CARD_LABELS))


def to_streak(row: Row[Any]) -> Streak:
    """Read a streak; an empty one if no player was joined."""
    if row.streak_days is None:
        return Streak()
    return Streak(*map(row._mapping.__getitem__, STREAK_NAMES))


def to_zones(row: Row[Any]) -> Zones:
    """Read the zones; the member's are None if no player was joined."""
    return Zones(row.community_zone, row.member_zone, row.told_zone, row.day_starts or 0)


def streak_values(streak: Streak) -> dict[str, Any]:
    """A streak as columns of a player."""
    return dict(zip(STREAK_NAMES, values(streak, STREAK_FIELDS).values(), strict=True))


def values(record: Any, names: Sequence[str]) -> dict[str, Any]:
    """A record's fields, without the deep copy of `dataclasses.asdict`."""
    return {name: getattr(record, name) for name in names}


def select_posts(*where: ColumnElement[bool]) -> Select[Any]:
    """Select posts with their rounds; the first column is the round's id."""
    return (
        select(
            round_,
            DOCUMENT,
            *POST_COLUMNS,
            post.c.seconds,
            post.c.mention,
            post.c.intro,
            post.c.tries,
            post.c.due_at,
            post.c.trouble,
            _ASKED_BY,
            _OUTDATED,
            _RESULTS,
            ANSWER_COUNT.label("answered"),
            community.c.platform,
            community.c.external_id,
        )
        .select_from(post)
        .join(round_, round_.c.id == post.c.round_id)
        .join(community, community.c.id == post.c.community_id)
        .outerjoin(question_version, IS_ASKED)
        .where(*where)
    )


def to_post(row: Row[Any]) -> Post:
    """Read a post from a row of `select_posts`."""
    return Post(
        round=to_round(row, steps=1),
        channel=Channel(row.platform, row.external_id, row.channel),
        seconds=row.seconds,
        message=row.message,
        answered=row.answered,
        mention=row.mention,
        intro=row.intro,
        asked_by=row.asked_by,
        due=row.due_at is not None,
        trouble=row.trouble,
        tries=row.tries,
        outdated=row.outdated,
        results=Results(row.results),
    )


def select_dailies(*where: ColumnElement[bool]) -> Select[Any]:
    """Select dailies with their communities."""
    return (
        select(daily, community.c.platform, community.c.external_id)
        .join(community, community.c.id == daily.c.community_id)
        .where(*where)
    )


def to_daily(row: Row[Any], plan: str = "") -> Daily:
    """Read a daily from a row of `select_dailies`, with `plan` instead of its own if given."""
    return Daily(
        id=row.id,
        channel=Channel(row.platform, row.external_id, row.channel),
        schedule=SCHEDULE.validate_json(plan or row.plan),
        set_by=row.set_by,
        paused=row.paused,
        next_on=row.next_on,
        next_due=row.next_due_at,
        last_on=row.last_on,
        pack=row.pack,
        question=row.question,
    )
