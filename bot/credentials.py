"""Reads credentials from the settings before anything connects, and names the one that's missing,
swapped or mistaken."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.engine.platform import Misconfigured
from bot.settings import Settings, name_variable

log = logging.getLogger(__name__)

_KINDS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "a Slack app-level token": r"xapp-.*",
        "a Slack user token": r"(xoxe\.)?xoxp-.*",
        "a Slack bot token": r"(xoxe\.)?xoxb-.*",
        "a Slack refresh or configuration token": r"xoxe[.-].*",
        "a Slack client ID": r"\d+\.\d+",
        "a Slack secret": r"[0-9a-f]{32}",
        "a Discord bot token": r"[\w-]{18,}\.[\w-]{5,}\.[\w-]{20,}",
        "a Discord application ID": r"\d{17,20}",
        "a Discord public key": r"[0-9a-f]{64}",
        "a Discord client secret": r"[\w-]{32}",
        "a web address": r"https?://.*",
    }.items()
}
"""What a value is, by its form."""

_UNKNOWN = ""
_DISCORD_PAGE = "Copy yours from your application's page, under Bot."


@dataclass(frozen=True, slots=True)
class _Credential:
    """What a setting must hold: its name, the kinds that pass, and where to get it."""

    name: str
    passes: frozenset[str]
    advice: str


def _credential(name: str, *passes: str, advice: str) -> _Credential:
    return _Credential(name, frozenset(passes), advice)


_EXPECTED: Mapping[str, _Credential] = {
    "discord_token": _credential(
        "a bot token", "a Discord bot token", _UNKNOWN, advice=_DISCORD_PAGE
    ),
    "slack_bot_token": _credential(
        "a bot token",
        "a Slack bot token",
        advice="Bot tokens start with xoxb-. Copy yours from your app's page, under OAuth & "
        "Permissions.",
    ),
    "slack_app_token": _credential(
        "an app-level token",
        "a Slack app-level token",
        advice="App-level tokens start with xapp-. Copy yours from your app's page, under Basic "
        "Information.",
    ),
    "slack_signing_secret": _credential(
        "a signing secret",
        "a Slack secret",
        _UNKNOWN,
        advice="Copy yours from your app's page, under Basic Information, App Credentials.",
    ),
    "slack_client_secret": _credential(
        "a client secret",
        "a Slack secret",
        _UNKNOWN,
        advice="Copy yours from your app's page, under Basic Information, App Credentials.",
    ),
    "slack_client_id": _credential(
        "a client ID",
        "a Slack client ID",
        _UNKNOWN,
        advice="Copy yours from your app's page, under Basic Information, App Credentials.",
    ),
}
SLACK = tuple(name for name in _EXPECTED if name.startswith("slack_"))


def read_discord(settings: Settings) -> str:
    """Discord's bot token; empty if it isn't set. Raises Misconfigured."""
    token = read(settings, "discord_token")
    _check_kind("discord_token", token)
    return token


def read_slack(settings: Settings) -> Mapping[str, str]:
    """Slack's credentials, by setting without the platform's name; nothing if none is set. Raises
    Misconfigured if they don't work together."""
    given = {name: read(settings, name) for name in SLACK}
    if not any(given.values()):
        return {}
    bot, app = given["slack_bot_token"], given["slack_app_token"]
    if (_recognize(bot), _recognize(app)) == ("a Slack app-level token", "a Slack bot token"):
        raise Misconfigured(
            f"{BOT_TOKEN} and {APP_TOKEN} are swapped: the bot token starts with xoxb-, the "
            "app-level token with xapp-."
        )
    for name, value in given.items():
        _check_kind(name, value)
    if missing := _name_missing(given):
        raise Misconfigured(f"Set {missing}")
    if app and given["slack_signing_secret"]:
        log.info("slack uses socket mode; to use http, remove %s", APP_TOKEN)
    return {name.removeprefix("slack_"): value for name, value in given.items()}


BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CLIENT_ID, CLIENT_SECRET = (
    name_variable(f"slack_{name}")
    for name in ("bot_token", "app_token", "signing_secret", "client_id", "client_secret")
)


def _name_missing(given: Mapping[str, str]) -> str:
    """What else Slack needs, and where it is; empty if nothing."""
    match (
        [bool(given[f"slack_{name}"]) for name in ("bot_token", "app_token", "signing_secret")],
        [bool(given[f"slack_{name}"]) for name in ("client_id", "client_secret")],
    ):
        case _, [True, False]:
            return f"{CLIENT_SECRET}, too. It's under Basic Information, App Credentials."
        case _, [False, True]:
            return f"{CLIENT_ID}, too. It's under Basic Information, App Credentials."
        case [_, _, False], [True, True]:
            return (
                f"{SIGNING_SECRET}, too: workspaces install the app over HTTP. It's under Basic "
                "Information, App Credentials."
            )
        case [False, _, _], [False, _]:
            return f"{BOT_TOKEN}, too. It starts with xoxb- and is under OAuth & Permissions."
        case [True, False, False], _:
            return (
                f"{APP_TOKEN}, too, for Socket Mode (it starts with xapp-), or {SIGNING_SECRET} "
                "for HTTP. Both are under Basic Information."
            )
        case _:
            return ""


def read(settings: Settings, name: str) -> str:
    """A credential; empty if it isn't set. Raises Misconfigured if it was pasted with something
    around it."""
    given: SecretStr | str | None = getattr(settings, name)
    value = given.get_secret_value() if isinstance(given, SecretStr) else given or ""
    for prefix in ("Bot ", "Bearer "):
        if value.startswith(prefix):
            raise Misconfigured(
                f"Remove “{prefix}” from {name_variable(name)}: it isn't part of the token."
            )
    if re.search(r"""[\s"'<>“”‘’]""", value):
        raise Misconfigured(f"Remove the spaces, quotes or brackets from {name_variable(name)}.")
    return value


def _check_kind(name: str, value: str) -> None:
    """Check that a credential is what its setting is for. Raises Misconfigured."""
    expected, kind = _EXPECTED[name], _recognize(value)
    if value and kind not in expected.passes:
        other = f": it's {kind}" if kind else ""
        raise Misconfigured(
            f"{name_variable(name)} isn't {expected.name}{other}. {expected.advice}"
        )


def _recognize(value: str) -> str:
    """What a value is by its form; empty if that doesn't say."""
    return next((name for name, form in _KINDS.items() if form.fullmatch(value)), _UNKNOWN)
