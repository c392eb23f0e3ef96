"""Due work: what each kind must implement, and what it may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.engine.channel_rounds import ChannelRounds
from bot.engine.daily_planner import DailyPlanner
from bot.engine.due.rows import DueRow
from bot.engine.library import Library
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Means:
    """Everything a kind may use."""

    library: Library
    store: Store
    posters: Mapping[str, Poster]
    clock: Clock
    rounds: ChannelRounds
    dailies: DailyPlanner


class Row(Protocol):
    """Something to do once, at a time."""

    @property
    def tries(self) -> int:
        """How many tries were started before."""


R = TypeVar("R", bound=Row)


class Kind(Protocol[R]):
    """A kind of due work. Claiming is one transaction with a unique key, so only one replica does
    it; work that was claimed and not finished is claimed again later."""

    name: str
    longest_pause: timedelta
    """Upper bound of the retry backoff."""

    def __init__(self, means: Means) -> None: ...

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[R]:
        """Claim up to `limit` rows that are due on a platform. No other replica gets them until
        the lease ends."""

    async def do(self, row: R) -> None:
        """Do the work, which an earlier try may have done, and mark it done. Raises what a retry
        may fix."""

    async def postpone(self, row: R, until: datetime) -> None:
        """Retry then, instead of when the lease ends."""


class RowKind:
    """A kind whose work is kept as rows of `store.due`."""

    name: str
    longest_pause = timedelta(hours=1)

    def __init__(self, means: Means) -> None:
        self._store = means.store
        self._posters = means.posters
        self._rounds = means.rounds
        self._clock = means.clock

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[DueRow]:
        """Claim this kind's due rows."""
        return await self._store.due.claim(self.name, platform, now, lease_until, limit)

    async def postpone(self, row: DueRow, until: datetime) -> None:
        """Retry then."""
        await self._store.due.postpone(row, until)
