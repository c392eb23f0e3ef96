"""The Slack app: what comes in becomes events, and replies go out."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic, perf_counter
from typing import Any

from aiohttp import ClientError, ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Engine

from adapters import LoginFailed
from adapters.slack import render
from adapters.slack.home import TOPIC, home
from adapters.slack.installations import Installations, States
from adapters.slack.people import People
from adapters.slack.poster import SlackPoster
from adapters.slack.replies import Origin, answer
from bot.engine.actions import asks
from bot.engine.commands import COMMANDS
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.lines import parse
from bot.engine.ports import Unpostable
from bot.engine.screens import failure

log = logging.getLogger(__name__)

PLATFORM = "slack"
COMMAND = "/quiz"
QUIZ_ME, EXPLAIN_THIS = "quiz_me", "explain_this"
EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
SCOPES = ("commands", "chat:write", "users:read", "im:write", "files:write")
"""What the bot needs. With `channels:history` (and `groups:history` for private channels) beside
them, a question whose posting was interrupted is looked for before it is posted again."""
LAST_SECONDS = 8
"""How long events in hand may take once the app is told to close."""

WHERE = "Slack does not know this token. Copy a new one from your app's page, OAuth & Permissions."
API = "https://slack.com/api/"

Json = Mapping[str, Any]


TOKEN_SECONDS = 300.0
"""How long a workspace's token is used before it is looked up again."""

SEEN = 10_000
"""Events remembered, to be known when they come again."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Slack gave us: one workspace's tokens, or the keys by which many install the app."""

    bot_token: str = ""
    app_token: str = ""
    signing_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    api_base: str = ""
    host: str = "127.0.0.1"
    port: int = 3000


class SlackAdapter:
    """Speaks with Slack; decides nothing and keeps nothing."""

    platform = PLATFORM

    def __init__(self, desk: Desk, credentials: Credentials, engine: Engine | None = None) -> None:
        self._desk = desk
        self._credentials = credentials
        self._people = People()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._clients: dict[str, tuple[float, AsyncWebClient]] = {}
        self._in_hand = set[asyncio.Task[Any]]()
        self._leaving = False
        self._session = ClientSession()
        self.client = self._client(credentials.bot_token)
        self.poster = SlackPoster(self._client_of)
        self._installations: Installations | None = None
        settings = None
        if credentials.client_id and engine is not None:
            self._installations = Installations(credentials.client_id, engine)
            settings = AsyncOAuthSettings(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                scopes=list(SCOPES),
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                installation_store=self._installations,
                installation_store_bot_only=True,
                state_store=States(engine),
            )
        self._app = AsyncApp(
            client=self.client,
            # Socket Mode needs no signatures, but the library wants to be told of a secret.
            signing_secret=credentials.signing_secret or "socket mode",
            oauth_settings=settings,
        )
        self._listen()

    async def log_in(self) -> None:
        """Ask Slack who we are. Raises LoginFailed."""
        if self._installations is not None:
            log.info("slack is ready: workspaces install the app at %s", INSTALL)
            return
        try:
            told = await self.client.auth_test()
        except SlackApiError as problem:
            raise LoginFailed(f"{WHERE} ({problem.response['error']})") from None
        except OSError as problem:
            raise LoginFailed(f"Slack cannot be reached now: {problem}. Try again later.") from None
        log.info("slack is ready: %s", told["team"])

    async def connect(self) -> None:
        """Take events until closed: over Socket Mode where there is a token for it, else over
        HTTP. Raises LoginFailed."""
        if not self._credentials.app_token:
            await self._serve()
            return
        handler: Any = AsyncSocketModeHandler(self._app, self._credentials.app_token)
        try:
            await handler.connect_async()
        except SlackApiError as problem:
            raise LoginFailed(f"{WHERE} ({problem.response['error']})") from None
        try:
            await asyncio.Event().wait()
        finally:
            await handler.close_async()

    def web_app(self) -> web.Application:
        """Takes events over HTTP, with their signatures verified."""
        app = web.Application()
        app.router.add_post(EVENTS, self._received)
        if self._installations is not None:
            app.router.add_get(INSTALL, self._received)
            app.router.add_get(REDIRECT, self._received)
        return app

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

    async def leave(self) -> None:
        """Take no more events, finish those in hand, and close."""
        self._leaving = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=LAST_SECONDS)
        await self._session.close()

    async def _received(self, request: web.Request) -> web.Response:
        asked = await to_bolt_request(request)
        if flow := self._app.oauth_flow if request.method == "GET" else None:
            handle = flow.handle_installation if request.path == INSTALL else flow.handle_callback
            return await to_aiohttp_response(await handle(asked))
        bolt = await self._app.async_dispatch(asked)
        if bolt.status == web.HTTPUnauthorized.status_code:
            return web.Response(status=bolt.status)
        return await to_aiohttp_response(bolt)

    def _listen(self) -> None:
        any_action = re.compile(".*", re.DOTALL)
        self._app.command(COMMAND)(self._called)
        self._app.action(any_action)(self._pressed)
        self._app.view(any_action)(self._submitted)
        self._app.shortcut(QUIZ_ME)(self._quiz_me)
        self._app.shortcut(EXPLAIN_THIS)(self._explain_this)
        self._app.options(any_action)(self._completed)
        self._app.event("app_home_opened")(self._home_opened)
        self._app.event("user_change")(self._changed)
        for gone in ("app_uninstalled", "tokens_revoked"):
            self._app.event(gone)(self._uninstalled)

    async def _called(self, ack: Any, body: Json) -> None:
        await ack()
        origin = Origin(body["user_id"], body["channel_id"], body["response_url"])
        self._take(body, origin, parse(body.get("text", "")), name=body.get("user_name", ""))

    async def _quiz_me(self, ack: Any, body: Json) -> None:
        await ack()
        self._take(body, Origin(body["user"]["id"]), Call("drill", {}))

    async def _explain_this(self, ack: Any, body: Json) -> None:
        await ack()
        origin = Origin(body["user"]["id"], body["channel"]["id"], body["response_url"])
        text = body["message"].get("text", "")
        self._take(body, origin, Call("explain", {"topic": text}))

    async def _pressed(self, ack: Any, body: Json, action: Json) -> None:
        await ack()
        id_ = str(action["action_id"])
        origin = _origin(body)
        if id_.startswith((render.PART, "link|")):
            return
        if id_.startswith(TOPIC):
            chosen = action["selected_option"]["value"]
            self._take(body, origin, Call(id_.removeprefix(TOPIC), {"topic": chosen}))
        elif id_.startswith(render.ASK):
            asked = id_.removeprefix(render.ASK)
            view = render.modal(asked, asks(asked), origin.packed())
            client = await self._client_of(_team(body))
            await client.views_open(trigger_id=body["trigger_id"], view=view)
        elif id_.startswith(render.SUBMIT):
            press = Press(id_.removeprefix(render.SUBMIT), _chosen(body))
            self._take(body, origin, press)
        else:
            self._take(body, origin, Press(id_))

    async def _submitted(self, ack: Any, body: Json, view: Json) -> None:
        await ack()
        text = view["state"]["values"]["text"]["text"]["value"] or ""
        origin = Origin.unpacked(view["private_metadata"])
        self._take(body, origin, Press(view["callback_id"], (text,)))

    async def _home_opened(self, event: Json, body: Json) -> None:
        if event.get("tab") != "home":
            return
        origin = Origin(event["user"])

        async def show() -> None:
            asked = await self._event(body, origin, Call("stats", {}))
            view = await home(self._desk, asked)
            client = await self._client_of(_team(body))
            await client.views_publish(user_id=origin.user, view=view)

        self._hold(body, "home", "opened", show, origin)

    async def _completed(self, ack: Any, body: Json, payload: Json) -> None:
        command = str(payload["action_id"]).removeprefix(TOPIC)
        event = await self._event(body, _origin(body), Call(command, {}))
        choices = await self._desk.complete(event, "topic", str(payload["value"]))
        await ack(options=[render.option(choice.label, choice.value) for choice in choices])

    async def _changed(self, event: Json, body: Json) -> None:
        """Who was deactivated plays for no team any more; what they did stays until they ask."""
        user = event["user"]
        if user.get("deleted"):
            left = await self._event(body, Origin(user["id"]), Press(""))
            await self._desk.handle(replace(left, what=Call("team leave", {})))

    async def _uninstalled(self, body: Json) -> None:
        """Nothing is posted in a workspace that removed the app."""
        team = _team(body)
        self._clients.pop(team, None)
        if self._installations is not None:
            await self._installations.async_delete_all(enterprise_id=None, team_id=team)
        await self._desk.rounds.abandon(PLATFORM, team)
        log.info("slack workspace %s removed the app", team)

    def _client(self, token: str) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=self._credentials.api_base or API,
            session=self._session,
            # A post whose answer was lost is looked for before it is sent again; the library
            # would send it again at once.
            retry_handlers=[
                AsyncRateLimitErrorRetryHandler(max_retry_count=3),
                AsyncServerErrorRetryHandler(max_retry_count=2),
            ],
        )

    async def _client_of(self, team: str) -> AsyncWebClient:
        """The client with a workspace's token. Raises Unpostable where it has removed the app."""
        if self._installations is None:
            return self.client
        asked_at, client = self._clients.get(team, (0.0, None))
        if client is None or monotonic() - asked_at > TOKEN_SECONDS:
            bot = await self._installations.async_find_bot(enterprise_id=None, team_id=team)
            if bot is None:
                raise Unpostable("Studyhall was removed from this workspace.")
            client = self._client(bot.bot_token)
            self._clients[team] = monotonic(), client
        return client

    def _take(self, body: Json, origin: Origin, what: Call | Press, name: str = "") -> None:
        """Go on with an event that is acknowledged."""

        async def handle() -> None:
            event = await self._event(body, origin, what, name)
            reply = await self._desk.handle(event)
            await answer(await self._client_of(_team(body)), self._session, origin, reply)

        kind, said = ("call", what.command) if isinstance(what, Call) else ("press", what.action)
        self._hold(body, kind, said, handle, origin)

    def _hold(
        self,
        body: Json,
        kind: str,
        what: str,
        work: Callable[[], Awaitable[None]],
        origin: Origin,
    ) -> None:
        """Do the work of an event once, however often Slack delivers it, counted as in hand and
        logged; tell the member of a failure."""
        id_ = str(body.get("event_id") or body.get("trigger_id") or "")
        if self._leaving or (id_ and id_ in self._seen):
            return
        self._seen[id_] = None
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)

        async def hold() -> None:
            began = perf_counter()
            try:
                await work()
            except Exception:
                reference = secrets.token_hex(4)
                log.exception("slack %s %s failed, reference %s", kind, what, reference)
                with suppress(SlackApiError, ClientError, OSError, Unpostable):
                    client = await self._client_of(_team(body))
                    await answer(client, self._session, origin, failure(reference))
            log.info("slack %s %s %.0f ms", kind, what, (perf_counter() - began) * 1000)

        task = asyncio.create_task(hold())
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def _event(self, body: Json, origin: Origin, what: Call | Press, name: str = "") -> Event:
        """Who did what where. Slack is asked of the member only where it matters who they are: a
        press, of which there are many, makes do with what is known."""
        team = _team(body)
        command = COMMANDS.get(what.command) if isinstance(what, Call) else None
        weighty = command is not None or (isinstance(what, Press) and "close:" in what.action)
        known = self._people.known(team, origin.user)
        if weighty and known is None:
            known = await self._people.ask(await self._client_of(team), team, origin.user)
        user = body.get("user")
        told = user.get("name") or user.get("username") if isinstance(user, Mapping) else name
        return Event(
            Actor(
                user=origin.user,
                name=known.name if known else told or origin.user,
                admin=known.admin if known else False,
            ),
            Place(
                platform=PLATFORM,
                community=team,
                channel=origin.channel,
                private=not origin.channel or origin.channel.startswith("D"),
                zone=known.zone if known else "UTC",
                realm=team,
            ),
            what,
        )


def _team(body: Json) -> str:
    return str(body.get("team_id") or (body.get("team") or {}).get("id", ""))


def _origin(body: Json) -> Origin:
    """Where a control was used: in an ephemeral, a channel's or a direct message, or at Home."""
    container = body.get("container", {})
    channel = str((body.get("channel") or {}).get("id", ""))
    direct = channel.startswith("D") and not container.get("is_ephemeral")
    return Origin(
        user=body["user"]["id"],
        channel=channel,
        response_url=body.get("response_url", ""),
        ephemeral=bool(container.get("is_ephemeral")),
        ts=str(container.get("message_ts", "")) if direct else "",
    )


def _chosen(body: Json) -> tuple[str, ...]:
    """What the parts of a form say, in their order; nothing for one that was left out."""
    values: dict[str, tuple[str, ...]] = {}
    for block in body.get("state", {}).get("values", {}).values():
        for id_, part in block.items():
            if "selected_options" in part:
                values[id_] = tuple(option["value"] for option in part["selected_options"])
            elif "selected_option" in part:
                values[id_] = ((part["selected_option"] or {"value": ""})["value"],)
    return tuple(value for id_ in sorted(values) for value in values[id_])
