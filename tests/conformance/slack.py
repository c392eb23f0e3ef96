"""Scenarios on Slack: unmodified Bolt and SDK, over real sockets, against the stand-in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.app import SlackAdapter
from adapters.slack.mrkdwn import ZERO_WIDTH_SPACE
from adapters.slack.poster import CAN_POST
from adapters.slack.render import FORM_PREFIX, PART_PREFIX, SELECT_PREFIX, SUBMIT_PREFIX
from adapters.slack.replies import IN_MESSAGES
from adapters.slack.workspaces import EVENTS, Credentials
from bot.engine.commands import asks_in_form
from bot.engine.events import Place
from bot.engine.lines import parse
from bot.engine.screens import OPTION_LETTERS
from content.model import Pack
from storage.installations import Installations
from tests.conformance.bot import Bot
from tests.conformance.chat import Chat, Filled, Named, Shown, Upload, typed
from tests.samples import NOW, TickingClock
from tests.stand_ins.slack import Message, Person, Sent, SlackServer, View
from tests.stand_ins.slack.blocks import controls
from tests.stand_ins.slack.files import File

_COMMAND = re.compile(r"`/quiz ([^`\n]+)`")
_MARKS = re.compile(rf"\*([A-H1-8]\.)\*|{ZERO_WIDTH_SPACE}")


class SlackChat(Chat):
    """A workspace with one channel, where `ann` is an admin; events come over Socket Mode."""

    name = "slack-socket"
    role_word = "user group"
    lists_roles = True
    can = frozenset(
        {"channels", "completion", "faults", "lines", "members", "names", "pictures", "stateless"}
    )

    def __init__(self, pack: Pack, database: str, server: SlackServer, clock: TickingClock) -> None:
        super().__init__(pack, clock)
        self.server = server
        self.general = server.team.add_channel("general")
        self.bot: Bot
        self.slack: SlackAdapter
        self._database = database
        self._people: dict[str, Person] = {}
        self._starts = 0

    @classmethod
    @asynccontextmanager
    async def running(
        cls, pack: Pack, folder: Path, database: str, now: datetime = NOW
    ) -> AsyncIterator[SlackChat]:
        clock = TickingClock(now)
        async with SlackServer(clock=clock.timestamp) as server:
            chat = cls(pack, database, server, clock)
            await chat._start()
            try:
                yield chat
            finally:
                await chat._stop()
            assert list(server.violations) == []
            assert list(server.pings) == []

    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        given = dict(options)
        if "member" in given:
            who = self._person(str(given["member"]))
            given["member"] = f"<@{who.id}|{who.handle}>"
        words = typed(given)
        if command in ("explain", "season start", "team create", "team join"):
            first, *others = given
            words = f"{given[first]} {typed({name: given[name] for name in others})}"
        return await self.type_line(f"{command} {words}", user)

    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        return await self._pressed(shown, _id(shown, label), user, text)

    async def choose(
        self, shown: Shown, menu: str, option: str | Named, user: str = "ann"
    ) -> Shown:
        person = self._person(user)
        person.catch_up(self.general)
        sent = await self._chosen(shown, menu, option, user)
        return await self._next(person, sent, _look(shown).message)

    def menu_action(self, shown: Shown, menu: str) -> str:
        """The action of a menu."""
        blocks = _look(shown).message.blocks
        menus = (each for _, each in controls(blocks) if "placeholder" in each)
        id_: str = next(each["action_id"] for each in menus if each["placeholder"]["text"] == menu)
        return id_.removeprefix(SELECT_PREFIX)

    async def _chosen(self, shown: Shown, menu: str, option: str | Named, user: str) -> Sent:
        message, id_ = _look(shown).message, f"{SELECT_PREFIX}{self.menu_action(shown, menu)}"
        if isinstance(option, Named):
            channel = self.server.team.find(option.name)
            wanted = f"Notify {option.name}" if channel is None else ""
            value = channel.id if channel else ""
        else:
            wanted, value = option or "Notify nobody", ""
        if wanted:
            options = message.options(id_)
            value = next(each.value for each in options if each.text.startswith(wanted))
        sent = await self._person(user).choose(message, id_, value)
        assert sent
        return sent

    async def _touched(self, shown: Shown, label: str, user: str) -> None:
        """Press a button, or pick from a menu, that opens a form."""
        menu, _, option = label.partition("|")
        if option:
            await self._chosen(shown, menu, option, user)
        else:
            await self._person(user).press(_look(shown).message, _id(shown, label))

    async def fill(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str = "ann"
    ) -> Shown:
        sent = await self._submitted(shown, label, fields, user)
        assert self._person(user).view is None
        return await self._next(self._person(user), sent, _look(shown).message)

    async def open(self, shown: Shown, label: str, user: str = "ann") -> Shown:
        person = self._person(user)
        await self._touched(shown, label, user)
        return _shown(await self._loaded(person))

    async def fill_wrongly(self, shown: Shown, label: str, fields: Mapping[str, Filled]) -> str:
        await self._submitted(shown, label, fields, "ann")
        view = self._person("ann").view
        assert view
        return " ".join(view.errors.values())

    @property
    def here(self) -> str:
        return f"slack {self.server.team.id} {self.general.id}"

    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        look, person = _look(shown), self._person(user)
        forms = (id_ for id_ in look.buttons.values() if id_.startswith(f"{FORM_PREFIX}arrange:"))
        if form := next(forms, ""):
            return await self._arranged(shown, form, letters, user)
        if not look.parts:
            ids = [id_ for id_ in look.buttons.values() if id_.startswith("answer:")]
            return await self._pressed(shown, ids[OPTION_LETTERS.index(letters[0])], user)
        places = [str(OPTION_LETTERS.index(letter)) for letter in letters]
        # If what was on the screen is gone, only the press that was under way arrives.
        if _shown(look.message).source.parts == look.parts:
            await person.choose(look.message, look.parts[0], places)
        submit = next(id_ for id_ in look.buttons.values() if id_.startswith(SUBMIT_PREFIX))
        return await self._pressed(shown, submit, user)

    async def _arranged(self, shown: Shown, id_: str, letters: Sequence[str], user: str) -> Shown:
        """What comes of the modal that asks for all parts; itself while it isn't complete."""
        message, person = _look(shown).message, self._person(user)
        person.catch_up(self.general)
        await person.press(message, id_, late=id_ not in message.buttons().values())
        view = await self._loaded(person)
        if not view.raw.get("submit"):
            return _shown(view)
        parts = [*view.inputs().values()]
        values = {
            part: str(OPTION_LETTERS.index(letter))
            for part, letter in zip(parts, letters, strict=False)
        }
        if len(values) < len(parts):
            # Slack's own app asks for the rest.
            with pytest.raises(AssertionError, match="must be filled in"):
                await person.submit(view, values)
            return Shown(view.words, True, (*view.inputs(), view.raw["submit"]["text"]))
        sent = await person.submit(view, values)
        if view.errors:
            return Shown(" ".join(view.errors.values()), private=True)
        return await self._next(person, sent, message)

    async def _loaded(self, person: Person) -> View:
        """The modal that opened at once, with what came into it."""
        await person.next_view()
        shown = ("views.open", "views.push")
        opened = next(each for method, each in reversed(self.server.calls) if method in shown)
        assert "Loading" in str(opened["view"])
        return await person.next_loaded()

    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        return await self.press(shown, "Your answer", user, text)

    def named(self, shown: Shown) -> list[str]:
        return _COMMAND.findall(shown.text)

    async def follow(self, shown: Shown, command: str, user: str = "ann") -> Shown:
        named = next(each for each in self.named(shown) if each.startswith(command))
        return await self.type_line(named, user)

    async def type_line(self, line: str, user: str = "ann") -> Shown:
        person = self._person(user)
        person.catch_up(self.general)
        sent = await person.command(self.general, "/quiz", line)
        if asks_in_form(parse(line), Place("slack", "T", "C", private=False)):
            return await self._submitted_unchanged(person)
        return await self._next(person, sent, None)

    async def _submitted_unchanged(self, person: Person) -> Shown:
        """What comes of a command's modal that's submitted as it opens; itself if it's no form."""
        view = await self._loaded(person)
        if not view.raw.get("submit"):
            return _shown(view)
        return await self._next(person, await person.submit(view), None)

    async def explain(self, shown: Shown, user: str = "ann") -> Shown:
        person = self._person(user)
        person.catch_up(self.general)
        sent = await person.message_shortcut(_look(shown).message, "explain_this")
        return await self._next(person, sent, None)

    async def restart(self) -> None:
        await self._stop()
        await self._start()

    async def suggested(self, command: str, option: str, text: str) -> list[str]:
        ann = self._person("ann")
        await ann.open_home()
        view = await ann.next_home()
        return [each.text for each in await ann.suggest(view, f"topic|{command}", text)]

    async def channel(self) -> Shown:
        return _shown(self._messages()[-1])

    async def passes(self, seconds: float) -> None:
        await self.bot.passes(seconds)

    async def press_stale(self, action: str = "oldverb:7f3a:2", user: str = "ann") -> Shown:
        await self.slack.client.chat_postMessage(
            channel=self.general.id,
            text="from long ago",
            blocks=[
                {
                    "type": "actions",
                    "elements": [
                        {
                            "type": "button",
                            "text": {"type": "plain_text", "text": "Old"},
                            "action_id": action,
                        }
                    ],
                }
            ],
        )
        return await self._pressed(await self.channel(), action, user)

    def slow_down(self, seconds: float) -> None:
        self.bot.store.answers.delay = seconds

    def break_store(self) -> None:
        self.bot.store.players.broken = True

    def refuse_posts(self, status: int) -> None:
        self.server.fail("chat.postMessage", status=status, retry_after=0)

    def refuse_files(self) -> None:
        self.server.missing_scopes.add("files:write")

    def add_channel(self, name: str, *, hidden_from: str = "") -> None:
        self.server.team.add_channel(name)

    def forbid_posts(self) -> None:
        self.server.remove_bot(self.general)

    def permit_posts(self) -> None:
        self.general.has_bot = True

    def delete_last(self) -> None:
        self.general.messages[-1].delete()

    def be_down(self, *, down: bool) -> None:
        self.server.faults.down = down

    def last_direct_message(self, user: str) -> str:
        return self._person(user).dm.messages[-1].words

    def direct_messages(self, user: str) -> int:
        return len(self._person(user).dm.messages)

    def lose_post(self) -> None:
        self.server.lose_response("chat.postMessage")

    async def drop_connection(self) -> None:
        await self.server.refresh()

    def give_role(self, role: str, *users: str) -> None:
        members = [self._person(user) for user in users]
        known = (each for each in self.server.team.groups.values() if each.handle == role)
        given = next(known, None) or self.server.team.add_group(role)
        given.members = members

    def delete_role(self, role: str) -> None:
        groups = self.server.team.groups
        del groups[next(id_ for id_, each in groups.items() if each.handle == role)]

    async def posted(self, channel: str = "") -> int:
        other = self.server.team.find(channel) if channel else None
        return len(other.messages if other else self._messages())

    async def replies(self) -> list[Shown]:
        return [_shown(each) for each in self.general.messages if each.broadcast]

    async def discussions(self) -> list[Shown]:
        threaded = (each for each in self.general.messages if each.thread_ts)
        return [_shown(each) for each in threaded if not each.broadcast]

    async def address(self, shown: Shown) -> str:
        asked = await self.slack.client.chat_getPermalink(
            channel=self.general.id, message_ts=_look(shown).id
        )
        return str(asked["permalink"])

    def refuse_replies(self, *, discussions: bool = False) -> None:
        self.general.threadable = False

    def _messages(self) -> list[Message]:
        return [each for each in self.general.messages if not each.thread_ts]

    def missed_deadlines(self) -> int:
        return len(self.server.missed_deadlines)

    def pings(self) -> list[str]:
        return list(self.server.pings)

    def take_pings(self) -> list[str]:
        taken = self.pings()[:]
        self.server.pings.clear()
        return taken

    def _person(self, name: str) -> Person:
        if name not in self._people:
            admin = name == "ann"
            self._people[name] = self.server.team.add_person(name, admin=admin)
        return self._people[name]

    async def _pressed(self, shown: Shown, id_: str, user: str, text: str = "") -> Shown:
        message, person = _look(shown).message, self._person(user)
        person.catch_up(self.general)
        sent = await person.press(message, id_, late=id_ not in message.buttons().values())
        if id_.startswith(FORM_PREFIX):
            view = await person.next_view()
            sent = await person.submit(view, {"text": text})
        return await self._next(person, sent, message)

    async def _submitted(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str
    ) -> Sent:
        person = self._person(user)
        person.catch_up(self.general)
        await self._touched(shown, label, user)
        view = await person.next_form()
        ids = view.inputs()
        held = {
            ids[name]: await self._held(view, ids[name], value, person)
            for name, value in fields.items()
        }
        return await person.submit(view, held)

    async def _held(self, view: View, id_: str, value: Filled, person: Person) -> Any:
        """A field's value, as Slack's app sends it."""
        _, element = view.find(id_)
        if "external" in element["type"]:
            name = value.name if isinstance(value, Named) else str(value)
            return (await person.suggest(view, id_, name))[0].value
        values = {each.text: each.value for each in view.options(id_)}
        match value:
            case Upload(name, content):
                return [person.upload(name, content)]
            case Named(name):
                return self._person(name) if element["type"] == "users_select" else self.general
            case list():
                return [values[each] for each in value]
            case _:
                return values.get(value, value)

    async def _next(self, person: Person, sent: Sent, used: Message | View | None) -> Shown:
        """What only the member sees next: a new message, a file, or an update of what they used."""
        assert not sent.failed
        if isinstance(used, View):
            await person.next_view()
            return _shown(await person.next_loaded())
        waits = [asyncio.ensure_future(self._private(person))]
        if used is not None and used.visible_to is not None:
            waits.append(asyncio.ensure_future(person.next_edit(used)))
        if used is not None:
            waits.append(asyncio.ensure_future(person.next_message(person.dm)))
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        message: Any = next(iter(done)).result() or used
        return _shown(message)

    async def _private(self, person: Person) -> Message:
        while True:
            message = await person.next_message(self.general)
            beside = message.text == CAN_POST or message.text.startswith(IN_MESSAGES)
            if message.visible_to is not None and not beside:
                return message

    async def _start(self) -> None:
        self.bot = await Bot.start(self.pack, self._database, self.clock)
        self.slack = SlackAdapter(self.bot.desk, self._credentials(), self._installations())
        await self.slack.log_in()
        self.bot.posters["slack"] = self.slack.poster
        await self._connect()

    def _installations(self) -> Installations | None:
        """The installations, if many workspaces can install the app."""
        return None

    def _credentials(self) -> Credentials:
        return Credentials(
            bot_token=self.server.bot_token,
            app_token=self.server.app_token,
            api_base=self.server.base_url,
        )

    async def _connect(self) -> None:
        self._connection = asyncio.create_task(self.slack.connect())
        self._starts += 1
        await self.server.ready(connections=self._starts)

    async def _disconnect(self) -> None:
        self._connection.cancel()
        await asyncio.gather(self._connection, return_exceptions=True)

    async def _stop(self) -> None:
        await self._disconnect()
        await self.slack.leave()
        await self.bot.stop()


class SlackHttpChat(SlackChat):
    """The same, with events as signed HTTP requests, for an app that was installed without the
    scopes to read channels."""

    name = "slack-http"

    def __init__(self, pack: Pack, database: str, server: SlackServer, clock: TickingClock) -> None:
        super().__init__(pack, database, server, clock)
        server.missing_scopes |= {"channels:read", "groups:read"}

    def _credentials(self) -> Credentials:
        return Credentials(
            bot_token=self.server.bot_token,
            signing_secret=self.server.signing_secret,
            api_base=self.server.base_url,
        )

    async def _connect(self) -> None:
        self._runner = await self.slack.listen("127.0.0.1", 0)
        port = self._runner.addresses[0][1]
        self.server.connect_http(f"http://127.0.0.1:{port}{EVENTS}")

    async def _disconnect(self) -> None:
        await self._runner.cleanup()

    async def drop_connection(self) -> None:
        """There's none to drop: each event is its own request."""


@dataclass(frozen=True)
class Look:
    """A message or modal, and the controls it had when it was looked at."""

    message: Any
    buttons: dict[str, str]
    parts: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.message.ts)


def _id(shown: Shown, label: str) -> str:
    """The action id of a button, by the beginning of its label."""
    buttons = _look(shown).buttons
    return next(id_ for name, id_ in buttons.items() if name.startswith(label))


def _look(shown: Shown) -> Look:
    found: Any = shown.source
    assert isinstance(found, Look)
    return found


def _shown(message: Message | View) -> Shown:
    elements = [each for block in message.blocks for each in block.get("elements", ())]
    files = [*getattr(message, "files", ()), *_in_blocks(message)]
    parts = tuple(
        each["action_id"] for each in elements if each.get("action_id", "").startswith(PART_PREFIX)
    )
    return Shown(
        text=_MARKS.sub(r"\1", message.words),
        private=isinstance(message, View) or message.visible_to is not None,
        labels=tuple(message.buttons()),
        menus={
            element["placeholder"]["text"]: tuple(
                each["text"]["text"] for each in element.get("options", ())
            )
            for _, element in controls(message.blocks)
            if "placeholder" in element
        },
        file=files[0].content if files else None,
        alt=files[0].alt if files else "",
        source=Look(message, dict(message.buttons()), parts),
    )


def _in_blocks(shown: Message | View) -> Iterator[File]:
    """The files that the blocks show."""
    team = shown.person.team if isinstance(shown, View) else shown.channel.team
    for block in shown.blocks:
        if "slack_file" in block:
            yield team.server.files[block["slack_file"]["id"]]
