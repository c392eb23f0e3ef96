"""The program, as operators see it: its port, its health command and its log."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer

PIPE = asyncio.subprocess.PIPE


@asynccontextmanager
async def start(env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=env, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def check_health(env: Mapping[str, str]) -> tuple[int | None, str]:
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "health", "--running", env=env, stdout=PIPE, stderr=PIPE
    )
    out, err = await asked.communicate()
    return asked.returncode, (out + err).decode().strip()


async def wait_for_health(env: Mapping[str, str], expected: tuple[int, str]) -> None:
    """Wait until the command says so."""
    while (found := await check_health(env)) != expected:
        assert found[0] in (0, 1), found
        await asyncio.sleep(0.2)


async def test_health_follows_the_platforms_and_each_line_of_the_log_is_json(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    async with SlackServer() as slack, DiscordServer() as discord:
        env = os.environ | {
            "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/run.db",
            "STUDYHALL_DISCORD_TOKEN": discord.token,
            "STUDYHALL_DISCORD_API_BASE": discord.api_base,
            "STUDYHALL_SLACK_BOT_TOKEN": slack.bot_token,
            "STUDYHALL_SLACK_APP_TOKEN": slack.app_token,
            "STUDYHALL_SLACK_API_BASE": slack.base_url,
            "STUDYHALL_OPS_PORT": str(unused_tcp_port),
        }
        channel, ann = discord.add_guild().add_text_channel(), discord.add_person("Annabel")
        async with start(env) as process:
            await discord.ready()
            await slack.ready()
            await wait_for_health(env, (0, "Ready."))
            await (await ann.slash(channel, "explain", topic="mlflow")).settled()
            taken = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", env=env, stderr=PIPE
            )
            _, said = await taken.communicate()
            assert taken.returncode == 2
            assert b"Set STUDYHALL_OPS_PORT to a free port" in said.splitlines()[-1]
            await discord.__aexit__(None, None, None)
            await wait_for_health(env, (1, "discord isn't connected"))
            process.send_signal(signal.SIGTERM)
            _, err = await process.communicate()
    assert process.returncode == 0
    lines = [json.loads(line) for line in err.splitlines()]
    (explained,) = [line for line in lines if line["event"].startswith("discord call explain")]
    assert len(explained["event_id"]) == 8
    assert {line["logger"].partition(".")[0] for line in lines} >= {"adapters", "discord"}
    text = err.decode()
    for private in ("Annabel", "mlflow", discord.token, slack.bot_token, slack.app_token):
        assert private not in text
