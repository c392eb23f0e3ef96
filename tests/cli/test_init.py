"""`studyhall init`: from nothing to a question in a channel, typed or by flags."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pexpect
import pytest
import yaml

from tests.cli.test_hostile import allow_interrupts
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord import DiscordServer
from tests.stand_ins.slack import SlackServer

ROOT = Path(__file__).parents[2]
INIT = [sys.executable, "-m", "bot", "init"]


@pytest.fixture
async def discord() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as server:
        yield server


def environment(folder: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STUDYHALL")}
    return ours | {"PYTHONPATH": str(ROOT), "HOME": str(folder), "TERM": "dumb", **more}


async def run(env: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *INIT, *words, env=env, cwd=env["HOME"], stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


def converse(
    env: Mapping[str, str],
    *steps: tuple[str, str],
    command: Sequence[str] = INIT,
    folder: str = "",
    seconds: int = 60,
) -> tuple[int, str]:
    """Type each answer when its question is there; the exit code, and everything on the screen."""
    child = pexpect.spawn(
        command[0], [*command[1:]], env=dict(env), cwd=folder or env["HOME"], encoding="utf-8",
        timeout=seconds, dimensions=(50, 200), preexec_fn=allow_interrupts,
    )  # fmt: skip
    seen = ""
    for expected, answer in steps:
        child.expect(expected)
        seen += str(child.before) + str(child.after)
        if answer == "^C":
            # Like a person, press it again: what comes between a prompt and its reading is lost.
            child.sendintr()
            while child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=5):
                child.sendintr()
        else:
            if "not shown" in expected:
                child.waitnoecho()
            child.sendline(answer)
    if child.after is not pexpect.EOF:
        child.expect(pexpect.EOF)
    child.close()
    return child.exitstatus or 0, seen + str(child.before)


def read_env(folder: Path) -> dict[str, str]:
    lines = (folder / "studyhall.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


async def test_a_newcomer_to_discord_gets_a_question(
    discord: DiscordServer, tmp_path: Path
) -> None:
    guild = discord.add_guild("Study group", channels=("general", "quiz"))
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base, TZ="Europe/Berlin")
    code, screen = await asyncio.to_thread(
        converse,
        env,
        (r"Platform .*: ", ""),
        (r"not shown\): ", discord.token),
        (r"Database .*: ", ""),
        (r"File .*: ", ""),
        (r"Time zone .*: ", "Berlin"),
        (r"Pack: .*: ", ""),
        (r"2. #quiz in Study group[\s\S]*Channel .*: ", "2"),
        (r"now\? .*: ", "y"),
        (r"or none .*: ", "09:00"),
        (r"Keep it running with .*: ", "none"),
    )
    assert code == 0, screen
    assert "https://discord.com/oauth2/authorize?client_id=" in screen
    assert discord.token not in screen
    general, quiz = guild.channels[:2]
    assert not general.messages
    (asked,) = quiz.messages
    assert "answer" in str(asked.components)
    assert "Set a question every day at 09:00 (Europe/Berlin) in #quiz" in screen
    written = read_env(tmp_path)
    assert written["STUDYHALL_DISCORD_TOKEN"] == discord.token
    assert written["STUDYHALL_DATABASE_URL"].startswith(f"sqlite:///{tmp_path}/")
    assert stat.S_IMODE((tmp_path / "studyhall.env").stat().st_mode) == 0o600
    assert not discord.violations


async def test_the_bot_waits_until_it_is_in_a_server(
    discord: DiscordServer, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{discord.token}\n")
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base)
    flags = ("--platform", "discord", "--discord-token-file", "token", "--zone", "UTC", "--yes")
    running = asyncio.create_task(run(env, *flags, "--ask", "--wait", "60"))
    await discord.ready()
    guild = discord.add_guild("Late", channels=("general",))
    code, out, errors = await running
    assert code == 0, errors
    assert "Posted a question in #general in Late." in out
    assert any("answer" in str(each.components) for each in guild.channels[0].messages)
    written = read_env(tmp_path)
    assert written["STUDYHALL_DISCORD_TOKEN_FILE"] == str(tmp_path / "token")
    assert discord.token not in (tmp_path / "studyhall.env").read_text() + out + errors


async def test_a_newcomer_to_slack_gets_a_question(slack: SlackServer, tmp_path: Path) -> None:
    channel = slack.team.add_channel("quiz")
    env = environment(tmp_path, STUDYHALL_SLACK_API_BASE=slack.base_url)
    code, screen = await asyncio.to_thread(
        converse,
        env,
        (r"Platform .*: ", "slack"),
        (r"api.slack.com/apps\?new_app=1[\s\S]*Install App[\s\S]*not shown\): ", slack.bot_token),
        (r"connections:write[\s\S]*not shown\): ", slack.app_token),
        (r"Database .*: ", ""),
        (r"File .*: ", ""),
        (r"Time zone .*: ", "UTC"),
        (r"Pack: .*: ", ""),
        (r"1. #quiz[\s\S]*Channel .*: ", ""),
        (r"now\? .*: ", ""),
        (r"or none .*: ", "8am"),
        (r"Keep it running with .*: ", "none"),
    )
    assert code == 0, screen
    assert slack.bot_token not in screen
    assert slack.app_token not in screen
    assert len(channel.messages) == 1, screen
    assert read_env(tmp_path)["STUDYHALL_SLACK_APP_TOKEN"] == slack.app_token
    assert not list(slack.violations)


async def test_slack_tokens_of_two_apps_are_refused(slack: SlackServer, tmp_path: Path) -> None:
    async with SlackServer() as other:
        other.app_id, other.app_token = "A0OTHER", slack.app_token
        # Whoever opens the socket is told the other app's id.
        slack.socket_mode.ticket = other.socket_mode.ticket  # type: ignore[method-assign]
        (tmp_path / "bot").write_text(slack.bot_token)
        (tmp_path / "app").write_text(slack.app_token)
        env = environment(tmp_path, STUDYHALL_SLACK_API_BASE=slack.base_url)
        files = ("--slack-bot-token-file", "bot", "--slack-app-token-file", "app")
        code, _, errors = await run(env, "--platform", "slack", *files, "--yes")
    assert code == 2
    assert errors == (
        f"The tokens are of two apps, {slack.app_id} and A0OTHER. Copy both from one app's page.\n"
    )
    assert not (tmp_path / "studyhall.env").exists()


async def test_slack_without_the_scope_to_list_channels_does_not_wait(
    slack: SlackServer, tmp_path: Path
) -> None:
    slack.missing_scopes |= {"channels:read", "groups:read"}
    (tmp_path / "bot").write_text(slack.bot_token)
    (tmp_path / "app").write_text(slack.app_token)
    env = environment(tmp_path, STUDYHALL_SLACK_API_BASE=slack.base_url)
    files = ("--slack-bot-token-file", "bot", "--slack-app-token-file", "app")
    code, _, errors = await run(env, "--platform", "slack", *files, "--yes", "--ask")
    assert code == 2
    assert "needs the scope channels:read" in errors
    assert (tmp_path / "studyhall.env").exists()


async def test_other_lines_of_an_earlier_file_stay(discord: DiscordServer, tmp_path: Path) -> None:
    file = tmp_path / "studyhall.env"
    file.write_text(
        "# ours\nSTUDYHALL_DISCORD_TOKEN=old.old.old\nSTUDYHALL_SLACK_PORT=3001\n"
        f"STUDYHALL_DISCORD_API_BASE={discord.api_base}\n"
    )
    file.chmod(0o644)
    (tmp_path / "token").write_text(discord.token)
    flags = ("--platform", "discord", "--discord-token-file", "token", "--zone", "UTC", "--yes")
    code, _, errors = await run(environment(tmp_path), *flags)
    assert code == 0, errors
    lines = file.read_text().splitlines()
    assert lines[:3] == [
        "# ours",
        "STUDYHALL_SLACK_PORT=3001",
        f"STUDYHALL_DISCORD_API_BASE={discord.api_base}",
    ]
    assert f"STUDYHALL_DISCORD_TOKEN_FILE={tmp_path / 'token'}" in lines
    assert "old.old.old" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("at", range(5))
async def test_ctrl_c_at_any_question_writes_nothing(
    discord: DiscordServer, tmp_path: Path, at: int
) -> None:
    before = "STUDYHALL_SLACK_PORT=3001\n"
    (tmp_path / "studyhall.env").write_text(before)
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base)
    steps = [
        (r"Platform .*: ", ""),
        (r"not shown\): ", discord.token),
        (r"Database .*: ", ""),
        (r"File .*: ", ""),
        (r"Time zone .*: ", "UTC"),
    ]
    steps[at] = (steps[at][0], "^C")
    code, screen = await asyncio.to_thread(converse, env, *steps[: at + 1])
    assert code in (1, 130)
    assert "Traceback" not in screen
    assert (tmp_path / "studyhall.env").read_text() == before
    assert set(os.listdir(tmp_path)) <= {"studyhall.env", ".local", ".cache"}  # noqa: PTH208


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--platform", "teams"), "There's no platform “teams”. Choose discord or slack."),
        ((), "Set STUDYHALL_DISCORD_TOKEN or --discord-token-file, or leave out --yes"),
        (("--discord-token-file", "none"), "Can't read none, which --discord-token-file names"),
        (("--discord-token-file", "wrong"), "Discord doesn't recognize this token."),
        (("--discord-token-file", "token", "--zone", "Nowhere"), "Which time zone is “Nowhere”?"),
        (("--discord-token-file", "token", "--pack", "dp10"), "dp10:1:1: this doesn't exist"),
        (
            ("--discord-token-file", "token", "--database-url", "sqlite:////proc/none/x.db"),
            "Can't open the database at sqlite:////proc/none/x.db",
        ),
        (
            ("--discord-token-file", "token", "--ask", "--wait", "0"),
            "There's no channel yet where the bot can post. Add it to a server",
        ),
    ],
)
async def test_what_an_unattended_setup_lacks_is_named(
    discord: DiscordServer, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "token").write_text(discord.token)
    (tmp_path / "wrong").write_text("wrong.wrong.wrong")
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base)
    code, _, errors = await run(env, "--yes", *words)
    assert code == 2
    assert said in errors
    assert len(errors.splitlines()) == 1


async def test_notes_are_imported_and_a_unit_is_written(
    discord: DiscordServer, tmp_path: Path
) -> None:
    notes = tmp_path / "soil.md"
    notes.write_text(
        "# Soil\n\n## Sand\n\n- **Sand**: drains fast.\n- **Clay**: holds water.\n- **Silt**: is "
        "fine.\n- **Loam**: mixes all three.\n"
    )
    (tmp_path / "token").write_text(discord.token)
    discord.add_guild("Garden", channels=("general",))
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base)
    flags = ("--discord-token-file", "token", "--notes", "soil.md", "--service", "systemd")
    code, out, errors = await run(env, "--yes", *flags)
    assert code == 0, errors
    assert read_env(tmp_path)["STUDYHALL_PACK"] == str(tmp_path / "soil")
    unit = (tmp_path / ".config/systemd/user/studyhall.service").read_text()
    assert f"WorkingDirectory={tmp_path}\n" in unit
    assert "/studyhall run\n" in unit
    assert discord.token not in unit + out


async def test_a_compose_file_runs_what_was_set_up(discord: DiscordServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(discord.token)
    save_pack(small_pack(), tmp_path / "pack")
    discord.add_guild("Garden", channels=("general",))
    env = environment(tmp_path, STUDYHALL_DISCORD_API_BASE=discord.api_base)
    flags = ["--discord-token-file", "token", "--pack", "pack", "--service", "compose"]
    flags += ["--database-url", f"sqlite:///{tmp_path}/here/quiz.db"]
    code, out, errors = await run(env, "--yes", *flags)
    assert code == 0, errors
    assert "docker compose up --build --detach" in out
    text = (tmp_path / "compose.yaml").read_text()
    assert discord.token not in text
    service = yaml.safe_load(text)["services"]["studyhall"]
    assert service["env_file"] == ["studyhall.env"]
    assert service["environment"]["STUDYHALL_DATABASE_URL"] == "sqlite:////data/quiz.db"
    assert f"{tmp_path}/here:/data" in service["volumes"]
    assert f"{tmp_path}/pack:{tmp_path}/pack:ro" in service["volumes"]
    assert service["read_only"]
    assert (Path(service["build"]) / "Dockerfile").is_file()
    code, _, errors = await run(env, "--yes", *flags)
    assert code == 2
    assert "compose.yaml is there already" in errors
