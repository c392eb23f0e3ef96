"""Faults of questions whose answer is typed: texts that grading can't tell apart, or not reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.language.reading import form, say_the_same
from content.model import MultipleChoice, Numeric, Question, ShortAnswer, SingleChoice
from content.quality.report import Finding

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "folds_away": "Nothing is left of an accepted text once case and punctuation are gone.",
        "rejected_form": "An accepted and a rejected text are the same but for their form.",
        "wrong_elsewhere": (
            "An accepted text is a wrong option of another question that rests on the same note."
        ),
        "wide_tolerance": "The tolerance is so wide that zero, or nearly any number, is right.",
    }
)


def typed_findings(questions: Sequence[Question]) -> Iterator[Finding]:
    """What is wrong with accepted texts and numbers."""
    wrong: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        if isinstance(question, SingleChoice | MultipleChoice):
            for option in question.options:
                if not option.correct:
                    wrong[form(option.text)].append(question)
    for question in questions:
        match question:
            case ShortAnswer():
                yield from _short_answer(question, wrong)
            case Numeric() if question.value and question.tolerance >= abs(question.value):
                message = (
                    f"± {question.tolerance:g} lets 0 be right for {question.value:g}; narrow it"
                )
                yield Finding("wide_tolerance", question.id, message)


def _short_answer(
    question: ShortAnswer, wrong: Mapping[str, Sequence[Question]]
) -> Iterator[Finding]:
    for text in question.accepted:
        if not form(text):
            message = f"nothing can be compared with `{text}`; accept a word or a sign"
            yield Finding("folds_away", question.id, message)
        for rejected in question.rejected:
            if not question.exact and say_the_same(text, rejected.text):
                message = (
                    f"`{text}` is accepted and `{rejected.text}` rejected, which read the same; "
                    "remove one, or set `exact: true`"
                )
                yield Finding("rejected_form", question.id, message)
        for other in wrong.get(form(text), ()):
            if set(other.notes) & set(question.notes):
                message = f"`{text}` is accepted here and a wrong option of {other.id}; change one"
                yield Finding("wrong_elsewhere", question.id, message)
