from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.dailies import Daily
from bot.engine.events import Channel, Member
from bot.engine.linking import rebuild_cards
from bot.engine.posts import Post
from bot.engine.rounds import AskedQuestion, Board, NewPost, Round
from tests.stand_ins.memory_store.cards import to_past
from tests.stand_ins.memory_store.due import DueRows
from tests.stand_ins.memory_store.state import State, player_key, same_community, same_player


class Posts:
    def __init__(self, state: State, due: DueRows) -> None:
        self._state = state
        self._due = due

    async def claim(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        if new.board is Board.LIVE and await self.live_in(new.channel):
            return None
        number = self.add(new, now, lease_until)
        post = self._state.post(number)
        self._state.posts[number] = replace(self._state.posts[number], tries=1)
        return post

    async def confirm(self, round_id: int, message: str, now: datetime) -> Post | None:
        post = self._state.posts[round_id]
        if post.message or self._state.rounds[round_id].closed:
            return None
        closes = self._state.rounds[round_id].closes_at or now + timedelta(seconds=post.seconds)
        self._state.rounds[round_id] = replace(
            self._state.rounds[round_id], opened_at=now, closes_at=closes
        )
        self._state.posts[round_id] = replace(post, message=message, tries=0)
        self._state.due[round_id] = closes
        return self._state.post(round_id)

    async def live_in(self, channel: Channel) -> Post | None:
        for number, post in self._state.posts.items():
            round_ = self._state.rounds[number]
            live = round_.board is Board.LIVE and not round_.closed
            if post.channel == channel and live:
                return self._state.post(number)
        return None

    async def claim_due(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        waiting = [number for number, post in self._state.posts.items() if not post.message]
        return self._lease(waiting, platform, now, lease_until, limit)

    async def claim_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        over = [number for number, post in self._state.posts.items() if post.message]
        posts = self._lease(over, platform, now, lease_until, limit)
        for post in posts:
            self._close(post.round.id)
        return [replace(self._state.post(post.round.id), tries=post.tries) for post in posts]

    async def claim_changed(self, platforms: Collection[str]) -> Sequence[Post]:
        posts = [
            self._state.post(number)
            for number in self._state.posts
            if self._state.posts[number].message and not self._state.rounds[number].closed
        ]
        changed = [
            post for post in posts if self._state.displayed.get(post.round.id, 0) != post.answered
        ]
        self._state.displayed.update({post.round.id: post.answered for post in changed})
        return changed

    async def close_early(self, round_id: int, community: Member, now: datetime) -> bool:
        post = self._state.posts.get(round_id)
        if post is None or not same_community(post.channel, community):
            return False
        if self._state.rounds[round_id].closed or not post.message:
            return False
        self._state.due[round_id] = now
        self._state.rounds[round_id] = replace(self._state.rounds[round_id], closes_at=now)
        return True

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        for number, post in self._state.posts.items():
            where = post.channel.platform, post.channel.community
            is_waiting = self._state.rounds[number].closed and number in self._state.due
            if where == (platform, community) and is_waiting:
                self._state.due[number] = now

    async def finish(self, round_id: int, message: str | None, trouble: str = "") -> None:
        self._state.due.pop(round_id, None)
        post = self._state.posts[round_id]
        message = message or post.message
        self._state.posts[round_id] = replace(post, message=message, trouble=trouble)

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        self._state.posts[round_id] = replace(self._state.posts[round_id], trouble=trouble)

    async def give_up(self, round_id: int, now: datetime) -> None:
        self._state.due.pop(round_id, None)
        self._close(round_id)

    async def fail(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        await self.give_up(round_id, now)
        daily = self._state.dailies_set.get(self._state.daily_of.get(round_id, 0))
        if daily is None:
            return None
        paused = replace(daily, paused=reason, next_on=None, next_due=None)
        self._state.dailies_set[daily.id] = paused
        return None if daily.paused else paused

    async def postpone(self, round_id: int, until: datetime) -> None:
        is_waiting = not self._state.posts[round_id].message or self._state.rounds[round_id].closed
        if round_id in self._state.due and is_waiting:
            self._state.due[round_id] = until

    async def get(self, round_id: int) -> Post | None:
        return self._state.post(round_id) if round_id in self._state.posts else None

    async def in_community(self, round_id: int, community: Member) -> Post | None:
        post = self._state.posts.get(round_id)
        known = post is not None and post.message and same_community(post.channel, community)
        return self._state.post(round_id) if known else None

    async def last_in(self, channel: Channel, limit: int) -> Sequence[Post]:
        here = [
            self._state.post(number)
            for number, post in self._state.posts.items()
            if post.channel == channel and post.message and not self._state.rounds[number].withdrawn
        ]
        return here[::-1][:limit]

    async def withdraw(
        self, round_id: int, community: Member, now: datetime, show_at: datetime
    ) -> bool:
        post = await self.in_community(round_id, community)
        if post is None or post.round.withdrawn:
            return False
        await self.give_up(round_id, now)
        await self._due.set("withdrawn", str(round_id), post.channel, show_at)
        state = self._state
        closes = min(post.round.closes_at or now, now)
        state.rounds[round_id] = replace(state.rounds[round_id], withdrawn=True, closes_at=closes)
        question = post.round.pack, post.round.question
        for who in {
            player_key(each.member) for each in state.accepted if each.round.id == round_id
        }:
            answers = [
                number
                for number, each in enumerate(state.accepted)
                if player_key(each.member) == who
                and (each.round.pack, each.round.question) == question
                and not state.rounds[each.round.id].withdrawn
                and not state.awaits_reveal(each)
            ]
            past = (to_past(each) for each in map(state.accepted.__getitem__, answers))
            for _, card in rebuild_cards(past):
                state.accepted[answers[-1]] = replace(state.accepted[answers[-1]], card=card)
        return True

    async def abandon(self, platform: str, community: str, reason: str, now: datetime) -> None:
        for number, post in self._state.posts.items():
            where = post.channel.platform, post.channel.community
            if where != (platform, community) or self._state.rounds[number].closed:
                continue
            self._close(number)
            self._state.due[number] = now + timedelta(hours=1)
            if not post.message:
                del self._state.due[number]
            self._state.posts[number] = replace(self._state.posts[number], trouble=reason)
        for key, daily in self._state.dailies_set.items():
            if (daily.channel.platform, daily.channel.community) == (platform, community):
                paused = replace(daily, paused=reason, next_on=None, next_due=None)
                self._state.dailies_set[key] = paused
        for channel, settings in self._state.channels.items():
            if (channel.platform, channel.community) == (platform, community):
                self._state.channels[channel] = replace(settings, weekly=None)
        self._state.rows_due = {
            its: due
            for its, due in self._state.rows_due.items()
            if its[:2] != ("weekly", (platform, community))
        }

    async def open_questions(self, member: Member, pack: str) -> Collection[str]:
        mine = [member, *(who for who in self._state.names if same_player(who, member))]
        return {
            self._state.rounds[number].question
            for number in self._state.posts
            if not self._state.rounds[number].closed
            and self._state.rounds[number].pack == pack
            and any(same_community(self._state.posts[number].channel, who) for who in mine)
        }

    async def unanswered(self, member: Member, now: datetime) -> Sequence[Post]:
        known = self._state.known_channels(member)
        open_ = [
            post
            for post in map(self._state.post, self._state.posts)
            if post.message
            and post.round.is_open(now)
            and same_community(post.channel, member)
            and post.channel.id in known
            and (post.round.id, member) not in self._state.answers
        ]
        return sorted(open_, key=lambda post: (post.round.closes_at or now, post.round.id))

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        return [
            AskedQuestion(post.round.question, post.round.board, post.round.opened_at)
            for post in self._state.posts.values()
            if post.channel == channel
            and post.round.pack == pack
            and (post.message or not self._state.rounds[post.round.id].closed)
        ]

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        return [
            self._state.rounds[number].opened_at
            for number, (channel, user) in self._state.posed.items()
            if (channel.platform, channel.community, user)
            == (member.platform, member.community, member.user)
            and self._state.rounds[number].opened_at > since
            and (self._state.posts[number].message or not self._state.rounds[number].closed)
        ]

    async def is_posed_by(self, round_id: int, member: Member) -> bool:
        channel, user = self._state.posed.get(round_id, (None, ""))
        return channel is not None and same_community(channel, member) and user == member.user

    def add(self, new: NewPost, now: datetime, due: datetime) -> int:
        number = len(self._state.rounds) + 1
        self._state.rounds[number] = Round(
            id=number,
            pack=new.pack,
            question=new.round.question,
            version=new.round.version,
            layout=new.round.layout,
            document=new.round.document,
            opened_at=now,
            closes_at=new.closes_at,
            board=new.board,
            reveal=new.reveal,
        )
        self._state.keep_question(number)
        self._state.posts[number] = Post(
            self._state.rounds[number], new.channel, new.seconds, None, 0, new.mention, new.intro
        )
        self._state.due[number] = due
        if new.posed_by:
            self._state.posed[number] = new.channel, new.posed_by
        for key, daily in self._state.dailies_set.items():
            if daily.channel == new.channel:
                self._state.dailies_set[key] = replace(daily, pack="", question="")
        return number

    def _lease(
        self, numbers: Sequence[int], platform: str, now: datetime, until: datetime, limit: int
    ) -> Sequence[Post]:
        due = [
            number
            for number in numbers
            if number in self._state.due
            and self._state.due[number] <= now
            and self._state.posts[number].channel.platform == platform
        ][:limit]
        self._state.due.update(dict.fromkeys(due, until))
        posts = [self._state.post(number) for number in due]
        for post in posts:
            self._state.posts[post.round.id] = replace(
                self._state.posts[post.round.id], tries=post.tries + 1
            )
        return posts

    def _close(self, round_id: int) -> None:
        self._state.rounds[round_id] = replace(self._state.rounds[round_id], closed=True)
        daily = self._state.dailies_set.get(self._state.daily_of.get(round_id, 0))
        if daily and not self._state.posts[round_id].message:
            self._state.dates.pop(round_id, None)
            asked = [
                day
                for each, day in self._state.dates.items()
                if self._state.daily_of[each] == daily.id
            ]
            self._state.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))
