"""What can go wrong between a bot and Discord, as a test orders it."""

from __future__ import annotations

import asyncio
import math
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, time
from zlib import crc32

from aiohttp import web

from tests.stand_ins.discord.wire import answer
from tests.stand_ins.discord.world import Json

VIA = {"Via": "1.1 google"}
"""Says that Discord itself answers; without it, clients suppose that they are banned."""

_POST = re.compile(r"/channels/\d+/messages")


@dataclass
class Rule:
    """Which requests are concerned, and how many are left; None is no end of them."""

    method: str | None
    path: re.Pattern[str]
    left: int | None

    def takes(self, method: str, path: str) -> bool:
        """Whether it is this one's turn; it is used up if so."""
        if self.left == 0 or self.method not in (None, method) or not self.path.search(path):
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """Fails, delays, and keeps rate limits."""

    def __init__(self) -> None:
        self._failing: list[tuple[Rule, int, float]] = []
        self._slow: list[tuple[Rule, float]] = []
        self._losing: list[Rule] = []
        self._limit: tuple[int, float] | None = None
        self._posts: dict[str, deque[float]] = {}
        self._everywhere: tuple[int, float] | None = None
        self._all = deque[float]()

    def fail(
        self,
        method: str | None,
        path: str,
        status: int,
        times: int | None = 1,
        retry_after: float = 0.2,
    ) -> None:
        """Answer the next requests, or all, with a status, and do nothing else with them."""
        self._failing.append((Rule(method, re.compile(path), times), status, retry_after))

    def delay(self, path: str, seconds: float, times: int | None = None) -> None:
        """Let requests take so long to arrive."""
        self._slow.append((Rule(None, re.compile(path), times), seconds))

    def lose_response(self, method: str, path: str, times: int = 1) -> None:
        """Do what the next requests say, but close their connections instead of answering."""
        self._losing.append(Rule(method, re.compile(path), times))

    def limit_messages(self, limit: int = 5, per: float = 5.0) -> None:
        """Take so many messages a channel in so many seconds, and say so, as Discord does."""
        self._limit = limit, per

    def limit_everywhere(self, limit: int = 50, per: float = 1.0) -> None:
        """Take so many messages in so many seconds in all channels together. Source: Discord's
        documentation, "Global Rate Limit"."""
        self._everywhere = limit, per

    def end(self) -> None:
        """Let everything work again."""
        self._failing.clear()
        self._slow.clear()
        self._losing.clear()
        self._limit = self._everywhere = None

    async def arrive(self, method: str, path: str) -> None:
        for rule, seconds in self._slow:
            if rule.takes(method, path):
                await asyncio.sleep(seconds)

    def refusal(self, method: str, path: str) -> web.Response | None:
        """The answer to a request that goes wrong."""
        for rule, status, retry_after in self._failing:
            if rule.takes(method, path):
                return trouble(status, retry_after, {"X-RateLimit-Bucket": _bucket(method, path)})
        return None

    def loses(self, method: str, path: str) -> bool:
        return any(rule.takes(method, path) for rule in self._losing)

    def count(
        self, method: str, path: str
    ) -> tuple[web.Response | None, Callable[[web.StreamResponse], None]]:
        """Count a message: the answer if it was one too many, and what marks any other one."""
        if method != "POST" or not _POST.fullmatch(path):
            return None, _unmarked
        if self._everywhere is not None:
            limit, per = self._everywhere
            now = monotonic()
            while self._all and self._all[0] <= now - per:
                self._all.popleft()
            if len(self._all) >= limit:
                return trouble(429, self._all[0] + per - now, {}, everywhere=True), _unmarked
            self._all.append(now)
        if self._limit is None:
            return None, _unmarked
        limit, per = self._limit
        now, posts = monotonic(), self._posts.setdefault(path, deque())
        while posts and posts[0] <= now - per:
            posts.popleft()
        full = len(posts) >= limit
        if not full:
            posts.append(now)
        wait = posts[0] + per - now
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(limit - len(posts)),
            "X-RateLimit-Reset": f"{time() + wait:.3f}",
            "X-RateLimit-Reset-After": f"{wait:.3f}",
            "X-RateLimit-Bucket": _bucket(method, path),
        }
        if full:
            return trouble(429, wait, headers), _unmarked
        return None, lambda response: response.headers.update(headers)


def _bucket(method: str, path: str) -> str:
    """The name of what a request counts towards: the same for all channels."""
    return f"{crc32(re.sub(r'[0-9]+', '', f'{method} {path}').encode()):x}"


def _unmarked(_: web.StreamResponse) -> None:
    """Nothing is said of rate limits."""


def trouble(
    status: int, retry_after: float, headers: dict[str, str], *, everywhere: bool = False
) -> web.Response:
    """An error that is no fault of the request."""
    if status != 429:
        return answer({"message": f"{status}: trouble", "code": 0}, status=status, headers=VIA)
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after, 3),
        "global": everywhere,
    }
    told = {
        "X-RateLimit-Limit": "5",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": f"{time() + retry_after:.3f}",
        "X-RateLimit-Reset-After": f"{retry_after:.3f}",
        "X-RateLimit-Scope": "global" if everywhere else "user",
        **({"X-RateLimit-Global": "true"} if everywhere else {}),
        "Retry-After": str(math.ceil(retry_after)),
        **VIA,
        **headers,
    }
    return answer(body, status=429, headers=told)
