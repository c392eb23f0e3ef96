"""The gateway: sessions that can be dropped and resumed, and the events that they get."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from tests.stand_ins.discord.world import BOT, BOT_ID, Json, snowflake

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 9, 10, 11
AUTHENTICATION_FAILED = 4004
REPLAYED = 1000
"""Events that a session can be told again."""


@dataclass
class Session:
    """One shard's session: what it was told, and the socket it listens on, if any."""

    shard: int
    shards: int
    id: str = field(default_factory=lambda: f"session-{snowflake()}")
    seq: int = 0
    told: list[tuple[int, str]] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    deflate: Any = None

    async def dispatch(self, name: str, data: Any) -> None:
        """Tell the shard of an event, now or once it resumes."""
        self.seq += 1
        text = json.dumps({"op": DISPATCH, "t": name, "s": self.seq, "d": data})
        self.told = [*self.told[-REPLAYED:], (self.seq, text)]
        await self.send(text)

    async def send(self, text: str) -> None:
        if self.socket is not None and not self.socket.closed:
            packed = self.deflate.compress(text.encode()) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(packed)

    def serves(self, guild_id: str | None) -> bool:
        """Whether a server's events, or a direct message's, go to this shard."""
        return (int(guild_id) >> 22) % self.shards == self.shard if guild_id else self.shard == 0


class Gateway:
    """Accepts shards and tells them what happens."""

    def __init__(self, server: DiscordServer) -> None:
        self._server = server
        self.sessions: list[Session] = []
        self.resumed = 0
        self.refuse_resume = False

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """One socket, from HELLO to its end."""
        socket = web.WebSocketResponse(max_msg_size=0)
        await socket.prepare(request)
        session = Session(0, 1, socket=socket, deflate=zlib.compressobj())
        await session.send(json.dumps({"op": HELLO, "d": {"heartbeat_interval": 41250}}))
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            payload: Json = json.loads(message.data)
            match payload["op"]:
                case 1:
                    await session.send(json.dumps({"op": HEARTBEAT_ACK}))
                case 2:
                    if payload["d"]["token"] != self._server.token:
                        await socket.close(code=AUTHENTICATION_FAILED)
                        break
                    await self._identify(session, payload["d"])
                case 6:
                    session = await self._resume(session, payload["d"])
                case _:
                    pass
        return socket

    async def _identify(self, session: Session, data: Json) -> None:
        session.shard, session.shards = data.get("shard", (0, 1))
        self._server.intents.add(data["intents"])
        self.sessions = [
            each
            for each in self.sessions
            if (each.shard, each.shards) != (session.shard, session.shards)
            or (each.socket is not None and not each.socket.closed)
        ]
        self.sessions.append(session)
        guilds = [each for each in self._server.guilds if session.serves(each.id)]
        await session.dispatch(
            "READY",
            {
                "v": 10,
                "user": BOT,
                "guilds": [{"id": each.id, "unavailable": True} for each in guilds],
                "session_id": session.id,
                "resume_gateway_url": self._server.gateway_url,
                "shard": [session.shard, session.shards],
                "application": {"id": BOT_ID, "flags": 0},
            },
        )
        for guild in guilds:
            await session.dispatch("GUILD_CREATE", guild.payload())

    async def _resume(self, session: Session, data: Json) -> Session:
        known = next((each for each in self.sessions if each.id == data["session_id"]), None)
        if known is None or self.refuse_resume:
            await session.send(json.dumps({"op": INVALID_SESSION, "d": False}))
            return session
        known.socket, known.deflate = session.socket, session.deflate
        self.resumed += 1
        for seq, text in known.told:
            if seq > data["seq"]:
                await known.send(text)
        await known.dispatch("RESUMED", {})
        return known

    async def tell(self, guild_id: str | None, name: str, data: Json) -> None:
        """Tell one of those who serve a server; of several processes, as Discord, the last."""
        serving = [each for each in self.sessions if each.serves(guild_id)]
        open_ = [each for each in serving if each.socket is not None and not each.socket.closed]
        for session in (open_ or serving)[-1:]:
            await session.dispatch(name, data)

    async def drop(self) -> None:
        """Cut all connections, without a word."""
        for session in self.sessions:
            if session.socket is not None:
                await session.socket.close(code=WSCloseCode.SERVICE_RESTART)

    async def forget(self) -> None:
        """Cut all connections and forget the sessions, as when their processes are gone."""
        await self.drop()
        self.sessions.clear()
