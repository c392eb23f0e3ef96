"""Checks the credentials before anything connects, and names the one that's missing or mistaken."""

from __future__ import annotations

import logging

from adapters.slack.workspaces import Credentials
from bot.engine.platform import Misconfigured

log = logging.getLogger(__name__)

BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, CLIENT_ID, CLIENT_SECRET = (
    f"STUDYHALL_SLACK_{name}"
    for name in ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "CLIENT_ID", "CLIENT_SECRET")
)
BOT_PREFIXES, APP_PREFIX = ("xoxb-", "xoxe.xoxb-"), "xapp-"
"""What tokens start with; a bot token that's rotated has its own prefix."""


def check_credentials(credentials: Credentials) -> None:
    """Check that the credentials work together. Raises Misconfigured."""
    bot, app, secret = credentials.bot_token, credentials.app_token, credentials.signing_secret
    client_id, client_secret = credentials.client_id, credentials.client_secret
    _check_tokens(bot, app, secret)
    match bool(bot), bool(app), bool(secret), bool(client_id), bool(client_secret):
        case _, _, _, True, False:
            missing = f"{CLIENT_SECRET}, too. It's under Basic Information, App Credentials."
        case _, _, _, False, True:
            missing = f"{CLIENT_ID}, too. It's under Basic Information, App Credentials."
        case _, _, False, True, True:
            missing = (
                f"{SIGNING_SECRET}, too: workspaces install the app over HTTP. It's under Basic "
                "Information, App Credentials."
            )
        case False, _, _, False, _:
            missing = f"{BOT_TOKEN}, too. It starts with xoxb- and is under OAuth & Permissions."
        case True, False, False, _, _:
            missing = (
                f"{APP_TOKEN}, too, for Socket Mode (it starts with xapp-), or {SIGNING_SECRET} "
                "for HTTP. Both are under Basic Information."
            )
        case _:
            missing = ""
    if missing:
        raise Misconfigured(f"Set {missing}")
    if app and secret:
        log.info("slack uses socket mode; to use http, remove %s", APP_TOKEN)


def _check_tokens(bot: str, app: str, secret: str) -> None:
    """Check that each token is what its setting is for. Raises Misconfigured."""
    if bot.startswith(APP_PREFIX) and app.startswith(BOT_PREFIXES):
        raise Misconfigured(
            f"{BOT_TOKEN} and {APP_TOKEN} are swapped: the bot token starts with xoxb-, the "
            "app-level token with xapp-."
        )
    if bot and not bot.startswith(BOT_PREFIXES):
        raise Misconfigured(
            f"{BOT_TOKEN} isn't a bot token{_name_other(bot)}. Bot tokens start with xoxb-. Copy "
            "yours from your app's page, under OAuth & Permissions."
        )
    if app and not app.startswith(APP_PREFIX):
        raise Misconfigured(
            f"{APP_TOKEN} isn't an app-level token{_name_other(app)}. App-level tokens start with "
            "xapp-. Copy yours from your app's page, under Basic Information."
        )
    if secret.startswith((*BOT_PREFIXES, APP_PREFIX)):
        raise Misconfigured(
            f"{SIGNING_SECRET} isn't a signing secret{_name_other(secret)}. Copy yours from your "
            "app's page, under Basic Information, App Credentials."
        )


def _name_other(value: str) -> str:
    """What a value is instead, if its beginning says so."""
    if value.startswith(APP_PREFIX):
        return ": it's an app-level token"
    if value.startswith(BOT_PREFIXES):
        return ": it's a bot token"
    return ": it's a user token" if value.startswith("xoxp-") else ""
