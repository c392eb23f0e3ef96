"""What the admins chose for a community, its seasons, and what each member chose."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, select

from bot.engine.events import Member
from bot.engine.ports import CommunitySettings, Preferences
from bot.engine.rounds import Posers
from bot.engine.standings import Season
from storage.base import (
    Base,
    choosing,
    community,
    is_member,
    is_player,
    members,
    person,
    player,
    season,
    standing,
)
from storage.base import member as member_


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
                season.c.id,
                season.c.name,
                season.c.started_at,
            )
            .outerjoin(
                season, and_(season.c.community_id == community.c.id, season.c.ended_at.is_(None))
            )
            .where(community.c.platform == platform, community.c.external_id == external)
        )
        if row is None:
            return CommunitySettings()
        running = Season(row.id, row.name, row.started_at) if row.id else None
        return CommunitySettings(
            row.zone,
            running,
            Posers(row.posers),
            row.questions_an_hour,
            row.question_minutes,
            row.team_cap,
        )

    async def set_community(
        self, platform: str, external: str, settings: CommunitySettings
    ) -> None:
        """Keep what was chosen for a community; seasons are started, not set."""

        def keep(connection: Connection) -> None:
            community_id = self._community(connection, platform, external)
            connection.execute(choosing(community_id, settings))

        await self._write(keep)

    async def start_season(self, platform: str, external: str, name: str, now: datetime) -> Season:
        """Start a season, which ends the one that runs."""

        def start(connection: Connection) -> Season:
            community_id = self._community(connection, platform, external)
            # Two admins at once: one after the other.
            connection.execute(
                select(community.c.id).where(community.c.id == community_id).with_for_update()
            )
            connection.execute(
                season.update()
                .where(season.c.community_id == community_id, season.c.ended_at.is_(None))
                .values(ended_at=now)
            )
            new = season.insert().values(community_id=community_id, name=name, started_at=now)
            return Season(int(connection.scalar(new.returning(season.c.id)) or 0), name, now)

        return await self._write(start)

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
