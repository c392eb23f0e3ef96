"""A small Slack on this machine, for a real Bolt app to talk to over real sockets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Self

from aiohttp import web

from tests.stand_ins.slack.blocks import JSON
from tests.stand_ins.slack.delivery import Courier, Kind, Sent
from tests.stand_ins.slack.faults import Failure, Faults
from tests.stand_ins.slack.files import Downloads, File
from tests.stand_ins.slack.http_delivery import HttpDelivery
from tests.stand_ins.slack.limits import Violation, message_problems
from tests.stand_ins.slack.people import Person
from tests.stand_ins.slack.pings import pings
from tests.stand_ins.slack.response_urls import ResponseUrls
from tests.stand_ins.slack.socket_mode import SocketMode
from tests.stand_ins.slack.surfaces import Message, View
from tests.stand_ins.slack.triggers import Triggers
from tests.stand_ins.slack.waiting import PATIENCE, Log, Memory
from tests.stand_ins.slack.web_api import WebApi
from tests.stand_ins.slack.workspace import Channel, Team


class SlackServer:
    """Slack itself: the workspaces, the Web API, the files, and the way to the app.

    Slack tries an event again at once, after a minute and after five; here the waits are short.

    Blocks with an uploaded file are refused `file_refusals` times, as while Slack makes it ready.

    `knows_repeats` is whether a `client_msg_id` posted twice is one message. Slack lists errors of
    that argument but does not promise it to apps, so nothing may depend on it.

    The `clock` tells the time of messages, in seconds since 1970. Slack itself waits three seconds
    for an acknowledgement, and lets a trigger id live as long.
    """

    def __init__(
        self,
        *,
        keep: bool = True,
        deadline: float = PATIENCE,
        retry_delays: Sequence[float] = (0.01, 0.05, 0.1),
        post_rate: float | None = None,
        trigger_life: float = PATIENCE,
        knows_repeats: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self.keep, self.post_rate, self.knows_repeats = keep, post_rate, knows_repeats
        self._count = count(1)
        self._last_stamp = 0
        self.app_id = f"A{self.number()}"
        self.app_token = f"xapp-1-{self.app_id}-{self.number()}-{secrets.token_hex(8)}"
        self.signing_secret = secrets.token_hex(16)
        self.client_id, self.client_secret = "1234.5678", secrets.token_hex(16)
        self.address = self.files_address = ""

        self.missing_scopes: set[str] = set()
        self.files: Memory[File] = Memory(keep)
        self.file_refusals = 0
        self.violations: Log[Violation] = Log(keep)
        self.pings: Log[str] = Log(keep)
        self.calls: Log[tuple[str, JSON]] = Log(keep)
        self.deliveries: Log[Sent] = Log(keep)
        self.missed_deadlines: Log[Sent] = Log(keep)
        self.views: dict[str, View] = {}
        self.codes: Memory[tuple[Team, Person]] = Memory(keep)

        self.faults = Faults()
        self.triggers = Triggers(trigger_life)
        self.response_urls = ResponseUrls(self)
        self.socket_mode = SocketMode(self)
        self.http: HttpDelivery | None = None
        self._web_api = WebApi(self)
        self._courier = Courier(self.socket_mode, deadline, retry_delays)
        self.teams: list[Team] = []
        self.team = self.add_team("Acme")
        self._runner: web.AppRunner | None = None

    # Being there

    async def __aenter__(self) -> Self:
        """Listen on a free port of this machine."""
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_post("/upload/{key}", self._web_api.handle_upload)
        app.router.add_post("/response/{key}", self.response_urls.handle)
        app.router.add_get("/link/", self.socket_mode.handle)
        Downloads(self).add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        # Files are not where the Web API is: a client that follows a redirect from one to the other
        # comes to another origin.
        for _ in range(2):
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address, self.files_address = (
            f"http://127.0.0.1:{port}" for _, port in self._runner.addresses
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        await self.socket_mode.close()
        if self.http:
            await self.http.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """What an `AsyncWebClient` is pointed at."""
        return f"{self.address}/api/"

    @property
    def bot_token(self) -> str:
        """The token of the first workspace."""
        return self.team.bot_token

    async def ready(self, patience: float = PATIENCE, connections: int = 1) -> None:
        """Wait until the app has opened its socket; `connections` counts those ever opened."""
        await self.socket_mode.ready(patience, connections)

    def connect_http(self, url: str) -> HttpDelivery:
        """Deliver by signed HTTP to the app's own server from now on."""
        if self.http is None:
            self.http = HttpDelivery(url, self.signing_secret)
        self.http.url = url
        self._courier.carrier = self.http
        return self.http

    # The workspace

    def add_team(self, name: str) -> Team:
        """Another workspace that has the app."""
        team = Team(self, name)
        self.teams.append(team)
        return team

    def issue_code(self, person: Person) -> str:
        """The code that Slack hands over when the person installs the app."""
        code = secrets.token_hex(8)
        self.codes[code] = person.team, person
        return code

    def archive(self, channel: Channel) -> None:
        """Archive a channel."""
        channel.archived = True

    def remove_bot(self, channel: Channel) -> None:
        """Take the bot out of a channel."""
        channel.has_bot = False

    def expire_triggers(self) -> None:
        """Let more than three seconds pass for every trigger id."""
        self.triggers.expire()

    def expire_response_urls(self, url: str | None = None) -> None:
        """Let more than half an hour pass for one response_url, or for all."""
        self.response_urls.expire(url)

    # Bad days

    def fail(
        self,
        method: str,
        error: str = "fatal_error",
        *,
        status: int = 200,
        times: int = 1,
        retry_after: int = 1,
    ) -> None:
        """Let the next calls of a method, or of `response_url`, fail before they take effect."""
        self.faults.fail(method, Failure(error, status, retry_after), times)

    def delay(self, method: str, seconds: float) -> None:
        """Let every call of a method wait."""
        self.faults.delay(method, seconds)

    def lose_response(self, method: str, times: int = 1) -> None:
        """Let the next calls take effect and their answers get lost."""
        self.faults.lose_response(method, times)

    def duplicate_next(self, times: int = 1) -> None:
        """Deliver the next things twice."""
        self._courier.duplicates += times

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to open a new socket, as Slack does every few hours."""
        await self.socket_mode.refresh(reason)

    def drop(self) -> None:
        """Cut the app's sockets."""
        self.socket_mode.drop()

    # Deliveries

    async def deliver(self, kind: Kind, payload: JSON) -> Sent:
        """Bring something to the app and note how it went."""
        sent = await self._courier.deliver(kind, payload)
        self.deliveries.append(sent)
        if not all(copy.in_time(sent.deadline) for copy in sent.copies):
            self.missed_deadlines.append(sent)
        return sent

    async def redeliver(self, sent: Sent) -> Sent:
        """Bring the very same thing again, as Slack may at any time."""
        return await self._courier.redeliver(sent)

    async def event(self, event: JSON, team: Team | None = None) -> Sent:
        """Report an event to the app."""
        team = team or self.team
        stamp = self.stamp()
        payload = {
            "token": "verification",
            "team_id": team.id,
            "api_app_id": self.app_id,
            "event": {"event_ts": stamp} | event,
            "type": "event_callback",
            "event_id": f"Ev{self.number()}",
            "event_time": int(float(stamp)),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team.id,
                    "user_id": team.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "stand-in",
        }
        return await self.deliver("events_api", payload)

    # What the parts share

    def number(self) -> str:
        """The next id, without its letter."""
        return f"{next(self._count):09d}"

    def stamp(self) -> str:
        """A timestamp that nothing else has."""
        self._last_stamp = max(int(self.clock() * 1_000_000), self._last_stamp + 1)
        seconds, rest = divmod(self._last_stamp, 1_000_000)
        return f"{seconds}.{rest:06d}"

    def show(
        self,
        channel: Channel,
        body: JSON,
        *,
        visible_to: Person | None = None,
        files: Sequence[File] = (),
    ) -> Message:
        """Put a message of the bot into a channel."""
        message = Message(
            channel,
            self.stamp(),
            channel.team.bot_user,
            body.get("text") or "",
            body.get("blocks") or [],
            visible_to,
            body.get("metadata"),
            list(files),
            body.get("thread_ts"),
            str(body.get("reply_broadcast") or "").lower() in {"1", "true"},
        )
        return channel.add(message)

    def inspect_message(self, method: str, body: JSON) -> list[str]:
        """Note what a message breaks and whom it pings; the problems, if any."""
        for text in pings(body):
            self.pings.append(text)
        return self.inspect(method, body, message_problems(body))

    def inspect(self, method: str, body: JSON, problems: list[str]) -> list[str]:
        """Note what a body breaks; the problems again."""
        if problems:
            self.violations.append(Violation(method, tuple(problems), body))
        return problems
