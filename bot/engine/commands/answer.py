"""Answer a round, with one decision, one write and one reply; show why, and report a question."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from bot.engine import memory
from bot.engine.actions import (
    AnswerRound,
    ArrangeRound,
    ReadCase,
    ReportQuestion,
    ShowAnswer,
    SkipStep,
    UnknownAction,
    encode,
)
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.asked import KeptQuestion, explain_unknown, find_asked
from bot.engine.commands.base import Context, OnPress, always
from bot.engine.commands.drill import skip
from bot.engine.days import Days, date_in
from bot.engine.events import Channel
from bot.engine.kinds import UnreadableAnswer, format_stem, kind_of
from bot.engine.kinds.short_answer import MAX_ANSWER_CHARS
from bot.engine.question_screens import draw_answered, draw_case, draw_key
from bot.engine.rounds import Answer, Board, Reveal, Round, score_points
from bot.engine.screens import (
    OPTION_LETTERS,
    Arrange,
    Button,
    Choice,
    CommandMention,
    Field,
    Form,
    Match,
    Reply,
    Screen,
    notice,
)
from bot.engine.standings import list_periods
from content.model import Question, ShortAnswer

NOT_YOURS = (
    "This question belongs to someone else. Start your own drill: ",
    CommandMention("drill"),
)
NOT_SKIPPED = (
    "You can only skip questions in a drill. Answer this one, or ignore it: it closes on its own."
)
ERASED = "You answered this before you deleted your data, so you can't answer it again."
MAX_REASON_CHARS = 300
"""The longest reason of a report."""

REPORT = Form(
    "Report a question",
    (Field("text", "What's wrong with this question?", max_chars=MAX_REASON_CHARS),),
)
ANSWER = Form("Your answer", (Field("text", "Your answer", max_chars=MAX_ANSWER_CHARS),))

PLACES = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")

LIVE_REPEAT_PERIOD = timedelta(days=7)
"""A live question that isn't due for review earns points again this long after it last did."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A member's answer that counts, `repeated` if they answered again."""

    round: Round
    answer: Answer
    repeated: bool


async def answer(context: Context, action: AnswerRound, values: tuple[str, ...]) -> Reply:
    """Accept an answer and show the verdict; the word `skip` leaves a drill's question for
    later."""
    said = values or tuple(context.fields.values())
    decide = partial(_decide, context, action, said)
    decided: (
        tuple[AcceptedAnswer, Answer] | Verdict | Reply | Round
    ) = await context.store.answers.accept(action.round, context.member, decide)
    match decided:
        case Reply():
            return decided
        case Round():
            return await skip(context, SkipStep(decided.drill or 0, decided.step), ())
        case Verdict():
            return await _show_verdict(context, decided)
        case accepted, stands:
            verdict = Verdict(accepted.round, stands, repeated=stands != accepted.answer)
            return await _show_verdict(context, verdict)


async def answer_arranged(context: Context, action: ArrangeRound, _: tuple[str, ...]) -> Reply:
    """Accept an answer whose parts came in a form."""
    return await answer(context, AnswerRound(action.round), ())


async def ask_for_parts(context: Context, action: ArrangeRound) -> Form | Reply:
    """Ask for each part of an answer, or say why the round can't be answered."""
    seen = await context.store.answers.view(action.round, context.member)
    checked = _check_answerable(context, seen)
    if isinstance(checked, Verdict):
        return await _show_verdict(context, checked)
    if isinstance(checked, Reply):
        return checked
    view, asked = checked
    form = build_parts_form(asked.question, view.round.layout)
    if form is None:
        raise UnknownAction(action.verb)
    return form


def build_parts_form(question: Question, layout: tuple[int, ...]) -> Form | None:
    """Build the form that asks for each part of an answer; None if it has only one."""
    kind = kind_of(question)
    match kind.make_control(question, layout, ""):
        case Arrange(choices=choices):
            labels: tuple[str, ...] = PLACES[: len(choices)]
        case Match(lefts=labels, choices=choices):
            pass
        case _:
            return None
    lettered = tuple(
        Choice(f"{letter}. {choice.label}", choice.value)
        for letter, choice in zip(OPTION_LETTERS, choices, strict=False)
    )
    fields = (
        Field(f"part{place}", label, "choice", choices=lettered)
        for place, label in enumerate(labels)
    )
    case = (f"Case: {question.case.text}",) if question.case else ()
    intro = (*case, *format_stem(question))
    return Form(kind.name, tuple(fields), "Submit", distinct=True, intro=intro)


def _check_answerable(
    context: Context, view: RoundView | None
) -> tuple[RoundView, KeptQuestion] | Verdict | Reply:
    """Return the round with its question; the verdict on an earlier answer, or why it can't be
    answered."""
    if view is None:
        return notice(NOT_YOURS)
    round_ = view.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so you can't answer it.")
    if view.answer is not None:
        # The answer may have been stored in a transaction that seemed to fail and is retried.
        repeated = view.answer.answered_at != context.now
        return Verdict(round_, view.answer, repeated=repeated)
    if view.erased:
        return notice(ERASED)
    asked = find_asked(round_)
    if asked is None:
        return notice(explain_unknown(round_))
    if not round_.is_open(context.now):
        whys = (
            (Button("Answer and why", encode(ShowAnswer(round_.id))),) if not round_.drill else ()
        )
        return notice("This question is closed, so you can't answer it anymore.", controls=whys)
    return view, asked


def _decide(
    context: Context, action: AnswerRound, values: tuple[str, ...], seen: RoundView | None
) -> AcceptedAnswer | Verdict | Reply | Round:
    """Decide what to store of an answer, or why to refuse it; the verdict on an earlier one; the
    round itself if it's skipped."""
    checked = _check_answerable(context, seen)
    if isinstance(checked, Verdict | Reply):
        return checked
    view, asked = checked
    round_, question = view.round, asked.question
    kind = kind_of(question)
    if _wants_to_skip(question, values):
        return round_ if round_.drill else notice(NOT_SKIPPED)
    try:
        given = kind.read(question, round_.layout, values or (action.choice,))
    except UnreadableAnswer as problem:
        return notice(str(problem))
    credit = kind.grade(question, given, asked.terms)
    days, card = context.own_days(view.zones), view.card
    counts = _earns_points(view, days, context.now)
    day = days.of(context.now)
    since = (day - days.of(card.reviewed_at)).days if card else 0
    today = date_in(context.community_zone(view.zones.community), context.now)
    return AcceptedAnswer(
        round=round_,
        member=context.member,
        name=context.name,
        day=day,
        zone=context.event.actor.zone or view.zones.platform,
        periods=list_periods(today, view.season),
        answer=Answer(given, credit, score_points(credit, counts=counts), context.now),
        card=memory.review(card, question.id, credit, context.now, since),
        streak=view.streak.after(context.now, days),
    )


def _earns_points(view: RoundView, days: Days, now: datetime) -> bool:
    """Whether an answer earns points. A daily question always does; others do if they're new to
    the member or due for review, so nobody can farm points. A live question, played together with
    others, also earns points once a week."""
    card, board = view.card, view.round.board
    if board is Board.DAILY or card is None or card.is_due(now, days):
        return True
    last = view.last_counted() if board is Board.LIVE else None
    return last is not None and now - last >= LIVE_REPEAT_PERIOD


async def why(context: Context, action: ShowAnswer, _: tuple[str, ...]) -> Reply:
    """Show the answer to a closed round and why; to members who answered, their verdict."""
    view = await context.store.answers.view(action.round, context.member)
    if view is None:
        return notice(NOT_YOURS)
    round_ = view.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so it earns no points.")
    if view.answer is not None:
        return await _show_verdict(context, Verdict(round_, view.answer, repeated=False))
    asked = find_asked(round_)
    if asked is None:
        return notice(explain_unknown(round_))
    if round_.is_open(context.now):
        return notice("This question is still open. Answer it first.")
    return Reply(draw_key(asked, round_))


async def read_case(context: Context, action: ReadCase, _: tuple[str, ...]) -> Reply:
    """Show the whole case that a question is about."""
    view = await context.store.answers.view(action.round, context.member)
    if view is None:
        return notice(NOT_YOURS)
    asked = find_asked(view.round)
    if asked is None or asked.question.case is None:
        return notice(explain_unknown(view.round))
    return Reply(draw_case(asked.question.case))


async def _show_verdict(context: Context, verdict: Verdict) -> Reply:
    round_, answer = verdict.round, verdict.answer
    asked = find_asked(round_)
    if asked is None:
        return notice(explain_unknown(round_))
    place, url = context.event.place, ""
    if round_.reveal is Reveal.AT_CLOSE:
        where = Channel(place.platform, place.community, round_.channel)
        url = await context.rounds.link(where, round_.message)
    screen = draw_answered(asked, round_, answer, context.now, repeated=verdict.repeated, url=url)
    return Reply(screen)


def _wants_to_skip(question: Question, values: tuple[str, ...]) -> bool:
    """Whether the member typed `skip`, unless that is a right answer."""
    accepted = question.accepted if isinstance(question, ShortAnswer) else ()
    return _says_skip(" ".join(values)) and not any(map(_says_skip, accepted))


def _says_skip(text: str) -> bool:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return words == ["skip"]


async def report(context: Context, action: ReportQuestion, _: tuple[str, ...]) -> Reply:
    """Save a member's report on a question, for the pack's authors."""
    reason = " ".join(context.fields.get("text", "").split())
    if not reason:
        return notice("Write a few words about what's wrong with the question.")
    if not await context.store.reports.add(
        action.round, context.member, context.name, reason, context.now
    ):
        return notice(NOT_YOURS)
    return Reply(
        Screen(
            title="Report sent",
            text=("Thanks. The pack's authors will see your report.",),
        )
    )


PRESSES = (
    OnPress(AnswerRound, answer, form=ANSWER, updates=always, counts=True),
    OnPress(ArrangeRound, answer_arranged, form=ask_for_parts, updates=always, counts=True),
    OnPress(ShowAnswer, why),
    OnPress(ReadCase, read_case),
    OnPress(ReportQuestion, report, form=REPORT),
)
"""The presses on every question's screens, whichever command asked it."""
