"""Persons of two platforms that are one player, by a short code that one of them shows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from bot.engine.days import Days, first_known
from bot.engine.events import Member
from bot.engine.linking import TRIES, VALID, Linked, Past, rebuild
from storage.answers import CARD_FIELDS, streak_values
from storage.base import (
    NOTHING_YET,
    Base,
    answer,
    card,
    is_player,
    linking,
    person,
    player,
    round_,
)
from storage.base import member as member_


class Linking(Base):
    """Makes persons one player, and undoes it. Cards and streaks are made anew from the answers,
    so that nothing counts twice and nothing is lost on the way back."""

    async def offer_link(self, member: Member, name: str, code: str, until: datetime) -> None:
        """Keep the code by which another platform's member becomes this player."""

        def offer(connection: Connection) -> None:
            self._join(connection, member, name)
            key = {"person_id": self._person(connection, member)[0]}
            offered = self._upsert(linking, key, {"code": code, "expires_at": until, "wrong": 0})
            connection.execute(offered)

        await self._write(offer)

    async def link(self, member: Member, name: str, code: str, now: datetime) -> Linked:
        """Let the member become the player who was shown the code."""

        def link(connection: Connection) -> Linked:
            self._join(connection, member, name)
            person_id, player_id = self._person(connection, member)
            key = {"person_id": person_id}
            mine = connection.execute(select(linking).filter_by(**key)).one_or_none()
            guessing = mine is not None and mine.wrong_since and now < mine.wrong_since + VALID
            wrong = mine.wrong if mine is not None and guessing else 0
            if wrong >= TRIES:
                return Linked.TOO_MANY
            other = connection.execute(
                select(linking.c.person_id, person.c.platform, person.c.player_id)
                .join(person, person.c.id == linking.c.person_id)
                .where(linking.c.code == code, linking.c.expires_at > now)
            ).one_or_none()
            if other is None:
                since = mine.wrong_since if mine is not None and guessing else now
                guess = self._upsert(linking, key, {"wrong": wrong + 1, "wrong_since": since})
                connection.execute(guess)
                return Linked.UNKNOWN
            if other.player_id == player_id:
                return Linked.OWN
            if other.platform == member.platform:
                return Linked.SAME_PLATFORM
            connection.execute(
                person.update()
                .where(person.c.player_id == player_id)
                .values(player_id=other.player_id)
            )
            mine = connection.execute(
                select(player.c.zone, player.c.day_starts).where(player.c.id == player_id)
            ).one()
            connection.execute(
                player.update()
                .where(player.c.id == other.player_id, player.c.zone.is_(None))
                .values(zone=mine.zone, day_starts=mine.day_starts)
            )
            connection.execute(delete(player).where(player.c.id == player_id))
            connection.execute(delete(linking).where(linking.c.code == code))
            _remake(connection, other.player_id)
            return Linked.DONE

        return await self._write(link)

    async def unlink(self, member: Member) -> bool:
        """Let the member be a player of their own again; False if they are one."""

        def unlink(connection: Connection) -> bool:
            row = connection.execute(
                select(person.c.id, person.c.player_id, player.c.zone, player.c.day_starts)
                .join(player, player.c.id == person.c.player_id)
                .where(*is_player(member))
            ).one_or_none()
            others = select(person.c.id).where(
                person.c.player_id == (row.player_id if row else None),
                person.c.id != (row.id if row else None),
            )
            if row is None or not connection.execute(others).all():
                return False
            new = player.insert().values(**NOTHING_YET, zone=row.zone, day_starts=row.day_starts)
            own = connection.scalar(new.returning(player.c.id))
            connection.execute(person.update().where(person.c.id == row.id).values(player_id=own))
            for player_id in (own, row.player_id):
                _remake(connection, player_id)
            return True

        return await self._write(unlink)


def _remake(connection: Connection, player_id: int) -> None:
    """Make a player's cards and streak anew from the answers of all who they are."""
    mine = (
        select(member_.c.id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id == player_id)
    )
    past = connection.execute(
        select(
            round_.c.pack, round_.c.question, answer.c.credit, answer.c.answered_at, answer.c.day
        )
        .join(round_, round_.c.id == answer.c.round_id)
        .where(answer.c.member_id.in_(mine))
    )
    own = connection.execute(
        select(player.c.zone, player.c.told_zone, player.c.streak_zone, player.c.day_starts).where(
            player.c.id == player_id
        )
    ).one()
    days = Days(first_known(own.zone, own.told_zone, own.streak_zone), own.day_starts)
    cards, streak = rebuild([Past(*row) for row in past], days)
    connection.execute(delete(card).where(card.c.player_id == player_id))
    if cards:
        connection.execute(
            card.insert(),
            [
                {"player_id": player_id, "pack": pack}
                | {name: getattr(each, name) for name in CARD_FIELDS}
                for pack, each in cards
            ],
        )
    connection.execute(
        player.update().where(player.c.id == player_id).values(**streak_values(streak))
    )
