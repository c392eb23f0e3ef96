"""Players' memory of questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from bot.engine.events import Channel, Member
from bot.engine.memory import Card
from bot.engine.rounds import Reveal
from storage.database import Database
from storage.members import is_community, is_player
from storage.rows import CARD, CARD_FIELDS, to_card, values
from storage.tables import answer, card, community, member, person, player, post, round_

_holder = person.alias()
UNREVEALED = (
    select(answer.c.id)
    .join(post, post.c.round_id == answer.c.round_id)
    .join(round_, round_.c.id == answer.c.round_id)
    .join(member, member.c.id == answer.c.member_id)
    .join(_holder, _holder.c.id == member.c.person_id)
    .where(
        post.c.reveal == Reveal.AT_CLOSE.value,
        post.c.state != "closed",
        round_.c.pack == card.c.pack,
        round_.c.question == card.c.question,
        _holder.c.player_id == card.c.player_id,
    )
    .exists()
)
"""A card that includes an answer whose result isn't revealed yet."""


class Cards:
    """Stores cards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, who: Member, pack: str) -> Mapping[str, Card]:
        """The player's cards of a pack by question id, except those with an unrevealed answer."""
        query = (
            select(*CARD)
            .join(person, person.c.player_id == card.c.player_id)
            .where(card.c.pack == pack, ~UNREVEALED, *is_player(who))
        )
        cards = (to_card(row) for row in await self._database.rows(query))
        return {card.question: card for card in cards if card}

    async def of_group(
        self, channel: Channel, pack: str, since: date, members: int
    ) -> Sequence[Card]:
        """The cards of the members of the channel's community who answered last."""
        active = (
            select(player.c.id)
            .join(person, person.c.player_id == player.c.id)
            .join(member, member.c.person_id == person.c.id)
            .join(community, community.c.id == member.c.community_id)
            .where(*is_community(channel), player.c.streak_last >= since)
            .order_by(player.c.streak_last.desc(), player.c.id)
            .limit(members)
        )
        query = select(*CARD).where(card.c.pack == pack, card.c.player_id.in_(active))
        return [each for row in await self._database.rows(query) if (each := to_card(row))]


def select_past(*whose: ColumnElement[bool]) -> Select[Any]:
    """What cards are computed from: players' answers, each with the player's id."""
    return (
        select(
            round_.c.pack,
            round_.c.question,
            answer.c.credit,
            answer.c.answered_at,
            answer.c.day,
            round_.c.withdrawn_at.is_not(None),
            person.c.player_id,
        )
        .join(round_, round_.c.id == answer.c.round_id)
        .join(member, member.c.id == answer.c.member_id)
        .join(person, person.c.id == member.c.person_id)
        .where(*whose)
        .order_by(answer.c.id)
    )


def insert_cards(connection: Connection, cards: Sequence[tuple[int, str, Card]]) -> None:
    """Insert new cards, each with its player's id and its pack."""
    if cards:
        connection.execute(
            card.insert(),
            [
                {"player_id": player_id, "pack": pack, **values(each, CARD_FIELDS)}
                for player_id, pack, each in cards
            ],
        )
