"""The stand-in itself: Discord's REST API on a port of this machine, and the people who use it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Self

from aiohttp import web

from tests.stand_ins.discord import limits
from tests.stand_ins.discord.gateway import Gateway
from tests.stand_ins.discord.people import Person
from tests.stand_ins.discord.world import (
    BOT,
    BOT_ID,
    EPHEMERAL,
    Channel,
    Guild,
    Interaction,
    Json,
    Message,
)

TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.stand-in.token"
DEADLINE = 3.0
"""Seconds in which an interaction has to be answered."""

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL = 4, 5, 6, 7, 8, 9

STORED: Json = {
    "application_id": BOT_ID,
    "version": "1",
    "type": 1,
    "description": "",
    "default_member_permissions": None,
    "nsfw": False,
}
"""What Discord says of a command beside what it was told."""

Body = tuple[Json, dict[str, bytes]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """An error as Discord answers it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        self.status, self.code, self.message = status, code, message


@dataclass
class Fault:
    """Something that goes wrong with the next requests of a kind."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int


class DiscordServer:
    """`async with DiscordServer() as server`, then point a client at `server.api_base`."""

    def __init__(self, *, shards: int = 1, keep: bool = True) -> None:
        self.token = TOKEN
        self.shards = shards
        self.keep = keep
        self.guilds: list[Guild] = []
        self.channels: dict[str, Channel] = {}
        self.people: dict[str, Person] = {}
        self.commands: list[Json] = []
        self.syncs = 0
        self.intents: set[int] = set()
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.missed_deadlines = 0
        self.posts = 0
        self.interactions: dict[str, Interaction] = {}
        self.by_token: dict[str, Interaction] = {}
        self.messages: dict[str, Message] = {}
        self.gateway = Gateway(self)
        self._faults: list[Fault] = []

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._middleware], client_max_size=2**26)
        for method, path, handler in self._routes():
            app.router.add_route(method, f"/api/v10{path}", handler)
        app.router.add_get("/gateway/", self.gateway.connect)
        app.router.add_get("/gateway", self.gateway.connect)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_base = f"http://127.0.0.1:{port}/api/v10"
        self.gateway_url = f"ws://127.0.0.1:{port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.forget()
        await self._runner.cleanup()

    # What a test arranges.

    def add_guild(self, name: str = "Study group") -> Guild:
        guild = Guild(name)
        self.guilds.append(guild)
        return guild

    def add_channel(self, guild: Guild, name: str = "general") -> Channel:
        channel = Channel(name, guild)
        guild.channels.append(channel)
        self.channels[channel.id] = channel
        return channel

    def add_person(self, name: str, *, admin: bool = False) -> Person:
        person = Person(self, name, admin=admin)
        self.people[person.id] = person
        self.channels[person.dm.id] = person.dm
        return person

    def fail(self, method: str, path: str, status: int, times: int = 1) -> None:
        """Answer the next requests with a status; status 0 takes them, but answers nothing."""
        self._faults.append(Fault(method, re.compile(path), status, times))

    async def ready(self, shards: int = 1, timeout: float = 10) -> None:
        """Wait until so many shards are there."""
        async with asyncio.timeout(timeout):
            while len(self.gateway.sessions) < shards or not self.commands:
                await asyncio.sleep(0.01)

    # REST.

    def _routes(self) -> Iterator[tuple[str, str, Handler]]:
        yield "GET", "/users/@me", self._me
        yield "GET", "/applications/@me", self._application
        yield "GET", "/oauth2/applications/@me", self._application
        yield "GET", "/gateway/bot", self._gateway
        yield "PUT", "/applications/{app}/commands", self._sync
        yield "POST", "/channels/{channel}/messages", self._post
        yield "PATCH", "/channels/{channel}/messages/{message}", self._edit
        yield "POST", "/interactions/{interaction}/{token}/callback", self._callback
        yield "POST", "/webhooks/{app}/{token}", self._follow_up
        yield "PATCH", "/webhooks/{app}/{token}/messages/{message}", self._edit_answer
        yield "GET", "/webhooks/{app}/{token}/messages/{message}", self._answer

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        if path.startswith("/gateway") and not path.startswith("/gateway/bot"):
            return await handler(request)
        for fault in self._faults:
            if fault.times and fault.method == request.method and fault.path.search(path):
                fault.times -= 1
                if fault.status:
                    return _trouble(fault.status)
                await handler(request)
                assert request.transport is not None
                request.transport.abort()
        own = path.startswith(("/interactions", "/webhooks"))
        if not own and request.headers.get("Authorization") != f"Bot {self.token}":
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        try:
            return await handler(request)
        except Refused as refused:
            body = {"message": refused.message, "code": refused.code}
            return _json(body, status=refused.status)

    async def _me(self, _: web.Request) -> web.Response:
        return _json(BOT)

    async def _application(self, _: web.Request) -> web.Response:
        return _json(
            {
                "id": BOT_ID,
                "name": "Studyhall",
                "icon": None,
                "description": "",
                "bot_public": True,
                "bot_require_code_grant": False,
                "summary": "",
                "verify_key": "",
                "team": None,
                "owner": {**BOT, "bot": False},
                "flags": 0,
            }
        )

    async def _gateway(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 16}
        return _json({"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit})

    async def _sync(self, request: web.Request) -> web.Response:
        body = await request.json()
        self._check(limits.commands(body))
        self.commands = body
        self.syncs += 1
        made = [{**STORED, "id": str(n), **each} for n, each in enumerate(body, 1)]
        return _json(made)

    async def _post(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        body, files = await _body(request)
        self._check_message(body, files)
        nonce = body.get("nonce")
        if body.get("enforce_nonce") and nonce:
            for earlier in channel.messages:
                if earlier.nonce == nonce:
                    return _json(earlier.payload())
        message = Message(channel, nonce=nonce)
        message.change(body, files)
        channel.messages.append(message)
        self.messages[message.id] = message
        self.posts += 1
        return _json(message.payload())

    async def _edit(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        message = self.messages.get(request.match_info["message"])
        if message is None or message.deleted or message.channel is not channel:
            raise Refused(404, 10008, "Unknown Message")
        body, files = await _body(request)
        self._check_message({**message.payload(), **body}, files)
        message.change(body, files)
        message.edits += 1
        return _json(message.payload())

    def _channel(self, request: web.Request) -> Channel:
        channel = self.channels.get(request.match_info["channel"])
        if channel is None or channel.deleted:
            raise Refused(404, 10003, "Unknown Channel")
        if channel.forbidden:
            raise Refused(403, 50013, "Missing Permissions")
        return channel

    async def _callback(self, request: web.Request) -> web.Response:
        interaction = self.interactions.get(request.match_info["interaction"])
        if interaction is None or interaction.token != request.match_info["token"]:
            raise Refused(404, 10062, "Unknown interaction")
        if interaction.response is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        elapsed = monotonic() - interaction.sent_at
        if elapsed > DEADLINE:
            raise Refused(404, 10062, "Unknown interaction")
        body, files = await _body(request)
        data = body.get("data") or {}
        match body["type"]:
            case 4 | 7:
                if body["type"] == UPDATE and interaction.used:
                    self._check_message({**interaction.used.payload(), **data}, files)
                else:
                    self._check_message(data, files)
            case 8:
                self._check(limits.choices(data))
            case 9:
                self._check(limits.modal(data))
            case _:
                pass
        interaction.response, interaction.elapsed = body, elapsed
        if body["type"] == MESSAGE:
            interaction.message = self._answer_with(interaction, data, files)
        elif body["type"] == UPDATE and interaction.used is not None:
            interaction.used.change(data, files)
            interaction.message = interaction.used
        elif body["type"] == DEFERRED_UPDATE:
            interaction.message = interaction.used
        interaction.acknowledged.set()
        if not interaction.deferred:
            interaction.answered.set()
        if not self.keep:
            del self.interactions[interaction.id]
        if request.query.get("with_response", "false") not in ("1", "true"):
            return web.Response(status=204)
        return _json(_callback_response(interaction))

    def _answer_with(
        self, interaction: Interaction, data: Json, files: dict[str, bytes]
    ) -> Message:
        flags = data.get("flags", 0)
        response = interaction.response
        if response and response["type"] == DEFERRED_MESSAGE:
            flags |= (response.get("data") or {}).get("flags", 0) & EPHEMERAL
        message = Message(interaction.channel, flags=flags)
        message.change(data, files)
        if message.ephemeral:
            message.visible_to = interaction.person
        elif self.keep:
            interaction.channel.messages.append(message)
        if self.keep:
            self.messages[message.id] = message
        return message

    def _of_token(self, request: web.Request) -> Interaction:
        interaction = self.by_token.get(request.match_info["token"])
        if interaction is None:
            raise Refused(404, 10015, "Unknown Webhook")
        if interaction.expired:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    async def _follow_up(self, request: web.Request) -> web.Response:
        interaction = self._of_token(request)
        body, files = await _body(request)
        self._check_message(body, files)
        message = self._answer_with(interaction, body, files)
        interaction.followups.append(message)
        interaction.answered.set()
        return _json(message.payload())

    async def _edit_answer(self, request: web.Request) -> web.Response:
        interaction = self._of_token(request)
        body, files = await _body(request)
        self._check_message(body, files)
        if interaction.message is None:
            interaction.message = self._answer_with(interaction, body, files)
        else:
            interaction.message.change(body, files)
        interaction.answered.set()
        return _json(interaction.message.payload())

    async def _answer(self, request: web.Request) -> web.Response:
        message = self._of_token(request).message
        if message is None:
            raise Refused(404, 10008, "Unknown Message")
        return _json(message.payload())

    def _check(self, wrong: Iterator[str]) -> None:
        found = list(wrong)
        self.violations += found
        if found:
            raise Refused(400, 50035, f"Invalid Form Body: {'; '.join(found)}")

    def _check_message(self, body: Json, files: dict[str, bytes]) -> None:
        self._check(limits.message(body, len(files)))
        self.pings += limits.pings(body)


def _json(
    data: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """JSON as Discord sends it: without a charset, by which the client knows it."""
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def _body(request: web.Request) -> Body:
    """A request's JSON and the files that came with it."""
    if not request.content_type.startswith("multipart/"):
        return await request.json(), {}
    form = await request.post()
    files: dict[str, bytes] = {
        field.filename: field.file.read()
        for field in form.values()
        if isinstance(field, web.FileField)
    }
    return json.loads(str(form["payload_json"])), files


def _trouble(status: int) -> web.Response:
    if status == 429:
        body: Json = {"message": "You are being rate limited.", "retry_after": 0.1, "global": False}
        headers = {
            "Retry-After": "1",
            "X-RateLimit-Scope": "user",
            "X-RateLimit-Reset-After": "0.1",
            "Via": "1.1 stand-in",
        }
        return _json(body, status=429, headers=headers)
    return _json({"message": f"{status}: trouble", "code": 0}, status=status)


def _callback_response(interaction: Interaction) -> Json:
    told: Json = {
        "interaction": {
            "id": interaction.id,
            "type": interaction.payload["type"],
            "response_message_loading": interaction.deferred,
            "response_message_ephemeral": True,
        }
    }
    response = interaction.response or {}
    resource: Json = {"type": response.get("type")}
    if interaction.message is not None:
        told["interaction"]["response_message_id"] = interaction.message.id
        resource["message"] = interaction.message.payload()
    told["resource"] = resource
    return told
