"""A withdrawn round: everything is as if nobody had answered it, but for streaks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import memory
from bot.engine.events import Channel, Member
from bot.engine.linking import VALID
from bot.engine.ports import Acceptance, NewPost, Post, Seat, Store
from bot.engine.rounds import Answer, Board, NewRound, Reveal
from bot.engine.standings import EVER, periods
from bot.engine.teams import Joining
from storage.store import SqlStore
from tests.databases import Databases
from tests.samples import START
from tests.stand_ins.memory_store import MemoryStore
from tests.storage.conftest import database
from tests.storage.test_boards import lines_kept

ANN, BOB = (Member("discord", "g1", user) for user in ("ann", "bob"))
SLACK = Member("slack", "T1", "ann", realm="T1")
PEOPLE = (ANN, BOB, SLACK)
STRANGER = Member("discord", "g2", "eve")
LATER = START + timedelta(hours=1)


async def pose(
    store: Store,
    who: Member = ANN,
    question: str = "q1",
    board: Board = Board.LIVE,
    reveal: Reveal = Reveal.AT_ONCE,
    channel: str = "general",
) -> Post:
    """A question that is open in a channel."""
    where = Channel(who.platform, who.community, channel)
    new = NewPost(where, "p", NewRound(question, "v1", (0, 1)), board, reveal, 3600)
    claimed = await store.claim_post(new, START, START)
    assert claimed
    confirmed = await store.confirm_post(claimed.round.id, f"m{claimed.round.id}", START)
    assert confirmed
    return confirmed


def said(seat: Seat, who: Member, credit: float, at: datetime) -> Acceptance:
    """An answer as the engine would decide about it."""
    since = (at.date() - seat.card.reviewed_at.date()).days if seat.card else 0
    return Acceptance(
        round=seat.round,
        member=who,
        name=who.user,
        day=at.date(),
        zone=None,
        periods=periods(at.date(), seat.season),
        answer=Answer((0,), credit, round(credit * 10), at),
        card=memory.review(seat.card, seat.round.question, credit, at, since),
        streak=replace(seat.streak, days=seat.streak.days + 1),
    )


async def answer(
    store: Store, round_id: int, who: Member, credit: float = 1, at: datetime = START
) -> None:
    """What a member says to a round, if that takes answers."""
    await store.accept(
        round_id,
        who,
        lambda seat: said(seat, who, credit, at) if seat and not seat.round.closed else None,
    )


# Whatever happens before, meanwhile and after.


@dataclass
class Play:
    """A store in which steps are taken; answers to some questions, by their numbers, are not
    given."""

    store: Store
    skipped: frozenset[int] = frozenset()
    posts: list[Post] = field(default_factory=list)
    days: int = 0

    async def take(self, step: Any, number: int) -> None:
        store, at = self.store, START + timedelta(days=self.days, minutes=number)
        match step:
            case ("pose", who, question, board, reveal):
                channel = f"c{len(self.posts)}"
                self.posts.append(await pose(store, who, question, board, reveal, channel))
            case ("answer", who, which, credit) if self.posts:
                if which % len(self.posts) not in self.skipped:
                    await answer(store, self._post(which).round.id, who, credit, at)
            case ("drill", who, question, credit):
                asked = [NewRound(question, "v1", (0, 1))]
                drill = await store.start_drill(who, who.user, "p", "all", asked, at)
                kept = await store.drill(drill, who)
                assert kept
                await answer(store, kept.steps[0][0].id, who, credit, at)
            case ("close", which) if self.posts:
                await store.close_post(self._post(which).round.id, at)
            case ("withdraw", which) if self.posts:
                post = self._post(which)
                await store.withdraw(post.round.id, _of(post), at, at)
            case ("team", who, name):
                teams = {team.name: team.id for team in await store.teams(who)}
                if name not in teams:
                    await store.create_team(who, who.user, name)
                else:
                    assert await store.join_team(who, who.user, teams[name]) is Joining.DONE
            case ("season", who):
                await store.start_season(who.platform, who.community, f"S{number}", at)
            case ("wait", days):
                self.days += days
            case ("link", True) if isinstance(store, SqlStore):
                code = f"CODE{number}"
                await store.offer_link(ANN, "ann", code, START + VALID)
                asked_of = await store.claim_link(SLACK, "ann", code, START + VALID, START)
                await store.allow_link(ANN, asked_of[2], START)
            case ("link", False) if isinstance(store, SqlStore):
                await store.unlink(SLACK)

    def _post(self, which: int) -> Post:
        return self.posts[which % len(self.posts)]

    async def seen(self) -> object:
        """All that depends on what was answered."""
        return [
            [(who.platform, await _record(self.store, who)) for who in PEOPLE],
            [await self.store.cards(who, "p") for who in PEOPLE],
            [
                {mate.user: mate.points for mate in await self.store.mates(who) if mate.points}
                for who in PEOPLE
            ],
            [
                await _boards(self.store, who, board, period)
                for who in (ANN, SLACK)
                for board in Board
                for period in (EVER, (START + timedelta(days=self.days)).date().isoformat())
            ],
            await lines_kept(self.store) if isinstance(self.store, SqlStore) else None,
        ]


def _of(post: Post) -> Member:
    """Somebody in the post's community."""
    return Member(post.channel.platform, post.channel.community, "admin")


async def _record(store: Store, who: Member) -> object:
    record = await store.record(who)
    return record.points, record.right, record.answered, record.waiting


async def _boards(store: Store, who: Member, board: Board, period: str) -> object:
    now = START
    page = await store.standings(who, board, period, now=now, zone="UTC", limit=9, offset=0)
    teams = await store.team_standings(who, board, period, limit=9, offset=0)
    return [replace(line, streak=0) for line in page.lines], teams


def withdrawn_in(steps: Sequence[Any]) -> frozenset[int]:
    """Numbers of the questions that are withdrawn."""
    posed, withdrawn = 0, set[int]()
    for step in steps:
        posed += step[0] == "pose"
        if step[0] == "withdraw" and posed:
            withdrawn.add(step[1] % posed)
    return frozenset(withdrawn)


who, which = st.sampled_from(PEOPLE), st.integers(0, 5)
question, credit = st.sampled_from(["q1", "q2"]), st.sampled_from([0, 0.5, 1])
POSES = st.tuples(
    st.just("pose"),
    who,
    question,
    st.sampled_from([Board.LIVE, Board.DAILY]),
    st.sampled_from(Reveal),
)
ANSWERS = st.tuples(st.just("answer"), who, which, credit)
STEPS = st.one_of(
    POSES,
    ANSWERS,
    ANSWERS,
    ANSWERS,
    st.tuples(st.just("drill"), who, question, credit),
    st.tuples(st.just("close"), which),
    st.tuples(st.just("withdraw"), which),
    st.tuples(st.just("team"), who, st.sampled_from(["Owls", "Larks"])),
    st.tuples(st.just("season"), st.sampled_from([ANN, SLACK])),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 40])),
    st.tuples(st.just("link"), st.booleans()),
)
SCENARIOS = st.tuples(
    st.lists(POSES, min_size=1, max_size=3),
    st.lists(STEPS, max_size=6),
    st.lists(st.tuples(st.just("answer"), who, st.just(0), credit), min_size=2, max_size=6),
    st.lists(STEPS, max_size=12),
    st.just([("withdraw", 0)]),
    st.lists(STEPS, max_size=4),
).map(lambda parts: [step for part in parts for step in part])


async def _same_as_never_answered(one: Store, other: Store, steps: Sequence[Any]) -> None:
    plays = Play(one), Play(other, withdrawn_in(steps))
    for play in plays:
        for number, step in enumerate(steps):
            await play.take(step, number)
    assert await plays[0].seen() == await plays[1].seen()


@given(SCENARIOS)
@settings(max_examples=10, deadline=None)
def test_everything_is_as_if_nobody_had_answered_withdrawn_rounds(
    databases: Databases, steps: Sequence[Any]
) -> None:
    async def scenario(one: str, other: str) -> None:
        async with database(one) as first, database(other) as second:
            await _same_as_never_answered(first, second, steps)

    with databases.new() as one, databases.new() as other:
        asyncio.run(scenario(one, other))


@given(SCENARIOS)
@settings(max_examples=200, deadline=None)
def test_it_is_so_in_memory_too(steps: Sequence[Any]) -> None:
    asyncio.run(_same_as_never_answered(MemoryStore(), MemoryStore(), steps))
