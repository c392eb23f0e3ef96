"""A Store in memory, so that the engine is tested without I/O.

The storage tests hold it and the real one to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from bot.engine.events import Channel, Member
from bot.engine.memory import Card
from bot.engine.ports import Acceptance, Claim, Daily, Drill, Given, NewPost, Post, Seat
from bot.engine.rounds import Answer, Asked, Board, NewRound, Round
from bot.engine.schedules import Schedule
from tests.stand_ins.memory_store.boards import Boards
from tests.stand_ins.memory_store.communities import Communities
from tests.stand_ins.memory_store.due import DueRows
from tests.stand_ins.memory_store.linking import Linking
from tests.stand_ins.memory_store.players import Players
from tests.stand_ins.memory_store.reports import Reports
from tests.stand_ins.memory_store.settings import InstallationSettings
from tests.stand_ins.memory_store.state import State, one_player, together
from tests.stand_ins.memory_store.teams import Teams

T = TypeVar("T")


def _stands(daily: Daily, seen: Daily) -> bool:
    return (daily.next_on, daily.next_due, daily.last_on) == (
        seen.next_on,
        seen.next_due,
        seen.last_on,
    )


class MemoryStore:
    def __init__(self) -> None:
        self.state = State()
        self.communities = Communities(self.state)
        self.due = DueRows(self.state)
        self.linking = Linking()
        self.players = Players(self.state)
        self.reports = Reports(self.state)
        self.settings = InstallationSettings(self.state)
        self.teams = Teams(self.state)
        self.boards = Boards(self.state, self.players, self.teams)

    async def start_drill(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        drill = len(self.state.drills) + 1
        self.state.drills[drill] = (member, pack, scope)
        self.state.names[member] = name
        for step, new in enumerate(rounds, 1):
            number = len(self.state.rounds) + 1
            self.state.rounds[number] = Round(
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
        round_ = self.state.rounds.get(round_id)
        if round_ is None or not self.state.is_theirs(round_, member):
            return None
        cards = await self.cards(member, round_.pack)
        record = await self.players.totals(member)
        answer = self.state.answers.get((round_id, member))
        season = self.state.settings_of(member).season
        card = cards.get(round_.question)
        running = season.id if season else None
        return Seat(round_, answer, card, record.streak, record.zones, running)

    async def accept(
        self, round_id: int, member: Member, decide: Callable[[Seat | None], Acceptance | T]
    ) -> tuple[Acceptance, Answer] | T:
        key = round_id, member
        seat = await self.seat(round_id, member)
        if seat:
            question = seat.round.pack, seat.round.question
            counted = [
                each.answer.answered_at
                for each in self.state.accepted
                if each.member == member
                and (each.round.pack, each.round.question) == question
                and (each.answer.points or not each.answer.credit)
            ]
            gone = key in self.state.withdrawn
            seat = replace(seat, withdrawn=gone, last_counted=lambda: max(counted, default=None))
        decided = decide(seat)
        if not isinstance(decided, Acceptance):
            return decided
        if key not in self.state.answers:
            self.state.answers[key] = decided.answer
            self.state.accepted.append(decided)
            self.state.earned_for.append(self.state.team_of.get(member, 0))
            self.state.names[member] = decided.name
        return decided, self.state.answers[key]

    async def drill(self, drill: int, member: Member) -> Drill | None:
        if drill not in self.state.drills or self.state.drills[drill][0] != member:
            return None
        _, pack, scope = self.state.drills[drill]
        rounds = [each for each in self.state.rounds.values() if each.drill == drill]
        steps = tuple((each, self.state.answers.get((each.id, member))) for each in rounds)
        return Drill(drill, pack, scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        mine = (
            each
            for each in self.state.told
            if one_player(each.member, member) and each.round.pack == pack
        )
        return {each.card.question: each.card for each in mine}

    async def claim_post(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        if new.board is Board.LIVE and await self.live_post(new.channel):
            return None
        number = self._keep_post(new, now, lease_until)
        post = self.state.post(number)
        self.state.posts[number] = replace(self.state.posts[number], tries=1)
        return post

    def _keep_post(self, new: NewPost, now: datetime, due: datetime) -> int:
        number = len(self.state.rounds) + 1
        self.state.rounds[number] = Round(
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
        self.state.posts[number] = Post(
            self.state.rounds[number], new.channel, new.seconds, None, 0, new.mention, new.intro
        )
        self.state.due[number] = due
        if new.posed_by:
            self.state.posed[number] = new.channel, new.posed_by
        for key, daily in self.state.dailies_set.items():
            if daily.channel == new.channel:
                self.state.dailies_set[key] = replace(daily, pack="", question="")
        return number

    async def confirm_post(self, round_id: int, message: str, now: datetime) -> Post | None:
        post = self.state.posts[round_id]
        if post.message or self.state.rounds[round_id].closed:
            return None
        closes = self.state.rounds[round_id].closes_at or now + timedelta(seconds=post.seconds)
        self.state.rounds[round_id] = replace(
            self.state.rounds[round_id], opened_at=now, closes_at=closes
        )
        self.state.posts[round_id] = replace(post, message=message, tries=0)
        self.state.due[round_id] = closes
        return self.state.post(round_id)

    async def live_post(self, channel: Channel) -> Post | None:
        for number, post in self.state.posts.items():
            round_ = self.state.rounds[number]
            live = round_.board is Board.LIVE and not round_.closed
            if post.channel == channel and live:
                return self.state.post(number)
        return None

    async def due_posts(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        waiting = [number for number, post in self.state.posts.items() if not post.message]
        return self._lent(waiting, platform, now, lease_until, limit)

    async def due_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        over = [number for number, post in self.state.posts.items() if post.message]
        posts = self._lent(over, platform, now, lease_until, limit)
        for post in posts:
            self._close(post.round.id)
        return [replace(self.state.post(post.round.id), tries=post.tries) for post in posts]

    def _lent(
        self, numbers: Sequence[int], platform: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[Post]:
        due = [
            number
            for number in numbers
            if number in self.state.due
            and self.state.due[number] <= now
            and self.state.posts[number].channel.platform == platform
        ][:limit]
        self.state.due.update(dict.fromkeys(due, until))
        posts = [self.state.post(number) for number in due]
        for post in posts:
            self.state.posts[post.round.id] = replace(
                self.state.posts[post.round.id], tries=post.tries + 1
            )
        return posts

    async def changed_posts(self, platforms: Collection[str]) -> Sequence[Post]:
        posts = [
            self.state.post(number)
            for number in self.state.posts
            if self.state.posts[number].message and not self.state.rounds[number].closed
        ]
        changed = [
            post for post in posts if self.state.shown.get(post.round.id, 0) != post.answered
        ]
        self.state.shown.update({post.round.id: post.answered for post in changed})
        return changed

    async def hurry_post(self, round_id: int, community: Member, now: datetime) -> bool:
        post = self.state.posts.get(round_id)
        if post is None or not together(post.channel, community):
            return False
        if self.state.rounds[round_id].closed or not post.message:
            return False
        self.state.due[round_id] = now
        self.state.rounds[round_id] = replace(self.state.rounds[round_id], closes_at=now)
        return True

    async def finish_post(self, round_id: int, trouble: str = "") -> None:
        self.state.due.pop(round_id, None)
        self.state.posts[round_id] = replace(self.state.posts[round_id], trouble=trouble)

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        self.state.posts[round_id] = replace(self.state.posts[round_id], trouble=trouble)

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        for number, post in self.state.posts.items():
            where = post.channel.platform, post.channel.community
            waits = self.state.rounds[number].closed and number in self.state.due
            if where == (platform, community) and waits:
                self.state.due[number] = now

    async def close_post(self, round_id: int, now: datetime) -> None:
        self.state.due.pop(round_id, None)
        self._close(round_id)

    def _close(self, round_id: int) -> None:
        self.state.rounds[round_id] = replace(self.state.rounds[round_id], closed=True)
        daily = self.state.dailies_set.get(self.state.daily_of.get(round_id, 0))
        if daily and not self.state.posts[round_id].message:
            self.state.dates.pop(round_id, None)
            asked = [
                day
                for each, day in self.state.dates.items()
                if self.state.daily_of[each] == daily.id
            ]
            self.state.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))

    async def refuse_post(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        await self.close_post(round_id, now)
        daily = self.state.dailies_set.get(self.state.daily_of.get(round_id, 0))
        if daily is None:
            return None
        paused = replace(daily, paused=reason, next_on=None, next_due=None)
        self.state.dailies_set[daily.id] = paused
        return None if daily.paused else paused

    async def postpone_post(self, round_id: int, until: datetime) -> None:
        waits = not self.state.posts[round_id].message or self.state.rounds[round_id].closed
        if round_id in self.state.due and waits:
            self.state.due[round_id] = until

    async def post(self, round_id: int) -> Post | None:
        return self.state.post(round_id) if round_id in self.state.posts else None

    async def abandon_posts(
        self, platform: str, community: str, reason: str, now: datetime
    ) -> None:
        for number, post in self.state.posts.items():
            where = post.channel.platform, post.channel.community
            if where != (platform, community) or self.state.rounds[number].closed:
                continue
            self._close(number)
            self.state.due[number] = now + timedelta(hours=1)
            if not post.message:
                del self.state.due[number]
            self.state.posts[number] = replace(self.state.posts[number], trouble=reason)
        for key, daily in self.state.dailies_set.items():
            if (daily.channel.platform, daily.channel.community) == (platform, community):
                paused = replace(daily, paused=reason, next_on=None, next_due=None)
                self.state.dailies_set[key] = paused

    async def givens(self, round_id: int) -> Sequence[Given]:
        return [
            Given(
                each.member.user,
                each.name,
                each.answer,
                each.streak.days,
                each.member in self.state.hidden,
            )
            for each in self.state.accepted
            if each.round.id == round_id
        ]

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        mine = [member, *(who for who in self.state.names if one_player(who, member))]
        return {
            self.state.rounds[number].question
            for number in self.state.posts
            if not self.state.rounds[number].closed
            and self.state.rounds[number].pack == pack
            and any(together(self.state.posts[number].channel, who) for who in mine)
        }

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[Asked]:
        return [
            Asked(post.round.question, post.round.board, post.round.opened_at)
            for post in self.state.posts.values()
            if post.channel == channel
            and post.round.pack == pack
            and (post.message or not self.state.rounds[post.round.id].closed)
        ]

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        return [
            self.state.rounds[number].opened_at
            for number, (channel, user) in self.state.posed.items()
            if (channel.platform, channel.community, user)
            == (member.platform, member.community, member.user)
            and self.state.rounds[number].opened_at > since
            and (self.state.posts[number].message or not self.state.rounds[number].closed)
        ]

    async def has_posed(self, round_id: int, member: Member) -> bool:
        channel, user = self.state.posed.get(round_id, (None, ""))
        return channel is not None and together(channel, member) and user == member.user

    async def daily(self, channel: Channel) -> Daily | None:
        return next(
            (each for each in self.state.dailies_set.values() if each.channel == channel), None
        )

    async def propose_daily(
        self, channel: Channel, user: str, schedule: Schedule
    ) -> tuple[int, int]:
        before = await self.daily(channel)
        key = next(
            (key for key, (_, each) in self.state.proposals.items() if each.channel == channel),
            len(self.state.proposals) + 1,
        )
        number = self.state.proposals[key][0] + 1 if key in self.state.proposals else 1
        removed = self.state.proposals[key][1] if key in self.state.proposals else None
        fresh = before or removed or Daily(key, channel, schedule, user)
        self.state.proposals[key] = (number, replace(fresh, schedule=schedule))
        return key, number

    async def proposed_daily(self, daily: int, number: int, community: Member) -> Daily | None:
        last, proposed = self.state.proposals.get(daily, (0, None))
        if proposed is None or last != number:
            return None
        if not together(proposed.channel, community):
            return None
        return replace(self.state.dailies_set.get(daily, proposed), schedule=proposed.schedule)

    async def save_daily(self, number: int, seen: Daily, saved: Daily) -> bool:
        before = self.state.dailies_set.get(seen.id, seen)
        if self.state.proposals[seen.id][0] != number or not _stands(before, seen):
            return False
        self.state.proposals[seen.id] = (number + 1, saved)
        self.state.dailies_set[seen.id] = replace(saved, pack="", question="")
        return True

    async def change_daily(self, seen: Daily, changed: Daily) -> bool:
        stands = self.state.dailies_set.get(seen.id)
        if stands is None or replace(stands, pack="", question="") != replace(
            seen, pack="", question=""
        ):
            return False
        self.state.dailies_set[seen.id] = changed
        return True

    async def remove_daily(self, channel: Channel) -> bool:
        daily = await self.daily(channel)
        if daily is None:
            return False
        del self.state.dailies_set[daily.id]
        number, _ = self.state.proposals[daily.id]
        gone = Daily(daily.id, channel, daily.schedule, "", last_on=daily.last_on)
        self.state.proposals[daily.id] = (number + 1, gone)
        return True

    async def dailies(self, after: int, limit: int) -> Sequence[Daily]:
        running = [
            each for each in self.state.dailies_set.values() if each.next_on and each.id > after
        ]
        return sorted(running, key=lambda each: each.id)[:limit]

    async def due_dailies(
        self, platforms: Collection[str], now: datetime, limit: int
    ) -> Sequence[Daily]:
        running = (
            each for each in self.state.dailies_set.values() if each.channel.platform in platforms
        )
        return [each for each in running if each.next_due and each.next_due <= now][:limit]

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        future = [
            each for each in self.state.dailies_set.values() if (each.last_on or latest) > latest
        ]
        self.state.dates = {
            number: day for number, day in self.state.dates.items() if day <= latest
        }
        for daily in future:
            asked = [
                day
                for each, day in self.state.dates.items()
                if self.state.daily_of[each] == daily.id
            ]
            self.state.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))
        return [each.id for each in future]

    async def claim_dailies(
        self, claims: Sequence[Claim], now: datetime
    ) -> Mapping[int, int | None]:
        made: dict[int, int | None] = {}
        stand = self.state.dailies_set
        held = [
            each
            for each in claims
            if each.seen.id in stand and _stands(stand[each.seen.id], each.seen)
        ]
        for each in held:
            self.state.dailies_set[each.seen.id] = replace(
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
                self.state.daily_of[number] = each.seen.id
                self.state.dates[number] = each.day
        return made

    async def unprepared_dailies(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        due = await self.due_dailies(platforms, until, limit)
        return [each for each in due if not each.question]

    async def prepare_dailies(self, chosen: Sequence[Daily]) -> None:
        self.state.dailies_set.update({each.id: each for each in chosen})

    async def group_cards(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        here = [each for each in self.state.accepted if together(each.member, channel)]
        latest = {
            (each.member, each.card.question): each.card for each in here if each.round.pack == pack
        }
        return list(latest.values())

    async def missed_dailies(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        answered = {round_id for round_id, who in self.state.answers if who == member}
        frequented = {
            self.state.posts[each].channel.id for each in answered if each in self.state.posts
        }
        return [
            post.round
            for number in reversed(self.state.daily_of)
            if (post := self.state.post(number)).round.closed
            and post.message
            and together(post.channel, member)
            and post.round.opened_at >= since
            and post.channel.id in {channel, *frequented}
            and number not in answered
            and not any(
                each.member == member
                and each.card.question == post.round.question
                and each.card.reviewed_at >= post.round.opened_at
                for each in self.state.accepted
            )
        ][:limit]
