"""One person on two platforms: their answers, put together again as one player's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from random import Random

from bot.engine import memory
from bot.engine.days import Days
from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.streaks import Streak

CODE_LIFETIME = timedelta(minutes=10)
MAX_WRONG_CODES = 5
"""Wrong codes that a person may enter within VALID."""

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are taken for another: O and 0, I, L and 1."""

CODE_LENGTH = 8
"""31^8 codes: with TRIES guesses in ten minutes nobody finds one that is valid just then."""


class LinkOutcome(Enum):
    """What entering a code, or allowing it, led to."""

    DONE = "done"
    ASKED = "asked"
    UNKNOWN = "unknown"
    OWN = "own"
    SAME_PLATFORM = "same platform"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An answer, as far as memory depends on it: not at all on one to a `withdrawn` round, which is
    a part of the streak alone."""

    pack: str
    question: str
    credit: float
    answered_at: datetime
    day: date
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LinkClaimant:
    """Somebody who entered a code and waits, by a numbered claim, for who was shown it to allow
    them."""

    claim: int
    member: Member
    name: str


def new_code(rng: Random) -> str:
    """A code that is easy to read and to type."""
    return "".join(rng.choices(CODE_LETTERS, k=CODE_LENGTH))


def normalize_code(code: str) -> str:
    """The code as it was made, however it was typed."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def rebuild_player(
    past: Collection[PastAnswer], days: Days
) -> tuple[Sequence[tuple[str, Card]], Streak]:
    """A player's cards, each with its pack, and their streak, as if all had been answered by one
    member from the start, whose days are these now."""
    streak = Streak()
    for each in _in_order(past):
        streak = streak.after(each.answered_at, days)
    return rebuild_cards(past), streak


def rebuild_cards(past: Iterable[PastAnswer]) -> Sequence[tuple[str, Card]]:
    """A player's cards, each with its pack, as if one member had answered it all from the start."""
    cards: dict[tuple[str, str], Card] = {}
    looked = dict[tuple[str, str], date]()
    for each in _in_order(past):
        if each.withdrawn:
            continue
        key = each.pack, each.question
        since = (each.day - looked.get(key, each.day)).days
        cards[key] = memory.review(
            cards.get(key), each.question, each.credit, each.answered_at, since
        )
        looked[key] = each.day
    return [(pack, card) for (pack, _), card in cards.items()]


def _in_order(past: Iterable[PastAnswer]) -> Sequence[PastAnswer]:
    return sorted(past, key=lambda answer: answer.answered_at)
