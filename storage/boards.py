"""Leaderboards of members and teams, read from stored totals, never from answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal,
    select,
    union_all,
)

from bot.engine.days import Days, first_known_zone
from bot.engine.events import Member
from bot.engine.rounds import Board, Reveal
from bot.engine.standings import (
    TEAM_BEST,
    RankBy,
    Standing,
    Standings,
    TeamStanding,
    TeamStandings,
    rank_lines,
    score_team,
)
from storage.database import Database
from storage.members import is_community, is_member, member_parameters, members
from storage.rows import STREAK, UNREVEALED_PREFIX, to_streak
from storage.tables import community, person, player, post, standing
from storage.tables import member as member_
from storage.tables import team as team_

ORDER = standing.c.points.desc(), standing.c.reached_at, standing.c.member_id

_ME = (
    select(community.c.id.label("community_id"), member_.c.id.label("member_id"))
    .select_from(community)
    .outerjoin(
        person,
        and_(
            person.c.platform == bindparam("platform"),
            person.c.realm == bindparam("realm"),
            person.c.external_id == bindparam("user"),
        ),
    )
    .outerjoin(
        member_,
        and_(member_.c.community_id == community.c.id, member_.c.person_id == person.c.id),
    )
    .where(
        community.c.platform == bindparam("platform"),
        community.c.external_id == bindparam("community"),
    )
)
_LINE = (
    select(
        standing,
        person.c.external_id,
        member_.c.name,
        player.c.zone,
        player.c.told_zone,
        player.c.day_starts,
    )
    .add_columns(*STREAK)
    .select_from(standing)
    .join(member_, member_.c.id == standing.c.member_id)
    .join(person, person.c.id == member_.c.person_id)
    .join(player, player.c.id == person.c.player_id)
)


class Boards:
    """Ranks members and teams."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def played(self, member: Member, period: str, by: RankBy) -> Collection[Board]:
        """The boards of the member's community that have lines in a period, of members or teams."""
        here = select(community.c.id).where(*is_community(member)).scalar_subquery()
        query = union_all(
            *(
                select(literal(board.value)).where(
                    select(standing.c.member_id).where(*_on_board(here, board, period, by)).exists()
                )
                for board in Board
            )
        )
        return [Board(name) for (name,) in await self._database.rows(query)]

    async def standings(
        self,
        member: Member,
        board: Board,
        period: str,
        *,
        now: datetime,
        zone: str,
        limit: int,
        offset: int,
    ) -> Standings:
        """A page of the board of the member's community in a period.

        Lines are read in index order; a rank is one more than the number of lines with more points.
        """

        def read(connection: Connection) -> Standings:
            me = connection.execute(_ME, member_parameters(member)).one_or_none()
            if me is None:
                return Standings((), None, 0)
            visible = *_on_board(me.community_id, board, period), standing.c.hidden == false()
            page = _LINE.where(*visible).order_by(*ORDER).limit(limit).offset(offset)
            rows = connection.execute(page).all()
            mine = connection.execute(
                _LINE.where(
                    *_on_board(me.community_id, board, period), standing.c.member_id == me.member_id
                )
            ).one_or_none()
            # One pass counts all lines and those ahead of each of these.
            lines = [*rows[:1], *([mine] if mine else [])]
            ahead = (func.count().filter(standing.c.points > line.points) for line in lines)
            total, *above = connection.execute(
                select(func.count(), *ahead).select_from(standing).where(*visible)
            ).one()
            ranks = _ranks(rows, above[0] + 1, offset) if rows else []
            return Standings(
                tuple(_to_standing(*each, now, zone) for each in zip(rows, ranks, strict=True)),
                _to_standing(mine, above[-1] + 1, now, zone) if mine else None,
                total,
            )

        return await self._database.read(read)

    async def awaits_results(self, member: Member, period: str) -> bool:
        """Whether answers of a period are in open rounds that don't count yet."""
        here = select(community.c.id).where(*is_community(member)).scalar_subquery()
        waiting = (
            select(post.c.round_id)
            .join(
                standing,
                standing.c.board
                == literal(UNREVEALED_PREFIX).concat(cast(post.c.round_id, String)),
            )
            .where(
                post.c.community_id == here,
                post.c.state != "closed",
                post.c.due_at.is_not(None),
                post.c.reveal == Reveal.AT_CLOSE.value,
                standing.c.community_id == here,
                standing.c.period == period,
            )
            .limit(1)
        )
        return await self._database.row(waiting) is not None

    async def team_standings(
        self, member: Member, board: Board, period: str, *, limit: int, offset: int
    ) -> TeamStandings:
        """A page of the teams' board of the member's community in a period."""

        def read(connection: Connection) -> TeamStandings:
            here = connection.scalar(select(community.c.id).where(*is_community(member)))
            if here is None:
                return TeamStandings((), None, 0)
            in_team = connection.scalar(members(member_.c.team_id).where(*is_member(member)))
            rows = connection.execute(_select_teams(here, board, period))
            lines = rank_lines(
                TeamStanding(
                    rank=0,
                    team=row.id,
                    name=row.name,
                    points=score_team(row.best, row.active, row.members),
                    active=row.active,
                    members=row.members,
                )
                for row in rows
            )
            own = next((line for line in lines if line.team == in_team), None)
            return TeamStandings(tuple(lines[offset : offset + limit]), own, len(lines))

        return await self._database.read(read)


def _select_teams(community_id: int, board: Board, period: str) -> Select[Any]:
    """Teams with the total points of their best members, how many members were active, and how many
    count as members: those in the team now, plus those who were active and left. Hidden members
    count too. Teams whose best members reached their points first come first."""
    place = func.row_number().over(partition_by=standing.c.team_id, order_by=ORDER)
    lines = (
        select(
            standing.c.team_id,
            standing.c.points,
            standing.c.reached_at,
            member_.c.team_id.is_distinct_from(standing.c.team_id).label("has_left"),
            place.label("place"),
        )
        .join(member_, member_.c.id == standing.c.member_id)
        .where(*_on_board(community_id, board, period, RankBy.TEAMS))
        .subquery()
    )
    counts = lines.c.place <= TEAM_BEST
    present = select(func.count()).where(member_.c.team_id == team_.c.id).scalar_subquery()
    return (
        select(
            team_.c.id,
            team_.c.name,
            func.sum(lines.c.points).filter(counts).label("best"),
            func.count().label("active"),
            (present + func.count().filter(lines.c.has_left)).label("members"),
        )
        .join(lines, lines.c.team_id == team_.c.id)
        .group_by(team_.c.id, team_.c.name)
        .order_by(func.max(lines.c.reached_at).filter(counts), team_.c.id)
    )


def _on_board(
    community_id: Any, board: Board, period: str, by: RankBy = RankBy.MEMBERS
) -> tuple[ColumnElement[bool], ...]:
    """Members' own lines on a board in a period, or their lines for their teams."""
    return (
        standing.c.community_id == community_id,
        standing.c.board == board.value,
        standing.c.period == period,
        standing.c.team_id > 0 if by is RankBy.TEAMS else standing.c.team_id == 0,
    )


def _ranks(rows: Sequence[Row[Any]], first: int, offset: int) -> list[int]:
    """The ranks of a page's lines, given the first one's."""
    ranks = [first]
    for place, (before, row) in enumerate(pairwise(rows), offset + 2):
        ranks.append(ranks[-1] if row.points == before.points else place)
    return ranks


def _to_standing(row: Row[Any], rank: int, now: datetime, zone: str) -> Standing:
    own = Days(first_known_zone(row.zone, row.told_zone, zone), row.day_starts)
    return Standing(
        rank=rank,
        user=row.external_id,
        name=row.name,
        points=row.points,
        right=row.right,
        answered=row.answered,
        streak=to_streak(row).on(now, own),
        hidden=row.hidden,
    )
