from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.events import Channel
from bot.engine.standings import Season
from tests.stand_ins.memory_store.state import State


class Communities:
    def __init__(self, state: State) -> None:
        self._state = state

    async def settings(self, platform: str, community: str) -> CommunitySettings:
        return self._state.communities.get((platform, community), CommunitySettings())

    async def set_settings(
        self, platform: str, community: str, settings: CommunitySettings
    ) -> None:
        season = (await self.settings(platform, community)).season
        self._state.communities[platform, community] = replace(settings, season=season)

    async def start_season(self, platform: str, community: str, name: str, now: datetime) -> Season:
        self._state.seasons += 1
        season = Season(self._state.seasons, name, now)
        before = await self.settings(platform, community)
        self._state.communities[platform, community] = replace(before, season=season)
        return season

    async def channel_settings(self, channel: Channel) -> ChannelSettings:
        return self._state.channels.get(channel, ChannelSettings())

    async def set_channel_settings(
        self,
        channel: Channel,
        settings: ChannelSettings,
        everywhere: CommunitySettings | None = None,
    ) -> None:
        if everywhere:
            await self.set_settings(channel.platform, channel.community, everywhere)
        self._state.channels[channel] = settings
        for key, daily in self._state.dailies_set.items():
            if daily.channel == channel:
                self._state.dailies_set[key] = replace(daily, pack="", question="")
