"""Leaderboards of members and of teams, and who is in which team. Boards read day sums, never
answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select

from bot.engine.events import Member
from bot.engine.ports import Team
from bot.engine.rounds import Board
from bot.engine.standings import (
    TEAM_BEST,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    ranked,
    team_points,
)
from storage.answers import STREAK, to_streak
from storage.base import (
    Base,
    Ids,
    community,
    is_member,
    members,
    person,
    player,
    score,
)
from storage.base import (
    member as member_,
)
from storage.base import team as team_

_SUMS = [func.sum(score.c[name]).label(name) for name in ("points", "right", "answered")]


class Boards(Base):
    """Ranks members and teams."""

    async def standings(
        self,
        member: Member,
        board: Board,
        since: date | None,
        *,
        today: date,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community."""
        sums = (
            select(score.c.member_id, *_SUMS)
            .join(community, community.c.id == score.c.community_id)
            .where(*_on(member, board, since))
            .group_by(score.c.member_id)
            .subquery()
        )
        places = select(
            sums, func.rank().over(order_by=sums.c.points.desc()).label("rank")
        ).subquery()
        lines = (
            select(places, person.c.external_id, member_.c.name, *STREAK)
            .join(member_, member_.c.id == places.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .join(player, player.c.id == person.c.player_id)
        )
        page = (
            lines.order_by(places.c.rank, places.c.right.desc(), places.c.member_id)
            .limit(limit)
            .offset(offset)
        )
        rows = await self._rows(page)
        mine = await self._row(lines.where(person.c.external_id == member.user))
        total = await self._row(select(func.count()).select_from(sums))
        return Standings(
            tuple(_to_standing(row, today) for row in rows),
            _to_standing(mine, today) if mine else None,
            total[0] if total else 0,
        )

    async def team_standings(
        self, member: Member, board: Board, since: date | None, *, limit: int, offset: int
    ) -> TeamStandings:
        """A page of the teams' board of the member's community."""
        sums = (
            select(score.c.team_id, score.c.member_id, *_SUMS)
            .join(community, community.c.id == score.c.community_id)
            .where(*_on(member, board, since), score.c.team_id != 0)
            .group_by(score.c.team_id, score.c.member_id)
            .subquery()
        )
        best = select(
            sums.c.team_id,
            sums.c.points,
            func.row_number()
            .over(partition_by=sums.c.team_id, order_by=sums.c.points.desc())
            .label("place"),
            func.count().over(partition_by=sums.c.team_id).label("active"),
        ).subquery()
        size = (
            select(func.count()).where(member_.c.team_id == team_.c.id).scalar_subquery()
        ).label("members")
        query = (
            select(
                team_.c.id,
                team_.c.name,
                size,
                func.avg(best.c.points).label("best"),
                func.max(best.c.active).label("active"),
            )
            .join(best, best.c.team_id == team_.c.id)
            .where(best.c.place <= TEAM_BEST)
            .group_by(team_.c.id, team_.c.name)
        )
        mine = members(member_.c.team_id).where(*is_member(member))
        rows = await self._rows(query)
        in_team = await self._row(mine)
        lines = ranked(
            TeamStanding(
                rank=0,
                team=row.id,
                name=row.name,
                points=team_points(float(row.best), row.active, row.members),
                active=row.active,
                members=max(row.members, row.active),
            )
            for row in rows
        )
        own = next((line for line in lines if in_team and line.team == in_team[0]), None)
        return TeamStandings(tuple(lines[offset : offset + limit]), own, len(lines))

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


def _on(who: Member, board: Board, since: date | None) -> tuple[ColumnElement[bool], ...]:
    within = (score.c.day >= since,) if since else ()
    return (*_in_community(who), score.c.board == board.value, *within)


def _to_standing(row: Row[Any], today: date) -> Standing:
    return Standing(
        rank=row.rank,
        user=row.external_id,
        name=row.name,
        points=row.points,
        right=row.right,
        answered=row.answered,
        streak=to_streak(row).on(today),
    )
