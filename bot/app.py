"""Joins the engine, storage and adapters: the one file that knows them all."""

from __future__ import annotations

import asyncio
import getpass
import logging
import signal
import sys
from collections.abc import (
    AsyncIterator,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from random import SystemRandom
from time import monotonic
from typing import Any, TypedDict

from pydantic import SecretStr
from rich.console import Console
from tzlocal import get_localzone_name

from adapters.terminal.play import IN_PLAY, Terminal
from adapters.terminal.render import render
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place
from bot.engine.library import Library
from bot.engine.platform import Adapter, Poster
from bot.engine.ports import Store
from bot.engine.screens import CommandMention, Reply, list_texts, to_spans
from bot.observe import start_log
from bot.settings import Settings
from content import loader
from content.model import Pack
from storage.database import open_database
from storage.store import SqlStore

log = logging.getLogger(__name__)


class Shards(TypedDict, total=False):
    """Which of Discord's shards this process is; all, as many as Discord advises, if left out."""

    shard_count: int
    shard_ids: list[int]


def load_packs(settings: Settings, chosen: str) -> list[Pack]:
    """The bundled packs, with the chosen one (an id or a path, or empty) first.

    Raises BrokenPack.
    """
    folders = loader.list_bundled()
    if chosen:
        first = loader.find_pack(chosen)
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


def check_chosen(settings: Settings, chosen: str, packs: Sequence[Pack]) -> dict[str, int]:
    """How much is wrong with the chosen pack, the first, by its id; it is asked all the same, so
    the log says so. Bundled packs are checked before they are shipped."""
    folder = loader.find_pack(chosen) if chosen else None
    if folder is None or folder in loader.list_bundled():
        return {}
    found = loader.count_findings(folder, packs[0], cache=settings.cache)
    if found:
        log.warning(
            "pack %s fails its check and is asked all the same: %d findings, which "
            "`studyhall pack check %s` lists",
            packs[0].id,
            found,
            folder,
        )
    return {packs[0].id: found}


def desk_over(
    store: Store,
    packs: Iterable[Pack],
    posters: Mapping[str, Poster],
    findings: Mapping[str, int] | None = None,
) -> Desk:
    """A desk that keeps what happens in a store."""
    return Desk(Library(packs, findings), store, _now, SystemRandom(), posters, monotonic)


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
            lambda event: runner.run(desk.form(event)),
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
    """Print a reply's screen; commands that it names are no commands of a shell."""
    console, screen = Console(highlight=False), reply.screen
    console.print(render(screen, console, beside=True), crop=False)
    texts = [text for part in screen.text for text in list_texts(part)]
    texts += [*(value for _, value in screen.fields), screen.note]
    if any(isinstance(span, CommandMention) for text in texts for span in to_spans(text)):
        console.print(IN_PLAY, style="dim")


class NoCredentials(Exception):
    """No platform can be run; the message says what to set."""


def run(settings: Settings, platform: str, shards: Shards, pack: str) -> None:
    """Run the adapters that have credentials, or only one platform's, until told to stop or until
    every platform has refused them.

    Raises NoCredentials, LoginFailed, BrokenPack and DatabaseUnavailable.
    """
    start_log()
    packs = load_packs(settings, pack)
    findings = check_chosen(settings, pack, packs)
    asyncio.run(_run(settings, platform, shards, packs, findings))


async def _run(
    settings: Settings,
    platform: str,
    shards: Shards,
    packs: list[Pack],
    findings: Mapping[str, int],
) -> None:
    from bot.scheduler import heartbeat
    from bot.supervisor import keep_running, run_once, wait_for_end

    posters: dict[str, Poster] = {}
    async with open_store(settings) as store:
        desk = desk_over(store, packs, posters, findings)
        makers = {
            name: make
            for name, maker in ADAPTERS.items()
            if platform in ("", name) and (make := maker(settings, desk, store, shards))
        }
        if not makers:
            raise NoCredentials(HOW_TO_START)
        stop = _told_to_stop()
        scheduler = heartbeat(desk, makers)
        await desk.dailies.retime()
        scheduler.start()
        running = [
            asyncio.create_task(keep_running(name, partial(run_once, make, posters)), name=name)
            for name, make in makers.items()
        ]
        try:
            await wait_for_end(running, stop)
        finally:
            scheduler.shutdown(wait=False)
            await desk.clockwork.drain()
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)


Maker = Callable[[], Adapter]
"""Makes an adapter that isn't logged in yet: one for each time that a platform is started."""


def _discord(settings: Settings, desk: Desk, store: Store, shards: Shards) -> Maker | None:
    if settings.discord_token is None:
        return None
    from adapters.discord.client import StudyhallClient

    token = settings.discord_token.get_secret_value()
    return partial(StudyhallClient, desk, store, token, settings.discord_api_base, **shards)


def _slack(settings: Settings, desk: Desk, store: SqlStore, _: Shards) -> Maker | None:
    one = settings.slack_bot_token and (settings.slack_app_token or settings.slack_signing_secret)
    many = settings.slack_client_id and settings.slack_client_secret
    if not one and not (many and settings.slack_signing_secret):
        return None
    from adapters.slack.app import SlackAdapter
    from adapters.slack.workspaces import Credentials
    from storage.installations import Installations

    credentials = Credentials(
        bot_token=_secret(settings.slack_bot_token),
        app_token=_secret(settings.slack_app_token),
        signing_secret=_secret(settings.slack_signing_secret),
        client_id=settings.slack_client_id if many else "",
        client_secret=_secret(settings.slack_client_secret),
        api_base=settings.slack_api_base,
        host=settings.slack_host,
        port=settings.slack_port,
    )
    installations = Installations(credentials.client_id, store.engine) if many else None
    return partial(SlackAdapter, desk, credentials, installations)


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


ADAPTERS: Mapping[str, Callable[[Settings, Desk, SqlStore, Shards], Maker | None]] = {
    "discord": _discord,
    "slack": _slack,
}
HOW_TO_START = (
    "Set STUDYHALL_DISCORD_TOKEN for Discord, or STUDYHALL_SLACK_BOT_TOKEN and "
    "STUDYHALL_SLACK_APP_TOKEN for Slack (docs/discord.md and docs/slack.md say where they are)."
)


def _told_to_stop() -> asyncio.Event:
    """Set once the process is told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def slack_manifest(url: str) -> dict[str, Any]:
    """The manifest of the Slack app."""
    from adapters.slack.manifest import manifest

    return manifest(url)


def invitation(settings: Settings) -> str:
    """The link that invites the Discord bot. Raises NoCredentials and LoginFailed."""
    from adapters.discord import invite

    if settings.discord_token is None:
        raise NoCredentials("Set STUDYHALL_DISCORD_TOKEN first.")
    return asyncio.run(
        invite.invitation(settings.discord_token.get_secret_value(), settings.discord_api_base)
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _actor() -> Actor:
    user = getpass.getuser()
    return Actor(user, user, admin=True)


def _place() -> Place:
    return Place("terminal", "local", "terminal", private=True, zone=get_localzone_name() or "UTC")
