"""Answering a round: one decision, one write, one reply; and what can be done with an answer."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from functools import partial

from bot.engine import memory
from bot.engine.actions import AnswerRound, ReportQuestion, ShowAnswer, SkipStep, encode
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.commands.base import Context, OnPress, always
from bot.engine.commands.drill import skip
from bot.engine.days import Days, date_in
from bot.engine.kinds import UnreadableAnswer, kind_of
from bot.engine.kinds.short_answer import MAX_ANSWER_CHARS
from bot.engine.question_screens import CHANGED, answered, unanswered
from bot.engine.rounds import Answer, Board, Round, score_points
from bot.engine.screens import Button, CommandMention, Field, Form, Reply, Screen, notice
from bot.engine.standings import list_periods
from content.model import Question, ShortAnswer

NOT_YOURS = (
    "This question belongs to somebody else. Start your own drill: ",
    CommandMention("drill"),
)
NOT_SKIPPED = (
    "Only a drill's questions can be skipped. Answer this one, or leave it: it closes by itself."
)
WITHDRAWN = "You answered this before you deleted your data, so you can't answer it again."
REASON = 300
"""Characters that a report's reason may have."""

REPORT = Form(
    "Report a question", (Field("text", "What is wrong with this question?", max_chars=REASON),)
)
ANSWER = Form("Your answer", (Field("text", "Your answer", max_chars=MAX_ANSWER_CHARS),))

AGAIN = timedelta(days=7)
"""How long after an answer that counted a live question counts again for who is not due."""


async def answer(context: Context, action: AnswerRound, values: tuple[str, ...]) -> Reply:
    """Accept an answer to a round, and say how good it was; the word `skip` leaves a drill's
    question for later."""
    said = values or tuple(context.fields.values())
    decide = partial(_decide, context, action, said)
    decided: tuple[AcceptedAnswer, Answer] | Reply | Round = await context.store.answers.accept(
        action.round, context.member, decide
    )
    if isinstance(decided, Reply):
        return decided
    if isinstance(decided, Round):
        return await skip(context, SkipStep(decided.drill or 0, decided.step), ())
    accepted, stands = decided
    return _told(context, accepted.round, stands, repeated=stands != accepted.answer)


def _decide(
    context: Context, action: AnswerRound, values: tuple[str, ...], view: RoundView | None
) -> AcceptedAnswer | Reply | Round:
    """What is to be kept of an answer, or why it cannot be taken; the round where it is skipped."""
    if view is None:
        return notice(NOT_YOURS)
    round_ = view.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so it takes no answers.")
    if view.answer is not None:
        # One that was kept, but whose transaction seemed to fail, is decided about again.
        return _told(context, round_, view.answer, repeated=view.answer.answered_at != context.now)
    if view.withdrawn:
        return notice(WITHDRAWN)
    asked = context.library.find_question(round_)
    if asked is None:
        return notice(CHANGED)
    pack, question = asked
    if not round_.is_open(context.now):
        whys = (
            (Button("Answer and why", encode(ShowAnswer(round_.id))),) if not round_.drill else ()
        )
        return notice("This question has closed, so it takes no more answers.", controls=whys)
    kind = kind_of(question)
    if _skips(question, values):
        return round_ if round_.drill else notice(NOT_SKIPPED)
    try:
        given = kind.read(question, round_.layout, values or (action.choice,))
    except UnreadableAnswer as problem:
        return notice(str(problem))
    credit = kind.grade(question, given, pack.terms)
    days, card = context.own_days(view.zones), view.card
    counts = _counts(view, days, context.now)
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


def _counts(view: RoundView, days: Days, now: datetime) -> bool:
    """Whether an answer counts for boards: to a daily question always; to others when the question
    is new to the member or due, so that repeating farms nothing. A live one, for which others play
    at the same time, counts once a week at least."""
    card, board = view.card, view.round.board
    if board is Board.DAILY or card is None or card.is_due(now, days):
        return True
    last = view.last_counted() if board is Board.LIVE else None
    return last is not None and now - last >= AGAIN


async def why(context: Context, action: ShowAnswer, _: tuple[str, ...]) -> Reply:
    """The answer of a closed round and the reason for it; for who answered, how they did."""
    view = await context.store.answers.view(action.round, context.member)
    if view is None:
        return notice(NOT_YOURS)
    round_ = view.round
    if round_.withdrawn:
        return notice("An admin withdrew this question, so it earns no points.")
    if view.answer is not None:
        return _told(context, round_, view.answer, repeated=False)
    asked = context.library.find_question(round_)
    if asked is None:
        return notice(CHANGED)
    pack, question = asked
    if round_.is_open(context.now):
        return notice("This question is still open: answer it first.")
    return Reply(unanswered(pack, question, round_))


def _told(context: Context, round_: Round, answer: Answer, *, repeated: bool) -> Reply:
    asked = context.library.find_question(round_)
    if asked is None:
        return notice(CHANGED)
    return Reply(answered(*asked, round_, answer, context.now, repeated=repeated))


def _skips(question: Question, values: tuple[str, ...]) -> bool:
    """Whether the member typed `skip`, where that is no right answer."""
    accepted = question.accepted if isinstance(question, ShortAnswer) else ()
    return _is_skip(" ".join(values)) and not any(map(_is_skip, accepted))


def _is_skip(text: str) -> bool:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return words == ["skip"]


async def report(context: Context, action: ReportQuestion, _: tuple[str, ...]) -> Reply:
    """Keep what a member says to be wrong with a question, for the owners of the pack."""
    reason = " ".join(context.fields.get("text", "").split())
    if not reason:
        return notice("Say in a few words what is wrong with the question.")
    if not await context.store.reports.add(
        action.round, context.member, context.name, reason, context.now
    ):
        return notice(NOT_YOURS)
    return Reply(
        Screen(
            title="Thank you",
            text=("Your report is kept for those who look after the questions.",),
        )
    )


PRESSES = (
    OnPress(AnswerRound, answer, form=ANSWER, updates=always, counts=True),
    OnPress(ShowAnswer, why),
    OnPress(ReportQuestion, report, form=REPORT),
)
"""What every question's screens lead to, whichever command asked it."""
