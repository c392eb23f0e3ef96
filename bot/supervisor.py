"""Keeps platforms running: one that ends is started again, while the others go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from time import monotonic

from bot.engine.platform import Adapter, LoginFailed, Poster, Unreachable

log = logging.getLogger(__name__)

FIRST_PAUSE, MAX_PAUSE = 1.0, 120.0
"""Seconds before a platform is started again. Discord takes a thousand sessions a day, and changes
the token of a bot that begins more (docs.discord.com, Gateway, "Session start limit object"): one
every two minutes is 720."""

Sleep = Callable[[float], Awaitable[object]]


async def run_once(make: Callable[[], Adapter], posters: MutableMapping[str, Poster]) -> None:
    """Run an adapter until it ends. Its poster is there only while it is logged in, so that what is
    due waits for it. Raises what ended it."""
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
    """Run a platform again and again, with growing pauses. Raises LoginFailed if it refuses us."""
    pause = FIRST_PAUSE
    while True:
        began, trouble = clock(), None
        try:
            await run()
            reason = "the connection ended"
        except Unreachable as problem:
            reason = str(problem)
        except LoginFailed:
            raise
        except Exception as problem:
            trouble, reason = problem, f"{type(problem).__name__}: {problem}"
        reason = " ".join(reason.split())  # in one line: it may be a page of HTML
        if clock() - began > MAX_PAUSE:
            pause = FIRST_PAUSE
        # How it came to something unforeseen is said at first, and not each time.
        cause = trouble if pause == FIRST_PAUSE else None
        log.warning("%s is down, next try in %.0f s: %s", platform, pause, reason, exc_info=cause)
        await sleep(pause)
        pause = min(pause * 2, MAX_PAUSE)


async def wait_for_end(running: Iterable[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Wait until told to stop, while each platform goes on by itself. Raises the LoginFailed of the
    last one where none is left, and anything unforeseen at once."""
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
