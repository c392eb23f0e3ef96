"""Numeric: type a number, with or without its unit."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from bot.engine.kinds.base import UnreadableAnswer
from bot.engine.kinds.short_answer import MAX_ANSWER_CHARS
from bot.engine.screens import Write
from bot.engine.typed_answers.amounts import find_amounts, judge_number, to_fraction
from bot.engine.typed_answers.verdict import Verdict
from content.language.numbers import format_number
from content.model import Numeric as Question


@dataclass(frozen=True, slots=True)
class Numeric:
    """Right if the number is within the question's tolerance, else wrong."""

    name: str = "Number"
    scoring: str = "all or nothing"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Return (): there's nothing to shuffle."""
        return ()

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Write:
        """Offer a text field; the value is the typed text."""
        return Write(action, f"Your answer in {question.unit}" if question.unit else "Your answer")

    def read(self, question: Question, layout: tuple[int, ...], values: Sequence[str]) -> str:
        """Return the typed text with spaces tidied up."""
        text = " ".join(" ".join(values).split())[:MAX_ANSWER_CHARS]
        if not any(find_amounts(text)):
            raise UnreadableAnswer("Type a number, like 42, 3.5 or 1e-3.")
        return text

    def judge(self, question: Question, given: str, terms: AbstractSet[str]) -> Verdict:
        """Grade the text, and name the rule that decided."""
        return judge_number(question, given)

    def grade(self, question: Question, given: str, terms: AbstractSet[str]) -> float:
        """Return 1 or 0."""
        return judge_number(question, given).credit

    def format_answer(self, question: Question, layout: tuple[int, ...], given: str) -> str:
        """Return the text as typed."""
        return given

    def find_spelling(self, question: Question, given: str) -> str:
        """Return "": a number has no spelling."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """Write the number with its unit and tolerance."""
        number = _with_unit(format_number(to_fraction(question.value)), question.unit)
        if question.tolerance:
            return (f"{number} (± {format_number(to_fraction(question.tolerance))})",)
        if question.relative_tolerance:
            return (f"{number} (± {100 * question.relative_tolerance:g}%)",)
        return (number,)

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: str
    ) -> tuple[str, ...]:
        """Name the right unit if the answer's unit measures something else."""
        if judge_number(question, given).rule != "unit":
            return ()
        if not question.unit:
            return ("The answer has no unit.",)
        return (f"The answer is in {question.unit}.",)

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[str]
    ) -> tuple[str, ...]:
        """Return nothing: typed answers stay private."""
        return ()


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit else number


NUMERIC = Numeric()
