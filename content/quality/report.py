"""What an examination says: figures of the pack and its chapters, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, where it is, and what would be right."""

    check: str
    where: str
    """Id of a question, topic, note or chapter, or `pack`."""
    message: str


@dataclass(frozen=True)
class Guess:
    """How far one comes by a strategy that needs no knowledge; ties are shared equally."""

    strategy: str
    questions: int
    accuracy: float
    """Expected share of right answers, 0 to 1; 0 where there are no questions."""
    chance: float
    """The same for picking blindly."""
    telling: tuple[str, ...]
    """Ids of the questions in which the key, and nothing else, is the pick."""
    excess: float
    """Questions to change until the strategy is within bounds; negative where it wins too few."""

    @property
    def within_bounds(self) -> bool:
        """Whether it pays neither to follow the strategy nor to do the opposite."""
        return self.excess == 0


@dataclass(frozen=True)
class Positions:
    """Where the keys stand among single-choice questions with equally many options."""

    options: int
    counts: tuple[int, ...]
    p: float
    """How probable counts at least as uneven are when each position is equally likely."""


@dataclass(frozen=True)
class Measures:
    """The figures of a whole pack (id `pack`) or of one chapter; drafts are counted apart."""

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
class Report:
    """Everything an examination found out."""

    parts: tuple[Measures, ...]
    """The whole pack first, then its chapters in their order."""
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def as_dict(self) -> dict[str, Any]:
        """Every figure and finding as data that `json` can write."""
        return {"ok": self.ok, **asdict(self)}
