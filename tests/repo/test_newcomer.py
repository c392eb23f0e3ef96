"""A newcomer's way from nothing to a question in a channel: which commands, and how long."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.cli.test_init import converse, environment
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 1200
"""For each answer, on a slow machine; most of it is installing packages."""

ANSWERS = (
    (r"Database .*: ", ""),
    (r"File .*: ", ""),
    (r"Time zone .*: ", ""),
    (r"Pack: .*: ", ""),
    (r"Channel .*: ", ""),
    (r"now\? .*: ", ""),
    (r"or none .*: ", "09:00"),
    (r"Keep it running with .*: ", ""),
)


@pytest.mark.image
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_a_question_is_two_commands_away(
    tmp_path: Path, platform: str, record_property: Callable[[str, object], None]
) -> None:
    async with DiscordServer() as discord, SlackServer() as slack:
        there = discord.add_guild("Group").add_text_channel("quiz")
        channel = slack.team.add_channel("quiz")
        env = environment(
            tmp_path,
            STUDYHALL_DISCORD_API_BASE=discord.api_base,
            STUDYHALL_SLACK_API_BASE=slack.base_url,
        )
        env.pop("PYTHONPATH")
        secrets = {
            "discord": [(r"not shown\): ", discord.token)],
            "slack": [
                (r"new_app=1[\s\S]*not shown\): ", slack.bot_token),
                (r"connections:write[\s\S]*not shown\): ", slack.app_token),
            ],
        }
        started = monotonic()
        clone = await asyncio.create_subprocess_exec(
            "git", "clone", "--quiet", ROOT, tmp_path / "studyhall"
        )
        assert await clone.wait() == 0
        code, screen = await asyncio.to_thread(
            converse,
            env,
            (r"Platform .*: ", platform),
            *secrets[platform],
            *ANSWERS,
            command=[shutil.which("make") or "make", "init"],
            folder=str(tmp_path / "studyhall"),
            seconds=PATIENCE_SECONDS,
        )
        assert code == 0, screen
        record_property("minutes", f"{(monotonic() - started) / 60:.1f}")
        assert there.messages or channel.messages
