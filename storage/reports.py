"""Problems with questions that members reported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from bot.engine.events import Member
from bot.engine.reports import QuestionReport
from storage.database import Database
from storage.members import Members, is_member, members
from storage.tables import community, drill, report, round_
from storage.tables import member as member_


class Reports:
    """Stores reports."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def add(
        self, round_id: int, member: Member, name: str, reason: str, now: datetime
    ) -> bool:
        """Store a member's report on a round's question; False if they can't see the round."""
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

        def save(connection: Connection) -> bool:
            row = connection.execute(asked).one_or_none()
            if row is None:
                return False
            ids = self._members.join(connection, member, name)
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

        return await self._database.write(save)

    async def all(self) -> Sequence[QuestionReport]:
        """All reports, newest first."""
        query = select(report).order_by(report.c.reported_at.desc(), report.c.id.desc())
        return [
            QuestionReport(row.pack, row.question, row.version, row.reason, row.reported_at)
            for row in await self._database.rows(query)
        ]
