"""Finds out which app tokens belong to, and that they work."""

from __future__ import annotations

import asyncio

from aiohttp import ClientSession, ClientTimeout
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import APP_LOGIN_REJECTED, BOT_LOGIN_REJECTED, UNREACHABLE, explain_errors
from adapters.slack.workspaces import API
from bot.engine.platform import Unreachable

HELLO_SECONDS = 10.0


async def identify_bot(token: str, api_base: str = "") -> tuple[str, str]:
    """The workspace's name and the app's id. Raises LoginFailed."""
    client = AsyncWebClient(token=token, base_url=api_base or API)
    with explain_errors(BOT_LOGIN_REJECTED):
        identity = await client.auth_test()
        bot = await client.bots_info(bot=identity["bot_id"])
    return identity["team"], bot["bot"]["app_id"]


async def identify_app(token: str, api_base: str = "") -> str:
    """The app's id, which Slack says first on a socket. Raises LoginFailed."""
    client = AsyncWebClient(token=token, base_url=api_base or API)
    with explain_errors(APP_LOGIN_REJECTED):
        opened = await client.apps_connections_open(app_token=token)
        async with (
            ClientSession(timeout=ClientTimeout(total=HELLO_SECONDS)) as session,
            asyncio.timeout(HELLO_SECONDS),
            session.ws_connect(opened["url"]) as socket,
        ):
            try:
                hello = await socket.receive_json()
            except (TypeError, ValueError):
                raise Unreachable(f"{UNREACHABLE}: its socket closed") from None
    return str(hello.get("connection_info", {}).get("app_id", ""))
