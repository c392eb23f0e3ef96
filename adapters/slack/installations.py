"""Workspaces that installed the app, kept in our database by slack_sdk's own stores.

Those for asynchronous apps want an asynchronous engine; ours is not one, so theirs for ordinary
apps run in threads.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

STATE_SECONDS = 600
"""How long somebody has to allow an installation that they began."""


def _create_tables(store: SQLAlchemyInstallationStore | SQLAlchemyOAuthStateStore) -> None:
    try:
        store.create_tables()  # type: ignore[no-untyped-call]
    except DBAPIError:
        # Another replica was making them at the same moment: now they are there.
        store.create_tables()  # type: ignore[no-untyped-call]


class Installations(AsyncInstallationStore):
    """Which workspace has installed the app, and with what token."""

    def __init__(self, client_id: str, engine: Engine) -> None:
        self._store = SQLAlchemyInstallationStore(client_id, engine, logger=log)
        _create_tables(self._store)

    async def async_save(self, installation: Installation) -> None:
        """Keep a new installation."""
        await asyncio.to_thread(self._store.save, installation)

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot's token."""
        await asyncio.to_thread(self._store.save_bot, bot)

    async def async_find_bot(self, **where: Any) -> Bot | None:
        """A workspace's bot."""
        return await asyncio.to_thread(lambda: self._store.find_bot(**where))

    async def bot_of(self, team: str) -> Bot | None:
        """A workspace's bot, whichever organisation the workspace belongs to."""
        enterprise = await asyncio.to_thread(self._enterprise, team)
        return await self.async_find_bot(enterprise_id=enterprise, team_id=team)

    async def forget(self, team: str) -> None:
        """Delete all installations of a workspace."""
        enterprise = await asyncio.to_thread(self._enterprise, team)
        await self.async_delete_all(enterprise_id=enterprise, team_id=team)

    def _enterprise(self, team: str) -> str | None:
        bots = self._store.bots.c
        ours = (bots.client_id == self._store.client_id) & (bots.team_id == team)
        latest = select(bots.enterprise_id).where(ours).order_by(bots.installed_at.desc())
        with self._store.engine.connect() as connection:
            return connection.execute(latest.limit(1)).scalar()

    async def async_find_installation(self, **where: Any) -> Installation | None:
        """A workspace's installation."""
        return await asyncio.to_thread(lambda: self._store.find_installation(**where))

    async def async_delete_bot(self, **where: Any) -> None:
        """Forget a workspace's bot."""
        await asyncio.to_thread(lambda: self._store.delete_bot(**where))

    async def async_delete_installation(self, **where: Any) -> None:
        """Forget a workspace's installation."""
        await asyncio.to_thread(lambda: self._store.delete_installation(**where))


class States(AsyncOAuthStateStore):
    """Installations that were begun."""

    def __init__(self, engine: Engine) -> None:
        self._store = SQLAlchemyOAuthStateStore(STATE_SECONDS, engine, logger=log)
        _create_tables(self._store)

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """A state that only who begins an installation knows."""
        return str(await asyncio.to_thread(self._store.issue))

    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued, and not used yet."""
        return bool(await asyncio.to_thread(self._store.consume, state))
