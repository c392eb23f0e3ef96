"""The program with both platforms at once: one person on both is one player."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.conformance.slack import _shown
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer


async def test_one_person_on_both_platforms_has_one_record(tmp_path: Path) -> None:
    pack = small_pack()
    single = [question for question in pack.questions if question.kind == "single"]
    folder = save_pack(pack.model_copy(update={"questions": single}), tmp_path / "pack")
    async with DiscordServer() as discord, SlackServer() as slack:
        here = discord.add_guild().add_text_channel()
        there = slack.team.add_channel("general")
        on_discord, on_slack = discord.add_person("Ann"), slack.team.add_person("ann")
        env = os.environ | {
            "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/both.db",
            "STUDYHALL_DISCORD_TOKEN": discord.token,
            "STUDYHALL_DISCORD_API_BASE": discord.api_base,
            "STUDYHALL_SLACK_BOT_TOKEN": slack.bot_token,
            "STUDYHALL_SLACK_APP_TOKEN": slack.app_token,
            "STUDYHALL_SLACK_API_BASE": slack.base_url,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "--pack", str(folder), env=env,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await discord.ready()
            await slack.ready()

            async def say(words: str) -> str:
                await on_slack.command(there, "/quiz", words)
                return _shown(await on_slack.next_message(there)).text

            async def ask(command: str) -> str:
                return (await (await on_discord.slash(here, command)).settled()).text

            drill = await (await on_discord.slash(here, "drill", topic="alpha")).settled()
            answer = next(id_ for id_ in drill.buttons().values() if id_.startswith("answer:"))
            assert "points" in (await (await on_discord.press(drill, answer)).settled()).text
            code = (await ask("link")).split("`")[1]
            assert "message on Discord" in await say(f"link {code}")
            asked = on_discord.dm.messages[-1]
            allow = asked.buttons()["Allow"]
            allowed = await (await on_discord.press(asked, allow)).settled()
            assert "one player" in allowed.text
            for stats in (await ask("stats"), await say("stats")):
                assert stats.split("Answered")[1].strip(" *:\n").startswith("1")
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = await process.communicate()
        assert process.returncode == 0
        assert b"Traceback" not in err
        assert all(secret.encode() not in err for secret in (slack.bot_token, slack.app_token))
        assert discord.violations == []
        assert list(slack.violations) == []


async def test_a_wrong_slack_token_is_one_line_and_exit_2(tmp_path: Path) -> None:
    async with SlackServer() as slack:
        env = os.environ | {
            "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/wrong.db",
            "STUDYHALL_SLACK_BOT_TOKEN": "xoxb-secret",
            "STUDYHALL_SLACK_APP_TOKEN": "xapp-secret",
            "STUDYHALL_SLACK_API_BASE": slack.base_url,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", "slack", env=env,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        _, err = await process.communicate()
    assert process.returncode == 2
    assert b"Copy a new one" in err.splitlines()[-1]
    assert b"Traceback" not in err
    assert b"secret" not in err
