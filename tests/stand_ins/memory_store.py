"""A Store in memory, so that the engine is tested without I/O.

The storage tests hold it and the real one to the same behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.engine.events import Member
from bot.engine.memory import Card
from bot.engine.ports import Acceptance, Drill, Record, Seat
from bot.engine.rounds import Answer, NewRound, Round
from bot.engine.standings import Standing, Standings
from bot.engine.streaks import Streak


@dataclass
class MemoryStore:
    rounds: dict[int, Round] = field(default_factory=dict)
    drills: dict[int, tuple[Member, str, str]] = field(default_factory=dict)
    answers: dict[tuple[int, Member], Answer] = field(default_factory=dict)
    accepted: list[Acceptance] = field(default_factory=list)
    names: dict[Member, str] = field(default_factory=dict)

    async def start_drill(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        drill = len(self.drills) + 1
        self.drills[drill] = (member, pack, scope)
        self.names[member] = name
        for step, new in enumerate(rounds, 1):
            number = len(self.rounds) + 1
            self.rounds[number] = Round(
                id=number,
                pack=pack,
                question=new.question,
                version=new.version,
                layout=new.layout,
                opened_at=now,
                drill=drill,
                step=step,
                steps=len(rounds),
            )
        return drill

    async def seat(self, round_id: int, member: Member) -> Seat | None:
        round_ = self.rounds.get(round_id)
        if round_ is None or (round_.drill and self.drills[round_.drill][0] != member):
            return None
        cards = await self.cards(member, round_.pack)
        record = await self.record(member)
        answer = self.answers.get((round_id, member))
        return Seat(round_, answer, cards.get(round_.question), record.streak)

    async def accept(self, acceptance: Acceptance) -> Answer:
        key = acceptance.round, acceptance.member
        if key not in self.answers:
            self.answers[key] = acceptance.answer
            self.accepted.append(acceptance)
            self.names[acceptance.member] = acceptance.name
        return self.answers[key]

    async def drill(self, drill: int, member: Member) -> Drill | None:
        if drill not in self.drills or self.drills[drill][0] != member:
            return None
        _, pack, scope = self.drills[drill]
        rounds = [each for each in self.rounds.values() if each.drill == drill]
        steps = tuple((each, self.answers.get((each.id, member))) for each in rounds)
        return Drill(drill, pack, scope, steps)

    async def cards(self, member: Member, pack: str) -> Mapping[str, Card]:
        mine = (each for each in self.accepted if each.member == member and each.pack == pack)
        return {each.card.question: each.card for each in mine}

    async def record(self, member: Member) -> Record:
        mine = [each for each in self.accepted if each.member == member]
        return Record(
            points=sum(each.answer.points for each in mine),
            right=sum(each.answer.right for each in mine),
            answered=len(mine),
            streak=mine[-1].streak if mine else Streak(),
        )

    async def standings(
        self,
        member: Member,
        board: str,
        since: date | None,
        *,
        today: date,
        limit: int,
        offset: int,
    ) -> Standings:
        counted = [
            each
            for each in self.accepted
            if each.board == board
            and (since is None or each.day >= since)
            and (each.member.platform, each.member.community) == (member.platform, member.community)
        ]
        sums = {
            who: sum(each.answer.points for each in counted if each.member == who)
            for who in dict.fromkeys(each.member for each in counted)
        }
        lines = [
            Standing(
                rank=1 + sum(other > points for other in sums.values()),
                user=who.user,
                name=self.names[who],
                points=points,
                right=sum(each.answer.right for each in counted if each.member == who),
                answered=sum(each.member == who for each in counted),
                streak=(await self.record(who)).streak.on(today),
            )
            for who, points in sums.items()
        ]
        lines.sort(key=lambda line: (line.rank, -line.right))
        own = next((line for line in lines if line.user == member.user), None)
        return Standings(tuple(lines[offset : offset + limit]), own, len(lines))

    async def forget(self, member: Member) -> bool:
        known = member in self.names
        self.names.pop(member, None)
        self.accepted = [each for each in self.accepted if each.member != member]
        self.answers = {key: each for key, each in self.answers.items() if key[1] != member}
        return known
