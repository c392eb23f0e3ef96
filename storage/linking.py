"""Linking accounts on two platforms to one player, with a short code."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, select

from bot.engine.days import Days, first_known_zone
from bot.engine.events import Member
from bot.engine.linking import (
    CODE_LIFETIME,
    MAX_WRONG_CODES,
    LinkClaimant,
    LinkOutcome,
    PastAnswer,
    rebuild_player,
)
from storage.cards import insert_cards, select_past
from storage.database import Database
from storage.members import NEW_STREAK, Members, is_player, lock_players
from storage.rows import streak_values
from storage.tables import card, community, linking, person, player
from storage.tables import member as member_


class Linking:
    """Links persons to one player, and unlinks them. Cards and streaks are rebuilt from the
    answers, so that nothing counts twice and unlinking loses nothing."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def offer(self, member: Member, name: str, code: str, until: datetime) -> None:
        """Store a code that links another platform's member to this player."""

        def offer(connection: Connection) -> None:
            self._members.join(connection, member, name)
            key = {"person_id": self._members.person(connection, member)[0]}
            new = {"code": code, "expires_at": until, "community": member.community}
            connection.execute(self._database.upsert(linking, key, new | {"claimant_id": None}))

        await self._database.write(offer)

    async def claim(
        self, member: Member, name: str, code: str, until: datetime, now: datetime
    ) -> tuple[LinkOutcome, Member | None, int]:
        """Enter a code, for its owner to allow; returns the outcome, the owner and the claim."""

        def claim(connection: Connection) -> tuple[LinkOutcome, Member | None, int]:
            ids = self._members.join(connection, member, name)
            person_id, player_id = self._members.person(connection, member)
            key = {"person_id": person_id}
            mine = connection.execute(select(linking).filter_by(**key)).one_or_none()
            guessing = (
                mine is not None and mine.wrong_since and now < mine.wrong_since + CODE_LIFETIME
            )
            wrong = mine.wrong if mine is not None and guessing else 0
            if wrong >= MAX_WRONG_CODES:
                return LinkOutcome.TOO_MANY, None, 0
            other = connection.execute(
                select(linking, person.c.platform, person.c.realm, person.c.external_id)
                .add_columns(person.c.player_id)
                .join(person, person.c.id == linking.c.person_id)
                .where(linking.c.code == code, linking.c.expires_at > now)
            ).one_or_none()
            if other is None:
                since = mine.wrong_since if mine is not None and guessing else now
                guess = self._database.upsert(
                    linking, key, {"wrong": wrong + 1, "wrong_since": since}
                )
                connection.execute(guess)
                return LinkOutcome.UNKNOWN, None, 0
            if other.player_id == player_id:
                return LinkOutcome.OWN, None, 0
            if other.platform == member.platform:
                return LinkOutcome.SAME_PLATFORM, None, 0
            number = other.claim + 1
            connection.execute(
                linking.update()
                .where(linking.c.person_id == other.person_id)
                .values(code=None, expires_at=until, claim=number, claimant_id=ids.member)
            )
            owner = Member(other.platform, other.community, other.external_id, other.realm)
            return LinkOutcome.ASKED, owner, number

        return await self._database.write(claim)

    async def claimant(self, member: Member, now: datetime) -> LinkClaimant | None:
        """Whoever is waiting for the member to allow them."""
        row = await self._database.row(_select_claims(member, linking.c.expires_at > now))
        return _to_claim(row)

    async def allow(self, member: Member, claim: int, now: datetime) -> LinkClaimant | None:
        """Link the waiting claimant to the member's player."""

        def allow(connection: Connection) -> LinkClaimant | None:
            query = _select_claims(member, linking.c.claim == claim, linking.c.expires_at > now)
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            _clear_claim(connection, row.person_id)
            if row.claimant_player_id == row.player_id:
                return _to_claim(row)
            connection.execute(lock_players((row.player_id, row.claimant_player_id)))
            connection.execute(
                person.update()
                .where(person.c.player_id == row.claimant_player_id)
                .values(player_id=row.player_id)
            )
            theirs = connection.execute(
                select(player.c.zone, player.c.day_starts).where(
                    player.c.id == row.claimant_player_id
                )
            ).one()
            connection.execute(
                player.update()
                .where(player.c.id == row.player_id, player.c.zone.is_(None))
                .values(zone=theirs.zone, day_starts=theirs.day_starts)
            )
            connection.execute(delete(player).where(player.c.id == row.claimant_player_id))
            _rebuild(connection, row.player_id)
            return _to_claim(row)

        return await self._database.write(allow)

    async def refuse(self, member: Member, claim: int) -> LinkClaimant | None:
        """Refuse a claim."""

        def refuse(connection: Connection) -> LinkClaimant | None:
            row = connection.execute(_select_claims(member, linking.c.claim == claim)).one_or_none()
            if row is not None:
                _clear_claim(connection, row.person_id)
            return _to_claim(row)

        return await self._database.write(refuse)

    async def platforms(self, member: Member) -> Collection[str]:
        """The platforms of the player's other persons."""
        query = (
            select(_other.c.platform)
            .select_from(person)
            .join(_other, _other.c.player_id == person.c.player_id)
            .where(*is_player(member), _other.c.id != person.c.id)
        )
        return {row.platform for row in await self._database.rows(query)}

    async def unlink(self, member: Member) -> bool:
        """Make the member a player of their own again; False if they already are."""

        def unlink(connection: Connection) -> bool:
            row = connection.execute(
                select(person.c.id, person.c.player_id, player.c.zone, player.c.day_starts)
                .join(player, player.c.id == person.c.player_id)
                .where(*is_player(member))
                .with_for_update(of=player)
            ).one_or_none()
            others = select(person.c.id).where(
                person.c.player_id == (row.player_id if row else None),
                person.c.id != (row.id if row else None),
            )
            if row is None or not connection.execute(others).all():
                return False
            new = player.insert().values(**NEW_STREAK, zone=row.zone, day_starts=row.day_starts)
            own = connection.scalar(new.returning(player.c.id))
            connection.execute(person.update().where(person.c.id == row.id).values(player_id=own))
            for player_id in (own, row.player_id):
                _rebuild(connection, player_id)
            return True

        return await self._database.write(unlink)


_other = person.alias()
_claimant = member_.alias()


def _select_claims(member: Member, *where: ColumnElement[bool]) -> Select[Any]:
    """Claims that wait for a member, with the players of both sides."""
    return (
        select(
            person.c.id.label("person_id"),
            person.c.player_id,
            linking.c.claim,
            _other.c.player_id.label("claimant_player_id"),
            _other.c.platform,
            _other.c.realm,
            _other.c.external_id.label("user"),
            community.c.external_id.label("community"),
            _claimant.c.name,
        )
        .join(linking, linking.c.person_id == person.c.id)
        .join(_claimant, _claimant.c.id == linking.c.claimant_id)
        .join(_other, _other.c.id == _claimant.c.person_id)
        .join(community, community.c.id == _claimant.c.community_id)
        .where(*is_player(member), *where)
    )


def _to_claim(row: Row[Any] | None) -> LinkClaimant | None:
    if row is None:
        return None
    return LinkClaimant(
        row.claim, Member(row.platform, row.community, row.user, row.realm), row.name
    )


def _clear_claim(connection: Connection, person_id: int) -> None:
    connection.execute(
        linking.update().where(linking.c.person_id == person_id).values(claimant_id=None)
    )


def _rebuild(connection: Connection, player_id: int) -> None:
    """Rebuild a player's cards and streak from the answers of all their persons."""
    past = connection.execute(select_past(person.c.player_id == player_id))
    own = connection.execute(
        select(player.c.zone, player.c.told_zone, player.c.streak_zone, player.c.day_starts).where(
            player.c.id == player_id
        )
    ).one()
    days = Days(first_known_zone(own.zone, own.told_zone, own.streak_zone), own.day_starts)
    cards, streak = rebuild_player([PastAnswer(*row[:-1]) for row in past], days)
    connection.execute(delete(card).where(card.c.player_id == player_id))
    insert_cards(connection, [(player_id, pack, each) for pack, each in cards])
    connection.execute(
        player.update().where(player.c.id == player_id).values(**streak_values(streak))
    )
