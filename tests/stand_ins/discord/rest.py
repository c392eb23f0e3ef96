"""Discord's REST API about the bot itself, its commands, channels and messages."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from aiohttp import web

from tests.stand_ins.discord import command_limits, limits
from tests.stand_ins.discord.checks import text, wrong
from tests.stand_ins.discord.messages import EPHEMERAL, HAS_THREAD, KEPT_FLAGS, Message
from tests.stand_ins.discord.wire import Refused, Routes, answer, read
from tests.stand_ins.discord.world import (
    BOT,
    BOT_ID,
    CREATE_PUBLIC_THREADS,
    EMBED_LINKS,
    READ_HISTORY,
    SEND_IN_THREADS,
    Channel,
    Guild,
    Json,
    Membership,
    snowflake,
)

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

NONCE_LIFE = 300.0
"""Seconds in which a nonce stands for the message that it came with."""


GATEWAY_ONLY = (
    "channels",
    "guild_scheduled_events",
    "joined_at",
    "large",
    "member_count",
    "members",
    "presences",
    "soundboard_sounds",
    "stage_instances",
    "threads",
    "unavailable",
    "voice_states",
)
"""What only GUILD_CREATE says of a guild."""


class Rest:
    """The routes that need the bot's token."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server

    def routes(self) -> Routes:
        yield "GET", "/users/@me", self._me
        yield "GET", "/users/@me/guilds", self._guilds
        yield "POST", "/users/@me/channels", self._open_dm
        yield "GET", "/applications/@me", self._application
        yield "GET", "/oauth2/applications/@me", self._application
        yield "GET", "/gateway/bot", self._gateway
        yield "GET", "/applications/{app}/commands", self._commands
        yield "PUT", "/applications/{app}/commands", self._sync
        yield "GET", "/applications/{app}/guilds/{guild}/commands", self._commands
        yield "PUT", "/applications/{app}/guilds/{guild}/commands", self._sync
        yield "GET", "/guilds/{guild}", self._guild_alone
        yield "GET", "/guilds/{guild}/members/{user}", self._member
        yield "GET", "/channels/{channel}", self._channel
        yield "PATCH", "/channels/{channel}", self._open_thread
        yield "GET", "/channels/{channel}/messages", self._history
        yield "POST", "/channels/{channel}/messages", self._post
        yield "GET", "/channels/{channel}/messages/{message}", self._message
        yield "PATCH", "/channels/{channel}/messages/{message}", self._edit
        yield "DELETE", "/channels/{channel}/messages/{message}", self._delete
        yield "POST", "/channels/{channel}/messages/{message}/threads", self._start_thread

    async def _me(self, _: web.Request) -> web.Response:
        return answer(BOT)

    async def _application(self, _: web.Request) -> web.Response:
        return answer(
            {
                "id": BOT_ID,
                "name": BOT["username"],
                "icon": None,
                "description": "",
                "bot_public": True,
                "bot_require_code_grant": self._server.requires_code_grant,
                "interactions_endpoint_url": self._server.interactions_url,
                "approximate_guild_count": len(self._server.guilds),
                "summary": "",
                "verify_key": "",
                "team": None,
                "owner": {**BOT, "bot": False},
                "flags": 0,
            }
        )

    async def _gateway(self, _: web.Request) -> web.Response:
        left = self._server.starts_left
        limit = {"total": 1000, "remaining": left, "reset_after": 1, "max_concurrency": 16}
        told = {
            "url": self._server.gateway_url,
            "shards": self._server.shards,
            "session_start_limit": limit,
        }
        return answer(told)

    # Commands

    async def _commands(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        return answer(guild.commands if guild else self._server.commands)

    async def _sync(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        given = (await read(request)).data
        self._server.inspect(request, command_limits.commands(given))
        old = guild.commands if guild else self._server.commands
        ids = {(each["type"], each["name"]): each["id"] for each in old}
        made = [_stored(each, ids, guild) for each in given]
        if guild:
            guild.commands = made
        else:
            self._server.commands = made
        self._server.syncs += 1
        return answer(made)

    def _guild(self, request: web.Request) -> Guild | None:
        if request.match_info["app"] != BOT_ID:
            raise Refused(403, 20012, "You are not authorized to perform this action")
        if "guild" not in request.match_info:
            return None
        for guild in self._server.guilds:
            if guild.id == request.match_info["guild"]:
                return guild
        raise Refused(403, 50001, "Missing Access")

    async def _guilds(self, _: web.Request) -> web.Response:
        """The guilds that the bot is in, in short. Source: Discord's documentation, "Get Current
        User Guilds"."""
        none = dict.fromkeys(("icon", "banner"))
        return answer(
            [
                {
                    **none,
                    "id": each.id,
                    "name": each.name,
                    "owner": False,
                    "permissions": str(each.granted),
                    "features": [],
                }
                for each in self._server.guilds
            ]
        )

    async def _guild_alone(self, request: web.Request) -> web.Response:
        """A guild without what the gateway tells more of it: its channels, threads and members.
        Source: Discord's documentation, "Get Guild", "Guild Create"."""
        told = self._known_guild(request).payload()
        for key in GATEWAY_ONLY:
            del told[key]
        return answer(told)

    def _known_guild(self, request: web.Request) -> Guild:
        guilds = {each.id: each for each in self._server.guilds}
        guild = guilds.get(request.match_info["guild"])
        if guild is None:
            raise Refused(404, 10004, "Unknown Guild")
        return guild

    async def _member(self, request: web.Request) -> web.Response:
        """A single member, which no intent is needed for. Source: Discord's documentation, "Get
        Guild Member"."""
        guild = self._known_guild(request)
        if request.match_info["user"] == BOT_ID:
            return answer({**Membership().payload(), "user": BOT})
        person = self._server.people.get(request.match_info["user"])
        if person is None:
            raise Refused(404, 10013, "Unknown User")
        if person.id in guild.left:
            raise Refused(404, 10007, "Unknown Member")
        return answer({**guild.membership(person).payload(), "user": person.payload()})

    # Channels and messages

    async def _open_dm(self, request: web.Request) -> web.Response:
        body = (await read(request)).data
        person = self._server.people.get(str(body.get("recipient_id")))
        if person is None:
            raise Refused(400, 10013, "Unknown User")
        return answer(person.dm.payload())

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(self._open_channel(request).payload())

    async def _open_thread(self, request: web.Request) -> web.Response:
        """Unarchive a thread, which is all that the bot may change of one that is not its own."""
        thread, body = self._open_channel(request), (await read(request)).data
        if thread.parent is None or thread.locked or body != {"archived": False}:
            raise Refused(403, 50013, "Missing Permissions")
        thread.archived = False
        return answer(thread.payload())

    async def _history(self, request: web.Request) -> web.Response:
        """The latest messages, or those next after one, the latest first; of others' ones a bot
        without that intent sees no content."""
        channel, query = self._open_channel(request), request.query
        limit, after = int(query.get("limit", "50")), int(query.get("after", "0"))
        hidden = channel.hides_history or not channel.app_permissions & READ_HISTORY
        found = [] if hidden else channel.messages
        found = [each for each in found if int(each.id) > after]
        found = found[:limit] if "after" in query else found[-limit:]
        told = [each.payload() for each in reversed(found)]
        for each in told:
            if each["author"]["id"] != BOT_ID:
                each |= {"content": "", "embeds": [], "components": [], "attachments": []}
        return answer(told)

    async def _post(self, request: web.Request) -> web.Response:
        channel, body = self._open_channel(request), await read(request)
        if channel.person is not None and channel.person.refuses_dms:
            raise Refused(403, *channel.person.refuses_dms)
        if channel.archived and channel.locked:
            raise Refused(400, 50083, "Thread is archived")
        if channel.parent and not channel.app_permissions & SEND_IN_THREADS:
            raise Refused(403, 50013, "Missing Permissions")
        channel.archived = False
        self._server.inspect_message(request, body)
        replies_to = self._referenced(request, channel, body.data)
        if body.data.get("embeds") and not channel.app_permissions & EMBED_LINKS:
            # Source: discord/discord-api-docs, issue 2601.
            if not body.data.get("content"):
                raise Refused(403, 50013, "Missing Permissions")
            del body.data["embeds"]
        nonce = body.data.get("nonce")
        if body.data.get("enforce_nonce") and nonce is not None:
            since, earlier = channel.nonces.get(str(nonce), (0.0, None))
            if earlier is not None and self._server.clock() - since < NONCE_LIFE:
                return answer(earlier.payload())
        flags = int(body.data.get("flags") or 0) & KEPT_FLAGS & ~EPHEMERAL
        message = Message(
            channel, nonce=nonce, flags=flags, replies_to=replies_to, id=self._server.new_id()
        )
        message.fill(body.data, [*body.files.values()])
        if nonce is not None:
            channel.nonces[str(nonce)] = self._server.clock(), message
        self._server.keep_message(message)
        return answer(message.payload())

    def _referenced(self, request: web.Request, channel: Channel, body: Json) -> Message | None:
        """The message that a new one replies to. Source: Discord's documentation, "Message
        Reference Structure", "Create Message"."""
        reference = body.get("message_reference")
        if reference is None:
            return None
        if channel.hides_history or not channel.app_permissions & READ_HISTORY:
            raise Refused(403, 160002, "Cannot reply without permission to read message history")
        message = self._server.messages.get(str(reference.get("message_id")))
        if message is None or message.deleted or message.channel is not channel:
            if not reference.get("fail_if_not_exists", True):
                return None
            unknown = wrong("Unknown message", "message_reference")
            self._server.inspect(request, iter([unknown]))
        if message and (body.get("allowed_mentions") or {}).get("replied_user", True):
            notified = message.author["id"]
            self._server.pings += [f"<@{notified}>"] if notified != BOT_ID else []
        return message

    async def _start_thread(self, request: web.Request) -> web.Response:
        """Open the thread of a message. Source: Discord's documentation, "Start Thread from
        Message"."""
        message, body = self._posted(request), (await read(request)).data
        channel = message.channel
        if channel.guild is None or channel.parent is not None:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if not channel.app_permissions & CREATE_PUBLIC_THREADS:
            raise Refused(403, 50013, "Missing Permissions")
        if message.flags & HAS_THREAD:
            raise Refused(400, 160004, "A thread has already been created for this message")
        problems = chain(text(body, "name", 100, 1, required=True), limits.archiving(body))
        self._server.inspect(request, problems)
        message.flags |= HAS_THREAD
        thread = channel.guild.add_thread(
            channel, body["name"], announced=True, of_message=message.id
        )
        return answer(thread.payload(), status=201)

    async def _message(self, request: web.Request) -> web.Response:
        return answer(self._posted(request).payload())

    async def _edit(self, request: web.Request) -> web.Response:
        message, body = self._posted(request), await read(request)
        if message.author["id"] != BOT_ID:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        if message.channel.archived:
            raise Refused(400, 50083, "Thread is archived")
        self._server.inspect_message(request, body, message)
        message.edit(body.data, [*body.files.values()], self._server.clock())
        return answer(message.payload())

    async def _delete(self, request: web.Request) -> web.Response:
        message = self._posted(request)
        if message.author["id"] != BOT_ID:
            raise Refused(403, 50013, "Missing Permissions")
        message.delete()
        return web.Response(status=204)

    def _open_channel(self, request: web.Request) -> Channel:
        channel = self._server.channels.get(request.match_info["channel"])
        if channel is None or channel.deleted:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.guild is not None and channel.guild not in self._server.guilds:
            raise Refused(403, 50001, "Missing Access")
        refuses = channel.refuses or (channel.parent.refuses if channel.parent else None)
        if refuses is not None:
            raise Refused(403, *refuses)
        return channel

    def _posted(self, request: web.Request) -> Message:
        """The message that a request names. To the channel's routes there are no ephemeral ones."""
        channel = self._open_channel(request)
        message = self._server.messages.get(request.match_info["message"])
        if (
            message is None
            or message.deleted
            or message.channel is not channel
            or message.ephemeral
        ):
            raise Refused(404, 10008, "Unknown Message")
        return message


def _stored(command: Json, ids: dict[tuple[int, str], str], guild: Guild | None) -> Json:
    """A command as Discord keeps it: with the id that one of its name had before."""
    kind, needed = command.get("type", 1), command.get("default_member_permissions")
    return {
        "description": "",
        "nsfw": False,
        "integration_types": [0],
        "contexts": None,
        **command,
        **({"guild_id": guild.id} if guild else {}),
        "id": ids.get((kind, command["name"])) or snowflake(),
        "application_id": BOT_ID,
        "version": snowflake(),
        "type": kind,
        "default_member_permissions": None if needed is None else str(needed),
    }
