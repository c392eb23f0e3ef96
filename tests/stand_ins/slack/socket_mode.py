"""Socket Mode: WebSockets to the app, envelopes out and acknowledgements in."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from itertools import cycle
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.delivery import Copy
from tests.stand_ins.slack.waiting import PATIENCE, Bell, Memory

if TYPE_CHECKING:
    from tests.stand_ins.slack.server import SlackServer


class _Waiting:
    """A copy on its way and whoever waits for its acknowledgement."""

    def __init__(self, copy: Copy, link: Link) -> None:
        self.copy, self.link = copy, link
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Link:
    """One WebSocket of the app."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket, self.request = socket, request
        self.retiring = False


class SocketMode:
    """The server's end of the app's WebSockets."""

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self._tickets: set[str] = set()
        self._links: list[Link] = []
        self._waiting: Memory[_Waiting] = Memory(server.keep)
        self._bell = Bell()
        self._turn = cycle(range(1_000_000))
        self.connections = 0

    def ticket(self) -> str:
        """A URL that one WebSocket may be opened with."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        address = self._server.address.replace("http", "ws", 1)
        return f"{address}/link/?ticket={ticket}&app_id={self._server.app_id}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket for as long as it lives."""
        try:
            self._tickets.remove(request.query.get("ticket", ""))
        except KeyError:
            return web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = Link(socket, request)
        await socket.send_json(self._hello())
        self._links.append(link)
        self.connections += 1
        self._bell.ring()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and message.data.startswith("{"):
                    self._acknowledged(json.loads(message.data))
        finally:
            self._links.remove(link)
            self._lost(link)
        return socket

    async def ready(self, patience: float = PATIENCE, connections: int = 1) -> None:
        """Wait until the app has opened its socket, or its nth one."""
        await self._bell.until(
            lambda: (self.connections >= connections and self._open()) or None,
            "socket opened",
            patience,
        )

    async def carry(self, copy: Copy, deadline: float) -> None:
        """Send an envelope on one of the sockets and wait for its acknowledgement."""
        try:
            await self._bell.until(lambda: self._open() or None, "open socket", deadline)
        except AssertionError:
            copy.problem = "connection_failed"
            return
        links = self._open()
        link = links[next(self._turn) % len(links)]
        envelope_id = secrets.token_hex(12)
        waiting = self._waiting[envelope_id] = _Waiting(copy, link)
        copy.sent_at = time.monotonic()
        try:
            await link.socket.send_str(json.dumps(self._envelope(envelope_id, copy)))
        except ConnectionError:
            waiting.settle()
        await asyncio.wait([waiting.done], timeout=deadline)
        if copy.acked_at is None:
            copy.problem = "timeout"

    async def refresh(self, reason: str) -> None:
        """Ask the app to open new sockets; the present ones get nothing more."""
        for link in self._open():
            link.retiring = True
            await link.socket.send_json(
                {"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}}
            )

    def drop(self) -> None:
        """Cut every socket without a word."""
        for link in self._links:
            link.retiring = True
            if link.request.transport:
                link.request.transport.abort()

    async def close(self) -> None:
        """End every socket politely."""
        for link in list(self._links):
            await link.socket.close()

    def _open(self) -> list[Link]:
        return [link for link in self._links if not link.retiring and not link.socket.closed]

    def _hello(self) -> JSON:
        return {
            "type": "hello",
            "num_connections": len(self._links) + 1,
            "debug_info": {"host": "stand-in", "approximate_connection_time": 18060},
            "connection_info": {"app_id": self._server.app_id},
        }

    def _envelope(self, envelope_id: str, copy: Copy) -> JSON:
        envelope: JSON = {
            "envelope_id": envelope_id,
            "type": copy.kind,
            "payload": copy.payload,
            "accepts_response_payload": copy.kind != "events_api",
        }
        if copy.kind == "events_api":
            envelope |= {"retry_attempt": copy.attempt, "retry_reason": copy.reason}
        return envelope

    def _acknowledged(self, message: JSON) -> None:
        waiting = self._waiting.pop(message.get("envelope_id", ""), None)
        if waiting:
            waiting.copy.answer(message.get("payload") or {})
            waiting.settle()

    def _lost(self, link: Link) -> None:
        for waiting in self._waiting.values():
            if waiting.link is link:
                waiting.settle()
