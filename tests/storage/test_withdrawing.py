"""Withdrawn rounds: everything is as if nobody had answered them, except streaks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.engine import memory
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.communities import CommunitySettings
from bot.engine.events import Channel, Member
from bot.engine.linking import CODE_LIFETIME
from bot.engine.ports import Store
from bot.engine.posts import Post
from bot.engine.rounds import Answer, Board, NewPost, NewRound, Reveal
from bot.engine.standings import ALL_TIME, RankBy, Standing, TeamStandings, list_periods
from bot.engine.teams import JoinOutcome
from storage.store import SqlStore
from tests.databases import Databases
from tests.samples import START
from tests.stand_ins.memory_store import MemoryStore
from tests.storage.conftest import database
from tests.storage.steps import accept
from tests.storage.test_boards import stored_lines

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
    """Open a round in a channel."""
    where = Channel(who.platform, who.community, channel)
    new = NewPost(where, "p", NewRound(question, "v1", (0, 1)), board, reveal, 3600)
    claimed = await store.posts.claim(new, START, START)
    assert claimed
    confirmed = await store.posts.confirm(claimed.round.id, f"m{claimed.round.id}", START)
    assert confirmed
    return confirmed


def accepted_answer(view: RoundView, who: Member, credit: float, at: datetime) -> AcceptedAnswer:
    """An answer as the engine would accept it."""
    since = (at.date() - view.card.reviewed_at.date()).days if view.card else 0
    return AcceptedAnswer(
        round=view.round,
        member=who,
        name=who.user,
        day=at.date(),
        zone=None,
        periods=list_periods(at.date(), view.season),
        answer=Answer((0,), credit, round(credit * 10), at),
        card=memory.review(view.card, view.round.question, credit, at, since),
        streak=replace(view.streak, days=view.streak.days + 1),
    )


async def answer(
    store: Store, round_id: int, who: Member, credit: float = 1, at: datetime = START
) -> None:
    """Answer a round, if it's open."""
    await store.answers.accept(
        round_id,
        who,
        lambda view: (
            accepted_answer(view, who, credit, at) if view and not view.round.closed else None
        ),
    )


# Random steps before, during and after.


@dataclass
class Play:
    """A store to take steps in, without the answers to some questions, given by number."""

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
                drill = await store.drills.start(who, who.user, "p", "all", asked, at)
                kept = await store.drills.get(drill, who)
                assert kept
                await answer(store, kept.steps[0][0].id, who, credit, at)
            case ("close", which) if self.posts:
                await store.posts.give_up(self._post(which).round.id, at)
            case ("withdraw", which) if self.posts:
                post = self._post(which)
                await store.posts.withdraw(post.round.id, _of(post), at, at)
            case ("wait", days):
                self.days += days
            case _:
                await self._change(step, number)

    async def _change(self, step: Any, number: int) -> None:
        """Teams, seasons and links."""
        store, at = self.store, START + timedelta(days=self.days, minutes=number)
        match step:
            case ("team", who, name):
                teams = {team.name: team.id for team in await store.teams.all(who)}
                if name not in teams:
                    await store.teams.create(who, who.user, name)
                else:
                    assert await store.teams.join(who, who.user, teams[name]) is JoinOutcome.DONE
            case ("season", who):
                await store.seasons.start(who.platform, who.community, f"S{number}", at)
            case ("link", True) if isinstance(store, SqlStore):
                code = f"CODE{number}"
                await store.linking.offer(ANN, "ann", code, START + CODE_LIFETIME)
                asked_of = await store.linking.claim(
                    SLACK, "ann", code, START + CODE_LIFETIME, START
                )
                await store.linking.allow(ANN, asked_of[2], START)
            case ("link", False) if isinstance(store, SqlStore):
                await store.linking.unlink(SLACK)

    def _post(self, which: int) -> Post:
        return self.posts[which % len(self.posts)]

    async def seen(self) -> object:
        """Everything that depends on answers."""
        return [
            [(who.platform, await _record(self.store, who)) for who in PEOPLE],
            [await self.store.cards.of(who, "p") for who in PEOPLE],
            [
                {
                    candidate.user: candidate.points
                    for candidate in await self.store.teams.candidates(who)
                    if candidate.points
                }
                for who in PEOPLE
            ],
            [
                await _boards(self.store, who, board, period)
                for who in (ANN, SLACK)
                for board in Board
                for period in (ALL_TIME, (START + timedelta(days=self.days)).date().isoformat())
            ],
            await stored_lines(self.store) if isinstance(self.store, SqlStore) else None,
        ]


def _of(post: Post) -> Member:
    """Somebody in the post's community."""
    return Member(post.channel.platform, post.channel.community, "admin")


async def _record(store: Store, who: Member) -> object:
    record = await store.players.totals(who)
    return record.points, record.right, record.answered, record.waiting


async def _boards(
    store: Store, who: Member, board: Board, period: str
) -> tuple[Sequence[Standing], TeamStandings]:
    now = START
    page = await store.boards.standings(who, board, period, now=now, zone="UTC", limit=9, offset=0)
    teams = await store.boards.team_standings(who, board, period, limit=9, offset=0)
    # A team that kept points may be there still, where it would be made again.
    lines = tuple(replace(line, team=0) for line in teams.lines)
    unnumbered = replace(teams, lines=lines, own=teams.own and replace(teams.own, team=0))
    return [replace(line, streak=0) for line in page.lines], unnumbered


def withdrawn_in(steps: Sequence[Any]) -> frozenset[int]:
    """Numbers of the withdrawn questions."""
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


# What each reader of answers sees.


async def withdraw(store: Store, post: Post, who: Member = ANN) -> bool:
    return await store.posts.withdraw(post.round.id, who, LATER, LATER)


@pytest.fixture(params=[*Reveal])
async def answered(any_store: Store, request: pytest.FixtureRequest) -> Post:
    """An open round that Ann answered for a team, and Bob wrongly."""
    await any_store.teams.create(ANN, "ann", "Owls")
    post = await pose(any_store, reveal=request.param)
    await answer(any_store, post.round.id, ANN)
    await answer(any_store, post.round.id, BOB, 0, START + timedelta(minutes=1))
    return post


@pytest.mark.parametrize("closed", [False, True])
async def test_a_withdrawn_round_is_on_no_board_and_in_no_card_or_totals(
    any_store: Store, answered: Post, closed: bool
) -> None:
    before = [(await any_store.players.totals(who)).streak for who in (ANN, BOB)]
    if closed:
        await any_store.posts.give_up(answered.round.id, START)
    assert await withdraw(any_store, answered)
    for period in list_periods(START.date(), None):
        lines, teams = await _boards(any_store, ANN, Board.LIVE, period)
        assert (lines, teams.lines) == ([], ())
    for who in (ANN, BOB):
        assert await _record(any_store, who) == (0, 0, 0, 0)
        assert await any_store.cards.of(who, "p") == {}
    assert [(await any_store.players.totals(who)).streak for who in (ANN, BOB)] == before
    assert {candidate.points for candidate in await any_store.teams.candidates(ANN)} == {0}
    assert set(await any_store.boards.played(ANN, ALL_TIME, RankBy.TEAMS)) == set()


async def test_a_withdrawn_round_takes_no_answers_and_keeps_those_it_has(
    any_store: Store, answered: Post
) -> None:
    assert await withdraw(any_store, answered)
    view = await any_store.answers.view(answered.round.id, STRANGER)
    assert view is None
    view = await any_store.answers.view(answered.round.id, ANN)
    assert view
    assert (view.round.withdrawn, view.round.closed, view.round.is_open(START)) == (
        True,
        True,
        False,
    )
    assert view.answer
    assert view.answer.points == 10
    post = await any_store.posts.in_community(answered.round.id, ANN)
    assert post
    assert (post.answered, post.due) == (2, False)
    copied = await any_store.players.export(ANN)
    assert copied
    assert [(each["points"], each["withdrawn"]) for each in copied["answers"]] == [(10, True)]


async def test_a_channel_is_free_again_and_a_message_waits_to_say_so(
    any_store: Store, answered: Post
) -> None:
    channel = answered.channel
    assert [each.round.id for each in await any_store.posts.last_in(channel, 5)] == [
        answered.round.id
    ]
    assert await withdraw(any_store, answered)
    assert await any_store.posts.live_in(channel) is None
    assert await any_store.posts.last_in(channel, 5) == []
    assert await any_store.posts.open_questions(ANN, "p") == set()
    assert [each.question for each in await any_store.posts.asked_in(channel, "p")] == ["q1"]
    later = LATER + timedelta(days=1)
    assert await any_store.posts.claim_results("discord", later, later, 9) == []
    (row,) = await any_store.due.claim("withdrawn", "discord", LATER, later, 9)
    assert (row.key, row.channel) == (str(answered.round.id), channel)


async def test_a_round_is_withdrawn_once(any_store: Store, answered: Post) -> None:
    done = await asyncio.gather(*(withdraw(any_store, answered) for _ in range(4)))
    assert sorted(done) == [False, False, False, True]
    assert not await any_store.posts.close_early(answered.round.id, ANN, LATER)


async def test_a_round_without_a_message_cannot_be_withdrawn(any_store: Store) -> None:
    where = Channel(ANN.platform, ANN.community, "general")
    new = NewPost(where, "p", NewRound("q1", "v1", (0, 1)), Board.LIVE, Reveal.AT_ONCE, 60)
    claimed = await any_store.posts.claim(new, START, LATER)
    assert claimed
    assert not await withdraw(any_store, claimed)
    assert await any_store.posts.in_community(claimed.round.id, ANN) is None
    assert await any_store.posts.last_in(where, 5) == []


async def test_what_else_was_answered_stays_with_its_ranks(any_store: Store) -> None:
    """Bob reached his points before Ann, until the round is withdrawn."""
    early, late = await pose(any_store, channel="a"), await pose(any_store, question="q2")
    again = await pose(any_store, question="q2", channel="c")
    for post, who, minute in ((early, ANN, 1), (late, BOB, 2), (again, BOB, 3), (late, ANN, 4)):
        at = START + timedelta(minutes=minute)
        await answer(any_store, post.round.id, who, 0.5, at)
    lines, _ = await _boards(any_store, ANN, Board.LIVE, ALL_TIME)
    assert [(line.rank, line.user) for line in lines] == [(1, "bob"), (1, "ann")]
    looks = {question: card.seen for question, card in (await any_store.cards.of(BOB, "p")).items()}
    assert looks == {"q2": 2}
    assert await withdraw(any_store, late)
    lines, _ = await _boards(any_store, ANN, Board.LIVE, ALL_TIME)
    assert [(line.rank, line.user, line.points) for line in lines] == [(1, "ann", 5), (1, "bob", 5)]
    assert (await any_store.cards.of(BOB, "p"))["q2"].seen == 1
    assert set(await any_store.cards.of(ANN, "p")) == {"q1"}


async def test_a_withdrawn_daily_is_not_missed_and_its_answers_never_counted(
    any_store: Store,
) -> None:
    post = await pose(any_store, board=Board.DAILY)
    await answer(any_store, post.round.id, ANN)
    assert await withdraw(any_store, post)
    assert await any_store.dailies.missed(BOB, "general", START, 9) == []
    counted: list[datetime | None] = []
    again = await pose(any_store)

    def look(view: RoundView | None) -> None:
        counted.append(view.last_counted() if view else START)

    await any_store.answers.accept(again.round.id, ANN, look)
    assert counted == [None]


# Old answers, and concurrent ones.


async def test_answers_from_before_they_knew_their_periods_are_taken_back_too(
    store: SqlStore,
) -> None:
    await store.communities.set_settings("discord", "g1", CommunitySettings("Asia/Tokyo"))
    season = await store.seasons.start("discord", "g1", "First", START)
    await store.teams.create(ANN, "ann", "Owls")
    post, other = await pose(store), await pose(store, question="q2", channel="b")
    evening = START + timedelta(hours=8)
    there = list_periods(date(2026, 3, 3), season.id)
    for each, credit in ((post, 1), (other, 0.5)):
        view = await store.answers.view(each.round.id, ANN)
        assert view
        await accept(store, replace(accepted_answer(view, ANN, credit, evening), periods=there))
    with store.database.engine.begin() as connection:
        connection.execute(text("UPDATE answer SET periods = NULL, team_id = NULL"))
    assert await withdraw(store, post)
    kept = await stored_lines(store)
    assert len(kept) == 2 * len(there)
    assert {line[:3] for line in kept.values()} == {(5, 0, 1)}


async def test_an_answer_that_is_being_decided_about_is_taken_back(database_url: str) -> None:
    deciding, decided = threading.Event(), threading.Event()
    async with database(database_url) as one, database(database_url) as two:
        post = await pose(one)

        def decide(view: RoundView | None) -> AcceptedAnswer:
            deciding.set()
            assert decided.wait(5)
            assert view
            return accepted_answer(view, ANN, 1, START)

        answering = asyncio.create_task(one.answers.accept(post.round.id, ANN, decide))
        await asyncio.to_thread(deciding.wait, 5)
        withdrawing = asyncio.create_task(withdraw(two, post))
        await asyncio.sleep(0.1)
        decided.set()
        await answering
        assert await withdrawing
        assert await stored_lines(two) == {}
        assert await two.cards.of(ANN, "p") == {}
        assert (await two.players.totals(ANN)).streak.days == 1


async def test_of_answers_to_the_same_question_elsewhere_the_card_is_made(
    database_url: str,
) -> None:
    """The answer's card is computed while the withdrawn round still counts."""
    deciding, decided = threading.Event(), threading.Event()
    async with database(database_url) as one, database(database_url) as two:
        post, elsewhere = await pose(one), await pose(one, channel="b")
        await answer(one, post.round.id, ANN, 0)

        def decide(view: RoundView | None) -> AcceptedAnswer:
            deciding.set()
            assert decided.wait(5)
            assert view
            return accepted_answer(view, ANN, 1, LATER)

        answering = asyncio.create_task(one.answers.accept(elsewhere.round.id, ANN, decide))
        await asyncio.to_thread(deciding.wait, 5)
        withdrawing = asyncio.create_task(withdraw(two, post))
        await asyncio.sleep(0.1)
        decided.set()
        await answering
        assert await withdrawing
        assert await two.cards.of(ANN, "p") == {"q1": memory.review(None, "q1", 1, LATER)}


async def test_while_many_answer_only_stored_answers_count(database_url: str) -> None:
    crowd = [Member("discord", "g1", f"m{number}") for number in range(12)]
    async with database(database_url) as one, database(database_url) as two:
        posts = [await pose(one, question=f"q{each}", channel=f"c{each}") for each in range(4)]
        *_, done = await asyncio.gather(
            *(
                answer((one, two)[number % 2], post.round.id, who)
                for post in posts
                for number, who in enumerate(crowd)
            ),
            asyncio.gather(*(withdraw(two, post) for post in posts[:3])),
        )
        assert done == [True] * 3
        kept = await stored_lines(two)
        assert {line[:3] for line in kept.values()} == {(10, 1, 1)}
        assert len(kept) == len(crowd) * len(list_periods(START.date(), None))
        for who in crowd:
            assert set(await one.cards.of(who, "p")) == {"q3"}
