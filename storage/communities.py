"""What the admins chose for a community and its channels, and its seasons."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Update, and_, select

from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.events import Channel
from bot.engine.rounds import Posers, Reveal
from bot.engine.standings import Season
from storage.dailies import choose_anew
from storage.database import Database
from storage.members import Members, is_community
from storage.tables import channel as channel_
from storage.tables import community, season


class Communities:
    """Keeps what was chosen."""

    def __init__(self, database: Database, members: Members) -> None:
        self._database = database
        self._members = members

    async def settings(self, platform: str, external: str) -> CommunitySettings:
        """What was chosen for a community; the defaults where nothing was."""
        row = await self._database.row(
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

    async def set_settings(self, platform: str, external: str, settings: CommunitySettings) -> None:
        """Keep what was chosen for a community; seasons are started, not set."""

        def keep(connection: Connection) -> None:
            community_id = self._members.community(connection, platform, external)
            connection.execute(_choose(community_id, settings))

        await self._database.write(keep)

    async def start_season(self, platform: str, external: str, name: str, now: datetime) -> Season:
        """Start a season, which ends the one that runs."""

        def start(connection: Connection) -> Season:
            community_id = self._members.community(connection, platform, external)
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

        return await self._database.write(start)

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """What was chosen for a channel; the defaults where nothing was."""
        query = (
            select(channel_.c.reveal, channel_.c.pack)
            .join(community, community.c.id == channel_.c.community_id)
            .where(*is_community(channel), channel_.c.external_id == channel.id)
        )
        row = await self._database.row(query)
        return ChannelSettings(Reveal(row.reveal), row.pack) if row else ChannelSettings()

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
    ) -> None:
        """Keep what was chosen for a channel, and for its community."""

        def keep(connection: Connection) -> None:
            community_id = self._members.community(connection, channel.platform, channel.community)
            connection.execute(
                self._database.upsert(
                    channel_,
                    {"community_id": community_id, "external_id": channel.id},
                    {"reveal": settings.reveal.value, "pack": settings.pack},
                )
            )
            choose_anew(connection, community_id, channel.id)
            if everywhere:
                connection.execute(_choose(community_id, everywhere))

        await self._database.write(keep)


def _choose(community_id: int, settings: CommunitySettings) -> Update:
    """Keeps what was chosen for a community."""
    return (
        community.update()
        .where(community.c.id == community_id)
        .values(
            zone=settings.zone,
            posers=settings.posers.value,
            questions_an_hour=settings.questions_an_hour,
            question_minutes=settings.question_minutes,
            team_cap=settings.team_cap,
        )
    )
