"""Steps that members and the bot take in these tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine import memory
from bot.engine.answers import AcceptedAnswer
from bot.engine.events import Channel, Member
from bot.engine.ports import Store
from bot.engine.posts import Post
from bot.engine.rounds import Answer, Board, Given, NewPost, NewRound, Reveal, Round
from bot.engine.standings import ALL_TIME, Standings, list_periods
from bot.engine.streaks import Streak
from tests.samples import START

ANN, BOB = (Member("terminal", "local", user) for user in ("ann", "bob"))
TODAY = START.date()
HERE = Channel("terminal", "local", "general")
MINUTE = timedelta(minutes=1)
PLATFORMS = {"terminal"}
EVE = Member("terminal", "local", "eve")


def rounds(*questions: str) -> list[NewRound]:
    return [NewRound(question, "v1", (2, 0, 1)) for question in questions]


async def start(store: Store, member: Member, *questions: str) -> list[int]:
    """Ids of the rounds of a new drill."""
    drill = await store.drills.start(member, member.user, "p", "scope", rounds(*questions), START)
    drill_found = await store.drills.get(drill, member)
    assert drill_found is not None
    return [round_.id for round_, _ in drill_found.steps]


def accepted_answer(
    round_: int,
    member: Member = ANN,
    *,
    credit: float = 1,
    given: Given = (1,),
    question: str = "q1",
    days: int = 0,
    season: int | None = None,
    board: Board = Board.DRILL,
    reveal: Reveal = Reveal.AT_ONCE,
) -> AcceptedAnswer:
    """An answer as the engine would accept it."""
    now = START + timedelta(days=days)
    streak = Streak(days + 1, days + 1, now.date(), freezes=1, active=4)
    return AcceptedAnswer(
        round=Round(round_, "p", question, "v1", (), START, board=board, reveal=reveal),
        member=member,
        name=member.user.upper(),
        day=now.date(),
        zone=None,
        periods=list_periods(now.date(), season),
        answer=Answer(given, credit, round(credit * 10), now),
        card=memory.review(None, question, credit, now),
        streak=streak,
    )


async def accept(store: Store, new: AcceptedAnswer) -> Answer:
    """Accept an answer; returns the one that counts."""
    _, counted = await store.answers.accept(new.round.id, new.member, lambda _: new)
    return counted


async def page(
    store: Store,
    member: Member = ANN,
    period: str = ALL_TIME,
    *,
    board: Board = Board.DRILL,
    now: datetime = START,
    limit: int = 9,
    offset: int = 0,
) -> Standings:
    return await store.boards.standings(
        member, board, period, now=now, zone="UTC", limit=limit, offset=offset
    )


async def claim(store: Store, *, channel: Channel = HERE, board: Board = Board.LIVE) -> Post | None:
    new = NewPost(channel, "p", rounds("q1")[0], board, Reveal.AT_CLOSE, 60)
    return await store.posts.claim(new, START, START + MINUTE)


async def posted(store: Store) -> Post:
    """A round that is open in a channel."""
    claimed = await claim(store)
    assert claimed is not None
    confirmed = await store.posts.confirm(claimed.round.id, "m1", START)
    assert confirmed is not None
    return confirmed


async def due(store: Store, at: datetime) -> list[int]:
    """Ids of the rounds whose time is over, leased for a minute."""
    return [
        each.round.id for each in await store.posts.claim_results("terminal", at, at + MINUTE, 9)
    ]


async def names_and_sizes(store: Store) -> dict[str, int]:
    return {team.name: team.members for team in await store.teams.all(ANN)}


async def answered_at_close(store: Store, member: Member = ANN) -> Post:
    """A round that is open in a channel, and that a member has answered."""
    post = await posted(store)
    new = accepted_answer(post.round.id, member, board=Board.LIVE, reveal=Reveal.AT_CLOSE)
    await accept(store, replace(new, round=post.round))
    return post


async def answered_elsewhere(store: Store) -> None:
    (round_,) = await start(store, ANN, "q2")
    await accept(store, accepted_answer(round_, question="q2"))
