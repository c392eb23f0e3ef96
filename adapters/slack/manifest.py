"""The app manifest, made from what the app does: least scopes, one command, two shortcuts."""

from __future__ import annotations

from typing import Any

from adapters.slack.listeners import EXPLAIN_THIS, QUIZ_ME
from adapters.slack.mrkdwn import COMMAND
from adapters.slack.workspaces import EVENTS, OPTIONAL_SCOPES, REDIRECT, SCOPES
from bot.engine.commands import LISTED

SUBSCRIPTIONS = ("app_home_opened", "app_uninstalled", "tokens_revoked", "user_change")


def manifest(url: str = "") -> dict[str, Any]:
    """The manifest; for Socket Mode without a url, else for HTTP at that public address."""
    address = url.rstrip("/")
    return {
        "display_information": {
            "name": "Studyhall",
            "description": "Study notes go in, and a quiz comes out in the chat.",
            "background_color": "#2c2f7c",
        },
        "features": _features(address),
        "oauth_config": {
            # What is optional is listed twice. Source: Slack's documentation, "Installing with
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


def _features(address: str) -> dict[str, Any]:
    """What members see of the app."""
    command = {
        "command": COMMAND,
        "description": "Questions, drills and explanations from the study notes",
        "usage_hint": " | ".join(name for name in LISTED if " " not in name),
        "should_escape": True,
        **_at(address, "url"),
    }
    return {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
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
                "description": "What the notes say about a message",
            },
        ],
    }


def _at(address: str, key: str) -> dict[str, str]:
    """Where events go, under the name that a part of the manifest has for it; nothing for Socket
    Mode."""
    return {key: f"{address}{EVENTS}"} if address else {}
