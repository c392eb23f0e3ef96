"""What benchmarks run on: databases that survive a power cut, and a desk with open rounds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.engine.actions import AnswerRound, encode
from bot.engine.asked import make_round
from bot.engine.desk import Desk
from bot.engine.events import Actor, Channel, Event, Place, Press
from bot.engine.library import IndexedPack, Library
from bot.engine.platform import Poster
from bot.engine.rounds import Board, NewPost, Reveal
from bot.engine.screens import Tone
from content import loader
from content.model import Pack, Question
from storage.opening import open_database
from storage.store import SqlStore
from tests.databases import Databases, SqliteFiles, postgresql_server

PLATFORM, COMMUNITY = "discord", "1"
HOURS = timedelta(hours=12)


@contextmanager
def start_databases() -> Iterator[Sequence[Databases]]:
    """SQLite files, and a PostgreSQL server that waits for its disk."""
    with TemporaryDirectory() as folder, postgresql_server(Path(folder), durable=True) as server:
        yield SqliteFiles(), server


def load_pack() -> Pack:
    """Load the bundled pack."""
    return loader.load(loader.find_pack("dp100"), cache=None)


def single_choice(pack: Pack) -> list[Question]:
    """The questions that one press of a button answers."""
    return [question for question in pack.questions if question.kind == "single"]


@dataclass(frozen=True)
class Bench:
    """A desk, and the rounds that are open in its community's channels."""

    desk: Desk
    store: SqlStore
    rounds: Sequence[int]

    async def press(self, member: int, number: int) -> None:
        """Let a member answer a round. Raises AssertionError unless the answer is accepted."""
        reply = await self.desk.handle(press_first(member, self.rounds[number]))
        assert reply.screen.tone in (Tone.RIGHT, Tone.WRONG), reply.screen.text


def press_first(member: int, round_id: int) -> Event:
    """A member's press of a round's first button."""
    return Event(
        Actor(f"{member}", f"Member {member}"),
        Place(PLATFORM, COMMUNITY, "1", private=False),
        Press(encode(AnswerRound(round_id, "0"))),
    )


@asynccontextmanager
async def open_bench(
    url: str, rounds: int, posters: Mapping[str, Poster] | None = None
) -> AsyncIterator[Bench]:
    """A desk on an empty database, with that many open rounds."""
    store = SqlStore(open_database(url))
    pack = load_pack()
    now = datetime.now(UTC)
    ids = []
    for number in range(rounds):
        post = await store.posts.claim(new_post(pack, number, now), now, now)
        assert post
        await store.posts.confirm(post.round.id, "1", now)
        ids.append(post.round.id)
    try:
        desk = Desk(Library([pack]), store, lambda: datetime.now(UTC), Random(7), posters or {})
        yield Bench(desk, store, ids)
    finally:
        await store.close()


def new_post(pack: Pack, number: int, now: datetime) -> NewPost:
    """A daily round in its own channel."""
    question = single_choice(pack)[number]
    return NewPost(
        Channel(PLATFORM, COMMUNITY, f"{number}"),
        pack.id,
        make_round(IndexedPack(pack), question, Random(number)),
        Board.DAILY,
        Reveal.AT_ONCE,
        int(HOURS.total_seconds()),
        closes_at=now + HOURS,
    )
