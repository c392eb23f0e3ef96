"""`drill`: a member's private run of questions, one screen after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.engine import selection
from bot.engine.actions import Action, ContinueDrill, SkipStep, StartDrill, StopDrill, encode
from bot.engine.commands.base import (
    A_TOPIC,
    Command,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_pack,
    complete_scope,
    no_such_pack,
    no_such_scope,
    scope_of,
)
from bot.engine.drills import Drill
from bot.engine.kinds import kind_of
from bot.engine.library import WHOLE_PACK, IndexedPack
from bot.engine.question_screens import open_in_drill
from bot.engine.rounds import NewRound
from bot.engine.screens import Button, CommandMention, Reply, Screen, notice
from content.model import Question

QUESTIONS = 10
NOT_YOURS = ("This drill belongs to somebody else. Start your own: ", CommandMention("drill"))
OF_NO_COMMUNITY = (
    "Drills here count for your memory and your own numbers, and on no leaderboard. "
    "Start one in a server to have it count there."
)
MISSED = timedelta(days=14)
"""How far back a member can catch up on daily questions."""


@dataclass(frozen=True, slots=True)
class CatchUp(Action):
    """Start a drill on the daily questions that the member missed."""

    verb = "catchup"


async def start(context: Context, options: Options) -> Reply:
    """Start a drill and show its first question."""
    pack = context.library.get(options["pack"])
    if pack is None:
        return no_such_pack(context.library)
    scope = scope_of(pack, options["topic"])
    if scope is None:
        return no_such_scope(pack, options["topic"])
    return await _begin(context, pack, scope, options["questions"])


async def practise(context: Context, action: StartDrill, _: tuple[str, ...]) -> Reply:
    """Start a drill from a control."""
    pack = context.library.get(action.pack)
    if pack is None:
        return notice("That pack is not here any more.")
    return await _begin(context, pack, action.scope, QUESTIONS)


async def go_on(context: Context, action: ContinueDrill, _: tuple[str, ...]) -> Reply:
    """Show the next unanswered step after the one answered last, or the summary."""
    drill = await context.store.drills.get(action.drill, context.member)
    if drill is None:
        return notice(NOT_YOURS)
    pack = context.library.get(drill.pack)
    if pack is None:
        return notice("That pack is not here any more.")
    answered = [(given.answered_at, round_.step) for round_, given in drill.steps if given]
    return await _after(context, pack, drill, max(answered)[1] if answered else 0)


async def skip(context: Context, action: SkipStep, _: tuple[str, ...]) -> Reply:
    """Show the next unanswered step, those before this one last; the summary where there is no
    other."""
    drill = await context.store.drills.get(action.drill, context.member)
    pack = context.library.get(drill.pack) if drill else None
    if drill is None or pack is None:
        return notice(NOT_YOURS)
    return await _after(context, pack, drill, action.step)


async def stop(context: Context, action: StopDrill, _: tuple[str, ...]) -> Reply:
    """End a drill early, with its summary."""
    drill = await context.store.drills.get(action.drill, context.member)
    pack = context.library.get(drill.pack) if drill else None
    if drill is None or pack is None:
        return notice(NOT_YOURS)
    return await _summary(context, pack, drill)


async def catch_up(context: Context, _: CatchUp, __: tuple[str, ...]) -> Reply:
    """Start a drill on the daily questions that the member missed."""
    missed = await context.store.dailies.missed(
        context.member, context.event.place.channel, context.now - MISSED, QUESTIONS
    )
    pack = context.library.get(missed[0].pack) if missed else None
    questions = [
        question
        for round_ in missed
        if pack and round_.pack == pack.pack.id and (question := pack.find_question(round_))
    ]
    if pack is None or not questions:
        return notice("You have missed no daily question of the last two weeks.")
    return await _pose(context, pack, WHOLE_PACK, questions)


async def _after(context: Context, pack: IndexedPack, drill: Drill, step: int) -> Reply:
    """The next unanswered step after one, round to those before it; the summary after the last."""
    for round_, given in (*drill.steps[step:], *drill.steps[: max(step - 1, 0)]):
        # A question that has changed since the drill began is passed over, not asked.
        if given is None and (question := pack.find_question(round_)):
            return Reply(open_in_drill(pack, question, round_, drill.scope))
    return await _summary(context, pack, drill)


async def _begin(context: Context, pack: IndexedPack, scope: str, count: int) -> Reply:
    if not pack.questions_in(scope):
        return notice("There are no questions on that yet.")
    # Its answer would be known before it is given in the channel.
    hidden = await context.store.posts.open_questions(context.member, pack.pack.id)
    questions = [each for each in pack.questions_in(scope) if each.id not in hidden]
    if not questions:
        return notice("What there is on that is open in a channel now. Come back once it closes.")
    cards = await context.store.cards.of(context.member, pack.pack.id)
    days = context.own_days((await context.store.players.totals(context.member)).zones)
    chosen = selection.choose_drill(
        questions, cards, count, now=context.now, days=days, rng=context.rng
    )
    return await _pose(context, pack, scope, chosen)


async def _pose(
    context: Context, pack: IndexedPack, scope: str, questions: Sequence[Question]
) -> Reply:
    rounds = [
        NewRound(
            question.id, question.version, kind_of(question).make_layout(question, context.rng)
        )
        for question in questions
    ]
    drill = await context.store.drills.start(
        context.member, context.name, pack.pack.id, scope, rounds, context.now
    )
    return await go_on(context, ContinueDrill(drill), ())


async def _summary(context: Context, pack: IndexedPack, drill: Drill) -> Reply:
    answered = [(round_, answer) for round_, answer in drill.steps if answer is not None]
    right = sum(answer.right for _, answer in answered)
    points = sum(answer.points for _, answer in answered)
    record = await context.store.players.totals(context.member)
    missed = Counter(
        question.topic
        for round_, answer in answered
        if not answer.right and (question := pack.questions.get(round_.question))
    )
    weakest = [topic for topic, _ in missed.most_common(3)]
    streak = record.streak.on(context.now, context.own_days(record.zones))
    fields = [
        ("Right", f"{right} of {len(answered)} answered"),
        ("Points", str(points)),
        ("Streak", f"{streak} day{'' if streak == 1 else 's'}"),
    ]
    if left := len(drill.steps) - len(answered):
        fields.append(("Not answered", f"{left}, left for another drill"))
    if weakest:
        fields.append(("Look at again", "; ".join(pack.topics[t].topic.title for t in weakest)))
    controls = [
        Button("Another drill", encode(StartDrill(pack.pack.id, drill.scope)), style="primary"),
        *(
            Button(f"Drill: {pack.topics[t].topic.title}", encode(StartDrill(pack.pack.id, t)))
            for t in weakest
        ),
    ]
    return Reply(
        Screen(
            title=f"Drill finished · {pack.title_of(drill.scope)}",
            text=() if answered else ("Nothing was answered this time.",),
            fields=tuple(fields),
            controls=tuple(controls),
            note="" if context.event.place.community else OF_NO_COMMUNITY,
        )
    )


DRILL = Command(
    name="drill",
    description="Practise in private: a run of questions on a topic, a chapter or everything",
    handler=start,
    options=(
        Option("topic", "A topic or chapter; leave out for all", complete=complete_scope),
        Option(
            "questions", "How many questions", "integer", default=QUESTIONS, minimum=1, maximum=50
        ),
        Option("pack", "Which pack; leave out for the usual one", complete=complete_pack),
    ),
    rest="topic",
    examples=({}, {"topic": A_TOPIC, "questions": "5"}),
    presses=(
        OnPress(ContinueDrill, go_on, updates=always),
        OnPress(SkipStep, skip, updates=always),
        OnPress(StopDrill, stop, updates=always),
        OnPress(StartDrill, practise, updates=always),
        OnPress(CatchUp, catch_up, updates=always),
    ),
)
