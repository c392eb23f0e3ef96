"""Shuffling, showing, reading and grading each kind of question: one module per kind."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.kinds import choice, matching, numeric, ordering, short_answer
from bot.engine.kinds.base import Kind, UnreadableAnswer
from bot.engine.screens import Code, Part
from content.language.plural import count
from content.model import Matching, MultipleChoice, Question

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


def format_stem(question: Question) -> tuple[Part, ...]:
    """Return what a question asks, with its code, and how many options are to be chosen or left
    over."""
    match question:
        case MultipleChoice():
            return (*format_asked(question), f"Choose {choice.count_keys(question)}.")
        case Matching(spares=[_, *_] as spares):
            verb = "is" if len(spares) == 1 else "are"
            return (*format_asked(question), f"{count(len(spares), 'letter')} {verb} left over.")
        case _:
            return format_asked(question)


def format_asked(question: Question) -> tuple[Part, ...]:
    """Return a question's stem, with its code."""
    code = question.code
    return (question.stem, *((Code(code.text, code.lang),) if code else ()))


__all__ = ["KINDS", "Kind", "UnreadableAnswer", "format_asked", "format_stem", "kind_of"]
