"""Choosing the next question: pure functions of the history, the pack and a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from random import Random

from bot.engine.days import Days
from bot.engine.memory import Card, predict_recall
from bot.engine.rounds import AskedQuestion, Board
from content.model import Question

MEDIUM = 3
"""Stands for a difficulty that nobody has estimated."""

MAX_REVIEW_SHARE = 0.5
"""At most this share of a drill reviews old questions while there are new ones."""


def choose_drill(
    questions: Sequence[Question],
    cards: Mapping[str, Card],
    count: int,
    *,
    now: datetime,
    days: Days,
    rng: Random,
) -> list[Question]:
    """Choose up to `count` questions for a member's drill.

    Mixes missed and due questions (the least likely to be remembered first) with new ones (easy
    first, spread over topics), then adds those not due yet. Never the same question twice.
    """
    shuffled = rng.sample(list(questions), len(questions))

    def urgency(question: Question) -> tuple[bool, float]:
        card = cards[question.id]
        return card.last_right, predict_recall(card, now)

    seen = [question for question in shuffled if question.id in cards]
    due = [q for q in seen if not cards[q.id].last_right or cards[q.id].is_due(now, days)]
    reviews = sorted(due, key=urgency)
    fresh = _interleave_topics([question for question in shuffled if question.id not in cards])
    early = sorted((q for q in seen if q not in due), key=urgency)

    max_reviews = max(round(count * MAX_REVIEW_SHARE), count - len(fresh))
    chosen: list[Question] = []
    for waiting, limit in (
        (reviews, max_reviews),
        (fresh, count),
        (early, count),
        (reviews, count),
    ):
        _add_compatible(chosen, waiting, limit)
    return _separate_topics(rng.sample(chosen, len(chosen)))


def _add_compatible(chosen: list[Question], waiting: Sequence[Question], limit: int) -> None:
    """Add questions up to a limit, without those that are chosen or kept apart from one that is."""
    for question in waiting:
        if len(chosen) >= limit:
            return
        barred = {question.id, *question.apart}
        if not any(each.id in barred or question.id in each.apart for each in chosen):
            chosen.append(question)


def choose_daily(
    questions: Sequence[Question],
    asked: Sequence[AskedQuestion],
    weights: Mapping[str, float],
    forgotten: Mapping[str, float],
    *,
    rng: Random,
) -> Question | None:
    """Choose the next daily question of a channel where these were `asked` so far, oldest first.

    Goes through all questions before repeating one, and avoids the topics of the last question and
    of the last daily while there are others. Among those left, a topic's odds are its weight in
    `weights` (by topic id) times how likely the group has forgotten it (`forgotten`, by topic id,
    0 to 1).
    """
    if not questions:
        return None
    by_id = {question.id: question for question in questions}
    dailies = (each for each in reversed(asked) if each.board is Board.DAILY)
    last = [
        by_id[each.question].topic
        for each in (*asked[-1:], *islice(dailies, 1))
        if each.question in by_id
    ]
    # At the end of a pass only the last topic may be left: the next pass then begins early.
    pool = (
        [question for question in questions if question.topic not in last]
        or [question for question in questions if question.topic not in last[-1:]]
        or questions
    )
    return _draw(_least_asked(pool, asked), weights, forgotten, rng)


def choose_live(
    questions: Sequence[Question],
    asked: Sequence[AskedQuestion],
    weights: Mapping[str, float],
    *,
    rng: Random,
) -> Question | None:
    """Choose a live question for a channel where these were `asked` so far, oldest first.

    No question repeats before all have been asked as often; among those left it avoids the last
    question's topic, if it can.
    """
    if not questions:
        return None
    pool = _least_asked(questions, asked)
    last = {each.topic for each in questions if asked and each.id == asked[-1].question}
    return _draw([each for each in pool if each.topic not in last] or pool, weights, {}, rng)


def _least_asked(questions: Sequence[Question], asked: Sequence[AskedQuestion]) -> list[Question]:
    times = Counter(each.question for each in asked)
    fewest = min(times[question.id] for question in questions)
    return [question for question in questions if times[question.id] == fewest]


def _draw(
    candidates: Sequence[Question],
    weights: Mapping[str, float],
    forgotten: Mapping[str, float],
    rng: Random,
) -> Question:
    of_topic = Counter(question.topic for question in candidates)
    odds = [
        weights.get(q.topic, 1.0) * (0.5 + forgotten.get(q.topic, 0.5)) / of_topic[q.topic]
        for q in candidates
    ]
    return rng.choices(candidates, odds)[0]


def _interleave_topics(questions: Sequence[Question]) -> list[Question]:
    """Take one question of each topic in turn, and within a topic easier ones first."""
    turns: Counter[str] = Counter()
    order: list[tuple[int, Question]] = []
    for question in sorted(questions, key=lambda q: q.difficulty or MEDIUM):
        order.append((turns[question.topic], question))
        turns[question.topic] += 1
    position = {question.id: place for place, question in enumerate(questions)}
    return [q for _, q in sorted(order, key=lambda item: (item[0], position[item[1].id]))]


def _separate_topics(questions: Sequence[Question]) -> list[Question]:
    """Reorder questions in one pass so that few topics come twice in a row."""
    waiting, order = list(questions), list[Question]()
    while waiting:
        last = order[-1].topic if order else None
        place = next((i for i, q in enumerate(waiting) if q.topic != last), 0)
        order.append(waiting.pop(place))
    return order
