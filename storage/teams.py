"""Who is in which team."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, select

from bot.engine.events import Member
from bot.engine.ports import Team
from storage.base import Base, Ids, community, is_member, members, score
from storage.base import member as member_
from storage.base import team as team_


class Teams(Base):
    """Keeps teams and their members."""

    async def teams(self, member: Member) -> Sequence[Team]:
        """The teams of the member's community by name."""
        mine = members(member_.c.team_id).where(*is_member(member)).scalar_subquery()
        query = (
            select(
                team_.c.id,
                team_.c.name,
                func.count(member_.c.id).label("members"),
                (team_.c.id == mine).label("mine"),
            )
            .join(community, community.c.id == team_.c.community_id)
            .outerjoin(member_, member_.c.team_id == team_.c.id)
            .where(*_in_community(member))
            .group_by(team_.c.id, team_.c.name)
            .order_by(func.lower(team_.c.name))
        )
        return [
            Team(row.id, row.name, row.members, bool(row.mine)) for row in await self._rows(query)
        ]

    async def create_team(self, member: Member, name: str, team: str) -> int | None:
        """Make a team and put the member into it; None where the name is taken."""

        def create(connection: Connection) -> int | None:
            ids = self._join(connection, member, name)
            made: int | None = connection.scalar(
                self._insert(team_)
                .values(community_id=ids.community, name=team, folded=team.casefold())
                .on_conflict_do_nothing()
                .returning(team_.c.id)
            )
            if made is not None:
                _put_into(connection, ids, made)
            return made

        return await self._write(create)

    async def join_team(self, member: Member, name: str, team: int) -> bool:
        """Put the member into a team of their community; False where there is no such team."""

        def join(connection: Connection) -> bool:
            ids = self._join(connection, member, name)
            known = select(team_.c.id).where(
                team_.c.id == team, team_.c.community_id == ids.community
            )
            if connection.scalar(known) is None:
                return False
            _put_into(connection, ids, team)
            return True

        return await self._write(join)

    async def leave_team(self, member: Member) -> bool:
        """Take the member out of their team; False if they are in none."""

        def leave(connection: Connection) -> bool:
            found = self._find(connection, member)
            if found is None or found.team is None:
                return False
            ids = Ids(found.community, found.player, found.member, found.team)
            _put_into(connection, ids, None)
            return True

        return await self._write(leave)


def _put_into(connection: Connection, ids: Ids, team: int | None) -> None:
    """Change a member's team; the one before goes if nobody is in it and it has earned nothing."""
    connection.execute(member_.update().where(member_.c.id == ids.member).values(team_id=team))
    if ids.team != team:
        connection.execute(
            delete(team_).where(
                team_.c.id == ids.team,
                ~select(member_.c.id).where(member_.c.team_id == ids.team).exists(),
                ~select(score.c.member_id).where(score.c.team_id == ids.team).exists(),
            )
        )


def _in_community(who: Member) -> tuple[ColumnElement[bool], ...]:
    return community.c.platform == who.platform, community.c.external_id == who.community
