"""The doctor on real installations: a healthy one, and what it says once something breaks."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_sdk.oauth.installation_store import Installation as SlackInstallation

from adapters.discord.client import StudyhallClient
from adapters.slack.app import SlackAdapter
from bot import doctor
from bot.app import build_desk, read_slack_credentials
from bot.cli.shared import settings_for
from bot.doctor import Finding, Status, base, diagnose, exit_code, machine, slack
from bot.doctor.base import Case
from bot.doctor.database import check_access
from bot.doctor.machine import check_space, compare_clocks
from bot.doctor.registry import AREAS
from bot.doctor.settings import check_files
from bot.doctor.slack import check_certificate
from bot.engine.communities import ChannelSettings
from bot.engine.events import Channel, Member
from bot.engine.rounds import Reveal
from bot.engine.schedules import Schedule
from bot.maintenance import BACKED_UP_AT
from bot.pulse import Pulse, fingerprints
from storage.installations import Installations
from storage.looking import open_to_look
from storage.store import SqlStore
from tests.databases import PostgresqlServer
from tests.samples import small_pack
from tests.stand_ins.discord.server import DiscordServer
from tests.stand_ins.discord.world import SEND_IN_THREADS, SEND_MESSAGES, Guild
from tests.stand_ins.discord.world import Channel as Room
from tests.stand_ins.slack.server import SlackServer
from tests.stand_ins.slack.workspace import Channel as Conversation
from tests.storage.conftest import database

NOBODY = 65534
"""A user who owns nothing."""

Studyhall = Callable[..., Any]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Installation:
    """A bot on Discord and Slack, as someone runs it: its settings are environment variables."""

    discord: DiscordServer
    slack: SlackServer
    guild: Guild
    room: Room
    conversation: Conversation
    file: Path
    set: Callable[[str, str], None]
    options: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    async def change(self, work: Callable[[SqlStore], Awaitable[object]]) -> None:
        """Change what's stored."""
        async with database(self.url) as store:
            await work(store)

    async def beat(self, **changes: Any) -> None:
        """A process that runs the bot says that it's alive."""
        tokens = fingerprints(settings_for(None), ("discord", "slack"))

        async def save(store: SqlStore) -> None:
            await Pulse(store.processes, now, tokens).beat()
            if changes:
                (last, *_) = await store.processes.all()
                await store.processes.save(replace(last, **changes))

        await self.change(save)


@pytest.fixture
async def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Installation]:
    """A healthy installation, with a daily question on each platform."""
    async with DiscordServer() as discord, SlackServer() as slack:
        guild = discord.add_guild("Study group")
        room, role = guild.add_text_channel("quiz"), guild.add_role("Learners", mentionable=True)
        conversation = slack.team.add_channel("quiz")
        file = tmp_path / "db" / "studyhall.db"
        for name, value in {
            "DATABASE_URL": f"sqlite:///{file}",
            "CACHE": str(tmp_path / "cache"),
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_BASE": slack.base_url,
        }.items():
            monkeypatch.setenv(f"STUDYHALL_{name}", value)

        def set_variable(name: str, value: str) -> None:
            monkeypatch.setenv(f"STUDYHALL_{name}", value)

        made = Installation(discord, slack, guild, room, conversation, file, set_variable)
        on_discord = Channel("discord", guild.id, room.id)
        on_slack = Channel("slack", slack.team.id, conversation.id)
        async with database(made.url) as store:
            await set_daily(store, on_discord, role.id)
            await set_daily(store, on_slack)
            client = StudyhallClient(
                await build_desk(store, [small_pack()], {}), store, discord.token, discord.api_base
            )
            await client.log_in()
            await client.close()
            await store.settings.set(BACKED_UP_AT, now().isoformat())
        await made.beat()
        file.chmod(0o600)
        yield made


async def set_daily(store: SqlStore, channel: Channel, role: str = "") -> None:
    schedule = Schedule(time(9), "Europe/Berlin", role=role)
    id_, number = await store.dailies.propose(channel, "1", schedule)
    proposed = await store.dailies.proposal(
        id_, number, Member(channel.platform, channel.community, "1")
    )
    assert proposed
    tomorrow = now() + timedelta(days=1)
    saved = replace(proposed, next_on=tomorrow.date(), next_due=tomorrow)
    assert await store.dailies.save(number, proposed, saved)


async def examine(run: Studyhall, *options: str) -> tuple[list[Finding], int]:
    """What `studyhall doctor` finds, and its exit code."""
    result = await asyncio.to_thread(run, "doctor", "--json", *options)
    found = [Finding(**each) for each in json.loads(result.stdout)]
    for secret in ("TOKEN", "SECRET"):
        for name, value in os.environ.items():
            if name.startswith("STUDYHALL_") and name.endswith(secret):
                assert value not in result.stdout + result.stderr
    return found, result.exit_code


async def test_a_healthy_installation_gets_no_warning_and_stays_as_it_is(
    installation: Installation, run: Studyhall
) -> None:
    folder = installation.file.parent
    before = {each: each.read_bytes() for each in folder.iterdir()}
    found, code = await examine(run)
    assert [each for each in found if each.status != "ok"] == []
    assert code == 0
    assert {each: each.read_bytes() for each in folder.iterdir()} == before
    assert not (installation.file.parents[1] / "cache").exists()
    assert installation.discord.gateway.connected() == []
    assert installation.slack.socket_mode.connections == 0
    looked_at = {(each.area, each.name) for each in found}
    not_here = {("settings", "files")} | {
        ("Slack", name) for name in ("address", "port", "public URL", "certificate")
    }
    assert (
        looked_at == {(area, name) for area, checks in AREAS.items() for name in checks} - not_here
    )
    clocks = [each.text for each in found if each.name == "clock"]
    assert clocks == [f"The clock agrees with {name}'s." for name in ("Discord", "Slack")]


# What breaks, and what the doctor says.

BROKEN: dict[str, tuple[Callable[[Installation], Any], list[tuple[str, str, str, str]], int]] = {}
"""By name: how to break an installation, what's not ok then (area, check, status, and a part of the
text or of what to do), and the exit code."""


def breaks(*expected: tuple[str, str, str, str], code: int) -> Callable[[Any], Any]:
    def add(break_: Callable[[Installation], Any]) -> Callable[[Installation], Any]:
        BROKEN[break_.__name__] = break_, list(expected), code
        return break_

    return add


@breaks(("Discord", "login", "broken", "Discord doesn't recognize this token"), code=2)
def discord_token_is_rejected(it: Installation) -> None:
    it.discord.token = "another"


@breaks(("Discord", "code grant", "broken", "turn off “Requires OAuth2 Code Grant”"), code=2)
def the_bot_requires_a_code_grant(it: Installation) -> None:
    it.discord.requires_code_grant = True


@breaks(("Discord", "interactions", "broken", "clear “Interactions Endpoint URL”"), code=2)
def interactions_go_to_a_web_address(it: Installation) -> None:
    it.discord.interactions_url = "https://example.org"


@breaks(("Discord", "starts", "broken", "0 of 1000 starts are left"), code=2)
def the_bot_has_started_too_often(it: Installation) -> None:
    it.discord.starts_left = 0


@breaks(("Discord", "commands", "broken", "aren't registered: daily"), code=2)
def a_command_is_missing(it: Installation) -> None:
    it.discord.commands = [each for each in it.discord.commands if each["name"] != "daily"]


@breaks(("Discord", "commands", "warning", "differ from this version's: stats"), code=1)
def a_command_is_of_another_version(it: Installation) -> None:
    (stats,) = (each for each in it.discord.commands if each["name"] == "stats")
    stats["description"] = "Something else"


@breaks(("Discord", "channels", "broken", "Give Studyhall the Send Messages"), code=2)
def a_permission_is_missing_in_the_channel_of_a_daily(it: Installation) -> None:
    it.discord.deny(it.room, SEND_MESSAGES)


@breaks(("Discord", "channels", "broken", "can't see the channel"), code=2)
def the_channel_of_a_daily_is_hidden(it: Installation) -> None:
    it.discord.forbid(it.room, unseen=True)


@breaks(("Discord", "channels", "broken", "is gone"), code=2)
def the_channel_of_a_daily_is_deleted(it: Installation) -> None:
    it.discord.delete_channel(it.room)


@breaks(("Discord", "channels", "warning", "turn on “Allow anyone to @mention"), code=1)
def the_role_of_a_daily_cannot_be_mentioned(it: Installation) -> None:
    it.discord.hide_role(it.guild, it.guild.roles[0])


@breaks(
    ("Discord", "servers", "warning", "isn't in a server"),
    ("Discord", "channels", "broken", "is gone"),
    code=2,
)
def the_bot_was_removed_from_the_server(it: Installation) -> None:
    it.discord.remove_guild(it.guild)


@breaks(
    ("settings", "platforms", "broken", "_APP_TOKEN are swapped"),
    ("database", "processes", "warning", "restart the bot after you change a token"),
    code=2,
)
def slack_tokens_are_swapped(it: Installation) -> None:
    it.set("SLACK_BOT_TOKEN", it.slack.app_token)
    it.set("SLACK_APP_TOKEN", it.slack.bot_token)


@breaks(("Slack", "login", "broken", "Slack doesn't recognize this bot token"), code=2)
def slack_token_is_revoked(it: Installation) -> None:
    it.slack.team.installed = False


@breaks(
    ("Slack", "app", "broken", "The tokens are of two apps"),
    ("database", "processes", "warning", "restart the bot after you change a token"),
    code=2,
)
def slack_tokens_are_of_two_apps(it: Installation) -> None:
    it.slack.app_token = "xapp-1-AOTHER-1-x"
    it.set("SLACK_APP_TOKEN", it.slack.app_token)


@breaks(("Slack", "socket", "broken", "with the scope connections:write"), code=2)
def slack_app_token_was_deleted(it: Installation) -> None:
    it.slack.app_token = "xapp-1-A1-2-other"


@breaks(
    ("Slack", "scopes", "broken", "files:write is missing: charts come as text"),
    ("Slack", "scopes", "warning", "im:history is missing: messages to the app aren't read"),
    code=2,
)
def scopes_are_missing(it: Installation) -> None:
    it.slack.missing_scopes = {"files:write", "im:history"}


@breaks(("Slack", "channels", "broken", "#quiz: This channel is archived"), code=2)
def the_channel_of_a_daily_is_archived(it: Installation) -> None:
    it.slack.archive(it.conversation)


@breaks(("Slack", "channels", "broken", "/invite @Studyhall"), code=2)
def the_bot_was_taken_out_of_the_channel_of_a_daily(it: Installation) -> None:
    it.slack.remove_bot(it.conversation)


@breaks(("database", "access", "broken", "newer than this Studyhall"), code=2)
def the_database_is_newer(it: Installation) -> None:
    with sqlite3.connect(it.file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    connection.close()


@breaks(("database", "access", "warning", "There's no database at"), code=1)
def the_database_is_gone(it: Installation) -> None:
    it.file.unlink()


@breaks(("database", "access", "broken", "no folder can be made in"), code=2)
def the_folder_of_the_database_cannot_be_made(it: Installation) -> None:
    it.set("DATABASE_URL", f"sqlite:///{it.file}/inside/studyhall.db")


@breaks(("database", "state", "broken", "The file is damaged"), code=2)
def the_database_is_damaged(it: Installation) -> None:
    with sqlite3.connect(it.file) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_standing_page'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with it.file.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@breaks(("machine", "file modes", "warning", "chmod 600"), code=1)
def others_can_read_the_database(it: Installation) -> None:
    it.file.chmod(0o644)


@breaks(("packs", "packs", "broken", "bad doesn't load"), code=2)
def the_pack_is_broken(it: Installation) -> None:
    folder = it.file.parents[1] / "bad"
    folder.mkdir()
    (folder / "pack.yaml").write_text("id: bad\ntitle: 3\n")
    it.options += ["--pack", str(folder)]


@breaks(("packs", "chosen packs", "broken", "The pack lost isn't loaded"), code=2)
async def a_chosen_pack_is_gone(it: Installation) -> None:
    channel = Channel("discord", it.guild.id, it.room.id)
    settings = ChannelSettings(Reveal.AT_ONCE, "lost")
    await it.change(lambda store: store.communities.set_channel_settings(channel, settings))


@breaks(("database", "due work", "broken", "A weekly in channel"), code=2)
async def due_work_is_stuck(it: Installation) -> None:
    channel = Channel("discord", it.guild.id, it.room.id)
    at = now() - timedelta(hours=1)
    await it.change(lambda store: store.due.set("weekly", it.room.id, channel, at))


@breaks(("database", "dailies", "broken", "1 daily question overdue, since 1 hour ago"), code=2)
async def a_daily_is_overdue(it: Installation) -> None:
    async def delay(store: SqlStore) -> None:
        daily = await store.dailies.of(Channel("discord", it.guild.id, it.room.id))
        assert daily
        late = replace(daily, next_due=now() - timedelta(minutes=61))
        assert await store.dailies.change(daily, late)

    await it.change(delay)


@breaks(("database", "dailies", "warning", "is paused: There are no questions left."), code=1)
async def a_daily_is_paused(it: Installation) -> None:
    async def pause(store: SqlStore) -> None:
        daily = await store.dailies.of(Channel("discord", it.guild.id, it.room.id))
        assert daily
        paused = replace(daily, paused="There are no questions left.", next_on=None, next_due=None)
        assert await store.dailies.change(daily, paused)

    await it.change(pause)


@breaks(("database", "processes", "broken", "Two processes run the same Discord bot"), code=2)
async def another_process_is_alive_with_the_same_token(it: Installation) -> None:
    await it.beat()


@breaks(("Discord", "shards", "broken", "No process runs shard 1 of 2"), code=2)
async def a_shard_is_missing(it: Installation) -> None:
    async def stop_and_start(store: SqlStore) -> None:
        (only,) = await store.processes.all()
        await store.processes.save(replace(only, shards="0 of 2"))

    await it.change(stop_and_start)


@breaks(
    ("operation", "heartbeat", "warning", "its last heartbeat was 1 hour ago"),
    ("operation", "errors", "warning", "3 errors logged in 24 hours"),
    code=1,
)
async def the_bot_died(it: Installation) -> None:
    async def die(store: SqlStore) -> None:
        (only,) = await store.processes.all()
        errors = {f"{now():%Y-%m-%dT%H}": 3, "2020-01-01T00": 9}
        long_ago = now() - timedelta(minutes=61)
        await store.processes.save(replace(only, beat_at=long_ago, errors=errors))

    await it.change(die)


@breaks(("database", "backup", "warning", "The last backup was made 30 days ago"), code=1)
async def the_backup_is_old(it: Installation) -> None:
    then = (now() - timedelta(days=30)).isoformat()
    await it.change(lambda store: store.settings.set(BACKED_UP_AT, then))


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_installation_is_told_what_to_do(
    installation: Installation, run: Studyhall, name: str
) -> None:
    break_, expected, code = BROKEN[name]
    done = break_(installation)
    if done is not None:
        await done
    if installation.file.exists() and name != others_can_read_the_database.__name__:
        installation.file.chmod(0o600)
    found, exit_code = await examine(run, *installation.options)
    trouble = [each for each in found if each.status != "ok"]
    assert [(each.area, each.name, each.status) for each in trouble] == [
        each[:3] for each in expected
    ], trouble
    for finding, (*_, said) in zip(trouble, expected, strict=True):
        assert said in f"{finding.text} {finding.what_to_do}"
        assert finding.what_to_do
    assert exit_code == code


# Parts of an installation.


@contextmanager
def acting_as(user: int) -> Iterator[None]:
    """Be somebody else for a while."""
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


def by_check(found: list[Finding], area: str) -> dict[str, Finding]:
    """An area's findings by check; of several, the last one."""
    return {each.name: each for each in found if each.area == area}


async def test_a_socket_is_only_opened_while_no_process_is_alive(
    installation: Installation,
) -> None:
    async def stop(store: SqlStore) -> None:
        (only,) = await store.processes.all()
        await store.processes.save(replace(only, ended_at=now()))

    mode = installation.slack.socket_mode
    found = by_check(await diagnose(settings_for(None)), "Slack")
    assert "it wasn't opened" in found["socket"].text
    assert mode.connections == 0

    await installation.change(stop)
    found = by_check(await diagnose(settings_for(None)), "Slack")
    assert found["socket"].text == "The socket opens."
    assert mode.connections == 1

    async with ClientSession() as elsewhere, elsewhere.ws_connect(mode.ticket()):
        await installation.slack.ready(connections=2)
        found = by_check(await diagnose(settings_for(None)), "Slack")
    assert found["socket"].status == "warning"
    assert "1 more is open with this app-level token" in found["socket"].text


async def test_over_http_the_address_the_port_and_the_public_url_are_checked(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("STUDYHALL_SLACK_APP_TOKEN")
    installation.set("SLACK_SIGNING_SECRET", installation.slack.signing_secret)
    await installation.change(lambda store: store.processes.forget(now() + timedelta(days=1)))
    (mark := tmp_path / ".dockerenv").touch()
    monkeypatch.setattr(slack, "CONTAINER_MARKS", (mark,))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    installation.set("SLACK_PORT", str(port))
    url = f"http://127.0.0.1:{port}"

    found = by_check(await diagnose(settings_for(None), url=url), "Slack")
    assert "socket" not in found
    told = found["address"].status, found["address"].what_to_do
    assert told == ("broken", "Set STUDYHALL_SLACK_HOST to 0.0.0.0.")
    assert found["port"].text == f"Port {port} is free."
    assert found["public URL"].status == "broken"
    assert "can't be reached" in found["public URL"].text

    async with database(installation.url) as store:
        credentials = read_slack_credentials(settings_for(None))
        assert credentials
        adapter = SlackAdapter(await build_desk(store, [small_pack()], {}), credentials)
        serving = asyncio.create_task(adapter.connect())
        while not await slack._connects("127.0.0.1", port):
            await asyncio.sleep(0.01)
        found = by_check(await diagnose(settings_for(None), url=url), "Slack")
        assert found["public URL"].text == f"{url}/slack/events leads to the bot."
        assert found["port"].text == f"Another program listens on port {port}."
        await installation.beat()
        installation.set("SLACK_HOST", "0.0.0.0")
        found = by_check(await diagnose(settings_for(None), url=f"{url}/other"), "Slack")
        assert found["port"].text == f"The bot listens on port {port}."
        assert found["address"].status == "ok"
        assert "it answers 404" in found["public URL"].text
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await adapter.leave()


async def test_each_workspace_with_a_daily_is_looked_at(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = installation
    for name in ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"):
        monkeypatch.delenv(f"STUDYHALL_{name}")
    it.set("SLACK_SIGNING_SECRET", it.slack.signing_secret)
    it.set("SLACK_CLIENT_ID", it.slack.client_id)
    it.set("SLACK_CLIENT_SECRET", it.slack.client_secret)
    found = by_check(await diagnose(settings_for(None)), "Slack")
    assert "isn't installed in this workspace" in found["channels"].text

    async def install(store: SqlStore) -> None:
        await Installations(it.slack.client_id, store.database.engine).store.async_save(
            SlackInstallation(
                app_id=it.slack.app_id,
                team_id=it.slack.team.id,
                bot_token=it.slack.bot_token,
                bot_id="B1",
                user_id="U1",
            )
        )

    await it.change(install)
    it.slack.missing_scopes = {"groups:history"}
    found = by_check(await diagnose(settings_for(None)), "Slack")
    assert found["login"].text.endswith("have the app: 1.")
    assert found["channels"].status == "ok"
    assert f"groups:history is missing in {it.slack.team.id}" in found["scopes"].text


async def test_a_thread_is_looked_at_with_its_channels_permissions(
    installation: Installation,
) -> None:
    thread = installation.guild.add_thread(installation.room, "daily")
    await installation.change(
        lambda store: set_daily(store, Channel("discord", installation.guild.id, thread.id))
    )
    found = by_check(await diagnose(settings_for(None)), "Discord")
    assert found["channels"].status == "ok"
    installation.discord.deny(installation.room, SEND_IN_THREADS)
    found = by_check(await diagnose(settings_for(None)), "Discord")
    assert found["channels"].text == (
        f"#daily of {installation.guild.name}: I can't post in this channel."
    )
    assert "Send Messages in Threads" in found["channels"].what_to_do


async def test_a_postgresql_server_is_looked_at(
    postgresql: PostgresqlServer, installation: Installation, run: Studyhall
) -> None:
    with postgresql.new() as url:
        installation.set("DATABASE_URL", url)
        found, code = await examine(run)
        database = by_check(found, "database")
        assert code == 1
        assert database["access"].status == "ok"
        said = [each.text for each in found if each.name == "state"]
        assert "off are fsync, full_page_writes" in said[0]
        assert re.search(r"PostgreSQL [\d.]+, \d+ connections left", said[1])
    found, code = await examine(run)
    assert code == 2
    assert by_check(found, "database").keys() == {"access"}
    assert 'database "' in by_check(found, "database")["access"].text


async def test_whoever_else_has_the_file_open_is_named(installation: Installation) -> None:
    code = f"import sys; file = open({str(installation.file)!r}); print(flush=True); input()"
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=pipe, stdout=pipe
    )
    assert other.stdout
    await other.stdout.readline()
    found = by_check(await diagnose(settings_for(None)), "database")
    await other.communicate(b"\n")
    assert found["open in"].status == "warning"
    assert f"({other.pid})" in found["open in"].text
    found = by_check(await diagnose(settings_for(None)), "database")
    assert found["open in"].text == "Only the bot has the file open."


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
async def test_a_database_that_this_user_cannot_write_is_broken(
    installation: Installation,
) -> None:
    installation.file.chmod(0o444)
    case = Case(settings_for(None), now(), store=SqlStore(open_to_look(installation.url)))
    for folder in installation.file.parents[:-2]:
        folder.chmod(folder.stat().st_mode | 0o555)
    with acting_as(NOBODY):
        (finding,) = await check_access(case)
    await case.require_store().close()
    assert finding.status == "broken"
    assert finding.text == f"This user can't write to {installation.file}."


async def test_a_check_that_fails_or_hangs_is_a_finding(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Case) -> list[Finding]:
        raise ZeroDivisionError("with a secret in it")

    async def hang(_: Case) -> list[Finding]:
        await asyncio.sleep(600)
        return []

    monkeypatch.setattr(doctor, "AREAS", {"machine": {"a": fail, "b": hang}})
    monkeypatch.setattr(doctor, "CHECK_SECONDS", 0.2)
    failed, hung = await diagnose(settings_for(None))
    assert (failed.status, hung.status) == ("warning", "warning")
    assert failed.text == "This check failed: ZeroDivisionError."
    assert hung.text.startswith("No answer within")


async def test_a_platform_that_does_not_answer_is_broken_and_said_once(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "SHARED_SECONDS", 0.5)
    installation.discord.delay("/users/@me", 3)
    found = [each for each in await diagnose(settings_for(None)) if each.area == "Discord"]
    assert [(each.name, each.status) for each in found] == [("login", "broken")]
    assert found[0].text.startswith("Discord didn't answer within")


@pytest.mark.parametrize(
    ("seconds", "status", "said"),
    [
        (3, "ok", "agrees with Slack's"),
        (-30, "warning", "30 seconds behind Slack's"),
        (400, "broken", "400 seconds ahead of Slack's"),
    ],
)
def test_a_clock_that_is_off_is_named(seconds: int, status: str, said: str) -> None:
    finding = compare_clocks("Slack", seconds)
    assert finding.status == status
    assert said in finding.text


def test_a_disk_that_is_nearly_full_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real file system is asked; only the limits move."""
    monkeypatch.setenv("STUDYHALL_DATABASE_URL", f"sqlite:///{tmp_path}/none/x.db")
    case = Case(settings_for(None), now())
    assert [each.status for each in check_space(case)] == ["ok"]
    monkeypatch.setattr(machine, "LITTLE_SPACE", 1 << 60)
    assert {each.status for each in check_space(case)} == {"warning"}
    monkeypatch.setattr(machine, "TOO_LITTLE_SPACE", 1 << 60)
    assert {each.status for each in check_space(case)} == {"broken"}
    assert f"in {tmp_path}." in check_space(case)[0].text


def test_the_report_is_plain_text_and_a_backup_is_remembered(run: Any, tmp_path: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    said = run("doctor").stdout
    assert "There's no backup by studyhall db backup yet." in said
    assert run("db", "backup", str(tmp_path / "backup.db")).exit_code == 0
    result = run("doctor")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert not result.stderr
    assert "  ok       text: UTF-8." in lines
    assert any(
        re.fullmatch(r"  ok       backup: The last backup was made .*\.", line) for line in lines
    )
    at = lines.index("  warning  platforms: No platform is set up; only the terminal works.")
    assert lines[at + 1].startswith("           What to do: Set STUDYHALL_DISCORD_TOKEN")
    assert re.fullmatch(r"\d+ ok, \d+ warnings?, 0 broken", lines[-1])
    assert not re.search(r"[\u2500-\u257f\x1b]", result.stdout)


def test_the_exit_code_is_that_of_the_worst_finding() -> None:
    def of(*statuses: Status) -> int:
        return exit_code([Finding("a", "n", each, "t") for each in statuses])

    assert of() == of(Status.OK) == 0
    assert of(Status.WARNING, Status.OK) == 1
    assert of(Status.OK, Status.BROKEN, Status.WARNING) == 2


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_PORT", "abc", "STUDYHALL_SLACK_PORT can't be 'abc'"),
        ("DISCROD_TOKEN", "x", "Did you mean STUDYHALL_DISCORD_TOKEN?"),
    ],
)
def test_settings_that_cannot_be_read_are_a_finding(
    run: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    said: str,
    options: tuple[str, ...],
) -> None:
    monkeypatch.setenv(f"STUDYHALL_{name}", value)
    result = run("doctor", *options)
    assert result.exit_code == 2
    assert said in result.stdout
    assert "nothing else was checked" in result.stdout
    assert not result.stderr


def test_a_file_with_settings_that_others_can_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    case = Case(settings_for(None), now())
    assert check_files(case) == []
    for name in ("studyhall.env", ".env"):
        file = Path(name)
        file.write_text("STUDYHALL_SLACK_PORT=3001\n")
        file.chmod(0o644)
        (found,) = check_files(case)
        assert found.status == "warning"
        assert found.text.startswith(f"{name} is {'ignored' if name == '.env' else 'read'}, but")
        assert found.what_to_do == f"Run: chmod 600 {tmp_path / name}"
        file.chmod(0o600)
        (found,) = check_files(case)
        assert found.status == "ok"
        file.unlink()
    Path(".env").write_text("OTHER=1\n")
    assert check_files(case) == []


@pytest.mark.parametrize("password", ["hunter2-secret", "hunter2%40secret"])
def test_no_password_of_the_database_is_printed(run: Any, password: str) -> None:
    result = run("doctor", "--database-url", f"postgresql://me:{password}@127.0.0.1:1/db")
    assert result.exit_code == 2
    assert "  broken   access: Can't open the database at postgresql://me:***@" in result.stdout
    assert "hunter2" not in result.stdout + result.stderr


async def test_a_running_bot_is_seen_and_undisturbed_and_so_is_its_end(
    installation: Installation, run: Studyhall
) -> None:
    it = installation
    await it.change(lambda store: store.processes.forget(now() + timedelta(days=1)))
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", stderr=asyncio.subprocess.PIPE
    )
    try:
        await it.discord.ready()
        await it.slack.ready()
        found, code = await examine(run)
        assert [each for each in found if each.status != "ok"] == []
        assert code == 0
        said = {each.name: each.text for each in found if each.area != "machine"}
        assert f"of process {bot.pid} on" in said["heartbeat"]
        assert said["processes"] == "1 process running."
        assert len(it.discord.gateway.connected()) == 1
        assert it.slack.socket_mode.connections == 1
    finally:
        bot.send_signal(signal.SIGTERM)
        _, err = await bot.communicate()
    assert bot.returncode == 0, err
    found, code = await examine(run)
    (trouble,) = (each for each in found if each.status != "ok")
    assert trouble.text.startswith("The bot isn't running: it was stopped")
    assert code == 1


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")
@pytest.mark.parametrize(
    ("days", "trusted", "status", "said"),
    [
        (90, True, "ok", "The certificate of localhost is good until"),
        (10, True, "warning", "The certificate of localhost is good until"),
        (1, True, "broken", "The certificate of localhost is good until"),
        (90, False, "broken", "Slack won't accept the certificate of localhost: self"),
    ],
)
async def test_the_certificate_of_the_public_url_is_looked_at(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    days: int,
    trusted: bool,
    status: str,
    said: str,
) -> None:
    monkeypatch.delenv("STUDYHALL_SLACK_APP_TOKEN")
    installation.set("SLACK_SIGNING_SECRET", installation.slack.signing_secret)
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = f"req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -days {days}"
    names = ("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate)
    made = await asyncio.create_subprocess_exec(
        "openssl", *words.split(), *names, stderr=asyncio.subprocess.DEVNULL
    )
    assert await made.wait() == 0
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "localhost", 0, ssl=context
    )
    async with server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        case = Case(settings_for(None), now(), url=url)
        (finding,) = await check_certificate(case)
        assert (finding.status, finding.text[: len(said)]) == (status, said)
        assert bool(finding.what_to_do) == (status != "ok")
