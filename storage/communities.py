"""What the admins chose for a community, and what each member chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, select

from bot.engine.events import Member
from bot.engine.ports import CommunitySettings, DueRow, Preferences
from bot.engine.rounds import Posers
from storage.base import (
    Base,
    choosing,
    community,
    due,
    is_member,
    is_player,
    members,
    person,
    player,
    season,
    standing,
)
from storage.base import member as member_
from storage.due import is_due
from storage.seasons import SEASON, to_season


class Communities(Base):
    """Keeps what was chosen."""

    async def community_settings(self, platform: str, external: str) -> CommunitySettings:
        """What was chosen for a community; the defaults where nothing was."""
        row = await self._row(
            select(
                community.c.zone,
                community.c.posers,
                community.c.questions_an_hour,
                community.c.question_minutes,
                community.c.team_cap,
                *SEASON,
            )
            .outerjoin(
                season, and_(season.c.community_id == community.c.id, season.c.ended_at.is_(None))
            )
            .where(community.c.platform == platform, community.c.external_id == external)
        )
        if row is None:
            return CommunitySettings()
        running = to_season(row) if row.id else None
        return CommunitySettings(
            row.zone,
            running,
            Posers(row.posers),
            row.questions_an_hour,
            row.question_minutes,
            row.team_cap,
        )

    async def set_community(
        self,
        platform: str,
        external: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        """Keep what was chosen for a community, and move what is due; seasons are started."""

        def keep(connection: Connection) -> None:
            community_id = self._community(connection, platform, external)
            connection.execute(choosing(community_id, settings))
            for row, at in moved:
                connection.execute(due.update().where(*is_due(row)).values(at=at, due_at=at))

        await self._write(keep)

    async def preferences(self, member: Member) -> Preferences:
        """What a member chose; the defaults where they chose nothing."""
        chosen = (
            select(player.c.zone, player.c.day_starts)
            .join(person, person.c.player_id == player.c.id)
            .where(*is_player(member))
        )
        hidden = members(member_.c.hidden).where(*is_member(member)).scalar_subquery()
        row = await self._row(chosen.add_columns(hidden.label("hidden")))
        return Preferences(row.zone, bool(row.hidden), row.day_starts) if row else Preferences()

    async def set_preferences(self, member: Member, name: str, chosen: Preferences) -> None:
        """Keep what a member chose."""

        def keep(connection: Connection) -> None:
            ids = self._join(connection, member, name)
            mine = member_.c.id == ids.member
            # An answer that is being kept refers to the member: this waits for its lines.
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

        await self._write(keep)
