"""Scenarios on Discord: an unmodified client, over real sockets, against the stand-in."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.discord.client import StudyhallClient
from adapters.discord.invite import log_in
from bot.engine.screens import OPTION_LETTERS
from content.model import Pack
from tests.conformance.bot import Bot
from tests.conformance.chat import Chat, Filled, Named, Shown, Upload
from tests.samples import NOW, TickingClock
from tests.stand_ins.discord.components import CHANNELS, ROLES, USERS
from tests.stand_ins.discord.interactions import Interaction
from tests.stand_ins.discord.messages import Message
from tests.stand_ins.discord.people import Person
from tests.stand_ins.discord.server import DiscordServer
from tests.stand_ins.discord.world import (
    CREATE_PUBLIC_THREADS,
    MANAGE_GUILD,
    READ_HISTORY,
    Json,
    Role,
)

_COMMAND = re.compile(r"</([\w -]+):(\d+)>((?: [\w-]+:[^\n·?]+)?)")
_OPTION = re.compile(r" ([\w-]+):(.+?)(?=\.$| [\w-]+:|$)")
_OPTION_LABEL = re.compile(r"[A-H]\. ")
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
SELECT = 3


class DiscordChat(Chat):
    """A server with one channel, where `ann` is an admin."""

    name = "discord"
    can = frozenset(
        {
            "channels",
            "completion",
            "faults",
            "members",
            "names",
            "pictures",
            "shy roles",
            "stateless",
        }
    )

    def __init__(
        self, pack: Pack, database: str, server: DiscordServer, clock: TickingClock
    ) -> None:
        super().__init__(pack, clock)
        self.server = server
        self.guild = server.add_guild()
        self.general = self.guild.add_text_channel()
        self.bot: Bot
        self.client: StudyhallClient
        self._database = database
        self._people: dict[str, Person] = {}

    @classmethod
    @asynccontextmanager
    async def running(
        cls, pack: Pack, folder: Path, database: str, now: datetime = NOW
    ) -> AsyncIterator[DiscordChat]:
        clock = TickingClock(now)
        async with DiscordServer(clock=clock.timestamp) as server:
            chat = cls(pack, database, server, clock)
            await chat._start()
            try:
                yield chat
            finally:
                await chat._stop()
            assert server.violations == []
            assert server.pings == []

    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        given: dict[str, Any] = dict(options)
        if "member" in given:
            given["member"] = self._person(given["member"])
        sent = await self._person(user).slash(self.general, command, **given)
        return _shown(await sent.settled())

    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        return await self._pressed(_message(shown), _id(shown, label), user, text)

    async def choose(
        self, shown: Shown, menu: str, option: str | Named, user: str = "ann"
    ) -> Shown:
        return _shown(await _answered(await self._chosen(shown, menu, option, user)))

    async def fill(
        self, shown: Shown, label: str, fields: Mapping[str, Filled], user: str = "ann"
    ) -> Shown:
        person, opened = self._person(user), await self._opened(shown, label, user)
        assert opened.modal
        parts = {part["label"]: part["component"] for part in opened.modal["components"]}
        given = {
            parts[name]["custom_id"]: self._held(parts[name], value, person)
            for name, value in fields.items()
        }
        return _shown(await _answered(await person.submit(opened, given)))

    async def open(self, shown: Shown, label: str, user: str = "ann") -> Shown:
        return _shown(await _answered(await self._opened(shown, label, user)))

    async def fill_wrongly(self, shown: Shown, label: str, fields: Mapping[str, Filled]) -> str:
        said = await self.fill(shown, label, fields)
        assert said.labels == ("Try again",)
        return said.text

    @property
    def here(self) -> str:
        return f"discord {self.guild.id} {self.general.id}"

    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        message = _message(shown)
        for control in message.controls():
            if control["type"] != SELECT:
                continue
            if control["custom_id"].startswith("step|"):
                return await self._arrange(message, letters, user)
            options = control["options"]
            values = [options[OPTION_LETTERS.index(letter)]["value"] for letter in letters]
            sent = await self._person(user).select(message, control["custom_id"], values)
            return _shown(await sent.settled())
        ids = [each["custom_id"] for each in message.controls() if "custom_id" in each]
        return await self._pressed(message, ids[OPTION_LETTERS.index(letters[0])], user)

    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        return await self.press(shown, "Your answer", user, text)

    def named(self, shown: Shown) -> list[str]:
        return [line.strip() for line, *_ in self._mentioned(shown)]

    async def follow(self, shown: Shown, command: str, user: str = "ann") -> Shown:
        _, name, options = next(
            each for each in self._mentioned(shown) if each[0].startswith(command)
        )
        return await self.call(name, user, **options)

    def _mentioned(self, shown: Shown) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Each mentioned command: as a line, its name, and its options. Asserts that the id is
        Discord's."""
        ids = {each["name"]: each["id"] for each in self.server.commands}
        for name, id_, words in _COMMAND.findall(shown.text):
            assert ids[name.split()[0]] == id_
            yield f"{name}{words}", name, dict(_OPTION.findall(words.rstrip()))

    async def explain(self, shown: Shown, user: str = "ann") -> Shown:
        sent = await self._person(user).context_menu(_message(shown), "Explain this")
        return _shown(await sent.settled())

    async def restart(self) -> None:
        await self._stop()
        await self.server.gateway.forget()
        await self._start()

    async def suggested(self, command: str, option: str, text: str) -> list[str]:
        choices = await self._person("ann").autocomplete(self.general, command, option, text)
        return [choice["name"] for choice in choices]

    async def channel(self) -> Shown:
        return _shown(self._messages()[-1])

    async def passes(self, seconds: float) -> None:
        await self.bot.passes(seconds)

    async def press_stale(self, action: str = "oldverb:7f3a:2", user: str = "ann") -> Shown:
        await self.call("question")
        old = [{"type": 1, "components": [{"type": 2, "custom_id": action}]}]
        message = dataclasses.replace(self.general.messages[-1], components=old)
        return await self._pressed(message, action, user)

    def slow_down(self, seconds: float) -> None:
        self.bot.store.answers.delay = seconds

    def break_store(self) -> None:
        self.bot.store.players.broken = True

    def refuse_posts(self, status: int) -> None:
        self.server.fail("POST", "/channels/.*/messages", status)

    def refuse_files(self) -> None:
        self.server.refuse_files = True

    def add_channel(self, name: str, *, hidden_from: str = "") -> None:
        channel = self.guild.add_text_channel(name)
        if hidden_from:
            self.server.hide(channel, self._person(hidden_from))

    def forbid_posts(self) -> None:
        self.server.forbid(self.general)

    def permit_posts(self) -> None:
        self.server.permit(self.general)

    def delete_last(self) -> None:
        self.general.messages[-1].delete()

    def be_down(self, *, down: bool) -> None:
        self.server.faults.end()
        if down:
            self.server.fail(None, "/channels/", 520, times=None)

    def last_direct_message(self, user: str) -> str:
        return _shown(self._person(user).dm.messages[-1]).text

    def direct_messages(self, user: str) -> int:
        return len(self._person(user).dm.messages)

    def lose_post(self) -> None:
        self.server.lose_response("POST", "/channels/.*/messages")

    async def drop_connection(self) -> None:
        await self.server.gateway.drop()

    def give_role(self, role: str, *users: str) -> None:
        known = (each for each in self.guild.roles if each.name == role)
        given = next(known, None) or self.guild.add_role(role, mentionable=True)
        for name, person in self._people.items():
            others = [each for each in self.guild.membership(person).roles if each is not given]
            mine = [given] if name in users else []
            self.guild.membership(person).roles = [*others, *mine]

    def hide_role(self, role: str) -> None:
        self.server.hide_role(self.guild, self._role(role))

    def delete_role(self, role: str) -> None:
        self.server.delete_role(self.guild, self._role(role))

    def _role(self, name: str) -> Role:
        return next(each for each in self.guild.roles if each.name == name)

    async def posted(self, channel: str = "") -> int:
        others = {each.name: each for each in self.guild.channels}
        return len(others[channel].messages if channel else self._messages())

    async def replies(self) -> list[Shown]:
        return [_shown(each) for each in self.general.messages if each.replies_to]

    async def discussions(self) -> list[Shown]:
        threads = [each for each in self.server.channels.values() if each.parent is self.general]
        return [_shown(message) for each in threads for message in each.messages]

    async def address(self, shown: Shown) -> str:
        return f"https://discord.com/channels/{self.guild.id}/{self.general.id}/{shown.source.id}"

    def refuse_replies(self, *, discussions: bool = False) -> None:
        self.server.deny(self.general, CREATE_PUBLIC_THREADS if discussions else READ_HISTORY)

    def _messages(self) -> list[Message]:
        return [each for each in self.general.messages if not each.replies_to]

    def missed_deadlines(self) -> int:
        return self.server.missed_deadlines

    def pings(self) -> list[str]:
        return self.server.pings

    def take_pings(self) -> list[str]:
        taken = self.pings()[:]
        self.server.pings.clear()
        return taken

    def _person(self, name: str) -> Person:
        if name not in self._people:
            person = self._people[name] = self.server.add_person(name)
            self.guild.join(person, permissions=MANAGE_GUILD if name == "ann" else 0)
        return self._people[name]

    async def _pressed(self, message: Message, custom_id: str, user: str, text: str = "") -> Shown:
        person = self._person(user)
        sent = await person.press(message, custom_id)
        if sent.response and sent.response["type"] == 9:
            sent = await person.submit(sent, {"text": text})
        return _shown(await _answered(sent))

    def menu_action(self, shown: Shown, menu: str) -> str:
        """The action of a menu."""
        return str(_menu(shown, menu)["custom_id"])

    async def _chosen(self, shown: Shown, menu: str, option: str | Named, user: str) -> Interaction:
        message, person, select = _message(shown), self._person(user), _menu(shown, menu)
        values: list[Any] = []
        match option:
            case Named(name):
                things: list[Any] = [*self.guild.roles, *self.guild.channels]
                values = [next(each for each in things if each.name == name)]
            case _ if option:
                options = select["options"]
                values = [next(o["value"] for o in options if o["label"].startswith(option))]
        return await person.select(message, select["custom_id"], values)

    async def _opened(self, shown: Shown, label: str, user: str) -> Interaction:
        menu, _, option = label.partition("|")
        if option:
            return await self._chosen(shown, menu, option, user)
        return await self._person(user).press(_message(shown), _id(shown, label))

    def _held(self, part: Json, value: Filled, person: Person) -> Any:
        """A field's value, as Discord's app sends it."""
        values = {each["label"]: each["value"] for each in part.get("options", ())}
        match value:
            case Upload(name, content):
                return [person.upload(name, content)]
            case Named(name):
                roles = {each.name: each for each in self.guild.roles}
                chosen = {USERS: self._person(name), ROLES: roles.get(name), CHANNELS: self.general}
                return [chosen[part["type"]]]
            case list():
                return [values[each] for each in value]
            case _:
                return values.get(value, value)

    async def _arrange(self, message: Message, letters: Sequence[str], user: str) -> Shown:
        """Make one selection after the other, while there's one to make."""
        for letter in letters:
            select = _steps(message)
            value = select["options"][OPTION_LETTERS.index(letter)]["value"]
            sent = await self._person(user).select(message, select["custom_id"], [value])
            message = await _answered(sent)
            if not any(each["type"] == SELECT for each in message.controls()):
                break
        return _shown(message)

    async def _start(self) -> None:
        self.bot = await Bot.start(self.pack, self._database, self.clock)
        self.client = StudyhallClient(self.bot.desk, self.bot.store)
        await log_in(self.client, self.server.token, self.server.api_base)
        self.bot.posters["discord"] = self.client.poster
        self._connection = asyncio.create_task(self.client.connect())
        await self.server.ready()

    async def _stop(self) -> None:
        await self.client.close()
        await self._connection
        await self.bot.stop()


async def _answered(sent: Interaction) -> Message:
    assert not sent.failed, "This interaction failed"
    return await sent.settled()


def _steps(message: Message) -> Json:
    return next(each for each in message.controls() if each["type"] == SELECT)


def _menu(shown: Shown, label: str) -> Json:
    """A select by its placeholder."""
    controls = _message(shown).controls()
    return next(each for each in controls if each.get("placeholder") == label)


def _id(shown: Shown, label: str) -> str:
    """The custom id of a button, by the beginning of its label."""
    controls = _message(shown).controls()
    ids = (each["custom_id"] for each in controls if each.get("label", "").startswith(label))
    return str(next(ids))


def _message(shown: Shown) -> Message:
    found: Any = shown.source
    assert isinstance(found, Message)
    return found


def _shown(message: Message) -> Shown:
    files = message.attachments
    labels = tuple(each.get("label") or each.get("placeholder", "") for each in message.controls())
    options = [label for label in labels if _OPTION_LABEL.match(label)]
    return Shown(
        text="\n".join([_ESCAPE.sub(r"\1", message.text), *options]),
        private=message.ephemeral,
        labels=labels,
        menus={
            each["placeholder"]: tuple(option["label"] for option in each.get("options", ()))
            for each in message.controls()
            if "placeholder" in each
        },
        file=files[0].data if files else None,
        alt=files[0].description if files else "",
        source=copy.copy(message),
    )
