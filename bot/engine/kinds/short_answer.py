"""Short answer: a term to be typed, read as kindly as can be without guessing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from random import Random

from rapidfuzz.distance import DamerauLevenshtein

from bot.engine.kinds.base import Unreadable
from bot.engine.screens import Write
from bot.engine.text import folded, singular, squeezed
from content.model import ShortAnswer as Question

LONGEST = 200
"""Characters of a typed answer that are read and kept."""

FAR = 99
"""A distance that no typo bridges."""


def _distance(said: str, term: str) -> int:
    """Slips of the finger between two squeezed texts; FAR where it is more than a typo.

    One slip for each five letters, two at most; figures are never a slip.
    """
    if re.findall(r"\d", said) != re.findall(r"\d", term):
        return FAR
    allowed = min(len(term) // 5, 2)
    slips = DamerauLevenshtein.distance(said, term, score_cutoff=allowed)
    return slips if slips <= allowed else FAR


@dataclass(frozen=True, slots=True)
class ShortAnswer:
    """Graded right or wrong: near enough to an accepted term, and to no other."""

    name: str = "Short answer"
    worth: str = "all or nothing"

    def layout(self, question: Question, rng: Random) -> tuple[int, ...]:
        """Nothing to shuffle."""
        return ()

    def control(self, question: Question, layout: tuple[int, ...], action: str) -> Write:
        """The value is the typed text."""
        return Write(action, "Your answer")

    def read(self, question: Question, layout: tuple[int, ...], values: Sequence[str]) -> str:
        """The text as typed, less spaces around it."""
        text = " ".join(" ".join(values).split())[:LONGEST]
        if not folded(text):
            raise Unreadable("Type a word or two.")
        return text

    def grade(self, question: Question, given: str, terms: AbstractSet[str]) -> float:
        """1 or 0; a text that is a different term of the pack is that term, not a typo."""
        said = squeezed(given)
        accepted = [squeezed(term) for term in question.accepted]
        rejected = [squeezed(wrong.text) for wrong in question.rejected]
        if said in accepted:
            return 1.0
        same = {singular(term) for term in accepted}
        if said in rejected or (said in terms and singular(said) not in same):
            return 0.0
        near = min(_distance(said, term) for term in accepted)
        return float(near < min((FAR, *(_distance(said, term) for term in rejected))))

    def said(self, question: Question, layout: tuple[int, ...], given: str) -> str:
        """The text as typed."""
        return given

    def key(self, question: Question, layout: tuple[int, ...]) -> tuple[str, ...]:
        """The accepted term, with its alternatives."""
        first, *rest = question.accepted
        return (f"{first} (also: {', '.join(rest)})" if rest else first,)

    def faults(self, question: Question, layout: tuple[int, ...], given: str) -> tuple[str, ...]:
        """Why a known near miss is something else."""
        said = squeezed(given)
        return tuple(
            wrong.why for wrong in question.rejected if _distance(said, squeezed(wrong.text)) < FAR
        )

    def tally(
        self, question: Question, layout: tuple[int, ...], answers: Sequence[str]
    ) -> tuple[str, ...]:
        """Nothing: what people typed is theirs."""
        return ()


SHORT_ANSWER = ShortAnswer()
