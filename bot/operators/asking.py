"""Asks a running bot on this machine whether it's ready."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException

from bot.engine.platform import Misconfigured
from bot.settings import Settings

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104
"""Where to ask a bot that listens everywhere."""

TIMEOUT_SECONDS = 8
"""Longer than the bot waits for its database."""


def find_problems(settings: Settings) -> list[str]:
    """Say why the bot that runs with these settings isn't ready; empty if it is. Raises
    Misconfigured."""
    host, port = settings.ops_host, settings.ops_port
    if not port:
        raise Misconfigured("Set STUDYHALL_OPS_PORT to the port of the running bot.")
    asked = HTTPConnection(ANY_ADDRESS.get(host, host), port, timeout=TIMEOUT_SECONDS)
    try:
        asked.request("GET", "/readyz")
        problems: list[str] = json.loads(asked.getresponse().read())["problems"]
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as problem:
        return [f"no bot answers at {host}:{port} ({str(problem) or type(problem).__name__})"]
    finally:
        asked.close()
    return problems
