"""Where settings come from, what wins, and how a mistake in them is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from bot.engine.platform import Misconfigured
from bot.settings import Settings

TOKEN = "abc.def.ghi"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(file: Path, *lines: str, mode: int = 0o600) -> None:
    file.write_text("".join(f"{line}\n" for line in lines))
    file.chmod(mode)


def refusal() -> str:
    """Why the settings are refused; one line."""
    with pytest.raises(Misconfigured) as refused:
        Settings()
    (line,) = str(refused.value).splitlines()
    return line


def token_of(settings: Settings) -> str | None:
    return settings.discord_token.get_secret_value() if settings.discord_token else None


def test_the_environment_wins_over_our_file_and_that_over_the_common_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYHALL_SLACK_PORT", "1")
    write(folder / "studyhall.env", "STUDYHALL_SLACK_PORT=2", "STUDYHALL_SLACK_HOST=ours")
    write(
        folder / ".env",
        "# of another program",
        "DEBUG=1",
        "export STUDYHALL_SLACK_PORT=3",
        "STUDYHALL_SLACK_HOST=common",
        'STUDYHALL_SLACK_CLIENT_ID="1.2"',
    )
    settings = Settings()
    assert (settings.slack_port, settings.slack_host, settings.slack_client_id) == (
        1,
        "ours",
        "1.2",
    )
    assert Settings(slack_port=4).slack_port == 4


def test_an_empty_variable_is_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDYHALL_SLACK_PORT", "")
    assert Settings().slack_port == 3000


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_common_file_that_others_can_read_is_left_alone(folder: Path, mode: int) -> None:
    write(folder / ".env", "STUDYHALL_SLACK_PORT=3", mode=mode)
    assert Settings().slack_port == 3000


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_somebody_elses_files_choose_nothing(folder: Path) -> None:
    write(folder / ".env", "STUDYHALL_SLACK_PORT=3")
    os.chown(folder / ".env", 65534, -1)
    assert Settings().slack_port == 3000
    write(folder / "studyhall.env", "STUDYHALL_DISCORD_API_BASE=https://attacker.example")
    os.chown(folder / "studyhall.env", 65534, -1)
    assert "Others can change" in refusal()


def test_a_file_that_anyone_can_write_is_refused(folder: Path) -> None:
    write(folder / "studyhall.env", "STUDYHALL_SLACK_PORT=3", mode=0o666)
    assert "`chmod 600 studyhall.env`" in refusal()


def test_a_base_url_is_never_taken_from_the_common_file(folder: Path) -> None:
    bases = ("STUDYHALL_DISCORD_API_BASE=https://a.example", "STUDYHALL_SLACK_API_BASE=https://b")
    write(folder / ".env", *bases, f"STUDYHALL_DISCORD_TOKEN={TOKEN}")
    settings = Settings()
    assert (settings.discord_api_base, settings.slack_api_base) == ("", "")
    assert token_of(settings) == TOKEN
    write(folder / "studyhall.env", *bases)
    assert Settings().discord_api_base == "https://a.example"


def test_a_secret_is_read_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "token").write_text(f"{TOKEN}\r\n")
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", str(folder / "token"))
    assert token_of(Settings()) == TOKEN
    (folder / "url").write_text("postgresql://u:p@host/d\n")
    write(folder / "studyhall.env", "STUDYHALL_DATABASE_URL_FILE=url")
    assert Settings().database_url == "postgresql://u:p@host/d"
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", "~/token")
    monkeypatch.setenv("HOME", str(folder))
    assert token_of(Settings()) == TOKEN


def test_a_secret_in_a_file_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", "/proc/none/token")
    assert refusal() == (
        "Can't read /proc/none/token, which STUDYHALL_DISCORD_TOKEN_FILE names: No such file or "
        "directory."
    )
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", str(folder))
    assert "names: Is a directory." in refusal()
    (folder / "token").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", "token")
    assert "it isn't UTF-8" in refusal()


def test_a_secret_and_its_file_are_not_set_both(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "token").write_text(TOKEN)
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN_FILE", "token")
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN", TOKEN)
    assert refusal() == (
        "Set STUDYHALL_DISCORD_TOKEN or STUDYHALL_DISCORD_TOKEN_FILE in the environment, not both."
    )


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("STUDYHALL_DISCORD_TOKNE", "STUDYHALL_DISCORD_TOKEN"),
        ("STUDYHALL_DISCRD_TOKEN_FILE", "STUDYHALL_DISCORD_TOKEN_FILE"),
        ("STUDYHALL_TOKEN", "STUDYHALL_DISCORD_TOKEN"),
        ("STUDYHALL_SLACK_SIGNING_KEY", "STUDYHALL_SLACK_SIGNING_SECRET"),
        ("STUDYHALL_DATABASE", "STUDYHALL_DATABASE_URL"),
        ("STUDYHALL_SLACKBOT_TOKEN", "STUDYHALL_SLACK_BOT_TOKEN"),
        ("STUDYHALL_SLACK_PORT_FILE", "STUDYHALL_SLACK_PORT"),
    ],
)
def test_a_misspelt_name_gets_the_nearest_right_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, right: str
) -> None:
    write(folder / "studyhall.env", f"{wrong}={TOKEN}")
    assert refusal() == f"There's no setting {wrong} (in studyhall.env). Did you mean {right}?"
    (folder / "studyhall.env").unlink()
    monkeypatch.setenv(wrong, TOKEN)
    assert refusal() == f"There's no setting {wrong} (in the environment). Did you mean {right}?"
    assert TOKEN not in refusal()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STUDYHALL_SERVICE_HOST", "10.0.0.1"),
        ("STUDYHALL_SERVICE_PORT", "3000"),
        ("STUDYHALL_PORT", "tcp://10.0.0.1:3000"),
        ("STUDYHALL_PORT_3000_TCP_PORT", "3000"),
        ("STUDYHALL_VERSION", "1.2"),
        ("STUDYHALL_TEST_NOW", "2026-11-30T23:30+00:00"),
    ],
)
def test_what_belongs_to_other_programs_is_left_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert Settings().slack_port == 3000
    monkeypatch.delenv(name)
    write(folder / "studyhall.env", f"{name}={value}")
    assert refusal().startswith(f"There's no setting {name} (in studyhall.env).")


def test_a_line_that_cannot_be_understood_is_named(folder: Path) -> None:
    write(folder / "studyhall.env", "# ours", "STUDYHALL_SLACK_PORT=1", "STUDYHALL_SLACK_HOST")
    assert refusal() == "Can't understand line 3 of studyhall.env. Write NAME=value."
    (folder / "studyhall.env").write_bytes(b"\xff")
    assert refusal().endswith("studyhall.env: it isn't UTF-8.")
    (folder / "studyhall.env").write_bytes(b"\xef\xbb\xbfSTUDYHALL_SLACK_PORT=1\r\n")
    assert Settings().slack_port == 1


def test_a_mistake_in_a_file_is_one_line_and_exit_code_2(run: Any, folder: Path) -> None:
    write(folder / "studyhall.env", "STUDYHALL_SLACK_PROT=1")
    result = run("stats")
    assert result.exit_code == 2
    assert result.stderr == (
        "There's no setting STUDYHALL_SLACK_PROT (in studyhall.env). Did you mean "
        "STUDYHALL_SLACK_PORT?\n"
    )
