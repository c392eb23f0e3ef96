"""What happens when a platform fails or rejects us: to it, to the others, and in the log."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from adapters.discord.client import StudyhallClient
from adapters.intake import Intake
from adapters.slack import app as slack_app
from adapters.slack.app import SlackAdapter
from adapters.slack.workspaces import Credentials
from bot.engine.events import Press
from bot.engine.platform import Adapter, LoginFailed
from bot.observe import RepeatFilter
from bot.scheduler import _guard as scheduler_guard
from bot.scheduler import build_scheduler
from bot.supervisor import MAX_BACKOFF_SECONDS, keep_running, run_once
from tests.conformance.bot import Bot
from tests.databases import PostgresqlServer
from tests.samples import TickingClock, event, small_pack
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer

NOWHERE = "http://127.0.0.1:9/api/"
"""Nothing listens here: the discard port."""

OUTAGE_SECONDS = 28 * 60


class SleepClock:
    """A clock that only advances during sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.sleeps.append(seconds)
        await asyncio.sleep(0)


class CapturedLog:
    """What the program would log to standard error."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.addFilter(RepeatFilter(clock))

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()


@contextmanager
def capture_log(clock: Callable[[], float]) -> Iterator[CapturedLog]:
    log, root = CapturedLog(clock), logging.getLogger()
    level = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.INFO)
    try:
        yield log
    finally:
        root.removeHandler(log.handler)
        root.setLevel(level)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    bot = await Bot.start(small_pack(), f"sqlite:///{tmp_path}/outage.db", TickingClock())
    yield bot
    await bot.stop()


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


def make_discord(bot: Bot, server: DiscordServer, base: str = "") -> Adapter:
    return StudyhallClient(bot.desk, bot.store, server.token, base or server.api_base)


def make_slack(bot: Bot, server: SlackServer, base: str = "") -> Adapter:
    tokens = Credentials(
        bot_token=server.bot_token, app_token=server.app_token, api_base=base or server.base_url
    )
    return SlackAdapter(bot.desk, tokens)


async def cancel_all(*tasks: asyncio.Task[None]) -> None:
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_a_28_minute_network_outage_logs_few_lines(
    bot: Bot, discord: DiscordServer, slack: SlackServer, platform: str
) -> None:
    clock = SleepClock()

    def make() -> Adapter:
        base = NOWHERE if clock.now < OUTAGE_SECONDS else ""
        return (
            make_discord(bot, discord, base)
            if platform == "discord"
            else make_slack(bot, slack, base)
        )

    with capture_log(clock) as log:
        running = asyncio.create_task(
            keep_running(platform, lambda: run_once(make, bot.posters), clock.sleep, clock)
        )
        await (discord.ready() if platform == "discord" else slack.ready())
        while not any(f"{platform} is ready" in line for line in log.lines):
            await asyncio.sleep(0.01)
        assert platform in bot.posters
        await cancel_all(running)
    assert clock.sleeps[:4] == [1, 2, 4, 8]
    assert max(clock.sleeps) == MAX_BACKOFF_SECONDS
    assert sum(clock.sleeps) < OUTAGE_SECONDS + MAX_BACKOFF_SECONDS
    assert any(f"{platform} is down" in line and "Can't reach" in line for line in log.lines)
    assert 5 < len(log.lines) < 50
    assert not any("Traceback" in line for line in log.lines)
    assert bot.posters == {}


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_an_adapter_is_connected_while_events_can_come_in(
    bot: Bot,
    discord: DiscordServer,
    slack: SlackServer,
    platform: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(slack_app, "SOCKET_CHECK_SECONDS", 0.05)
    adapter = make_discord(bot, discord) if platform == "discord" else make_slack(bot, slack)
    assert not adapter.connected
    running = asyncio.create_task(run_once(lambda: adapter, bot.posters))
    while not adapter.connected:
        await asyncio.sleep(0.01)
    # Its server goes away.
    await (discord if platform == "discord" else slack).__aexit__(None, None, None)
    while adapter.connected:
        await asyncio.sleep(0.01)
    await cancel_all(running)
    assert not adapter.connected


async def test_repeated_library_failures_are_logged_rarely() -> None:
    clock = SleepClock()
    with capture_log(clock) as log:
        for n in range(OUTAGE_SECONDS // 10):
            try:
                raise ConnectionResetError("gone")
            except ConnectionResetError as problem:
                logging.getLogger("slack_bolt.AsyncApp").exception("Failed to connect (s_%d)", n)
                logging.getLogger("bot.scheduler").exception("the job fails: %s", problem)
            await clock.sleep(10)
    assert 10 <= len(log.lines) <= 12
    assert log.lines[-2].startswith("Failed to connect (s_150) (ConnectionResetError('gone'))")
    assert log.lines[-2].endswith("(and 29 more since last logged)")


def test_our_own_errors_keep_their_traceback() -> None:
    with capture_log(SleepClock()) as log:
        try:
            raise KeyError("oops")
        except KeyError:
            logging.getLogger("bot.scheduler").exception("the job fails")
    assert "Traceback (most recent call last):" in log.lines


async def test_the_bot_reconnects_when_discord_ends_the_session(
    bot: Bot, discord: DiscordServer
) -> None:
    clock, channel = SleepClock(), discord.add_guild().add_text_channel()
    ann = discord.add_person("Ann")
    running = asyncio.create_task(
        keep_running(
            "discord",
            lambda: run_once(lambda: make_discord(bot, discord), bot.posters),
            clock.sleep,
            clock,
        )
    )
    await discord.ready()
    await discord.drop_gateway(code=4012)
    while discord.gateway.identified < 2:
        await asyncio.sleep(0.01)
    await discord.ready()
    shown = await (await ann.slash(channel, "drill", topic="alpha")).settled()
    assert "Question 1" in shown.text
    assert clock.sleeps == [1]
    await cancel_all(running)


async def test_a_revoked_discord_token_stops_discord(bot: Bot, discord: DiscordServer) -> None:
    running = asyncio.create_task(
        keep_running("discord", lambda: run_once(lambda: make_discord(bot, discord), bot.posters))
    )
    await discord.ready()
    await discord.drop_gateway(code=4004)
    with pytest.raises(LoginFailed, match="Copy a new one"):
        await running
    assert bot.posters == {}


@pytest.mark.parametrize("error", ["internal_error", "ratelimited"])
async def test_a_slack_socket_that_stays_closed_is_replaced_by_a_new_app(
    bot: Bot, slack: SlackServer, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_app, "SOCKET_LOST_SECONDS", 0.2)
    monkeypatch.setattr(slack_app, "SOCKET_CHECK_SECONDS", 0.05)
    clock, made = SleepClock(), list[Adapter]()

    def make() -> Adapter:
        made.append(make_slack(bot, slack))
        return made[-1]

    running = asyncio.create_task(
        keep_running("slack", lambda: run_once(make, bot.posters), clock.sleep, clock)
    )
    await slack.ready()
    monkeypatch.setattr(slack_app, "SOCKET_LOST_SECONDS", 5)
    slack.fail("apps.connections.open", error, retry_after=0, times=1)
    slack.drop()
    await slack.ready(connections=2)
    general, ann = slack.team.add_channel("general"), slack.team.add_person("ann")
    await ann.command(general, "/quiz", "explain hpo")
    assert "About beta" in (await ann.next_message(general)).words
    assert len(made) >= 2
    assert clock.sleeps
    await cancel_all(running)


async def test_a_broken_event_is_skipped(
    bot: Bot, discord: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    guild = discord.add_guild()
    channel, ann = guild.add_text_channel(), discord.add_person("Ann")
    running = asyncio.create_task(run_once(lambda: make_discord(bot, discord), bot.posters))
    await discord.ready()
    voice = channel.payload() | {"id": "77", "type": 2, "user_limit": 0}
    thread = channel.payload() | {"id": "78", "type": 11, "parent_id": channel.id}
    discord.gateway.tell(guild.id, "CHANNEL_CREATE", voice)
    discord.gateway.tell(guild.id, "THREAD_CREATE", thread)
    shown = await (await ann.slash(channel, "drill", topic="alpha")).settled()
    assert "Question 1" in shown.text
    skipped = [each.getMessage() for each in caplog.records if "skipped" in each.getMessage()]
    assert [line.split()[2] for line in skipped] == ["CHANNEL_CREATE", "THREAD_CREATE"]
    assert "bitrate" in skipped[0]
    assert "owner_id" in skipped[1]
    assert discord.gateway.identified == 1
    await cancel_all(running)


async def test_commands_work_in_a_server_that_cannot_be_parsed(
    bot: Bot, discord: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    guild = discord.add_guild()
    channel, ann = guild.add_text_channel(), discord.add_person("Ann")
    payload = guild.payload()
    payload["channels"].append(channel.payload() | {"id": "77", "type": 2, "user_limit": 0})
    guild.payload = lambda: payload  # type: ignore[method-assign]
    running = asyncio.create_task(run_once(lambda: make_discord(bot, discord), bot.posters))
    await discord.ready()
    asked = await (await ann.slash(channel, "question", topic="alpha")).settled()
    assert "Posted" in asked.text
    assert "GUILD_CREATE" in caplog.text
    await cancel_all(running)


async def test_due_rows_wait_while_a_platform_is_down(
    bot: Bot, discord: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    guild = discord.add_guild()
    channel, ann = guild.add_text_channel(), discord.add_person("Ann")
    guild.join(ann, admin=True)
    up = asyncio.create_task(run_once(lambda: make_discord(bot, discord), bot.posters))
    await discord.ready()
    preview = await (await ann.slash(channel, "daily set", time="09:00", hours=1)).settled()
    await (await ann.press(preview, preview.buttons()["Save"])).settled()
    await cancel_all(up)
    for _ in range(30):
        await bot.passes(3600)
        await bot.desk.clockwork.dispatch("discord")
    assert channel.messages == []
    assert "Traceback" not in caplog.text
    up = asyncio.create_task(run_once(lambda: make_discord(bot, discord), bot.posters))
    await discord.ready()
    while "discord" not in bot.posters:
        await asyncio.sleep(0.01)
    for _ in range(24):
        await bot.passes(3600)
    assert len(channel.messages) == 1
    await cancel_all(up)


async def test_a_heartbeat_that_is_stopped_in_a_job_is_no_failure(
    bot: Bot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(bot.desk.dailies, "prepare", hang)
    beating = build_scheduler(bot.desk, ())
    beating.start()
    await begun.wait()
    beating.shutdown(wait=False)
    await asyncio.sleep(0.05)
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


# The program itself, in a process of its own.


def environment(
    tmp_path: Path, discord: DiscordServer, slack: SlackServer, **more: str
) -> Mapping[str, str]:
    return os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/run.db",
        "STUDYHALL_DISCORD_TOKEN": discord.token,
        "STUDYHALL_DISCORD_API_BASE": discord.api_base,
        "STUDYHALL_SLACK_BOT_TOKEN": slack.bot_token,
        "STUDYHALL_SLACK_APP_TOKEN": slack.app_token,
        "STUDYHALL_SLACK_API_BASE": slack.base_url,
        **more,
    }


async def studyhall(env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=env, stderr=asyncio.subprocess.PIPE
    )


async def test_a_rejected_platform_stops_alone_and_the_last_one_ends_the_program(
    tmp_path: Path, discord: DiscordServer, slack: SlackServer
) -> None:
    channel, ann = discord.add_guild().add_text_channel(), discord.add_person("Ann")
    env = environment(tmp_path, discord, slack, STUDYHALL_SLACK_BOT_TOKEN="xoxb-wrong")
    process = await studyhall(env)
    await discord.ready()
    shown = await (await ann.slash(channel, "help")).settled()
    assert "What you can do" in shown.text
    assert process.returncode is None
    await discord.drop_gateway(code=4004)
    _, err = await process.communicate()
    assert process.returncode == 2
    (stopped,) = [line for line in err.splitlines() if b"slack is stopped" in line]
    assert b"invalid_auth" in stopped
    assert b"Discord doesn't recognize this token" in err.splitlines()[-1]
    assert b"Traceback" not in err
    assert b"xoxb-wrong" not in err


async def test_stopping_while_everything_is_down_is_quiet(tmp_path: Path) -> None:
    async with DiscordServer() as discord, SlackServer() as slack:
        process = await studyhall(environment(tmp_path, discord, slack))
        await discord.ready()
        await slack.ready()
    assert process.stderr is not None
    seen = b""
    while b"reconnect" not in seen:
        seen += await asyncio.wait_for(process.stderr.readline(), 60)
    process.send_signal(signal.SIGTERM)
    _, err = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in seen + err


async def test_the_program_waits_for_a_network_and_can_be_stopped_meanwhile(
    tmp_path: Path, discord: DiscordServer, slack: SlackServer
) -> None:
    env = environment(
        tmp_path, discord, slack,
        STUDYHALL_DISCORD_API_BASE=NOWHERE, STUDYHALL_SLACK_API_BASE=NOWHERE,
    )  # fmt: skip
    process = await studyhall(env)
    assert process.stderr is not None
    seen = b""
    tries = [b"%s is down, next try in 2 s" % name for name in (b"discord", b"slack")]
    while not all(each in seen for each in tries):
        seen += await asyncio.wait_for(process.stderr.readline(), 60)
    process.send_signal(signal.SIGTERM)
    _, err = await process.communicate()
    assert process.returncode == 0
    assert b"Traceback" not in seen + err


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_database_outage_logs_a_line_per_change(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """1,000 presses while the database is away."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/outage.db"
        bot = await Bot.start(small_pack(), url, TickingClock())
        connection = sqlite3.connect(tmp_path / "outage.db")
        tables = [name for (name,) in connection.execute(TABLES)]
        for name in tables:
            connection.execute(f'ALTER TABLE "{name}" RENAME TO "away_{name}"')
        connection.commit()
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        with server.new() as url:
            bot = await Bot.start(small_pack(), url, TickingClock())
        # The database is dropped now.
    with capture_log(monotonic) as log:
        presses = [
            event(Press(action), f"user{number % 50}")
            for number in range(250)
            for action in ("continue:1", "answer:1:0", "stop:1", "why:1")
        ]
        replies = [
            reply
            for start in range(0, len(presses), 50)
            for reply in await asyncio.gather(
                *(bot.desk.handle(each) for each in presses[start : start + 50])
            )
        ]
        down = len(log.lines)
        if kind == "sqlite":
            for name in tables:
                connection.execute(f'ALTER TABLE "away_{name}" RENAME TO "{name}"')
            connection.commit()
            connection.close()
            await bot.desk.handle(event(Press("continue:1")))
            await bot.desk.handle(event(Press("answer:1:0")))
            assert any("can read the database again, after" in line for line in log.lines[down:])
    await bot.stop()
    assert all("reference" in str(reply.screen.text[0]) for reply in replies)
    assert down <= 12, log.lines
    assert sum(map(len, log.lines)) < 6000
    assert any("can't read the database" in line for line in log.lines)
    assert not any("Traceback" in line for line in log.lines)


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


QUOTED = "Xyzzy typed this"


async def test_no_failure_of_an_adapters_handler_or_of_a_platform_logs_what_was_typed() -> None:
    async def fail() -> None:
        try:
            int(QUOTED)
        except ValueError as problem:
            raise RuntimeError(f"could not use it: {problem}") from problem

    async def send(reply: object) -> None:
        raise KeyError(QUOTED)

    with capture_log(monotonic) as log:
        intake = Intake("tiny")
        intake.take("call", QUOTED, ("club", QUOTED), fail, send)
        await intake.drain()
        clock = SleepClock()
        running = asyncio.create_task(keep_running("tiny", fail, clock.sleep, clock))
        while not clock.sleeps:
            await asyncio.sleep(0)
        await cancel_all(running)
        await scheduler_guard(fail)()
        lost = asyncio.create_task(fail())
        await asyncio.wait({lost})
        problem = lost.exception()
        assert problem is not None
        # As slack_bolt does it, and as asyncio does.
        logging.getLogger("slack_bolt").error(f"Failed: {problem}", exc_info=problem)
        logging.getLogger("asyncio").error(f"lost: {lost!r}", exc_info=problem)
        try:
            raise BaseExceptionGroup(QUOTED, [ValueError(QUOTED), problem])
        except BaseExceptionGroup:
            log_of_tests.exception("several failed")
    text = "\n".join(log.lines)
    assert "Xyzzy" not in text
    assert text.count("RuntimeError: could not use it") >= 4
    assert "tiny call unknown failed" in text


log_of_tests = logging.getLogger(__name__)
