"""What the engine needs of the world, named as small protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from bot.engine.days import Zones
from bot.engine.events import Channel, Member
from bot.engine.linking import LinkClaimant, LinkOutcome
from bot.engine.memory import Card
from bot.engine.rounds import Answer, AskedQuestion, Board, NewRound, Posers, Reveal, Round
from bot.engine.schedules import Schedule, Weekly
from bot.engine.standings import RankBy, Season, Standings, TeamStandings
from bot.engine.streaks import Streak
from bot.engine.teams import JoinOutcome, TeamCandidate

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's place at a round: all that is needed to decide about a press.

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
class Acceptance:
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
class Drill:
    """A member's private run of questions, with the answers given so far."""

    id: int
    pack: str
    scope: str
    steps: tuple[tuple[Round, Answer | None], ...]


@dataclass(frozen=True, slots=True)
class NewPost:
    """A round about to be posted in a channel, to stay open for so many seconds, or up to
    `closes_at`. Its message notifies the role that is the `mention`, and ends with the `intro`. A
    live one is `posed_by` a member, by their user id."""

    channel: Channel
    pack: str
    round: NewRound
    board: Board
    reveal: Reveal
    seconds: int
    closes_at: datetime | None = None
    mention: str = ""
    intro: str = ""
    posed_by: str = ""


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
class Claim:
    """A daily's next step, while it still stands as it was `seen`: a question to be posted for a
    local date, or none, and when the one after is due; or why it is paused."""

    seen: Daily
    next_on: date | None = None
    next_due: datetime | None = None
    day: date | None = None
    post: NewPost | None = None
    paused: str = ""


@dataclass(frozen=True, slots=True)
class DueRow:
    """Something in a channel that must happen once `at` a time: of a kind, with a key that nothing
    else of its kind has in the community. It was begun `tries` times before; `set_by` is the user
    id of who wanted it."""

    kind: str
    key: str
    channel: Channel
    at: datetime
    tries: int = field(default=0, compare=False)
    set_by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class NewDue:
    """Something to happen once in a channel, in place of what was to happen by its kind and key
    before; at no time, where it's not to happen any more."""

    kind: str
    key: str
    channel: Channel
    at: datetime | None
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class SeasonEnd:
    """A season's planned end: the instant after its last day, with the name of the one that begins
    then, if any. Its podium is posted in a channel; `set_by` is who planned that."""

    last_day: date
    at: datetime
    next: str
    channel: Channel
    set_by: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to a round with who gave it, as the close looks at it; who is `hidden` from boards
    is not named in a result either."""

    user: str
    name: str
    answer: Answer
    streak: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What the admins chose for a channel; `weekly` is when last week's board is posted there."""

    reveal: Reveal = Reveal.AT_ONCE
    pack: str = ""
    weekly: Weekly | None = None


@dataclass(frozen=True, slots=True)
class CommunitySettings:
    """What the admins chose for a community: the IANA zone in which its days are cut, if any; who
    may pose live questions, and how many an hour and for how long those may who are no managers;
    how many members a team may have, if not any number; with the season that runs."""

    zone: str | None = None
    season: Season | None = None
    posers: Posers = Posers.EVERYONE
    questions_an_hour: int = 3
    question_minutes: int = 60
    team_cap: int | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member chose: the IANA zone of their days, if any, and the hour at which these start,
    everywhere; and whether they are hidden from the boards of this community."""

    zone: str | None = None
    hidden: bool = False
    starts: int = 0


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
    """A player's sums over everything answered, with the zones that hold where they ask. Answers
    that are `waiting` for their result, which the close tells, are in no sum yet."""

    points: int = 0
    right: int = 0
    answered: int = 0
    streak: Streak = field(default_factory=Streak)
    zones: Zones = field(default_factory=Zones)
    waiting: int = 0


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

    async def accept(
        self, round_id: int, member: Member, decide: Callable[[Seat | None], Acceptance | T]
    ) -> tuple[Acceptance, Answer] | T:
        """Let `decide` look at the member's place, as `seat` shows it, and keep the answer that it
        accepts if that is the member's first to the round, with its points, streak and card: all
        in one transaction. Returns the acceptance with the answer that stands, which may be an
        earlier one; or whatever else was decided. `decide` is called in another thread, and again
        where the transaction has to begin again."""

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
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Posts that wait to be posted or confirmed, the longest waiting first; nobody else gets
        the same ones before the lease is over."""

    async def due_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Posts whose time is over, the longest waiting first, until their result is shown; nobody
        else gets the same ones before the lease is over. They are closed: they take no more
        answers, and what was earned counts."""

    async def changed_posts(self, platforms: Collection[str]) -> Sequence[Post]:
        """Open posts with more answers than were told here before."""

    async def hurry_post(self, round_id: int, community: Member, now: datetime) -> bool:
        """Let a round of the member's community close now; False if there is none open."""

    async def finish_post(self, round_id: int, message: str | None, trouble: str = "") -> None:
        """The result of a closed round is shown in a message, or can't be for that trouble:
        nothing is to be done for it any more."""

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        """Keep why a result can't be shown yet."""

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        """Let the results of a community that could not be shown before be due now."""

    async def close_post(self, round_id: int, now: datetime) -> None:
        """The round is given up: nothing is to be done for it any more. The date of a daily's that
        was never posted counts as not asked."""

    async def refuse_post(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        """The round cannot be posted: close it, and pause its daily for that reason, which is
        returned if it was not paused before."""

    async def postpone_post(self, round_id: int, until: datetime) -> None:
        """Take the next step of a round then, not when its lease is over."""

    async def post(self, round_id: int) -> Post | None:
        """A round as it stands in its channel, if it was for one."""

    async def posted(self, round_id: int, community: Member) -> Post | None:
        """A question that was posted in a channel of the member's community, open or closed."""

    async def last_posted(self, channel: Channel, limit: int) -> Sequence[Post]:
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

    async def abandon_posts(
        self, platform: str, community: str, reason: str, now: datetime
    ) -> None:
        """Close all open rounds of a community, pause its dailies, and post no weekly boards there
        any more. Results are due when the
        community lets the bot in again, and tried in vain until then."""

    async def givens(self, round_id: int) -> Sequence[Given]:
        """All answers to a round, the first one first."""

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        """The questions of a pack that are open in channels, here and in all communities in which
        the member has played."""

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        """The questions of a pack that were posted in a channel, oldest first."""

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        """When the member posed live questions in their community since then, the first one
        first."""

    async def has_posed(self, round_id: int, member: Member) -> bool:
        """Whether a live question of the member's community was posed by them."""

    async def daily(self, channel: Channel) -> Daily | None:
        """The daily question that was set for a channel."""

    async def propose_daily(
        self, channel: Channel, user: str, schedule: Schedule
    ) -> tuple[int, int]:
        """Keep a schedule that an admin looks at before they save it, in place of the one before;
        returns the daily's id and the proposal's number."""

    async def proposed_daily(self, daily: int, number: int, community: Member) -> Daily | None:
        """A daily of the member's community as it would be with the proposal of that number; None
        where there is another one by now, or it was saved."""

    async def save_daily(self, number: int, seen: Daily, saved: Daily) -> bool:
        """Set a daily as it was proposed; False where it has gone on since it was seen, or there is
        another proposal by now."""

    async def change_daily(self, seen: Daily, changed: Daily) -> bool:
        """Change a daily's schedule, pause and next date while it stands as it was seen."""

    async def remove_daily(self, channel: Channel) -> bool:
        """Remove a channel's daily; False where none was set. The date that was asked last is kept:
        one that is set anew doesn't ask on it again."""

    async def dailies(self, after: int, limit: int) -> Sequence[Daily]:
        """Dailies of all communities that are not paused, by their ids, from one on."""

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        """Let no daily have been asked for a date after the latest that there can be; returns the
        ids of those that were."""

    async def due_dailies(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Daily]:
        """Dailies whose question is due, the longest waiting first."""

    async def claim_dailies(
        self, claims: Sequence[Claim], now: datetime
    ) -> Mapping[int, int | None]:
        """Keep the rounds of the claims that hold, to be posted at once, and when their dailies
        are due next. Of several who claim the same, one does. Returns the dailies whose claims
        held, with their rounds."""

    async def unprepared_dailies(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        """Dailies that are due by then, and for which no question is chosen yet."""

    async def prepare_dailies(self, chosen: Sequence[Daily]) -> None:
        """Keep the questions that were chosen for dailies."""

    async def group_cards(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        """The cards of so many members at most of the channel's community who answered anything
        since then: those who did so last."""

    async def missed_dailies(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        """Closed daily rounds since then that the member has not answered, with questions that
        they have not met since either, the latest first. Of the given channel, and of those in
        which they have answered anything."""

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """What was chosen for a channel; the defaults where nothing was."""

    async def set_channel(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        """Keep what was chosen for a channel, and for its community, and what is due by that: all
        or nothing."""

    async def community_settings(self, platform: str, community: str) -> CommunitySettings:
        """What was chosen for a community; the defaults where nothing was."""

    async def set_community(
        self,
        platform: str,
        community: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        """Keep what was chosen for a community, and move what is due to another time, unless it
        happened meanwhile; seasons are started, not set."""

    async def start_season(
        self,
        platform: str,
        community: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        """Start a season, which ends the one that runs, and with that what was planned of it."""

    async def end_season(self, row: DueRow, now: datetime) -> Season | None:
        """End the season of a due row, if that did not happen before, and begin the next one, if
        one is named: both or neither. None where its end is not planned any more."""

    async def season(self, member: Member, season: int) -> Season | None:
        """A season of the member's community, past or not."""

    async def past_seasons(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        """A page of the past seasons of the member's community, the latest first, and how many
        there are."""

    async def preferences(self, member: Member) -> Preferences:
        """What a member chose; the defaults where they chose nothing."""

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        """Keep what a member chose."""

    async def boards_played(self, member: Member, period: str, by: RankBy) -> Collection[Board]:
        """The boards of the member's community that have lines in a period, of members or teams."""

    async def standings(
        self,
        member: Member,
        board: Board,
        period: str,
        *,
        now: datetime,
        zone: str,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community in a period, with streaks as of `now`:
        each on its member's own day, in the community's `zone` where they have none."""

    async def team_standings(
        self, member: Member, board: Board, period: str, *, limit: int, offset: int
    ) -> TeamStandings:
        """A page of the teams' board of the member's community in a period."""

    async def awaits_results(self, member: Member, period: str) -> bool:
        """Whether the member's community has answers of a period that count only once their round
        closes."""

    async def teams(self, member: Member) -> Sequence[Team]:
        """The teams of the member's community by name."""

    async def create_team(self, member: Member, name: str, team: str) -> int | None:
        """Make a team and put the member into it; None where the name is taken."""

    async def join_team(self, member: Member, name: str, team: int) -> JoinOutcome:
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

    async def mates(self, member: Member, since: datetime | None = None) -> Sequence[TeamCandidate]:
        """The members of the member's community with their points, in no order; with `since`,
        those who are in a team or have answered since then, with the points of that time."""

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a member says to be wrong with a round's question; False if there is no such
        round, or it is not theirs."""

    async def reports(self) -> Sequence[Reported]:
        """Everything reported, the newest first."""

    async def everything(self, member: Member) -> Mapping[str, Any] | None:
        """A copy of all that is stored of a player, as plain data, but for how good answers were
        that is told at a later close; None if there is nothing."""

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a player; False if there was none. Of rounds that they answered and
        that are still open a pseudonym is kept until their close."""

    async def offer_link(self, member: Member, name: str, code: str, until: datetime) -> None:
        """Keep the code by which another platform's member becomes this player."""

    async def claim_link(
        self, member: Member, name: str, code: str, until: datetime, now: datetime
    ) -> tuple[LinkOutcome, Member | None, int]:
        """Let the member, who entered a code, wait until then for who was shown it to allow them.
        Returns who that is, and the claim's id, where one was made; the code is used up then."""

    async def claimed_link(self, member: Member, now: datetime) -> LinkClaimant | None:
        """Who waits for the member to allow them."""

    async def allow_link(self, member: Member, claim: int, now: datetime) -> LinkClaimant | None:
        """Let who waits become the player that the member is: with all answers of both, none of
        them counted twice. None where nobody waits by that claim any more."""

    async def refuse_link(self, member: Member, claim: int) -> LinkClaimant | None:
        """Let nobody wait by that claim any more; None where nobody does."""

    async def linked(self, member: Member) -> Collection[str]:
        """The platforms of the other persons that are the same player."""

    async def unlink(self, member: Member) -> bool:
        """Let the member be a player of their own again, with their own answers; False if they
        are one."""

    async def due_rows(self, platform: str, community: str) -> Sequence[DueRow]:
        """All that is to happen in a community at a time."""

    async def set_due(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        """Let something happen once in a channel at a time, in place of the one with this key that
        was to happen before; or not at all."""

    async def claim_due(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Rows of a kind that are due, the longest waiting first; nobody else gets the same ones
        before the lease is over."""

    async def postpone_due(self, row: DueRow, until: datetime) -> None:
        """Let the next try of a row be then, not when its lease is over."""

    async def finish_due(self, row: DueRow, then: datetime | None = None) -> bool:
        """It has happened, and will the next time `then`, or never again. False where the row is
        another one by now."""

    async def kept(self, key: str) -> str | None:
        """A fact about the installation, by its key."""

    async def keep(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""
