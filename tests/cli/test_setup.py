"""Setting a platform up: one line names what's missing or mistaken, before anything connects."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from adapters.slack.manifest import manifest
from bot.credentials import read_slack
from bot.engine.platform import Misconfigured
from bot.settings import Settings

BOT, APP, SECRET = "xoxb-1-a", "xapp-1-a", "0123456789abcdef"
HEX, DISCORD = SECRET * 2, "MTAwMDAwMDAwMDAwMDAwMDAwMQ.Gstand.in-0123456789-0123456789-0123"


def mistake(**given: Any) -> str:
    """What's wrong with Slack's credentials; empty if nothing is."""
    try:
        read_slack(Settings(**{f"slack_{name}": value for name, value in given.items()}))
    except Misconfigured as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bot_token": BOT}, "Set STUDYHALL_SLACK_APP_TOKEN, too, for Socket Mode (it starts with"),
        ({"bot_token": BOT}, "or STUDYHALL_SLACK_SIGNING_SECRET for HTTP"),
        ({"app_token": APP}, "Set STUDYHALL_SLACK_BOT_TOKEN, too"),
        ({"signing_secret": SECRET}, "Set STUDYHALL_SLACK_BOT_TOKEN, too"),
        (
            {"bot_token": APP, "app_token": BOT},
            "and STUDYHALL_SLACK_APP_TOKEN are swapped",
        ),
        (
            {"bot_token": APP},
            "_SLACK_BOT_TOKEN isn't a bot token: it's a Slack app-level token.",
        ),
        (
            {"bot_token": BOT, "app_token": BOT},
            "STUDYHALL_SLACK_APP_TOKEN isn't an app-level token: it's a Slack bot token.",
        ),
        ({"bot_token": "xoxp-1", "app_token": APP}, "isn't a bot token: it's a Slack user token."),
        ({"bot_token": SECRET, "app_token": APP}, "isn't a bot token. Bot tokens start with xoxb-"),
        ({"bot_token": BOT, "app_token": SECRET}, "App-level tokens start with xapp-"),
        (
            {"bot_token": BOT, "signing_secret": APP},
            "STUDYHALL_SLACK_SIGNING_SECRET isn't a signing secret: it's a Slack app-level token.",
        ),
        (
            {"client_id": "1.2", "signing_secret": SECRET},
            "Set STUDYHALL_SLACK_CLIENT_SECRET, too",
        ),
        (
            {"client_secret": "s", "bot_token": BOT, "app_token": APP},
            "Set STUDYHALL_SLACK_CLIENT_ID, too",
        ),
        ({"client_id": "1.2", "client_secret": "s"}, "Set STUDYHALL_SLACK_SIGNING_SECRET, too"),
        (
            {"bot_token": HEX, "app_token": APP},
            "STUDYHALL_SLACK_BOT_TOKEN isn't a bot token: it's a Slack secret.",
        ),
        (
            {"bot_token": BOT, "app_token": DISCORD},
            "STUDYHALL_SLACK_APP_TOKEN isn't an app-level token: it's a Discord bot token.",
        ),
        (
            {"client_id": BOT, "client_secret": "s", "signing_secret": HEX},
            "STUDYHALL_SLACK_CLIENT_ID isn't a client ID: it's a Slack bot token.",
        ),
    ],
)
def test_a_credential_that_is_missing_or_mistaken_is_named(
    given: dict[str, str], said: str
) -> None:
    told = mistake(**given)
    assert said in told
    assert "\n" not in told
    for value in (BOT, APP, SECRET, HEX, DISCORD):
        assert value not in told


@pytest.mark.parametrize(
    "given",
    [
        {"bot_token": BOT, "app_token": APP},
        {"bot_token": BOT, "signing_secret": SECRET},
        {"bot_token": "xoxe.xoxb-1", "app_token": APP},
        {"client_id": "1.2", "client_secret": "s", "signing_secret": SECRET},
    ],
)
def test_credentials_that_work_together_are_accepted(
    given: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert not mistake(**given)
    assert not caplog.records


def test_the_log_says_that_socket_mode_wins(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert not mistake(bot_token=BOT, app_token=APP, signing_secret=SECRET)
    assert "slack uses socket mode; to use http, remove STUDYHALL_SLACK_APP_TOKEN" in caplog.text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SLACK_BOT_TOKEN", BOT, "Set STUDYHALL_SLACK_APP_TOKEN, too"),
        (
            "SLACK_APP_TOKEN",
            f'"{APP}"',
            "spaces, quotes or brackets from STUDYHALL_SLACK_A",
        ),
        (
            "SLACK_PORT",
            "http",
            "SLACK_PORT can't be 'http'. Input should be a valid integer",
        ),
        ("SLACK_PORT", "70000", "STUDYHALL_SLACK_PORT can't be '70000'. Input should be less than"),
        ("DISCORD_TOKEN", "Bot abc.def", "Remove “Bot ” from STUDYHALL_DISCORD_TOKEN"),
        ("DISCORD_TOKEN", "'abc.def'", "quotes or brackets from STUDYHALL_DISCORD_TOKEN"),
        ("DISCORD_TOKEN", BOT, "DISCORD_TOKEN isn't a bot token: it's a Slack bot token. Copy"),
        ("DISCORD_TOKEN", APP, "DISCORD_TOKEN isn't a bot token: it's a Slack app-level token."),
        ("DISCORD_TOKEN", "a-B_" * 8, "isn't a bot token: it's a Discord client secret. Copy"),
        ("DISCORD_TOKEN", "1" * 18, "isn't a bot token: it's a Discord application ID. Copy"),
        ("DISCORD_TOKEN", HEX * 2, "isn't a bot token: it's a Discord public key. Copy yours"),
    ],
)
def test_a_mistake_stops_the_bot_with_one_line(
    run: Any, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"STUDYHALL_{name}", value)
    result = run("run")
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        ("discrod", "There's no platform “discrod”. Did you mean discord?"),
        ("teams", "There's no platform “teams”. Choose discord or slack."),
    ],
)
def test_an_unknown_platform_is_named(run: Any, platform: str, said: str) -> None:
    result = run("run", platform)
    assert result.exit_code == 2
    assert result.stderr == f"{said}\n"


def test_a_mistake_in_one_platform_leaves_the_other_alone(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDYHALL_SLACK_BOT_TOKEN", BOT)
    result = run("run", "discord")
    assert result.exit_code == 2
    assert "Set STUDYHALL_DISCORD_TOKEN for Discord" in result.stderr


def test_the_invite_link_needs_a_clean_token(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Set STUDYHALL_DISCORD_TOKEN first." in run("discord", "invite").stderr
    monkeypatch.setenv("STUDYHALL_DISCORD_TOKEN", "Bot abc.def")
    result = run("discord", "invite")
    assert result.exit_code == 2
    assert "Remove “Bot ”" in result.stderr


@pytest.mark.parametrize("options", [[], ["--url", "https://quiz.example.org:8443/base/"]])
def test_a_link_creates_the_app_from_the_manifest(run: Any, options: list[str]) -> None:
    printed = yaml.safe_load(run("slack", "manifest", *options).stdout)
    link = run("slack", "manifest", "--link", *options).stdout.strip()
    assert link.startswith("https://api.slack.com/apps?new_app=1&")
    given = parse_qs(urlsplit(link).query)
    assert json.loads(given["manifest_json"][0]) == printed == manifest(*options[1:])
    assert given["new_app"] == ["1"]


@pytest.mark.parametrize(
    "url",
    [
        "http://quiz.example.org",
        "quiz.example.org",
        "https://",
        "https://quiz",
        "https://quiz example.org",
        "https://quiz.example.org/a b",
        "https://quiz.example.org?a=1",
        "ftp://quiz.example.org",
        "xoxb-1-a",
    ],
)
@pytest.mark.parametrize("link", [[], ["--link"]])
def test_a_url_that_slack_cannot_use_is_refused(run: Any, url: str, link: list[str]) -> None:
    result = run("slack", "manifest", "--url", url, *link)
    assert result.exit_code == 2
    assert "Use a public URL that starts with https://" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout
