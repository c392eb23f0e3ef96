"""What happens at a time: what a kind of it must be able to do, and what it may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from bot.engine.channel_rounds import ChannelRounds
from bot.engine.daily_planner import DailyPlanner
from bot.engine.library import Library
from bot.engine.platform import Poster
from bot.engine.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Means:
    """What a kind may use."""

    library: Library
    store: Store
    posters: Mapping[str, Poster]
    clock: Clock
    rounds: ChannelRounds
    dailies: DailyPlanner


class Row(Protocol):
    """Something that must happen once at a time."""

    @property
    def tries(self) -> int:
        """How often it was begun before."""


R = TypeVar("R", bound=Row)


class Kind(Protocol[R]):
    """A kind of thing that happens at a time. Claiming is one transaction with a unique key, so
    that of all replicas one does it; what was claimed and not done is claimed anew later."""

    name: str
    longest_pause: timedelta
    """The longest pause between two tries."""

    def __init__(self, means: Means) -> None: ...

    async def claim(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[R]:
        """What is due on a platform by now, `limit` rows at most. Nobody else gets these before
        the lease is over."""

    async def do(self, row: R) -> None:
        """Do it, so that it may have been done before, and write down that it's done. Raises what
        may be over at another try."""

    async def postpone(self, row: R, until: datetime) -> None:
        """Let the next try be then, not when the lease is over."""
