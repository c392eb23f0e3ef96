"""Matching: left sides to be joined with their right sides."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from bot.engine.kinds.base import UnreadableAnswer, read_positions
from bot.engine.screens import OPTION_LETTERS, Choice, Match
from content.model import Matching as Question

NOTHING = -1
"""Stands, in answers of earlier versions, for a left side that was given no right side."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Left sides keep their order; right sides are shuffled."""

    name: str = "Match the pairs"
    scoring: str = "pairs joined rightly ÷ pairs"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """The right sides in a random order that does not join them all rightly."""
        rights = range(len(question.pairs))
        while (order := tuple(rng.sample(rights, len(rights)))) == tuple(rights):
            pass
        return order

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Match:
        """Values are positions of right sides as shown, in the order of the left sides."""
        choices = (Choice(question.pairs[i][1], str(place)) for place, i in enumerate(layout))
        return Match(action, tuple(left for left, _ in question.pairs), tuple(choices))

    def read(
        self, question: Question, layout: tuple[int, ...], values: Sequence[str]
    ) -> tuple[int, ...]:
        """For each left side the index of the right side given to it."""
        places = read_positions(values, len(layout), "right sides")
        given = {left: layout[place] for left, place in enumerate(places) if place is not None}
        if missing := [str(left + 1) for left in range(len(layout)) if left not in given]:
            raise UnreadableAnswer(f"Match all {len(layout)} items. Missing: {', '.join(missing)}.")
        return tuple(given[left] for left in range(len(layout)))

    def grade(self, question: Question, given: tuple[int, ...], terms: AbstractSet[str]) -> float:
        """The share of pairs joined rightly, as in Moodle's matching question."""
        return sum(i == place for place, i in enumerate(given)) / len(question.pairs)

    def format_answer(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> str:
        """Each pair as the member joined it."""
        return "; ".join(
            f"{left} – {question.pairs[i][1] if i != NOTHING else 'nothing'}"
            for (left, _), i in zip(question.pairs, given, strict=True)
        )

    def find_spelling(self, question: Question, given: tuple[int, ...]) -> str:
        """Nothing: it isn't typed."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """Each pair as it belongs together."""
        return tuple(f"{left} – {right}" for left, right in question.pairs)

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> tuple[str, ...]:
        """None: the pairs themselves say it."""
        return ()

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[tuple[int, ...]]
    ) -> tuple[str, ...]:
        """Both sides as they were shown."""
        lefts = tuple(f"{place}. {left}" for place, (left, _) in enumerate(question.pairs, 1))
        return lefts + tuple(
            f"{OPTION_LETTERS[place]}: {question.pairs[i][1]}" for place, i in enumerate(layout)
        )


MATCHING = Matching()
