"""Draw a question in all its states: open in a channel or a drill, answered, closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.actions import (
    AnswerRound,
    ContinueDrill,
    ExplainTopic,
    ReadCase,
    ReportQuestion,
    ShowAnswer,
    SkipStep,
    StartDrill,
    StopDrill,
    encode,
)
from bot.engine.answers import MemberAnswer
from bot.engine.asked import KeptQuestion, explain_unknown
from bot.engine.kinds import format_asked, format_stem, kind_of
from bot.engine.kinds.base import format_share
from bot.engine.posts import Post
from bot.engine.rounds import Answer, Board, Results, Reveal, Round
from bot.engine.screens import (
    Button,
    Link,
    Moment,
    Person,
    Screen,
    Span,
    Text,
    Tone,
    WebLink,
)
from content.language.plural import count
from content.model import MAX_TEXT_CHARS, Case, Question

MAX_NAMED = 3
"""The most members named in a result."""

MAX_CASE_CHARS, CASE_EXCERPT_CHARS, MIN_CASE_CHARS = 600, 300, 60
"""The longest case that a question shows whole, the beginning of a longer one, and the shortest
beginning that says something."""

NOTABLE_STREAK = 7
"""The shortest streak that a result mentions."""

PROMISES = {
    Reveal.AT_ONCE: "Your answer is private. You'll see right away if it's right.",
    Reveal.AT_CLOSE: "Your answer is private. You'll see the result when the question closes.",
}
NO_SPOILERS = "No spoilers, please: the discussion opens in the thread when the question closes."
DISCUSS = "Now you can talk about it here."
TITLES = {Board.DAILY: "Daily question", Board.LIVE: "Question"}
UNEXPLAINED = "No explanation yet."
WITHDRAWN = Screen(
    title="Question withdrawn",
    text=("An admin withdrew this question. You can't answer it, and it earns no points.",),
)
VERDICTS = {1.0: ("Right", Tone.RIGHT), 0.0: ("Wrong", Tone.WRONG)}


def draw_open(asked: KeptQuestion, post: Post, closes: datetime, last_time: Text = "") -> Screen:
    """Draw a channel's question until it closes; `last_time` is how the one before went."""
    question, promise = asked.question, PROMISES[post.round.reveal]
    kind = kind_of(question)
    discussed = post.results is Results.THREAD
    return Screen(
        title=f"{TITLES[post.round.board]} · {asked.pack_title}",
        text=(
            *format_case(question),
            *format_stem(question),
            *([post.intro] if post.intro else ()),
        ),
        fields=(
            ("Chapter", asked.chapter),
            ("Kind", kind.name),
            ("Answered", str(post.answered)),
            ("Closes", (Moment(closes),)),
            *([("Last time", last_time)] if last_time else ()),
        ),
        controls=(
            kind.make_control(question, post.round.layout, encode(AnswerRound(post.round.id))),
            *_offer_case(question, post.round),
        ),
        note=f"{promise} {NO_SPOILERS}" if discussed else promise,
    )


def draw_drill_step(asked: KeptQuestion, round_: Round, title: str) -> Screen:
    """Draw an unanswered step of a drill, under the drill's title."""
    question, drill = asked.question, round_.drill or 0
    kind = kind_of(question)
    return Screen(
        title=f"Question {round_.step} of {round_.steps} · {title}",
        text=(*format_case(question), *format_stem(question)),
        fields=(
            ("Chapter", asked.chapter),
            ("Kind", kind.name),
        ),
        controls=(
            kind.make_control(question, round_.layout, encode(AnswerRound(round_.id))),
            *_offer_case(question, round_),
            Button("Skip", encode(SkipStep(drill, round_.step))),
            Button("Stop", encode(StopDrill(drill)), style="danger"),
        ),
    )


def draw_answered(
    asked: KeptQuestion,
    round_: Round,
    answer: Answer,
    now: datetime,
    *,
    repeated: bool,
    url: str = "",
) -> Screen:
    """Draw the verdict on an answer, or only a receipt if results are shown at the close, with a
    link to the question if its `url` is known."""
    question = asked.question
    kind = kind_of(question)
    text: list[Text] = [f"You answered {kind.format_answer(question, round_.layout, answer.given)}"]
    if repeated:
        text.insert(0, "You've already answered this. Your first answer counts.")
    if round_.reveal is Reveal.AT_CLOSE and round_.is_open(now):
        if round_.closes_at:
            link = (" · ", WebLink("Go to the question", url)) if url else ()
            text.append(
                (
                    "You'll see the result when the question closes, ",
                    Moment(round_.closes_at),
                    *link,
                )
            )
        return Screen(title="Recorded", text=tuple(text), controls=(_report_button(round_),))
    word, tone = VERDICTS.get(answer.credit, ("Partly right", Tone.PARTLY))
    points = count(answer.points, "point")
    if answer.right and (spelled := kind.find_spelling(question, answer.given)):
        text.append(f"It's spelled “{spelled}”.")
    if answer.credit and not answer.points:
        text.append("No points: you answered this recently, and it isn't due for review yet.")
    if not answer.right:
        text += kind.explain_mistakes(question, round_.layout, answer.given)
        text += _format_key(question, round_)
    text += _format_why(question)
    onward = (
        (Button("Next", encode(ContinueDrill(round_.drill)), style="primary", is_next=True),)
        if round_.drill
        else ()
    )
    return Screen(
        title=f"{word} · {points}",
        text=tuple(text),
        controls=(*onward, *_next_steps(asked, round_)),
        tone=tone,
    )


def draw_key(asked: KeptQuestion, round_: Round) -> Screen:
    """Draw the answer to a closed round, for members who didn't answer."""
    question = asked.question
    return Screen(
        title="The answer",
        text=(*_format_key(question, round_), *_format_why(question)),
        controls=_next_steps(asked, round_),
    )


def draw_result(asked: KeptQuestion, post: Post, givens: Sequence[MemberAnswer]) -> Screen:
    """Draw a channel's result."""
    question, layout = asked.question, post.round.layout
    kind = kind_of(question)
    right = [given for given in givens if given.answer.right]
    named = [given for given in givens if not given.hidden]
    first = [given for given in named if given.answer.right][:MAX_NAMED]
    fields: list[tuple[str, Text]] = [
        ("Chapter", asked.chapter),
        ("Answered", str(len(givens))),
    ]
    if givens:
        fields.append(("Right", format_share(len(right), len(givens))))
    if first:
        fields.append(("First to get it right", _format_people(first)))
    if lasting := sorted(
        (given for given in named if given.streak >= NOTABLE_STREAK),
        key=lambda given: -given.streak,
    ):
        fields.append(("Streaks", _format_streaks(lasting[:MAX_NAMED])))
    key = kind.format_key(question, layout)
    tally = kind.tally(question, layout, [given.answer.given for given in givens])
    return Screen(
        title=f"Result · {asked.pack_title}",
        text=(*format_case(question), *format_asked(question), *tally),
        fields=tuple(fields),
        spoiler=("The answer:", *key) if len(key) > 1 else (f"The answer: {key[0]}",),
        controls=(
            Button("Answer and why", encode(ShowAnswer(post.round.id)), style="primary"),
            Button("Explain", encode(ExplainTopic(post.round.pack, question.topic))),
            *_offer_case(question, post.round),
        ),
    )


def draw_case(case: Case) -> Screen:
    """Draw a whole case."""
    return Screen(title="The case", text=tuple(case.text.split("\n\n")))


def format_case(question: Question) -> tuple[str, ...]:
    """Return the case that a question is about, or its beginning if it's long."""
    if question.case is None:
        return ()
    text = f"Case: {question.case.text}"
    if not _is_case_cut(question):
        return (text,)
    begun = text[: min(_room_for_case(question), CASE_EXCERPT_CHARS)].rpartition(" ")[0]
    return (f"{begun} …" if len(begun) >= MIN_CASE_CHARS else "Read the case first.",)


def _is_case_cut(question: Question) -> bool:
    case = question.case
    return case is not None and len(case.text) > _room_for_case(question)


def _room_for_case(question: Question) -> int:
    """Stem, code and case share the room of the longest stem, so that the options fit below."""
    asked = len(question.stem) + (len(question.code.text) if question.code else 0)
    return min(MAX_CASE_CHARS, MAX_TEXT_CHARS - asked - len("Case: "))


def _offer_case(question: Question, round_: Round) -> tuple[Button, ...]:
    """The button that shows the whole case, if the question only shows its beginning."""
    return (_case_button(round_),) if _is_case_cut(question) else ()


def _case_button(round_: Round) -> Button:
    return Button("Read the case", encode(ReadCase(round_.id)))


def draw_unknown(round_: Round) -> Screen:
    """Draw a round whose question isn't known."""
    return Screen(title="Question changed", text=(explain_unknown(round_),))


def draw_reply(post: Post, givens: Sequence[MemberAnswer], *more: Text) -> Screen:
    """Draw the short reply that brings a result to the channel's notice."""
    right = sum(given.answer.right for given in givens)
    return Screen(
        text=(format_right(right, len(givens)), *more),
        controls=(Button("Why?", encode(ShowAnswer(post.round.id, reply=1))),),
    )


def format_right(right: int, answered: int) -> str:
    """Say how many got a question right."""
    return f"{right} of {answered} got it right."


def _format_key(question: Question, round_: Round) -> tuple[str, ...]:
    key = kind_of(question).format_key(question, round_.layout)
    return ("\n".join(("The answer:", *key)) if len(key) > 1 else f"The answer: {key[0]}",)


def _format_why(question: Question) -> tuple[Text, ...]:
    """Why the key is right, and where the question comes from."""
    source = question.source
    if source.startswith(("http://", "https://")):
        return (question.rationale or UNEXPLAINED, (WebLink("Source", source),))
    said = (f"Source: {source}",) if source else ()
    return (question.rationale or UNEXPLAINED, *said)


def _next_steps(asked: KeptQuestion, round_: Round) -> tuple[Button | Link, ...]:
    """The buttons under an answer: the notes, a drill, a report, the source."""
    topic = asked.question.topic
    buttons = [Button("Explain", encode(ExplainTopic(round_.pack, topic)))]
    if not round_.drill:
        buttons.append(Button("Drill this topic", encode(StartDrill(round_.pack, topic))))
    case = (_case_button(round_),) if asked.question.case else ()
    source = (Link(f"Learn: {asked.topic}", asked.url),) if asked.url else ()
    return (*buttons, *case, _report_button(round_), *source)


def _report_button(round_: Round) -> Button:
    return Button("Report", encode(ReportQuestion(round_.id)))


def _format_people(givens: Sequence[MemberAnswer]) -> Text:
    return _join_spans([(Person(given.user, given.name),) for given in givens])


def _format_streaks(givens: Sequence[MemberAnswer]) -> Text:
    return _join_spans(
        [(Person(given.user, given.name), f" {count(given.streak, 'day')}") for given in givens]
    )


def _join_spans(parts: Sequence[tuple[Span, ...]]) -> Text:
    spans: list[Span] = []
    for part in parts:
        spans += [", ", *part] if spans else part
    return tuple(spans)
