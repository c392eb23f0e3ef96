"""Short answer: type a term, graded as leniently as possible without guessing."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from bot.engine.kinds.base import UnreadableAnswer
from bot.engine.screens import PROMPT_WORDS, Write
from bot.engine.text import fold_text
from bot.engine.typed_answers.verdict import Verdict, judge
from content.model import ShortAnswer as Question

MAX_ANSWER_CHARS = 200
"""Longer answers are cut here."""


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """Right if the text is close enough to an accepted term and to no other term."""

    name: str = "Short answer"
    scoring: str = "all or nothing"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Return (): there's nothing to shuffle."""
        return ()

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Write:
        """Offer a text field; the value is the typed text."""
        right = {form for term in question.accepted for form in (term.strip(), fold_text(term))}
        return Write(action, "Your answer", tuple(word for word in PROMPT_WORDS if word in right))

    def read(self, question: Question, layout: tuple[int, ...], values: Sequence[str]) -> str:
        """Return the typed text with spaces tidied up."""
        text = " ".join(" ".join(values).split())[:MAX_ANSWER_CHARS]
        signs = any(not _has_words(term) for term in question.accepted)
        if not (_has_words(text) or (signs and text)):
            raise UnreadableAnswer("Type a word or two.")
        return text

    def judge(self, question: Question, given: str, terms: AbstractSet[str]) -> Verdict:
        """Grade the text, and name the rule that decided."""
        return judge(question, given, terms)

    def grade(self, question: Question, given: str, terms: AbstractSet[str]) -> float:
        """Return 1 or 0; a text that equals another term of the pack is that term, not a typo."""
        return judge(question, given, terms).credit

    def format_answer(self, question: Question, layout: tuple[int, ...], given: str) -> str:
        """Return the text as typed."""
        return given

    def find_spelling(self, question: Question, given: str) -> str:
        """Return the term if a right answer spelled it differently."""
        return judge(question, given, frozenset()).spelled

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """Write the accepted term with its alternatives."""
        first, *rest = question.accepted
        return (f"{first} (also: {', '.join(rest)})" if rest else first,)

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: str
    ) -> tuple[str, ...]:
        """Explain why a known near miss is wrong."""
        rejected = judge(question, given, frozenset()).rejected
        return (rejected.why,) if rejected else ()

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[str]
    ) -> tuple[str, ...]:
        """Return nothing: typed answers stay private."""
        return ()


def _has_words(text: str) -> bool:
    return any(each.isalnum() for each in text)


SHORT_ANSWER = ShortAnswer()
