"""A player's preferences and totals, and exporting and deleting their data."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    tuple_,
    union,
)

from bot.engine.days import Zones
from bot.engine.events import Member
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.rounds import Reveal
from bot.engine.standings import ALL_TIME
from storage.cards import UNREVEALED
from storage.database import Database
from storage.members import Members, is_community, is_member, is_player, members, pseudonym
from storage.rows import BOARDS, STREAK, SUMS, to_streak, to_zones
from storage.tables import (
    answer,
    card,
    community,
    daily,
    drill,
    due,
    erased_answer,
    manager,
    person,
    player,
    post,
    report,
    round_,
    standing,
    team,
)
from storage.tables import member as member_
from storage.teams import lock_teams, remove_empty

_IS_REVEALED = or_(
    post.c.round_id.is_(None), post.c.reveal == Reveal.AT_ONCE.value, post.c.state == "closed"
)
"""An answer whose result is public."""


class Players:
    """Stores, exports and deletes a player's data."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def totals(self, member: Member) -> PlayerTotals:
        """The player's totals on all platforms."""
        mine = select(person.c.player_id).where(*is_player(member)).scalar_subquery()
        here = select(community.c.zone).where(*is_community(member)).scalar_subquery()
        zones = (
            here.label("community_zone"),
            player.c.zone.label("member_zone"),
            player.c.told_zone,
            player.c.day_starts,
        )
        streak: Select[Any] = select(*STREAK, *zones).where(player.c.id == mine)
        sums = (
            select(*(func.coalesce(func.sum(standing.c[name]), 0) for name in SUMS))
            .join(member_, member_.c.id == standing.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .where(
                person.c.player_id == mine,
                standing.c.board.in_(BOARDS),
                standing.c.period == ALL_TIME,
                standing.c.team_id == 0,
            )
        )

        waiting = (
            select(func.count())
            .select_from(answer)
            .join(post, post.c.round_id == answer.c.round_id)
            .join(member_, member_.c.id == answer.c.member_id)
            .join(person, person.c.id == member_.c.person_id)
            .where(
                person.c.player_id == mine,
                post.c.reveal == Reveal.AT_CLOSE.value,
                post.c.state != "closed",
            )
        )

        def read(connection: Connection) -> PlayerTotals:
            row = connection.execute(streak).first()
            if row is None:
                return PlayerTotals(zones=Zones(connection.scalar(select(here))))
            points, right, answered = map(int, connection.execute(sums).one())
            zones = to_zones(row)
            waiting_count = int(connection.scalar(waiting) or 0)
            return PlayerTotals(points, right, answered, to_streak(row), zones, waiting_count)

        return await self._database.read(read)

    async def preferences(self, member: Member) -> Preferences:
        """A member's preferences, or the defaults."""
        chosen = (
            select(player.c.zone, player.c.day_starts)
            .join(person, person.c.player_id == player.c.id)
            .where(*is_player(member))
        )
        hidden = members(member_.c.hidden).where(*is_member(member)).scalar_subquery()
        row = await self._database.row(chosen.add_columns(hidden.label("hidden")))
        return Preferences(row.zone, bool(row.hidden), row.day_starts) if row else Preferences()

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        """Save a member's preferences."""

        def save(connection: Connection) -> None:
            ids = self._members.join(connection, member, name)
            mine = member_.c.id == ids.member
            # Wait for an answer that is being stored: its lines copy `hidden`.
            connection.execute(select(member_.c.id).where(mine).with_for_update())
            connection.execute(
                player.update()
                .where(player.c.id == ids.player)
                .values(zone=chosen.zone, day_starts=chosen.starts)
            )
            connection.execute(member_.update().where(mine).values(hidden=chosen.hidden))
            connection.execute(
                standing.update()
                .where(standing.c.member_id == ids.member)
                .values(hidden=chosen.hidden)
            )

        await self._database.write(save)

    async def export(self, member: Member) -> Mapping[str, Any] | None:
        """A copy of all data about a player, as plain values; None if there is none."""
        mine = select(person.c.player_id).where(*is_player(member)).scalar_subquery()

        def copy(connection: Connection) -> Mapping[str, Any] | None:
            row = connection.execute(select(player).where(player.c.id == mine)).one_or_none()
            lists = {
                name: [dict(each._mapping) for each in connection.execute(query)]
                for name, query in _select_lists(member, mine).items()
            }
            if row is None:
                # Someone who never played may have been named a manager.
                return lists if any(lists.values()) else None
            streak = {name: value for name, value in row._mapping.items() if name != "id"}
            return {"streak": streak} | lists

        return await self._database.read(copy)

    async def forget(self, member: Member) -> bool:
        """Delete all data about a player; False if there is none."""
        mine = select(person.c.player_id).where(*is_player(member))
        deletion = delete(player).where(player.c.id.in_(mine))
        clear_dailies = daily.update().where(_set_by(daily, mine, member)).values(set_by="")
        clear_due = due.update().where(_set_by(due, mine, member)).values(set_by="")
        dismiss = manager.delete().where(_is_theirs(manager, manager.c.user_id, mine, member))
        clear_posts = post.update().where(_posed_by(mine)).values(posed_by="")

        def forget(connection: Connection) -> bool:
            # Whoever joins one of their teams meanwhile sees it or doesn't.
            teams = lock_teams(connection, team.c.id.in_(_select_teams(mine)))
            _insert_pseudonyms(connection, mine)
            was_named = connection.execute(clear_dailies).rowcount > 0
            was_named |= connection.execute(clear_due).rowcount > 0
            was_named |= connection.execute(clear_posts).rowcount > 0
            was_named |= connection.execute(dismiss).rowcount > 0
            was_player = connection.execute(deletion).rowcount > 0
            remove_empty(connection, teams)
            return was_player or was_named

        return await self._database.write(forget)


def _select_teams(players: Select[Any]) -> CompoundSelect[Any]:
    """Teams that a player is in, or earned points for."""
    theirs = (
        select(member_.c.id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id.in_(players))
    )
    return union(
        select(member_.c.team_id).where(member_.c.id.in_(theirs), member_.c.team_id.is_not(None)),
        select(standing.c.team_id).where(standing.c.member_id.in_(theirs), standing.c.team_id > 0),
    )


def _select_lists(member: Member, mine: Any) -> Mapping[str, Select[Any]]:
    """Queries for the lists in a player's export, by name."""
    my_members = (
        select(member_.c.id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id == mine)
    )
    players = select(person.c.player_id).where(*is_player(member))
    posed = select(round_.c.pack, round_.c.question, round_.c.opened_at, post.c.channel)
    return {
        "communities": _select_memberships(mine),
        "answers": _select_answers(my_members),
        "drills": select(drill.c.pack, drill.c.scope, drill.c.started_at).where(
            drill.c.member_id.in_(my_members)
        ),
        "standings": select(
            *(standing.c[name] for name in ("board", "period", *SUMS, "reached_at"))
        ).where(
            standing.c.member_id.in_(my_members),
            standing.c.team_id == 0,
            standing.c.board.in_(BOARDS),
        ),
        "memory": select(*(c for c in card.c if c.name != "player_id")).where(
            card.c.player_id == mine, ~UNREVEALED
        ),
        "questions posed": posed.join(post, post.c.round_id == round_.c.id).where(
            _posed_by(players)
        ),
        "reports": select(
            report.c.pack, report.c.question, report.c.reason, report.c.reported_at
        ).where(report.c.member_id.in_(my_members)),
        "manager of": select(community.c.platform, community.c.external_id.label("community"))
        .join(manager, manager.c.community_id == community.c.id)
        .where(_is_theirs(manager, manager.c.user_id, players, member)),
    }


def _select_memberships(mine: Any) -> Select[Any]:
    return (
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


def _select_answers(my_members: Select[Any]) -> Select[Any]:
    return (
        select(
            round_.c.pack,
            round_.c.question,
            answer.c.given,
            case((_IS_REVEALED, answer.c.credit)).label("credit"),
            case((_IS_REVEALED, answer.c.points)).label("points"),
            answer.c.answered_at,
            answer.c.day,
            round_.c.withdrawn_at.is_not(None).label("withdrawn"),
        )
        .join(round_, round_.c.id == answer.c.round_id)
        .outerjoin(post, post.c.round_id == answer.c.round_id)
        .where(answer.c.member_id.in_(my_members))
        .order_by(answer.c.id)
    )


def _insert_pseudonyms(connection: Connection, players: Select[Any]) -> None:
    """Store pseudonyms for the open rounds that a player answered, so they can't answer again."""
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
            erased_answer.insert().values(round_id=row.round_id, pseudonym=pseudonym(salt, who))
        )


def _posed_by(players: Select[Any]) -> ColumnElement[bool]:
    """Matches posts of questions that a player posed."""
    members_ = (
        select(community.c.id, person.c.external_id)
        .join(member_, member_.c.community_id == community.c.id)
        .join(person, person.c.id == member_.c.person_id)
        .where(person.c.player_id.in_(players))
    )
    return tuple_(post.c.community_id, post.c.posed_by).in_(members_)


def _set_by(table: Table, players: Select[Any], member: Member) -> ColumnElement[bool]:
    """Matches rows of a table set by a player, or by a member who has never played."""
    return _is_theirs(table, table.c.set_by, players, member)


def _is_theirs(
    table: Table, user: ColumnElement[str], players: Select[Any], member: Member
) -> ColumnElement[bool]:
    """Matches rows of a community whose user is a player, or a member who has never played."""
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
        user == member.user,
    )
    return (
        select(community.c.id)
        .where(
            community.c.id == table.c.community_id,
            user != "",
            named | user.in_(known),
        )
        .correlate(table)
        .exists()
    )
