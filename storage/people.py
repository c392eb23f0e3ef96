"""What is stored of a player as a whole, what members reported, and facts of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from bot.engine.events import Member
from bot.engine.ports import Reported
from storage.base import (
    Base,
    answer,
    card,
    community,
    drill,
    is_member,
    is_player,
    members,
    person,
    player,
    report,
    round_,
    score,
    setting,
    team,
)
from storage.base import member as member_


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
                answer.c.credit,
                answer.c.points,
                answer.c.answered_at,
            )
            .join(round_, round_.c.id == answer.c.round_id)
            .where(answer.c.member_id.in_(my_members))
            .order_by(answer.c.id),
            "drills": select(drill.c.pack, drill.c.scope, drill.c.started_at).where(
                drill.c.member_id.in_(my_members)
            ),
            "scores": select(
                score.c.board, score.c.day, score.c.points, score.c.right, score.c.answered
            ).where(score.c.member_id.in_(my_members)),
            "memory": select(*(c for c in card.c if c.name != "player_id")).where(
                card.c.player_id == mine
            ),
            "reports": select(
                report.c.pack, report.c.question, report.c.reason, report.c.reported_at
            ).where(report.c.member_id.in_(my_members)),
        }
        async with self._reads.connect() as connection:
            found = await connection.execute(select(player).where(player.c.id == mine))
            row = found.mappings().one_or_none()
            if row is None:
                return None
            streak = {name: value for name, value in row.items() if name != "id"}
            return {"streak": streak} | {
                name: [dict(each) for each in (await connection.execute(query)).mappings()]
                for name, query in lists.items()
            }

    async def forget(self, member: Member) -> bool:
        """Delete every trace of a player; False if there was none."""
        mine = select(person.c.player_id).where(*is_player(member))
        async with self._writes.begin() as connection:
            gone = await connection.execute(delete(player).where(player.c.id.in_(mine)))
        return gone.rowcount > 0

    async def report(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Keep what a member says to be wrong with a round's question."""
        async with self._writes.begin() as connection:
            asked = await connection.execute(
                select(round_)
                .join(community, community.c.id == round_.c.community_id)
                .outerjoin(drill, drill.c.id == round_.c.drill_id)
                .where(
                    round_.c.id == round_id,
                    community.c.platform == member.platform,
                    community.c.external_id == member.community,
                    drill.c.id.is_(None)
                    | drill.c.member_id.in_(members(member_.c.id).where(*is_member(member))),
                )
            )
            row = asked.one_or_none()
            if row is None:
                return False
            ids = await self._join(connection, member, name)
            await connection.execute(
                self._upsert(
                    report,
                    {
                        "member_id": ids.member,
                        "pack": row.pack,
                        "question": row.question,
                        "version": row.version,
                    },
                    {"reason": reason, "reported_at": now},
                )
            )
        return True

    async def reports(self) -> Sequence[Reported]:
        """Everything reported, the newest first."""
        query = select(report).order_by(report.c.reported_at.desc(), report.c.id.desc())
        async with self._reads.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Reported(row.pack, row.question, row.version, row.reason, row.reported_at)
            for row in rows
        ]

    async def kept(self, key: str) -> str | None:
        """A fact about the installation, by its key."""
        async with self._reads.connect() as connection:
            value = await connection.scalar(select(setting.c.value).where(setting.c.key == key))
        return None if value is None else str(value)

    async def keep(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""
        async with self._writes.begin() as connection:
            await connection.execute(self._upsert(setting, {"key": key}, {"value": value}))
