"""Joins the engine, storage and adapters: the one file that knows them all."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from random import SystemRandom
from typing import Any, TypedDict

from rich.console import Console
from tzlocal import get_localzone_name

from adapters import LoginFailed
from adapters.terminal.play import Terminal
from adapters.terminal.render import render
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place
from bot.engine.library import Library
from bot.engine.ports import Poster, Reported, Store
from bot.engine.screens import Reply
from bot.observe import start_log
from bot.settings import Settings
from content import loader
from content.model import Pack
from storage.database import DatabaseUnavailable, open_database
from storage.store import SqlStore

__all__ = ["DatabaseUnavailable", "LoginFailed"]


class Shards(TypedDict, total=False):
    """Which of Discord's shards this process is; all, as many as Discord advises, if left out."""

    shard_count: int
    shard_ids: list[int]


def load_packs(settings: Settings, chosen: str) -> list[Pack]:
    """The bundled packs, with the chosen one (an id or a path, or empty) first.

    Raises BrokenPack.
    """
    folders = loader.bundled()
    if chosen:
        first = loader.find(chosen)
        folders = [first, *(folder for folder in folders if folder != first)]
    return [loader.load(folder, cache=settings.cache) for folder in folders]


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """A store over the settings' database, closed at the end. Raises DatabaseUnavailable."""
    store = SqlStore(await asyncio.to_thread(open_database, settings.database_url))
    try:
        yield store
    finally:
        await store.close()


def desk_over(store: Store, packs: Iterable[Pack], posters: Mapping[str, Poster]) -> Desk:
    """A desk that keeps what happens in a store."""
    return Desk(Library(packs), store, _now, SystemRandom(), posters)


@contextmanager
def _running(settings: Settings, pack: str) -> Iterator[tuple[asyncio.Runner, Desk]]:
    """A desk for a caller that is not asynchronous: reading a keyboard inside the event loop would
    keep Ctrl-C from stopping it."""
    with asyncio.Runner() as runner:
        opened = open_store(settings)
        store = runner.run(opened.__aenter__())
        try:
            yield runner, desk_over(store, load_packs(settings, pack), {})
        finally:
            runner.run(opened.__aexit__(None, None, None))


def play(settings: Settings, options: Mapping[str, str | int], pack: str) -> None:
    """A drill in this terminal."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _running(settings, pack) as (runner, desk):
        terminal = Terminal(
            lambda event: runner.run(desk.handle(event)),
            lambda event, option, text: runner.run(desk.complete(event, option, text)),
            _actor(),
            _place(),
            sys.stdin,
            Console(highlight=False),
        )
        terminal.play(dict(options))


def call(
    settings: Settings, command: str, options: Mapping[str, str | int], pack: str = ""
) -> Reply:
    """The reply to one command of this terminal's member."""
    (reply,) = calls(settings, command, [options], pack)
    return reply


def calls(
    settings: Settings,
    command: str,
    options: Iterable[Mapping[str, str | int]],
    pack: str = "",
) -> Iterator[Reply]:
    """The replies to one command with several options, one after the other."""
    with _running(settings, pack) as (runner, desk):
        for each in options:
            yield runner.run(desk.handle(Event(_actor(), _place(), Call(command, each))))


def show(reply: Reply) -> None:
    """Print a reply's screen."""
    console = Console(highlight=False)
    console.print(render(reply.screen, console, beside=True), crop=False)


class NoCredentials(Exception):
    """No platform can be run; the message says what to set."""


def run(settings: Settings, platform: str, shards: Shards, pack: str) -> None:
    """Run the adapters that have credentials, or only one platform's, until told to stop.

    Raises NoCredentials, LoginFailed, BrokenPack and DatabaseUnavailable.
    """
    start_log()
    asyncio.run(_run(settings, platform, shards, load_packs(settings, pack)))


async def _run(settings: Settings, platform: str, shards: Shards, packs: list[Pack]) -> None:
    from adapters.discord.client import PLATFORM as DISCORD
    from adapters.discord.client import StudyhallClient
    from adapters.discord.invite import log_in
    from bot.scheduler import heartbeat

    if platform not in ("", DISCORD) or settings.discord_token is None:
        raise NoCredentials(
            "Set STUDYHALL_DISCORD_TOKEN to the bot token of your Discord application "
            "(docs/discord.md says how to make one)."
        )
    posters: dict[str, Poster] = {}
    async with open_store(settings) as store:
        desk = desk_over(store, packs, posters)
        client = StudyhallClient(desk, store, **shards)
        async with client:
            await log_in(
                client, settings.discord_token.get_secret_value(), settings.discord_api_base
            )
            posters[DISCORD] = client.poster
            scheduler = heartbeat(desk.rounds)
            scheduler.start()
            try:
                await _until_stopped(client.connect())
            finally:
                scheduler.shutdown(wait=False)
                await client.leave()


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it ends, or the process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working in done:
        working.result()


def invitation(settings: Settings) -> str:
    """The link that invites the Discord bot. Raises NoCredentials and LoginFailed."""
    from adapters.discord import invite

    if settings.discord_token is None:
        raise NoCredentials("Set STUDYHALL_DISCORD_TOKEN first.")
    return asyncio.run(
        invite.invitation(settings.discord_token.get_secret_value(), settings.discord_api_base)
    )


def reports(settings: Settings) -> list[Reported]:
    """What members reported of questions. Raises DatabaseUnavailable."""

    async def once() -> list[Reported]:
        async with open_store(settings) as store:
            return list(await store.reports())

    return asyncio.run(once())


def upgrade(settings: Settings) -> None:
    """Bring the database up to date. Raises DatabaseUnavailable."""
    open_database(settings.database_url).dispose()


def _now() -> datetime:
    return datetime.now(UTC)


def _actor() -> Actor:
    user = getpass.getuser()
    return Actor(user, user, admin=True)


def _place() -> Place:
    return Place("terminal", "local", "terminal", private=True, zone=get_localzone_name() or "UTC")
