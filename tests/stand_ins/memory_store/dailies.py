from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.engine.dailies import Daily, DailyClaim, PastDaily
from bot.engine.events import Channel, Member
from bot.engine.rounds import Round
from bot.engine.schedules import Schedule
from tests.stand_ins.memory_store.posts import Posts
from tests.stand_ins.memory_store.state import State, same_community


class Dailies:
    def __init__(self, state: State, posts: Posts) -> None:
        self._state = state
        self._posts = posts

    async def of(self, channel: Channel) -> Daily | None:
        return next(
            (each for each in self._state.dailies_set.values() if each.channel == channel), None
        )

    async def propose(self, channel: Channel, user: str, schedule: Schedule) -> tuple[int, int]:
        before = await self.of(channel)
        key = next(
            (key for key, (_, each) in self._state.proposals.items() if each.channel == channel),
            len(self._state.proposals) + 1,
        )
        number = self._state.proposals[key][0] + 1 if key in self._state.proposals else 1
        removed = self._state.proposals[key][1] if key in self._state.proposals else None
        fresh = before or removed or Daily(key, channel, schedule, user)
        self._state.proposals[key] = (number, replace(fresh, schedule=schedule))
        return key, number

    async def proposal(self, daily: int, number: int, community: Member) -> Daily | None:
        last, proposed = self._state.proposals.get(daily, (0, None))
        if proposed is None or last != number:
            return None
        if not same_community(proposed.channel, community):
            return None
        return replace(self._state.dailies_set.get(daily, proposed), schedule=proposed.schedule)

    async def save(self, number: int, seen: Daily, saved: Daily) -> bool:
        before = self._state.dailies_set.get(seen.id, seen)
        if self._state.proposals[seen.id][0] != number or not _matches(before, seen):
            return False
        self._state.proposals[seen.id] = (number + 1, saved)
        self._state.dailies_set[seen.id] = replace(saved, pack="", question="")
        return True

    async def change(self, seen: Daily, changed: Daily) -> bool:
        current = self._state.dailies_set.get(seen.id)
        if current is None or replace(current, pack="", question="") != replace(
            seen, pack="", question=""
        ):
            return False
        self._state.dailies_set[seen.id] = changed
        return True

    async def remove(self, channel: Channel) -> bool:
        daily = await self.of(channel)
        if daily is None:
            return False
        del self._state.dailies_set[daily.id]
        number, _ = self._state.proposals[daily.id]
        removed = Daily(daily.id, channel, daily.schedule, "", last_on=daily.last_on)
        self._state.proposals[daily.id] = (number + 1, removed)
        return True

    async def running(self, after: int, limit: int) -> Sequence[Daily]:
        running = [
            each for each in self._state.dailies_set.values() if each.next_on and each.id > after
        ]
        return sorted(running, key=lambda each: each.id)[:limit]

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        future = [
            each for each in self._state.dailies_set.values() if (each.last_on or latest) > latest
        ]
        self._state.dates = {
            number: day for number, day in self._state.dates.items() if day <= latest
        }
        for daily in future:
            asked = [
                day
                for each, day in self._state.dates.items()
                if self._state.daily_of[each] == daily.id
            ]
            self._state.dailies_set[daily.id] = replace(daily, last_on=max(asked, default=None))
        return [each.id for each in future]

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[Daily]:
        running = (
            each for each in self._state.dailies_set.values() if each.channel.platform in platforms
        )
        return [each for each in running if each.next_due and each.next_due <= now][:limit]

    async def claim(self, claims: Sequence[DailyClaim], now: datetime) -> Mapping[int, int | None]:
        made: dict[int, int | None] = {}
        current = self._state.dailies_set
        valid = [
            each
            for each in claims
            if each.seen.id in current and _matches(current[each.seen.id], each.seen)
        ]
        for each in valid:
            self._state.dailies_set[each.seen.id] = replace(
                each.seen,
                next_on=each.next_on,
                next_due=each.next_due,
                last_on=each.day or each.seen.last_on,
                paused=each.paused,
                pack="",
                question="",
            )
            number = self._posts.add(each.post, now, now) if each.post else None
            made[each.seen.id] = number
            if number and each.day:
                self._state.daily_of[number] = each.seen.id
                self._state.dates[number] = each.day
        return made

    async def unprepared(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        due = await self.due(platforms, until, limit)
        return [each for each in due if not each.question]

    async def prepare(self, chosen: Sequence[Daily]) -> None:
        self._state.dailies_set.update({each.id: each for each in chosen})

    async def known_to(self, member: Member) -> Sequence[Daily]:
        known = self._state.known_channels(member)
        dailies = [
            each
            for each in self._state.dailies_set.values()
            if same_community(each.channel, member) and each.channel.id in known
        ]
        return sorted(
            dailies, key=lambda each: (each.next_due is None, str(each.next_due), each.id)
        )

    async def before(self, round_id: int, now: datetime) -> PastDaily | None:
        state = self._state
        daily, day = state.daily_of.get(round_id), state.dates.get(round_id)
        earlier = [
            (each, number)
            for number, each in state.dates.items()
            if state.daily_of[number] == daily and day and each < day
        ]
        if not earlier:
            return None
        _, number = max(earlier)
        post, closes = state.post(number), state.rounds[number].closes_at
        over = state.rounds[number].closed or (closes and closes <= now)
        if not over or not post.answered or post.message is None or post.round.withdrawn:
            return None
        answers = (answer for (each, _), answer in state.answers.items() if each == number)
        return PastDaily(post.message, post.answered, sum(each.right for each in answers))

    async def missed(
        self, member: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        answered = {round_id for round_id, who in self._state.answers if who == member}
        return [
            post.round
            for number in reversed(self._state.daily_of)
            if (post := self._state.post(number)).round.closed
            and post.message
            and not post.round.withdrawn
            and same_community(post.channel, member)
            and post.round.opened_at >= since
            and post.channel.id in {channel, *self._state.known_channels(member)}
            and number not in answered
            and not any(
                each.member == member
                and each.card.question == post.round.question
                and each.card.reviewed_at >= post.round.opened_at
                and not self._state.rounds[each.round.id].withdrawn
                for each in self._state.accepted
            )
        ][:limit]


def _matches(daily: Daily, seen: Daily) -> bool:
    return (daily.next_on, daily.next_due, daily.last_on) == (
        seen.next_on,
        seen.next_due,
        seen.last_on,
    )
