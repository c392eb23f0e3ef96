"""Logging in to Discord with a token, and the link that invites the bot with the least rights."""

from __future__ import annotations

import discord
from aiohttp import ClientError
from discord import gateway, http
from yarl import URL

from bot.engine.platform import LoginFailed, Unreachable

BAD_TOKEN = (
    "Discord does not know this token. Copy a new one from your application's page, Bot, Token."
)
UNREACHABLE = "Discord can't be reached now"
OUTAGE_ERRORS = (discord.HTTPException, discord.GatewayNotFound, ClientError, OSError)
"""What the library raises while Discord, or the network, isn't there."""

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    embed_links=True,
    read_message_history=True,
)


async def log_in(client: discord.Client, token: str, api_base: str = "") -> None:
    """Log in over REST; `api_base` is another address of Discord's API, such as a proxy that
    keeps rate limits. Raises LoginFailed, and Unreachable where it may work later."""
    if api_base:
        # The address is the library's one setting for this, and the gateway's comes from there.
        http.Route.BASE = api_base.rstrip("/")
    try:
        await client.login(token)
        if api_base:
            # With a fixed number of shards the library would not ask where the gateway is.
            _, url, _ = await client.http.get_bot_gateway()
            gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
    except discord.LoginFailure:
        raise LoginFailed(BAD_TOKEN) from None
    except OUTAGE_ERRORS as problem:
        raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None


async def create_invite_link(token: str, api_base: str = "") -> str:
    """The link by which an admin invites the bot. Raises LoginFailed."""
    async with discord.Client(intents=discord.Intents.none()) as client:
        await log_in(client, token, api_base)
        return discord.utils.oauth_url(
            client.application_id or 0,
            permissions=PERMISSIONS,
            scopes=("bot", "applications.commands"),
        )
