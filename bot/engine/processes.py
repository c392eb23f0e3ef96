"""Processes that run the bot, and how they're stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

BEAT_SECONDS = 30
"""How often a process says that it's alive."""

ALIVE_FOR = timedelta(seconds=3 * BEAT_SECONDS + 10)
"""How long after its last heartbeat a process counts as alive: it may miss a few while the database
is busy."""

KEPT_FOR = timedelta(days=7)
"""How long processes that have ended stay known."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs the bot, under a random id.

    `tokens` has a fingerprint of the credentials of each platform that it runs; `shards` are its
    Discord shards, empty for all. `errors` counts logged errors by hour, such as "2026-11-30T20".
    """

    id: str
    host: str
    pid: int
    version: str
    started_at: datetime
    beat_at: datetime
    tokens: Mapping[str, str] = field(default_factory=dict)
    shards: str = ""
    event_at: datetime | None = None
    errors: Mapping[str, int] = field(default_factory=dict)
    ended_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it's running, as far as we know."""
        return self.ended_at is None and now - self.beat_at < ALIVE_FOR


class Processes(Protocol):
    """Stores processes."""

    async def save(self, process: Process) -> None:
        """Store a process as it is now."""

    async def all(self) -> Sequence[Process]:
        """List all processes, the last heartbeat first."""

    async def forget(self, before: datetime) -> None:
        """Delete processes whose last heartbeat was before then."""
