"""Rounds as they stand in channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.engine.dailies import Daily
from bot.engine.events import Channel, Member
from bot.engine.rounds import AskedQuestion, NewPost, Round


@dataclass(frozen=True, slots=True)
class Post:
    """A round as it stands in its channel; without a message where that is not confirmed yet. Its
    next step was begun `tries` times before. A daily's is `outdated` once a later date was claimed.

    `asked_by` posed it, or set its daily. Once it's closed its result is `due` until it's shown,
    and `trouble` says why it can't be.
    """

    round: Round
    channel: Channel
    seconds: int
    message: str | None
    answered: int
    mention: str = ""
    intro: str = ""
    asked_by: str = ""
    due: bool = field(default=True, compare=False)
    trouble: str = ""
    tries: int = field(default=0, compare=False)
    outdated: bool = field(default=False, compare=False)

    @property
    def tried(self) -> bool:
        """Whether its message may have got through, confirmed or not."""
        return self.tries > 0


class Posts(Protocol):
    """Keeps what is posted where, and how far it is."""

    async def claim(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        """Keep a round that the caller is about to post; nobody else does so before the lease is
        over. None where a live round is open in the channel already."""

    async def confirm(self, round_id: int, message: str, now: datetime) -> Post | None:
        """The platform has the message: the round's clock starts. None if it was confirmed
        before, or given up."""

    async def live_in(self, channel: Channel) -> Post | None:
        """The live round that is open in a channel."""

    async def claim_due(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Posts that wait to be posted or confirmed, the longest waiting first; nobody else gets
        the same ones before the lease is over."""

    async def claim_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Posts whose time is over, the longest waiting first, until their result is shown; nobody
        else gets the same ones before the lease is over. They are closed: they take no more
        answers, and what was earned counts."""

    async def claim_changed(self, platforms: Collection[str]) -> Sequence[Post]:
        """Open posts with more answers than were told here before."""

    async def close_early(self, round_id: int, community: Member, now: datetime) -> bool:
        """Let a round of the member's community close now; False if there is none open."""

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        """Let the results of a community that could not be shown before be due now."""

    async def finish(self, round_id: int, message: str | None, trouble: str = "") -> None:
        """The result of a closed round is shown in a message, or can't be for that trouble:
        nothing is to be done for it anymore."""

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        """Keep why a result can't be shown yet."""

    async def give_up(self, round_id: int, now: datetime) -> None:
        """The round is given up: nothing is to be done for it any more. The date of a daily's that
        was never posted counts as not asked."""

    async def fail(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        """The round cannot be posted: close it, and pause its daily for that reason, which is
        returned if it was not paused before."""

    async def postpone(self, round_id: int, until: datetime) -> None:
        """Take the next step of a round then, not when its lease is over."""

    async def get(self, round_id: int) -> Post | None:
        """A round as it stands in its channel, if it was for one."""

    async def in_community(self, round_id: int, community: Member) -> Post | None:
        """A question that was posted in a channel of the member's community, open or closed."""

    async def last_in(self, channel: Channel, limit: int) -> Sequence[Post]:
        """The questions that were posted last in a channel and stand there, the latest first: none
        that was withdrawn."""

    async def withdraw(
        self, round_id: int, community: Member, now: datetime, show_at: datetime
    ) -> bool:
        """Withdraw a question that was posted in the member's community, open or closed: points,
        lines of boards and cards are as if nobody had answered it. Streaks stay, and so do the
        answers, which count for nothing. What its message says then is due at `show_at`, as a row
        of the kind `withdrawn` with the round's id as its key. False if it was withdrawn before,
        or never posted."""

    async def abandon(self, platform: str, community: str, reason: str, now: datetime) -> None:
        """Close all open rounds of a community, pause its dailies, and post no weekly boards there
        anymore. Results are due when the community lets the bot in again, and tried in vain until
        then."""

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        """The questions of a pack that are open in channels, here and in all communities in which
        the member has played."""

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        """The questions of a pack that were posted in a channel, oldest first."""

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        """When the member posed live questions in their community since then, the first one
        first."""

    async def is_posed_by(self, round_id: int, member: Member) -> bool:
        """Whether a live question of the member's community was posed by them."""
