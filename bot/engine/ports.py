"""What the engine needs of the world, named as small protocols."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from bot.engine.events import Channel, Member, Role
from bot.engine.linking import Linked
from bot.engine.memory import Card
from bot.engine.rounds import Answer, Board, NewRound, Reveal, Round
from bot.engine.screens import Screen
from bot.engine.standings import Standings, TeamStandings
from bot.engine.streaks import Streak
from bot.engine.teams import Joining, Mate


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


class Unpostable(Exception):
    """The platform will not take a message there, now or later; the message says why."""


class Poster(Protocol):
    """Shows screens in a platform's channels."""

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, again: bool = False
    ) -> str:
        """Post a screen and return the message's id. What was just posted with the same handle is
        not posted again; `again` where an earlier try may have got through. Raises Unpostable, or
        anything else where it may work later."""

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Show another screen in a message's place. Raises as `post` does."""

    async def roles(self, community: str) -> Sequence[Role]:
        """The roles that a community gives to some of its members; none where it has none, or they
        may not be seen."""

    async def members_of(self, community: str, role: str) -> Sequence[str] | None:
        """User ids of who has a role; None where events say it, in `Actor.roles`."""


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
    board: Board
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
class NewPost:
    """A round about to be posted in a channel, to stay open for so many seconds."""

    channel: Channel
    pack: str
    round: NewRound
    board: Board
    reveal: Reveal
    seconds: int


@dataclass(frozen=True, slots=True)
class Post:
    """A round as it stands in its channel; without a message where that is not confirmed yet."""

    round: Round
    channel: Channel
    seconds: int
    message: str | None
    answered: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a round with who gave it, as the close looks at it."""

    user: str
    name: str
    answer: Answer
    streak: int


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What the admins chose for a channel."""

    reveal: Reveal = Reveal.AT_ONCE
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """A named group of members; of those who have the `role`, where there is one."""

    id: int
    name: str
    members: int
    mine: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """What a member said to be wrong with a question."""

    pack: str
    question: str
    version: str
    reason: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A player's sums over everything answered."""

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
        """The player's cards of a pack by question id."""

    async def record(self, member: Member) -> Record:
        """The player's sums, over all their communities."""

    async def claim_post(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        """Keep a round that the caller is about to post; nobody else does so before the lease is
        over. None where a live round is open in the channel already."""

    async def confirm_post(self, round_id: int, message: str, now: datetime) -> Post | None:
        """The platform has the message: the round's clock starts. None if it was confirmed
        before, or given up."""

    async def live_post(self, channel: Channel) -> Post | None:
        """The live round that is open in a channel."""

    async def due_posts(
        self, platforms: Collection[str], now: datetime, lease_until: datetime
    ) -> Sequence[Post]:
        """Posts that have waited for a confirmation too long, or whose time is over; nobody else
        gets the same ones before the lease is over."""

    async def changed_posts(self, platforms: Collection[str]) -> Sequence[Post]:
        """Open posts with more answers than were told here before."""

    async def hurry_post(self, round_id: int, community: Member, now: datetime) -> bool:
        """Let a round of the member's community close now; False if there is none open."""

    async def close_post(self, round_id: int, now: datetime) -> None:
        """The result is shown, or can't be: nothing is to be done for the round any more."""

    async def abandon_posts(self, platform: str, community: str, now: datetime) -> None:
        """Close all open rounds of a community, without their results."""

    async def givens(self, round_id: int) -> Sequence[Given]:
        """All answers to a round, the first one first."""

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[str]:
        """Ids of the questions of a pack that were posted in a channel, oldest first."""

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """What was chosen for a channel; the defaults where nothing was."""

    async def set_channel(self, channel: Channel, settings: ChannelSettings) -> None:
        """Keep what was chosen for a channel."""

    async def standings(
        self,
        member: Member,
        board: Board,
        since: date | None,
        *,
        today: date,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community, from a day on, with streaks as of
        `today`.
        """

    async def team_standings(
        self, member: Member, board: Board, since: date | None, *, limit: int, offset: int
    ) -> TeamStandings:
        """A page of the teams' board of the member's community, from a day on."""

    async def teams(self, member: Member) -> Sequence[Team]:
        """The teams of the member's community by name."""

    async def create_team(self, member: Member, name: str, team: str) -> int | None:
        """Make a team and put the member into it; None where the name is taken."""

    async def join_team(self, member: Member, name: str, team: int) -> Joining:
        """Put the member into a team of their community, if there is such a team and it has a
        place left; the places of a team are its community's `team_cap`."""

    async def leave_team(self, member: Member) -> bool:
        """Take the member out of their team, and remove it once it is empty; False if in none."""

    async def rename_team(self, member: Member, team: int, name: str) -> bool:
        """Give a team of the member's community another name; False where it is taken."""

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        """Put members of the member's community, by their user ids, into teams by the teams'
        names, of which the new ones are made; and remove teams once they are empty."""

    async def define_team(self, member: Member, name: str, role: str) -> None:
        """Let a role define a team of the member's community, which is made where there is none of
        that name; the role defines no other team any more."""

    async def release_team(self, member: Member, team: int) -> None:
        """Let a team of the member's community be defined by no role any more."""

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        """Put the member into the team of their role, whatever its size; without one, take them
        out of the team they are in, if a role defines it."""

    async def team_cap(self, member: Member) -> int | None:
        """How many members a team of the member's community may have; None for any number."""

    async def set_team_cap(self, member: Member, cap: int | None) -> None:
        """Keep how many members a team of the member's community may have; who is in one stays."""

    async def mates(self, member: Member, since: datetime | None = None) -> Sequence[Mate]:
        """The members of the member's community with their points, in no order; with `since`,
        those who are in a team or have answered since then, with the points of that time."""

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a member says to be wrong with a round's question, in place of what they said
        of it before; False if there is no such round, or it is not theirs."""

    async def reports(self) -> Sequence[Reported]:
        """Everything reported, the newest first."""

    async def everything(self, member: Member) -> Mapping[str, Any] | None:
        """A copy of all that is stored of a player, as plain data; None if there is nothing."""

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a player; False if there was none."""

    async def offer_link(self, member: Member, name: str, code: str, until: datetime) -> None:
        """Keep the code by which another platform's member becomes this player."""

    async def link(self, member: Member, name: str, code: str, now: datetime) -> Linked:
        """Let the member become the player who was shown the code: with all answers of both, none
        of them counted twice."""

    async def unlink(self, member: Member) -> bool:
        """Let the member be a player of their own again, with their own answers; False if they
        are one."""

    async def kept(self, key: str) -> str | None:
        """A fact about the installation, by its key."""

    async def keep(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""
