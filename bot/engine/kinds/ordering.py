"""Ordering: put items into the right order."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from bot.engine.kinds.base import UnreadableAnswer, read_positions
from bot.engine.screens import OPTION_LETTERS, Arrange, Choice
from content.model import Ordering as Question


@dataclass(frozen=True, slots=True)
class Ordering:
    """Items are stored in the right order and shown in any other one."""

    name: str = "Put in order"
    scoring: str = "pairs of neighbors in the right order ÷ (items − 1)"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Shuffle the items into any order but the right one."""
        right = range(len(question.items))
        # Redrawing, rather than fixing one bad draw, keeps all other orders equally likely.
        while (order := tuple(rng.sample(right, len(right)))) == tuple(right):
            pass
        return order

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Arrange:
        """Offer the items; values are positions as shown, in the member's order."""
        choices = (Choice(question.items[i], str(place)) for place, i in enumerate(layout))
        return Arrange(action, tuple(choices))

    def read(
        self, question: Question, layout: tuple[int, ...], values: Sequence[str]
    ) -> tuple[int, ...]:
        """Return stored indices in the member's order."""
        places = read_positions(values, len(layout), "items")
        if missing := [
            OPTION_LETTERS[place] for place in range(len(layout)) if place not in places
        ]:
            raise UnreadableAnswer(f"Place all {len(layout)} items. Missing: {', '.join(missing)}.")
        return tuple(layout[place] for place in places if place is not None)

    def grade(self, question: Question, given: tuple[int, ...], terms: AbstractSet[str]) -> float:
        """Return the share of neighbors in the right order.

        Source: Moodle's ordering question, grading type "relative to the next item (excluding
        last)"; it doesn't punish a whole run for being one place off.
        """
        right = sum(after == before + 1 for before, after in pairwise(given))
        return right / (len(question.items) - 1)

    def format_answer(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> str:
        """List the items in the member's order."""
        return ", then ".join(question.items[i] for i in given)

    def find_spelling(self, question: Question, given: tuple[int, ...]) -> str:
        """Return "": nothing is typed."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """List the items in the right order, numbered."""
        return tuple(f"{place}. {item}" for place, item in enumerate(question.items, 1))

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> tuple[str, ...]:
        """Return none: the rationale explains the order."""
        return ()

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[tuple[int, ...]]
    ) -> tuple[str, ...]:
        """List the items as shown."""
        items = (f"{OPTION_LETTERS[n]}: {question.items[i]}" for n, i in enumerate(layout))
        return ("\n".join(items),)


ORDERING = Ordering()
