from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.engine.answers import AcceptedAnswer
from bot.engine.events import Channel, Member
from bot.engine.linking import PastAnswer, rebuild_cards
from bot.engine.memory import Card
from tests.stand_ins.memory_store.state import State, same_community, same_player


def to_past(accepted: AcceptedAnswer) -> PastAnswer:
    """What cards are rebuilt from."""
    asked, given = accepted.round, accepted.answer
    return PastAnswer(asked.pack, asked.question, given.credit, given.answered_at, accepted.day)


class Cards:
    def __init__(self, state: State) -> None:
        self._state = state

    async def of(self, member: Member, pack: str) -> Mapping[str, Card]:
        mine = (
            each
            for each in self._state.revealed
            if same_player(each.member, member) and each.round.pack == pack
        )
        return {card.question: card for _, card in rebuild_cards(map(to_past, mine))}

    async def of_group(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        here = [
            each
            for each in self._state.accepted
            if same_community(each.member, channel)
            and not self._state.rounds[each.round.id].withdrawn
        ]
        latest = {
            (each.member, each.card.question): each.card for each in here if each.round.pack == pack
        }
        return list(latest.values())
