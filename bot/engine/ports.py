"""What the engine needs of the world, named as small protocols."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.rounds import Answer, NewRound, Round
from bot.engine.standings import Standings
from bot.engine.streaks import Streak


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's place at a round: all that is needed to decide about a press."""

    round: Round
    answer: Answer | None
    card: Card | None
    streak: Streak


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An answer to be made durable, with all that follows from it."""

    round: int
    pack: str
    member: Member
    name: str
    board: str
    day: date
    answer: Answer
    card: Card
    streak: Streak


@dataclass(frozen=True, slots=True)
class Drill:
    """A member's private run of questions, with the answers given so far."""

    id: int
    pack: str
    scope: str
    steps: tuple[tuple[Round, Answer | None], ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A member's sums over everything answered."""

    points: int = 0
    right: int = 0
    answered: int = 0
    streak: Streak = field(default_factory=Streak)


class Store(Protocol):
    """Keeps rounds, answers, scores and memory. Every method is one transaction."""

    async def start_drill(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        """Keep a new drill with all its rounds; returns the drill's id."""

    async def seat(self, round_id: int, member: Member) -> Seat | None:
        """The member's place at a round; None if there is no such round, or it is not theirs."""

    async def accept(self, acceptance: Acceptance) -> Answer:
        """Keep the answer if it is the member's first to the round, with its points, streak and
        card in the same transaction; returns the answer that stands, which may be an earlier one.
        """

    async def drill(self, drill: int, member: Member) -> Drill | None:
        """A member's drill with all its steps; None if there is no such drill of theirs."""

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        """The member's cards of a pack by question id."""

    async def record(self, member: Member) -> Record:
        """The member's sums."""

    async def standings(
        self,
        member: Member,
        board: str,
        since: date | None,
        *,
        today: date,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community, from a day on, with streaks as of
        `today`.
        """

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a member; False if there was none."""
