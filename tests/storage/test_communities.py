"""Settings and seasons, on every kind of store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.days import Zones
from bot.engine.events import Channel
from bot.engine.players import Preferences
from bot.engine.ports import Store
from bot.engine.rounds import Posers, Results, Reveal
from storage.store import SqlStore
from tests.storage.steps import ANN, BOB, HERE, accept, accepted_answer, start


async def test_settings_of_a_community_are_found_in_its_round_views(
    any_store: Store,
) -> None:
    chosen = CommunitySettings("Europe/Berlin", None, Posers.MANAGERS, 5, 90, 8)
    await any_store.communities.set_settings("terminal", "local", CommunitySettings("Asia/Tokyo"))
    await any_store.communities.set_settings("terminal", "local", chosen)
    assert await any_store.communities.settings("terminal", "local") == chosen
    await any_store.players.set_preferences(ANN, "Ann", Preferences("America/Lima", starts=4))
    assert await any_store.players.preferences(ANN) == Preferences("America/Lima", starts=4)
    assert await any_store.players.preferences(BOB) == Preferences()
    (round_,) = await start(any_store, ANN, "q1")
    view = await any_store.answers.view(round_, ANN)
    assert view is not None
    assert view.zones == Zones("Europe/Berlin", "America/Lima", starts=4)
    assert (await any_store.players.totals(ANN)).zones == view.zones
    assert (await any_store.players.totals(BOB)).zones == Zones("Europe/Berlin")
    await accept(any_store, replace(accepted_answer(round_), zone="Asia/Tokyo"))
    assert (await any_store.players.totals(ANN)).zones == replace(view.zones, platform="Asia/Tokyo")


async def test_a_channels_settings_are_its_own(any_store: Store) -> None:
    chosen = ChannelSettings(Reveal.AT_CLOSE, "other", results=Results.THREAD)
    await any_store.communities.set_channel_settings(HERE, ChannelSettings(pack="first"))
    await any_store.communities.set_channel_settings(HERE, chosen)
    assert await any_store.communities.channel_settings(HERE) == chosen
    other = Channel("terminal", "elsewhere", "general")
    assert await any_store.communities.channel_settings(other) == ChannelSettings()


async def test_a_channel_is_warned_once_for_each_reason(any_store: Store) -> None:
    other = Channel("terminal", "elsewhere", "general")
    for channel in (HERE, replace(HERE, id="talk"), other):
        for reason in ("no replies", "no threads"):
            assert await any_store.communities.note_warning(channel, reason)
            assert not await any_store.communities.note_warning(channel, reason)
    assert await any_store.communities.channel_settings(HERE) == ChannelSettings()


async def test_settings_of_a_channel_and_its_community_are_saved_together(
    any_store: Store,
) -> None:
    everywhere = CommunitySettings("Asia/Tokyo", team_cap=3)
    await any_store.communities.set_channel_settings(
        HERE, ChannelSettings(Reveal.AT_CLOSE, "p"), everywhere
    )
    assert await any_store.communities.settings("terminal", "local") == everywhere
    assert await any_store.teams.cap(ANN) == 3
    await any_store.communities.set_channel_settings(HERE, ChannelSettings(pack="other"))
    assert await any_store.communities.settings("terminal", "local") == everywhere


async def test_if_some_settings_cannot_be_saved_none_are(store: SqlStore) -> None:
    await store.communities.set_channel_settings(
        HERE, ChannelSettings(pack="p"), CommunitySettings("Asia/Tokyo")
    )

    def lose(*args: Any) -> None:
        if "UPDATE community" in args[2]:
            raise ConnectionError("the database is gone")

    listen(store.database.engine, "before_cursor_execute", lose)
    with pytest.raises(ConnectionError):
        await store.communities.set_channel_settings(
            HERE, ChannelSettings(pack="q"), CommunitySettings(team_cap=2)
        )
    remove(store.database.engine, "before_cursor_execute", lose)
    assert (await store.communities.channel_settings(HERE)).pack == "p"
    assert (await store.communities.settings("terminal", "local")).zone == "Asia/Tokyo"
