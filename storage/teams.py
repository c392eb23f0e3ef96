"""Teams and their members."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    delete,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.exc import IntegrityError

from bot.engine.events import Member
from bot.engine.standings import ALL_TIME
from bot.engine.teams import JoinOutcome, Team, TeamCandidate
from storage.database import Database
from storage.members import MemberIds, Members, is_community, is_member, members
from storage.rows import BOARDS
from storage.tables import answer, community, person, round_, standing
from storage.tables import member as member_
from storage.tables import team as team_


class Teams:
    """Stores teams and their members."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def all(self, member: Member) -> Sequence[Team]:
        """The teams of the member's community, by name."""
        mine = members(member_.c.team_id).where(*is_member(member)).scalar_subquery()
        query = (
            select(
                team_.c.id,
                team_.c.name,
                team_.c.role,
                func.count(member_.c.id).label("members"),
                (team_.c.id == mine).label("mine"),
            )
            .join(community, community.c.id == team_.c.community_id)
            .outerjoin(member_, member_.c.team_id == team_.c.id)
            .where(*is_community(member))
            .group_by(team_.c.id, team_.c.name, team_.c.role)
            .order_by(func.lower(team_.c.name))
        )
        return [
            Team(row.id, row.name, row.members, bool(row.mine), row.role or "")
            for row in await self._database.rows(query)
        ]

    async def create(self, member: Member, name: str, team: str) -> int | None:
        """Create a team and add the member; None if the name is taken."""

        def create(connection: Connection) -> int | None:
            ids = self._members.join(connection, member, name)
            made: int | None = connection.scalar(
                self._database.insert(team_)
                .values(community_id=ids.community, name=team, folded=team.casefold())
                .on_conflict_do_nothing()
                .returning(team_.c.id)
            )
            if made is not None:
                _set_team(connection, ids, made)
            return made

        return await self._database.write(create)

    async def join(self, member: Member, name: str, team: int) -> JoinOutcome:
        """Add the member to a team of their community, if it isn't full."""
        return await self._database.write(
            lambda connection: _set_team(
                connection, self._members.join(connection, member, name), team
            )
        )

    async def leave(self, member: Member) -> bool:
        """Remove the member from their team; False if they aren't in one."""

        def leave(connection: Connection) -> bool:
            found = self._members.find(connection, member)
            if found is None or found.team is None:
                return False
            ids = MemberIds(found.community, found.player, found.member, found.team)
            _set_team(connection, ids, None)
            return True

        return await self._database.write(leave)

    async def rename(self, member: Member, team: int, name: str) -> bool:
        """Rename a team of the member's community; False if the name is taken."""
        rename = (
            team_.update()
            .where(team_.c.id == team, team_.c.community_id.in_(_community_of(member)))
            .values(name=name, folded=name.casefold())
        )
        try:
            await self._database.write(lambda connection: connection.execute(rename))
        except IntegrityError:
            return False
        return True

    async def regroup(self, member: Member, groups: Mapping[str, Collection[str]]) -> None:
        """Assign members to teams by name, and delete teams that are empty afterwards."""
        make = self._database.insert_or_find(team_, "community_id", "folded")

        def regroup(connection: Connection) -> None:
            here = self._members.community(connection, member.platform, member.community)
            before = lock_teams(connection, team_.c.community_id == here)
            for name, users in groups.items():
                team = connection.scalar(
                    make, {"community_id": here, "name": name, "folded": name.casefold()}
                )
                persons = select(person.c.id).where(
                    person.c.platform == member.platform,
                    person.c.realm == member.realm,
                    person.c.external_id.in_(users),
                )
                connection.execute(
                    member_.update()
                    .where(member_.c.community_id == here, member_.c.person_id.in_(persons))
                    .values(team_id=team)
                )
            remove_empty(connection, before)

        await self._database.write(regroup)

    async def bind_role(self, member: Member, name: str, role: str) -> None:
        """Make a team follow a role, instead of any other team that did."""
        make = self._database.insert_or_find(team_, "community_id", "folded")

        def bind(connection: Connection) -> None:
            here = self._members.community(connection, member.platform, member.community)
            before = lock_teams(connection, team_.c.community_id == here, team_.c.role == role)
            connection.execute(team_.update().where(team_.c.id.in_(before)).values(role=None))
            key = {"community_id": here, "name": name, "folded": name.casefold()}
            team = connection.scalar(make, key)
            connection.execute(team_.update().where(team_.c.id == team).values(role=role))
            remove_empty(connection, before)

        await self._database.write(bind)

    async def unbind_role(self, member: Member, team: int) -> None:
        """Stop a team from following its role."""

        def unbind(connection: Connection) -> None:
            unbound = lock_teams(
                connection, team_.c.id == team, team_.c.community_id.in_(_community_of(member))
            )
            connection.execute(team_.update().where(team_.c.id.in_(unbound)).values(role=None))
            remove_empty(connection, unbound)

        await self._database.write(unbind)

    async def follow_role(self, member: Member, name: str, team: int | None) -> None:
        """Move the member to the team of their role, or out of a role team if they have no role."""
        query = (
            members(member_.c.team_id, team_.c.role)
            .outerjoin(team_, team_.c.id == member_.c.team_id)
            .where(*is_member(member))
        )
        row = await self._database.row(query)
        if team == (row.team_id if row else None) or (team is None and row and not row.role):
            return
        await self._database.write(
            lambda connection: _set_team(
                connection, self._members.join(connection, member, name), team, capped=False
            )
        )

    async def place(
        self, member: Member, team: int, names: Mapping[str, str], holders: Collection[str]
    ) -> None:
        """Put people, names by user id, in a team of the community, whatever its size, and take out
        everyone who isn't one of the `holders`. Members who are there already keep their names."""
        theirs = (
            *is_community(member),
            person.c.platform == member.platform,
            person.c.realm == member.realm,
        )
        here = select(team_.c.id).where(
            team_.c.id == team, team_.c.community_id.in_(_community_of(member))
        )
        known = members(person.c.external_id, member_.c.id, member_.c.team_id)

        def place(connection: Connection) -> None:
            if connection.scalar(here) is None:
                return
            of_role = person.c.external_id.in_(names) | (member_.c.team_id == team)
            rows = connection.execute(known.where(*theirs, of_role)).all()
            moved = [row.id for row in rows if row.external_id in names]
            for user in sorted(names.keys() - {row.external_id for row in rows}):
                ids = self._members.join(connection, replace(member, user=user), names[user])
                moved.append(ids.member)
            left = [row.id for row in rows if row.external_id not in holders]
            before = {row.team_id for row in rows if row.team_id} - {team}
            lock_teams(connection, team_.c.id.in_({team, *before}))
            for changed, to in ((moved, team), (left, None)):
                change = member_.update().where(member_.c.id.in_(changed)).values(team_id=to)
                connection.execute(change)
            remove_empty(connection, before)

        await self._database.write(place)

    async def cap(self, member: Member) -> int | None:
        """The most members a team can have; None for no limit."""
        row = await self._database.row(select(community.c.team_cap).where(*is_community(member)))
        return row.team_cap if row else None

    async def candidates(
        self, member: Member, since: datetime | None = None
    ) -> Sequence[TeamCandidate]:
        """Members of the community with their points; with `since`, those on a team or active."""
        earned = _sum_points(member, since)
        lately = or_(member_.c.team_id.is_not(None), earned.c.member_id.is_not(None))
        query = (
            members(person.c.external_id, member_.c.name, earned.c.points)
            .outerjoin(earned, earned.c.member_id == member_.c.id)
            .where(*is_community(member), lately if since else true())
        )
        return [
            TeamCandidate(row.external_id, row.name, int(row.points or 0))
            for row in await self._database.rows(query)
        ]


def _sum_points(who: Member, since: datetime | None) -> Subquery:
    """Points of the community's members, in all or since a time."""
    return (
        members(answer.c.member_id, func.sum(answer.c.points).label("points"))
        .join(answer, answer.c.member_id == member_.c.id)
        .join(round_, round_.c.id == answer.c.round_id)
        .where(
            *is_community(who),
            round_.c.withdrawn_at.is_(None),
            answer.c.answered_at >= since if since else true(),
        )
        .group_by(answer.c.member_id)
        .subquery()
    )


def _set_team(
    connection: Connection, ids: MemberIds, team: int | None, *, capped: bool = True
) -> JoinOutcome:
    """Change a member's team; if `capped`, only if the new one isn't full."""
    # Lock both at once: a member who joins while the last one leaves sees the team or doesn't.
    known = lock_teams(
        connection, team_.c.id.in_((ids.team, team)), team_.c.community_id == ids.community
    )
    if team is not None and team not in known:
        return JoinOutcome.UNKNOWN
    if capped and team not in (None, ids.team) and _is_full(connection, ids.community, team):
        return JoinOutcome.FULL
    connection.execute(member_.update().where(member_.c.id == ids.member).values(team_id=team))
    remove_empty(connection, {ids.team} - {team})
    return JoinOutcome.DONE


def lock_teams(connection: Connection, *which: ColumnElement[bool]) -> set[int]:
    """Lock teams, so that nobody else changes or joins them in the meantime; returns their ids."""
    query = select(team_.c.id).where(*which).order_by(team_.c.id).with_for_update()
    return set(connection.scalars(query))


def _is_full(connection: Connection, community_id: int, team: int | None) -> bool:
    size = select(func.count()).where(member_.c.team_id == team).scalar_subquery()
    return bool(
        connection.scalar(
            select(community.c.team_cap <= size).where(community.c.id == community_id)
        )
    )


def remove_empty(connection: Connection, teams: Collection[int]) -> None:
    """Delete teams without members, unless they have points or follow a role."""
    connection.execute(
        delete(team_).where(
            team_.c.id.in_(teams),
            team_.c.role.is_(None),
            ~select(member_.c.id).where(member_.c.team_id == team_.c.id).exists(),
            ~select(standing.c.member_id)
            .where(
                standing.c.community_id == team_.c.community_id,
                standing.c.board.in_(BOARDS),
                standing.c.period == ALL_TIME,
                standing.c.team_id == team_.c.id,
            )
            .exists(),
        )
    )


def _community_of(who: Member) -> Select[tuple[int]]:
    return select(community.c.id).where(*is_community(who))
