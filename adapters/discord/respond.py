"""Replies to an interaction: in time, in the right place, and as well as possible once it's
late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import Any

import discord
from aiohttp import ClientError
from discord import HTTPException, InteractionResponseType

from adapters.charts import Pictures, drop_picture
from adapters.discord.markdown import CommandIds
from adapters.discord.render import lay_out, replace_with
from adapters.discord.uploads import Upload, draw
from bot.engine.screens import Reply

log = logging.getLogger(__name__)

DEFER_AFTER_SECONDS = 1.2
"""If a reply takes longer, it's deferred; Discord waits for three seconds."""

TOO_LATE = (
    "that took too long, so Discord won't let me reply in private. What you sent is saved. Press "
    "the button or use the command again to see the reply."
)

UNANSWERABLE_CODES = (40060, 50027, 10015, 10062)
"""Discord's codes for an interaction that was already answered, or can't be answered anymore."""


async def respond(
    interaction: discord.Interaction[Any],
    work: Awaitable[Reply],
    pictures: Pictures,
    commands: CommandIds,
    *,
    updates: bool = False,
) -> None:
    """Send the reply to an interaction once it's ready. `updates` means that it replaces the
    private message that was used, so deferring must not announce a new message."""
    task = asyncio.ensure_future(_prepare(work, pictures))
    done, _ = await asyncio.wait({task}, timeout=DEFER_AFTER_SECONDS)
    try:
        if not done:
            await interaction.response.defer(
                ephemeral=True, thinking=not (updates and _is_private(interaction))
            )
        reply, files = await task
        try:
            await _send(interaction, reply, files, commands)
        except (ClientError, OSError):
            # The connection broke. If Discord has the reply already, it says so.
            await _send(interaction, reply, files, commands)
        except HTTPException as problem:
            if reply.screen.picture is None or problem.code in UNANSWERABLE_CODES:
                raise
            log.warning("discord rejected a picture: %s", problem)
            await _send(interaction, _drop_picture(reply), (), commands)
    except HTTPException as problem:
        await task
        await _handle_rejection(interaction, problem)


async def _prepare(work: Awaitable[Reply], pictures: Pictures) -> tuple[Reply, tuple[Upload, ...]]:
    """The reply and its files; a picture that can't be drawn is left out."""
    reply = await work
    files = (Upload(reply.file.name, reply.file.content),) if reply.file else ()
    screen, drawn = await draw(reply.screen, pictures)
    return replace(reply, screen=screen), (*files, *drawn)


def _drop_picture(reply: Reply) -> Reply:
    return replace(reply, screen=drop_picture(reply.screen))


async def _send(
    interaction: discord.Interaction[Any],
    reply: Reply,
    uploads: Iterable[Upload],
    commands: CommandIds,
) -> None:
    uploads = tuple(uploads)
    layout = lay_out(reply.screen, commands, uploads=uploads)
    update = reply.updates and _is_private(interaction)
    files = [each.file() for each in uploads]
    if update and not interaction.response.is_done():
        await interaction.response.edit_message(**replace_with(layout.view, files))
    elif not interaction.response.is_done():
        await interaction.response.send_message(view=layout.view, files=files, ephemeral=True)
    elif update or _is_thinking(interaction):
        await interaction.edit_original_response(**replace_with(layout.view, files))
    else:
        await interaction.followup.send(view=layout.view, files=files, ephemeral=True)
    for page in layout.more:
        await interaction.followup.send(view=page, ephemeral=True)


def _is_private(interaction: discord.Interaction[Any]) -> bool:
    """Whether the component is on a message that only the member sees."""
    return interaction.message is not None and interaction.message.flags.ephemeral


def _is_thinking(interaction: discord.Interaction[Any]) -> bool:
    """Whether a "thinking" message is waiting for the reply."""
    return interaction.response.type is InteractionResponseType.deferred_channel_message


async def _handle_rejection(interaction: discord.Interaction[Any], problem: HTTPException) -> None:
    """Handle a reply that Discord rejected."""
    match problem.code:
        case 40060:  # already acknowledged: an earlier try succeeded, but its confirmation was lost
            return
        case 50027 | 10015:  # an interaction's token expires after 15 minutes
            await _apologize_in_channel(interaction)
        case _:
            log.warning("discord rejected the reply to %s: %s", interaction.id, problem)


async def _apologize_in_channel(interaction: discord.Interaction[Any]) -> None:
    """Explain in the channel why there's no private reply, without revealing it."""
    channel = interaction.channel
    try:
        if isinstance(channel, discord.abc.Messageable):
            await channel.send(f"{interaction.user.mention}, {TOO_LATE}")
    except HTTPException as problem:
        log.warning("could not explain the missing reply to %s: %s", interaction.id, problem)
