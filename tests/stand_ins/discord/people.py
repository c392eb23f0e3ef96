"""People at their Discord apps: they call commands, press buttons, and see what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.stand_ins.discord import calling, filling
from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.interactions import Interaction, Kind, owners
from tests.stand_ins.discord.messages import Attachment, Message
from tests.stand_ins.discord.wire import UPLOAD
from tests.stand_ins.discord.world import BOT_ID, Channel, Json, snowflake

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

CHAT_INPUT, ON_MESSAGE = 1, 3


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

    async def select(self, message: Message, custom_id: str, values: list[Any]) -> Interaction:
        """Choose from a select: values of its options, or people, roles or channels. Raises
        NotOffered."""
        control, resolved = self._control(message, custom_id), dict[str, Json]()
        # In a message, nothing says that a select need not be used.
        field = {**control, "required": True}
        sent: Json = {"values": filling.chosen(field, values, message.channel.guild, resolved)}
        return await self._use(
            message, control, sent | ({"resolved": resolved} if resolved else {})
        )

    def upload(self, name: str, data: bytes) -> Attachment:
        """A file to submit in a modal or to call a command with. Raises NotOffered."""
        if len(data) > UPLOAD:
            raise NotOffered(f"{name} has {len(data)} bytes")
        file = Attachment(name, data, self._server.cdn)
        self._server.files[file.id] = file
        return file

    async def submit(self, opened: Interaction, values: Mapping[str, Any]) -> Interaction:
        """Submit the modal that an interaction opened, with what its fields hold by their custom
        ids: a text, a radio button's value or None, whether a box is checked; a list of checked
        boxes, of options, of people, roles or channels, or of uploads. Raises NotOffered."""
        modal = opened.modal
        if modal is None:
            raise NotOffered(f"no modal is open: {opened.response}")
        data = filling.submitted(modal, values, opened.channel.guild)
        used = opened.used
        return await self._do(Kind.SUBMIT, opened.channel, data, used, opened)

    def write(self, channel: Channel, content: str) -> Message:
        """Post a message; bots without the intent don't receive it."""
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

    async def _use(
        self, message: Message, control: Json, chosen: Json | None = None
    ) -> Interaction:
        data = {
            "id": control.get("id", 0),
            "component_type": control["type"],
            "custom_id": control["custom_id"],
            **(chosen or {}),
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
        """The interaction as the bot receives it."""
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
            "attachment_size_limit": UPLOAD,
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
