"""Finds the channels in which the bot can post, while it's set up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import discord

from adapters.discord import PLATFORM
from adapters.discord.poster import may_post
from adapters.discord.zones import guess_zone
from bot.engine.events import Actor, Place


async def find_places(
    client: discord.Client, seconds: float
) -> tuple[Actor, Sequence[tuple[str, Place]]]:
    """The application's owner, and the channels with what people call them. If the bot is in no
    server yet, wait for so long until it is."""
    await client.wait_until_ready()
    if not client.guilds and seconds:
        with suppress(asyncio.TimeoutError):
            await client.wait_for("guild_join", timeout=seconds)
    application = await client.application_info()
    owner = application.team.owner_id if application.team else application.owner.id
    return Actor(str(owner), application.owner.name, admin=True), [
        (
            f"#{channel.name} in {guild.name}",
            Place(
                PLATFORM,
                str(guild.id),
                str(channel.id),
                private=False,
                zone=guess_zone(str(guild.preferred_locale)),
            ),
        )
        for guild in client.guilds
        for channel in guild.text_channels
        if may_post(channel)
    ]
