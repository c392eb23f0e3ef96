"""Settings and seasons, on every kind of store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.event import listen, remove

from bot.engine.communities import ChannelSettings, CommunitySettings, Managers
from bot.engine.days import Zones
from bot.engine.events import Channel, Member
from bot.engine.players import Preferences
from bot.engine.ports import Store
from bot.engine.rounds import Posers, Results, Reveal
from storage.store import SqlStore
from tests.storage.steps import ANN, BOB, HERE, accept, accepted_answer, start


async def test_settings_of_a_community_are_found_in_its_round_views(
    any_store: Store,
) -> None:
    chosen = CommunitySettings(
        "Europe/Berlin", None, Posers.MANAGERS, 5, 90, 8, Managers("r1", ("U1", "U2"))
    )
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


async def test_managers_are_replaced_as_a_whole(any_store: Store) -> None:
    for managers in (
        Managers(users=("U1", "U2")),
        Managers("r1", ("U2", "U3")),
        Managers("r2"),
        Managers(),
    ):
        chosen = CommunitySettings(managers=managers)
        await any_store.communities.set_channel_settings(HERE, ChannelSettings(), chosen)
        assert await any_store.communities.settings("terminal", "local") == chosen


async def test_managers_who_never_played_can_see_and_delete_that_they_are(
    any_store: Store,
) -> None:
    zoe = Member("slack", "T1", "U1", "T1")
    other = replace(zoe, community="T2", realm="T2")
    chosen = CommunitySettings(managers=Managers("S1", ("U1", "U2")))
    for team in ("T1", "T2"):
        await any_store.communities.set_settings("slack", team, chosen)
    exported = await any_store.players.export(zoe)
    assert exported
    assert exported["manager of"] == [{"platform": "slack", "community": "T1"}]
    assert await any_store.players.forget(zoe)
    assert await any_store.players.export(zoe) is None
    assert not await any_store.players.forget(zoe)
    left = (await any_store.communities.settings("slack", "T1")).managers
    assert left == Managers("S1", ("U2",))
    assert await any_store.communities.settings("slack", "T2") == chosen
    assert await any_store.players.export(other)


async def test_a_player_deletes_that_they_manage_communities(any_store: Store) -> None:
    managers = CommunitySettings(managers=Managers(users=("ann", "bob")))
    for community in ("local", "elsewhere"):
        await any_store.communities.set_settings("terminal", community, managers)
    await start(any_store, ANN, "q1")
    exported = await any_store.players.export(ANN)
    assert exported
    assert len(exported["manager of"]) == 2
    assert await any_store.players.forget(ANN)
    for community in ("local", "elsewhere"):
        left = await any_store.communities.settings("terminal", community)
        assert left.managers == Managers(users=("bob",))
