"""Channels' daily questions, and how they're stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.engine.events import Channel, Member
from bot.engine.rounds import NewPost, Round
from bot.engine.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Daily:
    """A channel's daily question, set by the user id `set_by`; `paused` is why it's paused, if it
    is.

    The next question is for the local date `next_on`, and due at the instant `next_due`; the last
    one was for the date `last_on`. The next one may already be chosen: a `question` of a `pack`.
    """

    id: int
    channel: Channel
    schedule: Schedule
    set_by: str
    paused: str = ""
    next_on: date | None = None
    next_due: datetime | None = None
    last_on: date | None = None
    pack: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class DailyClaim:
    """A daily's next step, valid while the daily is as it was `seen`: a question to post for the
    local date `day`, if any, and when the one after is due, or why the daily is `paused`."""

    seen: Daily
    next_on: date | None = None
    next_due: datetime | None = None
    day: date | None = None
    post: NewPost | None = None
    paused: str = ""


@dataclass(frozen=True, slots=True)
class PastDaily:
    """A closed daily question: its message, and how many answered it, and got it right."""

    message: str
    answered: int
    right: int


class Dailies(Protocol):
    """Stores dailies, and turns due ones into rounds."""

    async def of(self, channel: Channel) -> Daily | None:
        """Return a channel's daily, if one is set."""

    async def propose(self, channel: Channel, user: str, schedule: Schedule) -> tuple[int, int]:
        """Store a schedule for an admin to review before they save it, in place of any earlier
        proposal. Returns the daily's id and the proposal's number."""

    async def proposal(self, daily: int, number: int, community: Member) -> Daily | None:
        """Return a daily of the member's community with the proposed schedule of that number; None
        if there's a newer proposal, or it was saved."""

    async def save(self, number: int, seen: Daily, saved: Daily) -> bool:
        """Save a daily as proposed; False if it has moved on since it was seen, or there's a newer
        proposal."""

    async def change(self, seen: Daily, changed: Daily) -> bool:
        """Change a daily's schedule, pause and next date; False if it changed since it was seen."""

    async def remove(self, channel: Channel) -> bool:
        """Remove a channel's daily; False if there is none. The last date asked stays stored, so a
        new daily doesn't ask on it again."""

    async def running(self, after: int, limit: int) -> Sequence[Daily]:
        """List dailies of all communities that aren't paused, by id, starting after an id."""

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        """Clear last dates after the latest date that can have been asked yet. Returns the ids of
        the dailies that had one."""

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[Daily]:
        """List dailies whose question is due, the longest overdue first."""

    async def claim(self, claims: Sequence[DailyClaim], now: datetime) -> Mapping[int, int | None]:
        """Create the rounds of the claims that are still valid, to be posted at once, and store
        when their dailies are due next. If several replicas claim the same daily, only one gets
        it. Returns the ids of the claimed dailies, with the ids of their rounds, if any."""

    async def unprepared(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        """List dailies that are due by then and have no question chosen yet."""

    async def prepare(self, chosen: Sequence[Daily]) -> None:
        """Store the questions chosen for dailies."""

    async def known_to(self, member: Member) -> Sequence[Daily]:
        """List dailies of channels in which the member has answered, the next one due first;
        paused ones come last."""

    async def before(self, round_id: int, now: datetime) -> PastDaily | None:
        """Return the question that a daily's channel had before this round, if it's closed by now,
        wasn't withdrawn, and somebody answered it."""

    async def missed(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        """List closed daily rounds since then, the latest first, that the member hasn't answered,
        and whose question they haven't answered elsewhere since. Covers the given channel, and
        those where they've answered anything."""
