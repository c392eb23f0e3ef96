from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.engine.rounds import QuestionVersion, Round
from tests.stand_ins.memory_store.state import State


class QuestionVersions:
    def __init__(self, state: State) -> None:
        self._state = state

    async def list_unknown(self) -> Sequence[QuestionVersion]:
        rounds = self._state.rounds.values()
        return sorted({_version_of(each) for each in rounds if not each.document})

    async def keep(self, documents: Mapping[QuestionVersion, str]) -> None:
        for number, each in self._state.rounds.items():
            document = each.document or documents.get(_version_of(each), "")
            self._state.rounds[number] = replace(each, document=document)


def _version_of(asked: Round) -> QuestionVersion:
    return QuestionVersion(asked.pack, asked.question, asked.version)
