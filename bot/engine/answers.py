"""Answers to rounds: deciding about them, and storing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.rounds import Answer, Round
from bot.engine.streaks import Streak

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RoundView:
    """A member's view of a round: everything needed to decide about a press.

    `season` is the community's running one. An answer is `erased` if the member deleted
    their data after giving it. `last_counted` looks up when the member's answers to the same
    question last counted for the community's boards. Only `accept` sets these two.
    """

    round: Round
    answer: Answer | None
    card: Card | None
    streak: Streak
    zones: Zones = field(default_factory=Zones)
    season: int | None = None
    erased: bool = False
    last_counted: Callable[[], datetime | None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True, slots=True)
class AcceptedAnswer:
    """An answer to store, with everything that follows from it. It counts for a `day` of the
    member's streak, and for `periods` of the community's boards. `zone` is the one in the member's
    platform profile, now or when it was last known."""

    round: Round
    member: Member
    name: str
    day: date
    zone: str | None
    periods: tuple[str, ...]
    answer: Answer
    card: Card
    streak: Streak


@dataclass(frozen=True, slots=True)
class MemberAnswer:
    """A member's answer to a round, as the close sees it. Results don't name a member who is
    `hidden` from boards."""

    user: str
    name: str
    answer: Answer
    streak: int
    hidden: bool = False


class Answers(Protocol):
    """Stores answers, with everything that follows from them."""

    async def view(self, round_id: int, member: Member) -> RoundView | None:
        """Return the member's view of a round; None if it doesn't exist or isn't theirs."""

    async def accept(
        self,
        round_id: int,
        member: Member,
        decide: Callable[[RoundView | None], AcceptedAnswer | T],
    ) -> tuple[AcceptedAnswer, Answer] | T:
        """Pass the member's view of a round to `decide`. Store the answer it accepts if that's the
        member's first to the round, with its points, streak and card: all in one transaction.
        Returns the accepted answer with the answer that counts, which may be an earlier one; or
        whatever else `decide` returned. `decide` runs in another thread, and runs again if the
        transaction is retried."""

    async def of_round(self, round_id: int) -> Sequence[MemberAnswer]:
        """List all answers to a round, oldest first."""
