"""Rounds, the answers given to them, and what an answer is worth.

Scoring (docs/scoring.md): a right answer is worth POINTS, a partly right one its share rounded
down, and time plays no part. Only the first answer of a member to a round counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import floor

POINTS = 10
"""Points of a fully right answer."""

Given = tuple[int, ...] | str
"""What a member said: indices into the question as stored, or the typed text."""


class Board(StrEnum):
    """What a round counts for: boards are kept apart, so that none can be farmed by another."""

    DAILY = "daily"
    LIVE = "live"
    DRILL = "drill"

    @property
    def label(self) -> str:
        """The board in words."""
        return {"daily": "Daily questions", "live": "Live questions"}.get(self, "Drills")


class Posers(StrEnum):
    """Who may pose live questions in a community."""

    EVERYONE = "everyone"
    MANAGERS = "managers"


class Reveal(StrEnum):
    """When members learn whether they were right: each in private at once, or all at the close."""

    AT_ONCE = "at-once"
    AT_CLOSE = "at-close"


@dataclass(frozen=True, slots=True)
class NewRound:
    """A question about to be posed, with the order in which its parts are shown."""

    question: str
    version: str
    layout: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was posted in a channel."""

    question: str
    board: Board
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """One question, posed once; `drill` and `step` (from 1, of `steps`) where it is a drill's.

    `closed` once it was closed, whatever the clock says: clocks of two machines differ. One that an
    admin has `withdrawn` counts for nothing.
    """

    id: int
    pack: str
    question: str
    version: str
    layout: tuple[int, ...]
    opened_at: datetime
    closes_at: datetime | None = None
    drill: int | None = None
    step: int = 1
    steps: int = 1
    board: Board = Board.DRILL
    reveal: Reveal = Reveal.AT_ONCE
    closed: bool = False
    withdrawn: bool = False

    def is_open(self, now: datetime) -> bool:
        """Whether it still takes answers."""
        return not self.closed and (self.closes_at is None or now < self.closes_at)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one member said to one round, and what it earned."""

    given: Given
    credit: float
    points: int
    answered_at: datetime

    @property
    def right(self) -> bool:
        """Fully right; partial credit is not."""
        return self.credit == 1


def score_points(credit: float, *, counts: bool) -> int:
    """Points for a credit from 0 to 1; none where the answer does not count for boards."""
    # Rounding first keeps thirds and fifths from losing a point to binary fractions.
    return floor(round(credit * POINTS, 6)) if counts else 0
