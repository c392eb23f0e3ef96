"""The bot under test: a real desk on a real database; tests control its clock and its failures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from sqlalchemy import Engine

from adapters.charts import Pictures
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.desk import Desk
from bot.engine.events import Event, Member
from bot.engine.library import Library
from bot.engine.platform import Poster
from bot.engine.players import PlayerTotals
from bot.engine.rounds import Answer
from bot.engine.screens import BarChart, Reply
from content.model import Pack
from storage.answers import Answers
from storage.opening import open_database
from storage.players import Players
from storage.store import SqlStore
from tests.samples import TickingClock
from tests.texts import find_bare_command, list_screen_texts

T = TypeVar("T")


class TroubledAnswers(Answers):
    """The real ones, kept slowly on demand."""

    accepting = 0
    """How many answers the store has started to accept."""
    delay = 0.0

    async def accept(
        self,
        round_id: int,
        member: Member,
        decide: Callable[[RoundView | None], AcceptedAnswer | T],
    ) -> tuple[AcceptedAnswer, Answer] | T:
        self.accepting += 1
        await asyncio.sleep(self.delay)
        return await super().accept(round_id, member, decide)


class TroubledPlayers(Players):
    """Their totals can't be read, on demand."""

    broken = False

    async def totals(self, member: Member) -> PlayerTotals:
        if self.broken:
            raise ConnectionError("the database is gone")
        return await super().totals(member)


class TroubledStore(SqlStore):
    """The real store, slow or broken on demand."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.answers: TroubledAnswers = TroubledAnswers(self.database, self.members)
        self.players: TroubledPlayers = TroubledPlayers(self.database, self.members)


class StrictDesk(Desk):
    """The real desk; collects texts that name a command in plain words."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.bare: list[str] = []

    async def handle(self, event: Event) -> Reply:
        reply = await super().handle(event)
        self.bare += [text for text in list_screen_texts(reply.screen) if find_bare_command(text)]
        return reply


class NoPictures(Pictures):
    """Pictures that always fail to draw."""

    async def png(self, chart: BarChart) -> bytes:
        raise OSError("cannot open resource")


class Bot:
    """A desk with all it needs; `posters` are filled by the platform. Its clock may be `wrong`."""

    wrong = timedelta()

    def __init__(self, pack: Pack, store: TroubledStore, clock: TickingClock) -> None:
        self.clock = clock
        self.store = store
        self.posters: dict[str, Poster] = {}
        self.desk = StrictDesk(
            Library([pack]), store, self._now, Random(7), self.posters, clock.elapsed
        )

    @classmethod
    async def start(cls, pack: Pack, database: str, clock: TickingClock) -> Bot:
        return cls(pack, TroubledStore(open_database(database)), clock)

    def _now(self) -> datetime:
        return self.clock() + self.wrong

    async def stop(self) -> None:
        await self.store.close()
        assert self.desk.bare == []

    async def passes(self, seconds: float) -> None:
        """Let time pass, then run the heartbeat."""
        self.clock.now += timedelta(seconds=seconds)
        await self.desk.dailies.prepare()
        await self.desk.clockwork.run_due()
        await self.desk.rounds.count()
