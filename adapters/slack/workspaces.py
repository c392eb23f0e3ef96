"""The workspaces that use the app: a single one by its token, or all that installed it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from aiohttp import ClientError, ClientSession
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installing import SignedStates, build_failure_page
from bot.engine.platform import Unpostable
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

API = "https://slack.com/api/"
EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
SCOPES = (
    "commands",
    "chat:write",
    "users:read",
    "im:write",
    "files:read",
    "files:write",
    "usergroups:read",
)
"""The scopes that the bot needs."""

MESSAGES_SCOPE = "im:history"

OPTIONAL_SCOPES = (
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    MESSAGES_SCOPE,
)
"""Scopes that an admin may decline at installation. For public and private channels: to find a
question whose posting was interrupted before posting it again, and to check without a message
whether the bot can post. For direct messages to the app: to read them as commands."""

TOKEN_TTL_SECONDS, MAX_TOKENS = 300.0, 1000
"""How long workspaces' tokens and their scopes are cached, and how many."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """One workspace's tokens, or the app's keys that let many workspaces install it; and where to
    listen for HTTP."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_base: str = ""
    host: str = "127.0.0.1"
    port: int = 3000


class Installations(Protocol):
    """Stores which workspaces installed the app: as Slack's library needs it, and by workspace."""

    @property
    def store(self) -> AsyncInstallationStore:
        """The completed installations."""

    async def token(self, team: str) -> str | None:
        """The bot token of a workspace; None if it removed the app."""

    async def forget(self, team: str) -> None:
        """Delete all installations of a workspace."""


class Workspaces:
    """Provides each workspace's client. `only` is the client of a single token. `installed` is
    called with each workspace that installs the app, and the member who did."""

    def __init__(
        self,
        credentials: Credentials,
        session: ClientSession,
        installations: Installations | None,
        installed: Callable[[str, str], Awaitable[None]],
    ) -> None:
        self._api = credentials.api_base or API
        self._session = session
        self._clients = TimedCache[str, AsyncWebClient](TOKEN_TTL_SECONDS, MAX_TOKENS, monotonic)
        self._scopes = TimedCache[str, frozenset[str]](TOKEN_TTL_SECONDS, MAX_TOKENS, monotonic)
        self._installations = installations
        self.only = self._client(credentials.bot_token)
        self.oauth: AsyncOAuthSettings | None = None

        if installations is not None:
            self.oauth = AsyncOAuthSettings(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                scopes=[*SCOPES, *OPTIONAL_SCOPES],
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                authorization_url=f"{self._api.removesuffix('api/')}oauth/v2/authorize",
                installation_store=installations.store,
                installation_store_bot_only=True,
                state_store=SignedStates(credentials.client_secret),
                callback_options=_build_callbacks(installed),
            )
            # The library's default would check the token with Slack at each event, before
            # acknowledging it, and take a database that's down for an app that isn't installed.
            self.oauth.authorize = _Authorize(self.client_of)

    async def client_of(self, team: str) -> AsyncWebClient:
        """The client with a workspace's token. Raises Unpostable if it removed the app."""
        if self._installations is None:
            return self.only
        if client := self._clients.get(team):
            return client
        token = await self._installations.token(team)
        if token is None:
            raise Unpostable("Studyhall was removed from this workspace.")
        return self._clients.keep(team, self._client(token))

    async def reads_messages(self, team: str) -> bool:
        """Whether a workspace lets the app read what members write to it. True while Slack, which
        names the scopes of a token in each response, doesn't say."""
        scopes = self._scopes.get(team)
        if scopes is None:
            try:
                response = await (await self.client_of(team)).auth_test()
            except (SlackClientError, ClientError, OSError) as problem:
                log.warning("could not look up slack scopes: %s", problem)
                return True
            named = response.headers.get("x-oauth-scopes", MESSAGES_SCOPE)
            scopes = self._scopes.keep(team, frozenset(map(str.strip, named.split(","))))
        return MESSAGES_SCOPE in scopes

    async def forget(self, team: str) -> None:
        """Drop a workspace that removed the app; its token no longer works."""
        self._clients.drop(team)
        if self._installations is not None:
            await self._installations.forget(team)

    def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self._api,
            session=self._session,
            # No retries after lost responses: the poster searches for a post before repeating
            # it, while the library would repeat it right away.
            retry_handlers=[
                AsyncRateLimitErrorRetryHandler(max_retry_count=3),
                AsyncServerErrorRetryHandler(max_retry_count=2),
            ],
        )


class _Authorize(AsyncAuthorize):
    """Finds the token of the workspace that an event comes from; None if it hasn't installed the
    app. Raises what the database raises."""

    def __init__(self, client_of: Callable[[str], Awaitable[AsyncWebClient]]) -> None:
        self._client_of = client_of

    async def __call__(
        self, *, enterprise_id: str | None, team_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        try:
            client = await self._client_of(team_id or "")
        except Unpostable:
            return None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=client.token)


def _build_callbacks(installed: Callable[[str, str], Awaitable[None]]) -> AsyncCallbackOptions:
    """The pages at the end of an installation: the library's own after calling `installed`, or one
    that says what went wrong."""

    async def success(args: AsyncSuccessArgs) -> BoltResponse:
        await installed(args.installation.team_id or "", args.installation.user_id)
        return await args.default.success(args)

    async def failure(args: AsyncFailureArgs) -> BoltResponse:
        return build_failure_page(args.reason, args.suggested_status_code)

    return AsyncCallbackOptions(success, failure)
