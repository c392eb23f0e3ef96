"""Logs in to Discord, and makes the invite link with the fewest permissions."""

from __future__ import annotations

import discord
from aiohttp import ClientError
from discord import gateway, http
from yarl import URL

from bot.engine.platform import LoginFailed, Unreachable

LOGIN_REJECTED = (
    "Discord doesn't recognize this token. Copy a new one from your application's page, under Bot."
)
UNREACHABLE = "Can't reach Discord"
OUTAGE_ERRORS = (discord.HTTPException, discord.GatewayNotFound, ClientError, OSError)
"""What the library raises while Discord or the network is down."""

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    create_public_threads=True,
    send_messages_in_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)


async def log_in(client: discord.Client, token: str, api_base: str = "") -> None:
    """Log in over REST. `api_base` replaces the address of Discord's API, for example with a proxy
    that handles rate limits. Raises LoginFailed, or Unreachable if it may work later."""
    if api_base:
        # The library's only setting for the address; the gateway's address comes from the API.
        http.Route.BASE = api_base.rstrip("/")
    try:
        await client.login(token)
        if api_base:
            # With a fixed number of shards, the library wouldn't ask for the gateway's address.
            _, url, _ = await client.http.get_bot_gateway()
            gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
    except discord.LoginFailure:
        raise LoginFailed(LOGIN_REJECTED) from None
    except OUTAGE_ERRORS as problem:
        raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None


async def look_up(token: str, api_base: str = "") -> tuple[str, str]:
    """The bot's name, and the link that an admin opens to add it to a server. Raises
    LoginFailed."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await log_in(client, token, api_base)
        return str(client.user), discord.utils.oauth_url(
            client.application_id or 0,
            permissions=PERMISSIONS,
            scopes=("bot", "applications.commands"),
        )
