"""Leaderboards of members and of teams. They read day sums, never answers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from bot.engine.events import Member
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
