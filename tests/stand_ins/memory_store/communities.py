from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.due.rows import DueRow, NewDue
from bot.engine.events import Channel
from tests.stand_ins.memory_store.due import DueRows
from tests.stand_ins.memory_store.state import State


class Communities:
    def __init__(self, state: State, due: DueRows) -> None:
        self._state = state
        self._due = due

    async def settings(self, platform: str, community: str) -> CommunitySettings:
        return self._state.communities.get((platform, community), CommunitySettings())

    async def set_settings(
        self,
        platform: str,
        community: str,
        settings: CommunitySettings,
        moved: Sequence[tuple[DueRow, datetime]] = (),
    ) -> None:
        season = (await self.settings(platform, community)).season
        self._state.communities[platform, community] = replace(settings, season=season)
        for row, at in moved:
            self._due.move(row, at)

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        return self._state.channels.get(channel, ChannelSettings())

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
        due: NewDue | None = None,
    ) -> None:
        if everywhere:
            await self.set_settings(channel.platform, channel.community, everywhere)
        if due:
            self._due.save(due)
        self._state.channels[channel] = settings
        for key, daily in self._state.dailies_set.items():
            if daily.channel == channel:
                self._state.dailies_set[key] = replace(daily, pack="", question="")

    async def note_warning(self, channel: Channel, reason: str) -> bool:
        known = (channel, reason) in self._state.warnings
        self._state.warnings.add((channel, reason))
        return not known
