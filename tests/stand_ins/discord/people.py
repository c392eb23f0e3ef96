"""People at their Discord apps: they call commands, press buttons, and see what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.stand_ins.discord import calling
from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.interactions import Interaction, Kind, owners
from tests.stand_ins.discord.messages import Message
from tests.stand_ins.discord.world import BOT_ID, Channel, Json, snowflake

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

INPUT = 4
CHAT_INPUT, ON_MESSAGE = 1, 3
Value = str | list[str]


class Person:
    """Somebody in every guild, with direct messages of their own."""

    def __init__(self, server: DiscordServer, name: str, locale: str = "en-GB") -> None:
        self._server = server
        self.id = snowflake()
        self.name = name.lower()
        self.display_name = name
        self.locale = locale
        self.dm = Channel(f"dm-{name}", person=self)
        self.refuses_dms: tuple[int, str] | None = None
        """The error that the bot gets for a direct message."""
        self.app = False
        self.stranger = False

    def payload(self) -> Json:
        """Discord's user object."""
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0",
            "global_name": self.display_name,
            "avatar": None,
            "public_flags": 0,
            "bot": self.app,
        }

    # What a person does; each waits until the bot has responded, or it is too late for that.

    async def slash(self, channel: Channel, command: str, **options: Any) -> Interaction:
        """Call a command; of a sub-command, with all its words. Raises NotOffered."""
        data = self._call(channel, command, options)
        return await self._do(Kind.COMMAND, channel, data)

    async def autocomplete(
        self,
        channel: Channel,
        command: str,
        option: str,
        text: str,
        given: Mapping[str, Any] | None = None,
    ) -> list[Json]:
        """What is offered for a half-typed option. Raises NotOffered."""
        data = self._call(channel, command, {**(given or {}), option: text}, focused=option)
        sent = await self._do(Kind.COMPLETION, channel, data)
        if sent.response is None:
            raise AssertionError("Loading options failed")
        offered: list[Json] = sent.response["data"]["choices"]
        return offered

    async def context_menu(self, message: Message, name: str) -> Interaction:
        """Use a command on a message. Raises NotOffered."""
        command = calling.find(self._server.commands_in(message.channel), ON_MESSAGE, name)
        calling.check(command, self, message.channel)
        data: Json = {
            "id": command["id"],
            "name": name,
            "type": ON_MESSAGE,
            "target_id": message.id,
            "resolved": {"messages": {message.id: message.payload()}},
        }
        return await self._do(Kind.COMMAND, message.channel, data)

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Press a button. Raises NotOffered."""
        return await self._use(message, self._control(message, custom_id))

    async def select(self, message: Message, custom_id: str, values: list[str]) -> Interaction:
        """Choose from a select. Raises NotOffered."""
        control = self._control(message, custom_id)
        _check_values(control, values)
        return await self._use(message, control, values=values)

    async def submit(self, opened: Interaction, values: Mapping[str, Value]) -> Interaction:
        """Submit the modal that an interaction opened, with what its inputs hold by their custom
        ids. Raises NotOffered."""
        modal = opened.modal
        if modal is None:
            raise NotOffered(f"no modal is open: {opened.response}")
        left = dict(values)
        parts = [_submitted(part, left) for part in modal["components"]]
        if left:
            raise NotOffered(f"the modal has no inputs {[*left]}")
        data: Json = {"custom_id": modal["custom_id"], "components": parts}
        used = opened.used
        return await self._do(Kind.SUBMIT, opened.channel, data, used, opened)

    def write(self, channel: Channel, content: str) -> Message:
        """Write a message of one's own, of which bots without that intent are not told."""
        message = Message(channel, author=self.payload(), content=content, id=self._server.new_id())
        self._server.keep_message(message)
        return message

    def seen(self, channel: Channel) -> list[Message]:
        """What this person sees in a channel, in order."""
        return [each for each in channel.history if each.shown and each.visible_to in (None, self)]

    # How Discord puts it.

    def _call(
        self, channel: Channel, command: str, options: Mapping[str, Any], focused: str = ""
    ) -> Json:
        name, *words = command.split()
        declared = calling.find(self._server.commands_in(channel), CHAT_INPUT, name)
        calling.check(declared, self, channel)
        return calling.call(declared, words, options, channel.guild, focused)

    def _control(self, message: Message, custom_id: str) -> Json:
        """The component as the person sees it, which may be older than what the message became."""
        control = message.control(custom_id)
        if control is None or control.get("disabled"):
            raise NotOffered(f"there is no {custom_id} to be used")
        if message.deleted or message.visible_to not in (None, self):
            raise NotOffered(f"{self.name} does not see this message")
        return control

    async def _use(self, message: Message, control: Json, **chosen: list[str]) -> Interaction:
        data = {
            "id": control.get("id", 0),
            "component_type": control["type"],
            "custom_id": control["custom_id"],
            **chosen,
        }
        used = self._server.messages.get(message.id, message)
        return await self._do(Kind.COMPONENT, message.channel, data, used)

    async def _do(
        self,
        kind: Kind,
        channel: Channel,
        data: Json,
        used: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        server, guild = self._server, channel.guild
        interaction = Interaction(kind, self, channel, data, used, opener, id=server.new_id())
        server.keep_interaction(interaction)
        server.gateway.tell(
            guild.id if guild else None, "INTERACTION_CREATE", self._told(interaction)
        )
        try:
            async with asyncio.timeout(server.deadline):
                await interaction.acknowledged.wait()
        except TimeoutError:
            server.missed_deadlines += 1
        return interaction

    def _told(self, interaction: Interaction) -> Json:
        """The interaction as the bot is told of it."""
        channel, guild = interaction.channel, interaction.channel.guild
        told: Json = {
            "id": interaction.id,
            "application_id": BOT_ID,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": channel.id,
            "app_permissions": str(channel.app_permissions),
            "locale": self.locale,
            "entitlements": [],
            "entitlement_sku_ids": [],
            "authorizing_integration_owners": owners(channel),
            "attachment_size_limit": 10 * 2**20,
        }
        if guild is None:
            told |= {"context": 1, "user": self.payload(), "channel": channel.payload()}
        else:
            membership = guild.membership(self)
            told |= {
                "context": 0,
                "guild_id": guild.id,
                "guild": {"id": guild.id, "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
                "member": {**membership.payload(), "user": self.payload()},
                "channel": channel.payload(membership.allowed()),
            }
        if interaction.used is not None:
            told["message"] = interaction.used.payload()
        return told


def _check_values(control: Json, values: list[str]) -> None:
    least, most = control.get("min_values", 1), control.get("max_values", 1)
    if not least <= len(values) <= most:
        raise NotOffered(f"{len(values)} values where {least} to {most} can be chosen")
    offered = {option["value"] for option in control.get("options", ())}
    if offered and not set(values) <= offered:
        raise NotOffered(f"there are no options {set(values) - offered}")


def _submitted(part: Json, values: dict[str, Value]) -> Json:
    """A modal's part with what is in its input; that is taken out of the values."""
    told: Json = {"type": part["type"], "id": part.get("id", 0)}
    if "components" in part:
        told["components"] = [_filled(each, values) for each in part["components"]]
    elif "component" in part:
        told["component"] = _filled(part["component"], values)
    return told


def _filled(field: Json, values: dict[str, Value]) -> Json:
    custom_id = field["custom_id"]
    told: Json = {"type": field["type"], "id": field.get("id", 0), "custom_id": custom_id}
    if field["type"] == INPUT:
        text = values.pop(custom_id, field.get("value") or "")
        if problem := next(_unfit(field, text), None):
            raise NotOffered(f"{custom_id}: {problem}")
        return {**told, "value": text}
    chosen = values.pop(custom_id, [])
    if chosen or field.get("required", True):
        _check_values(field, [*chosen])
    return {**told, "values": chosen}


def _unfit(field: Json, text: Value) -> Iterator[str]:
    if not isinstance(text, str):
        yield "not a text"
    elif not text and field.get("required", True):
        yield "required"
    elif text and not (field.get("min_length") or 0) <= len(text) <= (
        field.get("max_length") or 4000
    ):
        yield f"{len(text)} characters"
