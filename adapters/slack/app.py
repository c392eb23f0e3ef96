"""The Slack app: over Socket Mode or HTTP, for one workspace or many."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.listeners import PLATFORM, Listeners
from adapters.slack.poster import SlackPoster
from adapters.slack.workspaces import (
    EVENTS,
    INSTALL,
    REDIRECT,
    Credentials,
    Installations,
    Workspaces,
)
from bot.engine.desk import Desk
from bot.engine.platform import LoginFailed

log = logging.getLogger(__name__)

WHERE = "Slack does not know this {what}. Copy a new one from your app's page, {page}."
BOT_TOKEN = WHERE.format(what="bot token", page="OAuth & Permissions")
APP_TOKEN = WHERE.format(what="app-level token", page="Basic Information, App-Level Tokens")
UNREACHABLE = "Slack cannot be reached now"

LONGEST_WAIT = 30.0
"""Seconds that an answer from Slack may take."""


class SlackAdapter:
    """Speaks with Slack; decides nothing and keeps nothing."""

    platform = PLATFORM

    def __init__(
        self, desk: Desk, credentials: Credentials, installations: Installations | None = None
    ) -> None:
        self._credentials = credentials
        self._session = ClientSession(timeout=ClientTimeout(total=LONGEST_WAIT))
        self._workspaces = Workspaces(credentials, self._session, installations)
        self.client = self._workspaces.only
        self.poster = SlackPoster(self._workspaces.client_of)
        self._app = AsyncApp(
            client=self.client,
            # Socket Mode needs no signatures, but the library wants a secret: one that nobody has.
            signing_secret=credentials.signing_secret or secrets.token_hex(),
            oauth_settings=self._workspaces.oauth,
        )
        self._listeners = Listeners(self._app, desk, self._workspaces, self._session)

    async def log_in(self) -> None:
        """Ask Slack who we are. Raises LoginFailed."""
        if self._workspaces.oauth is not None:
            log.info("slack is ready: workspaces install the app at %s", INSTALL)
            return
        try:
            told = await self.client.auth_test()
        except SlackApiError as problem:
            raise LoginFailed(f"{BOT_TOKEN} ({problem.response['error']})") from None
        except (ClientError, OSError) as problem:
            raise LoginFailed(f"{UNREACHABLE}: {problem}. Try again later.") from None
        log.info("slack is ready: %s", told["team"])

    async def connect(self) -> None:
        """Take events until closed: over Socket Mode where there is a token for it, else over
        HTTP. Raises LoginFailed."""
        if not self._credentials.app_token:
            await self._serve()
            return
        handler: Any = AsyncSocketModeHandler(self._app, self._credentials.app_token)
        try:
            # Asked for here, because the library would ask for ever with a wrong token.
            handler.client.wss_uri = await handler.client.issue_new_wss_url()
            await handler.connect_async()
            await asyncio.Event().wait()
        except SlackApiError as problem:
            raise LoginFailed(f"{APP_TOKEN} ({problem.response['error']})") from None
        except (ClientError, OSError) as problem:
            raise LoginFailed(f"{UNREACHABLE}: {problem}. Try again later.") from None
        finally:
            await handler.close_async()

    def web_app(self) -> web.Application:
        """Takes events over HTTP, with their signatures verified."""
        app = web.Application()
        app.router.add_post(EVENTS, self._received)
        if self._workspaces.oauth is not None:
            app.router.add_get(INSTALL, self._received)
            app.router.add_get(REDIRECT, self._received)
        return app

    async def leave(self) -> None:
        """Take no more events, finish those in hand, and close."""
        await self._listeners.leave()
        await self._session.close()

    async def _serve(self) -> None:
        runner = web.AppRunner(self.web_app(), access_log=None)
        await runner.setup()
        where = self._credentials
        try:
            await web.TCPSite(runner, where.host, where.port).start()
            log.info("slack events are taken at http://%s:%s%s", where.host, where.port, EVENTS)
            await asyncio.Event().wait()
        except OSError as problem:
            raise LoginFailed(f"Port {where.port} cannot be used: {problem}.") from None
        finally:
            await runner.cleanup()

    async def _received(self, request: web.Request) -> web.Response:
        asked = await to_bolt_request(request)
        if flow := self._app.oauth_flow if request.method == "GET" else None:
            handle = flow.handle_installation if request.path == INSTALL else flow.handle_callback
            return await to_aiohttp_response(await handle(asked))
        bolt = await self._app.async_dispatch(asked)
        if bolt.status == web.HTTPUnauthorized.status_code:
            return web.Response(status=bolt.status)
        return await to_aiohttp_response(bolt)
