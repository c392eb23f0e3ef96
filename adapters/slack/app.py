"""The Slack app: over Socket Mode or HTTP, for one workspace or many."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TraceConfig, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.slack.http_requests import HttpRequests
from adapters.slack.http_server import BACKLOG, LimitedServer
from adapters.slack.listeners import PLATFORM, Listeners
from adapters.slack.people import Profiles, error_code
from adapters.slack.poster import SlackPoster
from adapters.slack.workspaces import EVENTS, INSTALL, Credentials, Installations, Workspaces
from bot.engine.desk import Desk
from bot.engine.platform import LoginFailed, Unreachable

log = logging.getLogger(__name__)

LOGIN_REJECTED = (
    "Slack doesn't recognize this {what}. Copy a new one from your app's page, under {page}."
)
BOT_LOGIN_REJECTED = LOGIN_REJECTED.format(what="bot token", page="OAuth & Permissions")
APP_LOGIN_REJECTED = LOGIN_REJECTED.format(
    what="app-level token",
    page="Basic Information, App-Level Tokens, with the scope connections:write",
)
UNREACHABLE = "Can't reach Slack"
TOKEN_ERRORS = frozenset(
    {
        "access_denied",
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_allowed_token_type",
        "not_authed",
        "token_expired",
        "token_revoked",
    }
)
"""Errors that last until an operator provides another token (docs.slack.dev, auth.test and
apps.connections.open); all others may pass."""

NOT_INSTALLED = "Studyhall isn't installed in your workspace. Ask an admin there to install it."
NOT_AUTHORIZED = "Slack didn't accept my token just now. Try again in a minute."

SOCKET_CHECK_SECONDS, SOCKET_LOST_SECONDS = 5.0, 60.0
"""How often to check the socket, and how long it may stay closed before we give up on it. The
library reconnects every ten seconds, but may retry an expired address forever."""

REQUEST_TIMEOUT_SECONDS = 30.0
"""How long to wait for a response from Slack."""


class SlackAdapter:
    """Connects to Slack; makes no decisions and stores nothing."""

    platform = PLATFORM
    deferred = 0
    """Slack's events are acknowledged before there's a reply."""

    def __init__(
        self,
        desk: Desk,
        credentials: Credentials,
        installations: Installations | None = None,
        trace: TraceConfig | None = None,
    ) -> None:
        self.connected = False
        self._desk = desk
        self._credentials = credentials
        # Socket Mode has no signatures: a secret that nobody knows.
        self._signing_secret = credentials.signing_secret or secrets.token_hex()
        self._session = ClientSession(
            timeout=ClientTimeout(total=REQUEST_TIMEOUT_SECONDS),
            trace_configs=[trace] if trace else None,
        )
        with _hide_slack_variables():
            self._workspaces = Workspaces(
                credentials, self._session, installations, self._on_installed
            )
            self.client = self._workspaces.only
            self._app = AsyncApp(
                client=self.client,
                # The library needs a secret, and would parse requests before checking signatures.
                signing_secret=self._signing_secret,
                request_verification_enabled=False,
                oauth_settings=self._workspaces.oauth,
                user_facing_authorize_error_message=(
                    NOT_INSTALLED if self._workspaces.oauth else NOT_AUTHORIZED
                ),
            )
        profiles = Profiles()
        self.poster = SlackPoster(self._workspaces.client_of, profiles)
        self._listeners = Listeners(
            self._app, desk, self._workspaces, self._session, profiles, self.poster.members
        )

    async def log_in(self) -> None:
        """Check the bot token. Raises LoginFailed and Unreachable."""
        if self._workspaces.oauth is not None:
            log.info("slack is ready: workspaces can install the app at %s", INSTALL)
            return
        with explain_errors(BOT_LOGIN_REJECTED):
            identity = await self.client.auth_test()
        log.info("slack is ready: workspace %s", identity["team"])

    async def connect(self) -> None:
        """Take events until the connection is lost: over Socket Mode with an app-level token, else
        over HTTP. Raises LoginFailed and Unreachable."""
        if not self._credentials.app_token:
            await self._serve()
            return
        handler: Any = AsyncSocketModeHandler(self._app, self._credentials.app_token)
        try:
            # Opened here, because the library would retry an invalid token forever.
            with explain_errors(APP_LOGIN_REJECTED):
                opened = await self.client.apps_connections_open(
                    app_token=self._credentials.app_token
                )
                handler.client.wss_uri = opened["url"]
                async with asyncio.timeout(SOCKET_LOST_SECONDS):
                    await handler.connect_async()
            log.info("slack socket connected")
            await self._wait_until_lost(handler.client)
        finally:
            self.connected = False
            await handler.close_async()

    async def listen(self, host: str, port: int) -> web.BaseRunner:
        """Take events over HTTP, until the result is cleaned up. Raises OSError if we can't."""
        requests = HttpRequests(self._app, self._signing_secret)
        runner = web.ServerRunner(LimitedServer(requests.handle))
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, backlog=BACKLOG).start()
        except OSError:
            await runner.cleanup()
            raise
        return runner

    async def leave(self) -> None:
        """Take no more events, finish the running ones, and close."""
        await self._listeners.drain()
        await self._session.close()

    async def _on_installed(self, team: str, user: str) -> None:
        """Say hello to whoever installed the app, and show results that the workspace has missed.
        No channel is told: the bot isn't in any, and nobody there asked for it."""
        await self._desk.rounds.welcome(PLATFORM, team)
        await self._desk.greet(
            PLATFORM, team, lambda screen: self.poster.notify(team, user, screen)
        )

    async def _serve(self) -> None:
        host, port = self._credentials.host, self._credentials.port
        try:
            runner = await self.listen(host, port)
        except OSError as problem:
            raise LoginFailed(f"Can't listen on port {port}: {problem}.") from None
        log.info("listening for slack events at http://%s:%s%s", host, port, EVENTS)
        self.connected = True
        try:
            await asyncio.Event().wait()
        finally:
            self.connected = False
            await runner.cleanup()

    async def _wait_until_lost(self, socket: Any) -> None:
        """Wait until a socket has been closed for too long. Raises Unreachable."""
        self.connected, open_at = True, monotonic()
        while monotonic() - open_at < SOCKET_LOST_SECONDS:
            await asyncio.sleep(SOCKET_CHECK_SECONDS)
            self.connected = await socket.is_connected()
            if self.connected:
                open_at = monotonic()
        raise Unreachable(f"{UNREACHABLE}: its socket stays closed")


@contextmanager
def explain_errors(rejected: str) -> Iterator[None]:
    """Turn errors of Slack and the network into LoginFailed or Unreachable."""
    try:
        yield
    except SlackApiError as problem:
        error = error_code(problem)
        if error in TOKEN_ERRORS:
            raise LoginFailed(f"{rejected} ({error})") from None
        raise Unreachable(f"{UNREACHABLE}: {error}") from None
    except (ClientError, OSError) as problem:
        raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None


@contextmanager
def _hide_slack_variables() -> Iterator[None]:
    """Hide the SLACK_ environment variables: Bolt takes omitted settings from them, but they may
    belong to another app."""
    hidden = {name: os.environ.pop(name) for name in [*os.environ] if name.startswith("SLACK_")}
    try:
        yield
    finally:
        os.environ.update(hidden)
