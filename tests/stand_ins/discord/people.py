"""People at their Discord apps: they call commands, press buttons, and see what comes back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tests.stand_ins.discord.world import (
    ADMIN_PERMISSIONS,
    BOT_ID,
    MEMBER_PERMISSIONS,
    Channel,
    Interaction,
    Json,
    Message,
    snowflake,
)

if TYPE_CHECKING:
    from tests.stand_ins.discord.server import DiscordServer

COMMAND, COMPONENT, COMPLETION, SUBMIT = 2, 3, 4, 5
PATIENCE = 3.5
"""Seconds after which a person is told that the interaction failed."""


class NotAllowed(Exception):
    """Discord does not let this person use the command there."""


class Person:
    """Somebody in every server, with direct messages of their own."""

    def __init__(self, server: DiscordServer, name: str, *, admin: bool = False) -> None:
        self._server = server
        self.name = name
        self.admin = admin
        self.id = snowflake()
        self.dm = Channel(f"dm-{name}", None)

    async def slash(self, channel: Channel, command: str, **options: str | int) -> Interaction:
        """Call a command; of a sub-command, with both words."""
        return await self._do(channel, COMMAND, self._call(channel, command, options))

    async def complete(
        self, channel: Channel, command: str, option: str, text: str, **given: str | int
    ) -> list[Json]:
        """What is offered for a half-typed option."""
        data = self._call(channel, command, {**given, option: text}, focused=option)
        interaction = await self._do(channel, COMPLETION, data)
        assert interaction.response is not None
        choices: list[Json] = interaction.response["data"]["choices"]
        return choices

    async def context_menu(self, message: Message, name: str) -> Interaction:
        """Use a message's command."""
        data = {
            "id": "1",
            "name": name,
            "type": 3,
            "target_id": message.id,
            "resolved": {"messages": {message.id: message.payload()}},
        }
        return await self._do(message.channel, COMMAND, data)

    async def press(self, message: Message, custom_id: str) -> Interaction:
        """Press a button."""
        return await self._use(message, {"component_type": 2, "custom_id": custom_id})

    async def select(self, message: Message, custom_id: str, values: list[str]) -> Interaction:
        """Choose from a select."""
        data = {"component_type": 3, "custom_id": custom_id, "values": values}
        return await self._use(message, data)

    async def submit(self, opened: Interaction, text: str) -> Interaction:
        """Submit the modal that an interaction opened, with a text in its one input."""
        assert opened.response is not None
        assert opened.response["type"] == 9, opened.response
        modal = opened.response["data"]
        field = modal["components"][0]["component"]
        component = {"type": 4, "custom_id": field["custom_id"], "value": text}
        data = {
            "custom_id": modal["custom_id"],
            "components": [{"type": 18, "component": component}],
        }
        return await self._do(opened.channel, SUBMIT, data, opened.used)

    async def _use(self, message: Message, data: Json) -> Interaction:
        return await self._do(message.channel, COMPONENT, data, message)

    def _call(
        self, channel: Channel, command: str, options: dict[str, str | int], focused: str = ""
    ) -> Json:
        first, _, second = command.partition(" ")
        declared = next(each for each in self._server.commands if each["name"] == first)
        self._may(declared, channel)
        leaf = declared
        if second:
            leaf = next(each for each in declared["options"] if each["name"] == second)
        types = {option["name"]: option["type"] for option in leaf.get("options", ())}
        given: list[Json] = [
            {"name": name, "type": types[name], "value": value}
            | ({"focused": True} if name == focused else {})
            for name, value in options.items()
        ]
        if second:
            given = [{"name": second, "type": 1, "options": given}]
        return {"id": "1", "name": first, "type": 1, "options": given}

    def _may(self, declared: Json, channel: Channel) -> None:
        contexts = declared.get("contexts")
        if contexts is not None and (0 if channel.guild else 1) not in contexts:
            raise NotAllowed(f"{declared['name']} is not offered here")
        needed = declared.get("default_member_permissions")
        if needed is not None and channel.guild and not self._permissions & int(needed):
            raise NotAllowed(f"{declared['name']} is not offered to {self.name}")

    @property
    def _permissions(self) -> int:
        return ADMIN_PERMISSIONS if self.admin else MEMBER_PERMISSIONS

    def _payload(self) -> Json:
        return {
            "id": self.id,
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name,
            "avatar": None,
        }

    async def _do(
        self, channel: Channel, kind: int, data: Json, used: Message | None = None
    ) -> Interaction:
        # What a person looks at may be older than what the message has become.
        used = self._server.messages.get(used.id, used) if used else None
        interaction = Interaction({"type": kind}, self.id, channel, used)
        payload: Json = {
            "id": interaction.id,
            "application_id": BOT_ID,
            "type": kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": channel.id,
            "channel": {"id": channel.id, "type": 0 if channel.guild else 1, "name": channel.name},
            "app_permissions": str(MEMBER_PERMISSIONS),
            "locale": "en-GB",
            "entitlements": [],
            "authorizing_integration_owners": {"0": channel.guild.id if channel.guild else "0"},
            "context": 0 if channel.guild else 1,
            "attachment_size_limit": 10485760,
        }
        if channel.guild is None:
            payload["user"] = self._payload()
        else:
            payload |= {
                "guild_id": channel.guild.id,
                "guild": {"id": channel.guild.id, "locale": "en-GB", "features": []},
                "guild_locale": channel.guild.locale,
                "member": self._member(),
            }
        if used is not None:
            payload["message"] = used.payload()
        server = self._server
        server.interactions[interaction.id] = server.by_token[interaction.token] = interaction
        guild = channel.guild.id if channel.guild else None
        await server.gateway.tell(guild, "INTERACTION_CREATE", payload)
        try:
            async with asyncio.timeout(PATIENCE):
                await interaction.acknowledged.wait()
        except TimeoutError:
            server.missed_deadlines += 1
        if not server.keep:
            server.by_token.pop(interaction.token, None)
        return interaction

    def _member(self) -> dict[str, Any]:
        return {
            "user": self._payload(),
            "nick": None,
            "roles": [],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": str(self._permissions),
        }
