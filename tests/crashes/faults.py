"""Faults, the steps they happen at, and how tests inject them."""

from __future__ import annotations

import inspect
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import event

from bot.engine.ports import Store
from tests.conformance.bot import Bot


class Fault(StrEnum):
    """A kind of fault."""

    KILLED = "killed"
    """The process dies by signal 9."""
    ANSWER_LOST = "answer lost"
    """The call fails for the bot, but after it, the other side has done its work."""
    DATABASE_DOWN = "database down"
    """Every query fails from now on."""


@dataclass(frozen=True)
class Step:
    """A moment in a scheduled job: before or after a call of the store or the poster, or within it,
    before its commit."""

    call: str
    when: str

    def __str__(self) -> str:
        return f"{self.when} {self.call}"


POSTER = frozenset({"post", "edit", "reply"})
"""Calls of a poster; all others are calls of the store."""


class FaultInjector:
    """Injects a fault once, at a bot's next matching step. While `database_down`, every query
    fails."""

    def __init__(self, bot: Bot, platform: str, step: Step, fault: Fault) -> None:
        self.happened = False
        self.database_down = False
        self._step, self._fault, self._engine = step, fault, bot.store.database.engine
        event.listen(self._engine, "before_cursor_execute", self._refuse)
        subject, _, call = step.call.rpartition(".")
        target: Any = getattr(bot.store, subject) if subject else bot.posters[platform]
        setattr(target, call, self._wrap(getattr(target, call)))

    def _refuse(self, *_: Any) -> None:
        if self.database_down:
            raise sqlite3.OperationalError("the database is down")

    def _strike(self, *_: Any) -> None:
        if self.happened:
            return
        self.happened = True
        match self._fault:
            case Fault.KILLED:
                os.kill(os.getpid(), signal.SIGKILL)
            case Fault.ANSWER_LOST:
                raise ConnectionError("the response was lost")
            case Fault.DATABASE_DOWN:
                self.database_down = True

    def _wrap(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        when = self._step.when

        async def with_fault(*args: Any, **named: Any) -> Any:
            if when == "before":
                self._strike()
            if when == "within":
                event.listen(self._engine, "commit", self._strike)
            try:
                result = await call(*args, **named)
            finally:
                if when == "within":
                    event.remove(self._engine, "commit", self._strike)
            if when == "after" and result != []:
                self._strike()
            return result

        return with_fault


def record_calls(bot: Bot, platform: str) -> set[str]:
    """The set of calls a bot makes to its store and poster from now on, named as in steps."""
    called: set[str] = set()

    def record(target: Any, name: str, step: str) -> None:
        call = getattr(target, name)

        async def note(*args: Any, **named: Any) -> Any:
            called.add(step)
            return await call(*args, **named)

        setattr(target, name, note)

    subjects = (name for name in dir(Store) if not name.startswith("_"))
    targets = {f"{name}.": getattr(bot.store, name) for name in subjects}
    for prefix, target in {"": bot.posters[platform], **targets}.items():
        for name in dir(target):
            if not name.startswith("_") and inspect.iscoroutinefunction(getattr(target, name)):
                record(target, name, prefix + name)
    return called
