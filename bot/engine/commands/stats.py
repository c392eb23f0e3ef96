"""`stats`: a member's own numbers, and what to look at again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from bot.engine import charts
from bot.engine.actions import Action, StartDrill, encode
from bot.engine.commands.base import Command, Context, OnPress, Options
from bot.engine.commands.preferences import streak_fields
from bot.engine.library import IndexedPack
from bot.engine.memory import Card, predict_recall
from bot.engine.screens import Button, CommandMention, Reply, Screen, notice

WEAKEST = 3


@dataclass(frozen=True, slots=True)
class DrawProgress(Action):
    """Show the member's progress by chapter as a picture."""

    verb = "drawprogress"


async def stats(context: Context, _: Options) -> Reply:
    """Sums, streak, reviews due, coverage by chapter and the weakest topics."""
    pack = context.library.get("")
    if pack is None:
        return notice("No pack is loaded.")
    record = await context.store.players.totals(context.member)
    cards = {
        question: card
        for question, card in (await context.store.cards.of(context.member, pack.pack.id)).items()
        if question in pack.questions
    }
    days = context.own_days(record.zones)
    due = sum(card.is_due(context.now, days) for card in cards.values())
    weakest = _weakest(context, pack, cards)
    streak = record.streak.on(context.now, days)
    chapters = [
        {
            "id": chapter.id,
            "title": chapter.title,
            "seen": sum(q.id in cards for q in pack.questions_in(chapter.id)),
            "right": sum(
                q.id in cards and cards[q.id].last_right for q in pack.questions_in(chapter.id)
            ),
            "questions": len(pack.questions_in(chapter.id)),
        }
        for chapter in pack.pack.chapters
    ]
    waiting = [("Waiting for the result", str(record.waiting))] if record.waiting else []
    fields = [
        ("Answered", str(record.answered)),
        *waiting,
        ("Right", f"{record.right} ({_percent(record.right, record.answered)})"),
        ("Points", str(record.points)),
        *streak_fields(context, record),
        ("Due for review", str(due)),
        *(
            (
                str(chapter["title"]),
                f"{chapter['seen']} of {chapter['questions']} questions seen, "
                f"{chapter['right']} right",
            )
            for chapter in chapters
        ),
    ]
    if weakest:
        titles = (pack.topics[topic].topic.title for topic in weakest)
        fields.append(("Weakest topics", "; ".join(titles)))
    return Reply(
        Screen(
            title="Your numbers",
            text=()
            if record.answered or record.waiting
            else (("Nothing answered yet. Start here: ", CommandMention("drill")),),
            fields=tuple(fields),
            controls=(
                *(
                    Button(
                        f"Drill: {pack.topics[t].topic.title}", encode(StartDrill(pack.pack.id, t))
                    )
                    for t in weakest
                ),
                Button("Picture", encode(DrawProgress()), opens_chart=True),
            ),
        ),
        data={
            "answered": record.answered,
            "waiting": record.waiting,
            "right": record.right,
            "points": record.points,
            "streak": streak,
            "longest_streak": record.streak.best,
            "freezes": record.streak.freezes_on(context.now, days),
            "day_ends": days.end(context.now).isoformat(),
            "due": due,
            "chapters": chapters,
            "weakest": weakest,
        },
    )


async def draw(context: Context, _: DrawProgress, __: tuple[str, ...]) -> Reply:
    """The same numbers with a picture of the progress by chapter."""
    reply = await stats(context, {})
    if reply.data is None:
        return reply
    chart = charts.chart_progress(reply.data["chapters"])
    return replace(reply, screen=replace(reply.screen, controls=(), picture=chart))


def _weakest(context: Context, pack: IndexedPack, cards: dict[str, Card]) -> list[str]:
    """Topics in which something was missed, least remembered first."""
    known: defaultdict[str, list[float]] = defaultdict(list)
    for question, card in cards.items():
        share = card.right / card.seen
        known[pack.questions[question].topic].append(share * predict_recall(card, context.now))
    missed = {
        pack.questions[question].topic for question, card in cards.items() if not card.last_right
    }
    return sorted(missed, key=lambda topic: sum(known[topic]) / len(known[topic]))[:WEAKEST]


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "–"


STATS = Command(
    name="stats",
    description="Your own numbers: answers, points, streak, reviews due, weakest topics",
    handler=stats,
    examples=({},),
    presses=(OnPress(DrawProgress, draw),),
)
