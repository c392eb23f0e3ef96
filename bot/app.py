"""Joins the engine, storage and adapters: the one file that knows them all."""

from __future__ import annotations

import asyncio
import getpass
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from random import Random

from rich.console import Console
from tzlocal import get_localzone_name

from adapters.terminal.play import Terminal
from adapters.terminal.render import render
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place
from bot.engine.library import Library
from bot.engine.screens import Reply
from bot.settings import Settings
from content import loader
from content.model import Pack
from storage.database import DatabaseUnavailable, open_database
from storage.store import SqlStore

__all__ = ["DatabaseUnavailable", "call", "calls", "load_packs", "play", "show", "upgrade"]


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
async def open_desk(settings: Settings, packs: Iterable[Pack]) -> AsyncIterator[Desk]:
    """A desk over the settings' database, closed at the end. Raises DatabaseUnavailable."""
    engine = await open_database(settings.database_url)
    try:
        yield Desk(Library(packs), SqlStore(engine), _now, Random(), {})  # noqa: S311 - no secret
    finally:
        await engine.dispose()


@contextmanager
def _running(settings: Settings, pack: str) -> Iterator[tuple[asyncio.Runner, Desk]]:
    """A desk for a caller that is not asynchronous: reading a keyboard inside the event loop would
    keep Ctrl-C from stopping it."""
    with asyncio.Runner() as runner:
        opened = open_desk(settings, load_packs(settings, pack))
        desk = runner.run(opened.__aenter__())
        try:
            yield runner, desk
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


def upgrade(settings: Settings) -> None:
    """Bring the database up to date. Raises DatabaseUnavailable."""

    async def once() -> None:
        await (await open_database(settings.database_url)).dispose()

    asyncio.run(once())


def _now() -> datetime:
    return datetime.now(UTC)


def _actor() -> Actor:
    user = getpass.getuser()
    return Actor(user, user, admin=True)


def _place() -> Place:
    return Place("terminal", "local", "terminal", private=True, zone=get_localzone_name() or "UTC")
