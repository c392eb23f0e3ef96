"""Posting in Discord's channels, and changing what was posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import discord

from adapters.discord.render import render
from bot.engine.events import Channel, Role
from bot.engine.ports import Unpostable
from bot.engine.screens import Screen


class DiscordPoster:
    """Puts screens into channels through a client."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, again: bool = False
    ) -> str:
        """Post a screen; Discord keeps the handle as its nonce, and for some minutes posts nothing
        twice with the same one."""
        message = render(screen)
        with _explained():
            target = self._target(channel)
            view: dict[str, Any] = {"view": message.view} if message.view else {}
            sent = await target.send(embed=message.embed, nonce=handle, **view)
            for number, embed in enumerate(message.more):
                await target.send(embed=embed, nonce=f"{handle}-{number}")
        return str(sent.id)

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Show another screen in a message's place."""
        shown = render(screen, alone=True)
        with _explained():
            posted = self._target(channel).get_partial_message(int(message))
            await posted.edit(embed=shown.embed, view=shown.view)

    async def roles(self, community: str) -> Sequence[Role]:
        """The server's roles, the highest first, but for that of everybody and those of apps."""
        guild = self._client.get_guild(int(community))
        given = [r for r in guild.roles if not (r.is_default() or r.managed)] if guild else []
        return [Role(str(role.id), role.name) for role in reversed(given)]

    async def members_of(self, community: str, role: str) -> None:
        """Not known without a privileged intent; each interaction says the roles of its member."""

    def _target(self, channel: Channel) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            int(channel.id), guild_id=int(channel.community)
        )


@contextmanager
def _explained() -> Iterator[None]:
    """Says what to do where Discord will not take a message, now or later."""
    try:
        yield
    except discord.Forbidden:
        raise Unpostable(
            "I may not write in this channel. An admin can allow it: View Channel, Send Messages "
            "and Embed Links (in a thread also Send Messages in Threads)."
        ) from None
    except discord.NotFound:
        raise Unpostable("The channel or the message is not there any more.") from None
