"""Processes in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.processes import Process
from tests.stand_ins.memory_store.state import State


class Processes:
    def __init__(self, state: State) -> None:
        self._state = state

    async def save(self, process: Process) -> None:
        self._state.processes[process.id] = process

    async def all(self) -> Sequence[Process]:
        return sorted(self._state.processes.values(), key=lambda each: each.beat_at, reverse=True)

    async def forget(self, before: datetime) -> None:
        kept = self._state.processes.items()
        self._state.processes = {id_: each for id_, each in kept if each.beat_at >= before}
