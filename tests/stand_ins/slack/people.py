"""People at their screens: what they do goes to the app, and they see what comes of it."""

from __future__ import annotations

import copy
import json
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.stand_ins.slack.blocks import (
    JSON,
    VALUE_KEYS,
    Option,
    State,
    is_empty,
    options_of,
    value_of,
)
from tests.stand_ins.slack.delivery import Sent
from tests.stand_ins.slack.files import File
from tests.stand_ins.slack.filling import unfit, unfit_files
from tests.stand_ins.slack.limits import VIEW_SIZE, suggestion_problems, view_problems
from tests.stand_ins.slack.surfaces import Message, View
from tests.stand_ins.slack.waiting import PATIENCE, Bell

if TYPE_CHECKING:
    from tests.stand_ins.slack.workspace import Channel, Team

OPTION_KEYS = {"selected_option", "selected_options"}


class Person:
    """Someone in the workspace, with a screen that shows one stack of modals and a Home tab."""

    def __init__(self, team: Team, id_: str, name: str, tz: str, admin: bool, locale: str) -> None:
        self.team, self.id, self.name = team, id_, name
        self.tz, self.admin, self.locale = tz, admin, locale
        self.handle = name.lower().replace(" ", ".")
        self.deactivated = False
        self.app = False
        self.stack: list[View] = []
        self.home: View | None = None
        self._bell = Bell()
        self._new_views: deque[View] = deque(maxlen=50)
        self._new_homes = 0
        self._read: dict[Channel, int] = {}
        self._suggested: dict[str, dict[str, JSON]] = {}

    # What is on the screen

    @property
    def view(self) -> View | None:
        """The modal on the screen: the top of the stack."""
        return self.stack[-1] if self.stack else None

    @property
    def dm(self) -> Channel:
        """The conversation with the bot."""
        return self.team.dm(self)

    def sees(self, message: Message) -> bool:
        """Whether the message is on this person's screen."""
        return not message.deleted and message.visible_to in {None, self}

    def seen(self, channel: Channel) -> list[Message]:
        """All that is to be seen in a channel now, oldest first."""
        return [message for message in channel.log if self.sees(message)]

    def catch_up(self, channel: Channel) -> None:
        """Take all that is there as read, so that `next_message` waits for what comes."""
        self._read[channel] = channel.log.end

    async def next_message(self, channel: Channel, patience: float = PATIENCE) -> Message:
        """The oldest message not yet read, public or shown to this person alone."""

        def unread() -> Message | None:
            for place, message in channel.log.since(self._read.get(channel, 0)):
                self._read[channel] = place + 1
                if self.sees(message) and message.author != self.id:
                    return message
            return None

        return await channel.bell.until(unread, f"message for {self.name}", patience)

    async def next_edit(self, message: Message, patience: float = PATIENCE) -> Message:
        """The message after a change to it that was not awaited before."""
        seen = message.noticed

        def changed() -> Message | None:
            return message if len(message.edits) > seen.get(self.id, 0) else None

        await message.channel.bell.until(changed, "edit", patience)
        seen[self.id] = seen.get(self.id, 0) + 1
        return message

    async def gone(self, message: Message, patience: float = PATIENCE) -> None:
        """Wait until the message is deleted."""
        await message.channel.bell.until(lambda: message.deleted or None, "deletion", patience)

    async def next_view(self, patience: float = PATIENCE) -> View:
        """The next modal to be opened, pushed or updated that was not awaited before."""

        def unseen() -> View | None:
            while self._new_views:
                view = self._new_views.popleft()
                if view.open:
                    return view
            return None

        return await self._bell.until(unseen, f"view for {self.name}", patience)

    async def next_form(self, patience: float = PATIENCE) -> View:
        """The modal once there is something to submit, if what is opened first only says that it
        is loading."""

        def ready() -> View | None:
            return self.view if self.view and self.view.raw.get("submit") else None

        form = await self._bell.until(ready, f"form for {self.name}", patience)
        self._new_views.clear()
        return form

    async def next_loaded(self, patience: float = PATIENCE) -> View:
        """The modal once it no longer says that it is loading."""

        def loaded() -> View | None:
            return self.view if self.view and "Loading" not in self.view.words else None

        view = await self._bell.until(loaded, f"loaded view for {self.name}", patience)
        self._new_views.clear()
        return view

    async def next_home(self, patience: float = PATIENCE) -> View:
        """The Home tab after it was published once more."""
        await self._bell.until(lambda: self._new_homes or None, "Home tab", patience)
        self._new_homes -= 1
        assert self.home
        return self.home

    # What the app puts on the screen

    def show_modal(self, raw: JSON, *, fresh: bool = False) -> View:
        """Put a modal on the top, or in the place of all there are."""
        if fresh:
            self.clear_modals()
        view = View.of(raw, self, self.view)
        self.team.server.views[view.id] = view
        self.stack.append(view)
        return self._shown(view)

    def change_view(self, view: View, raw: JSON) -> None:
        """Put other content into a view."""
        view.change(raw)
        if view is self.home:
            self._new_homes += 1
            self._bell.ring()
        else:
            self._shown(view)

    def show_home(self, raw: JSON) -> View:
        """Publish the Home tab."""
        if self.home:
            self.change_view(self.home, raw)
            return self.home
        self.home = View.of(raw, self)
        self.team.server.views[self.home.id] = self.home
        self._new_homes += 1
        self._bell.ring()
        return self.home

    def clear_modals(self) -> None:
        """Take every modal away."""
        while self.stack:
            self._take_away(self.stack[-1])

    def _take_away(self, view: View) -> None:
        view.open = False
        self.stack.remove(view)
        self.team.server.views.pop(view.id, None)
        self._suggested.clear()

    def _shown(self, view: View) -> View:
        self._new_views.append(view)
        self._bell.ring()
        return view

    # What the person does

    async def command(self, channel: Channel, command: str, text: str = "") -> Sent:
        """Type a slash command."""
        server = self.team.server
        payload = {
            "token": "verification",
            "team_id": self.team.id,
            "team_domain": self.team.domain,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.private else channel.name,
            "user_id": self.id,
            "user_name": self.handle,
            "command": command,
            "text": text,
            "api_app_id": server.app_id,
            "is_enterprise_install": "false",
            "response_url": server.response_urls.new(channel, self),
            "trigger_id": server.triggers.new(self),
        }
        sent = await server.deliver("slash_commands", payload)
        if sent.ack.get("text") or sent.ack.get("blocks"):
            server.inspect_message(f"ack of {command}", sent.ack)
            server.response_urls.apply(channel, self, None, sent.ack)
        return sent

    async def press(self, target: Message | View, action_id: str, *, late: bool = False) -> Sent:
        """Press a button; `late` presses one that the last edit has just taken away."""
        block, element = self._touch(target, action_id, late)
        assert element["type"] == "button", f"{action_id} is a {element['type']}, not a button"
        action = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return await self._act(target, block, element, {"type": "button"} | action)

    async def choose(
        self, target: Message | View, action_id: str, values: str | list[str]
    ) -> Sent | None:
        """Choose in a menu, boxes or radio buttons, or type into a field.

        The app hears of it at once, save from an input that does not dispatch its actions.
        """
        block, element = self._touch(target, action_id)
        value = await self._value(target, element, values)
        if problem := next(unfit(element, value, self.team), None):
            raise AssertionError(f"{action_id}: {problem}")
        if element["type"] != "overflow":
            self._state(target).setdefault(block["block_id"], {})[action_id] = value
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return await self._act(target, block, element, value)

    async def suggest(self, target: Message | View, action_id: str, typed: str) -> list[Option]:
        """Type into an external select and read what it offers.

        Slack does not ask the app before three letters, unless the select says otherwise.
        """
        block, element = self._touch(target, action_id)
        if len(typed) < element.get("min_query_length", 3):
            return []
        payload = self._payload("block_suggestion") | self._place(target)
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        payload.pop("trigger_id")
        sent = await self.team.server.deliver("interactive", payload)
        problems = [] if sent.failed else suggestion_problems(sent.ack)
        if self.team.server.inspect(f"options of {action_id}", sent.ack, problems):
            return []
        offered = options_of(sent.ack)
        known = self._suggested.setdefault(action_id, {})
        known |= {each["value"]: each for each in offered}
        return [Option(each["text"]["text"], each["value"]) for each in offered]

    def upload(self, name: str, content: bytes) -> File:
        """A file to put into a modal or to share."""
        file = File(self.team, name, content, self.id)
        self.team.server.files[file.id] = file
        return file

    async def submit(self, view: View, values: dict[str, Any] | None = None) -> Sent:
        """Fill in a modal and submit it; then the modal does what the app answered.

        The values go by action_id: a text, an option's value, a time or date as Slack writes it, a
        person, a channel, or a list of those or of uploads.
        """
        assert view in self.stack, "only a modal on the screen can be submitted"
        for action_id, given in (values or {}).items():
            block, element = self._touch(view, action_id)
            value = await self._value(view, element, given)
            view.state.setdefault(block["block_id"], {})[action_id] = value
        self._check_filled_in(view)
        payload = self._payload("view_submission") | {"view": view.shown(), "response_urls": []}
        sent = await self.team.server.deliver("interactive", payload)
        if not sent.failed:
            self._respond(view, sent.ack)
        return sent

    async def close(self, view: View, *, all_of_them: bool = False) -> Sent | None:
        """Close a modal, or the whole stack; the app hears of it if it asked to."""
        closed = list(reversed(self.stack)) if all_of_them else [view]
        shown = view.shown()
        for each in closed:
            self._take_away(each)
        if not view.raw.get("notify_on_close"):
            return None
        payload = self._payload("view_closed") | {"view": shown, "is_cleared": all_of_them}
        payload.pop("trigger_id")
        return await self.team.server.deliver("interactive", payload)

    async def shortcut(self, callback_id: str) -> Sent:
        """Use a global shortcut."""
        payload = self._payload("shortcut") | {"callback_id": callback_id, "action_ts": self._now()}
        return await self.team.server.deliver("interactive", payload)

    async def message_shortcut(self, message: Message, callback_id: str) -> Sent:
        """Use a shortcut on a message."""
        server = self.team.server
        payload = self._payload("message_action") | {
            "callback_id": callback_id,
            "action_ts": self._now(),
            "message_ts": message.ts,
            "message": message.shown(),
            "channel": {"id": message.channel.id, "name": message.channel.name},
            "response_url": server.response_urls.new(message.channel, self, message),
        }
        return await server.deliver("interactive", payload)

    async def open_home(self, tab: str = "home") -> Sent:
        """Open the app's Home tab, or its Messages tab."""
        event: JSON = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": self.dm.id,
            "tab": tab,
        }
        if self.home and tab == "home":
            event["view"] = self.home.shown()
        return await self.team.server.event(event, team=self.team)

    async def say(
        self, channel: Channel, text: str, files: Sequence[File] = (), thread: Message | None = None
    ) -> Sent | None:
        """Say something, in a message's thread if one is given, or share files; the app hears of it
        in its DM or when it is mentioned, if it has the scope for that."""
        said = Message(channel, self._now(), self.id, text, files=[*files])
        said.thread_ts = (thread.thread_ts or thread.ts) if thread else None
        message = channel.add(said)
        event = message.shown() | {"channel": channel.id, "event_ts": message.ts}
        if files:
            event |= {"subtype": "file_share", "upload": True, "display_as_bot": False}
        if channel.dm_with:
            if "im:history" in self.team.server.missing_scopes:
                return None
            return await self.team.server.event(event | {"channel_type": "im"}, team=self.team)
        if f"<@{self.team.bot_user}>" in text and channel.has_bot:
            return await self.team.server.event(event | {"type": "app_mention"}, team=self.team)
        return None

    # How it is put to the app

    def _now(self) -> str:
        return self.team.server.stamp()

    def _payload(self, kind: str) -> JSON:
        return {
            "type": kind,
            "token": "verification",
            "api_app_id": self.team.server.app_id,
            "user": {
                "id": self.id,
                "username": self.handle,
                "name": self.handle,
                "team_id": self.team.id,
            },
            "team": {"id": self.team.id, "domain": self.team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.team.server.triggers.new(self),
        }

    def _touch(
        self, target: Message | View, action_id: str, late: bool = False
    ) -> tuple[JSON, JSON]:
        if not isinstance(target, Message):
            assert target.open, "the view is no longer on the screen"
        elif not late:
            assert self.sees(target), f"{self.name} does not see this message"
        elif target.edits:
            before = Message(
                target.channel, target.ts, target.author, blocks=target.edits[-1].blocks
            )
            return before.find(action_id)
        return target.find(action_id)

    def _state(self, target: Message | View) -> State:
        return target.state if isinstance(target, View) else target.state(self)

    def _place(self, target: Message | View) -> JSON:
        if isinstance(target, View):
            container = {"type": "view", "view_id": target.id}
            return {"container": container, "view": target.shown()}
        channel = target.channel
        place: JSON = {
            "container": {
                "type": "message",
                "message_ts": target.ts,
                "channel_id": channel.id,
                "is_ephemeral": target.ephemeral,
            },
            "channel": {"id": channel.id, "name": channel.name},
        }
        if target.thread_ts:
            place["container"]["thread_ts"] = target.thread_ts
        return place if target.ephemeral else place | {"message": target.shown()}

    async def _act(self, target: Message | View, block: JSON, element: JSON, value: JSON) -> Sent:
        action = value | {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._now(),
        }
        payload = self._payload("block_actions") | self._place(target) | {"actions": [action]}
        server = self.team.server
        if isinstance(target, Message):
            payload["state"] = {"values": copy.deepcopy(self._state(target))}
            payload["response_url"] = server.response_urls.new(target.channel, self, target)
        return await server.deliver("interactive", payload)

    async def _value(self, target: Message | View, element: JSON, given: Any) -> JSON:
        several = [*given] if isinstance(given, (list, tuple)) else [given]
        several = [each for each in several if each not in (None, "")]
        if element["type"] == "file_input":
            if problem := next(unfit_files(element, several), None):
                raise AssertionError(f"{element['action_id']}: {problem}")
            return {"type": "file_input", "files": [file.told() for file in several]}
        values = [str(getattr(each, "id", each)) for each in several]
        if VALUE_KEYS[element["type"]] not in OPTION_KEYS:
            return value_of(element, [], values)
        by_value = {option["value"]: option for option in options_of(element)}
        if "external" in element["type"]:
            by_value = await self._offered(target, element["action_id"], values)
        unknown = [value for value in values if value not in by_value]
        assert not unknown, f"{unknown} are not among the options {list(by_value)}"
        return value_of(element, [by_value[value] for value in values], values)

    async def _offered(
        self, target: Message | View, action_id: str, values: list[str]
    ) -> dict[str, JSON]:
        for value in values:
            if value not in self._suggested.get(action_id, {}):
                await self.suggest(target, action_id, value)
        return self._suggested.get(action_id, {})

    def _check_filled_in(self, view: View) -> None:
        for block in view.blocks:
            if block["type"] != "input":
                continue
            element = block["element"]
            value = view.state[block["block_id"]][element["action_id"]]
            label = block["label"]["text"]
            assert block.get("optional") or not is_empty(value), f"{label!r} must be filled in"
            problem = next(unfit(element, value, self.team), None)
            assert problem is None, f"{label!r}: {problem}"

    def _respond(self, view: View, ack: JSON) -> None:
        server = self.team.server
        view.errors = {}
        match ack.get("response_action"):
            case "errors":
                inputs = {each["block_id"] for each in view.blocks if each["type"] == "input"}
                view.errors = dict(ack.get("errors") or {"": ""})
                problems = [
                    f"no input is in {each!r}" for each in view.errors if each not in inputs
                ]
                problems += [f"{each!r} is no words" for each in view.errors.values() if not each]
                server.inspect("response_action errors", ack, problems)
            case "update" | "push" as what:
                problems = view_problems(ack.get("view"), "modal")
                if len(json.dumps(ack.get("view"))) > VIEW_SIZE:
                    problems.append("view_too_large")
                if what == "push" and len(self.stack) >= 3:
                    problems.append("push_limit_reached")
                if not server.inspect(f"response_action {what}", ack, problems):
                    if what == "update":
                        self.change_view(view, ack["view"])
                    else:
                        self.show_modal(ack["view"])
            case "clear":
                self.clear_modals()
            case None:
                server.inspect("ack of view_submission", ack, [f"unexpected {k}" for k in ack])
                if view in self.stack:
                    self._take_away(view)
            case other:
                server.inspect("ack of view_submission", ack, [f"no response_action {other!r}"])
