"""Admins' settings for a community and its channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, and_, select

from bot.engine.communities import ChannelSettings, CommunitySettings, Managers
from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from bot.engine.rounds import Posers, Results, Reveal
from bot.engine.schedules import Weekly
from storage.dailies import clear_choice
from storage.database import Database
from storage.due import DueRows, is_same_row
from storage.members import Members, is_community
from storage.seasons import SEASON, to_season
from storage.tables import channel as channel_
from storage.tables import community, due, manager, season, warning

_WEEKLY = TypeAdapter(Weekly)


class Communities:
    """Stores settings of communities and channels."""

    def __init__(self, database: Database, members: Members, due_rows: DueRows) -> None:
        self._database = database
        self._members = members
        self._due = due_rows

    async def settings(self, platform: str, external: str) -> CommunitySettings:
        """A community's settings, with defaults for what isn't set."""
        query = (
            select(
                community.c.id.label("community_id"),
                community.c.zone,
                community.c.posers,
                community.c.questions_an_hour,
                community.c.question_minutes,
                community.c.team_cap,
                community.c.manager_role,
                *SEASON,
            )
            .outerjoin(
                season, and_(season.c.community_id == community.c.id, season.c.ended_at.is_(None))
            )
            .where(community.c.platform == platform, community.c.external_id == external)
        )

        def read(connection: Connection) -> CommunitySettings:
            row = connection.execute(query).first()
            if row is None:
                return CommunitySettings()
            named = select(manager.c.user_id).where(manager.c.community_id == row.community_id)
            return CommunitySettings(
                row.zone,
                to_season(row) if row.id else None,
                Posers(row.posers),
                row.questions_an_hour,
                row.question_minutes,
                row.team_cap,
                Managers(row.manager_role, tuple(sorted(connection.scalars(named)))),
            )

        return await self._database.read(read)

    async def set_settings(
        self,
        platform: str,
        external: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        """Save a community's settings and move due rows. The season isn't one of them: start it."""

        def save(connection: Connection) -> None:
            community_id = self._members.community(connection, platform, external)
            _save_settings(connection, community_id, settings)
            for row, at in moved:
                connection.execute(due.update().where(*is_same_row(row)).values(at=at, due_at=at))

        await self._database.write(save)

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        """A channel's settings, or the defaults."""
        query = (
            select(channel_.c.reveal, channel_.c.pack, channel_.c.weekly, channel_.c.results)
            .join(community, community.c.id == channel_.c.community_id)
            .where(*is_community(channel), channel_.c.external_id == channel.id)
        )
        row = await self._database.row(query)
        if row is None:
            return ChannelSettings()
        weekly = _WEEKLY.validate_json(row.weekly) if row.weekly else None
        return ChannelSettings(Reveal(row.reveal), row.pack, weekly, Results(row.results))

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        """Save a channel's settings, with its community's and a due row that go with them."""
        weekly = settings.weekly

        def save(connection: Connection) -> None:
            community_id = self._members.community(connection, channel.platform, channel.community)
            connection.execute(
                self._database.upsert(
                    channel_,
                    {"community_id": community_id, "external_id": channel.id},
                    {
                        "reveal": settings.reveal.value,
                        "pack": settings.pack,
                        "weekly": _WEEKLY.dump_json(weekly).decode() if weekly else "",
                        "results": settings.results.value,
                    },
                )
            )
            clear_choice(connection, community_id, channel.id)
            if everywhere:
                _save_settings(connection, community_id, everywhere)
            if due:
                self._due.save(connection, due)

        await self._database.write(save)

    async def note_warning(self, channel: Channel, reason: str) -> bool:
        """Store that a channel's managers are warned for this reason; False if they were before."""

        def note(connection: Connection) -> bool:
            community_id = self._members.community(connection, channel.platform, channel.community)
            noted = (
                self._database.insert(warning)
                .values(community_id=community_id, channel=channel.id, reason=reason)
                .on_conflict_do_nothing()
                .returning(warning.c.reason)
            )
            return connection.scalar(noted) is not None

        return await self._database.write(note)


def _save_settings(connection: Connection, community_id: int, settings: CommunitySettings) -> None:
    """Save a community's settings and its managers."""
    connection.execute(
        community.update()
        .where(community.c.id == community_id)
        .values(
            zone=settings.zone,
            posers=settings.posers.value,
            questions_an_hour=settings.questions_an_hour,
            question_minutes=settings.question_minutes,
            team_cap=settings.team_cap,
            manager_role=settings.managers.role,
        )
    )
    connection.execute(manager.delete().where(manager.c.community_id == community_id))
    if users := settings.managers.users:
        rows = [{"community_id": community_id, "user_id": user} for user in users]
        connection.execute(manager.insert(), rows)
