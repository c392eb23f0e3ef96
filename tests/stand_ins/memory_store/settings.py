from __future__ import annotations

from tests.stand_ins.memory_store.state import State


class InstallationSettings:
    def __init__(self, state: State) -> None:
        self._state = state

    async def get(self, key: str) -> str | None:
        return self._state.settings.get(key)

    async def set(self, key: str, value: str) -> None:
        self._state.settings[key] = value
