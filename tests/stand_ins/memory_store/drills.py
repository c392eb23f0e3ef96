from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.engine.drills import Drill
from bot.engine.events import Member
from bot.engine.rounds import NewRound, Round
from tests.stand_ins.memory_store.state import State


class Drills:
    def __init__(self, state: State) -> None:
        self._state = state

    async def start(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        drill = len(self._state.drills) + 1
        self._state.drills[drill] = (member, pack, scope)
        self._state.names[member] = name
        for step, new in enumerate(rounds, 1):
            number = len(self._state.rounds) + 1
            self._state.rounds[number] = Round(
                id=number,
                pack=pack,
                question=new.question,
                version=new.version,
                layout=new.layout,
                document=new.document,
                opened_at=now,
                drill=drill,
                step=step,
                steps=len(rounds),
            )
            self._state.keep_question(number)
        return drill

    async def get(self, drill: int, member: Member) -> Drill | None:
        if drill not in self._state.drills or self._state.drills[drill][0] != member:
            return None
        _, pack, scope = self._state.drills[drill]
        rounds = [each for each in self._state.rounds.values() if each.drill == drill]
        steps = tuple((each, self._state.answers.get((each.id, member))) for each in rounds)
        return Drill(drill, pack, scope, steps)
