"""Answers to rounds: what is decided about one, and how it is kept."""

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
    """A member's view of a round: all that is needed to decide about a press.

    `season` is the one that runs in the community. An answer is `withdrawn` if the member deleted
    everything after they had given it; `last_counted` looks up when an answer of the member's to
    the same question last counted for boards in the community. Only `accept` tells of these two.
    """

    round: Round
    answer: Answer | None
    card: Card | None
    streak: Streak
    zones: Zones = field(default_factory=Zones)
    season: int | None = None
    withdrawn: bool = False
    last_counted: Callable[[], datetime | None] = field(default=lambda: None, compare=False)


@dataclass(frozen=True, slots=True)
class AcceptedAnswer:
    """An answer to be made durable, with all that follows from it: it counts for a `day` of the
    member's streak, and for `periods` of the community's boards. `zone` is the one that a platform
    tells of the member, now or the last time that it did."""

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
    """An answer to a round with who gave it, as the close looks at it; who is `hidden` from boards
    is not named in a result either."""

    user: str
    name: str
    answer: Answer
    streak: int
    hidden: bool = False


class Answers(Protocol):
    """Keeps answers, with all that follows from them."""

    async def view(self, round_id: int, member: Member) -> RoundView | None:
        """The member's view of a round; None if there is no such round, or it is not theirs."""

    async def accept(
        self,
        round_id: int,
        member: Member,
        decide: Callable[[RoundView | None], AcceptedAnswer | T],
    ) -> tuple[AcceptedAnswer, Answer] | T:
        """Let `decide` look at the member's view of a round, and keep the answer that it accepts if
        that is the member's first to the round, with its points, streak and card: all in one
        transaction. Returns what was accepted with the answer that stands, which may be an
        earlier one; or whatever else was decided. `decide` is called in another thread, and again
        where the transaction has to begin again."""

    async def of_round(self, round_id: int) -> Sequence[MemberAnswer]:
        """All answers to a round, the first one first."""
