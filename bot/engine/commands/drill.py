"""`drill`: practice questions in private, one screen after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.engine import selection
from bot.engine.actions import Action, ContinueDrill, SkipStep, StartDrill, StopDrill, encode
from bot.engine.asked import find_asked, make_round
from bot.engine.commands.base import (
    TOPIC_PLACEHOLDER,
    Command,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_pack,
    complete_scope,
    find_scope,
    no_such_pack,
    no_such_scope,
)
from bot.engine.drills import Drill
from bot.engine.library import WHOLE_PACK, IndexedPack
from bot.engine.question_screens import draw_drill_step
from bot.engine.screens import Button, CommandMention, Reply, Screen, notice
from content.language.plural import count
from content.model import Question

DEFAULT_QUESTIONS = 10
NOT_YOURS = ("This drill belongs to someone else. Start your own: ", CommandMention("drill"))
NO_LEADERBOARD = (
    "Drills here count toward your reviews and your own stats, but not toward a leaderboard. "
    "For points on a leaderboard, start one in a server or workspace."
)
CATCH_UP_PERIOD = timedelta(days=14)
"""How far back members can catch up on daily questions."""


@dataclass(frozen=True, slots=True)
class CatchUp(Action):
    """Start a drill on the daily questions the member missed."""

    verb = "catchup"


async def start(context: Context, options: Options) -> Reply:
    """Start a drill and show its first question."""
    pack = context.library.get(options["pack"])
    if pack is None:
        return no_such_pack(context.library)
    scope = find_scope(pack, options["topic"])
    if scope is None:
        return no_such_scope(pack, options["topic"])
    return await _start_drill(context, pack, scope, options["questions"])


async def practice(context: Context, action: StartDrill, _: tuple[str, ...]) -> Reply:
    """Start a drill from a button."""
    pack = context.library.get(action.pack)
    if pack is None:
        return notice("That pack is no longer available.")
    return await _start_drill(context, pack, action.scope, DEFAULT_QUESTIONS)


async def go_on(context: Context, action: ContinueDrill, _: tuple[str, ...]) -> Reply:
    """Show the next unanswered step after the latest answer, or the summary."""
    drill = await context.store.drills.get(action.drill, context.member)
    if drill is None:
        return notice(NOT_YOURS)
    answered = [(given.answered_at, round_.step) for round_, given in drill.steps if given]
    return await _show_next(context, drill, max(answered)[1] if answered else 0)


async def skip(context: Context, action: SkipStep, _: tuple[str, ...]) -> Reply:
    """Show the next unanswered step, going around to earlier ones; the summary if none is left."""
    drill = await context.store.drills.get(action.drill, context.member)
    if drill is None:
        return notice(NOT_YOURS)
    return await _show_next(context, drill, action.step)


async def stop(context: Context, action: StopDrill, _: tuple[str, ...]) -> Reply:
    """End a drill early, with its summary."""
    drill = await context.store.drills.get(action.drill, context.member)
    if drill is None:
        return notice(NOT_YOURS)
    return await _summary(context, drill)


async def catch_up(context: Context, _: CatchUp, __: tuple[str, ...]) -> Reply:
    """Start a drill on the daily questions the member missed."""
    missed = await context.store.dailies.missed(
        context.member,
        context.event.place.channel,
        context.now - CATCH_UP_PERIOD,
        DEFAULT_QUESTIONS,
    )
    pack = context.library.get(missed[0].pack) if missed else None
    questions = [
        question
        for round_ in missed
        if pack
        and round_.pack == pack.pack.id
        and (question := pack.questions.get(round_.question))
    ]
    if pack is None or not questions:
        return notice("You haven't missed any daily questions in the last two weeks.")
    return await _start_with(context, pack, WHOLE_PACK, questions)


async def _show_next(context: Context, drill: Drill, step: int) -> Reply:
    """Show the next unanswered step, going around to earlier ones; then the summary."""
    for round_, given in (*drill.steps[step:], *drill.steps[: max(step - 1, 0)]):
        if given is None and (asked := find_asked(round_)):
            return Reply(draw_drill_step(asked, round_, _title_of(context, drill)))
    return await _summary(context, drill)


def _title_of(context: Context, drill: Drill) -> str:
    """The title of what a drill is on; its pack may be gone since."""
    pack = context.library.get(drill.pack)
    if pack:
        return pack.title_of(drill.scope)
    titles = (asked.pack_title for round_, _ in drill.steps if (asked := find_asked(round_)))
    return next(titles, "Drill")


async def _start_drill(context: Context, pack: IndexedPack, scope: str, number: int) -> Reply:
    if not pack.questions_in(scope):
        return notice("There are no questions on this yet.")
    # A drill would give away the answer to an open question.
    hidden = await context.store.posts.open_questions(context.member, pack.pack.id)
    questions = [each for each in pack.questions_in(scope) if each.id not in hidden]
    if not questions:
        return notice(
            "Every question on this topic is open in a channel right now. "
            "Try again when they close."
        )
    cards = await context.store.cards.of(context.member, pack.pack.id)
    days = context.own_days((await context.store.players.totals(context.member)).zones)
    chosen = selection.choose_drill(
        questions, cards, number, now=context.now, days=days, rng=context.rng
    )
    return await _start_with(context, pack, scope, chosen)


async def _start_with(
    context: Context, pack: IndexedPack, scope: str, questions: Sequence[Question]
) -> Reply:
    rounds = [make_round(pack, question, context.rng) for question in questions]
    drill = await context.store.drills.start(
        context.member, context.name, pack.pack.id, scope, rounds, context.now
    )
    return await go_on(context, ContinueDrill(drill), ())


async def _summary(context: Context, drill: Drill) -> Reply:
    answered = [(round_, answer) for round_, answer in drill.steps if answer is not None]
    right = sum(answer.right for _, answer in answered)
    points = sum(answer.points for _, answer in answered)
    record = await context.store.players.totals(context.member)
    missed = Counter(
        (asked.question.topic, asked.topic)
        for round_, answer in answered
        if not answer.right and (asked := find_asked(round_))
    )
    weakest = [topic for topic, _ in missed.most_common(3)]
    pack = context.library.get(drill.pack)
    streak = record.streak.on(context.now, context.own_days(record.zones))
    fields = [
        ("Right", f"{right} of {len(answered)} answered"),
        ("Points", str(points)),
        ("Streak", count(streak, "day")),
    ]
    if left := len(drill.steps) - len(answered):
        fields.append(("Not answered", f"{left}, left for another drill"))
    if weakest:
        fields.append(("Review these", "; ".join(title for _, title in weakest)))
    controls = [
        Button("Another drill", encode(StartDrill(drill.pack, drill.scope)), style="primary"),
        *(
            Button(f"Drill: {title}", encode(StartDrill(drill.pack, topic)))
            for topic, title in weakest
            if pack and topic in pack.topics
        ),
    ]
    return Reply(
        Screen(
            title=f"Drill finished · {_title_of(context, drill)}",
            text=() if answered else ("You didn't answer anything this time.",),
            fields=tuple(fields),
            controls=tuple(controls),
            note="" if context.event.place.community else NO_LEADERBOARD,
        )
    )


DRILL = Command(
    name="drill",
    description="Practice in private: questions on a topic, a chapter or everything",
    handler=start,
    options=(
        Option("topic", "Topic or chapter (default: all)", complete=complete_scope),
        Option(
            "questions",
            "Number of questions",
            "integer",
            default=DEFAULT_QUESTIONS,
            minimum=1,
            maximum=50,
        ),
        Option(
            "pack", "Pack to take questions from (default: the main one)", complete=complete_pack
        ),
    ),
    rest="topic",
    examples=({}, {"topic": TOPIC_PLACEHOLDER, "questions": "5"}),
    presses=(
        OnPress(ContinueDrill, go_on, updates=always),
        OnPress(SkipStep, skip, updates=always),
        OnPress(StopDrill, stop, updates=always),
        OnPress(StartDrill, practice, updates=always),
        OnPress(CatchUp, catch_up, updates=always),
    ),
)
