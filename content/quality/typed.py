"""Checks questions with typed answers for texts that grading can't tell apart or never accepts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.language.reading import are_equivalent, canonicalize
from content.model import MultipleChoice, Numeric, Question, ShortAnswer, SingleChoice
from content.quality.report import Finding

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "folds_away": "An accepted text is empty without case and punctuation.",
        "rejected_form": "An accepted and a rejected text differ only in form.",
        "wrong_elsewhere": (
            "An accepted text is a wrong option in another question on the same note."
        ),
        "wide_tolerance": "The tolerance is so wide that zero or almost any number is right.",
    }
)


def check_typed(questions: Sequence[Question]) -> Iterator[Finding]:
    """What's wrong with accepted texts and numbers."""
    wrong: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if isinstance(question, SingleChoice | MultipleChoice):
            for option in question.options:
                if not option.correct:
                    wrong[canonicalize(option.text)].append(question)
    for question in questions:
        match question:
            case ShortAnswer():
                yield from _check_short_answer(question, wrong)
            case Numeric() if question.value and question.tolerance >= abs(question.value):
                message = f"± {question.tolerance:g} accepts 0 for {question.value:g}; narrow it"
                yield Finding("wide_tolerance", question.id, message)


def _check_short_answer(
    question: ShortAnswer, wrong: Mapping[str, Sequence[Question]]
) -> Iterator[Finding]:
    for text in question.accepted:
        if not canonicalize(text):
            message = f"`{text}` has nothing to compare with; accept a word or a sign"
            yield Finding("folds_away", question.id, message)
        for rejected in question.rejected:
            if not question.exact and are_equivalent(text, rejected.text):
                message = (
                    f"`{text}` is accepted and `{rejected.text}` rejected, but they're graded the "
                    "same; remove one or set `exact: true`"
                )
                yield Finding("rejected_form", question.id, message)
        for other in wrong.get(canonicalize(text), ()):
            if set(other.notes) & set(question.notes):
                message = f"`{text}` is accepted here but a wrong option in {other.id}; change one"
                yield Finding("wrong_elsewhere", question.id, message)
