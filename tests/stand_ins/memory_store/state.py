"""What the store in memory contains, with lookups that its subjects share."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from bot.engine.answers import AcceptedAnswer
from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.dailies import Daily
from bot.engine.due.rows import DueRow
from bot.engine.events import Channel, Member
from bot.engine.posts import Post
from bot.engine.processes import Process
from bot.engine.reports import QuestionReport
from bot.engine.rounds import Answer, Reveal, Round
from bot.engine.seasons import Season


def player_key(member: Member) -> tuple[str, str, str]:
    return member.platform, member.realm, member.user


def same_player(one: Member, other: Member) -> bool:
    return player_key(one) == player_key(other)


def same_community(one: Member | Channel, other: Member | Channel) -> bool:
    return (one.platform, one.community) == (other.platform, other.community)


@dataclass
class State:
    rounds: dict[int, Round] = field(default_factory=dict)
    drills: dict[int, tuple[Member, str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, Member], Answer] = field(default_factory=dict)
    accepted: list[AcceptedAnswer] = field(default_factory=list)
    names: dict[Member, str] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    rows_due: dict[tuple[str, tuple[str, str], str], tuple[DueRow, datetime]] = field(
        default_factory=dict
    )
    posed: dict[int, tuple[Channel, str]] = field(default_factory=dict)
    displayed: dict[int, int] = field(default_factory=dict)
    channels: dict[Channel, ChannelSettings] = field(default_factory=dict)
    warnings: set[tuple[Channel, str]] = field(default_factory=set)
    team_names: dict[int, tuple[Member, str]] = field(default_factory=dict)
    team_of: dict[Member, int] = field(default_factory=dict)
    team_roles: dict[int, str] = field(default_factory=dict)
    earned_for: list[int] = field(default_factory=list)
    reports: list[QuestionReport] = field(default_factory=list)
    erased: set[tuple[int, Member]] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    dailies_set: dict[int, Daily] = field(default_factory=dict)
    daily_of: dict[int, int] = field(default_factory=dict)
    dates: dict[int, date] = field(default_factory=dict)
    proposals: dict[int, tuple[int, Daily]] = field(default_factory=dict)
    communities: dict[tuple[str, str], CommunitySettings] = field(default_factory=dict)
    last_season_id: int = 0
    past_seasons: list[tuple[str, str, Season]] = field(default_factory=list)
    hidden: set[Member] = field(default_factory=set)
    zones: dict[tuple[str, str, str], str | None] = field(default_factory=dict)
    day_starts: dict[tuple[str, str, str], int] = field(default_factory=dict)

    @property
    def revealed(self) -> list[AcceptedAnswer]:
        """Answers whose results are public, without those to withdrawn rounds."""
        return [
            each
            for each in self.accepted
            if not self.awaits_reveal(each) and not self.rounds[each.round.id].withdrawn
        ]

    def awaits_reveal(self, each: AcceptedAnswer) -> bool:
        return each.round.reveal is Reveal.AT_CLOSE and not self.rounds[each.round.id].closed

    def settings_of(self, member: Member) -> CommunitySettings:
        key = member.platform, member.community
        return self.communities.get(key, CommunitySettings())

    def counted(self, member: Member, period: str) -> list[tuple[AcceptedAnswer, int]]:
        return [
            (each, team)
            for each, team in zip(self.accepted, self.earned_for, strict=True)
            if each in self.revealed
            and period in each.periods
            and same_community(each.member, member)
        ]

    def post(self, number: int) -> Post:
        answered = sum(round_id == number for round_id, _ in self.answers)
        day, daily = self.dates.get(number), self.daily_of.get(number)
        later = [each for each, of in self.daily_of.items() if of == daily and each in self.dates]
        post = self.posts[number]
        return replace(
            post,
            round=self.placed(self.rounds[number]),
            results=self.channels.get(post.channel, ChannelSettings()).results,
            answered=answered,
            due=number in self.due,
            asked_by=self._asked_by(number),
            outdated=bool(day) and any(self.dates[each] > day for each in later if day),
        )

    def placed(self, round_: Round) -> Round:
        """A round with where it's posted."""
        post = self.posts.get(round_.id)
        if post is None:
            return round_
        return replace(round_, channel=post.channel.id, message=post.message or "")

    def _asked_by(self, number: int) -> str:
        if number in self.posed:
            return self.posed[number][1]
        daily = self.dailies_set.get(self.daily_of.get(number, 0))
        return daily.set_by if daily else ""

    def known_channels(self, member: Member) -> set[str]:
        """The channels of their community in which a member has answered."""
        answered = (self.posts.get(number) for number, who in self.answers if who == member)
        return {post.channel.id for post in answered if post}

    def keep_question(self, number: int) -> None:
        """A version's latest document is the one of all its rounds."""
        new = self.rounds[number]
        same = [
            each
            for each in self.rounds.values()
            if (each.pack, each.question, each.version) == (new.pack, new.question, new.version)
        ]
        document = new.document or max(each.document for each in same)
        self.rounds.update({each.id: replace(each, document=document) for each in same})

    def is_theirs(self, round_: Round, member: Member) -> bool:
        if round_.drill:
            return self.drills[round_.drill][0] == member
        return same_community(self.posts[round_.id].channel, member)
