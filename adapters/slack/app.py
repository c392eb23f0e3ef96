"""The Slack app: what comes in becomes events, and replies go out."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any

from aiohttp import ClientError, ClientSession, web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from adapters import LoginFailed
from adapters.slack import render
from adapters.slack.home import home
from adapters.slack.people import People
from adapters.slack.poster import SlackPoster
from adapters.slack.replies import Origin, answer
from bot.engine.actions import asks
from bot.engine.commands import COMMANDS
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press
from bot.engine.lines import parse
from bot.engine.screens import failure

log = logging.getLogger(__name__)

PLATFORM = "slack"
COMMAND = "/quiz"
QUIZ_ME, EXPLAIN_THIS = "quiz_me", "explain_this"
EVENTS = "/slack/events"
LAST_SECONDS = 8
"""How long events in hand may take once the app is told to close."""

WHERE = "Slack does not know this token. Copy a new one from your app's page, OAuth & Permissions."
API = "https://slack.com/api/"

Json = Mapping[str, Any]


class SlackAdapter:
    """Speaks with Slack; decides nothing and keeps nothing."""

    def __init__(
        self,
        desk: Desk,
        *,
        bot_token: str,
        app_token: str = "",
        signing_secret: str = "",
        api_base: str = "",
    ) -> None:
        self._desk = desk
        self._app_token = app_token
        self._people = People()
        self._in_hand = set[asyncio.Task[Any]]()
        self._leaving = False
        self._session = ClientSession()
        self.client = AsyncWebClient(
            token=bot_token,
            base_url=api_base or API,
            session=self._session,
            # A post whose answer was lost is looked for before it is sent again; the library
            # would send it again at once.
            retry_handlers=[
                AsyncRateLimitErrorRetryHandler(max_retry_count=3),
                AsyncServerErrorRetryHandler(max_retry_count=2),
            ],
        )
        self.poster = SlackPoster(self.client)
        self._app = AsyncApp(
            client=self.client,
            signing_secret=signing_secret or "unused in socket mode",
            request_verification_enabled=True,
        )
        self._listen()

    async def log_in(self) -> None:
        """Ask Slack who we are. Raises LoginFailed."""
        try:
            told = await self.client.auth_test()
        except SlackApiError as problem:
            raise LoginFailed(f"{WHERE} ({problem.response['error']})") from None
        except OSError as problem:
            raise LoginFailed(f"Slack cannot be reached now: {problem}. Try again later.") from None
        log.info("slack is ready: %s", told["team"])

    async def connect(self) -> None:
        """Take events over Socket Mode, until closed. Raises LoginFailed."""
        handler: Any = AsyncSocketModeHandler(self._app, self._app_token)
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
        return app

    async def leave(self) -> None:
        """Take no more events, finish those in hand, and close."""
        self._leaving = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=LAST_SECONDS)
        await self._session.close()

    async def _received(self, request: web.Request) -> web.Response:
        bolt = await self._app.async_dispatch(await to_bolt_request(request))
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
        self._app.event("app_home_opened")(self._home_opened)

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
        if id_.startswith(render.ASK):
            asked = id_.removeprefix(render.ASK)
            view = render.modal(asked, asks(asked), origin.packed())
            await self.client.views_open(trigger_id=body["trigger_id"], view=view)
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
            await self.client.views_publish(user_id=origin.user, view=view)

        self._hold("home", "opened", show, origin)

    def _take(self, body: Json, origin: Origin, what: Call | Press, name: str = "") -> None:
        """Go on with an event that is acknowledged."""

        async def handle() -> None:
            event = await self._event(body, origin, what, name)
            await answer(self.client, self._session, origin, await self._desk.handle(event))

        kind, said = ("call", what.command) if isinstance(what, Call) else ("press", what.action)
        self._hold(kind, said, handle, origin)

    def _hold(
        self, kind: str, what: str, work: Callable[[], Awaitable[None]], origin: Origin
    ) -> None:
        """Do the work of an event, counted as in hand and logged; tell the member of a failure."""

        async def hold() -> None:
            began = perf_counter()
            try:
                await work()
            except Exception:
                reference = secrets.token_hex(4)
                log.exception("slack %s %s failed, reference %s", kind, what, reference)
                with suppress(SlackApiError, ClientError, OSError):
                    await answer(self.client, self._session, origin, failure(reference))
            log.info("slack %s %s %.0f ms", kind, what, (perf_counter() - began) * 1000)

        if not self._leaving:
            task = asyncio.create_task(hold())
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)

    async def _event(self, body: Json, origin: Origin, what: Call | Press, name: str = "") -> Event:
        """Who did what where. Slack is asked of the member only where it matters who they are: a
        press, of which there are many, makes do with what is known."""
        team = str(body.get("team_id") or body.get("team", {}).get("id", ""))
        command = COMMANDS.get(what.command) if isinstance(what, Call) else None
        weighty = command is not None or (isinstance(what, Press) and "close:" in what.action)
        known = self._people.known(team, origin.user)
        if weighty and known is None:
            known = await self._people.ask(self.client, team, origin.user)
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
