"""The operators' port: whether the bot is alive and ready, and its metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.engine.platform import Misconfigured
from bot.operators.watch import Watch
from bot.settings import Settings

ALIVE, READY, METRICS = "/healthz", "/readyz", "/metrics"

STOPPING = "the bot is stopping"


@asynccontextmanager
async def serve(settings: Settings, watch: Watch, stop: asyncio.Event) -> AsyncIterator[None]:
    """Serve operators on their own port while the bot runs, if one is set. Raises Misconfigured if
    it can't be used."""
    host, port = settings.ops_host, settings.ops_port
    runner = web.AppRunner(build_app(watch, stop), access_log=None)
    await runner.setup()
    try:
        if port:
            await web.TCPSite(runner, host, port).start()
    except OSError as problem:
        raise Misconfigured(
            f"Can't listen for operators on {host}:{port}: {problem.strerror or problem}. "
            "Set STUDYHALL_OPS_PORT to a free port, or to 0 for none."
        ) from None
    try:
        with watch.counting_errors():
            yield
    finally:
        await runner.cleanup()


def build_app(watch: Watch, stop: asyncio.Event) -> web.Application:
    """Answers operators. It tells nothing about members."""

    async def alive(_: web.Request) -> web.Response:
        # Reaching this shows that the event loop runs.
        return web.json_response({"alive": True})

    async def ready(_: web.Request) -> web.Response:
        problems = [STOPPING] if stop.is_set() else await watch.find_problems()
        status = web.HTTPServiceUnavailable.status_code if problems else web.HTTPOk.status_code
        return web.json_response({"ready": not problems, "problems": problems}, status=status)

    async def metrics(_: web.Request) -> web.Response:
        # The others are worth most while the database is down.
        with suppress(Exception):
            await watch.count_waiting()
        text = generate_latest(watch.metrics.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get(ALIVE, alive)
    app.router.add_get(READY, ready)
    app.router.add_get(METRICS, metrics)
    return app
