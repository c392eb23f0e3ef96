"""Linking one person's accounts on two platforms: their answers become one player's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from random import Random
from typing import Protocol

from bot.engine import memory
from bot.engine.days import Days
from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.streaks import Streak

CODE_LIFETIME = timedelta(minutes=10)
MAX_WRONG_CODES = 5
"""Wrong codes that a person may enter within CODE_LIFETIME."""

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without look-alikes: O and 0, I, L and 1."""

CODE_LENGTH = 8
"""31^8 codes: with MAX_WRONG_CODES guesses in ten minutes nobody finds a valid one."""


class LinkOutcome(Enum):
    """The outcome of entering a code, or of allowing it."""

    DONE = "done"
    ASKED = "asked"
    UNKNOWN = "unknown"
    OWN = "own"
    SAME_PLATFORM = "same platform"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """A past answer, with what cards and streaks need. An answer to a `withdrawn` round counts for
    the streak only."""

    pack: str
    question: str
    credit: float
    answered_at: datetime
    day: date
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class LinkClaimant:
    """A person who entered a code and is waiting for its owner to allow their claim."""

    claim: int
    member: Member
    name: str


def new_code(rng: Random) -> str:
    """Make a code that's easy to read and type."""
    return "".join(rng.choices(CODE_LETTERS, k=CODE_LENGTH))


def normalize_code(code: str) -> str:
    """Return a typed code in the form it was made in."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def rebuild_player(
    past: Collection[PastAnswer], days: Days
) -> tuple[Sequence[tuple[str, Card]], Streak]:
    """Rebuild a player's cards, each with its pack, and streak, as if one member with these days
    had given all answers."""
    streak = Streak()
    for each in _in_order(past):
        streak = streak.after(each.answered_at, days)
    return rebuild_cards(past), streak


def rebuild_cards(past: Iterable[PastAnswer]) -> Sequence[tuple[str, Card]]:
    """Rebuild a player's cards, each with its pack, as if one member had given all answers."""
    cards: dict[tuple[str, str], Card] = {}
    reviewed_on = dict[tuple[str, str], date]()
    for each in _in_order(past):
        if each.withdrawn:
            continue
        key = each.pack, each.question
        since = (each.day - reviewed_on.get(key, each.day)).days
        cards[key] = memory.review(
            cards.get(key), each.question, each.credit, each.answered_at, since
        )
        reviewed_on[key] = each.day
    return [(pack, card) for (pack, _), card in cards.items()]


def _in_order(past: Iterable[PastAnswer]) -> Sequence[PastAnswer]:
    return sorted(past, key=lambda answer: answer.answered_at)


class Linking(Protocol):
    """Links people on different platforms to one player, and unlinks them."""

    async def offer(self, member: Member, name: str, code: str, until: datetime) -> None:
        """Store a code that lets another platform's member become this player."""

    async def claim(
        self, member: Member, name: str, code: str, until: datetime, now: datetime
    ) -> tuple[LinkOutcome, Member | None, int]:
        """Use up a code that the member entered, and open a claim that its owner can allow before
        `until`. Returns the code's owner and the claim's id, if the code was valid."""

    async def claimant(self, member: Member, now: datetime) -> LinkClaimant | None:
        """Find the person waiting for the member to allow their claim."""

    async def allow(self, member: Member, claim: int, now: datetime) -> LinkClaimant | None:
        """Make the claimant and the member one player, with the answers of both and none counted
        twice. None if the claim is no longer open."""

    async def refuse(self, member: Member, claim: int) -> LinkClaimant | None:
        """Refuse a claim; None if it's no longer open."""

    async def platforms(self, member: Member) -> Collection[str]:
        """List the platforms of the player's other linked people."""

    async def unlink(self, member: Member) -> bool:
        """Make the member a separate player again, with their own answers; False if they aren't
        linked."""
