"""The stand-in itself: Discord on a port of this machine, and what a test arranges there."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from time import time
from typing import Self

from aiohttp import web

from tests.stand_ins.discord import limits
from tests.stand_ins.discord.checks import EMPTY, Problem, Problems, at, tree
from tests.stand_ins.discord.faults import Faults
from tests.stand_ins.discord.gateway import Gateway
from tests.stand_ins.discord.interactions import PATIENCE, Interaction
from tests.stand_ins.discord.messages import Attachment, Message
from tests.stand_ins.discord.people import Person
from tests.stand_ins.discord.responding import Responding
from tests.stand_ins.discord.rest import Rest
from tests.stand_ins.discord.wire import Body, Handler, Refused, answer
from tests.stand_ins.discord.world import (
    BOT_ID,
    MENTION_EVERYONE,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    Channel,
    Guild,
    Json,
    Role,
    Shelf,
    snowflake,
)

API = "/api/v10"
TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.stand-in.token"
RECENT = 4096
"""Interactions and messages that are known while nothing is kept."""
RECENT_FILES = 16

MISSING_ACCESS, MISSING_PERMISSIONS = (50001, "Missing Access"), (50013, "Missing Permissions")
NO_DMS = 50007, "Cannot send messages to this user"
NO_MUTUAL_GUILDS = 50278, "Cannot send messages to this user due to having no mutual guilds"


class DiscordServer:
    """`async with DiscordServer() as server`, then point a client at `server.api_base`.

    With `keep=False`, channels have no history and only recent interactions and messages are
    known, so that memory stays flat however long people go on. The `clock` tells the time of
    messages and interactions, in seconds since 1970. What is not responded to within the `deadline`
    has failed.
    """

    def __init__(
        self,
        *,
        shards: int = 1,
        keep: bool = True,
        clock: Callable[[], float] = time,
        deadline: float = PATIENCE,
    ) -> None:
        self.clock, self.deadline = clock, deadline
        self.token = TOKEN
        self.application_id = int(BOT_ID)
        self.shards = shards
        self.keep = keep
        self.api_base = self.gateway_url = self.cdn = ""

        self.guilds: list[Guild] = []
        self.channels: Shelf[Channel] = Shelf()
        self.people: dict[str, Person] = {}
        self.commands: list[Json] = []
        self.syncs = 0
        self.requires_code_grant = False
        self.interactions_url: str | None = None
        """Where interactions go instead of through the gateway."""
        self.starts_left = 999

        self.interactions: list[Interaction] = []
        self.by_token: Shelf[Interaction] = Shelf(None if keep else RECENT)
        self.messages: Shelf[Message] = Shelf(None if keep else RECENT)
        self.files: Shelf[Attachment] = Shelf(None if keep else RECENT_FILES)
        """Uploads of people and the bot; a removed one is no longer found."""
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.missed_deadlines = 0
        self.refuse_files = False
        self.requests = Counter[str]()
        """How often each route was asked, by method and path with names in braces."""

        self.gateway = Gateway(self)
        self.faults = Faults()
        self.fail = self.faults.fail
        self.delay = self.faults.delay
        self.lose_response = self.faults.lose_response
        self.limit_messages = self.faults.limit_messages
        self.limit_everywhere = self.faults.limit_everywhere

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._serve], client_max_size=2**26)
        for api in (Rest(self), Responding(self)):
            for method, path, handler in api.routes():
                app.router.add_route(method, f"{API}{path}", handler)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_get("/gateway/", self.gateway.connect)
        app.router.add_get("/attachments/{file}/{name}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.cdn = f"http://127.0.0.1:{port}"
        self.api_base = f"{self.cdn}{API}"
        self.gateway_url = f"ws://127.0.0.1:{port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.forget()
        await self._runner.cleanup()

    # What a test arranges

    def add_guild(
        self,
        name: str = "Study group",
        locale: str = "en-GB",
        *,
        shard: int | None = None,
        channels: Iterable[str] = (),
    ) -> Guild:
        """A guild that the bot is in; a certain shard serves it if one is named. It has these text
        channels when the bot is added."""
        guild = Guild(name, locale, shelf=self.channels)
        while shard is not None and (int(guild.id) >> 22) % self.shards != shard:
            guild.id = str(int(guild.id) + (1 << 22))
        for each in channels:
            guild.add_text_channel(each)
        self.invite(guild)
        return guild

    def invite(self, guild: Guild) -> None:
        """As when the bot is added to a guild. Unlike for one that it's in already, nothing is said
        of its availability: by that, discord.py tells the two apart."""
        guild.tell = self._tell
        self.guilds.append(guild)
        told = guild.payload()
        del told["unavailable"]
        self._tell("GUILD_CREATE", guild, told)

    def remove_guild(self, guild: Guild) -> None:
        """As when the bot is removed from a guild."""
        self.guilds.remove(guild)
        self._tell("GUILD_DELETE", guild, {"id": guild.id})

    def lose_guild(self, guild: Guild) -> None:
        """As when a guild cannot be reached for a while, through no doing of its own."""
        self._tell("GUILD_DELETE", guild, {"id": guild.id, "unavailable": True})

    def add_person(self, name: str, locale: str = "en-GB") -> Person:
        person = Person(self, name, locale)
        self.people[person.id] = person
        self.channels[person.dm.id] = person.dm
        return person

    def delete_channel(self, channel: Channel) -> None:
        """As when an admin deletes a channel."""
        channel.deleted = True
        if channel.guild is not None:
            channel.guild.channels.remove(channel)
            self._tell("CHANNEL_DELETE", channel.guild, channel.payload())

    def forbid(self, channel: Channel, *, unseen: bool = False) -> None:
        """Take the bot's right to write in a channel away, or that to see it at all. It can still
        respond to interactions there."""
        channel.refuses = MISSING_ACCESS if unseen else MISSING_PERMISSIONS
        self.deny(channel, VIEW_CHANNEL if unseen else SEND_MESSAGES | SEND_IN_THREADS)

    def permit(self, channel: Channel) -> None:
        """Give the bot its rights in a channel back."""
        channel.refuses = None
        self.deny(channel, 0)

    def hide(self, channel: Channel, person: Person) -> None:
        """Let an overwrite hide a channel from a member."""
        channel.hidden_from.append(person.id)
        if channel.guild is not None:
            self._tell("CHANNEL_UPDATE", channel.guild, channel.payload())

    def deny(self, channel: Channel, permissions: int) -> None:
        """Let an overwrite take these permissions away from the bot in a channel, and no others."""
        channel.denied = permissions
        if channel.guild is not None:
            self._tell("CHANNEL_UPDATE", channel.guild, channel.payload())

    def hide_role(self, guild: Guild, role: Role) -> None:
        """Make a role unmentionable."""
        role.mentionable = False
        told = {"guild_id": guild.id, "role": role.payload()}
        self._tell("GUILD_ROLE_UPDATE", guild, told)

    def delete_role(self, guild: Guild, role: Role) -> None:
        """As when an admin deletes a role."""
        guild.roles.remove(role)
        self._tell("GUILD_ROLE_DELETE", guild, {"guild_id": guild.id, "role_id": role.id})

    def grant(self, guild: Guild, permissions: int) -> None:
        """Give the bot permissions in a guild, with everybody else."""
        guild.granted |= permissions
        role = guild.everyone()
        self._tell("GUILD_ROLE_UPDATE", guild, {"guild_id": guild.id, "role": role})

    async def ready(
        self, shards: int = 1, timeout: float = PATIENCE, *, synced: bool = True
    ) -> None:
        """Wait until this many shards are connected and, with `synced`, commands are synced. Raises
        TimeoutError."""
        async with asyncio.timeout(timeout):
            while len({each.shard for each in self.gateway.connected()}) < shards or (
                synced and not (self.commands or any(each.commands for each in self.guilds))
            ):
                await asyncio.sleep(0.005)

    async def drop_gateway(self, shard: int | None = None, code: int | None = None) -> None:
        """Cut the gateway's connections, of all shards or of one: without a word, or with a close
        code. What happens before they resume is told then."""
        await self.gateway.drop(shard, code)

    # What the API needs

    def commands_in(self, channel: Channel) -> list[Json]:
        """The commands that can be called there; a guild's own come first."""
        own = channel.guild.commands if channel.guild else []
        return [*own, *self.commands]

    def new_id(self) -> str:
        """The id of a message or an interaction that is sent now."""
        return snowflake(self.clock())

    def keep_interaction(self, interaction: Interaction) -> None:
        self.by_token[interaction.token] = interaction
        if self.keep:
            self.interactions.append(interaction)

    def keep_message(self, message: Message) -> None:
        self.messages[message.id] = message
        if self.keep:
            message.channel.history.append(message)

    def inspect(self, request: web.Request, problems: Problems) -> None:
        """Raises Refused, and notes the problems, if there are any."""
        found = list(_shaped(problems))
        if not found:
            return
        where = f"{request.method} {_route(request)}"
        self.violations += [
            f"{where}: {'.'.join(map(str, each.path))}: {each.text}" for each in found
        ]
        if any(each.code == EMPTY for each in found):
            raise Refused(400, 50006, "Cannot send an empty message")
        raise Refused(400, 50035, "Invalid Form Body", errors=tree(found))

    def inspect_message(
        self,
        request: web.Request,
        body: Body,
        changed: Message | None = None,
        *,
        within: str | None = None,
    ) -> None:
        """Raises Refused unless the message, or what becomes of one, is in order; `within` is what
        the request calls it."""
        if body.files and self.refuse_files:
            raise Refused(413, 40005, "Request entity too large")
        told, old = body.data, dict[str, str]()
        problems: Problems = iter(())
        if changed is not None:
            parts = ("content", "embeds", "components", "flags")
            problems = limits.flags_stay(changed.flags, body.data)
            told = {**{part: getattr(changed, part) for part in parts}, **told}
            old = {each.id: each.name for each in changed.attachments}
        new = {number: each.name for number, each in body.files.items()}
        problems = chain(problems, limits.message(told, new, old))
        self.inspect(request, at(within, problems) if within else problems)
        where = self.channels.get(request.match_info.get("channel", ""))
        self.pings += [each for each in limits.pings(body.data) if _notifies(each, where)]
        for file in body.files.values():
            self.files[file.id] = file

    async def _download(self, request: web.Request) -> web.Response:
        """A file, to whoever has its address."""
        file = self.files.get(request.match_info["file"])
        if file is None or (request.match_info["name"], request.query.get("hm")) != (
            file.name,
            file.key,
        ):
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=file.data, headers={"Content-Type": file.type})

    def _tell(self, name: str, guild: Guild, data: Json) -> None:
        self.gateway.tell(guild.id, name, data)

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(API):
            return await handler(request)
        method, path = request.method, request.path.removeprefix(API)
        self.requests[f"{method} {_route(request)}"] += 1
        await self.faults.arrive(method, path)
        own_token = path.startswith(("/interactions", "/webhooks"))
        if not own_token and request.headers.get("Authorization") != f"Bot {self.token}":
            return answer({"message": "401: Unauthorized", "code": 0}, status=401)
        if (refusal := self.faults.refusal(method, path)) is not None:
            return refusal
        too_many, mark = self.faults.count(method, path)
        if too_many is not None:
            return too_many
        response: web.StreamResponse
        try:
            response = await handler(request)
        except Refused as refused:
            response = answer(refused.body, status=refused.status)
        except web.HTTPNotFound:
            response = answer({"message": "404: Not Found", "code": 0}, status=404)
        if self.faults.loses(method, path) and request.transport is not None:
            request.transport.abort()
        mark(response)
        return response


def _notifies(mention: str, channel: Channel | None) -> bool:
    """Whether a mention that is allowed notifies somebody. One of a role does where everybody may
    mention it, or the bot any role. Source: Discord's documentation, "Permissions"."""
    if channel is None or channel.guild is None:
        return True
    roles = {f"<@&{each.id}>": each for each in channel.guild.roles}
    role = roles.get(mention)
    may = role is None or role.mentionable or channel.app_permissions & MENTION_EVERYONE
    return bool(may)


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical.removeprefix(API) if resource else request.path


def _shaped(problems: Problems) -> Iterator[Problem]:
    """The problems; a body of a shape that no check expects is one, too."""
    try:
        yield from problems
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        yield Problem((), "BASE_TYPE_INVALID", f"Not of the documented shape: {problem!r}")
