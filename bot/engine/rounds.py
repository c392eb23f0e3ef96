"""Rounds, their answers, and an answer's points.

Scoring (docs/scoring.md): a right answer earns POINTS, a partly right one its share rounded down;
speed doesn't count. Only a member's first answer to a round counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import floor
from typing import Literal

from bot.engine.events import Channel

POINTS = 10
"""Points for a fully right answer."""

Given = tuple[int, ...] | str
"""A member's answer: indices into the stored question, or the typed text."""


class Board(StrEnum):
    """The board that a round counts for: separate, so that one can't be farmed via another."""

    DAILY = "daily"
    LIVE = "live"
    DRILL = "drill"

    @property
    def label(self) -> str:
        """The board's name."""
        return {"daily": "Daily questions", "live": "Live questions"}.get(self, "Drills")


class Posers(StrEnum):
    """Who may pose live questions in a community."""

    EVERYONE = "everyone"
    MANAGERS = "managers"


class Reveal(StrEnum):
    """When members see whether they were right: at once in private, or all at the close."""

    AT_ONCE = "at-once"
    AT_CLOSE = "at-close"


class Results(StrEnum):
    """How a channel hears of a result, apart from its question becoming the result."""

    REPLY = "reply"
    EDIT = "edit"
    THREAD = "thread"


@dataclass(frozen=True, slots=True, order=True)
class QuestionVersion:
    """One state of a pack's question."""

    pack: str
    question: str
    version: str


@dataclass(frozen=True, slots=True)
class NewRound:
    """A question about to be asked, with the display order of its parts, and the `document` that's
    kept of it (asked.py)."""

    question: str
    version: str
    layout: tuple[int, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class NewPost:
    """A round about to be posted in a channel, to stay open for `seconds` or until `closes_at`. Its
    message notifies the role `mention`, and ends with the `intro`. `posed_by` is the user id of the
    member who asked a live question."""

    channel: Channel
    pack: str
    round: NewRound
    board: Board
    reveal: Reveal
    seconds: int
    closes_at: datetime | None = None
    mention: str = ""
    intro: str = ""
    posed_by: str = ""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question that was posted in a channel."""

    question: str
    board: Board
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A question, asked once; `drill` and `step` (1 to `steps`) if it's part of a drill.

    `closed` overrules the clock, since machines' clocks differ. A round `withdrawn` by an admin
    doesn't count. `channel` and `message` are where it's posted, if it is. `document` is what's
    kept of the question (asked.py).
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
    channel: str = field(default="", compare=False)
    message: str = field(default="", compare=False)
    document: str = field(default="", compare=False, repr=False)

    def is_open(self, now: datetime) -> bool:
        """Whether it still accepts answers."""
        return not self.closed and (self.closes_at is None or now < self.closes_at)


@dataclass(frozen=True, slots=True)
class Answer:
    """A member's answer to a round, and its credit and points."""

    given: Given
    credit: float
    points: int
    answered_at: datetime

    @property
    def right(self) -> bool:
        """Whether it's fully right; partial credit isn't."""
        return self.credit == 1

    @property
    def result(self) -> Literal["right", "partial", "wrong"]:
        """How right it is, in a word."""
        return "right" if self.right else "partial" if self.credit else "wrong"


def score_points(credit: float, *, counts: bool) -> int:
    """Return points for a credit from 0 to 1; none if the answer doesn't count for boards."""
    # Rounding first keeps thirds and fifths from losing a point to binary fractions.
    return floor(round(credit * POINTS, 6)) if counts else 0
