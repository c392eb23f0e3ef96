"""The interface of a kind of question."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from random import Random
from typing import Any, Protocol

from bot.engine.rounds import Given
from bot.engine.screens import OPTION_LETTERS, Control, Part


class UnreadableAnswer(ValueError):
    """The values of a press aren't a valid answer; the message tells the member what is."""


class Kind(Protocol):
    """One kind of question.

    `question` is always the content model's matching class, and `given` is what `read` returned.
    """

    @property
    def name(self) -> str:
        """The name that members see."""

    @property
    def scoring(self) -> str:
        """How an answer is scored, in words."""

    def make_layout(self, question: Any, rng: Random) -> tuple[int, ...]:
        """Choose the order in which parts are shown: indices into the stored question."""

    def make_control(self, question: Any, layout: tuple[int, ...], action: str) -> Control:
        """Build the control that takes the answer and sends `action` back."""

    def read(self, question: Any, layout: tuple[int, ...], values: Sequence[str]) -> Given:
        """Read the member's answer from the values of a press; raises UnreadableAnswer."""

    def grade(self, question: Any, given: Any, terms: AbstractSet[str]) -> float:
        """Return credit from 0 to 1. `terms` are the pack's terms (IndexedPack.terms)."""

    def format_answer(self, question: Any, layout: tuple[int, ...], given: Any) -> str:
        """Write the given answer out."""

    def find_spelling(self, question: Any, given: Any) -> str:
        """Return the usual spelling if a right answer was typed differently; else ""."""

    def format_key(self, question: Any, layout: tuple[int, ...]) -> tuple[str, ...]:
        """Write the right answer out, one line per part."""

    def explain_mistakes(
        self, question: Any, layout: tuple[int, ...], given: Any
    ) -> tuple[str, ...]:
        """Return the pack's reasons why parts of the answer are wrong."""

    def tally(
        self, question: Any, layout: tuple[int, ...], answers: Sequence[Any]
    ) -> tuple[Part, ...]:
        """List the choices in the places they had, with how many chose each if that makes sense.
        Doesn't give away the right answer."""


def format_share(part: int, whole: int) -> str:
    """Write a part as "3 of 4 (75%)", which screen readers read well."""
    return f"{part} of {whole} ({round(100 * part / whole)}%)" if whole else "nobody"


def read_positions(values: Sequence[str], count: int, what: str) -> tuple[int | None, ...]:
    """Read values as distinct positions below `count`, None for each one left empty; raises
    UnreadableAnswer."""
    picked = tuple(_read_position(value, count, what) for value in values)
    given = [position for position in picked if position is not None]
    if twice := {OPTION_LETTERS[position] for position in given if given.count(position) > 1}:
        raise UnreadableAnswer(
            f"Use each of the {what} once. Used twice: {', '.join(sorted(twice))}."
        )
    return picked


def _read_position(value: str, count: int, what: str) -> int | None:
    if not value:
        return None
    if value not in map(str, range(count)):
        raise UnreadableAnswer(f"Choose from the {count} {what} shown.")
    return int(value)
