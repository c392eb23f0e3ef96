"""Slack workspaces that installed the app, kept in our tables by slack_sdk's own stores.

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

from storage.opening import WRITES

log = logging.getLogger(__name__)

STATE_SECONDS = 600
"""How long somebody has to allow an installation that they began."""


class Installations:
    """Which workspace has installed the app, and with what token; for Slack's library, the `store`
    of that and the `states` of installations that were begun."""

    def __init__(self, client_id: str, engine: Engine) -> None:
        engine = engine.execution_options(**WRITES)
        self._kept = SQLAlchemyInstallationStore(client_id, engine, logger=log)
        self.store = _Store(self._kept)
        self.states = _States(SQLAlchemyOAuthStateStore(STATE_SECONDS, engine, logger=log))

    async def token(self, team: str) -> str | None:
        """The token of a workspace's bot, whichever organisation the workspace belongs to."""
        enterprise = await asyncio.to_thread(self._enterprise, team)
        bot = await self.store.async_find_bot(enterprise_id=enterprise, team_id=team)
        return bot.bot_token if bot else None

    async def forget(self, team: str) -> None:
        """Delete all installations of a workspace."""
        enterprise = await asyncio.to_thread(self._enterprise, team)
        await self.store.async_delete_all(enterprise_id=enterprise, team_id=team)

    def _enterprise(self, team: str) -> str | None:
        bots = self._kept.bots.c
        ours = (bots.client_id == self._kept.client_id) & (bots.team_id == team)
        latest = select(bots.enterprise_id).where(ours).order_by(bots.installed_at.desc())
        with self._kept.engine.connect() as connection:
            return connection.execute(latest.limit(1)).scalar()


class _Store(AsyncInstallationStore):
    def __init__(self, store: SQLAlchemyInstallationStore) -> None:
        self._store = store

    async def async_save(self, installation: Installation) -> None:
        await asyncio.to_thread(self._store.save, installation)

    async def async_save_bot(self, bot: Bot) -> None:
        await asyncio.to_thread(self._store.save_bot, bot)

    async def async_find_bot(self, **where: Any) -> Bot | None:
        return await asyncio.to_thread(lambda: self._store.find_bot(**where))

    async def async_find_installation(self, **where: Any) -> Installation | None:
        return await asyncio.to_thread(lambda: self._store.find_installation(**where))

    async def async_delete_bot(self, **where: Any) -> None:
        await asyncio.to_thread(lambda: self._store.delete_bot(**where))

    async def async_delete_installation(self, **where: Any) -> None:
        await asyncio.to_thread(lambda: self._store.delete_installation(**where))


class _States(AsyncOAuthStateStore):
    def __init__(self, store: SQLAlchemyOAuthStateStore) -> None:
        self._store = store

    async def async_issue(self, *_: Any, **__: Any) -> str:
        return str(await asyncio.to_thread(self._store.issue))

    async def async_consume(self, state: str) -> bool:
        return bool(await asyncio.to_thread(self._store.consume, state))
