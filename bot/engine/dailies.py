"""Daily questions of channels, as they are kept."""

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
    """A channel's daily question, as `set_by` set it; or why it is `paused`.

    The next one is that of a local date, `next_on`, and due at an instant, `next_due`; the last
    one was asked for the date `last_on`. A `question` of a `pack` may be chosen for it already.
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
    """A daily's next step, while it still stands as it was `seen`: a question to be posted for a
    local date, or none, and when the one after is due; or why it is paused."""

    seen: Daily
    next_on: date | None = None
    next_due: datetime | None = None
    day: date | None = None
    post: NewPost | None = None
    paused: str = ""


class Dailies(Protocol):
    """Keeps dailies, and turns those that are due into rounds."""

    async def of(self, channel: Channel) -> Daily | None:
        """The daily question that was set for a channel."""

    async def propose(self, channel: Channel, user: str, schedule: Schedule) -> tuple[int, int]:
        """Keep a schedule that an admin looks at before they save it, in place of the one before;
        returns the daily's id and the proposal's number."""

    async def proposal(self, daily: int, number: int, community: Member) -> Daily | None:
        """A daily of the member's community as it would be with the proposal of that number; None
        where there is another one by now, or it was saved."""

    async def save(self, number: int, seen: Daily, saved: Daily) -> bool:
        """Set a daily as it was proposed; False where it has gone on since it was seen, or there is
        another proposal by now."""

    async def change(self, seen: Daily, changed: Daily) -> bool:
        """Change a daily's schedule, pause and next date while it stands as it was seen."""

    async def remove(self, channel: Channel) -> bool:
        """Remove a channel's daily; False where none was set. The date that was asked last is kept:
        one that is set anew doesn't ask on it again."""

    async def running(self, after: int, limit: int) -> Sequence[Daily]:
        """Dailies of all communities that are not paused, by their ids, from one on."""

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        """Let no daily have been asked for a date after the latest that there can be; returns the
        ids of those that were."""

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[Daily]:
        """Dailies whose question is due, the longest waiting first."""

    async def claim(self, claims: Sequence[DailyClaim], now: datetime) -> Mapping[int, int | None]:
        """Keep the rounds of the claims that hold, to be posted at once, and when their dailies
        are due next. Of several who claim the same, one does. Returns the dailies whose claims
        held, with their rounds."""

    async def unprepared(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        """Dailies that are due by then, and for which no question is chosen yet."""

    async def prepare(self, chosen: Sequence[Daily]) -> None:
        """Keep the questions that were chosen for dailies."""

    async def missed(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        """Closed daily rounds since then that the member has not answered, with questions that
        they have not met since either, the latest first. Of the given channel, and of those in
        which they have answered anything."""
