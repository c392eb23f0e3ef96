"""What a check finds, and what checks share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection

from bot.engine.dailies import Daily
from bot.engine.processes import Process
from bot.settings import Settings
from content.language.plural import count
from storage.store import SqlStore

T = TypeVar("T")

CHECK_SECONDS = 10.0
"""How long a check may take."""

SHARED_SECONDS = 8.0
"""How long logging in and the like may take, which several checks wait for."""


class Status(StrEnum):
    """How something is; the order is that of the exit codes."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and what to do about it. The registry names its area and itself."""

    area: str
    name: str
    status: Status
    text: str
    what_to_do: str = ""


Check = Callable[["Case"], Awaitable[Sequence[Finding]] | Sequence[Finding]]
"""Checks one thing. A plain function runs in a thread. One that depends on what another check
reports raises what that one did: LoginFailed or DatabaseUnavailable."""


def ok(text: str) -> Finding:
    """All is well."""
    return Finding("", "", Status.OK, text)


def warning(text: str, what_to_do: str) -> Finding:
    """Something works, but not as it should."""
    return Finding("", "", Status.WARNING, text, what_to_do)


def broken(text: str, what_to_do: str) -> Finding:
    """Something doesn't work."""
    return Finding("", "", Status.BROKEN, text, what_to_do)


def split_advice(problem: object, where: str = "") -> tuple[str, str]:
    """What's wrong, and what to do, from a message that says both."""
    text, _, what_to_do = str(problem).partition(". ")
    return f"{where}: {text}." if where else f"{text}.", what_to_do


@dataclass(slots=True)
class Case:
    """The installation that's examined: its settings, its public URL, and what its database says,
    if that can be read."""

    settings: Settings
    now: datetime
    url: str = ""
    store: SqlStore | None = None
    database_problem: Exception | None = None
    processes: Sequence[Process] = ()
    dailies: Sequence[Daily] = ()
    _shared: dict[str, asyncio.Task[Any]] = field(default_factory=dict)
    _to_close: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def alive(self) -> Sequence[Process]:
        """The processes that run the bot now."""
        return [each for each in self.processes if each.is_alive(self.now)]

    def dailies_on(self, platform: str) -> Sequence[Daily]:
        """The dailies on a platform that aren't paused."""
        return [
            each for each in self.dailies if each.channel.platform == platform and not each.paused
        ]

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Read from the database. Raises what its own check reports."""
        return await self.require_store().database.read(work)

    def require_store(self) -> SqlStore:
        """The store. Raises what its own check reports."""
        if self.store is None:
            raise self.database_problem or LookupError("there's no database")
        return self.store

    async def once(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        """Get something that several checks share, and get it only once."""

        async def get() -> T:
            async with asyncio.timeout(SHARED_SECONDS):
                return await make()

        if name not in self._shared:
            self._shared[name] = asyncio.create_task(get())
        # A check that runs out of time doesn't take it from the others.
        return await asyncio.shield(self._shared[name])

    def to_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something closed at the end."""
        self._to_close.append(close)

    async def close(self) -> None:
        """End what's still running."""
        for task in self._shared.values():
            task.cancel()
        await asyncio.gather(*self._shared.values(), return_exceptions=True)
        await asyncio.gather(*(close() for close in self._to_close), return_exceptions=True)


def format_ago(then: datetime, now: datetime) -> str:
    """How long ago something was."""
    passed = max(now - then, timedelta()).total_seconds()
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if passed >= length:
            return f"{count(int(passed // length), unit)} ago"
    return "just now"
