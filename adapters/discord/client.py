"""The Discord client: turns what Discord sends into events, and sends the replies."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import discord
from discord import (
    AllowedMentions,
    Intents,
    InteractionResponseType,
    InteractionType,
    app_commands,
)
from discord.abc import GuildChannel
from discord.app_commands import CommandTree

from adapters.charts import Pictures
from adapters.discord import PLATFORM, controls, forms, tree
from adapters.discord.invite import LOGIN_REJECTED, OUTAGE_ERRORS, UNREACHABLE, log_in
from adapters.discord.poster import DiscordPoster
from adapters.discord.respond import respond
from adapters.discord.zones import guess_zone
from adapters.intake import Intake, Sender, Work
from bot.engine.actions import UnknownAction
from bot.engine.commands import press_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press, Value
from bot.engine.platform import LoginFailed, Unreachable
from bot.engine.ports import Store
from bot.engine.screens import Choice, Form, Reply, notice

log = logging.getLogger(__name__)

AUTHENTICATION_FAILED = 4004
"""The gateway's close code for an invalid or revoked token."""

FORM_TIMEOUT_SECONDS = 2.0
"""How long building a form may take: Discord accepts a modal only within three seconds, and only
as the first response."""

DEFERRED = (
    InteractionResponseType.deferred_channel_message,
    InteractionResponseType.deferred_message_update,
)

FORM_TOO_SLOW = "That took too long to open. Press the button again."

Interaction = discord.Interaction[Any]


class StudyhallClient(discord.AutoShardedClient):
    """Connects to Discord; makes no decisions and stores nothing."""

    platform = PLATFORM
    deferred = 0

    def __init__(
        self, desk: Desk, store: Store, token: str = "", api_base: str = "", **shards: Any
    ) -> None:
        super().__init__(
            # Interactions need no intent; `guilds` reports the servers that the bot is in.
            intents=Intents(guilds=True),
            allowed_mentions=AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            **shards,
        )
        # The library disconnects at the first event it can't parse. Only READY is indispensable.
        parsers = self._connection.parsers
        for event in parsers.keys() - {"READY"}:
            parsers[event] = _skip_broken(event, parsers[event])
        self._command_ids: dict[str, int] = {}
        self.poster = DiscordPoster(self, self._command_ids)
        self._token, self._api_base = token, api_base
        self._desk = desk
        self._store = store
        self._tree: CommandTree[Any] = CommandTree(self)
        self._tree.error(self._on_command_error)
        tree.add_commands(self._tree, self._on_command, self._autocomplete)
        self._pictures = Pictures()
        self._intake = Intake(PLATFORM)

    @property
    def connected(self) -> bool:
        """Whether all shards are connected."""
        return self.is_ready() and not any(shard.is_closed() for shard in self.shards.values())

    async def log_in(self) -> None:
        """Log in over REST. Raises LoginFailed."""
        await log_in(self, self._token, self._api_base)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Take events until closed. The library reconnects on its own while Discord allows it.
        Raises LoginFailed and Unreachable."""
        try:
            await super().connect(reconnect=reconnect)
        except discord.ConnectionClosed as closed:
            if closed.code == AUTHENTICATION_FAILED:
                raise LoginFailed(LOGIN_REJECTED) from None
            raise Unreachable(f"Discord closed the connection, code {closed.code}") from None
        except OUTAGE_ERRORS as problem:
            raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None

    async def setup_hook(self) -> None:
        """Sync the slash commands if they've changed since the last sync, and load their ids, which
        texts need to mention them."""
        key, ids = (f"discord-{what}-{self.application_id}" for what in ("commands", "command-ids"))
        current, known = tree.fingerprint(self._tree), await self._store.settings.get(ids)
        changed = await self._store.settings.get(key) != current
        if known and not changed:
            self._command_ids.update(json.loads(known))
            return
        commands = await (self._tree.sync() if changed else self._tree.fetch_commands())
        self._command_ids.update(tree.command_ids(commands))
        await self._store.settings.set(ids, json.dumps(self._command_ids))
        if changed:
            await self._store.settings.set(key, current)
            log.info("synced slash commands")

    async def leave(self) -> None:
        """Take no more events, finish the running ones, and close."""
        await self._intake.drain()
        await self.close()

    async def on_ready(self) -> None:
        """Log that every shard is up."""
        log.info("discord is ready: logged in as %s, servers: %d", self.user, len(self.guilds))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Stop posting in a server that removed the bot."""
        await self._desk.rounds.abandon(PLATFORM, str(guild.id))
        log.info("discord server %s removed the bot", guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Say hello, and show results that the server has missed: the bot may have been added
        back."""
        await self._desk.rounds.welcome(PLATFORM, str(guild.id))
        if place := self.poster.find_open_channel(guild):
            handle = f"hello-{guild.id}"
            await self._desk.greet(
                PLATFORM, str(guild.id), lambda screen: self.poster.post(place, screen, handle)
            )

    async def on_guild_channel_update(self, _: GuildChannel, after: GuildChannel) -> None:
        """Show missed results: a channel's permissions may allow it now."""
        await self._desk.rounds.welcome(PLATFORM, str(after.guild.id))

    async def on_guild_role_update(self, _: discord.Role, after: discord.Role) -> None:
        """Show missed results: a role's permissions may allow it now."""
        await self._desk.rounds.welcome(PLATFORM, str(after.guild.id))

    async def on_interaction(self, interaction: Interaction) -> None:
        """Handle components and modals; commands go through the tree."""
        data: Mapping[str, Any] = interaction.data or {}
        id_, values = data.get("custom_id", ""), data.get("values", ())
        match interaction.type:
            case InteractionType.component:
                self._take(
                    interaction, "press", id_, lambda: self._on_component(interaction, id_, values)
                )
            case InteractionType.modal_submit:
                self._take(interaction, "text", id_, lambda: self._on_modal(interaction, data))
            case _:
                pass

    async def _on_component(
        self, interaction: Interaction, custom_id: str, values: Sequence[str]
    ) -> None:
        message = interaction.message
        # A list of buttons sends the one that was picked; so does the last entry of other lists.
        folded = custom_id.startswith(controls.MENU_PREFIX)
        if values and (folded or values[0].startswith(controls.FORM_PREFIX)):
            custom_id, values = values[0], ()
        if custom_id.startswith(controls.FORM_PREFIX):
            await self._open_form(interaction, custom_id.removeprefix(controls.FORM_PREFIX))
        elif not controls.is_step(custom_id) or message is None or not values:
            await self._handle_press(interaction, Press(custom_id, tuple(values)))
        else:
            match controls.take_step(message, custom_id, values[0]):
                case (action, picked):
                    await self._handle_press(interaction, Press(action, picked))
                case view if message.flags.ephemeral:
                    await interaction.response.edit_message(view=view)
                case view:
                    embeds = controls.copy_embeds(message, view)
                    await interaction.response.send_message(
                        embeds=embeds, view=controls.keep_steps(view), ephemeral=True
                    )

    async def _handle_press(self, interaction: Interaction, press: Press) -> None:
        work = self._desk.handle(_build_event(interaction, press))
        await self._respond(interaction, work, updates=_updates_message(press.action))

    async def _on_modal(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        press = Press(data["custom_id"], fields=forms.read_fields(interaction, data))
        await self._handle_press(interaction, press)

    async def _open_form(self, interaction: Interaction, action: str) -> None:
        """Open the form of an action."""
        opened: Form | Reply
        try:
            async with asyncio.timeout(FORM_TIMEOUT_SECONDS):
                opened = await self._desk.form(_build_event(interaction, Press(action)))
        except TimeoutError:
            opened = notice(FORM_TOO_SLOW)
        if isinstance(opened, Form):
            await interaction.response.send_modal(forms.build_modal(opened, action))
        else:
            await self._respond(interaction, _resolved(opened))

    async def _respond(
        self, interaction: Interaction, work: Awaitable[Reply], *, updates: bool = False
    ) -> None:
        first = not interaction.response.is_done()
        try:
            await respond(interaction, work, self._pictures, self._command_ids, updates=updates)
        finally:
            self.deferred += first and interaction.response.type in DEFERRED

    async def _on_command(
        self, interaction: Interaction, command: str, options: Mapping[str, Value]
    ) -> None:
        async def called() -> None:
            event = _build_event(interaction, Call(command, options))
            await self._respond(interaction, self._desk.handle(event))

        self._take(interaction, "call", command, called)

    async def _autocomplete(
        self,
        interaction: Interaction,
        command: str,
        given: Mapping[str, Value],
        option: str,
        text: str,
    ) -> list[Choice]:
        with self._intake.slot(_sender_of(interaction)) as admitted:
            if not admitted:
                return []
            event = _build_event(interaction, Call(command, given))
            return await self._desk.complete(event, option, text)

    async def _on_command_error(
        self, interaction: Interaction, error: app_commands.AppCommandError
    ) -> None:
        """Reply to a command that was sent as it was declared before an update."""
        # Its message quotes the command's options.
        log.warning("discord sent an outdated command: %s", type(error).__name__)
        if interaction.type is InteractionType.application_command:
            await self._respond(
                interaction,
                _resolved(notice("This command was updated. Wait a minute, then type it again.")),
            )

    def _take(self, interaction: Interaction, kind: str, what: str, work: Work) -> None:
        self._intake.take(
            kind,
            what,
            _sender_of(interaction),
            work,
            lambda reply: self._respond(interaction, _resolved(reply)),
        )


def _skip_broken(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """The parser, made to skip events that it can't parse."""

    def parse_or_skip(data: Any) -> None:
        try:
            parse(data)
        except Exception as problem:
            log.warning("skipped a %s event that can't be parsed: %r", event, problem)

    return parse_or_skip


def _sender_of(interaction: Interaction) -> Sender:
    return str(interaction.guild_id or ""), str(interaction.user.id)


def _updates_message(action: str) -> bool:
    """Whether the press updates the private message that it was made on."""
    try:
        press, decoded = press_of(action)
    except UnknownAction:
        return False
    return press.updates(decoded)


async def _resolved(reply: Reply) -> Reply:
    """A reply that's ready, to await like any other."""
    return reply


def _build_event(interaction: Interaction, what: Call | Press) -> Event:
    """The event: who did what, and where."""
    user, guild = interaction.user, interaction.guild_id
    return Event(
        Actor(
            user=str(user.id),
            name=user.display_name,
            admin=interaction.permissions.manage_guild,
            # The ids as sent: the library's own list omits roles that it doesn't know yet.
            roles=tuple(map(str, user._roles)) if isinstance(user, discord.Member) else (),
        ),
        Place(
            platform=PLATFORM,
            community=str(guild or ""),
            channel=str(interaction.channel_id or ""),
            private=guild is None,
            zone=guess_zone(str(interaction.guild_locale or "")),
        ),
        what,
    )
