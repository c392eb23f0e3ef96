"""`stats`: a member's own stats and weakest topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.engine import charts
from bot.engine.actions import Action, StartDrill, encode
from bot.engine.commands.base import Command, Context, OnPress, Options
from bot.engine.commands.preferences import streak_fields
from bot.engine.days import Days
from bot.engine.library import IndexedPack
from bot.engine.memory import Card, predict_recall
from bot.engine.players import PlayerTotals
from bot.engine.screens import Button, CommandMention, Meter, Reply, Screen, Text, notice

MAX_WEAKEST = 3
NO_PACK = "No pack is loaded. Ask whoever runs this bot to add one."
NOTHING_YET = ("You haven't answered anything yet. Start here: ", CommandMention("drill"))


@dataclass(frozen=True, slots=True)
class DrawProgress(Action):
    """Show the member's progress by chapter as a chart."""

    verb = "drawprogress"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a member is in a pack: their totals in their own `days`, the number of reviews that
    are `due`, counts by chapter, and the ids of the `weakest` topics."""

    totals: PlayerTotals
    days: Days
    due: int
    chapters: Sequence[Mapping[str, Any]]
    weakest: Sequence[str]


async def measure(context: Context, pack: IndexedPack) -> Progress:
    """Measure how far the member is in a pack."""
    totals = await context.store.players.totals(context.member)
    known = await context.store.cards.of(context.member, pack.pack.id)
    cards = {question: card for question, card in known.items() if question in pack.questions}
    days = context.own_days(totals.zones)
    return Progress(
        totals,
        days,
        sum(card.is_due(context.now, days) for card in cards.values()),
        _count_by_chapter(pack, cards),
        _find_weakest(context, pack, cards),
    )


async def stats(context: Context, _: Options) -> Reply:
    """Show totals, streak, reviews due, progress by chapter and the weakest topics."""
    pack = context.library.get("")
    if pack is None:
        return notice(NO_PACK)
    progress = await measure(context, pack)
    totals, days, weakest = progress.totals, progress.days, progress.weakest
    fields: list[tuple[str, Text]] = [
        *format_totals(totals),
        *streak_fields(context, totals),
        ("Due for review", str(progress.due)),
        *_format_progress(progress.chapters),
    ]
    if weakest:
        titles = (pack.topics[topic].topic.title for topic in weakest)
        fields.append(("Weakest topics", "; ".join(titles)))
    drills = [
        Button(f"Drill: {pack.topics[t].topic.title}", encode(StartDrill(pack.pack.id, t)))
        for t in weakest
    ]
    begun = totals.answered or totals.waiting
    return Reply(
        Screen(
            title="Your stats",
            text=() if begun else (NOTHING_YET,),
            fields=tuple(fields),
            controls=(*drills, Button("Chart", encode(DrawProgress()), opens_chart=True)),
        ),
        data={
            "answered": totals.answered,
            "waiting": totals.waiting,
            "right": totals.right,
            "points": totals.points,
            "streak": totals.streak.on(context.now, days),
            "longest_streak": totals.streak.best,
            "freezes": totals.streak.freezes_on(context.now, days),
            "day_ends": days.end(context.now).isoformat(),
            "due": progress.due,
            "chapters": progress.chapters,
            "weakest": weakest,
        },
    )


async def draw(context: Context, _: DrawProgress, __: tuple[str, ...]) -> Reply:
    """Show the same stats with a chart of the progress by chapter."""
    reply = await stats(context, {})
    if reply.data is None:
        return reply
    chart = charts.chart_progress(reply.data["chapters"])
    return replace(reply, screen=replace(reply.screen, controls=(), picture=chart))


def _count_by_chapter(pack: IndexedPack, cards: dict[str, Card]) -> list[dict[str, Any]]:
    """Count each chapter's questions, those seen, and those right the last time."""
    progress = []
    for chapter in pack.pack.chapters:
        questions = pack.questions_in(chapter.id)
        seen = [cards[question.id] for question in questions if question.id in cards]
        progress.append(
            {
                "id": chapter.id,
                "title": chapter.title,
                "seen": len(seen),
                "right": sum(card.last_right for card in seen),
                "questions": len(questions),
            }
        )
    return progress


def format_totals(totals: PlayerTotals) -> list[tuple[str, str]]:
    """Show how much a member has answered, and how well."""
    waiting = [("Waiting for the result", str(totals.waiting))] if totals.waiting else []
    return [
        ("Answered", str(totals.answered)),
        *waiting,
        ("Right", f"{totals.right} ({_format_percent(totals.right, totals.answered)})"),
        ("Points", str(totals.points)),
    ]


def _format_progress(chapters: Sequence[Mapping[str, Any]]) -> list[tuple[str, Text]]:
    return [
        (
            each["title"],
            (
                Meter((each["right"], each["seen"] - each["right"]), each["questions"]),
                f"{each['seen']} of {each['questions']} questions seen, {each['right']} right",
            ),
        )
        for each in chapters
    ]


def _find_weakest(context: Context, pack: IndexedPack, cards: dict[str, Card]) -> list[str]:
    """Find topics with mistakes, the least remembered first."""
    known: defaultdict[str, list[float]] = defaultdict(list)
    for question, card in cards.items():
        share = card.right / card.seen
        known[pack.questions[question].topic].append(share * predict_recall(card, context.now))
    missed = {
        pack.questions[question].topic for question, card in cards.items() if not card.last_right
    }
    return sorted(missed, key=lambda topic: sum(known[topic]) / len(known[topic]))[:MAX_WEAKEST]


def _format_percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole else "–"


STATS = Command(
    name="stats",
    description="See your stats: answers, points, streak, reviews due, weakest topics",
    handler=stats,
    examples=({},),
    presses=(OnPress(DrawProgress, draw),),
)
