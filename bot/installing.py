"""The steps of `studyhall init`: verify credentials, write the settings, post a first question.

Like `bot/app.py`, it joins the engine and the platforms.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import yaml

from adapters.discord import invite
from bot.app import ADAPTERS, build_desk, load_packs, open_store
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.platform import Adapter, Misconfigured, Poster
from bot.engine.screens import Button, Screen, Tone, list_texts, render_text
from bot.settings import IN_FILE, OWN_FILE, Settings
from storage.opening import redact_url, sqlite_file

__all__ = ["redact_url", "sqlite_file"]

T = TypeVar("T")

FIRST_MINUTES = 60
"""How long the first question stays open: there may be nobody else in the channel yet."""

SOURCES = Path(__file__).parents[1]

_PLAIN = re.compile(r"[\w@%+=:,./~?&-]*")
"""Values that mean the same to a shell, to Docker and to systemd."""

_UNIT = """\
[Unit]
Description=Studyhall, a quiz bot
After=network-online.target

[Service]
WorkingDirectory={folder}
ExecStart={command} run
Restart=on-failure
RestartSec=5
# It needs somebody to change a setting first.
RestartPreventExitStatus=2

[Install]
WantedBy=default.target
"""


class Refused(Exception):
    """The bot refuses a command; the message says why."""


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A channel in which the bot can post, and what people call it."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the bot is, and who runs it."""

    actor: Actor
    places: tuple[NamedPlace, ...]


def verify_discord(token: str, api_base: str) -> tuple[str, str]:
    """The bot's name and its invite link. Raises LoginFailed."""
    return asyncio.run(invite.look_up(token, api_base))


def verify_slack_bot(token: str, api_base: str) -> tuple[str, str]:
    """The workspace's name and the app's id. Raises LoginFailed."""
    from adapters.slack import identity

    return asyncio.run(identity.identify_bot(token, api_base))


def verify_slack_app(token: str, api_base: str) -> str:
    """The app's id, once its socket has opened. Raises LoginFailed."""
    from adapters.slack import identity

    return asyncio.run(identity.identify_app(token, api_base))


def sqlite_url(file: Path) -> str:
    """The URL of a SQLite database in a file."""
    return f"sqlite:///{quote(str(file))}"


def absolute_url(url: str) -> str:
    """The URL of the same database in any working folder."""
    file = sqlite_file(url)
    return sqlite_url(file.expanduser().absolute()) if file else url


def measure_free_space(file: Path) -> int:
    """Free bytes where a file would be."""
    folder = next(each for each in file.absolute().parents if each.is_dir())
    return shutil.disk_usage(folder).free


def find_places(settings: Settings, platform: str, seconds: float) -> Installed:
    """Where the bot can post; if that's nowhere yet, wait for so long. Raises LoginFailed."""

    async def find() -> Installed:
        async with _connected(settings, platform) as (_, adapter, connection):
            return await _while_connected(connection, _ask_places(adapter, seconds))

    return asyncio.run(find())


def begin(
    settings: Settings, installed: Installed, where: NamedPlace, zone: str, daily: str, *, ask: bool
) -> None:
    """Set the community's time zone, post a first question, and set up a daily one; each as if
    somebody had typed the command there. Raises LoginFailed and Refused."""

    async def work() -> None:
        async with _connected(settings, where.place.platform) as (desk, adapter, connection):
            # Permissions are known once the bot has been told where it is.
            await _while_connected(connection, _ask_places(adapter, 0))

            async def send(what: Call | Press) -> None:
                reply = await desk.handle(Event(installed.actor, where.place, what))
                if reply.screen.tone is Tone.PROBLEM:
                    raise Refused(_flatten(reply.screen))
                for each in reply.screen.controls:
                    if isinstance(each, Button) and each.label == "Save":
                        await send(Press(each.action))

            await send(Call("settings", {"zone": zone}))
            if ask:
                await send(Call("question", {"minutes": FIRST_MINUTES}))
            if daily:
                await send(Call("daily set", {"time": daily, "zone": zone}))

    asyncio.run(work())


@asynccontextmanager
async def _connected(
    settings: Settings, platform: str
) -> AsyncIterator[tuple[Desk, Adapter, asyncio.Task[None]]]:
    """The bot on one platform, with its connection. Raises LoginFailed."""
    posters: dict[str, Poster] = {}
    async with open_store(settings) as store:
        desk = await build_desk(store, load_packs(settings), posters)
        make = ADAPTERS[platform](settings, desk, store, {})
        if make is None:
            raise Misconfigured(f"There are no credentials for {platform}.")
        adapter, connection = make(), None
        try:
            await adapter.log_in()
            posters[platform] = adapter.poster
            connection = asyncio.create_task(adapter.connect())
            yield desk, adapter, connection
        finally:
            if connection is not None:
                connection.cancel()
                await asyncio.gather(connection, return_exceptions=True)
            await adapter.leave()


async def _while_connected(connection: asyncio.Task[None], work: Coroutine[Any, Any, T]) -> T:
    """Do some work. Raises what ends the connection first."""
    task = asyncio.create_task(work)
    await asyncio.wait({connection, task}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await connection
    return await task


async def _ask_places(adapter: Any, seconds: float) -> Installed:
    """Ask an adapter for the channels in which it can post."""
    if adapter.platform == "discord":
        from adapters.discord import places as discord_places

        actor, found = await discord_places.find_places(adapter, seconds)
    else:
        from adapters.slack import places as slack_places

        actor, found = await slack_places.find_places(adapter.client, seconds)
    return Installed(actor, tuple(NamedPlace(*each) for each in found))


def _flatten(screen: Screen) -> str:
    """What a screen says, in one line."""
    texts = [text for part in screen.text for text in list_texts(part)]
    said = (
        render_text(
            text,
            person=lambda each: each.name,
            moment=lambda each: f"{each.at.astimezone():%Y-%m-%d %H:%M}",
            command=lambda each: f"`{each.command}`",
        )
        for text in texts
    )
    return " ".join([*filter(None, [screen.title]), *said])


def write_settings(values: Mapping[str, str], file: Path = OWN_FILE) -> None:
    """Write variables to the file, for our eyes only; its other lines stay. It's complete, or as it
    was."""
    replaced = {name.removesuffix(IN_FILE) for name in values}
    kept = [
        line
        for line in (file.read_text(encoding="utf-8-sig").splitlines() if file.exists() else ())
        if _name_in(line).removesuffix(IN_FILE) not in replaced
    ]
    lines = [*kept, *(f"{name}={_quote(value)}" for name, value in values.items())]
    replace_file(file, "".join(f"{line}\n" for line in lines), 0o600)


def replace_file(file: Path, text: str, mode: int) -> None:
    """Replace a file at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        new.replace(file)
    except BaseException:
        with suppress(OSError):
            new.unlink()
        raise


def _name_in(line: str) -> str:
    """The variable that a line sets."""
    return line.strip().removeprefix("export ").partition("=")[0].strip().upper()


def _quote(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else "'" + value.replace("'", "\\'") + "'"


def write_unit() -> Path:
    """Write a systemd unit that runs the bot as this user, in this folder."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    unit = config / "systemd" / "user" / "studyhall.service"
    command = Path(sys.executable).with_name("studyhall")
    folder, escaped = (str(each).replace("%", "%%") for each in (Path.cwd(), command))
    replace_file(unit, _UNIT.format(folder=folder, command=escaped), 0o644)
    return unit


def can_build_image() -> bool:
    """Whether the sources of the image are here, as in a copy of the repository."""
    return (SOURCES / "Dockerfile").is_file()


def write_compose(settings: Settings) -> Path:
    """Write a file for Docker Compose that runs the bot as this user, with what was set up here:
    the settings, the database's folder and the packs. Raises Misconfigured if there's one."""
    file = Path("compose.yaml").absolute()
    if file.exists():
        raise Misconfigured(f"{file} is there already. Move it, or choose another folder.")
    environment = {"HOME": "/data", "STUDYHALL_CACHE": "/data/cache"}
    volumes = [f"{Path(each)}:{each}:ro" for each in settings.pack if Path(each).is_dir()]
    if database := sqlite_file(settings.database_url):
        environment["STUDYHALL_DATABASE_URL"] = f"sqlite:////data/{quote(database.name)}"
        volumes.append(f"{database.absolute().parent}:/data")
    service = {
        "build": str(SOURCES),
        "restart": "unless-stopped",
        "user": f"{os.getuid()}:{os.getgid()}",
        "env_file": ["studyhall.env"],
        # These win over the file, which has this machine's paths.
        "environment": environment,
        "volumes": volumes,
        "tmpfs": ["/tmp"] if database else ["/tmp", "/data"],  # noqa: S108 - in the container
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,
        "stop_grace_period": "40s",
    }
    replace_file(file, yaml.safe_dump({"services": {"studyhall": service}}, sort_keys=False), 0o644)
    return file
