"""Numeric: a number to be typed, with or without its unit."""

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
    """Graded right or wrong: the number, within the question's tolerance."""

    name: str = "Number"
    scoring: str = "all or nothing"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Nothing to shuffle."""
        return ()

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Write:
        """The value is the typed text."""
        return Write(action, f"Your answer in {question.unit}" if question.unit else "Your answer")

    def read(self, question: Question, layout: tuple[int, ...], values: Sequence[str]) -> str:
        """The text as typed, less spaces around it."""
        text = " ".join(" ".join(values).split())[:MAX_ANSWER_CHARS]
        if not any(find_amounts(text)):
            raise UnreadableAnswer("Type a number, like 42, 3.5 or 1e-3.")
        return text

    def judge(self, question: Question, given: str, terms: AbstractSet[str]) -> Verdict:
        """What the text is worth, and by which rule."""
        return judge_number(question, given)

    def grade(self, question: Question, given: str, terms: AbstractSet[str]) -> float:
        """1 or 0."""
        return judge_number(question, given).credit

    def format_answer(self, question: Question, layout: tuple[int, ...], given: str) -> str:
        """The text as typed."""
        return given

    def find_spelling(self, question: Question, given: str) -> str:
        """Nothing: a number has no spelling."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """The number with its unit and what is near enough."""
        shown = _with_unit(format_number(to_fraction(question.value)), question.unit)
        if question.tolerance:
            return (f"{shown} (± {format_number(to_fraction(question.tolerance))})",)
        if question.relative_tolerance:
            return (f"{shown} (± {100 * question.relative_tolerance:g}%)",)
        return (shown,)

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: str
    ) -> tuple[str, ...]:
        """That the unit measures something else, where it does."""
        if judge_number(question, given).rule != "unit":
            return ()
        if not question.unit:
            return ("The answer has no unit.",)
        return (f"The answer is in {question.unit}.",)

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[str]
    ) -> tuple[str, ...]:
        """Nothing: what people typed is theirs."""
        return ()


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}" if unit else number


NUMERIC = Numeric()
