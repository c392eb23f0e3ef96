"""Shuffling, showing, reading and grading each kind of question: one module per kind."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.kinds import choice, matching, numeric, ordering, short_answer
from bot.engine.kinds.base import Kind, UnreadableAnswer
from content.model import MultipleChoice, Question

KINDS: Mapping[str, Kind] = {
    "single": choice.SINGLE,
    "multiple": choice.MULTIPLE,
    "true_false": choice.TRUE_FALSE,
    "ordering": ordering.ORDERING,
    "matching": matching.MATCHING,
    "short_answer": short_answer.SHORT_ANSWER,
    "numeric": numeric.NUMERIC,
}


def kind_of(question: Question) -> Kind:
    """Return the kind that handles a question."""
    return KINDS[question.kind]


def format_stem(question: Question) -> tuple[str, ...]:
    """Return what a question asks, plus the number of options to choose if it's multiple choice."""
    match question:
        case MultipleChoice():
            return (question.stem, f"Choose {choice.count_keys(question)}.")
        case _:
            return (question.stem,)


__all__ = ["KINDS", "Kind", "UnreadableAnswer", "kind_of", "wording"]
