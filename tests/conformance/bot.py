"""The bot under test: a real desk on a real database, whose clock and troubles a test controls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from adapters.charts import Pictures
from bot.engine.desk import Desk
from bot.engine.events import Event, Member
from bot.engine.library import Library
from bot.engine.platform import Poster
from bot.engine.ports import Acceptance, Record, Seat
from bot.engine.rounds import Answer
from bot.engine.screens import BarChart, Reply
from content.model import Pack
from storage.database import open_database
from storage.store import SqlStore
from tests.samples import TickingClock
from tests.texts import find_bare_command, list_screen_texts

T = TypeVar("T")


class TroubledStore(SqlStore):
    """The real store, slow or broken on demand."""

    accepting = 0
    """How many answers ever began to be kept."""
    delay = 0.0
    broken = False

    async def accept(
        self, round_id: int, member: Member, decide: Callable[[Seat | None], Acceptance | T]
    ) -> tuple[Acceptance, Answer] | T:
        self.accepting += 1
        await asyncio.sleep(self.delay)
        return await super().accept(round_id, member, decide)

    async def record(self, member: Member) -> Record:
        if self.broken:
            raise ConnectionError("the database is gone")
        return await super().record(member)


class StrictDesk(Desk):
    """The real desk, which remembers the texts that name a command in plain words."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.bare: list[str] = []

    async def handle(self, event: Event) -> Reply:
        reply = await super().handle(event)
        self.bare += [text for text in list_screen_texts(reply.screen) if find_bare_command(text)]
        return reply


class NoPictures(Pictures):
    """Where nothing can be drawn."""

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
        """Let time pass; the heartbeat beats at its end."""
        self.clock.now += timedelta(seconds=seconds)
        await self.desk.dailies.prepare()
        await self.desk.clockwork.run_due()
        await self.desk.rounds.count()
