"""Posting in Discord's channels, and changing what was posted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import discord

from adapters.charts import Pictures, in_words
from adapters.discord.controls import AnyView, ids, view_from
from adapters.discord.markdown import CommandIds
from adapters.discord.render import render
from adapters.discord.uploads import Upload, draw
from bot.engine.events import Channel, Role
from bot.engine.platform import ChannelGone, MessageGone, Unpostable
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

UNPICTURED = (400, 403, 413)
"""Answers to a message with a file where one without may be taken."""

ARCHIVED = 50083
"""Discord's code of an error. These and all others: its documentation, "Opcodes and Status
Codes"."""

ROLE_GONE = "Nobody is notified: the role isn't there anymore. Choose another one."
IN_PRIVATE = "This member takes no direct messages from me."
CLOSED = "This thread is archived or locked. An admin can open it again."


def _not_allowed(*permissions: str) -> str:
    """What to say where the bot lacks permissions."""
    *most, last = permissions
    listed = f"{', '.join(most)} and {last} permissions" if most else f"{last} permission"
    return f"I can't post in this channel. Give Studyhall the {listed} here."


VIEW, SEND, SEND_IN_THREADS, EMBED = (
    "View Channel",
    "Send Messages",
    "Send Messages in Threads",
    "Embed Links",
)
IN_CHANNELS = f"{_not_allowed(VIEW, SEND, EMBED)} In a thread it also needs {SEND_IN_THREADS}."


class DiscordPoster:
    """Puts screens into channels through a client."""

    def __init__(self, client: discord.Client, commands: CommandIds) -> None:
        self._client = client
        self._pictures = Pictures()
        self._commands = commands

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen; Discord keeps the handle as its nonce, and for some minutes posts nothing
        twice with the same one. Before another try the channel is looked through as well, and what
        is missing is posted."""
        screen, pictures = await draw(screen, self._pictures)
        message = render(screen, self._commands)
        parts: dict[str, Any] = {"view": message.view} if message.view else {}
        parts |= _notifying(screen.mention, channel)
        with _explained():
            target = self._target(channel)
            first, said = None, set[str]()
            if since:
                texts = {_text(embed) for embed in message.more}
                first, said = await self._earlier(target, message.view, texts, since)
            if first is None and (screen.mention or pictures):
                # Where embeds aren't allowed, Discord refuses one alone, but takes it out of a
                # message that mentions somebody, or has a file.
                await self.check_postable(channel)
            if first is None and pictures:
                first = await _pictured(target, message.embed, pictures, nonce=handle, **parts)
            if first is None:
                alone = render(in_words(screen), self._commands) if pictures else message
                first = (await target.send(embed=alone.embed, nonce=handle, **parts)).id
            for number, embed in enumerate(message.more):
                if _text(embed) not in said:
                    await target.send(embed=embed, nonce=f"{handle}-{number}")
        return str(first)

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """The message with the screen's controls: Discord tells of a handle only at the post."""
        with _explained():
            view = render(screen, self._commands).view
            found, _ = await self._earlier(self._target(channel), view, set(), since)
        return str(found) if found else None

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Show another screen in a message's place. An archived thread is opened for that, as it is
        by itself when something is posted there."""
        drawn = render(screen, self._commands, alone=True)
        shown: dict[str, Any] = {"embed": drawn.embed, "view": drawn.view}
        # The library leaves its own default out of an edit without content, but a layout's texts
        # notify people, too.
        shown["allowed_mentions"] = discord.AllowedMentions.none()
        with _explained(editing=True):
            posted = self._target(channel).get_partial_message(int(message))
            try:
                await posted.edit(**shown)
            except discord.HTTPException as problem:
                if problem.code != ARCHIVED:
                    raise
                await self._unarchive(channel)
                await posted.edit(**shown)

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """By what the gateway told of the bot's permissions, so that Discord isn't asked."""
        guild = self._client.get_guild(int(channel.community))
        where = guild.get_channel_or_thread(int(channel.id)) if guild else None
        if guild is None or where is None:
            return ""
        allowed = where.permissions_for(guild.me)
        sending = (SEND, allowed.send_messages)
        if isinstance(where, discord.Thread):
            sending = (SEND_IN_THREADS, allowed.send_messages_in_threads)
        needed = ((VIEW, allowed.view_channel), sending, (EMBED, allowed.embed_links))
        if missing := [name for name, given in needed if not given]:
            raise Unpostable(_not_allowed(*missing))
        if not _notifying(mention, channel):
            return ""
        role = guild.get_role(int(mention))
        if role is None:
            return ROLE_GONE
        if role.mentionable or allowed.mention_everyone:
            return ""
        return (
            f"Nobody is notified: I can't mention the role {role.name}. Turn on “Allow anyone to "
            "@mention this role” in the role's settings."
        )

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Show a screen in a direct message."""
        message = render(screen, self._commands, alone=True)
        with _explained(IN_PRIVATE):
            direct = await self._client.create_dm(discord.Object(int(user)))
            view: dict[str, Any] = {"view": message.view} if message.view else {}
            await direct.send(embed=message.embed, **view)

    async def roles(self, community: str) -> Sequence[Role]:
        """The server's roles, the highest first, but for that of everybody and those of apps."""
        guild = self._client.get_guild(int(community))
        given = [r for r in guild.roles if not (r.is_default() or r.managed)] if guild else []
        return [Role(str(role.id), role.name) for role in reversed(given)]

    async def members_of(self, community: str, role: str) -> None:
        """Not known without a privileged intent; each interaction says the roles of its member."""

    async def _earlier(
        self,
        target: discord.PartialMessageable,
        view: AnyView | None,
        texts: set[str],
        since: datetime,
    ) -> tuple[int | None, set[str]]:
        """The message of ours that has the same controls, and what those after it say, until that
        is all the texts. It is seen without a privileged intent because it is ours; where the bot
        may not look through a channel, Discord shows it an empty one."""
        first, said = None, set[str]()
        try:
            async for message in target.history(after=since, limit=None, oldest_first=True):
                if message.author != self._client.user:
                    continue
                if first is not None:
                    said |= {_text(embed) for embed in message.embeds}
                elif ids(view) & ids(view_from(message)):
                    first = message.id
                if first is not None and texts <= said:
                    break
        except discord.Forbidden as problem:
            if not problem.code:
                raise
        return first, said

    async def _unarchive(self, channel: Channel) -> None:
        """Who may write in a thread may open it, unless it is locked. Source: Discord's
        documentation, "Threads"."""
        thread = await self._client.fetch_channel(int(channel.id))
        try:
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
        except discord.Forbidden as problem:
            raise (MessageGone(CLOSED) if problem.code else problem) from None

    def _target(self, channel: Channel) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            int(channel.id), guild_id=int(channel.community)
        )


async def _pictured(
    target: discord.PartialMessageable,
    embed: discord.Embed,
    pictures: Iterable[Upload],
    **parts: Any,
) -> int | None:
    """The id of a message with its pictures, once it's posted; None where the bot may attach no
    files, or Discord refuses these."""
    try:
        return (
            await target.send(embed=embed, files=[each.file() for each in pictures], **parts)
        ).id
    except discord.HTTPException as problem:
        if problem.status not in UNPICTURED or not problem.code:
            raise
        log.warning("discord took no picture: %s", problem)
        return None


def _text(embed: discord.Embed) -> str:
    """What an embed says, without the spaces that Discord takes from its ends."""
    return (embed.description or "").strip()


def _notifying(mention: str, channel: Channel) -> dict[str, Any]:
    """What notifies a role and nobody else. The role of everybody has the server's own id, and is
    never notified."""
    if not mention.isdecimal() or mention == channel.community:
        return {}
    role = discord.Object(int(mention))
    allowed = discord.AllowedMentions(everyone=False, users=False, roles=[role])
    return {"content": f"<@&{role.id}>", "allowed_mentions": allowed}


@contextmanager
def _explained(forbidden: str = IN_CHANNELS, *, editing: bool = False) -> Iterator[None]:
    """Says what to do where Discord will not take a message, now or later. Where an edit is refused
    for what it is, the channel may well take other messages."""
    refused = MessageGone if editing else Unpostable
    try:
        yield
    except discord.HTTPException as problem:
        match problem.status, problem.code:
            case _, 0:  # not Discord's own word, but that of something on the way to it
                raise
            case _, 40006 | 130000:  # something is switched off for a while, or overloaded
                raise
            case _, 10008:  # unknown message
                raise MessageGone("The message is not there any more.") from None
            case _, 50083 | 160005:  # the thread is archived, or locked
                raise refused(CLOSED) from None
            case 400, code:
                words = problem.text.partition("\n")[0]
                raise refused(f"Discord refused this form of message: {words} ({code}).") from None
            case 403, _:
                raise Unpostable(forbidden) from None
            case 404, _:
                raise ChannelGone("The channel is not there any more.") from None
            case _:
                raise
