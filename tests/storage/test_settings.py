"""Settings of an installation, on every kind of store."""

from __future__ import annotations

from bot.engine.ports import Store


async def test_settings_of_the_installation_are_stored(any_store: Store) -> None:
    assert await any_store.settings.get("commands") is None
    await any_store.settings.set("commands", "1")
    await any_store.settings.set("commands", "2")
    assert await any_store.settings.get("commands") == "2"
