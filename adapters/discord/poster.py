"""Posts to Discord channels, edits posts, and sends direct messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import discord
from discord.http import HTTPClient

from adapters.charts import Pictures, drop_picture
from adapters.discord import PLATFORM
from adapters.discord.controls import AnyView, custom_ids, read_view
from adapters.discord.markdown import CommandIds
from adapters.discord.render import lay_out, render, replace_with
from adapters.discord.uploads import Upload, draw
from adapters.presence import PresenceCache
from adapters.typed import awaits_answer
from bot.engine.events import Channel, Mention, Role
from bot.engine.platform import ChannelGone, MessageGone, Presence, Unpostable
from bot.engine.screens import Screen

log = logging.getLogger(__name__)

UNPICTURED = (400, 403, 413)
"""HTTP statuses for a message with a file; without the file, it may be accepted."""

THREAD_ARCHIVED, THREAD_EXISTS, UNKNOWN_MEMBER = 50083, 160004, 10007
"""Error codes. Source for these and all others: Discord's documentation, "Opcodes and Status
Codes"."""

IS_LAYOUT = "IS_COMPONENTS_V2"
"""Named in the error about an embed for a message that's a layout."""

MAX_THREAD_NAME = 100
"""Characters. Source: Discord's documentation, "Start Thread from Message"."""

ARCHIVE_AFTER_MINUTES: Final = 1440
"""Hide a discussion when nobody wrote in it for a day; writing in it shows it again."""

ROLE_GONE = "No one will be notified: the role was deleted. Choose another one."
DMS_CLOSED = "This member doesn't accept direct messages from me."
THREAD_CLOSED = "This thread is archived or locked. Ask an admin to reopen it."


def _missing_permissions(*permissions: str) -> str:
    """Says which permissions the bot needs in a channel."""
    *most, last = permissions
    listed = f"{', '.join(most)} and {last} permissions" if most else f"{last} permission"
    return f"I can't post in this channel. Give Studyhall the {listed} here."


VIEW, SEND, SEND_IN_THREADS, EMBED = (
    "View Channel",
    "Send Messages",
    "Send Messages in Threads",
    "Embed Links",
)
READ_HISTORY, CREATE_THREADS = "Read Message History", "Create Public Threads"
CANT_REPLY = f"I can't reply in this channel. Give Studyhall the {READ_HISTORY} permission here."
CANT_POST = f"{_missing_permissions(VIEW, SEND, EMBED)} In threads, I need {SEND_IN_THREADS}."

CANT_DISCUSS = (
    f"I can't open a thread in this channel. Give Studyhall the {CREATE_THREADS} and "
    f"{SEND_IN_THREADS} permissions here."
)


def may_post(channel: discord.TextChannel) -> bool:
    """Whether the bot may post questions in a channel, as far as the gateway has said."""
    allowed = channel.permissions_for(channel.guild.me)
    return allowed.view_channel and allowed.send_messages and allowed.embed_links


class DiscordPoster:
    """Posts screens through a Discord client."""

    def __init__(self, client: discord.Client, commands: CommandIds) -> None:
        self._client = client
        _release_rate_limits(client.http)
        self._pictures = Pictures()
        self._command_ids = commands
        self._presence = PresenceCache(self._ask_presence)

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen. The handle is the message's nonce: for a few minutes, Discord posts
        nothing twice with the same nonce. A retry also searches the channel first, and posts only
        what's missing."""
        screen, pictures = await draw(screen, self._pictures)
        message = render(screen, self._command_ids)
        parts: dict[str, Any] = {"view": message.view} if message.view else {}
        parts |= _mention_parts(screen.mention, channel)
        with _explain_errors():
            target = self._target(channel)
            first, posted = None, set[str]()
            if since:
                texts = {_embed_text(embed) for embed in message.more}
                first, posted = await self._find_earlier(target, message.view, texts, since)
            if first is None and (screen.mention or pictures):
                # Without the permission to embed, Discord rejects a message that's only an embed,
                # but silently removes the embed from one that mentions a role or has a file.
                await self.check_postable(channel)
            if first is None and pictures:
                first = await _send_with_pictures(
                    target, message.embed, pictures, nonce=handle, **parts
                )
            if first is None:
                plain = render(drop_picture(screen), self._command_ids) if pictures else message
                first = (await target.send(embed=plain.embed, nonce=handle, **parts)).id
            for number, embed in enumerate(message.more):
                if _embed_text(embed) not in posted:
                    await target.send(embed=embed, nonce=f"{handle}-{number}")
        return str(first)

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """The message with the screen's controls: Discord returns a nonce only when it's sent."""
        with _explain_errors():
            view = render(screen, self._command_ids).view
            found, _ = await self._find_earlier(self._target(channel), view, set(), since)
        return str(found) if found else None

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Replace a message's screen. An archived thread is reopened for it, as Discord does on its
        own for a new message."""
        posted = self._target(channel).get_partial_message(int(message))
        with _explain_errors(editing=True):
            try:
                await self._replace(posted, screen)
            except discord.HTTPException as problem:
                if problem.code != THREAD_ARCHIVED:
                    raise
                await self._unarchive(channel)
                await self._replace(posted, screen)

    async def _replace(self, posted: discord.PartialMessage, screen: Screen) -> None:
        """Show a screen in a message: in an embed, as it was posted, while it awaits an answer or
        mentions a role; then in a layout. A message that's already a layout stays one."""
        if screen.mention or awaits_answer(screen):
            drawn = render(screen, self._command_ids, single=True)
            # The library omits its default from an edit without content, but a layout's texts could
            # notify people, too.
            parts: dict[str, Any] = {"embed": drawn.embed, "view": drawn.view}
            try:
                await posted.edit(**parts, allowed_mentions=discord.AllowedMentions.none())
                return
            except discord.HTTPException as problem:
                if IS_LAYOUT not in problem.text:
                    raise
        layout = lay_out(screen, self._command_ids, single=True)
        await posted.edit(**replace_with(layout.view))

    async def reply(
        self,
        channel: Channel,
        message: str,
        screen: Screen,
        handle: str,
        *,
        since: datetime | None = None,
        thread: str = "",
    ) -> None:
        """Reply to a message without notifying anyone, or with `thread`, write in the thread of the
        message, which Discord allows only once. Within a thread there are no others, so that's a
        reply, too."""
        drawn = render(screen, self._command_ids, single=True)
        target = self._target(channel)
        parts: dict[str, Any] = {"view": drawn.view} if drawn.view else {}
        in_thread = bool(thread) and not self._is_thread(channel)
        if refused := await self.check_reply(channel, thread=in_thread):
            raise Unpostable(refused)
        with _explain_errors(CANT_DISCUSS if in_thread else CANT_POST):
            if since and (await self._find_earlier(target, drawn.view, set(), since))[0]:
                return
            if in_thread:
                target, is_new = await self._open_thread(channel, message, thread)
                oldest = discord.Object(int(message))
                if not is_new and (await self._find_earlier(target, drawn.view, set(), oldest))[0]:
                    return
            else:
                parts["reference"] = discord.MessageReference(
                    message_id=int(message),
                    channel_id=int(channel.id),
                    guild_id=int(channel.community),
                    fail_if_not_exists=False,
                )
                parts["mention_author"] = False
            await target.send(embed=drawn.embed, nonce=handle, **parts)

    async def check_reply(self, channel: Channel, *, thread: bool) -> str:
        """Checks the permissions that the gateway has reported."""
        target = self._known_channel(channel)
        if target is None:
            return ""
        allowed = target.permissions_for(target.guild.me)
        if not thread or isinstance(target, discord.Thread):
            return "" if allowed.read_message_history else CANT_REPLY
        granted = allowed.create_public_threads and allowed.send_messages_in_threads
        return "" if granted else CANT_DISCUSS

    async def link(self, channel: Channel, message: str) -> str:
        """Made from the ids alone."""
        return f"https://discord.com/channels/{channel.community}/{channel.id}/{message}"

    def find_open_channel(self, guild: discord.Guild) -> Channel | None:
        """The channel for a first message: the one for system messages if the bot may post there,
        else the first one where it may."""
        for channel in (guild.system_channel, *guild.text_channels):
            if channel and may_post(channel):
                return Channel(PLATFORM, str(guild.id), str(channel.id))
        return None

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """Checks the permissions that the gateway has reported, without a request."""
        target = self._known_channel(channel)
        if target is None:
            return ""
        allowed = target.permissions_for(target.guild.me)
        check_permissions(allowed, in_thread=isinstance(target, discord.Thread))
        return check_mention(mention, target.guild, allowed)

    async def may_post(self, channel: Channel, user: str) -> bool:
        """Checks the member's permissions, from their roles. Who is in a private thread isn't
        known, so nobody may post there from elsewhere."""
        target = self._known_channel(channel)
        if target is None:
            return False
        allowed = target.permissions_for(await target.guild.fetch_member(int(user)))
        sending = allowed.send_messages
        if isinstance(target, discord.Thread):
            sending = allowed.send_messages_in_threads and not target.is_private()
        return allowed.view_channel and sending

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Send a screen as a direct message."""
        message = render(screen, self._command_ids, single=True)
        with _explain_errors(DMS_CLOSED):
            direct = await self._client.create_dm(discord.Object(int(user)))
            view: dict[str, Any] = {"view": message.view} if message.view else {}
            await direct.send(embed=message.embed, **view)

    async def presence(self, community: str, users: Collection[str]) -> Mapping[str, Presence]:
        """Looks each member up, which needs no privileged intent."""
        return await self._presence.of(community, users)

    async def roles(self, community: str) -> Sequence[Role]:
        """The server's roles, highest first, without @everyone and apps' own roles."""
        guild = self._client.get_guild(int(community))
        roles = [r for r in guild.roles if not (r.is_default() or r.managed)] if guild else []
        return [Role(str(role.id), role.name) for role in reversed(roles)]

    async def members_of(self, community: str, role: str) -> None:
        """Unknown without a privileged intent; each interaction lists its member's roles."""

    async def look_up(self, community: str, users: Collection[str]) -> Sequence[Mention]:
        """Nobody, as `members_of` lists nobody."""
        return ()

    async def _ask_presence(self, community: str, user: str) -> Presence:
        guild = self._client.get_guild(int(community))
        if guild is None:
            raise LookupError(f"server {community} isn't available")
        try:
            await guild.fetch_member(int(user))
        except discord.NotFound as problem:
            if problem.code != UNKNOWN_MEMBER:
                raise
            return Presence.LEFT
        return Presence.HERE

    async def _find_earlier(
        self,
        target: discord.PartialMessageable,
        view: AnyView | None,
        texts: set[str],
        since: datetime | discord.Object,
    ) -> tuple[int | None, set[str]]:
        """Our message with the same controls, and which of the texts our later messages have. Our
        own messages are readable without a privileged intent. If the bot may not read a channel's
        history, Discord returns an empty one."""
        first, posted = None, set[str]()
        try:
            async for message in target.history(after=since, limit=None, oldest_first=True):
                if message.author != self._client.user:
                    continue
                if first is not None:
                    posted |= {_embed_text(embed) for embed in message.embeds}
                elif custom_ids(view) & custom_ids(read_view(message)):
                    first = message.id
                if first is not None and texts <= posted:
                    break
        except discord.Forbidden as problem:
            if not problem.code:
                raise
        return first, posted

    async def _open_thread(
        self, channel: Channel, message: str, name: str
    ) -> tuple[discord.PartialMessageable, bool]:
        """The thread of a message, and whether it's new. It has the id of its message. Source:
        Discord's documentation, "Start Thread from Message"."""
        is_new = True
        try:
            # The library's own method needs to know the server, and would keep the thread.
            await self._client.http.start_thread_with_message(
                int(channel.id),
                int(message),
                name=name[:MAX_THREAD_NAME],
                auto_archive_duration=ARCHIVE_AFTER_MINUTES,
            )
        except discord.HTTPException as problem:
            if problem.code != THREAD_EXISTS:
                raise
            is_new = False
        return self._target(replace(channel, id=message)), is_new

    def _known_channel(self, channel: Channel) -> discord.abc.GuildChannel | discord.Thread | None:
        """The channel, if the gateway has reported it."""
        guild = self._client.get_guild(int(channel.community))
        return guild.get_channel_or_thread(int(channel.id)) if guild else None

    def _is_thread(self, channel: Channel) -> bool:
        return isinstance(self._known_channel(channel), discord.Thread)

    async def _unarchive(self, channel: Channel) -> None:
        """Reopen a thread: whoever may post in it may do that, unless it's locked. Source:
        Discord's documentation, "Threads"."""
        thread = await self._client.fetch_channel(int(channel.id))
        try:
            if isinstance(thread, discord.Thread):
                await thread.edit(archived=False)
        except discord.Forbidden as problem:
            raise (MessageGone(THREAD_CLOSED) if problem.code else problem) from None

    def _target(self, channel: Channel) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            int(channel.id), guild_id=int(channel.community)
        )


def check_permissions(allowed: discord.Permissions, *, in_thread: bool) -> None:
    """Check what the bot may do in a channel. Raises Unpostable if it may not post."""
    sending = (SEND, allowed.send_messages)
    if in_thread:
        sending = (SEND_IN_THREADS, allowed.send_messages_in_threads)
    needed = ((VIEW, allowed.view_channel), sending, (EMBED, allowed.embed_links))
    if missing := [name for name, granted in needed if not granted]:
        raise Unpostable(_missing_permissions(*missing))


def check_mention(mention: str, guild: discord.Guild, allowed: discord.Permissions) -> str:
    """Say why a mentioned role wouldn't be notified, or ""."""
    if not _mentions_role(mention, str(guild.id)):
        return ""
    role = guild.get_role(int(mention))
    if role is None:
        return ROLE_GONE
    if role.mentionable or allowed.mention_everyone:
        return ""
    return (
        f"No one will be notified: I can't mention the role {role.name}. In the role's "
        "settings, turn on “Allow anyone to @mention this role”."
    )


async def _send_with_pictures(
    target: discord.PartialMessageable,
    embed: discord.Embed,
    pictures: Iterable[Upload],
    **parts: Any,
) -> int | None:
    """Post a message with its pictures, and return its id; None if Discord rejects the files, or
    the bot may not attach any."""
    try:
        return (
            await target.send(embed=embed, files=[each.file() for each in pictures], **parts)
        ).id
    except discord.HTTPException as problem:
        if problem.status not in UNPICTURED or not problem.code:
            raise
        log.warning("discord rejected a picture: %s", problem)
        return None


def _release_rate_limits(http: HTTPClient) -> None:
    """Let other requests go on if one is canceled while it waits out a global rate limit: the
    library (2.7.1) would hold them back forever. If they're too early, Discord says so again."""
    request: Any = http.request

    async def request_or_release(*parts: Any, **options: Any) -> Any:
        try:
            return await request(*parts, **options)
        except asyncio.CancelledError:
            http._global_over.set()
            raise

    http.request = request_or_release  # type: ignore[method-assign]


def _embed_text(embed: discord.Embed) -> str:
    """An embed's text, without the outer whitespace that Discord strips."""
    return (embed.description or "").strip()


def _mentions_role(mention: str, community: str) -> bool:
    """Whether a mention is of a role. @everyone, whose role id is the server's own, is never
    notified."""
    return mention.isdecimal() and mention != community


def _mention_parts(mention: str, channel: Channel) -> dict[str, Any]:
    """Message parts that notify a role and no one else."""
    if not _mentions_role(mention, channel.community):
        return {}
    role = discord.Object(int(mention))
    allowed = discord.AllowedMentions(everyone=False, users=False, roles=[role])
    return {"content": f"<@&{role.id}>", "allowed_mentions": allowed}


@contextmanager
def _explain_errors(forbidden: str = CANT_POST, *, editing: bool = False) -> Iterator[None]:
    """Turn Discord's lasting errors into ones that say what to do. If an edit is rejected, only
    that message is affected: the channel may accept others."""
    rejected = MessageGone if editing else Unpostable
    try:
        yield
    except discord.HTTPException as problem:
        match problem.status, problem.code:
            case _, 0:  # not from Discord itself, but from something in between
                raise
            case _, 40006 | 130000:  # a feature is temporarily disabled, or overloaded
                raise
            case _, 10008:  # unknown message
                raise MessageGone("That message was deleted.") from None
            case _, 50083 | 160005:  # the thread is archived, or locked
                raise rejected(THREAD_CLOSED) from None
            case 403, 160002 | 160009:
                raise Unpostable(CANT_REPLY) from None
            case 400, code:
                words = problem.text.partition("\n")[0]
                raise rejected(f"Discord rejected this message: {words} ({code}).") from None
            case 403, _:
                raise Unpostable(forbidden) from None
            case 404, _:
                raise ChannelGone("That channel was deleted.") from None
            case _:
                raise
