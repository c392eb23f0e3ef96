"""The gateway: sessions that can be dropped and resumed, and the events that they get."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from dataclasses import dataclass, field
from enum import IntEnum
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.stand_ins.discord.world import BOT, BOT_ID, Json

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer


class Op(IntEnum):
    """What a gateway's payload is about."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Why the gateway closes a connection."""

    UNKNOWN_OPCODE = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


ENDING = (1000, 1001)
"""Close codes with which a client ends its session."""

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
HEARTBEAT_SECONDS = 41.25
REPLAYED = 1000
"""Events that a session can be told again."""

RESUMABLE = 120.0
"""Seconds in which a session can be resumed."""


class Closing(Exception):
    """The connection is to be closed with this code."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


class Line:
    """One connection; what is sent goes out in order, compressed if the client asked for it."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket = socket
        self._transport = request.transport
        self._deflate = zlib.compressobj() if request.query.get("compress") else None
        self._out = asyncio.Queue[str]()

    def send(self, text: str) -> None:
        self._out.put_nowait(text)

    async def write(self) -> None:
        """Put on the line what is sent, as long as there is one."""
        while True:
            text = await self._out.get()
            try:
                if self._deflate is None:
                    await self.socket.send_str(text)
                else:
                    packed = self._deflate.compress(text.encode())
                    await self.socket.send_bytes(packed + self._deflate.flush(zlib.Z_SYNC_FLUSH))
            except ConnectionError:
                return

    async def cut(self, code: int | None) -> None:
        """Close with a code, or without a word."""
        if code is not None:
            await self.socket.close(code=code)
        elif self._transport is not None:
            self._transport.abort()


@dataclass(eq=False)
class Session:
    """One shard's session: what it was told, and the line it listens on, if any."""

    shard: int
    shards: int
    line: Line | None
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    seq: int = 0
    told: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REPLAYED))
    left: float = 0.0
    """When it lost its line."""

    def dispatch(self, name: str, data: Any) -> None:
        """Tell the shard of an event, now or once it resumes."""
        self.seq += 1
        text = json.dumps({"op": Op.DISPATCH, "t": name, "s": self.seq, "d": data})
        self.told.append((self.seq, text))
        if self.line is not None:
            self.line.send(text)

    def resume(self, line: Line, seq: int) -> None:
        """Go on with another line, and tell what was missed."""
        self.line = line
        for number, text in self.told:
            if number > seq:
                line.send(text)
        self.dispatch("RESUMED", {})

    def leave(self) -> None:
        """Be told no more until it resumes."""
        self.line, self.left = None, monotonic()

    @property
    def over(self) -> bool:
        return self.line is None and monotonic() - self.left > RESUMABLE

    def misses(self, seq: int) -> bool:
        """Whether the events after that one are no longer known."""
        return bool(self.told) and self.told[0][0] > seq + 1

    def serves(self, guild_id: str | None) -> bool:
        """Whether a guild's events, or those of direct messages, go to this shard."""
        return (int(guild_id or 0) >> 22) % self.shards == self.shard


class Gateway:
    """Accepts shards and tells them what happens."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self.sessions: list[Session] = []
        self.identified = 0
        self.resumed = 0
        self.refuse_resume = False
        """Whether sessions cannot be resumed, so that shards have to begin anew."""
        self.intents: set[int] = set()

    def connected(self, shard: int | None = None) -> list[Session]:
        """The sessions that listen now."""
        return [each for each in self.sessions if each.line and shard in (None, each.shard)]

    def tell(self, guild_id: str | None, name: str, data: Json) -> None:
        """Tell the shard that serves a guild; every process that has it hears of it."""
        self.sessions = [each for each in self.sessions if not each.over]
        for session in self.sessions:
            if session.serves(guild_id):
                session.dispatch(name, data)

    async def drop(self, shard: int | None = None, code: int | None = None) -> None:
        """Cut connections, of all shards or of one; without a code, without a word."""
        lines = [each.line for each in self.connected(shard) if each.line]
        for session in self.connected(shard):
            session.leave()
        for line in lines:
            await line.cut(code)

    def ask_to_reconnect(self, shard: int | None = None) -> None:
        """As Discord does before it takes one of its machines away."""
        for session in self.connected(shard):
            if session.line:
                session.line.send(json.dumps({"op": Op.RECONNECT, "d": None}))

    async def forget(self) -> None:
        """Cut all connections and forget the sessions, as when their processes are gone."""
        await self.drop()
        self.sessions.clear()

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, from HELLO to its end."""
        if request.query.get("compress") not in (None, "zlib-stream"):
            return web.Response(status=400)
        socket = web.WebSocketResponse(max_msg_size=2**20)
        await socket.prepare(request)
        line = Line(socket, request)
        writer = asyncio.create_task(line.write())
        interval = int(HEARTBEAT_SECONDS * 1000)
        line.send(json.dumps({"op": Op.HELLO, "d": {"heartbeat_interval": interval}}))
        session: Session | None = None
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    session = self._hear(line, session, frame.data)
        except Closing as closing:
            await socket.close(code=closing.code)
        finally:
            writer.cancel()
            self._leave(line, session, socket.close_code)
        return socket

    def _leave(self, line: Line, session: Session | None, code: int | None) -> None:
        if session is None or session.line is not line:
            return
        session.leave()
        if code in ENDING and session in self.sessions:
            self.sessions.remove(session)

    def _hear(self, line: Line, session: Session | None, text: str) -> Session | None:
        try:
            payload: Json = json.loads(text)
        except ValueError:
            raise Closing(Close.DECODE_ERROR) from None
        match payload.get("op"):
            case Op.HEARTBEAT:
                line.send(json.dumps({"op": Op.HEARTBEAT_ACK}))
            case Op.IDENTIFY | Op.RESUME if session is not None:
                raise Closing(Close.ALREADY_AUTHENTICATED)
            case Op.IDENTIFY:
                return self._identify(line, payload["d"])
            case Op.RESUME:
                return self._resume(line, payload["d"])
            case Op.PRESENCE | Op.VOICE_STATE | Op.MEMBERS:
                if session is None:
                    raise Closing(Close.NOT_AUTHENTICATED)
            case _:
                raise Closing(Close.UNKNOWN_OPCODE)
        return session

    def _identify(self, line: Line, data: Json) -> Session:
        if data.get("token") != self._server.token:
            raise Closing(Close.AUTHENTICATION_FAILED)
        intents = data.get("intents")
        if not isinstance(intents, int):
            raise Closing(Close.INVALID_INTENTS)
        if intents & PRIVILEGED:
            raise Closing(Close.DISALLOWED_INTENTS)
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            raise Closing(Close.INVALID_SHARD)
        self.intents.add(intents)
        self.identified += 1
        session = Session(shard, shards, line)
        self.sessions.append(session)
        guilds = [each for each in self._server.guilds if session.serves(each.id)]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": BOT,
                "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": self._server.gateway_url,
                "shard": [shard, shards],
                "application": {"id": BOT_ID, "flags": 0},
                "private_channels": [],
            },
        )
        for guild in guilds:
            session.dispatch("GUILD_CREATE", guild.payload())
        return session

    def _resume(self, line: Line, data: Json) -> Session | None:
        if data.get("token") != self._server.token:
            raise Closing(Close.AUTHENTICATION_FAILED)
        known = next((each for each in self.sessions if each.id == data.get("session_id")), None)
        seq = int(data.get("seq") or 0)
        if known is None or self.refuse_resume or known.misses(seq):
            if known in self.sessions:
                self.sessions.remove(known)
            line.send(json.dumps({"op": Op.INVALID_SESSION, "d": False}))
            return None
        if seq > known.seq:
            raise Closing(Close.INVALID_SEQ)
        self.resumed += 1
        known.resume(line, seq)
        return known
