"""Matching: pair each left side with its right side."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from bot.engine.kinds.base import UnreadableAnswer, read_positions
from bot.engine.screens import OPTION_LETTERS, Choice, Match
from content.model import Matching as Question

NO_MATCH = -1
"""A left side without a right side, in answers stored by earlier versions."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Left sides keep their order; right sides are shuffled."""

    name: str = "Match the pairs"
    scoring: str = "correct pairs ÷ pairs"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Shuffle the right sides and the spares into any order but the correct one."""
        rights, solved = range(len(question.rights)), tuple(range(len(question.pairs)))
        while (order := tuple(rng.sample(rights, len(rights))))[: len(solved)] == solved:
            pass
        return order

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Match:
        """Offer both sides; values are positions of right sides, in the order of the left sides."""
        choices = (Choice(question.rights[i], str(place)) for place, i in enumerate(layout))
        return Match(action, tuple(left for left, _ in question.pairs), tuple(choices))

    def read(
        self, question: Question, layout: tuple[int, ...], values: Sequence[str]
    ) -> tuple[int, ...]:
        """Return the stored index of each left side's right side."""
        places = read_positions(values, len(layout), "right sides")
        given = {left: layout[place] for left, place in enumerate(places) if place is not None}
        lefts = range(len(question.pairs))
        if len(places) > len(lefts):
            raise UnreadableAnswer(f"Match {len(lefts)} items, with one letter each.")
        if missing := [str(left + 1) for left in lefts if left not in given]:
            raise UnreadableAnswer(f"Match all {len(lefts)} items. Missing: {', '.join(missing)}.")
        return tuple(given[left] for left in lefts)

    def grade(self, question: Question, given: tuple[int, ...], terms: AbstractSet[str]) -> float:
        """Return the share of correct pairs, as in Moodle's matching question."""
        return sum(i == place for place, i in enumerate(given)) / len(question.pairs)

    def format_answer(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> str:
        """List the pairs as the member matched them."""
        return "; ".join(
            f"{left} – {question.rights[i] if i != NO_MATCH else 'nothing'}"
            for (left, _), i in zip(question.pairs, given, strict=True)
        )

    def find_spelling(self, question: Question, given: tuple[int, ...]) -> str:
        """Return "": nothing is typed."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """List the correct pairs, then what's left over."""
        pairs = (f"{left} – {right}" for left, right in question.pairs)
        left_over = f"Left over: {'; '.join(question.spares)}"
        return (*pairs, left_over) if question.spares else tuple(pairs)

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> tuple[str, ...]:
        """Return none: the correct pairs say it all."""
        return ()

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[tuple[int, ...]]
    ) -> tuple[str, ...]:
        """List both sides as shown."""
        lefts = (f"{place}. {left}" for place, (left, _) in enumerate(question.pairs, 1))
        rights = (f"{OPTION_LETTERS[n]}: {question.rights[i]}" for n, i in enumerate(layout))
        return ("\n".join(lefts), "\n".join(rights))


MATCHING = Matching()
