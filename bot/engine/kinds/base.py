"""What every kind of question can do."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import Random
from typing import Any, Protocol

from bot.engine.rounds import Given
from bot.engine.screens import OPTION_LETTERS, Control


class UnreadableAnswer(ValueError):
    """The values of a press do not make an answer; the message tells the member what would."""


class Kind(Protocol):
    """One kind of question.

    `question` is always of the content model's matching class, and `given` what `read` made.
    """

    @property
    def name(self) -> str:
        """What members call it."""

    @property
    def scoring(self) -> str:
        """What share of the points an answer earns, in words."""

    def make_layout(self, question: Any, rng: Random) -> tuple[int, ...]:
        """The order in which its parts are shown: indices into the question as stored."""

    def make_control(self, question: Any, layout: tuple[int, ...], action: str) -> Control:
        """The control that takes the answer and sends `action` back."""

    def read(self, question: Any, layout: tuple[int, ...], values: Sequence[str]) -> Given:
        """What the member said, from the values of a press; raises Unreadable."""

    def grade(self, question: Any, given: Any, terms: AbstractSet[str]) -> float:
        """Credit from 0 to 1. `terms` are the pack's terms (IndexedPack.terms)."""

    def format_answer(self, question: Any, layout: tuple[int, ...], given: Any) -> str:
        """The given answer in words."""

    def find_spelling(self, question: Any, given: Any) -> str:
        """How the answer is spelled, where a right one was typed otherwise; else nothing."""

    def format_key(self, question: Any, layout: tuple[int, ...]) -> tuple[str, ...]:
        """The right answer in words, a line each."""

    def explain_mistakes(
        self, question: Any, layout: tuple[int, ...], given: Any
    ) -> tuple[str, ...]:
        """For each thing the member got wrong, why it is wrong, where the pack says so."""

    def tally(
        self, question: Any, layout: tuple[int, ...], answers: Sequence[Any]
    ) -> tuple[str, ...]:
        """What was to choose from, a line each, with how many chose it where that makes sense;
        does not say what is right."""


def format_share(part: int, whole: int) -> str:
    """A part in words and per cent, which screen readers read well."""
    return f"{part} of {whole} ({round(100 * part / whole)} %)" if whole else "nobody"


def read_positions(values: Sequence[str], count: int, what: str) -> tuple[int | None, ...]:
    """The values as distinct positions below `count`, None for each that was left out; raises
    Unreadable."""
    picked = tuple(_position(value, count, what) for value in values)
    given = [position for position in picked if position is not None]
    if twice := {OPTION_LETTERS[position] for position in given if given.count(position) > 1}:
        raise UnreadableAnswer(
            f"Use each of the {what} once. Used twice: {', '.join(sorted(twice))}."
        )
    return picked


def _position(value: str, count: int, what: str) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and int(value) < count):
        raise UnreadableAnswer(f"Choose from the {count} {what} shown.")
    return int(value)
