"""An HTTP server that slow or many connections can't clog."""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Awaitable, Callable

from aiohttp import web

log = logging.getLogger(__name__)

FIRST_REQUEST_SECONDS, NEXT_REQUEST_SECONDS = 10.0, 75.0
"""How long a connection may take to deliver its first request, headers and body, and each further
one. Proxies keep idle connections for up to 60 seconds (nginx and AWS load balancers, by default);
one that we closed first could cost them a request."""

MAX_CONNECTIONS, DESCRIPTORS_PER_CONNECTION = 256, 8
"""How many connections we hold; fewer if the process may open fewer than so many files for each,
because the database and the connections to Slack need files, too."""

BACKLOG = 32
"""How many connections wait to be accepted; asyncio accepts so many at once."""

LINGERING_SECONDS = 1.0
"""How long we read on, for nothing, after a request was answered before it was complete."""

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class LimitedServer(web.Server):
    """Hands whole requests to `handle`. Closes connections that don't deliver one in time, and the
    one that has taken longest when there are too many: aiohttp itself waits forever for the rest of
    a request. What `handle` raises as a refusal ends the connection."""

    def __init__(self, handle: Handle) -> None:
        # Nobody has a reason to send us compressed requests, which can grow a thousandfold.
        super().__init__(
            self._take, access_log=None, lingering_time=LINGERING_SECONDS, auto_decompress=False
        )
        self._handle = handle
        self._max = _max_connections()
        self._waiting: dict[web.RequestHandler, asyncio.TimerHandle] = {}

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._await_request(handler, FIRST_REQUEST_SECONDS)
        if len(self.connections) > self._max:
            log.warning("more than %d connections: closing the slowest one", self._max)
            self._abort(next(iter(self._waiting)))

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        self._stop_waiting(handler)
        super().connection_lost(handler, exc)

    async def _take(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            await _read(request)
            self._stop_waiting(request.protocol)
            return await self._handle(request)
        except web.HTTPException as refusal:
            refusal.force_close()
            raise
        finally:
            if request.transport is not None:
                self._stop_waiting(request.protocol)
                self._await_request(request.protocol, NEXT_REQUEST_SECONDS)

    def _await_request(self, handler: web.RequestHandler, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting[handler] = loop.call_later(seconds, self._abort, handler)

    def _stop_waiting(self, handler: web.RequestHandler) -> None:
        if timer := self._waiting.pop(handler, None):
            timer.cancel()

    def _abort(self, handler: web.RequestHandler) -> None:
        self._stop_waiting(handler)
        if handler.transport is not None:
            handler.transport.abort()


async def _read(request: web.BaseRequest) -> None:
    """Read a request's body, which stays at hand. Raises HTTPException if it's too large or
    broken."""
    try:
        await request.read()
    except (web.RequestPayloadError, OSError):
        raise web.HTTPBadRequest from None


def _max_connections() -> int:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        min(MAX_CONNECTIONS, files // DESCRIPTORS_PER_CONNECTION) if files > 0 else MAX_CONNECTIONS
    )
