"""What comes in from Slack becomes events, and replies go out."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Any

from aiohttp import ClientError, ClientSession
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from adapters.charts import Pictures
from adapters.intake import Intake, Work
from adapters.slack import files, forms, render
from adapters.slack.mrkdwn import COMMAND, mentioned, typed, unmentioned
from adapters.slack.people import People, Profile, Unidentified
from adapters.slack.replies import Origin, answer
from adapters.slack.workspaces import Workspaces
from bot.engine.actions import UnknownAction
from bot.engine.commands import COMMANDS, fixed_form, press_of
from bot.engine.commands.rights import ANYONE, Right
from bot.engine.desk import Desk
from bot.engine.events import (
    Actor,
    Call,
    Channel,
    Event,
    FieldValue,
    Mention,
    Place,
    Press,
    Value,
)
from bot.engine.lines import parse
from bot.engine.screens import Form, Reply, notice
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

PLATFORM = "slack"
QUIZ_ME, EXPLAIN_THIS = "quiz_me", "explain_this"
SEEN_SECONDS, SEEN = 86_400.0, 10_000
"""How long events are remembered, to be known when they come again, and how many."""

BRIEFLY = 1.0
"""Seconds that an answer waits at most for the profile of who gives it."""

CHECK_SECONDS = 2.0
"""How long a submitted form may be checked: Slack waits three seconds for what is wrong with it."""

UNIDENTIFIED = "Slack didn't tell me who you are. Try again in a moment."

TOO_SLOW = "That took too long to check. Send it again."

Json = Mapping[str, Any]


class Listeners:
    """Acknowledges at once, and goes on with the work after that."""

    def __init__(
        self, app: AsyncApp, desk: Desk, workspaces: Workspaces, session: ClientSession
    ) -> None:
        self._desk = desk
        self._workspaces = workspaces
        self._session = session
        self._people = People()
        self._pictures = Pictures()
        self._seen = TimedCache[str, bool](SEEN_SECONDS, SEEN, monotonic)
        self._intake = Intake(PLATFORM)
        any_action = re.compile(".*", re.DOTALL)
        app.command(COMMAND)(self._called)
        app.action(any_action)(self._pressed)
        app.view(any_action)(self._submitted)
        app.shortcut(QUIZ_ME)(self._quiz_me)
        app.shortcut(EXPLAIN_THIS)(self._explain_this)
        app.options(any_action)(self._completed)
        app.event("app_home_opened")(self._home_opened)
        app.event("user_change")(self._changed)
        for gone in ("app_uninstalled", "tokens_revoked"):
            app.event(gone)(self._uninstalled)

    async def leave(self) -> None:
        """Take no more events, and finish those in hand."""
        await self._intake.leave()

    async def _called(self, ack: Any, body: Json) -> None:
        await ack()
        origin = Origin(body["user_id"], body["channel_id"], body["response_url"])
        self._take(body, origin, parse(typed(body.get("text", ""))), name=body.get("user_name", ""))

    async def _quiz_me(self, ack: Any, body: Json) -> None:
        await ack()
        self._take(body, Origin(body["user"]["id"]), Call("drill", {}))

    async def _explain_this(self, ack: Any, body: Json) -> None:
        await ack()
        origin = Origin(body["user"]["id"], body["channel"]["id"], body["response_url"])
        text = typed(body["message"].get("text", ""))
        self._take(body, origin, Call("explain", {"topic": text}))

    async def _pressed(self, ack: Any, body: Json, action: Json) -> None:
        await ack()
        id_ = str(action["action_id"])
        origin = _origin(body)
        if id_.startswith((render.PART, "link|")):
            return
        if action["type"] == render.SEARCH:
            option, _, command = id_.partition("|")
            chosen = action["selected_option"]["value"]
            self._take(body, origin, Call(command, {option: chosen}))
        elif action["type"] == render.CHANNEL:
            chosen = action["selected_conversation"]
            self._take(body, origin, Call(id_, {}), channel=chosen)
        elif id_.startswith(render.CALL):
            self._take(body, origin, Call(id_.removeprefix(render.CALL), {}))
        elif id_.startswith(render.ASK):
            self._ask(body, id_.removeprefix(render.ASK), origin)
        elif id_.startswith(render.SUBMIT):
            press = Press(id_.removeprefix(render.SUBMIT), _chosen(body))
            self._take(body, origin, press)
        else:
            self._take(body, origin, Press(id_))

    def _ask(self, body: Json, action: str, origin: Origin) -> None:
        """Open the form of an action. What opens it lives for three seconds, so that one that is
        still to be built comes in the place of a modal that says so."""

        async def ask() -> None:
            client, packed = await self._workspaces.client_of(_team(body)), origin.packed()
            form = fixed_form(action)
            view = forms.modal(form, action, packed) if form else forms.loading(action, packed)
            try:
                opened = await client.views_open(trigger_id=body["trigger_id"], view=view)
                if form:
                    return
                built = await self._built(body, origin, action)
                if isinstance(built, Form):
                    view = forms.modal(built, action, packed)
                else:
                    view = forms.said(built.screen, action, packed)
                await client.views_update(view_id=opened["view"]["id"], view=view)
            except SlackApiError as problem:
                match problem.response["error"]:
                    case "not_found":  # it was closed meanwhile
                        pass
                    case "missing_scope":
                        await self._answer(body, origin, notice(files.UNREADABLE))
                    case _:
                        raise

        self._hold(body, "ask", action, ask, origin)

    async def _built(self, body: Json, origin: Origin, action: str) -> Form | Reply:
        try:
            return await self._desk.form(await self._event(body, origin, Press(action)))
        except Unidentified:
            return notice(UNIDENTIFIED)

    async def _submitted(self, ack: Any, body: Json, view: Json) -> None:
        """Say in the modal what is wrong with it, or go on with it: it's gone once acknowledged."""
        origin, action = Origin.unpacked(view["private_metadata"]), str(view["callback_id"])
        press = Press(action)
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                press = Press(action, fields=await self._fields(body, view))
                problems = await self._desk.problems(await self._event(body, origin, press))
        except Unidentified:
            problems = {next(iter(view["state"]["values"])): UNIDENTIFIED}
        except (SlackApiError, ClientError, OSError) as problem:
            log.warning("slack form %s could not be checked: %s", action, problem)
            problems = {next(iter(view["state"]["values"])): TOO_SLOW}
        if problems:
            await ack(response_action="errors", errors=problems)
            return
        await ack()
        self._take(body, origin, press)

    async def _fields(self, body: Json, view: Json) -> dict[str, FieldValue]:
        """What a submitted modal holds."""
        team = _team(body)
        client = await self._workspaces.client_of(team)

        async def person(user: str) -> FieldValue:
            profile = await self._people.ask(client, team, user)
            return Mention(user, profile.name, plays=profile.plays) if profile else ""

        async def file(sent: Json) -> FieldValue:
            return await files.incoming(sent, client, self._session)

        return await forms.fields_of(view, person, file, lambda id_: Channel(PLATFORM, team, id_))

    async def _home_opened(self, event: Json, body: Json) -> None:
        if event.get("tab") != "home":
            return
        origin = Origin(event["user"])

        async def show() -> None:
            asked = await self._event(body, origin, Call("home", {}))
            reply = await self._desk.handle(asked)
            blocks = render.render(reply.screen, alone=True).blocks
            client = await self._workspaces.client_of(_team(body))
            await client.views_publish(user_id=origin.user, view={"type": "home", "blocks": blocks})

        self._hold(body, "home", "opened", show, origin)

    async def _completed(self, ack: Any, body: Json, payload: Json) -> None:
        id_, text = str(payload["action_id"]), str(payload["value"])
        try:
            if id_.startswith(forms.SEARCH):
                event = await self._event(body, _origin(body), Press(""))
                choices = await self._desk.suggest(event, id_.split("|")[1], text)
            else:
                option, _, command = id_.partition("|")
                event = await self._event(body, _origin(body), Call(command, {}))
                choices = await self._desk.complete(event, option, text)
        except Unidentified:
            choices = []
        await ack(options=[render.option(choice.label, choice.value) for choice in choices])

    async def _changed(self, event: Json, body: Json) -> None:
        """A profile is another one. Who was deactivated plays for no team any more; what they did
        stays until they ask."""
        user = event["user"]
        self._people.forget(_team(body), user["id"])
        if user.get("deleted"):
            left = await self._event(body, Origin(user["id"]), Press(""))
            await self._desk.handle(replace(left, what=Call("team leave", {})))

    async def _uninstalled(self, event: Json, body: Json) -> None:
        """Nothing is posted in a workspace that removed the app."""
        if event["type"] == "tokens_revoked" and not event.get("tokens", {}).get("bot"):
            return
        team = _team(body)
        await self._workspaces.forget(team)
        await self._desk.rounds.abandon(PLATFORM, team)
        log.info("slack workspace %s removed the app", team)

    def _take(
        self,
        body: Json,
        origin: Origin,
        what: Call | Press,
        name: str = "",
        channel: str = "",
    ) -> None:
        """Go on with an event that is acknowledged; one at Home may be about a channel."""

        async def handle() -> None:
            about = replace(origin, channel=channel) if channel else origin
            meant = await self._meant(body, what) if isinstance(what, Call) else what
            try:
                event = await self._event(body, about, meant, name)
            except Unidentified:
                await self._answer(body, origin, notice(UNIDENTIFIED))
            else:
                await self._answer(body, origin, await self._desk.handle(event))

        kind, said = ("call", what.command) if isinstance(what, Call) else ("press", what.action)
        self._hold(body, kind, said, handle, origin)

    def _hold(self, body: Json, kind: str, what: str, work: Work, origin: Origin) -> None:
        """Take an event once, however often Slack delivers it."""
        id_ = str(body.get("event_id") or body.get("trigger_id") or "")
        if id_ and self._seen.get(id_):
            return
        self._seen.keep(id_, True)
        self._intake.take(kind, what, work, lambda reply: self._answer(body, origin, reply))

    async def _answer(self, body: Json, origin: Origin, reply: Reply) -> None:
        client = await self._workspaces.client_of(_team(body))
        await answer(client, self._session, origin, reply, self._pictures)

    async def _meant(self, body: Json, call: Call) -> Call:
        """The call with people where it wants some, and mentions as plain text elsewhere."""
        command = COMMANDS.get(call.command)
        people = {each.name for each in command.options if each.type == "member"} if command else ()
        options: dict[str, Value] = {}
        for name, value in call.options.items():
            user = mentioned(str(value)) if name in people else None
            profile = None
            if user:
                client = await self._workspaces.client_of(_team(body))
                profile = await self._people.ask(client, _team(body), user)
            if user and profile:
                options[name] = Mention(user, profile.name, plays=profile.plays)
            else:
                options[name] = unmentioned(value) if isinstance(value, str) else value
        return replace(call, options=options, unread=unmentioned(call.unread))

    async def _event(self, body: Json, origin: Origin, what: Call | Press, name: str = "") -> Event:
        """Who did what where. Slack is asked of the member where it matters who they are, or on
        which day of theirs they answer; other presses, of which there are many, make do with what
        is known. Raises Unidentified where what they may do isn't known."""
        team = _team(body)
        right, counts = _needs(what)
        must = isinstance(what, Call) or right is not ANYONE
        known = self._people.known(team, origin.user)
        if known is None and must:
            client = await self._workspaces.client_of(team)
            try:
                known = await self._people.identify(client, team, origin.user)
            except Unidentified:
                # Nobody is refused for what isn't known.
                if right is not ANYONE:
                    raise
        elif known is None and counts:
            known = await self._ask_briefly(team, origin.user)
        user = body.get("user")
        told = user.get("name") or user.get("username") if isinstance(user, Mapping) else name
        return Event(
            Actor(
                user=origin.user,
                name=known.name if known else told or origin.user,
                admin=known.admin if known else False,
                zone=known.zone if known else "",
            ),
            Place(
                platform=PLATFORM,
                community=team,
                channel=origin.channel,
                private=not origin.channel or origin.channel.startswith("D"),
                realm=team,
            ),
            what,
        )

    async def _ask_briefly(self, team: str, user: str) -> Profile | None:
        """The profile, unless Slack is slow to tell or in trouble: an answer does not wait."""
        client = await self._workspaces.client_of(team)
        try:
            async with asyncio.timeout(BRIEFLY):
                return await self._people.ask(client, team, user)
        except OSError:
            return None


def _needs(what: Call | Press) -> tuple[Right, bool]:
    """The right that is needed, and whether it counts on which day of the member's it happens."""
    if isinstance(what, Call):
        command = COMMANDS.get(what.command)
        return (command.right if command else ANYONE), True
    try:
        press, _ = press_of(what.action)
    except UnknownAction:
        return ANYONE, False
    return press.right, press.counts


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
