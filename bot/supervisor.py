"""Keeps platforms running: restarts one that ends while the others keep going."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from time import monotonic

from bot.engine.platform import Adapter, LoginFailed, Poster, Unreachable
from bot.log_values import describe

log = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 1.0, 120.0
"""Seconds before a platform is restarted. Discord allows a thousand sessions a day, and resets the
token of a bot that starts more (docs.discord.com, Gateway, "Session start limit object"): one every
two minutes is 720."""

Sleep = Callable[[float], Awaitable[object]]


async def run_once(make: Callable[[], Adapter], posters: MutableMapping[str, Poster]) -> None:
    """Run an adapter until it ends. Its poster is there only while it's logged in, so that due work
    waits for it. Raises what ended it."""
    adapter = make()
    try:
        await adapter.log_in()
        posters[adapter.platform] = adapter.poster
        await adapter.connect()
    finally:
        posters.pop(adapter.platform, None)
        await adapter.leave()


async def keep_running(
    platform: str,
    run: Callable[[], Awaitable[None]],
    sleep: Sleep = asyncio.sleep,
    clock: Callable[[], float] = monotonic,
) -> None:
    """Restart a platform whenever it ends, with backoff. Raises LoginFailed if it rejects our
    credentials."""
    backoff = FIRST_BACKOFF_SECONDS
    while True:
        started, unexpected = clock(), None
        try:
            await run()
            reason = "the connection ended"
        except Unreachable as problem:
            reason = str(problem)
        except LoginFailed:
            raise
        except Exception as problem:
            unexpected, reason = problem, describe(problem)
        reason = " ".join(reason.split())  # one line, though it may be a page of HTML
        if clock() - started > MAX_BACKOFF_SECONDS:
            backoff = FIRST_BACKOFF_SECONDS
        # Only the first failure gets a traceback.
        cause = unexpected if backoff == FIRST_BACKOFF_SECONDS else None
        log.warning("%s is down, next try in %.0f s: %s", platform, backoff, reason, exc_info=cause)
        await sleep(backoff)
        backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)


async def wait_until_stopped(running: Iterable[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Wait until `stop` is set. A platform that can't log in is dropped. Raises LoginFailed if
    that was the last one, and anything unexpected at once."""
    stopping, left = asyncio.create_task(stop.wait()), set(running)
    try:
        while True:
            done, _ = await asyncio.wait({*left, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping in done:
                return
            for task in done & left:
                left.discard(task)
                try:
                    await task
                except LoginFailed as refused:
                    if not left:
                        raise
                    log.error("%s is stopped: %s", task.get_name(), refused)
    finally:
        stopping.cancel()
