"""`studyhall init`: asks for what the bot needs, verifies it, and posts a first question."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.shared import DatabaseUrl, reporting_problems, settings_for

if TYPE_CHECKING:
    from bot.installing import NamedPlace
    from bot.settings import Settings

app = typer.Typer()

PLATFORMS = ("discord", "slack")
SERVICES = ("systemd", "compose", "none")
LITTLE_SPACE = 200 * 2**20
"""Bytes that a database should have at least: a million answers take about as much."""

WAIT_SECONDS = 600
"""How long to wait until the bot is somewhere."""

DISCORD_STEPS = """
1. Open https://discord.com/developers/applications and choose New Application.
2. Open Bot, choose Reset Token, and copy the token. You don't need to turn on any intent."""
SLACK_STEPS = """
1. Open this link, choose your workspace, and create the app:

{link}

2. Under Install App, install it to your workspace, and copy the bot token (xoxb-...)."""
SLACK_SOCKET_STEPS = """
3. Under Basic Information, App-Level Tokens, generate a token with the scope connections:write, and
   copy it (xapp-...)."""

SecretFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="File with this secret.", show_default=False)
]


class Questions:
    """Asks for what's missing; unattended, takes each default, and names the flag of what has
    none."""

    def __init__(self, *, unattended: bool) -> None:
        self.unattended = unattended

    def ask(
        self, text: str, flag: str, default: str | None = None, choices: Sequence[str] = ()
    ) -> str:
        """Ask for a line. Raises Misconfigured."""
        if self.unattended:
            if default is None:
                raise _misconfigured(f"Set {flag}, or leave out --yes to be asked.")
            return default
        hint = f"{text} ({', '.join(choices)})" if choices else text
        while True:
            said = str(typer.prompt(hint, default=default, err=True)).strip()
            if not choices or said in choices:
                return said
            typer.echo(f"Choose one of: {', '.join(choices)}.", err=True)

    def ask_secret(self, text: str, flag: str) -> str:
        """Ask for a secret, which isn't shown. Raises Misconfigured."""
        if self.unattended:
            raise _misconfigured(f"Set {flag}, or leave out --yes to be asked.")
        return str(typer.prompt(text, hide_input=True, err=True)).strip()

    def confirm(self, text: str, *, default: bool) -> bool:
        """Ask for a yes or no."""
        return default if self.unattended else typer.confirm(text, default=default, err=True)


def _misconfigured(text: str) -> Exception:
    from bot.engine.platform import Misconfigured

    return Misconfigured(text)


@app.command()
def init(
    platform: Annotated[str, typer.Option(help="discord or slack.")] = "",
    discord_token_file: SecretFile = None,
    slack_bot_token_file: SecretFile = None,
    slack_app_token_file: SecretFile = None,
    database_url: DatabaseUrl = None,
    zone: Annotated[str, typer.Option(help="Time zone (default: this machine's).")] = "",
    pack: Annotated[str, typer.Option(help="A pack's name or folder (default: dp100).")] = "",
    notes: Annotated[
        Path | None, typer.Option(help="Study notes to import as the pack.", show_default=False)
    ] = None,
    channel: Annotated[str, typer.Option(help="Channel for the questions, by name or id.")] = "",
    ask: Annotated[
        bool | None, typer.Option("--ask/--no-ask", help="Post a question now.", show_default=False)
    ] = None,
    daily: Annotated[str, typer.Option(help="Time of a daily question, or none.")] = "",
    wait: Annotated[
        int, typer.Option(help="Seconds to wait until the bot is in a server or channel.")
    ] = WAIT_SECONDS,
    service: Annotated[str, typer.Option(help="systemd, compose or none.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask; take the defaults.")] = False,
) -> None:
    """Set up the bot: credentials, database, pack, a first question. Writes studyhall.env."""
    questions = Questions(unattended=yes or not sys.stdin.isatty())
    with reporting_problems():
        name = platform or questions.ask("Platform", "--platform", "discord", PLATFORMS)
        if name not in PLATFORMS:
            raise _misconfigured(f"There's no platform “{name}”. Choose {' or '.join(PLATFORMS)}.")
        settings = settings_for(database_url)
        values: dict[str, str] = {}
        if name == "discord":
            settings = _set_up_discord(questions, settings, discord_token_file, values)
        else:
            files = slack_bot_token_file, slack_app_token_file
            settings = _set_up_slack(questions, settings, *files, values)
        settings = _choose_database(questions, settings, database_url, values)
        zone = _choose_zone(questions, zone)
        settings = _choose_pack(questions, settings, pack, notes, values)

        from bot import installing
        from bot.settings import OWN_FILE

        installing.write_settings(values)
        typer.echo(f"Wrote {OWN_FILE.absolute()}.")
        _begin(questions, settings, name, channel, zone, daily, ask, wait)
        _offer_service(questions, settings, service)
    _diagnose()
    typer.echo("Next: studyhall run")


def _take_secret(
    questions: Questions,
    settings: Settings,
    setting: str,
    label: str,
    file: Path | None,
    values: dict[str, str],
    steps: Callable[[], str],
) -> Settings:
    """The settings with a secret: from a flag's file, from the settings, or asked for."""
    from pydantic import SecretStr

    from bot.settings import IN_FILE, name_variable, read_secret_file

    name = name_variable(setting)
    if file is not None:
        secret = read_secret_file(f"--{setting.replace('_', '-')}-file", str(file))
        values[f"{name}{IN_FILE}"] = str(file.expanduser().absolute())
    elif kept := getattr(settings, setting):
        secret = kept.get_secret_value()
        if os.environ.get(name):
            values[name] = secret
        elif in_file := os.environ.get(f"{name}{IN_FILE}"):
            values[f"{name}{IN_FILE}"] = str(Path(in_file).expanduser().absolute())
        typer.echo(f"Using {name} as it's set.")
    else:
        typer.echo(steps())
        secret = questions.ask_secret(
            f"{label} (not shown)", f"{name} or --{setting.replace('_', '-')}-file"
        )
        values[name] = secret
    return settings.model_copy(update={setting: SecretStr(secret)})


def _set_up_discord(
    questions: Questions, settings: Settings, file: Path | None, values: dict[str, str]
) -> Settings:
    """Verify Discord's token, and print the invite link."""
    settings = _take_secret(
        questions, settings, "discord_token", "Bot token", file, values, lambda: DISCORD_STEPS
    )
    from bot import credentials, installing

    token = credentials.read_discord(settings)
    name, link = installing.verify_discord(token, settings.discord_api_base)
    typer.echo(
        f"The token works: it's {name}. Open this link to add it to your server:\n\n{link}\n"
    )
    return settings


def _set_up_slack(
    questions: Questions,
    settings: Settings,
    bot_file: Path | None,
    app_file: Path | None,
    values: dict[str, str],
) -> Settings:
    """Verify Slack's tokens, and that they belong to the same app."""
    from bot import credentials, installing
    from bot.app import slack_manifest_link

    base = settings.slack_api_base
    settings = _take_secret(
        questions,
        settings,
        "slack_bot_token",
        "Bot token",
        bot_file,
        values,
        lambda: SLACK_STEPS.format(link=slack_manifest_link("")),
    )
    bot = credentials.read(settings, "slack_bot_token")
    workspace, behind_bot = installing.verify_slack_bot(bot, base)
    typer.echo(f"The bot token works: it's for {workspace}.")
    settings = _take_secret(
        questions,
        settings,
        "slack_app_token",
        "App-level token",
        app_file,
        values,
        lambda: SLACK_SOCKET_STEPS,
    )
    socket = credentials.read(settings, "slack_app_token")
    behind_socket = installing.verify_slack_app(socket, base)
    if behind_bot != behind_socket:
        raise _misconfigured(
            f"The tokens are of two apps, {behind_bot} and {behind_socket}. Copy both from one "
            "app's page."
        )
    typer.echo("The app-level token works, and is of the same app.")
    credentials.read_slack(settings)
    return settings


def _choose_database(
    questions: Questions, settings: Settings, given: str | None, values: dict[str, str]
) -> Settings:
    """Open the database, creating or upgrading it."""
    from bot import installing, maintenance
    from bot.settings import name_variable

    name, url = name_variable("database_url"), settings.database_url
    is_set = given or "database_url" in settings.model_fields_set
    if not is_set and not questions.unattended:
        kind = questions.ask("Database", "--database-url", "sqlite", ("sqlite", "postgresql"))
        if kind == "postgresql":
            url = questions.ask_secret("postgresql://user:password@host/database (not shown)", name)
        else:
            default = str(installing.sqlite_file(url))
            file = Path(questions.ask("File", "--database-url", default)).expanduser().absolute()
            url = installing.sqlite_url(file)
    settings = settings.model_copy(update={"database_url": url})
    maintenance.upgrade(settings)
    if not is_set or given or os.environ.get(name):
        values[name] = installing.absolute_url(url)
    where = installing.redact_url(url)
    if at := installing.sqlite_file(url):
        free = installing.measure_free_space(at)
        typer.echo(f"The database is {where}, with {free / 2**30:.1f} GB free.")
        if free < LITTLE_SPACE:
            typer.echo("That's little space: answers are refused when the disk is full.", err=True)
    else:
        typer.echo(f"The database is {where}, and up to date.")
    return settings


def _choose_zone(questions: Questions, given: str) -> str:
    """A time zone that there is. Raises Misconfigured."""
    from datetime import UTC, datetime

    from tzlocal import get_localzone_name

    from bot.engine.zones.finding import UnknownZone, find_zones

    said = given or questions.ask("Time zone", "--zone", get_localzone_name() or "UTC")
    while True:
        found = find_zones(said, datetime.now(UTC))
        if not isinstance(found, UnknownZone) and len(found.zones) == 1:
            return found.zones[0]
        many = "" if isinstance(found, UnknownZone) else f" It can be {', '.join(found.zones)}."
        problem = f"Which time zone is “{said}”?{many} Name a city, like Berlin."
        if given or questions.unattended:
            raise _misconfigured(problem)
        typer.echo(problem, err=True)
        said = questions.ask("Time zone", "--zone")


def _choose_pack(
    questions: Questions,
    settings: Settings,
    given: str,
    notes: Path | None,
    values: dict[str, str],
) -> Settings:
    """A pack that loads: a bundled one, a folder, or one imported from notes."""
    from bot.settings import name_variable
    from content import loader

    pack = given or next(iter(settings.pack), "")
    if not pack and notes is None and not questions.unattended:
        bundled = [folder.name for folder in loader.list_bundled()]
        said = questions.ask(
            f"Pack: {', '.join(bundled)}, a pack's folder, or a file with notes",
            "--pack",
            bundled[0],
        )
        if Path(said).expanduser().is_file():
            notes = Path(said).expanduser()
        else:
            pack = said
    if notes is not None:
        from content.importing.importer import import_notes

        folder = Path.cwd() / notes.stem
        report = import_notes([notes], folder)
        typer.echo(
            f"Imported {report.notes} notes, and drafted {report.drafts} questions. Review them "
            f"before you rely on them: studyhall pack review {folder}"
        )
        pack = str(folder)
    if not pack:
        return settings
    folder = loader.find_pack(pack)
    loaded = loader.load(folder, cache=settings.cache)
    typer.echo(f"The pack is {loaded.title}, with {len(loaded.questions)} questions.")
    pack = pack if folder in loader.list_bundled() else str(folder.absolute())
    values[name_variable("pack")] = pack
    return settings.model_copy(update={"pack": (pack,)})


def _begin(
    questions: Questions,
    settings: Settings,
    platform: str,
    channel: str,
    zone: str,
    daily: str,
    ask: bool | None,
    wait: int,
) -> None:
    """Post a first question, and set up a daily one, if that's wanted."""
    from bot import installing

    if questions.unattended and not ask and daily in ("", "none"):
        return
    where = "a server" if platform == "discord" else "a channel (type /invite @Studyhall there)"
    typer.echo(f"Waiting until the bot is in {where}. Ctrl-C skips this.")
    try:
        installed = installing.find_places(settings, platform, wait)
    except KeyboardInterrupt:
        typer.echo("\nSkipped.")
        return
    if not installed.places:
        raise _misconfigured(
            f"There's no channel yet where the bot can post. Add it to {where}, and run init again."
        )
    names = [place.name for place in installed.places]
    if not channel and not questions.unattended:
        typer.echo("\n".join(f"{number}. {each}" for number, each in enumerate(names, 1)))
        channel = questions.ask(
            "Channel", "--channel", "1", list(map(str, range(1, len(names) + 1)))
        )
    chosen = _find_place(installed.places, channel or "1")
    if ask is None:
        ask = questions.confirm(f"Post a question in {chosen.name} now?", default=True)
    if not daily:
        daily = questions.ask("A question every day at, like 09:00, or none", "--daily", "none")
    daily = "" if daily == "none" else daily
    try:
        installing.begin(settings, installed, chosen, zone, daily, ask=ask)
    except installing.Refused as refused:
        raise _misconfigured(str(refused)) from None
    if ask:
        typer.echo(f"Posted a question in {chosen.name}.")
    if daily:
        typer.echo(f"Set a question every day at {daily} ({zone}) in {chosen.name}.")


def _find_place(places: Sequence[NamedPlace], wanted: str) -> NamedPlace:
    """The place by its number, name or id. Raises Misconfigured."""
    for number, each in enumerate(places, 1):
        plain = each.name.partition(" ")[0]
        if wanted.lstrip("#") in (str(number), plain.lstrip("#"), each.place.channel):
            return each
    names = ", ".join(each.name for each in places)
    raise _misconfigured(f"There's no channel “{wanted}” where the bot can post. There's: {names}.")


def _offer_service(questions: Questions, settings: Settings, service: str) -> None:
    """Write what keeps the bot running, if that's wanted."""
    from bot import installing

    offered = [each for each in SERVICES if each != "compose" or installing.can_build_image()]
    chosen = service or questions.ask("Keep it running with", "--service", "none", offered)
    match chosen:
        case "systemd":
            unit = installing.write_unit()
            typer.echo(f"Wrote {unit}. Start it: systemctl --user enable --now {unit.stem}")
        case "compose" if chosen in offered:
            file = installing.write_compose(settings)
            typer.echo(f"Wrote {file}. Start it: docker compose up --build --detach")
        case "none":
            pass
        case _:
            raise _misconfigured(f"Choose one of: {', '.join(offered)}.")


def _diagnose() -> None:
    """Run `studyhall doctor` in a process of its own, as if it had just been typed."""
    import subprocess

    typer.echo("")
    subprocess.run([sys.executable, "-P", "-m", "bot", "doctor"], check=False)
