"""A Store in memory, so that the engine is tested without I/O.

The storage tests hold it and the real one to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from bot.engine.days import Days, Zones, first_known_zone
from bot.engine.events import Channel, Member
from bot.engine.linking import LinkClaimant, LinkOutcome, PastAnswer, rebuild_cards
from bot.engine.memory import Card
from bot.engine.ports import (
    Acceptance,
    ChannelSettings,
    Claim,
    CommunitySettings,
    Daily,
    Drill,
    DueRow,
    Given,
    NewDue,
    NewPost,
    Post,
    Preferences,
    Record,
    Reported,
    SeasonEnd,
    Seat,
    Team,
)
from bot.engine.rounds import Answer, AskedQuestion, Board, NewRound, Reveal, Round
from bot.engine.schedules import Schedule
from bot.engine.standings import (
    TEAM_BEST,
    RankBy,
    Season,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    rank_lines,
    score_team,
)
from bot.engine.streaks import Streak
from bot.engine.teams import JoinOutcome, TeamCandidate

T = TypeVar("T")


def _player(member: Member) -> tuple[str, str, str]:
    return member.platform, member.realm, member.user


def _one_player(one: Member, other: Member) -> bool:
    return _player(one) == _player(other)


def _together(one: Member | Channel, other: Member | Channel) -> bool:
    return (one.platform, one.community) == (other.platform, other.community)


def _stands(daily: Daily, seen: Daily) -> bool:
    return (daily.next_on, daily.next_due, daily.last_on) == (
        seen.next_on,
        seen.next_due,
        seen.last_on,
    )


def _by_member(counted: Sequence[Acceptance]) -> dict[Member, list[Acceptance]]:
    return {
        who: [each for each in counted if each.member == who]
        for who in dict.fromkeys(each.member for each in counted)
    }


def _place(mine: Sequence[Acceptance]) -> tuple[int, datetime]:
    """What a line is ordered by: its points, the most first, and when they were reached."""
    earned = [each.answer for each in mine if each.answer.points] or [mine[0].answer]
    return -sum(each.points for each in earned), earned[-1].answered_at


@dataclass
class MemoryStore:
    rounds: dict[int, Round] = field(default_factory=dict)
    drills: dict[int, tuple[Member, str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, Member], Answer] = field(default_factory=dict)
    accepted: list[Acceptance] = field(default_factory=list)
    names: dict[Member, str] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    rows_due: dict[tuple[str, tuple[str, str], str], tuple[DueRow, datetime]] = field(
        default_factory=dict
    )
    posed: dict[int, tuple[Channel, str]] = field(default_factory=dict)
    shown: dict[int, int] = field(default_factory=dict)
    channels: dict[Channel, ChannelSettings] = field(default_factory=dict)
    team_names: dict[int, tuple[Member, str]] = field(default_factory=dict)
    team_of: dict[Member, int] = field(default_factory=dict)
    team_roles: dict[int, str] = field(default_factory=dict)
    earned_for: list[int] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    withdrawn: set[tuple[int, Member]] = field(default_factory=set)
    facts: dict[str, str] = field(default_factory=dict)
    dailies_set: dict[int, Daily] = field(default_factory=dict)
    daily_of: dict[int, int] = field(default_factory=dict)
    dates: dict[int, date] = field(default_factory=dict)
    proposals: dict[int, tuple[int, Daily]] = field(default_factory=dict)
    communities: dict[tuple[str, str], CommunitySettings] = field(default_factory=dict)
    seasons: int = 0
    past: list[tuple[str, str, Season]] = field(default_factory=list)
    hidden: set[Member] = field(default_factory=set)
    zones: dict[tuple[str, str, str], str | None] = field(default_factory=dict)
    day_starts: dict[tuple[str, str, str], int] = field(default_factory=dict)

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
        if round_ is None or not self._is_theirs(round_, member):
            return None
        cards = await self.cards(member, round_.pack)
        record = await self.record(member)
        answer = self.answers.get((round_id, member))
        season = self._settings(member).season
        card = cards.get(round_.question)
        running = season.id if season else None
        return Seat(round_, answer, card, record.streak, record.zones, running)

    def _is_theirs(self, round_: Round, member: Member) -> bool:
        if round_.drill:
            return self.drills[round_.drill][0] == member
        return _together(self.posts[round_.id].channel, member)

    async def accept(
        self, round_id: int, member: Member, decide: Callable[[Seat | None], Acceptance | T]
    ) -> tuple[Acceptance, Answer] | T:
        key = round_id, member
        seat = await self.seat(round_id, member)
        if seat:
            question = seat.round.pack, seat.round.question
            counted = [
                each.answer.answered_at
                for each in self.accepted
                if each.member == member
                and (each.round.pack, each.round.question) == question
                and (each.answer.points or not each.answer.credit)
                and not self.rounds[each.round.id].withdrawn
            ]
            gone = key in self.withdrawn
            seat = replace(seat, withdrawn=gone, last_counted=lambda: max(counted, default=None))
        decided = decide(seat)
        if not isinstance(decided, Acceptance):
            return decided
        if key not in self.answers:
            self.answers[key] = decided.answer
            self.accepted.append(decided)
            self.earned_for.append(self.team_of.get(member, 0))
            self.names[member] = decided.name
        return decided, self.answers[key]

    async def drill(self, drill: int, member: Member) -> Drill | None:
        if drill not in self.drills or self.drills[drill][0] != member:
            return None
        _, pack, scope = self.drills[drill]
        rounds = [each for each in self.rounds.values() if each.drill == drill]
        steps = tuple((each, self.answers.get((each.id, member))) for each in rounds)
        return Drill(drill, pack, scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        mine = (
            each
            for each in self._told
            if _one_player(each.member, member) and each.round.pack == pack
        )
        return {each.card.question: each.card for each in mine}

    async def record(self, member: Member) -> Record:
        mine = [each for each in self.accepted if _one_player(each.member, member)]
        told = [each for each in mine if each in self._told]
        return Record(
            points=sum(each.answer.points for each in told),
            right=sum(each.answer.right for each in told),
            answered=len(told),
            streak=mine[-1].streak if mine else Streak(),
            zones=Zones(
                self._settings(member).zone,
                self.zones.get(_player(member)),
                mine[-1].zone if mine else None,
                self.day_starts.get(_player(member), 0),
            ),
            waiting=sum(self._waits(each) for each in mine),
        )

    @property
    def _told(self) -> list[Acceptance]:
        """The answers of which all may know how good they were, but for withdrawn rounds."""
        return [
            each
            for each in self.accepted
            if not self._waits(each) and not self.rounds[each.round.id].withdrawn
        ]

    def _waits(self, each: Acceptance) -> bool:
        return each.round.reveal is Reveal.AT_CLOSE and not self.rounds[each.round.id].closed

    def _settings(self, member: Member) -> CommunitySettings:
        key = member.platform, member.community
        return self.communities.get(key, CommunitySettings())

    async def community_settings(self, platform: str, community: str) -> CommunitySettings:
        return self.communities.get((platform, community), CommunitySettings())

    async def set_community(
        self,
        platform: str,
        community: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        season = (await self.community_settings(platform, community)).season
        self.communities[platform, community] = replace(settings, season=season)
        for row, at in moved:
            if self._is_due(row):
                stands, _ = self.rows_due[_key(row)]
                self.rows_due[_key(row)] = replace(stands, at=at), at

    async def start_season(
        self,
        platform: str,
        community: str,
        name: str,
        now: datetime,
        end: SeasonEnd | None = None,
    ) -> Season:
        running = (await self.community_settings(platform, community)).season
        if running:
            over = replace(running, ended_at=now, ends_on=None, next="")
            self.past.append((platform, community, over))
            self.rows_due.pop(("season", (platform, community), str(running.id)), None)
        season = await self._begin(platform, community, name, now, end)
        if end:
            self._set_due(NewDue("season", str(season.id), end.channel, end.at, end.set_by))
        return season

    async def _begin(
        self, platform: str, community: str, name: str, now: datetime, end: SeasonEnd | None = None
    ) -> Season:
        self.seasons += 1
        ends_on, following = (end.last_day, end.next) if end else (None, "")
        season = Season(self.seasons, name, now, None, ends_on, following)
        before = await self.community_settings(platform, community)
        self.communities[platform, community] = replace(before, season=season)
        return season

    async def end_season(self, row: DueRow, now: datetime) -> Season | None:
        place = row.channel.platform, row.channel.community
        settings = await self.community_settings(*place)
        running = settings.season
        if running and running.ends_on and str(running.id) == row.key:
            self.past.append((*place, replace(running, ended_at=now)))
            self.communities[place] = replace(settings, season=None)
            if running.next:
                await self._begin(*place, running.next, now)
        ended = [each for *where, each in self.past if tuple(where) == place]
        return next((each for each in ended if str(each.id) == row.key and each.ends_on), None)

    async def season(self, member: Member, season: int) -> Season | None:
        here = member.platform, member.community
        running = (await self.community_settings(*here)).season
        known = [each for *where, each in self.past if tuple(where) == here]
        known += [running] if running else []
        return next((each for each in known if each.id == season), None)

    async def past_seasons(
        self, member: Member, *, limit: int, offset: int
    ) -> tuple[Sequence[Season], int]:
        here = member.platform, member.community
        past = [each for *where, each in self.past if tuple(where) == here][::-1]
        return past[offset : offset + limit], len(past)

    async def preferences(self, member: Member) -> Preferences:
        player = _player(member)
        starts = self.day_starts.get(player, 0)
        return Preferences(self.zones.get(player), member in self.hidden, starts)

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        self.names[member] = name
        self.zones[_player(member)] = chosen.zone
        self.day_starts[_player(member)] = chosen.starts
        self.hidden = self.hidden - {member} | ({member} if chosen.hidden else set())

    def _counted(self, member: Member, period: str) -> list[tuple[Acceptance, int]]:
        return [
            (each, team)
            for each, team in zip(self.accepted, self.earned_for, strict=True)
            if each in self._told and period in each.periods and _together(each.member, member)
        ]

    async def boards_played(self, member: Member, period: str, by: RankBy) -> Collection[Board]:
        counted = self._counted(member, period)
        return {each.round.board for each, team in counted if team or by is RankBy.MEMBERS}

    async def awaits_results(self, member: Member, period: str) -> bool:
        return any(
            each not in self._told and period in each.periods and _together(each.member, member)
            for each in self.accepted
        )

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
        counted = [each for each, _ in self._counted(member, period) if each.round.board == board]
        by_member = _by_member(counted)
        sums = {who: sum(each.answer.points for each in mine) for who, mine in by_member.items()}
        seen = [points for who, points in sums.items() if who not in self.hidden]
        lines = {}
        for who, mine in by_member.items():
            known = first_known_zone(self.zones.get(_player(who)), mine[-1].zone, zone)
            own = Days(known, self.day_starts.get(_player(who), 0))
            lines[who] = Standing(
                rank=1 + sum(points > sums[who] for points in seen),
                user=who.user,
                name=self.names[who],
                points=sums[who],
                right=sum(each.answer.right for each in mine),
                answered=len(mine),
                streak=(await self.record(who)).streak.on(now, own),
                hidden=who in self.hidden,
            )
        order = sorted(lines, key=lambda who: _place(by_member[who]))
        shown = [lines[who] for who in order if who not in self.hidden]
        return Standings(tuple(shown[offset : offset + limit]), lines.get(member), len(shown))

    async def forget(self, member: Member) -> bool:
        set_by = [
            each
            for each in self.dailies_set.values()
            if each.set_by == member.user
            and each.channel.platform == member.platform
            and member.realm in ("", each.channel.community)
        ]
        self.dailies_set |= {each.id: replace(each, set_by="") for each in set_by}
        here = member.platform, member.community, member.user
        self.posed = {
            number: (channel, user)
            for number, (channel, user) in self.posed.items()
            if (channel.platform, channel.community, user) != here
        }
        due = [
            (key, row, at)
            for key, (row, at) in self.rows_due.items()
            if row.set_by == member.user
            and row.channel.platform == member.platform
            and member.realm in ("", row.channel.community)
        ]
        self.rows_due |= {key: (replace(row, set_by=""), at) for key, row, at in due}
        known = member in self.names or bool(set_by or due)
        self.names.pop(member, None)
        self.team_of.pop(member, None)
        kept = [
            (each, earned_for)
            for each, earned_for in zip(self.accepted, self.earned_for, strict=True)
            if each.member != member
        ]
        self.accepted = [each for each, _ in kept]
        self.earned_for = [earned_for for _, earned_for in kept]
        self.withdrawn |= {
            key for key in self.answers if key[1] == member and not self.rounds[key[0]].closed
        }
        self.answers = {key: each for key, each in self.answers.items() if key[1] != member}
        return known

    async def claim_post(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        if new.board is Board.LIVE and await self.live_post(new.channel):
            return None
        number = self._keep_post(new, now, lease_until)
        post = self._post(number)
        self.posts[number] = replace(self.posts[number], tries=1)
        return post

    def _keep_post(self, new: NewPost, now: datetime, due: datetime) -> int:
        number = len(self.rounds) + 1
        self.rounds[number] = Round(
            id=number,
            pack=new.pack,
            question=new.round.question,
            version=new.round.version,
            layout=new.round.layout,
            opened_at=now,
            closes_at=new.closes_at,
            board=new.board,
            reveal=new.reveal,
        )
        self.posts[number] = Post(
            self.rounds[number], new.channel, new.seconds, None, 0, new.mention, new.intro
        )
        self.due[number] = due
        if new.posed_by:
            self.posed[number] = new.channel, new.posed_by
        for key, daily in self.dailies_set.items():
            if daily.channel == new.channel:
                self.dailies_set[key] = replace(daily, pack="", question="")
        return number

    async def confirm_post(self, round_id: int, message: str, now: datetime) -> Post | None:
        post = self.posts[round_id]
        if post.message or self.rounds[round_id].closed:
            return None
        closes = self.rounds[round_id].closes_at or now + timedelta(seconds=post.seconds)
        self.rounds[round_id] = replace(self.rounds[round_id], opened_at=now, closes_at=closes)
        self.posts[round_id] = replace(post, message=message, tries=0)
        self.due[round_id] = closes
        return self._post(round_id)

    async def live_post(self, channel: Channel) -> Post | None:
        for number, post in self.posts.items():
            round_ = self.rounds[number]
            live = round_.board is Board.LIVE and not round_.closed
            if post.channel == channel and live:
                return self._post(number)
        return None

    async def due_posts(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        waiting = [number for number, post in self.posts.items() if not post.message]
        return self._lent(waiting, platform, now, lease_until, limit)

    async def due_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        over = [number for number, post in self.posts.items() if post.message]
        posts = self._lent(over, platform, now, lease_until, limit)
        for post in posts:
            self._close(post.round.id)
        return [replace(self._post(post.round.id), tries=post.tries) for post in posts]

    def _lent(
        self, numbers: Sequence[int], platform: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[Post]:
        due = [
            number
            for number in numbers
            if number in self.due
            and self.due[number] <= now
            and self.posts[number].channel.platform == platform
        ][:limit]
        self.due.update(dict.fromkeys(due, until))
        posts = [self._post(number) for number in due]
        for post in posts:
            self.posts[post.round.id] = replace(self.posts[post.round.id], tries=post.tries + 1)
        return posts

    async def changed_posts(self, platforms: Collection[str]) -> Sequence[Post]:
        posts = [
            self._post(number)
            for number in self.posts
            if self.posts[number].message and not self.rounds[number].closed
        ]
        changed = [post for post in posts if self.shown.get(post.round.id, 0) != post.answered]
        self.shown.update({post.round.id: post.answered for post in changed})
        return changed

    async def hurry_post(self, round_id: int, community: Member, now: datetime) -> bool:
        post = self.posts.get(round_id)
        if post is None or not _together(post.channel, community):
            return False
        if self.rounds[round_id].closed or not post.message:
            return False
        self.due[round_id] = now
        self.rounds[round_id] = replace(self.rounds[round_id], closes_at=now)
        return True

    async def finish_post(self, round_id: int, message: str | None, trouble: str = "") -> None:
        self.due.pop(round_id, None)
        post = self.posts[round_id]
        self.posts[round_id] = replace(post, message=message or post.message, trouble=trouble)

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        self.posts[round_id] = replace(self.posts[round_id], trouble=trouble)

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        for number, post in self.posts.items():
            where = post.channel.platform, post.channel.community
            waits = self.rounds[number].closed and number in self.due
            if where == (platform, community) and waits:
                self.due[number] = now

    async def close_post(self, round_id: int, now: datetime) -> None:
        self.due.pop(round_id, None)
        self._close(round_id)

    def _close(self, round_id: int) -> None:
        self.rounds[round_id] = replace(self.rounds[round_id], closed=True)
        daily = self.dailies_set.get(self.daily_of.get(round_id, 0))
        if daily and not self.posts[round_id].message:
            self.dates.pop(round_id, None)
            asked = [day for each, day in self.dates.items() if self.daily_of[each] == daily.id]
            self.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))

    async def refuse_post(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        await self.close_post(round_id, now)
        daily = self.dailies_set.get(self.daily_of.get(round_id, 0))
        if daily is None:
            return None
        paused = replace(daily, paused=reason, next_on=None, next_due=None)
        self.dailies_set[daily.id] = paused
        return None if daily.paused else paused

    async def postpone_post(self, round_id: int, until: datetime) -> None:
        waits = not self.posts[round_id].message or self.rounds[round_id].closed
        if round_id in self.due and waits:
            self.due[round_id] = until

    async def post(self, round_id: int) -> Post | None:
        return self._post(round_id) if round_id in self.posts else None

    async def posted(self, round_id: int, community: Member) -> Post | None:
        post = self.posts.get(round_id)
        known = post is not None and post.message and _together(post.channel, community)
        return self._post(round_id) if known else None

    async def last_posted(self, channel: Channel, limit: int) -> Sequence[Post]:
        here = [
            self._post(number)
            for number, post in self.posts.items()
            if post.channel == channel and post.message and not self.rounds[number].withdrawn
        ]
        return here[::-1][:limit]

    async def withdraw(
        self, round_id: int, community: Member, now: datetime, show_at: datetime
    ) -> bool:
        post = await self.posted(round_id, community)
        if post is None or post.round.withdrawn:
            return False
        await self.close_post(round_id, now)
        await self.set_due("withdrawn", str(round_id), post.channel, show_at)
        closes = min(post.round.closes_at or now, now)
        self.rounds[round_id] = replace(self.rounds[round_id], withdrawn=True, closes_at=closes)
        question = post.round.pack, post.round.question
        for who in {_player(each.member) for each in self.accepted if each.round.id == round_id}:
            looks = [
                number
                for number, each in enumerate(self.accepted)
                if _player(each.member) == who
                and (each.round.pack, each.round.question) == question
                and not self.rounds[each.round.id].withdrawn
            ]
            past = (
                PastAnswer(*question, each.answer.credit, each.answer.answered_at, each.day)
                for each in map(self.accepted.__getitem__, looks)
            )
            for _, card in rebuild_cards(past):
                self.accepted[looks[-1]] = replace(self.accepted[looks[-1]], card=card)
        return True

    async def abandon_posts(
        self, platform: str, community: str, reason: str, now: datetime
    ) -> None:
        for number, post in self.posts.items():
            where = post.channel.platform, post.channel.community
            if where != (platform, community) or self.rounds[number].closed:
                continue
            self._close(number)
            self.due[number] = now + timedelta(hours=1)
            if not post.message:
                del self.due[number]
            self.posts[number] = replace(self.posts[number], trouble=reason)
        for key, daily in self.dailies_set.items():
            if (daily.channel.platform, daily.channel.community) == (platform, community):
                paused = replace(daily, paused=reason, next_on=None, next_due=None)
                self.dailies_set[key] = paused
        for channel, settings in self.channels.items():
            if (channel.platform, channel.community) == (platform, community):
                self.channels[channel] = replace(settings, weekly=None)
        self.rows_due = {
            its: due
            for its, due in self.rows_due.items()
            if its[:2] != ("weekly", (platform, community))
        }

    async def givens(self, round_id: int) -> Sequence[Given]:
        return [
            Given(
                each.member.user,
                each.name,
                each.answer,
                each.streak.days,
                each.member in self.hidden,
            )
            for each in self.accepted
            if each.round.id == round_id
        ]

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        mine = [member, *(who for who in self.names if _one_player(who, member))]
        return {
            self.rounds[number].question
            for number in self.posts
            if not self.rounds[number].closed
            and self.rounds[number].pack == pack
            and any(_together(self.posts[number].channel, who) for who in mine)
        }

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        return [
            AskedQuestion(post.round.question, post.round.board, post.round.opened_at)
            for post in self.posts.values()
            if post.channel == channel
            and post.round.pack == pack
            and (post.message or not self.rounds[post.round.id].closed)
        ]

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        return [
            self.rounds[number].opened_at
            for number, (channel, user) in self.posed.items()
            if (channel.platform, channel.community, user)
            == (member.platform, member.community, member.user)
            and self.rounds[number].opened_at > since
            and (self.posts[number].message or not self.rounds[number].closed)
        ]

    async def has_posed(self, round_id: int, member: Member) -> bool:
        channel, user = self.posed.get(round_id, (None, ""))
        return channel is not None and _together(channel, member) and user == member.user

    async def daily(self, channel: Channel) -> Daily | None:
        return next((each for each in self.dailies_set.values() if each.channel == channel), None)

    async def propose_daily(
        self, channel: Channel, user: str, schedule: Schedule
    ) -> tuple[int, int]:
        before = await self.daily(channel)
        key = next(
            (key for key, (_, each) in self.proposals.items() if each.channel == channel),
            len(self.proposals) + 1,
        )
        number = self.proposals[key][0] + 1 if key in self.proposals else 1
        removed = self.proposals[key][1] if key in self.proposals else None
        fresh = before or removed or Daily(key, channel, schedule, user)
        self.proposals[key] = (number, replace(fresh, schedule=schedule))
        return key, number

    async def proposed_daily(self, daily: int, number: int, community: Member) -> Daily | None:
        last, proposed = self.proposals.get(daily, (0, None))
        if proposed is None or last != number:
            return None
        if not _together(proposed.channel, community):
            return None
        return replace(self.dailies_set.get(daily, proposed), schedule=proposed.schedule)

    async def save_daily(self, number: int, seen: Daily, saved: Daily) -> bool:
        before = self.dailies_set.get(seen.id, seen)
        if self.proposals[seen.id][0] != number or not _stands(before, seen):
            return False
        self.proposals[seen.id] = (number + 1, saved)
        self.dailies_set[seen.id] = replace(saved, pack="", question="")
        return True

    async def change_daily(self, seen: Daily, changed: Daily) -> bool:
        stands = self.dailies_set.get(seen.id)
        if stands is None or replace(stands, pack="", question="") != replace(
            seen, pack="", question=""
        ):
            return False
        self.dailies_set[seen.id] = changed
        return True

    async def remove_daily(self, channel: Channel) -> bool:
        daily = await self.daily(channel)
        if daily is None:
            return False
        del self.dailies_set[daily.id]
        number, _ = self.proposals[daily.id]
        gone = Daily(daily.id, channel, daily.schedule, "", last_on=daily.last_on)
        self.proposals[daily.id] = (number + 1, gone)
        return True

    async def dailies(self, after: int, limit: int) -> Sequence[Daily]:
        running = [each for each in self.dailies_set.values() if each.next_on and each.id > after]
        return sorted(running, key=lambda each: each.id)[:limit]

    async def due_dailies(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Daily]:
        running = (each for each in self.dailies_set.values() if each.channel.platform in platforms)
        return [each for each in running if each.next_due and each.next_due <= now][:limit]

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        future = [each for each in self.dailies_set.values() if (each.last_on or latest) > latest]
        self.dates = {number: day for number, day in self.dates.items() if day <= latest}
        for daily in future:
            asked = [day for each, day in self.dates.items() if self.daily_of[each] == daily.id]
            self.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))
        return [each.id for each in future]

    async def set_due(self, kind: str, key: str, channel: Channel, at: datetime | None) -> None:
        self._set_due(NewDue(kind, key, channel, at))

    def _set_due(self, new: NewDue) -> None:
        its = new.kind, (new.channel.platform, new.channel.community), new.key
        self.rows_due.pop(its, None)
        if new.at:
            row = DueRow(new.kind, new.key, new.channel, new.at, set_by=new.set_by)
            self.rows_due[its] = row, new.at

    async def due_rows(self, platform: str, community: str) -> Sequence[DueRow]:
        rows = [
            row
            for row, _ in self.rows_due.values()
            if (row.channel.platform, row.channel.community) == (platform, community)
        ]
        return sorted(rows, key=lambda row: (row.at, row.kind, row.key))

    async def claim_due(
        self, kind: str, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        due = [
            row
            for row, at in self.rows_due.values()
            if row.kind == kind and row.channel.platform == platform and at <= now
        ][:limit]
        for row in due:
            self.rows_due[_key(row)] = replace(row, tries=row.tries + 1), lease_until
        return due

    async def postpone_due(self, row: DueRow, until: datetime) -> None:
        if self._is_due(row):
            stands, _ = self.rows_due[_key(row)]
            self.rows_due[_key(row)] = stands, until

    async def finish_due(self, row: DueRow, then: datetime | None = None) -> bool:
        if not self._is_due(row):
            return False
        set_by = self.rows_due[_key(row)][0].set_by
        self._set_due(NewDue(row.kind, row.key, row.channel, then, set_by))
        return True

    def _is_due(self, row: DueRow) -> bool:
        return self.rows_due.get(_key(row), (None,))[0] == row

    async def claim_dailies(
        self, claims: Sequence[Claim], now: datetime
    ) -> Mapping[int, int | None]:
        made: dict[int, int | None] = {}
        stand = self.dailies_set
        held = [
            each
            for each in claims
            if each.seen.id in stand and _stands(stand[each.seen.id], each.seen)
        ]
        for each in held:
            self.dailies_set[each.seen.id] = replace(
                each.seen,
                next_on=each.next_on,
                next_due=each.next_due,
                last_on=each.day or each.seen.last_on,
                paused=each.paused,
                pack="",
                question="",
            )
            number = self._keep_post(each.post, now, now) if each.post else None
            made[each.seen.id] = number
            if number and each.day:
                self.daily_of[number] = each.seen.id
                self.dates[number] = each.day
        return made

    async def unprepared_dailies(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        due = await self.due_dailies(platforms, until, limit)
        return [each for each in due if not each.question]

    async def prepare_dailies(self, chosen: Sequence[Daily]) -> None:
        self.dailies_set.update({each.id: each for each in chosen})

    async def group_cards(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        here = [
            each
            for each in self.accepted
            if _together(each.member, channel) and not self.rounds[each.round.id].withdrawn
        ]
        latest = {
            (each.member, each.card.question): each.card for each in here if each.round.pack == pack
        }
        return list(latest.values())

    async def missed_dailies(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        answered = {round_id for round_id, who in self.answers if who == member}
        frequented = {self.posts[each].channel.id for each in answered if each in self.posts}
        return [
            post.round
            for number in reversed(self.daily_of)
            if (post := self._post(number)).round.closed
            and post.message
            and not post.round.withdrawn
            and _together(post.channel, member)
            and post.round.opened_at >= since
            and post.channel.id in {channel, *frequented}
            and number not in answered
            and not any(
                each.member == member
                and each.card.question == post.round.question
                and each.card.reviewed_at >= post.round.opened_at
                and not self.rounds[each.round.id].withdrawn
                for each in self.accepted
            )
        ][:limit]

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        return self.channels.get(channel, ChannelSettings())

    async def set_channel(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        if everywhere:
            await self.set_community(channel.platform, channel.community, everywhere)
        if due:
            self._set_due(due)
        self.channels[channel] = settings
        for key, daily in self.dailies_set.items():
            if daily.channel == channel:
                self.dailies_set[key] = replace(daily, pack="", question="")

    async def team_standings(
        self, member: Member, board: Board, period: str, *, limit: int, offset: int
    ) -> TeamStandings:
        counted = [each for each in self._counted(member, period) if each[0].round.board == board]
        reached = []
        for team in await self.teams(member):
            active = _by_member([each for each, earned_for in counted if earned_for == team.id])
            if active:
                best = sorted(map(_place, active.values()))[:TEAM_BEST]
                members = team.members + sum(self.team_of.get(who) != team.id for who in active)
                points = score_team(-sum(less for less, _ in best), len(active), members)
                line = TeamStanding(0, team.id, team.name, points, len(active), members)
                reached.append((max(at for _, at in best), team.id, line))
        lines = rank_lines(line for *_, line in sorted(reached, key=lambda each: each[:2]))
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
            for number, (_, name) in sorted(self.team_names.items(), key=lambda t: t[1][1])
            if self._is_here(number, member)
        ]

    async def create_team(self, member: Member, name: str, team: str) -> int | None:
        if any(each.name.casefold() == team.casefold() for each in await self.teams(member)):
            return None
        number = max(self.team_names, default=0) + 1
        self.team_names[number] = (member, team)
        await self.join_team(member, name, number)
        return number

    async def join_team(self, member: Member, name: str, team: int) -> JoinOutcome:
        self.names[member] = name
        wanted = next((each for each in await self.teams(member) if each.id == team), None)
        if wanted is None:
            return JoinOutcome.UNKNOWN
        cap = await self.team_cap(member)
        if cap and wanted.members >= cap and not wanted.mine:
            return JoinOutcome.FULL
        self.team_of[member] = team
        self._remove_empty(member)
        return JoinOutcome.DONE

    async def leave_team(self, member: Member) -> bool:
        left = self.team_of.pop(member, None) is not None
        self._remove_empty(member)
        return left

    async def rename_team(self, member: Member, team: int, name: str) -> bool:
        if self._is_here(team, member):
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
        self._remove_empty(member)

    async def define_team(self, member: Member, name: str, role: str) -> None:
        known = {each.name.casefold(): each.id for each in await self.teams(member)}
        number = known.get(name.casefold()) or max(self.team_names, default=0) + 1
        self.team_names.setdefault(number, (member, name))
        for each in known.values():
            if self.team_roles.get(each) == role:
                del self.team_roles[each]
        self.team_roles[number] = role
        self._remove_empty(member)

    async def release_team(self, member: Member, team: int) -> None:
        if self._is_here(team, member):
            self.team_roles.pop(team, None)
            self._remove_empty(member)

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        if team is not None and self._is_here(team, member):
            self.names[member] = name
            self.team_of[member] = team
        elif team is None and self.team_of.get(member) in self.team_roles:
            del self.team_of[member]
        self._remove_empty(member)

    async def team_cap(self, member: Member) -> int | None:
        return self._settings(member).team_cap

    async def mates(self, member: Member, since: datetime | None = None) -> Sequence[TeamCandidate]:
        points: dict[Member, int] = {}
        if since is None:
            points = dict.fromkeys(self.names, 0)
        points |= dict.fromkeys(self.team_of, 0)
        for each in self.accepted:
            if self.rounds[each.round.id].withdrawn:
                continue
            if since is None or each.answer.answered_at >= since:
                points[each.member] = points.get(each.member, 0) + each.answer.points
        return [
            TeamCandidate(who.user, self.names[who], sum_)
            for who, sum_ in points.items()
            if _together(who, member)
        ]

    def _is_here(self, team: int, member: Member) -> bool:
        return team in self.team_names and _together(self.team_names[team][0], member)

    def _remove_empty(self, member: Member) -> None:
        kept = {*self.team_of.values(), *self.earned_for, *self.team_roles}
        self.team_names = {
            number: named
            for number, named in self.team_names.items()
            if number in kept or not self._is_here(number, member)
        }

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        seat = await self.seat(round_id, member)
        if seat is None:
            return False
        asked = seat.round
        reported = Reported(asked.pack, asked.question, asked.version, reason, now)
        self.reported.append(reported)
        return True

    async def reports(self) -> Sequence[Reported]:
        return self.reported[::-1]

    async def everything(self, member: Member) -> Mapping[str, Any] | None:
        if member not in self.names:
            return None
        return {
            "answers": [
                {
                    "points": None if self._waits(each) else each.answer.points,
                    "withdrawn": self.rounds[each.round.id].withdrawn,
                }
                for each in self.accepted
                if each.member == member
            ]
        }

    async def kept(self, key: str) -> str | None:
        return self.facts.get(key)

    async def keep(self, key: str, value: str) -> None:
        self.facts[key] = value

    def _post(self, number: int) -> Post:
        answered = sum(round_id == number for round_id, _ in self.answers)
        day, daily = self.dates.get(number), self.daily_of.get(number)
        later = [each for each, of in self.daily_of.items() if of == daily and each in self.dates]
        return replace(
            self.posts[number],
            round=self.rounds[number],
            answered=answered,
            due=number in self.due,
            asked_by=self._asked_by(number),
            outdated=bool(day) and any(self.dates[each] > day for each in later if day),
        )

    def _asked_by(self, number: int) -> str:
        if number in self.posed:
            return self.posed[number][1]
        daily = self.dailies_set.get(self.daily_of.get(number, 0))
        return daily.set_by if daily else ""

    async def offer_link(self, member: Member, name: str, code: str, until: datetime) -> None:
        raise NotImplementedError("two platforms meet in a database only")

    async def claim_link(
        self, member: Member, name: str, code: str, until: datetime, now: datetime
    ) -> tuple[LinkOutcome, Member | None, int]:
        raise NotImplementedError("two platforms meet in a database only")

    async def claimed_link(self, member: Member, now: datetime) -> LinkClaimant | None:
        raise NotImplementedError("two platforms meet in a database only")

    async def allow_link(self, member: Member, claim: int, now: datetime) -> LinkClaimant | None:
        raise NotImplementedError("two platforms meet in a database only")

    async def refuse_link(self, member: Member, claim: int) -> LinkClaimant | None:
        raise NotImplementedError("two platforms meet in a database only")

    async def linked(self, member: Member) -> Collection[str]:
        return ()

    async def unlink(self, member: Member) -> bool:
        raise NotImplementedError("two platforms meet in a database only")


def _key(row: DueRow) -> tuple[str, tuple[str, str], str]:
    return row.kind, (row.channel.platform, row.channel.community), row.key
