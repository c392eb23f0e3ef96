from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.engine.answers import AcceptedAnswer, MemberAnswer, RoundView
from bot.engine.events import Member
from bot.engine.rounds import Answer
from tests.stand_ins.memory_store.cards import Cards
from tests.stand_ins.memory_store.players import Players
from tests.stand_ins.memory_store.state import State

T = TypeVar("T")


class Answers:
    def __init__(self, state: State, cards: Cards, players: Players) -> None:
        self._state = state
        self._cards = cards
        self._players = players

    async def view(self, round_id: int, member: Member) -> RoundView | None:
        round_ = self._state.rounds.get(round_id)
        if round_ is None or not self._state.is_theirs(round_, member):
            return None
        cards = await self._cards.of(member, round_.pack)
        totals = await self._players.totals(member)
        answer = self._state.answers.get((round_id, member))
        season = self._state.settings_of(member).season
        card = cards.get(round_.question)
        running = season.id if season else None
        return RoundView(
            self._state.placed(round_), answer, card, totals.streak, totals.zones, running
        )

    async def accept(
        self,
        round_id: int,
        member: Member,
        decide: Callable[[RoundView | None], AcceptedAnswer | T],
    ) -> tuple[AcceptedAnswer, Answer] | T:
        key = round_id, member
        view = await self.view(round_id, member)
        if view:
            question = view.round.pack, view.round.question
            counted = [
                each.answer.answered_at
                for each in self._state.accepted
                if each.member == member
                and (each.round.pack, each.round.question) == question
                and (each.answer.points or not each.answer.credit)
                and not self._state.rounds[each.round.id].withdrawn
            ]
            erased = key in self._state.erased
            view = replace(view, erased=erased, last_counted=lambda: max(counted, default=None))
        decided = decide(view)
        if not isinstance(decided, AcceptedAnswer):
            return decided
        if key not in self._state.answers:
            self._state.answers[key] = decided.answer
            self._state.accepted.append(decided)
            self._state.earned_for.append(self._state.team_of.get(member, 0))
            self._state.names[member] = decided.name
        return decided, self._state.answers[key]

    async def of_round(self, round_id: int) -> Sequence[MemberAnswer]:
        return [
            MemberAnswer(
                each.member.user,
                each.name,
                each.answer,
                each.streak.days,
                each.member in self._state.hidden,
            )
            for each in self._state.accepted
            if each.round.id == round_id
        ]
