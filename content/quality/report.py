"""The quality report: figures of a pack and its chapters, and what's wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """What's wrong, where, and how to fix it."""

    check: str
    where: str
    """Id of a question, topic, note or chapter, or `pack`."""
    message: str


@dataclass(frozen=True)
class Guess:
    """How well a guessing strategy scores; ties are shared equally."""

    strategy: str
    questions: int
    accuracy: float
    """Expected share of right answers, 0 to 1; 0 without questions."""
    chance: float
    """The same for random picks."""
    telling: tuple[str, ...]
    """Ids of the questions where the strategy picks the key and nothing else."""
    excess: float
    """Questions to change to bring the strategy within bounds; negative if it scores too low."""

    @property
    def within_bounds(self) -> bool:
        """Whether neither the strategy nor its opposite pays off."""
        return self.excess == 0


@dataclass(frozen=True)
class Positions:
    """Positions of the keys in single-choice questions with the same number of options."""

    options: int
    counts: tuple[int, ...]
    p: float
    """The probability of counts at least this uneven if all positions are equally likely."""


@dataclass(frozen=True)
class Measures:
    """The figures of a whole pack (id `pack`) or one chapter; drafts are counted separately."""

    id: str
    title: str
    topics: int
    notes: int
    questions: int
    drafts: int
    topics_without_questions: tuple[str, ...]
    notes_untested: tuple[str, ...]
    thin_topics: tuple[str, ...]
    kinds: Mapping[str, int]
    levels: Mapping[str, int]
    difficulties: Mapping[str, int]
    guesses: tuple[Guess, ...]
    positions: tuple[Positions, ...]


@dataclass(frozen=True)
class QualityReport:
    """Everything the quality check found."""

    parts: tuple[Measures, ...]
    """The whole pack first, then its chapters in order."""
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-serializable data."""
        return {"ok": self.ok, **asdict(self)}
