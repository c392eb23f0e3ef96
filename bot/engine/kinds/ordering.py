"""Ordering: items to be put into their one right order."""

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
    """Items are stored in the right order and shown in any other."""

    name: str = "Put into order"
    scoring: str = "neighbours that rightly follow one another ÷ (items − 1)"

    def make_layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """A random order that is not the right one."""
        right = range(len(question.items))
        # Drawing anew instead of mending one bad draw keeps all other orders equally likely.
        while (order := tuple(rng.sample(right, len(right)))) == tuple(right):
            pass
        return order

    def make_control(self, question: Question, layout: tuple[int, ...], action: str) -> Arrange:
        """Values are positions as shown, in the member's order."""
        choices = (Choice(question.items[i], str(place)) for place, i in enumerate(layout))
        return Arrange(action, tuple(choices))

    def read(
        self, question: Question, layout: tuple[int, ...], values: Sequence[str]
    ) -> tuple[int, ...]:
        """Indices as stored in the member's order."""
        places = read_positions(values, len(layout), "items")
        if missing := [
            OPTION_LETTERS[place] for place in range(len(layout)) if place not in places
        ]:
            raise UnreadableAnswer(f"Place all {len(layout)} items. Missing: {', '.join(missing)}.")
        return tuple(layout[place] for place in places if place is not None)

    def grade(self, question: Question, given: tuple[int, ...], terms: AbstractSet[str]) -> float:
        """The share of neighbours that stand rightly one after the other.

        Source: Moodle's ordering question, grading type "relative to the next item (excluding
        last)"; it does not punish a whole run for being one place off.
        """
        right = sum(after == before + 1 for before, after in pairwise(given))
        return right / (len(question.items) - 1)

    def format_answer(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> str:
        """The items in the member's order."""
        return ", then ".join(question.items[i] for i in given)

    def find_spelling(self, question: Question, given: tuple[int, ...]) -> str:
        """Nothing: it isn't typed."""
        return ""

    def format_key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """The items in the right order, numbered."""
        return tuple(f"{place}. {item}" for place, item in enumerate(question.items, 1))

    def explain_mistakes(
        self, question: Question, layout: tuple[int, ...], given: tuple[int, ...]
    ) -> tuple[str, ...]:
        """None: the rationale says why the order is what it is."""
        return ()

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[tuple[int, ...]]
    ) -> tuple[str, ...]:
        """The items as they were shown."""
        return tuple(
            f"{OPTION_LETTERS[place]}: {question.items[i]}" for place, i in enumerate(layout)
        )


ORDERING = Ordering()
