"""A Store in memory, so that the engine is tested without I/O.

The storage tests hold it and the real one to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.engine.events import Channel, Member
from bot.engine.linking import Linked
from bot.engine.memory import Card
from bot.engine.ports import (
    Acceptance,
    ChannelSettings,
    Drill,
    Given,
    NewPost,
    Post,
    Record,
    Reported,
    Seat,
    Team,
)
from bot.engine.rounds import Answer, Board, NewRound, Round
from bot.engine.standings import (
    TEAM_BEST,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    ranked,
    team_points,
)
from bot.engine.streaks import Streak
from bot.engine.teams import Joining, Mate


def _one_player(one: Member, other: Member) -> bool:
    return (one.platform, one.realm, one.user) == (other.platform, other.realm, other.user)


@dataclass
class MemoryStore:
    rounds: dict[int, Round] = field(default_factory=dict)
    drills: dict[int, tuple[Member, str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, Member], Answer] = field(default_factory=dict)
    accepted: list[Acceptance] = field(default_factory=list)
    names: dict[Member, str] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    channels: dict[Channel, ChannelSettings] = field(default_factory=dict)
    team_names: dict[int, tuple[Member, str]] = field(default_factory=dict)
    team_of: dict[Member, int] = field(default_factory=dict)
    team_caps: dict[tuple[str, str], int | None] = field(default_factory=dict)
    team_roles: dict[int, str] = field(default_factory=dict)
    earned_for: list[int] = field(default_factory=list)
    reported: dict[tuple[Member, str], Reported] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)

    async def start_drill(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        drill = len(self.drills) + 1
        self.drills[drill] = (member, pack, scope)
        self.names[member] = name
        for step, new in enumerate(rounds, 1):
            number = len(self.rounds) + 1
            self.rounds[number] = Round(
                id=number,
                pack=pack,
                question=new.question,
                version=new.version,
                layout=new.layout,
                opened_at=now,
                drill=drill,
                step=step,
                steps=len(rounds),
            )
        return drill

    async def seat(self, round_id: int, member: Member) -> Seat | None:
        round_ = self.rounds.get(round_id)
        if round_ is None or (round_.drill and self.drills[round_.drill][0] != member):
            return None
        cards = await self.cards(member, round_.pack)
        record = await self.record(member)
        answer = self.answers.get((round_id, member))
        return Seat(round_, answer, cards.get(round_.question), record.streak)

    async def accept(self, acceptance: Acceptance) -> Answer:
        key = acceptance.round, acceptance.member
        if key not in self.answers:
            self.answers[key] = acceptance.answer
            self.accepted.append(acceptance)
            self.earned_for.append(self.team_of.get(acceptance.member, 0))
            self.names[acceptance.member] = acceptance.name
        return self.answers[key]

    async def drill(self, drill: int, member: Member) -> Drill | None:
        if drill not in self.drills or self.drills[drill][0] != member:
            return None
        _, pack, scope = self.drills[drill]
        rounds = [each for each in self.rounds.values() if each.drill == drill]
        steps = tuple((each, self.answers.get((each.id, member))) for each in rounds)
        return Drill(drill, pack, scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        mine = (
            each for each in self.accepted if _one_player(each.member, member) and each.pack == pack
        )
        return {each.card.question: each.card for each in mine}

    async def record(self, member: Member) -> Record:
        mine = [each for each in self.accepted if _one_player(each.member, member)]
        return Record(
            points=sum(each.answer.points for each in mine),
            right=sum(each.answer.right for each in mine),
            answered=len(mine),
            streak=mine[-1].streak if mine else Streak(),
        )

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
        counted = [
            each
            for each in self.accepted
            if each.board == board
            and (since is None or each.day >= since)
            and (each.member.platform, each.member.community) == (member.platform, member.community)
        ]
        sums = {
            who: sum(each.answer.points for each in counted if each.member == who)
            for who in dict.fromkeys(each.member for each in counted)
        }
        lines = [
            Standing(
                rank=1 + sum(other > points for other in sums.values()),
                user=who.user,
                name=self.names[who],
                points=points,
                right=sum(each.answer.right for each in counted if each.member == who),
                answered=sum(each.member == who for each in counted),
                streak=(await self.record(who)).streak.on(today),
            )
            for who, points in sums.items()
        ]
        lines.sort(key=lambda line: (line.rank, -line.right))
        own = next((line for line in lines if line.user == member.user), None)
        return Standings(tuple(lines[offset : offset + limit]), own, len(lines))

    async def forget(self, member: Member) -> bool:
        known = member in self.names
        self.names.pop(member, None)
        self.team_of.pop(member, None)
        self.accepted = [each for each in self.accepted if each.member != member]
        self.answers = {key: each for key, each in self.answers.items() if key[1] != member}
        return known

    async def claim_post(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        if new.board is Board.LIVE and await self.live_post(new.channel):
            return None
        number = len(self.rounds) + 1
        self.rounds[number] = Round(
            id=number,
            pack=new.pack,
            question=new.round.question,
            version=new.round.version,
            layout=new.round.layout,
            opened_at=now,
            board=new.board,
            reveal=new.reveal,
        )
        self.posts[number] = Post(self.rounds[number], new.channel, new.seconds, None, 0)
        self.due[number] = lease_until
        return self._post(number)

    async def confirm_post(self, round_id: int, message: str, now: datetime) -> Post | None:
        post = self.posts[round_id]
        if post.message or post.round.closed:
            return None
        closes = now + timedelta(seconds=post.seconds)
        self.rounds[round_id] = replace(self.rounds[round_id], opened_at=now, closes_at=closes)
        self.posts[round_id] = replace(post, message=message)
        self.due[round_id] = closes
        return self._post(round_id)

    async def live_post(self, channel: Channel) -> Post | None:
        for number, post in self.posts.items():
            live = self.rounds[number].board is Board.LIVE and number in self.due
            if post.channel == channel and live:
                return self._post(number)
        return None

    async def due_posts(
        self, platforms: Collection[str], now: datetime, lease_until: datetime
    ) -> Sequence[Post]:
        due = [number for number, at in self.due.items() if at <= now]
        self.due.update(dict.fromkeys(due, lease_until))
        return [self._post(number) for number in due]

    async def changed_posts(self, platforms: Collection[str]) -> Sequence[Post]:
        posts = [self._post(number) for number in self.due if self.posts[number].message]
        changed = [post for post in posts if self.shown.get(post.round.id, 0) != post.answered]
        self.shown.update({post.round.id: post.answered for post in changed})
        return changed

    async def hurry_post(self, round_id: int, community: Member, now: datetime) -> bool:
        post = self.posts[round_id]
        mine = post.channel.community == community.community
        if round_id not in self.due or not post.message or not mine:
            return False
        self.due[round_id] = now
        self.rounds[round_id] = replace(self.rounds[round_id], closes_at=now)
        return True

    async def close_post(self, round_id: int, now: datetime) -> None:
        self.due.pop(round_id, None)
        self.rounds[round_id] = replace(self.rounds[round_id], closed=True)

    async def abandon_posts(self, platform: str, community: str, now: datetime) -> None:
        for number, post in self.posts.items():
            if (post.channel.platform, post.channel.community) == (platform, community):
                await self.close_post(number, now)

    async def givens(self, round_id: int) -> Sequence[Given]:
        return [
            Given(each.member.user, each.name, each.answer, each.streak.days)
            for each in self.accepted
            if each.round == round_id
        ]

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[str]:
        return [p.round.question for p in self.posts.values() if p.channel == channel]

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        return self.channels.get(channel, ChannelSettings())

    async def set_channel(self, channel: Channel, settings: ChannelSettings) -> None:
        self.channels[channel] = settings

    async def team_standings(
        self, member: Member, board: Board, since: date | None, *, limit: int, offset: int
    ) -> TeamStandings:
        lines = []
        for team in await self.teams(member):
            earned: dict[Member, int] = {}
            for each, earned_for in zip(self.accepted, self.earned_for, strict=True):
                if (
                    earned_for == team.id
                    and each.board == board
                    and (not since or each.day >= since)
                ):
                    earned[each.member] = earned.get(each.member, 0) + each.answer.points
            if earned:
                best = sorted(earned.values(), reverse=True)[:TEAM_BEST]
                points = team_points(sum(best) / len(best), len(earned), team.members)
                members = max(team.members, len(earned))
                lines.append(TeamStanding(0, team.id, team.name, points, len(earned), members))
        lines = ranked(lines)
        own = next((line for line in lines if line.team == self.team_of.get(member)), None)
        return TeamStandings(tuple(lines[offset : offset + limit]), own, len(lines))

    async def teams(self, member: Member) -> Sequence[Team]:
        return [
            Team(
                number,
                name,
                sum(team == number for team in self.team_of.values()),
                self.team_of.get(member) == number,
                self.team_roles.get(number, ""),
            )
            for number, (founder, name) in sorted(self.team_names.items(), key=lambda t: t[1][1])
            if founder.community == member.community
        ]

    async def create_team(self, member: Member, name: str, team: str) -> int | None:
        if any(each.name.casefold() == team.casefold() for each in await self.teams(member)):
            return None
        number = max(self.team_names, default=0) + 1
        self.team_names[number] = (member, team)
        await self.join_team(member, name, number)
        return number

    async def join_team(self, member: Member, name: str, team: int) -> Joining:
        self.names[member] = name
        wanted = next((each for each in await self.teams(member) if each.id == team), None)
        if wanted is None:
            return Joining.UNKNOWN
        cap = await self.team_cap(member)
        if cap and wanted.members >= cap and not wanted.mine:
            return Joining.FULL
        self.team_of[member] = team
        self._remove_empty()
        return Joining.DONE

    async def leave_team(self, member: Member) -> bool:
        left = self.team_of.pop(member, None) is not None
        self._remove_empty()
        return left

    async def rename_team(self, member: Member, team: int, name: str) -> bool:
        others = [each.name.casefold() for each in await self.teams(member) if each.id != team]
        if name.casefold() in others:
            return False
        self.team_names[team] = (self.team_names[team][0], name)
        return True

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        known = {each.name.casefold(): each.id for each in await self.teams(member)}
        for name, users in groups.items():
            number = known.get(name.casefold()) or max(self.team_names, default=0) + 1
            self.team_names.setdefault(number, (member, name))
            named = {replace(member, user=user) for user in users}
            self.team_of.update(dict.fromkeys(named & self.names.keys(), number))
        self._remove_empty()

    async def define_team(self, member: Member, name: str, role: str) -> None:
        known = {each.name.casefold(): each.id for each in await self.teams(member)}
        number = known.get(name.casefold()) or max(self.team_names, default=0) + 1
        self.team_names.setdefault(number, (member, name))
        self.team_roles = {k: each for k, each in self.team_roles.items() if each != role}
        self.team_roles[number] = role
        self._remove_empty()

    async def release_team(self, member: Member, team: int) -> None:
        if team in [each.id for each in await self.teams(member)]:
            self.team_roles.pop(team, None)
        self._remove_empty()

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        if team is not None:
            self.names[member] = name
            self.team_of[member] = team
        elif self.team_of.get(member) in self.team_roles:
            del self.team_of[member]
        self._remove_empty()

    async def team_cap(self, member: Member) -> int | None:
        return self.team_caps.get((member.platform, member.community))

    async def set_team_cap(self, member: Member, cap: int | None) -> None:
        self.team_caps[member.platform, member.community] = cap

    async def mates(self, member: Member, since: datetime | None = None) -> Sequence[Mate]:
        points: dict[Member, int] = {}
        if since is None:
            points = dict.fromkeys(self.names, 0)
        points |= dict.fromkeys(self.team_of, 0)
        for each in self.accepted:
            if since is None or each.answer.answered_at >= since:
                points[each.member] = points.get(each.member, 0) + each.answer.points
        return [
            Mate(who.user, self.names[who], sum_)
            for who, sum_ in points.items()
            if (who.platform, who.community) == (member.platform, member.community)
        ]

    def _remove_empty(self) -> None:
        kept = {*self.team_of.values(), *self.earned_for, *self.team_roles}
        self.team_names = {k: named for k, named in self.team_names.items() if k in kept}

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        seat = await self.seat(round_id, member)
        if seat is None:
            return False
        asked = seat.round
        reported = Reported(asked.pack, asked.question, asked.version, reason, now)
        self.reported[member, asked.question] = reported
        return True

    async def reports(self) -> Sequence[Reported]:
        return list(self.reported.values())

    async def everything(self, member: Member) -> Mapping[str, Any] | None:
        if member not in self.names:
            return None
        return {
            "answers": [
                {"points": a.points} for (_, who), a in self.answers.items() if who == member
            ]
        }

    async def kept(self, key: str) -> str | None:
        return self.facts.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.facts[key] = value

    def _post(self, number: int) -> Post:
        answered = sum(round_id == number for round_id, _ in self.answers)
        return replace(self.posts[number], round=self.rounds[number], answered=answered)

    async def offer_link(self, member: Member, name: str, code: str, until: datetime) -> None:
        raise NotImplementedError("two platforms meet in a database only")

    async def link(self, member: Member, name: str, code: str, now: datetime) -> Linked:
        raise NotImplementedError("two platforms meet in a database only")

    async def unlink(self, member: Member) -> bool:
        raise NotImplementedError("two platforms meet in a database only")
