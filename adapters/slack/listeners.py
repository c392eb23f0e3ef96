"""Turns what Slack sends into events, and sends the replies."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

from aiohttp import ClientError, ClientSession
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError

from adapters.charts import Pictures
from adapters.intake import Intake, Respond, Sender, Work
from adapters.presence import PresenceCache
from adapters.slack import files, forms, render, views
from adapters.slack.mrkdwn import (
    COMMAND,
    ROLE_WORD,
    parse_mention,
    replace_mentions,
    split_mentions,
    strip_code,
    unescape,
)
from adapters.slack.people import Profile, Profiles, Unidentified
from adapters.slack.reading import read_actions, read_text
from adapters.slack.replies import Origin, send_reply
from adapters.slack.workspaces import Workspaces
from bot.engine.actions import UnknownAction
from bot.engine.commands import COMMANDS, asks_in_form, fixed_form, press_of
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
from bot.engine.screens import Choice, CommandMention, Form, Reply, Screen, notice
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

PLATFORM = "slack"
QUIZ_ME, EXPLAIN_THIS = "quiz_me", "explain_this"
SEEN_EVENT_SECONDS, MAX_SEEN_EVENTS = 86_400.0, 10_000
"""How long, and how many, events are remembered, to ignore repeated deliveries."""

HINT_SECONDS = 86_400.0
"""How long members aren't told again what to type instead of a message."""

PROFILE_TIMEOUT_SECONDS = 1.0
"""How long an answer waits for its member's profile."""

FORM_CHECK_SECONDS, FORM_REPLY_SECONDS = 2.0, 0.7
"""How long checking a submitted form may take, and then the reply that's shown in its place: Slack
waits three seconds for both."""

UNIDENTIFIED = "Slack couldn't look up people just now. Try again in a moment."

UNREAD_MESSAGES = notice(
    ("I can't read messages here. Type a command instead, like ", CommandMention("drill"))
)

CHECK_TOO_SLOW = "That took too long to check. Submit it again."
CHECK_TOO_FAST = "That's too fast for me. Wait a moment, then submit it again."

_SLASH = re.compile(rf"^(?:{COMMAND}\b|/)\s*")
"""What members put before a line, as if it were a command."""

Json = Mapping[str, Any]


class Listeners:
    """Acknowledges each request right away, and does the work afterward."""

    def __init__(
        self,
        app: AsyncApp,
        desk: Desk,
        workspaces: Workspaces,
        session: ClientSession,
        profiles: Profiles,
        members: PresenceCache,
    ) -> None:
        self._desk = desk
        self._workspaces = workspaces
        self._session = session
        self._members = members
        self._profiles = profiles
        self._pictures = Pictures()
        self._seen = TimedCache[str, bool](SEEN_EVENT_SECONDS, MAX_SEEN_EVENTS, monotonic)
        self._hinted = TimedCache[tuple[str, str], bool](HINT_SECONDS, MAX_SEEN_EVENTS, monotonic)
        self._intake = Intake(PLATFORM)
        any_action = re.compile(".*", re.DOTALL)
        app.command(COMMAND)(self._on_command)
        app.action(any_action)(self._on_action)
        app.view(any_action)(self._on_submission)
        app.shortcut(QUIZ_ME)(self._on_quiz_me)
        app.shortcut(EXPLAIN_THIS)(self._on_explain_this)
        app.options(any_action)(self._on_options)
        app.event("app_home_opened")(self._on_home_opened)
        app.event("message")(self._on_message)
        app.event("user_change")(self._on_user_change)
        for removal in ("app_uninstalled", "tokens_revoked"):
            app.event(removal)(self._on_uninstall)
        app.error(self._on_failure)

    async def drain(self) -> None:
        """Take no more events, and wait for the running ones to finish."""
        await self._intake.drain()

    async def _on_command(self, ack: Any, body: Json) -> None:
        await ack()
        origin = Origin(body["user_id"], body["channel_id"], body["response_url"])
        call = parse(unescape(body.get("text", "")))
        self._call(body, origin, call, name=body.get("user_name", ""))

    async def _on_quiz_me(self, ack: Any, body: Json) -> None:
        await ack()
        self._handle(body, Origin(body["user"]["id"]), Call("drill", {}))

    async def _on_explain_this(self, ack: Any, body: Json) -> None:
        await ack()
        message = body["message"]
        origin = Origin(
            user=body["user"]["id"],
            channel=body["channel"]["id"],
            response_url=body["response_url"],
            # Only a message that has replies, or is one, has a thread.
            thread_ts=str(message.get("thread_ts", "")),
        )
        options = {
            "text": unescape(read_text(message)),
            "controls": " ".join(read_actions(message)),
        }
        self._handle(body, origin, Call("explain-message", options))

    async def _on_action(self, ack: Any, body: Json, action: Json) -> None:
        await ack()
        id_ = str(action["action_id"])
        origin = _origin_of(body)
        if id_.startswith(render.MENU_PREFIX):
            id_ = str(action["selected_option"]["value"])
        if id_.startswith((render.PART_PREFIX, "link|")):
            return
        if id_.startswith(render.SELECT_PREFIX):
            chosen = action.get("selected_conversation") or action["selected_option"]["value"]
            if chosen.startswith(render.FORM_PREFIX):
                self._open_form(body, Press(chosen.removeprefix(render.FORM_PREFIX)), origin)
            else:
                press = Press(id_.removeprefix(render.SELECT_PREFIX), (chosen,))
                self._handle(body, origin, press)
        elif action["type"] == render.SEARCH_ELEMENT:
            option, _, command = id_.partition("|")
            chosen = action["selected_option"]["value"]
            self._handle(body, origin, Call(command, {option: chosen}))
        elif action["type"] == render.CHANNEL_ELEMENT:
            chosen = action["selected_conversation"]
            # The command is about another channel than the one it's called from.
            self._call(body, replace(origin, channel=chosen), Call(id_, {}))
        elif id_.startswith(render.COMMAND_PREFIX):
            self._call(body, origin, Call(id_.removeprefix(render.COMMAND_PREFIX), {}))
        elif id_.startswith(render.FORM_PREFIX):
            self._open_form(body, Press(id_.removeprefix(render.FORM_PREFIX)), origin)
        elif id_.startswith(render.SUBMIT_PREFIX):
            press = Press(id_.removeprefix(render.SUBMIT_PREFIX), _selected_values(body))
            self._handle(body, origin, press)
        else:
            self._handle(body, origin, Press(id_))

    def _call(self, body: Json, origin: Origin, call: Call, name: str = "") -> None:
        """Open the command's form, or handle the call if it has none or came with options."""
        if asks_in_form(call, _place_of(body, origin)):
            self._open_form(body, call, origin)
        else:
            self._handle(body, origin, call, name)

    def _open_form(self, body: Json, what: Call | Press, origin: Origin) -> None:
        """Open the form of an event. A trigger id is valid for three seconds only, so a form that
        has to be built first replaces a modal that says it's loading."""
        callback, metadata = _callback_of(what), origin.to_json()
        target = origin

        async def open_form() -> None:
            nonlocal target
            form = fixed_form(what.action) if isinstance(what, Press) else None
            view = (
                forms.build_modal(form, callback, metadata)
                if form
                else forms.build_loading(callback, metadata)
            )
            try:
                opened = await self._open_modal(body, origin, view)
                if form:
                    return
                target = replace(origin, view=opened, loading=True)
                built = await self._build_form(body, origin, what)
                if isinstance(built, Form):
                    view = forms.build_modal(built, callback, metadata)
                else:
                    view = forms.build_screen(built.screen, callback, metadata)
                await views.update(await self._workspaces.client_of(_team_of(body)), opened, view)
            except SlackApiError as problem:
                match problem.response["error"]:
                    case views.CLOSED:
                        pass
                    case "missing_scope":
                        await self._reply(body, origin, notice(files.UNREADABLE))
                    case _:
                        raise

        self._run_once(
            body,
            "ask",
            callback,
            origin.user,
            open_form,
            lambda reply: self._reply(body, target, reply),
        )

    async def _open_modal(self, body: Json, origin: Origin, view: dict[str, Any]) -> str:
        """Open a modal, on top of the one that was used if any, and return its id."""
        client = await self._workspaces.client_of(_team_of(body))
        show = client.views_push if origin.view else client.views_open
        opened = await show(trigger_id=body["trigger_id"], view=view)
        return str(opened["view"]["id"])

    async def _build_form(self, body: Json, origin: Origin, what: Call | Press) -> Form | Reply:
        try:
            return await self._desk.form(await self._build_event(body, origin, what))
        except Unidentified:
            return notice(UNIDENTIFIED)

    async def _on_submission(self, ack: Any, body: Json, view: Json) -> None:
        """Show errors in the modal, or handle it: acknowledging it without errors closes it."""
        origin = Origin.from_json(view["private_metadata"], body["user"]["id"])
        with self._intake.slot(_sender_of(body)) as admitted:
            what, problems = (
                await self._check_submission(body, view, origin)
                if admitted
                else (_what_of(view), {next(iter(view["state"]["values"])): CHECK_TOO_FAST})
            )
        if problems:
            errors = {name: strip_code(problem) for name, problem in problems.items()}
            await ack(response_action="errors", errors=errors)
            return
        if origin.home or origin.view:
            await self._answer_submission(ack, body, origin, what)
        else:
            await ack()
            self._handle(body, origin, what)

    async def _check_submission(
        self, body: Json, view: Json, origin: Origin
    ) -> tuple[Call | Press, Mapping[str, str]]:
        """The event that a submitted modal stands for, and the problems with its fields."""
        what = _what_of(view)
        problems: Mapping[str, str]
        try:
            async with asyncio.timeout(FORM_CHECK_SECONDS):
                what = replace(what, fields=await self._read_fields(body, view))
                problems = await self._desk.problems(await self._build_event(body, origin, what))
        except Unidentified:
            problems = {next(iter(view["state"]["values"])): UNIDENTIFIED}
        except (SlackApiError, ClientError, OSError) as problem:
            log.warning("could not check a slack form: %s", problem)
            problems = {next(iter(view["state"]["values"])): CHECK_TOO_SLOW}
        return what, problems

    async def _answer_submission(
        self, ack: Any, body: Json, origin: Origin, what: Call | Press
    ) -> None:
        """Reply where a form was submitted: in the modal below it if the reply updates that, else
        in its own place. Waits for the reply for a moment, since an acknowledgment that arrived
        after it would replace it."""
        place = replace(origin, view=body["view"]["id"], loading=True)
        answered = asyncio.get_running_loop().create_future()
        acknowledged = asyncio.Event()

        async def respond(_: Origin, reply: Reply) -> None:
            client = await self._workspaces.client_of(_team_of(body))
            below = reply.updates and bool(origin.view)
            view = None if below else await views.build_reply(client, place, body, reply)
            late = answered.done()
            if not late:
                answered.set_result(view)
                await acknowledged.wait()
            if view is None:
                await self._reply(body, place if late else origin, reply)
                return
            if late:
                await views.update(client, place.view, view)
            if origin.home:
                await self._refresh_home(body, origin.user)

        self._handle(body, place, what, respond=respond)
        try:
            view = await asyncio.wait_for(answered, FORM_REPLY_SECONDS)
        except TimeoutError:
            view = forms.build_loading("", place.to_json())
        await (ack(response_action="update", view=view) if view else ack())
        acknowledged.set()

    async def _read_fields(self, body: Json, view: Json) -> dict[str, FieldValue]:
        """The values of a submitted modal."""
        team = _team_of(body)
        client = await self._workspaces.client_of(team)

        async def person(user: str) -> Mention | None:
            # Raises Unidentified: nobody may drop out of a list because Slack is down.
            profile = await self._profiles.identify(client, team, user)
            return Mention(user, profile.name, plays=profile.plays) if profile else None

        async def file(sent: Json) -> FieldValue:
            return await files.to_incoming_file(sent, client, self._session)

        return await forms.read_fields(view, person, file, lambda id_: Channel(PLATFORM, team, id_))

    async def _on_home_opened(self, event: Json, body: Json) -> None:
        if event.get("tab") == "messages":
            await self._hint_at_commands(event, body)
        if event.get("tab") != "home":
            return
        origin = Origin(event["user"], home=True)

        async def show() -> None:
            await self._publish_home(body, origin.user)

        self._run_once(
            body, "home", "opened", origin.user, show, partial(self._reply, body, origin)
        )

    async def _publish_home(self, body: Json, user: str, above: Screen | None = None) -> None:
        """Show a member's Home as it's now, with a screen above it."""
        called = await self._build_event(body, Origin(user), Call("home", {}))
        home = render.render_view((await self._desk.handle(called)).screen)
        blocks = [*(render.render_view(replace(above, controls=())) if above else ()), *home]
        view = {"type": "home", "blocks": blocks[: render.MAX_VIEW_BLOCKS]}
        client = await self._workspaces.client_of(_team_of(body))
        await client.views_publish(user_id=user, view=view)

    async def _on_message(self, event: Json, body: Json) -> None:
        """Read what a member writes to the app as a line. What apps write, and changes to messages,
        aren't meant for us."""
        text = unescape(event.get("text") or "").strip()
        strange = event.get("channel_type") != "im" or event.get("bot_id") or event.get("subtype")
        if text and not strange:
            self._handle(body, Origin(event["user"]), parse(_SLASH.sub("", text)))

    async def _hint_at_commands(self, event: Json, body: Json) -> None:
        """Say what to type where the app can't read messages, once a day."""
        origin, team = Origin(event["user"], event["channel"]), _team_of(body)

        async def hint() -> None:
            if await self._workspaces.reads_messages(team):
                return
            if not self._hinted.get((team, origin.user)):
                self._hinted.keep((team, origin.user), True)
                await self._reply(body, origin, UNREAD_MESSAGES)

        respond = partial(self._reply, body, origin)
        self._run_once(body, "messages", "opened", origin.user, hint, respond)

    async def _on_options(self, ack: Any, body: Json, payload: Json) -> None:
        with self._intake.slot(_sender_of(body)) as admitted:
            choices = await self._complete(body, payload) if admitted else []
        await ack(options=[render.build_option(choice.label, choice.value) for choice in choices])

    async def _complete(self, body: Json, payload: Json) -> list[Choice]:
        id_, text = str(payload["action_id"]), str(payload["value"])
        try:
            if id_.startswith(forms.SEARCH_PREFIX):
                event = await self._build_event(body, _origin_of(body), Press(""))
                return await self._desk.suggest(event, id_.split("|")[1], text)
            option, _, command = id_.partition("|")
            event = await self._build_event(body, _origin_of(body), Call(command, {}))
            return await self._desk.complete(event, option, text)
        except Unidentified:
            return []

    async def _on_user_change(self, event: Json, body: Json) -> None:
        """Forget a changed profile. A deactivated member leaves their team; their history stays
        until they ask us to delete it."""
        user = event["user"]
        self._profiles.forget(_team_of(body), user["id"])
        self._members.forget(_team_of(body), user["id"])
        if user.get("deleted"):
            left = await self._build_event(body, Origin(user["id"]), Press(""))
            await self._desk.handle(replace(left, what=Call("team leave", {})))

    async def _on_uninstall(self, event: Json, body: Json) -> None:
        """Stop posting in a workspace that removed the app."""
        if event["type"] == "tokens_revoked" and not event.get("tokens", {}).get("bot"):
            return
        team = _team_of(body)
        await self._workspaces.forget(team)
        await self._desk.rounds.abandon(PLATFORM, team)
        log.info("slack workspace %s removed the app", team)

    async def _on_failure(self, error: Exception, body: Json, context: Any) -> BoltResponse:
        """An event failed before it was acknowledged, for example because the database is down.
        Tell the member if that can be done later; otherwise Slack tries again, or tells them."""

        async def fail() -> None:
            raise error

        async def respond(reply: Reply) -> None:
            if context.response_url:
                message = render.render(reply.screen)
                await context.respond(message.text, message.blocks, replace_original=False)

        self._intake.take(
            "event", str(body.get("type", "command")), _sender_of(body), fail, respond
        )
        return BoltResponse(status=200 if context.response_url else 503)

    def _handle(
        self,
        body: Json,
        origin: Origin,
        what: Call | Press,
        name: str = "",
        respond: Callable[[Origin, Reply], Awaitable[None]] | None = None,
    ) -> None:
        """Handle an acknowledged event. One from Home opens a modal right away, as its trigger id
        is valid for three seconds only."""
        send = respond or partial(self._reply, body)
        target = origin

        async def handle() -> None:
            nonlocal target
            if target.home and not target.view:
                loading = forms.build_loading("", target.to_json())
                opened = await self._open_modal(body, target, loading)
                target = replace(target, view=opened, loading=True)
            resolved = await self._resolve_mentions(body, what) if isinstance(what, Call) else what
            try:
                event = await self._build_event(body, target, resolved, name)
            except Unidentified:
                await send(target, notice(UNIDENTIFIED))
            else:
                await send(target, await self._desk.handle(event))

        kind, label = ("call", what.command) if isinstance(what, Call) else ("press", what.action)
        self._run_once(body, kind, label, origin.user, handle, lambda reply: send(target, reply))

    def _run_once(
        self, body: Json, kind: str, what: str, user: str, work: Work, respond: Respond
    ) -> None:
        """Run an event's work once, however often Slack delivers the event."""
        id_ = str(body.get("event_id") or body.get("trigger_id") or "")
        if id_ and self._seen.get(id_):
            return
        self._seen.keep(id_, True)
        self._intake.take(kind, what, (_team_of(body), user), work, respond)

    async def _reply(self, body: Json, origin: Origin, reply: Reply) -> None:
        """Send a reply: in its modal, or where its message is. If no modal could be opened, Home
        shows it."""
        client = await self._workspaces.client_of(_team_of(body))
        if origin.view:
            await views.show_reply(client, origin, body, reply, self._pictures)
        elif not origin.home:
            tab = views.link_messages_tab(body)
            await send_reply(client, self._session, origin, reply, self._pictures, tab)
        if origin.home:
            await self._refresh_home(body, origin.user, None if origin.view else reply.screen)

    async def _refresh_home(self, body: Json, user: str, above: Screen | None = None) -> None:
        """Publish Home again if Slack lets us; the reply doesn't depend on it."""
        try:
            await self._publish_home(body, user, above)
        except (SlackApiError, ClientError, OSError, Unidentified) as problem:
            log.warning("could not publish a slack Home again: %s", problem)

    async def _resolve_mentions(self, body: Json, call: Call) -> Call:
        """The call with members in its member options, and with mentions as plain text
        elsewhere."""
        command = COMMANDS.get(call.command)
        types = {each.name: each.type for each in command.options} if command else {}
        options: dict[str, Value] = {}
        for name, value in call.options.items():
            match types.get(name), value:
                case "member", str(text):
                    options[name] = await self._resolve_mention(body, text)
                case "people", str(text):
                    parts = split_mentions(text)
                    options[name] = tuple([await self._resolve_mention(body, p) for p in parts])
                case _, str(text):
                    options[name] = replace_mentions(text)
                case _:
                    options[name] = value
        return replace(call, options=options, unread=replace_mentions(call.unread))

    async def _resolve_mention(self, body: Json, text: str) -> Mention | str:
        """The mentioned member, or the text if it isn't a mention or Slack doesn't know them."""
        if user := parse_mention(text):
            client = await self._workspaces.client_of(_team_of(body))
            if profile := await self._profiles.fetch(client, _team_of(body), user):
                return Mention(user, profile.name, plays=profile.plays)
        return replace_mentions(text)

    async def _build_event(
        self, body: Json, origin: Origin, what: Call | Press, name: str = ""
    ) -> Event:
        """The event: who did what, and where. The member's profile is fetched if their rights or
        their time zone matter; other presses, which are frequent, use the cached one. Raises
        Unidentified if their rights matter but are unknown."""
        team = _team_of(body)
        right, counts = _requirements(what)
        required = isinstance(what, Call) or right is not ANYONE
        known = self._profiles.cached(team, origin.user)
        if known is None and required:
            client = await self._workspaces.client_of(team)
            try:
                known = await self._profiles.identify(client, team, origin.user)
            except Unidentified:
                # Only those who need a right are turned away while their profile is unknown.
                if right is not ANYONE:
                    raise
        elif known is None and counts:
            known = await self._fetch_profile_briefly(team, origin.user)
        user = body.get("user")
        sent = user.get("name") or user.get("username") if isinstance(user, Mapping) else name
        return Event(
            Actor(
                user=origin.user,
                name=known.name if known else sent or origin.user,
                admin=known.admin if known else False,
                zone=known.zone if known else "",
            ),
            _place_of(body, origin),
            what,
        )

    async def _fetch_profile_briefly(self, team: str, user: str) -> Profile | None:
        """The profile, unless Slack is slow or down: an answer doesn't wait for it."""
        client = await self._workspaces.client_of(team)
        try:
            async with asyncio.timeout(PROFILE_TIMEOUT_SECONDS):
                return await self._profiles.fetch(client, team, user)
        except OSError:
            return None


def _requirements(what: Call | Press) -> tuple[Right, bool]:
    """The required right, and whether the member's local date matters."""
    if isinstance(what, Call):
        command = COMMANDS.get(what.command)
        return (command.right if command else ANYONE), True
    try:
        press, _ = press_of(what.action)
    except UnknownAction:
        return ANYONE, False
    return press.right, press.counts


def _team_of(body: Json) -> str:
    return str(body.get("team_id") or (body.get("team") or {}).get("id", ""))


def _sender_of(body: Json) -> Sender:
    user = body.get("user") or body.get("user_id") or body.get("event", {}).get("user") or ""
    return _team_of(body), str(user.get("id", "") if isinstance(user, Mapping) else user)


def _place_of(body: Json, origin: Origin) -> Place:
    """Where an event came from, or which channel it's about."""
    team, channel = _team_of(body), origin.channel
    private = not channel or channel.startswith("D")
    return Place(PLATFORM, team, channel, private, realm=team, role_word=ROLE_WORD)


def _callback_of(what: Call | Press) -> str:
    """The callback id of the modal that asks for an event's fields."""
    match what:
        case Call(command):
            return f"{render.COMMAND_PREFIX}{command}"
        case Press(action):
            return action


def _what_of(view: Json) -> Call | Press:
    """The event that a submitted modal stands for, without its fields."""
    callback = str(view["callback_id"])
    if callback.startswith(render.COMMAND_PREFIX):
        command = callback.removeprefix(render.COMMAND_PREFIX)
        return Call(command, {}, changed=forms.find_changed(view))
    return Press(callback)


def _origin_of(body: Json) -> Origin:
    """Where a control was used: in an ephemeral, channel or direct message, in a modal, or on
    Home."""
    user = body["user"]["id"]
    match body.get("view"):
        case {"type": "modal", "id": id_, "private_metadata": metadata}:
            return replace(Origin.from_json(metadata, user), view=id_)
        case {"type": "home"}:
            return Origin(user, home=True)
    container = body.get("container", {})
    channel = str((body.get("channel") or {}).get("id", ""))
    direct = channel.startswith("D") and not container.get("is_ephemeral")
    return Origin(
        user=user,
        channel=channel,
        response_url=body.get("response_url", ""),
        ephemeral=bool(container.get("is_ephemeral")),
        thread_ts=str(container.get("thread_ts") or "") if container.get("is_ephemeral") else "",
        ts=str(container.get("message_ts", "")) if direct else "",
    )


def _selected_values(body: Json) -> tuple[str, ...]:
    """The values selected in a form's parts, in order; empty for a part that was left out."""
    values: dict[str, tuple[str, ...]] = {}
    for block in (body.get("view") or body).get("state", {}).get("values", {}).values():
        for id_, part in block.items():
            if "selected_options" in part:
                values[id_] = tuple(option["value"] for option in part["selected_options"])
            elif "selected_option" in part:
                values[id_] = ((part["selected_option"] or {"value": ""})["value"],)
    return tuple(value for id_ in sorted(values) for value in values[id_])
