"""The files for Docker Compose and systemd match the program, and keep the bot confined."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from adapters.intake import SHUTDOWN_GRACE_SECONDS
from bot.cli import app
from bot.engine.due.timing import STEP_SECONDS
from bot.settings import IN_FILE, Settings, is_secret, name_variable
from tests.repo.test_dockerfile import ROOT, parse_instructions

DEPLOY = Path(str(files("bot") / "deploy"))
COMPOSE = ("compose.yaml", "compose.postgres.yaml")
UNIT = (DEPLOY / "studyhall.service").read_text()
SECRETS = "/run/secrets/"
SETTINGS = {
    name_variable(each) + ending
    for each, field in Settings.model_fields.items()
    for ending in (("", IN_FILE) if is_secret(field) else ("",))
}
STOPPING_SECONDS = SHUTDOWN_GRACE_SECONDS + STEP_SECONDS
"""How long the bot may take to stop: due work first, then events."""


def load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())
    return loaded


def list_services(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The services that run the bot."""
    for service, its in load(name)["services"].items():
        if its["image"] == "studyhall":
            yield service, its


BOTS = [
    pytest.param(name, its, id=f"{name} {service}")
    for name in COMPOSE
    for service, its in list_services(name)
]


def test_there_is_one_bot_on_sqlite_and_two_replicas_on_postgresql() -> None:
    assert [len([*list_services(name)]) for name in COMPOSE] == [1, 2]


@pytest.mark.parametrize(("name", "bot"), BOTS)
def test_a_container_can_do_no_more_than_it_has_to(name: str, bot: dict[str, Any]) -> None:
    image = dict(parse_instructions())
    assert image["USER"] == "${UID}"
    assert "user" not in bot
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "ports", "pid", "network_mode", "cap_add"} & bot.keys()
    writable = [each.partition(":")[0] for each in bot["tmpfs"]]
    writable += [each.rpartition(":")[2] for each in bot.get("volumes", ())]
    # All that the image writes to.
    assert sorted(writable) == ["/data", "/tmp"]
    assert bot["restart"] == "unless-stopped"
    assert int(bot["stop_grace_period"].removesuffix("s")) > STOPPING_SECONDS
    # The image's own.
    assert "healthcheck" not in bot


@pytest.mark.parametrize(("name", "bot"), BOTS)
def test_a_containers_settings_exist_and_its_secrets_are_files(
    name: str, bot: dict[str, Any]
) -> None:
    mounted = set()
    for variable, value in bot["environment"].items():
        assert variable in SETTINGS
        if variable.endswith(IN_FILE):
            assert value.startswith(SECRETS)
            mounted.add(value.removeprefix(SECRETS))
    assert mounted == set(bot["secrets"]) <= load(name)["secrets"].keys()
    for secret, its in load(name)["secrets"].items():
        assert its == {"file": f"./secrets/{secret}"}


@pytest.mark.parametrize("name", COMPOSE)
def test_lines_for_slack_work_once_they_are_uncommented(name: str) -> None:
    text = re.sub(r"^( *)# (\S+:.*|- \w+|  file: .*)$", r"\1\2", _body(name), flags=re.MULTILINE)
    loaded = yaml.safe_load(text)
    if name == COMPOSE[0]:
        bot = loaded["services"]["studyhall"]
        assert "STUDYHALL_SLACK_BOT_TOKEN_FILE" in bot["environment"]
        assert set(bot["secrets"]) == loaded["secrets"].keys()
        assert "slack_app_token" in bot["secrets"]
        assert all(each["file"] for each in loaded["secrets"].values())


def _body(name: str) -> str:
    """A file without the comment at its top, and without sentences."""
    text = (DEPLOY / name).read_text().partition("\nname:")[2]
    return re.sub(r"^ *# [A-Z].*\.$\n", "", f"name:{text}", flags=re.MULTILINE)


@pytest.mark.parametrize(("name", "bot"), BOTS)
def test_a_containers_command_is_one_of_ours(name: str, bot: dict[str, Any]) -> None:
    words = bot.get("command", ["run"])
    refused = CliRunner().invoke(
        app,
        [*words, "--database-url", "sqlite:////proc/none/x.db"],
        env={name_variable(each): "" for each in Settings.model_fields},
    )
    # The words were understood: it gets as far as the database.
    assert "/proc/none/x.db" in refused.output
    assert refused.exit_code == 2


def test_the_replicas_have_each_shard_once_and_wait_for_the_database() -> None:
    services = load(COMPOSE[1])["services"]
    shards = []
    for _, its in list_services(COMPOSE[1]):
        words = its["command"]
        shards.append(words[words.index("--shard-ids") + 1])
        assert int(words[words.index("--shards") + 1]) == 2
        assert its["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert sorted(shards) == ["0", "1"]
    assert services["database"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    password = services["database"]["environment"]["POSTGRES_PASSWORD_FILE"]
    assert password.removeprefix(SECRETS) in services["database"]["secrets"]
    assert "ports" not in services["database"]


def read_unit() -> dict[str, list[str]]:
    pairs = [line.split("=", 1) for line in UNIT.splitlines() if re.match(r"[A-Z]\w+=", line)]
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def test_the_unit_hands_over_secrets_and_writes_only_where_it_may() -> None:
    unit = read_unit()
    lines = UNIT.replace("\n#", "\n").splitlines()
    credentials = {
        line.split("=", 1)[1].partition(":")[0]
        for line in lines
        if line.startswith("LoadCredential=")
    }
    environment = dict(line.split("=", 2)[1:] for line in lines if line.startswith("Environment="))
    assert environment.keys() <= SETTINGS
    in_files = {value for name, value in environment.items() if name.endswith(IN_FILE)}
    assert in_files == {f"%d/{each}" for each in credentials}
    assert "discord_token" in credentials
    (folder,), (cache,) = unit["StateDirectory"], unit["CacheDirectory"]
    assert environment["STUDYHALL_DATABASE_URL"].startswith(f"sqlite:///%S/{folder}/")
    assert environment["STUDYHALL_CACHE"] == f"%C/{cache}"
    assert unit["DynamicUser"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert int(unit["TimeoutStopSec"][0].removesuffix("s")) > STOPPING_SECONDS
    assert shlex.split(unit["ExecStart"][0])[1:] == ["run"]


MAX_EXPOSURE = 2.0
"""By systemd's own measure, from 0 to 10. Without any of the hardening it's 9.6."""


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_accepts_the_unit_and_finds_it_confined(tmp_path: Path) -> None:
    # It checks that the program is there, which it isn't on this machine.
    unit = tmp_path / "studyhall.service"
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT))
    verified = subprocess.run(
        ["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", rated.stdout)
    assert exposure
    assert float(exposure[1]) <= MAX_EXPOSURE


def test_the_files_ship_with_the_package() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "bot/deploy"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {Path(each).name for each in listed.stdout.splitlines()}
    assert names == {*COMPOSE, "grafana.json", "studyhall.service"}
