"""Slack workspaces that installed the app, stored in our tables by slack_sdk's own stores.

slack_sdk's async stores need an async engine, which ours isn't, so its sync stores run in threads.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from sqlalchemy import Engine, select

from storage.encryption import MARK, Encrypted, Keys, SecretKeyProblem
from storage.opening import WRITES
from storage.tables import METADATA

log, library_log = logging.getLogger(__name__), logging.getLogger(f"{__name__}.library")

SECRETS = {
    "slack_bots": ("bot_token", "bot_refresh_token"),
    "slack_installations": (
        "bot_token",
        "bot_refresh_token",
        "user_token",
        "user_refresh_token",
        "incoming_webhook_url",
    ),
}
"""Columns that let whoever reads them act in a workspace, by table."""


def _hide_what_it_is_about(record: logging.LogRecord) -> bool:
    """Slack's library names workspaces when it logs that a query failed."""
    record.msg, record.args = "slack's library could not look something up", ()
    return True


library_log.addFilter(_hide_what_it_is_about)


class Installations:
    """Workspaces that installed the app, with their tokens. Slack's library uses the `store`."""

    def __init__(self, client_id: str, engine: Engine, keys: Keys | None = None) -> None:
        engine = engine.execution_options(**WRITES)
        self._installations = SQLAlchemyInstallationStore(client_id, engine, logger=library_log)
        for table in (self._installations.bots, self._installations.installations):
            for name in SECRETS[table.name]:
                table.c[name].type = Encrypted(keys or Keys())
        self.store = _Store(self._installations)

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


class Secrets(NamedTuple):
    """How many of the stored secrets were encrypted, and how many were plain."""

    encrypted: int
    plain: int


def check_secrets(engine: Engine, keys: Keys) -> None:
    """Check that the keys decrypt all stored secrets. Raises SecretKeyProblem."""

    def check(stored: str) -> str:
        keys.decrypt(stored)
        return stored

    plain = _each_secret(engine, check).plain
    if keys and plain:
        log.warning("slack tokens aren't encrypted yet: %d. Run `studyhall db rekey`", plain)


def rekey(engine: Engine, keys: Keys, *, delete_lost: bool = False) -> Secrets:
    """Encrypt all stored secrets with the first key, or none if one can't be decrypted. With
    `delete_lost`, installations with such a secret are deleted. Raises SecretKeyProblem."""
    return _each_secret(
        engine, lambda stored: keys.encrypt(keys.decrypt(stored)), delete_lost=delete_lost
    )


def _each_secret(
    engine: Engine, change: Callable[[str], str], *, delete_lost: bool = False
) -> Secrets:
    """Change all secrets in one transaction."""
    encrypted = plain = 0
    with engine.execution_options(**WRITES).begin() as connection:
        for name, columns in SECRETS.items():
            table = METADATA.tables[name]
            query = select(table.c.id, *(table.c[each] for each in columns)).with_for_update()
            for row in connection.execute(query).mappings().all():
                here = table.c.id == row["id"]
                known = {each: row[each] for each in columns if row[each] is not None}
                try:
                    changed = {each: change(value) for each, value in known.items()}
                except SecretKeyProblem:
                    if not delete_lost:
                        raise
                    connection.execute(table.delete().where(here))
                    continue
                marked = sum(value.startswith(MARK) for value in known.values())
                encrypted, plain = encrypted + marked, plain + len(known) - marked
                if changed != known:
                    connection.execute(table.update().where(here).values(changed))
    return Secrets(encrypted, plain)


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
