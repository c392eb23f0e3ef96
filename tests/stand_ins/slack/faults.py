"""Bad days on request: refusals, slowness, and answers that get lost."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from aiohttp import web

Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Failure(NamedTuple):
    """How one call is to fail."""

    error: str
    status: int
    retry_after: int

    def response(self) -> web.Response:
        """The failure as Slack answers it."""
        if self.status >= 500:
            return web.Response(status=self.status, text="oops", content_type="text/html")
        if self.status == 429:
            return rate_limited(self.retry_after)
        return web.json_response({"ok": False, "error": self.error}, status=self.status)


def rate_limited(retry_after: int) -> web.Response:
    """Slack's "not so fast"."""
    return web.json_response(
        {"ok": False, "error": "ratelimited"},
        status=429,
        headers={"Retry-After": str(retry_after)},
    )


class Faults:
    """What is to go wrong, by method."""

    def __init__(self) -> None:
        self.down = False
        """Whether no call comes through."""
        self._failures: defaultdict[str, deque[Failure]] = defaultdict(deque)
        self._delays: dict[str, float] = {}
        self._losses: defaultdict[str, int] = defaultdict(int)

    def fail(self, method: str, failure: Failure, times: int) -> None:
        """Let the next calls fail before they take effect."""
        self._failures[method].extend([failure] * times)

    def delay(self, method: str, seconds: float) -> None:
        """Let every call wait from now on."""
        self._delays[method] = seconds

    def lose_response(self, method: str, times: int) -> None:
        """Let the next calls take effect, and cut the connection instead of answering."""
        self._losses[method] += times

    async def around(self, method: str, request: web.Request, serve: Serve) -> web.StreamResponse:
        """Serve a call with what is to go wrong with it."""
        if delay := self._delays.get(method):
            await asyncio.sleep(delay)
        if self.down:
            return web.Response(status=520, text="oops", content_type="text/html")
        if failures := self._failures.get(method):
            return failures.popleft().response()
        response = await serve(request)
        if self._losses.get(method):
            self._losses[method] -= 1
            if request.transport:
                request.transport.abort()
        return response
