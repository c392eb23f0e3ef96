"""Accepting an answer to a round: one decision, one write, one reply."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from functools import partial

from bot.engine import memory
from bot.engine.actions import Answer as AnswerAction
from bot.engine.actions import Continue, Explain, Practise, Report, Why, encode
from bot.engine.commands.base import Context
from bot.engine.days import Days, day_in
from bot.engine.kinds import Unreadable, kind_of
from bot.engine.library import IndexedPack
from bot.engine.ports import Acceptance, Seat
from bot.engine.rounds import Answer, Board, Reveal, Round, points_for
from bot.engine.screens import (
    Button,
    Link,
    Moment,
    Reply,
    Say,
    Screen,
    Text,
    Tone,
    notice,
)
from bot.engine.standings import periods
from content.model import Question, ShortAnswer

NOT_YOURS = ("This question belongs to somebody else. Start your own drill: ", Say("drill"))
NOT_SKIPPED = (
    "Only a drill's questions can be skipped. Answer this one, or leave it: it closes by itself."
)
WITHDRAWN = "You answered this before you deleted your data, so you can't answer it again."
AGAIN = timedelta(days=7)
"""How long after an answer that counted a live question counts again for who is not due."""

CHANGED = "This question has changed since it was asked, so it takes no more answers."


async def answer(context: Context, action: AnswerAction, values: tuple[str, ...]) -> Reply | Round:
    """Accept an answer to a round, and say how good it was; or the round, of a drill, that the
    member wants to skip."""
    said = values or tuple(context.fields.values())
    decide = partial(_decide, context, action, said)
    decided: tuple[Acceptance, Answer] | Reply | Round = await context.store.accept(
        action.round, context.member, decide
    )
    if isinstance(decided, Reply | Round):
        return decided
    accepted, stands = decided
    return _told(context, accepted.round, stands, repeated=stands != accepted.answer)


def _decide(
    context: Context, action: AnswerAction, values: tuple[str, ...], seat: Seat | None
) -> Acceptance | Reply | Round:
    """What is to be kept of an answer, or why it cannot be taken; the round where it is skipped."""
    if seat is None:
        return notice(NOT_YOURS)
    round_ = seat.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so it takes no answers.")
    if seat.answer is not None:
        # One that was kept, but whose transaction seemed to fail, is decided about again.
        return _told(context, round_, seat.answer, repeated=seat.answer.answered_at != context.now)
    if seat.withdrawn:
        return notice(WITHDRAWN)
    asked = context.library.asked(round_)
    if asked is None:
        return notice(CHANGED)
    pack, question = asked
    if not round_.is_open(context.now):
        whys = (Button("Answer and why", encode(Why(round_.id))),) if not round_.drill else ()
        return notice("This question has closed, so it takes no more answers.", controls=whys)
    kind = kind_of(question)
    if _skips(question, values):
        return round_ if round_.drill else notice(NOT_SKIPPED)
    try:
        given = kind.read(question, round_.layout, values or (action.choice,))
    except Unreadable as problem:
        return notice(str(problem))
    credit = kind.grade(question, given, pack.terms)
    days, card = context.own_days(seat.zones), seat.card
    counts = _counts(seat, days, context.now)
    day = days.of(context.now)
    since = (day - days.of(card.reviewed_at)).days if card else 0
    today = day_in(context.community_zone(seat.zones.community), context.now)
    return Acceptance(
        round=round_,
        member=context.member,
        name=context.name,
        day=day,
        zone=context.event.actor.zone or seat.zones.told,
        periods=periods(today, seat.season),
        answer=Answer(given, credit, points_for(credit, counts=counts), context.now),
        card=memory.review(card, question.id, credit, context.now, since),
        streak=seat.streak.after(context.now, days),
    )


def _counts(seat: Seat, days: Days, now: datetime) -> bool:
    """Whether an answer counts for boards: to a daily question always; to others when the question
    is new to the member or due, so that repeating farms nothing. A live one, for which others play
    at the same time, counts once a week at least."""
    card, board = seat.card, seat.round.board
    if board is Board.DAILY or card is None or card.is_due(now, days):
        return True
    last = seat.last_counted() if board is Board.LIVE else None
    return last is not None and now - last >= AGAIN


async def why(context: Context, action: Why, _: tuple[str, ...]) -> Reply:
    """The answer of a closed round and the reason for it; for who answered, how they did."""
    seat = await context.store.seat(action.round, context.member)
    if seat is None:
        return notice(NOT_YOURS)
    round_ = seat.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so it earns no points.")
    if seat.answer is not None:
        return _told(context, round_, seat.answer, repeated=False)
    asked = context.library.asked(round_)
    if asked is None:
        return notice(CHANGED)
    pack, question = asked
    if round_.is_open(context.now):
        return notice("This question is still open: answer it first.")
    return Reply(
        Screen(
            title="The answer",
            text=(*_key(question, round_), question.rationale),
            controls=_ways_on(pack, question, round_),
        )
    )


def _skips(question: Question, values: tuple[str, ...]) -> bool:
    """Whether the member typed `skip`, where that is no right answer."""
    accepted = question.accepted if isinstance(question, ShortAnswer) else ()
    return _is_skip(" ".join(values)) and not any(map(_is_skip, accepted))


def _is_skip(text: str) -> bool:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return words == ["skip"]


_VERDICTS = {1.0: ("Right", Tone.RIGHT), 0.0: ("Wrong", Tone.WRONG)}


def _told(context: Context, round_: Round, answer: Answer, *, repeated: bool) -> Reply:
    """What a member learns of their answer: all of it, or that it is kept until the close."""
    asked = context.library.asked(round_)
    if asked is None:
        return notice(CHANGED)
    pack, question = asked
    kind = kind_of(question)
    text: list[Text] = [f"You said: {kind.said(question, round_.layout, answer.given)}"]
    if repeated:
        text.insert(0, "You had answered this before; your first answer stands.")
    if round_.reveal is Reveal.AT_CLOSE and round_.is_open(context.now):
        if round_.closes_at:
            text.append(("The result comes when the question closes, ", Moment(round_.closes_at)))
        return Reply(Screen(title="Recorded", text=tuple(text), controls=(_report(round_),)))
    word, tone = _VERDICTS.get(answer.credit, ("Partly right", Tone.PARTLY))
    points = f"{answer.points} point{'' if answer.points == 1 else 's'}"
    if answer.right and (spelled := kind.spelled(question, answer.given)):
        text.append(f"It's spelled “{spelled}”.")
    if answer.credit and not answer.points:
        text.append("No points: you answered this not long ago, and it isn't due for review yet.")
    if not answer.right:
        text += kind.faults(question, round_.layout, answer.given)
        text += _key(question, round_)
    text.append(question.rationale)
    onward = (
        (Button("Next", encode(Continue(round_.drill)), style="primary", leads_on=True),)
        if round_.drill
        else ()
    )
    return Reply(
        Screen(
            title=f"{word} · {points}",
            text=tuple(text),
            controls=(*onward, *_ways_on(pack, question, round_)),
            tone=tone,
        )
    )


def _key(question: Question, round_: Round) -> tuple[str, ...]:
    key = kind_of(question).key(question, round_.layout)
    return ("\n".join(("The answer:", *key)) if len(key) > 1 else f"The answer: {key[0]}",)


def _ways_on(pack: IndexedPack, question: Question, round_: Round) -> tuple[Button | Link, ...]:
    """Where to go from an answer: the notes, a drill, the source, a report."""
    topic = pack.topics[question.topic].topic
    buttons = [Button("Explain", encode(Explain(pack.pack.id, topic.id)))]
    if not round_.drill:
        buttons.append(Button("Drill this topic", encode(Practise(pack.pack.id, topic.id))))
    source = (Link(f"Learn: {topic.title}", topic.url),) if topic.url else ()
    return (*buttons, _report(round_), *source)


def _report(round_: Round) -> Button:
    return Button("Report", encode(Report(round_.id)))
