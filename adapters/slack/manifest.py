"""The app manifest, generated from what the app does: minimal scopes, one command, two
shortcuts."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from adapters.slack.listeners import EXPLAIN_THIS, QUIZ_ME
from adapters.slack.mrkdwn import COMMAND
from adapters.slack.workspaces import EVENTS, OPTIONAL_SCOPES, REDIRECT, SCOPES
from bot.engine.commands import LISTED
from bot.engine.platform import Misconfigured

NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="
_URL = re.compile(r"https://[\w-]+(\.[\w-]+)+(:\d{1,5})?(/[^\s?#]*)?", re.IGNORECASE)

SUBSCRIPTIONS = (
    "app_home_opened",
    "app_uninstalled",
    "message.im",
    "tokens_revoked",
    "user_change",
)


def manifest(url: str = "") -> dict[str, Any]:
    """The manifest: for HTTP at a public URL, or for Socket Mode if there's none. Raises
    Misconfigured if Slack can't send events to the URL."""
    address = url.strip().rstrip("/")
    if address and not _URL.fullmatch(address):
        raise Misconfigured(
            f"Slack can't send events to {url!r}. Use a public URL that starts with https://, for "
            "example https://quiz.example.org."
        )
    return {
        "display_information": {
            "name": "Studyhall",
            "description": "Turns your study notes into quizzes in Slack.",
            "background_color": "#2c2f7c",
        },
        "features": _features(address),
        "oauth_config": {
            # Optional scopes are listed twice. Source: Slack's documentation, "Installing with
            # OAuth", "Optional scopes".
            "scopes": {
                "bot": [*SCOPES, *OPTIONAL_SCOPES],
                "bot_optional": list(OPTIONAL_SCOPES),
            },
            **({"redirect_urls": [f"{address}{REDIRECT}"]} if address else {}),
        },
        "settings": {
            "event_subscriptions": {
                "bot_events": list(SUBSCRIPTIONS),
                **_at(address, "request_url"),
            },
            "interactivity": {
                "is_enabled": True,
                **_at(address, "request_url"),
                **_at(address, "message_menu_options_url"),
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def link(url: str = "") -> str:
    """A link that opens Slack's page for a new app with the manifest filled in. Source: Slack's
    documentation, "Configuring apps with app manifests"."""
    text = json.dumps(manifest(url), separators=(",", ":"))
    return f"{NEW_APP}{quote(text, safe='')}"


def _features(address: str) -> dict[str, Any]:
    """The app's features, as members see them."""
    command = {
        "command": COMMAND,
        "description": "Answer questions, practice, and look things up in the study notes",
        "usage_hint": " | ".join(name for name in LISTED if " " not in name),
        "should_escape": True,
        **_at(address, "url"),
    }
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Studyhall", "always_online": True},
        "slash_commands": [command],
        "shortcuts": [
            {
                "name": "Quiz me",
                "type": "global",
                "callback_id": QUIZ_ME,
                "description": "Start a private drill",
            },
            {
                "name": "Explain this",
                "type": "message",
                "callback_id": EXPLAIN_THIS,
                "description": "Look up a message in the study notes",
            },
        ],
    }


def _at(address: str, key: str) -> dict[str, str]:
    """The URL that receives events, under the key that this part of the manifest uses; nothing for
    Socket Mode."""
    return {key: f"{address}{EVENTS}"} if address else {}
