"""What an operator does to an installation from outside: look at it, bring it up to date, copy it.

Each of these is a command of its own process; the bot may be running beside it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path

from bot.app import load_packs, open_store
from bot.engine.reports import QuestionReport
from bot.settings import Settings
from storage import copying
from storage.copying import NotCopied, Told
from storage.opening import DatabaseUnavailable, check_database, open_database, shown

__all__ = ["DatabaseUnavailable", "NotCopied"]


def check(settings: Settings) -> None:
    """Look whether the bot could run, and change nothing. Raises BrokenPack and
    DatabaseUnavailable."""
    load_packs(settings, "")
    check_database(settings.database_url)


def reports(settings: Settings) -> list[QuestionReport]:
    """What members reported of questions. Raises DatabaseUnavailable."""

    async def once() -> list[QuestionReport]:
        async with open_store(settings) as store:
            return list(await store.reports.all())

    return asyncio.run(once())


def upgrade(settings: Settings) -> None:
    """Bring the database up to date. Raises DatabaseUnavailable."""
    open_database(settings.database_url).dispose()


def backup(settings: Settings, file: Path, told: Told) -> int:
    """Write everything into a new file. Raises DatabaseUnavailable and NotCopied."""
    _prepare_to_copy()
    return copying.backup(settings.database_url, file, told)


def restore(settings: Settings, file: Path, told: Told) -> tuple[int, str]:
    """Put a backup into the database, which is empty, and say which that is.

    Raises DatabaseUnavailable and NotCopied.
    """
    _prepare_to_copy()
    url = settings.database_url
    return copying.restore(file, url, told), shown(url)


def move(settings: Settings, url: str, told: Told) -> tuple[int, str]:
    """Copy everything into another database, which is empty, and say which that is.

    Raises DatabaseUnavailable and NotCopied.
    """
    _prepare_to_copy()
    return copying.copy(settings.database_url, url, told), shown(url)


def _prepare_to_copy() -> None:
    """Nothing is left of a copy that is stopped, by SIGTERM as by Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What is logged of a connection that breaks off is said by the error already.
    for name in ("psycopg", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
