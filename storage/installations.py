"""Slack workspaces that installed the app, stored in our tables by slack_sdk's own stores.

slack_sdk's async stores need an async engine, which ours isn't, so its sync stores run in threads.
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

log = logging.getLogger(f"{__name__}.library")

STATE_SECONDS = 600
"""How long somebody has to approve an installation they started."""


def _hide_what_it_is_about(record: logging.LogRecord) -> bool:
    """Slack's library names states and workspaces when it logs that a query failed."""
    record.msg, record.args = "slack's library could not look something up", ()
    return True


log.addFilter(_hide_what_it_is_about)


class Installations:
    """Workspaces that installed the app, with their tokens. Slack's library uses the `store` of
    installations and the `states` of those in progress."""

    def __init__(self, client_id: str, engine: Engine) -> None:
        engine = engine.execution_options(**WRITES)
        self._installations = SQLAlchemyInstallationStore(client_id, engine, logger=log)
        self.store = _Store(self._installations)
        self.states = _States(SQLAlchemyOAuthStateStore(STATE_SECONDS, engine, logger=log))

    async def token(self, team: str) -> str | None:
        """The bot token of a workspace, whatever organization it belongs to."""
        enterprise = await asyncio.to_thread(self._find_enterprise, team)
        bot = await self.store.async_find_bot(enterprise_id=enterprise, team_id=team)
        return bot.bot_token if bot else None

    async def forget(self, team: str) -> None:
        """Delete all installations of a workspace."""
        enterprise = await asyncio.to_thread(self._find_enterprise, team)
        await self.store.async_delete_all(enterprise_id=enterprise, team_id=team)

    def _find_enterprise(self, team: str) -> str | None:
        bots = self._installations.bots.c
        ours = (bots.client_id == self._installations.client_id) & (bots.team_id == team)
        latest = select(bots.enterprise_id).where(ours).order_by(bots.installed_at.desc())
        with self._installations.engine.connect() as connection:
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
