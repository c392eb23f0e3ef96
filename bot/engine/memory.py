"""A member's memory of one question: FSRS spaced repetition, with time passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import fsrs

from bot.engine.days import Days
from bot.engine.events import Channel, Member

# Whole days only: a chat quiz has no use for learning steps of minutes, or for random fuzz.
_SCHEDULER = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


@dataclass(frozen=True, slots=True)
class Card:
    """A member's memory of one question."""

    question: str
    stability: float
    difficulty: float
    due: datetime
    reviewed_at: datetime
    seen: int
    right: int
    last_right: bool

    def is_due(self, now: datetime, days: Days) -> bool:
        """Whether it's time to review it: all day, not only from the hour of the last review."""
        return days.of(self.due) <= days.of(now)


class Cards(Protocol):
    """Stores players' cards."""

    async def of(self, member: Member, pack: str) -> Mapping[str, Card]:
        """Return the player's cards of a pack by question id."""

    async def of_group(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        """List the cards of members of the channel's community who have answered anything since
        then. If that's more than `members` members, take those who answered last."""


def review(
    card: Card | None, question: str, credit: float, now: datetime, days_since: int = 0
) -> Card:
    """Return the card after a review at `now` (UTC) that earned `credit` (0 to 1), `days_since` the
    last review in the member's own days."""
    before = fsrs.Card(card_id=0, due=now)
    if card:
        before = _to_fsrs(card)
        before.last_review = now - timedelta(days=max(0, days_since))
    rating = fsrs.Rating.Good if credit == 1 else fsrs.Rating.Hard if credit else fsrs.Rating.Again
    after, _ = _SCHEDULER.review_card(before, rating, now)
    right = int(credit == 1)
    return Card(
        question=question,
        stability=after.stability or 0.0,
        difficulty=after.difficulty or 0.0,
        due=after.due,
        reviewed_at=now,
        seen=(card.seen if card else 0) + 1,
        right=(card.right if card else 0) + right,
        last_right=bool(right),
    )


def predict_recall(card: Card, now: datetime) -> float:
    """Predict the probability, 0 to 1, that the member still knows it at `now` (UTC)."""
    return _SCHEDULER.get_card_retrievability(_to_fsrs(card), now)


def _to_fsrs(card: Card) -> fsrs.Card:
    """Convert a card to the library's; without learning steps, a seen card is in review."""
    return fsrs.Card(
        card_id=0,
        state=fsrs.State.Review,
        stability=card.stability,
        difficulty=card.difficulty,
        due=card.due,
        last_review=card.reviewed_at,
    )
