"""Accepting an answer to a round: one decision, one write, one reply."""

from __future__ import annotations

from bot.engine import memory
from bot.engine.actions import Answer as AnswerAction
from bot.engine.actions import Continue, Explain, encode
from bot.engine.commands.base import Context
from bot.engine.kinds import Unreadable, kind_of
from bot.engine.library import IndexedPack
from bot.engine.ports import Acceptance
from bot.engine.rounds import Answer, Round, points_for
from bot.engine.screens import Button, Link, Reply, Screen, Tone, Visibility, notice
from content.model import Question

DRILL_BOARD = "drill"


async def answer(context: Context, action: AnswerAction, values: tuple[str, ...]) -> Reply:
    """Accept an answer to a round, and say how good it was."""
    seat = await context.store.seat(action.round, context.member)
    if seat is None:
        return notice("This question belongs to somebody else. Start a drill of your own.")
    round_ = seat.round
    pack = context.library.get(round_.pack)
    question = pack.questions.get(round_.question) if pack else None
    if pack is None or question is None or question.version != round_.version:
        return notice("This question has changed since it was asked, so it takes no more answers.")
    if seat.answer is not None:
        return _verdict(round_, pack, question, seat.answer, repeated=True)
    if not round_.is_open(context.now):
        return notice("This question has closed.")
    kind = kind_of(question)
    try:
        given = kind.read(question, round_.layout, values or (action.choice,))
    except Unreadable as problem:
        return notice(str(problem))
    credit = kind.grade(question, given, pack.terms)
    # A question earns points when first met and when it is due again: repeating farms nothing.
    counts = seat.card is None or seat.card.is_due(context.now)
    mine = Answer(given, credit, points_for(credit, counts=counts), context.now)
    stands = await context.store.accept(
        Acceptance(
            round=round_.id,
            pack=round_.pack,
            member=context.member,
            name=context.name,
            board=DRILL_BOARD,
            day=context.today,
            answer=mine,
            card=memory.review(seat.card, question.id, credit, context.now),
            streak=seat.streak.after(context.today),
        )
    )
    return _verdict(round_, pack, question, stands, repeated=stands != mine)


_VERDICTS = {1.0: ("Right", Tone.RIGHT), 0.0: ("Wrong", Tone.WRONG)}


def _verdict(
    round_: Round, pack: IndexedPack, question: Question, answer: Answer, *, repeated: bool
) -> Reply:
    kind = kind_of(question)
    word, tone = _VERDICTS.get(answer.credit, ("Partly right", Tone.PARTLY))
    points = f"{answer.points} point{'' if answer.points == 1 else 's'}"
    text = [f"You said: {kind.said(question, round_.layout, answer.given)}"]
    if repeated:
        text.insert(0, "You had answered this before; your first answer stands.")
    if not answer.right:
        text += kind.faults(question, round_.layout, answer.given)
        key = kind.key(question, round_.layout)
        text += ["The answer:", *key] if len(key) > 1 else [f"The answer: {key[0]}"]
    text.append(question.rationale)
    spot = pack.topics[question.topic]
    controls: list[Button | Link] = [
        Button("Next", encode(Continue(round_.drill or 0)), style="primary", leads_on=True),
        Button("Explain", encode(Explain(pack.pack.id, question.topic))),
    ]
    if spot.topic.url:
        controls.append(Link(f"Learn: {spot.topic.title}", spot.topic.url))
    return Reply(
        Screen(
            title=f"{word} · {points}",
            text=tuple(text),
            controls=tuple(controls),
            tone=tone,
        ),
        Visibility.UPDATE,
    )
