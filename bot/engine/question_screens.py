"""A question's face in all its states: open in a channel or a drill, answered, over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.actions import (
    AnswerRound,
    ContinueDrill,
    ExplainTopic,
    ReportQuestion,
    ShowAnswer,
    SkipStep,
    StartDrill,
    StopDrill,
    encode,
)
from bot.engine.answers import MemberAnswer
from bot.engine.kinds import format_stem, kind_of
from bot.engine.kinds.base import format_share
from bot.engine.library import IndexedPack
from bot.engine.posts import Post
from bot.engine.rounds import Answer, Board, Reveal, Round
from bot.engine.screens import Button, Link, Moment, Person, Screen, Span, Text, Tone
from content.model import Question

FIRST = 3
"""Members named as the first who were right."""

STREAK = 7
"""Days in a row from which a streak is worth a mention."""

PROMISES = {
    Reveal.AT_ONCE: "Your answer is private. You learn at once whether it is right.",
    Reveal.AT_CLOSE: "Your answer is private. The result comes when the question closes.",
}
TITLES = {Board.DAILY: "Daily question", Board.LIVE: "Question"}
CHANGED = "This question has changed since it was asked, so it takes no more answers."
OUTDATED = Screen(title="Question changed", text=(CHANGED,))
WITHDRAWN = Screen(
    title="Question withdrawn",
    text=("An admin withdrew this question. It takes no answers, and earns no points.",),
)
VERDICTS = {1.0: ("Right", Tone.RIGHT), 0.0: ("Wrong", Tone.WRONG)}


def open_in_channel(pack: IndexedPack, question: Question, post: Post, closes: datetime) -> Screen:
    """A question that a channel is asked, until it closes."""
    kind = kind_of(question)
    chapter = pack.topics[question.topic].chapter.title
    return Screen(
        title=f"{TITLES[post.round.board]} · {pack.pack.title}",
        text=(*format_stem(question), *([post.intro] if post.intro else ())),
        fields=(
            ("Chapter", chapter),
            ("Kind", f"{kind.name}, {question.level}"),
            ("Answered", str(post.answered)),
            ("Closes", (Moment(closes),)),
        ),
        controls=(
            kind.make_control(question, post.round.layout, encode(AnswerRound(post.round.id))),
        ),
        note=PROMISES[post.round.reveal],
    )


def open_in_drill(pack: IndexedPack, question: Question, round_: Round, scope: str) -> Screen:
    """A step of a drill on a scope, not answered yet."""
    kind, drill = kind_of(question), round_.drill or 0
    return Screen(
        title=f"Question {round_.step} of {round_.steps} · {pack.title_of(scope)}",
        text=format_stem(question),
        fields=(
            ("Chapter", pack.topics[question.topic].chapter.title),
            ("Kind", f"{kind.name}, {question.level}"),
        ),
        controls=(
            kind.make_control(question, round_.layout, encode(AnswerRound(round_.id))),
            Button("Skip", encode(SkipStep(drill, round_.step))),
            Button("Stop", encode(StopDrill(drill)), style="danger"),
        ),
    )


def answered(
    pack: IndexedPack,
    question: Question,
    round_: Round,
    answer: Answer,
    now: datetime,
    *,
    repeated: bool,
) -> Screen:
    """What a member learns of their answer: all of it, or that it is kept until the close."""
    kind = kind_of(question)
    text: list[Text] = [f"You said: {kind.format_answer(question, round_.layout, answer.given)}"]
    if repeated:
        text.insert(0, "You had answered this before; your first answer stands.")
    if round_.reveal is Reveal.AT_CLOSE and round_.is_open(now):
        if round_.closes_at:
            text.append(("The result comes when the question closes, ", Moment(round_.closes_at)))
        return Screen(title="Recorded", text=tuple(text), controls=(_report(round_),))
    word, tone = VERDICTS.get(answer.credit, ("Partly right", Tone.PARTLY))
    points = f"{answer.points} point{'' if answer.points == 1 else 's'}"
    if answer.right and (spelled := kind.find_spelling(question, answer.given)):
        text.append(f"It's spelled “{spelled}”.")
    if answer.credit and not answer.points:
        text.append("No points: you answered this not long ago, and it isn't due for review yet.")
    if not answer.right:
        text += kind.explain_mistakes(question, round_.layout, answer.given)
        text += _key(question, round_)
    text.append(question.rationale)
    onward = (
        (Button("Next", encode(ContinueDrill(round_.drill)), style="primary", is_next=True),)
        if round_.drill
        else ()
    )
    return Screen(
        title=f"{word} · {points}",
        text=tuple(text),
        controls=(*onward, *_ways_on(pack, question, round_)),
        tone=tone,
    )


def unanswered(pack: IndexedPack, question: Question, round_: Round) -> Screen:
    """The answer of a closed round for who gave none."""
    return Screen(
        title="The answer",
        text=(*_key(question, round_), question.rationale),
        controls=_ways_on(pack, question, round_),
    )


def result(
    pack: IndexedPack, question: Question, post: Post, givens: Sequence[MemberAnswer]
) -> Screen:
    """What a channel sees once its question has closed."""
    kind, layout = kind_of(question), post.round.layout
    right = [given for given in givens if given.answer.right]
    named = [given for given in givens if not given.hidden]
    first = [given for given in named if given.answer.right][:FIRST]
    fields: list[tuple[str, Text]] = [
        ("Chapter", pack.topics[question.topic].chapter.title),
        ("Answered", str(len(givens))),
    ]
    if givens:
        fields.append(("Right", format_share(len(right), len(givens))))
    if first:
        fields.append(("Right first", _named(first)))
    if lasting := sorted(
        (given for given in named if given.streak >= STREAK), key=lambda given: -given.streak
    ):
        fields.append(("Streaks", _streaks(lasting[:FIRST])))
    key = kind.format_key(question, layout)
    tally = kind.tally(question, layout, [given.answer.given for given in givens])
    return Screen(
        title=f"Result · {pack.pack.title}",
        text=(question.stem, *(["\n".join(tally)] if tally else ())),
        fields=tuple(fields),
        spoiler=("The answer:", *key) if len(key) > 1 else (f"The answer: {key[0]}",),
        controls=(
            Button("Answer and why", encode(ShowAnswer(post.round.id)), style="primary"),
            Button("Explain", encode(ExplainTopic(pack.pack.id, question.topic))),
        ),
    )


def _key(question: Question, round_: Round) -> tuple[str, ...]:
    key = kind_of(question).format_key(question, round_.layout)
    return ("\n".join(("The answer:", *key)) if len(key) > 1 else f"The answer: {key[0]}",)


def _ways_on(pack: IndexedPack, question: Question, round_: Round) -> tuple[Button | Link, ...]:
    """Where to go from an answer: the notes, a drill, the source, a report."""
    topic = pack.topics[question.topic].topic
    buttons = [Button("Explain", encode(ExplainTopic(pack.pack.id, topic.id)))]
    if not round_.drill:
        buttons.append(Button("Drill this topic", encode(StartDrill(pack.pack.id, topic.id))))
    source = (Link(f"Learn: {topic.title}", topic.url),) if topic.url else ()
    return (*buttons, _report(round_), *source)


def _report(round_: Round) -> Button:
    return Button("Report", encode(ReportQuestion(round_.id)))


def _named(givens: Sequence[MemberAnswer]) -> Text:
    return _joined([(Person(given.user, given.name),) for given in givens])


def _streaks(givens: Sequence[MemberAnswer]) -> Text:
    return _joined([(Person(given.user, given.name), f" {given.streak} days") for given in givens])


def _joined(parts: Sequence[tuple[Span, ...]]) -> Text:
    spans: list[Span] = []
    for part in parts:
        spans += [", ", *part] if spans else part
    return tuple(spans)
