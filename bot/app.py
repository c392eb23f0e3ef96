"""Joins the engine, storage and adapters: the only file that knows all of them."""

from __future__ import annotations

import asyncio
import getpass
import logging
import signal
import sys
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from tzlocal import get_localzone_name

from adapters.terminal.play import IN_PLAY, Terminal
from adapters.terminal.render import make_console, render
from bot import credentials
from bot.engine.actions import ExplainTopic, encode
from bot.engine.asked import keep_current
from bot.engine.commands import press_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.library import Library
from bot.engine.platform import Adapter, Misconfigured, Poster
from bot.engine.ports import Store
from bot.engine.screens import (
    Bullets,
    Button,
    Choice,
    CommandMention,
    Form,
    Part,
    Reply,
    Screen,
    list_texts,
    notice,
    to_spans,
)
from bot.settings import Settings
from content import loader
from content.files import BrokenPack, Problem
from content.language.plural import count
from content.model import Pack
from content.problems import suggest
from storage.opening import is_unusable, open_database, raise_if_unusable
from storage.store import SqlStore

if TYPE_CHECKING:
    from aiohttp import TraceConfig

    from adapters.slack.workspaces import Credentials
    from storage.installations import Installations

log = logging.getLogger(__name__)
T = TypeVar("T")


class Shards(TypedDict, total=False):
    """The Discord shards that this process runs; by default all of them, as many as Discord
    recommends."""

    shard_count: int
    shard_ids: list[int]


def load_packs(settings: Settings) -> list[Pack]:
    """The chosen packs, and then the bundled ones whose ids none of them has. Raises BrokenPack."""
    chosen = dict.fromkeys(loader.find_pack(name) for name in settings.pack)
    folders: dict[str, Path] = {}
    packs: list[Pack] = []
    for folder in dict.fromkeys((*chosen, *loader.list_bundled())):
        pack = loader.load(folder, cache=settings.cache)
        same = folders.setdefault(pack.id, folder)
        if same == folder:
            packs.append(pack)
        elif folder in chosen:
            what = f"this pack has the id {pack.id}, as {same} has; change one in its pack.yaml"
            raise BrokenPack([Problem(str(folder), 1, 1, what)])
    return packs


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """Open the store, and close it at the end. Raises DatabaseUnavailable."""
    store = SqlStore(await asyncio.to_thread(open_database, settings.database_url))
    try:
        yield store
    finally:
        await store.close()


def check_chosen(settings: Settings, packs: Sequence[Pack]) -> dict[str, int]:
    """Count the findings in the chosen packs (the first ones), by id. They're used in any case,
    with a warning in the log. Bundled packs are checked before they ship."""
    findings, bundled = dict[str, int](), loader.list_bundled()
    folders = dict.fromkeys(loader.find_pack(name) for name in settings.pack)
    for folder, pack in zip(folders, packs, strict=False):
        if folder in bundled:
            continue
        found = findings[pack.id] = loader.count_findings(folder, pack, cache=settings.cache)
        if found:
            log.warning(
                "pack %s fails its check and is used anyway: %s, listed by `studyhall pack check "
                "%s`",
                pack.id,
                count(found, "finding"),
                folder,
            )
    return findings


async def build_desk(
    store: Store,
    packs: Iterable[Pack],
    posters: Mapping[str, Poster],
    findings: Mapping[str, int] | None = None,
    make: Callable[..., Desk] = Desk,
) -> Desk:
    """A desk on a store, with the real clock and real randomness. What an earlier version asked is
    kept from now on, as far as the packs still have it."""
    library = Library(packs, findings)
    await keep_current(library, store.questions)
    return make(library, store, _now, SystemRandom(), posters, monotonic)


class LocalDesk:
    """A desk for synchronous callers: reading the keyboard inside the event loop would block
    Ctrl-C. It raises DatabaseUnavailable, since its callers can do something about it."""

    def __init__(self, settings: Settings, runner: asyncio.Runner, desk: Desk) -> None:
        self._settings = settings
        self._runner = runner
        self._desk = desk
        # Suggestions are looked up in a thread, while one types.
        self._one_at_a_time = Lock()

    def handle(self, event: Event) -> Reply:
        """Reply to an event."""
        return self._check(self._run(self._desk.handle(event)))

    def form(self, event: Event) -> Form | Reply:
        """Build the form that a press opens, or say why it doesn't."""
        return self._check(self._run(self._desk.form(event)))

    def complete(self, event: Event, option: str, text: str) -> list[Choice]:
        """Suggest values for an option."""
        return self._run(self._desk.complete(event, option, text))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        with self._one_at_a_time:
            return self._runner.run(work)

    def _check(self, reply: T) -> T:
        if isinstance(reply, Reply) and reply.cause:
            raise_if_unusable(reply.cause, self._settings.database_url)
        return reply


@contextmanager
def _open_desk(settings: Settings) -> Iterator[LocalDesk]:
    desk_log = logging.getLogger(Desk.__module__)
    with asyncio.Runner() as runner:
        opened = open_store(settings)
        store = runner.run(opened.__aenter__())
        desk_log.addFilter(_is_unreported)
        try:
            packs = load_packs(settings)
            try:
                desk = runner.run(build_desk(store, packs, {}))
            except Exception as problem:
                raise_if_unusable(problem, settings.database_url)
                raise
            yield LocalDesk(settings, runner, desk)
        finally:
            desk_log.removeFilter(_is_unreported)
            runner.run(opened.__aexit__(None, None, None))


def _is_unreported(record: logging.LogRecord) -> bool:
    """Whether a failure has to be logged, since LocalDesk doesn't raise it."""
    return not (record.exc_info and is_unusable(record.exc_info[1]))


def play(settings: Settings, options: Mapping[str, str | int], *, plain: bool = False) -> None:
    """Run a drill in this terminal. Raises DatabaseUnavailable."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _open_desk(settings) as desk:
        terminal = Terminal(
            desk.handle,
            desk.form,
            desk.complete,
            _actor(),
            _place(),
            sys.stdin,
            make_console(plain=plain),
            plain=plain,
        )
        terminal.play(dict(options))


def call_each(
    settings: Settings,
    command: str,
    options: Iterable[Mapping[str, str | int]],
    page: int | None = 1,
) -> Iterator[Reply]:
    """Run a command as this terminal's user, once for each set of options, and turn to a page of
    what it shows; None for all pages. Raises DatabaseUnavailable."""
    with _open_desk(settings) as desk:
        for each in options:
            reply = desk.handle(Event(_actor(), _place(), Call(command, each)))
            yield _join_pages(desk, reply) if page is None else _turn_to(desk, reply, page)


def _turn_to(desk: LocalDesk, reply: Reply, page: int) -> Reply:
    for number in range(1, page):
        onward = _find_next_page(reply.screen)
        if onward is None:
            return notice(f"There's no page {page}. The last page is {number}.")
        reply = desk.handle(Event(_actor(), _place(), Press(encode(onward))))
    return reply


def _join_pages(desk: LocalDesk, reply: Reply) -> Reply:
    onward, texts = _find_next_page(reply.screen), [*reply.screen.text]
    if onward is None:
        return reply
    while onward:
        shown = desk.handle(Event(_actor(), _place(), Press(encode(onward)))).screen
        texts += _drop_repeated_title(texts, shown.text)
        onward = _find_next_page(shown)
    links = tuple(each for each in reply.screen.controls if not isinstance(each, Button))
    return replace(reply, screen=replace(reply.screen, text=tuple(texts), controls=links, note=""))


def _drop_repeated_title(texts: Sequence[Part], more: Sequence[Part]) -> Sequence[Part]:
    """A page's parts, whose first list may go on where the page before ended."""
    titles = [part.title for part in texts if isinstance(part, Bullets) and part.title]
    match more:
        case [Bullets(title, items), *others] if titles[-1:] == [title]:
            return (Bullets("", items), *others)
        case _:
            return more


def _find_next_page(screen: Screen) -> ExplainTopic | None:
    buttons = (control for control in screen.controls if isinstance(control, Button))
    actions = (press_of(button.action)[1] for button in buttons)
    return next((each for each in actions if isinstance(each, ExplainTopic) and each.page), None)


def show(reply: Reply, *, plain: bool = False) -> None:
    """Print a reply's screen, with a hint if it names chat commands, which a shell doesn't know."""
    console, screen = make_console(plain=plain), reply.screen
    console.print(render(screen, console, beside=True, plain=plain), crop=False)
    if onward := _find_next_page(screen):
        console.print(f"To read on, add --page {onward.page + 1} or --all")
    texts = [text for part in screen.text for text in list_texts(part)]
    texts += [*(value for _, value in screen.fields), screen.note]
    if any(isinstance(span, CommandMention) for text in texts for span in to_spans(text)):
        console.print(IN_PLAY)


def run(settings: Settings, platform: str, shards: Shards) -> None:
    """Run every adapter with credentials, or only one platform's, until stopped or until every
    platform has rejected them.

    Raises Misconfigured, LoginFailed, BrokenPack and DatabaseUnavailable.
    """
    from bot.observe import start_log

    if platform and platform not in ADAPTERS:
        near = suggest(platform, ADAPTERS)
        hint = f"Did you mean {near}?" if near else f"Choose {' or '.join(ADAPTERS)}."
        raise Misconfigured(f"There's no platform “{platform}”. {hint}")
    start_log(settings.log_format)
    packs = load_packs(settings)
    findings = check_chosen(settings, packs)
    asyncio.run(_run(settings, platform, shards, packs, findings))


async def _run(
    settings: Settings,
    platform: str,
    shards: Shards,
    packs: list[Pack],
    findings: Mapping[str, int],
) -> None:
    from bot.operators.port import serve
    from bot.operators.watch import Watch, WatchedDesk
    from bot.pulse import ErrorCounter, Pulse, fingerprints
    from bot.scheduler import build_scheduler
    from bot.supervisor import keep_running, run_once, wait_until_stopped

    posters: dict[str, Poster] = {}
    wanted = [name for name in ADAPTERS if platform in ("", name)]
    async with open_store(settings) as store:
        watch = Watch(store)
        tokens = fingerprints(settings, wanted)
        pulse = Pulse(store.processes, _now, tokens, _name_shards(shards))
        logging.getLogger().addHandler(ErrorCounter(pulse))
        make_desk = partial(WatchedDesk, watch, pulse)
        desk = await build_desk(store, packs, posters, findings, make_desk)
        makers = {
            name: watch.watch_adapter(name, make)
            for name in wanted
            if (make := ADAPTERS[name](settings, desk, store, shards, watch.trace(name)))
        }
        if not makers:
            raise Misconfigured(HOW_TO_START)
        stop = _stop_on_signal()
        async with serve(settings, watch, stop):
            scheduler = build_scheduler(desk, makers, pulse)
            await desk.dailies.retime()
            scheduler.start()
            running = [
                asyncio.create_task(keep_running(name, partial(run_once, make, posters)), name=name)
                for name, make in makers.items()
            ]
            try:
                await wait_until_stopped(running, stop)
            finally:
                scheduler.shutdown(wait=False)
                await desk.clockwork.drain()
                for each in running:
                    each.cancel()
                await asyncio.gather(*running, return_exceptions=True)
                with suppress(Exception):
                    await pulse.end()


def _name_shards(shards: Shards) -> str:
    """The shards as the table of processes has them; empty for all."""
    ids = shards.get("shard_ids", ())
    return f"{','.join(map(str, ids))} of {shards['shard_count']}" if ids else ""


Maker = Callable[[], Adapter]
"""Makes an adapter that isn't logged in yet. Each start of a platform needs a new one."""


def _discord(
    settings: Settings,
    desk: Desk,
    store: Store,
    shards: Shards,
    trace: TraceConfig | None = None,
) -> Maker | None:
    token = credentials.read_discord(settings)
    if not token:
        return None
    from adapters.discord.client import StudyhallClient

    api = settings.discord_api_base
    return partial(StudyhallClient, desk, store, token, api, http_trace=trace, **shards)


def _slack(
    settings: Settings, desk: Desk, store: SqlStore, _: Shards, trace: TraceConfig | None = None
) -> Maker | None:
    slack = read_slack_credentials(settings)
    if slack is None:
        return None
    from adapters.slack.app import SlackAdapter

    if not slack.client_id:
        return partial(SlackAdapter, desk, slack, trace=trace)
    return partial(SlackAdapter, desk, slack, open_installations(settings, store), trace)


def open_installations(settings: Settings, store: SqlStore) -> Installations:
    """The workspaces that installed the Slack app. Raises Misconfigured if their tokens can't be
    decrypted."""
    from storage.encryption import Keys, SecretKeyProblem
    from storage.installations import Installations, check_secrets

    engine = store.database.engine
    try:
        keys = Keys(settings.secret_key.get_secret_value() if settings.secret_key else "")
        # Slack's library would take a token that it can't read for a missing installation.
        check_secrets(engine, keys)
    except SecretKeyProblem as problem:
        raise Misconfigured(str(problem)) from None
    return Installations(settings.slack_client_id, engine, keys)


def read_slack_credentials(settings: Settings) -> Credentials | None:
    """The Slack app's credentials; None if nothing is set. Raises Misconfigured."""
    given = credentials.read_slack(settings)
    if not given:
        return None
    from adapters.slack.workspaces import Credentials

    return Credentials(
        **given,
        api_base=settings.slack_api_base,
        host=settings.slack_host,
        port=settings.slack_port,
    )


ADAPTERS: Mapping[str, Callable[..., Maker | None]] = {
    "discord": _discord,
    "slack": _slack,
}
HOW_TO_START = (
    "Set STUDYHALL_DISCORD_TOKEN for Discord, or STUDYHALL_SLACK_BOT_TOKEN and "
    "STUDYHALL_SLACK_APP_TOKEN for Slack. docs/discord.md and docs/slack.md say where to get them."
)


def _stop_on_signal() -> asyncio.Event:
    """An event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def slack_manifest(url: str) -> dict[str, Any]:
    """The Slack app's manifest. Raises Misconfigured if Slack can't use the URL."""
    from adapters.slack.manifest import manifest

    return manifest(url)


def slack_manifest_link(url: str) -> str:
    """A link that creates a Slack app from the manifest. Raises Misconfigured if Slack can't use
    the URL."""
    from adapters.slack.manifest import link

    return link(url)


def discord_invite(settings: Settings) -> str:
    """The Discord bot's invite link. Raises Misconfigured and LoginFailed."""
    from adapters.discord import invite

    token = credentials.read_discord(settings)
    if not token:
        raise Misconfigured("Set STUDYHALL_DISCORD_TOKEN first.")
    _, link = asyncio.run(invite.look_up(token, settings.discord_api_base))
    return link


def _now() -> datetime:
    return datetime.now(UTC)


def _actor() -> Actor:
    user = getpass.getuser()
    return Actor(user, user, admin=True)


def _place() -> Place:
    return Place("terminal", "local", "terminal", private=True, zone=get_localzone_name() or "UTC")
