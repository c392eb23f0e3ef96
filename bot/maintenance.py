"""Maintenance from the command line: health, upgrades, backups, moving, reports.

Each runs in its own process, next to a bot that may be running.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from datetime import UTC, datetime
from pathlib import Path

from bot.app import load_packs, open_store
from bot.engine.platform import Misconfigured
from bot.engine.reports import QuestionReport
from bot.settings import Settings
from storage import copying
from storage.copying import Copied, NotCopied, Progress
from storage.opening import DatabaseUnavailable, check_database, open_database, redact_url

__all__ = ["Copied", "DatabaseUnavailable", "NotCopied"]

BACKED_UP_AT = "backed-up-at"
"""The installation's setting with the time of its last backup."""


def check(settings: Settings) -> None:
    """Check that the bot could run, without changing anything. Raises BrokenPack and
    DatabaseUnavailable."""
    load_packs(settings, "")
    check_database(settings.database_url)


def list_reports(settings: Settings) -> list[QuestionReport]:
    """The problems that members reported. Raises DatabaseUnavailable."""

    async def read() -> list[QuestionReport]:
        async with open_store(settings) as store:
            return list(await store.reports.all())

    return asyncio.run(read())


def upgrade(settings: Settings) -> None:
    """Upgrade the database. Raises DatabaseUnavailable."""
    open_database(settings.database_url).dispose()


def backup(settings: Settings, file: Path, update: Progress) -> Copied:
    """Back up everything to a new file. Raises DatabaseUnavailable and NotCopied."""
    _prepare_to_copy()
    copied = copying.backup(settings.database_url, file, update)

    async def note() -> None:
        async with open_store(settings) as store:
            await store.settings.set(BACKED_UP_AT, datetime.now(UTC).isoformat())

    asyncio.run(note())
    return copied


def restore(settings: Settings, file: Path, update: Progress) -> tuple[Copied, str]:
    """Restore a backup into the empty database; returns also the database's URL without its
    password. Raises DatabaseUnavailable and NotCopied."""
    _prepare_to_copy()
    url = settings.database_url
    return copying.restore(file, url, update), redact_url(url)


def move(settings: Settings, url: str, update: Progress) -> tuple[Copied, str]:
    """Copy everything to another, empty database; returns also that database's URL without its
    password. Raises DatabaseUnavailable and NotCopied."""
    _prepare_to_copy()
    return copying.copy(settings.database_url, url, update), redact_url(url)


def rekey(settings: Settings, *, delete_lost: bool) -> tuple[int, int]:
    """Encrypt the secrets in the database with the first key; returns how many were encrypted
    before, and how many weren't. Raises DatabaseUnavailable and Misconfigured."""
    # They take long to load, and nothing else here needs them.
    from storage.encryption import NEW_KEY, Keys, SecretKeyProblem
    from storage.installations import rekey

    key = settings.secret_key
    try:
        keys = Keys(key.get_secret_value() if key else "")
        if not keys:
            raise Misconfigured(f"Set STUDYHALL_SECRET_KEY first. {NEW_KEY}")
        engine = open_database(settings.database_url, existing=True)
        try:
            return rekey(engine, keys, delete_lost=delete_lost)
        finally:
            engine.dispose()
    except SecretKeyProblem as problem:
        raise Misconfigured(str(problem)) from None


def new_key() -> str:
    """A new secret key."""
    from storage.encryption import new_key

    return new_key()


def _prepare_to_copy() -> None:
    """Let SIGTERM clean up as Ctrl-C does, and keep libraries quiet."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # They log a lost connection, which the error already reports.
    for name in ("psycopg", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
