"""What is stored of a player as a whole, what members reported, and facts of the installation."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    literal,
    or_,
    select,
    tuple_,
)

from bot.engine.events import Member
from bot.engine.ports import Reported
from bot.engine.rounds import Reveal
from storage.answers import BOARDS, CARD_UNTOLD
from storage.base import (
    Base,
    answer,
    card,
    community,
    daily,
    drill,
    is_member,
    is_player,
    members,
    person,
    player,
    post,
    pseudonym,
    report,
    round_,
    setting,
    standing,
    team,
    withdrawn,
)
from storage.base import member as member_

_TOLD = or_(
    post.c.round_id.is_(None), post.c.reveal == Reveal.AT_ONCE.value, post.c.state == "closed"
)
"""That all may know how good an answer was."""


class People(Base):
    """Keeps, shows and deletes what belongs to one player."""

    async def everything(self, member: Member) -> Mapping[str, Any] | None:
        """A copy of all that is stored of a player, as plain data."""
        mine = select(person.c.player_id).where(*is_player(member)).scalar_subquery()
        my_members = (
            select(member_.c.id)
            .join(person, person.c.id == member_.c.person_id)
            .where(person.c.player_id == mine)
        )
        memberships = (
            members(
                community.c.platform,
                community.c.external_id.label("community"),
                person.c.external_id.label("user"),
                member_.c.name,
                team.c.name.label("team"),
                member_.c.hidden,
            )
            .outerjoin(team, team.c.id == member_.c.team_id)
            .where(person.c.player_id == mine)
        )
        lists = {
            "communities": memberships,
            "answers": select(
                round_.c.pack,
                round_.c.question,
                answer.c.given,
                case((_TOLD, answer.c.credit)).label("credit"),
                case((_TOLD, answer.c.points)).label("points"),
                answer.c.answered_at,
                answer.c.day,
                round_.c.withdrawn_at.is_not(None).label("withdrawn"),
            )
            .join(round_, round_.c.id == answer.c.round_id)
            .outerjoin(post, post.c.round_id == answer.c.round_id)
            .where(answer.c.member_id.in_(my_members))
            .order_by(answer.c.id),
            "drills": select(drill.c.pack, drill.c.scope, drill.c.started_at).where(
                drill.c.member_id.in_(my_members)
            ),
            "standings": select(
                standing.c.board,
                standing.c.period,
                standing.c.points,
                standing.c.right,
                standing.c.answered,
                standing.c.reached_at,
            ).where(
                standing.c.member_id.in_(my_members),
                standing.c.team_id == 0,
                standing.c.board.in_(BOARDS),
            ),
            "memory": select(*(c for c in card.c if c.name != "player_id")).where(
                card.c.player_id == mine, ~CARD_UNTOLD
            ),
            "questions posed": select(
                round_.c.pack, round_.c.question, round_.c.opened_at, post.c.channel
            )
            .join(post, post.c.round_id == round_.c.id)
            .where(_posed_by(select(person.c.player_id).where(*is_player(member)))),
            "reports": select(
                report.c.pack, report.c.question, report.c.reason, report.c.reported_at
            ).where(report.c.member_id.in_(my_members)),
        }
        row = await self._row(select(player).where(player.c.id == mine))
        if row is None:
            return None
        streak = {name: value for name, value in row._mapping.items() if name != "id"}
        return {"streak": streak} | {
            name: [dict(each._mapping) for each in await self._rows(query)]
            for name, query in lists.items()
        }

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a player; False if there was none."""
        mine = select(person.c.player_id).where(*is_player(member))
        gone = delete(player).where(player.c.id.in_(mine))
        unsigned = daily.update().where(daily.c.id.in_(_set_by(mine, member))).values(set_by="")
        unposed = post.update().where(_posed_by(mine)).values(posed_by="")

        def forget(connection: Connection) -> bool:
            _withdraw(connection, mine)
            was_named = connection.execute(unsigned).rowcount > 0
            was_named |= connection.execute(unposed).rowcount > 0
            return connection.execute(gone).rowcount > 0 or was_named

        return await self._write(forget)

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a member says to be wrong with a round's question."""
        mine = members(member_.c.id).where(*is_member(member))
        asked = (
            select(round_)
            .join(community, community.c.id == round_.c.community_id)
            .outerjoin(drill, drill.c.id == round_.c.drill_id)
            .where(
                round_.c.id == round_id,
                community.c.platform == member.platform,
                community.c.external_id == member.community,
                drill.c.id.is_(None) | drill.c.member_id.in_(mine),
            )
        )

        def keep(connection: Connection) -> bool:
            row = connection.execute(asked).one_or_none()
            if row is None:
                return False
            ids = self._join(connection, member, name)
            connection.execute(
                report.insert().values(
                    member_id=ids.member,
                    pack=row.pack,
                    question=row.question,
                    version=row.version,
                    reason=reason,
                    reported_at=now,
                )
            )
            return True

        return await self._write(keep)

    async def reports(self) -> Sequence[Reported]:
        """Everything reported, the newest first."""
        query = select(report).order_by(report.c.reported_at.desc(), report.c.id.desc())
        return [
            Reported(row.pack, row.question, row.version, row.reason, row.reported_at)
            for row in await self._rows(query)
        ]

    async def kept(self, key: str) -> str | None:
        """A fact about the installation, by its key."""
        row = await self._row(select(setting.c.value).where(setting.c.key == key))
        return row.value if row else None

    async def keep(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""
        kept = self._upsert(setting, {"key": key}, {"value": value})
        await self._write(lambda connection: connection.execute(kept))


def _withdraw(connection: Connection, players: Select[Any]) -> None:
    """Keep pseudonyms of a player for the rounds that they answered and that are still open."""
    rows = connection.execute(
        select(
            post.c.round_id, post.c.salt, person.c.platform, person.c.realm, person.c.external_id
        )
        .join(answer, answer.c.round_id == post.c.round_id)
        .join(member_, member_.c.id == answer.c.member_id)
        .join(person, person.c.id == member_.c.person_id)
        .where(post.c.state != "closed", person.c.player_id.in_(players))
        .with_for_update(of=post)
    ).all()
    for row in rows:
        salt = row.salt or secrets.token_hex(16)
        which = post.c.round_id == row.round_id
        connection.execute(post.update().where(which).values(salt=salt))
        who = Member(row.platform, "", row.external_id, row.realm)
        connection.execute(
            withdrawn.insert().values(round_id=row.round_id, pseudonym=pseudonym(salt, who))
        )


def _posed_by(players: Select[Any]) -> ColumnElement[bool]:
    """Posts of questions that a player posed."""
    members_ = (
        select(community.c.id, person.c.external_id)
        .join(member_, member_.c.community_id == community.c.id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id.in_(players))
    )
    return tuple_(post.c.community_id, post.c.posed_by).in_(members_)


def _set_by(players: Select[Any], member: Member) -> Select[Any]:
    """Ids of the dailies that were set by a player, or by a member who plays nowhere."""
    known = (
        select(person.c.external_id)
        .where(
            person.c.player_id.in_(players),
            person.c.platform == community.c.platform,
            person.c.realm.in_(("", community.c.external_id)),
        )
        .correlate(community)
    )
    named = and_(
        community.c.platform == member.platform,
        literal(member.realm).in_(("", community.c.external_id)),
        daily.c.set_by == member.user,
    )
    return (
        select(daily.c.id)
        .join(community, community.c.id == daily.c.community_id)
        .where(named | daily.c.set_by.in_(known))
    )
