"""Rounds posted in channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.engine.dailies import Daily
from bot.engine.events import Channel, Member
from bot.engine.rounds import AskedQuestion, NewPost, Results, Round


@dataclass(frozen=True, slots=True)
class Post:
    """A round in its channel, without a `message` until posting is confirmed. Its next step was
    started `tries` times before. A daily's round is `outdated` once a later date is claimed.

    `asked_by` is the user id of the person who posed it, or set its daily. After the close, its
    result is `due` until it's shown, and `trouble` says why it can't be. The channel hears of it as
    its setting `results` says.
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
    results: Results = Results.REPLY

    @property
    def tried(self) -> bool:
        """Whether an earlier try may have posted its message, confirmed or not."""
        return self.tries > 0


class Posts(Protocol):
    """Stores posts, and how far along each is."""

    async def claim(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        """Create a round for the caller to post; nobody else posts it until the lease ends. None if
        a live round is already open in the channel."""

    async def confirm(self, round_id: int, message: str, now: datetime) -> Post | None:
        """Store that the round's message is posted, and start the round's clock. None if it was
        confirmed before, or given up."""

    async def live_in(self, channel: Channel) -> Post | None:
        """Find the live round that's open in a channel."""

    async def claim_due(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Claim rounds to post or confirm, the longest overdue first. Nobody else gets them until
        the lease ends."""

    async def claim_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Close posts whose time is over, and claim those whose result isn't shown yet, the longest
        overdue first. Nobody else gets them until the lease ends. Closed posts accept no more
        answers, and their points count."""

    async def claim_changed(self, platforms: Collection[str]) -> Sequence[Post]:
        """Claim open posts whose message shows an outdated number of answers."""

    async def close_early(self, round_id: int, community: Member, now: datetime) -> bool:
        """Make a round of the member's community due to close now; False if it isn't open."""

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        """Make a community's results due now, if they couldn't be shown before."""

    async def finish(self, round_id: int, message: str | None, trouble: str = "") -> None:
        """Mark a closed round as done: its result is shown in `message`, or `trouble` says why it
        can't be."""

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        """Store why a result can't be shown yet."""

    async def give_up(self, round_id: int, now: datetime) -> None:
        """Close a round for good, without a result. If it's a daily's and was never posted, its
        date counts as not asked."""

    async def fail(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        """Close a round that can't be posted, and pause its daily for that reason. Returns the
        daily if it wasn't paused before."""

    async def postpone(self, round_id: int, until: datetime) -> None:
        """Retry a round's next step then, instead of when its lease ends."""

    async def get(self, round_id: int) -> Post | None:
        """Return a round's post; None if the round wasn't for a channel."""

    async def in_community(self, round_id: int, community: Member) -> Post | None:
        """Find a round that was posted in the member's community, open or closed."""

    async def last_in(self, channel: Channel, limit: int) -> Sequence[Post]:
        """List the last rounds posted in a channel, the latest first, without withdrawn ones."""

    async def withdraw(
        self, round_id: int, community: Member, now: datetime, show_at: datetime
    ) -> bool:
        """Withdraw a round that was posted in the member's community, open or closed. Points, lines
        of boards and cards become as if nobody had answered it. Streaks stay, and so do the
        answers, but they earn nothing. Marking its message is due at `show_at`, as a due row of
        kind `withdrawn` with the round's id as its key. False if the round was withdrawn before,
        or never posted."""

    async def abandon(self, platform: str, community: str, reason: str, now: datetime) -> None:
        """Close all open rounds of a community, pause its dailies, and turn off its weekly boards.
        Results stay due, but trying to show them fails until the community lets the bot in
        again."""

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        """List the ids of a pack's questions that are open in channels of the member's community
        or any other that they've played in."""

    async def unanswered(self, member: Member, now: datetime) -> Sequence[Post]:
        """List open questions that the member hasn't answered, in channels of their community in
        which they've answered before; the first to close comes first."""

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        """List a pack's questions that were posted in a channel, oldest first."""

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        """List when the member posed live questions in their community since then, oldest
        first."""

    async def is_posed_by(self, round_id: int, member: Member) -> bool:
        """Whether the member posed this live question of their community."""
