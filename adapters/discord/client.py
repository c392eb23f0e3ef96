"""The Discord client: what comes in becomes events, and replies go out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import discord
from discord import AllowedMentions, Intents, InteractionType, app_commands
from discord.abc import GuildChannel
from discord.app_commands import CommandTree

from adapters.charts import Pictures
from adapters.discord import PLATFORM, controls, forms, tree
from adapters.discord.invite import BAD_TOKEN, OUTAGE_ERRORS, UNREACHABLE, log_in
from adapters.discord.poster import DiscordPoster
from adapters.discord.respond import respond
from adapters.discord.zones import guess_zone
from adapters.intake import Intake, Work
from bot.engine.actions import UnknownAction
from bot.engine.commands import press_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event, Place, Press, Value
from bot.engine.platform import LoginFailed, Unreachable
from bot.engine.ports import Store
from bot.engine.screens import Choice, Form, Reply, notice

log = logging.getLogger(__name__)

AUTHENTICATION_FAILED = 4004
"""The gateway's close code for a token that isn't known, or not any more."""

FORM_TIMEOUT_SECONDS = 2.0
"""How long a form may take to be built: Discord takes no modal once an answer was promised, nor
after three seconds."""

ADMIN_REPLY_LIFETIME = timedelta(minutes=15)
"""How long a private answer to a command shows that its reader may call it: that right can be taken
away. Discord lets the answer be changed for as long."""

FORM_TOO_SLOW = "That took too long to open. Press the button again."

Interaction = discord.Interaction[Any]


class StudyhallClient(discord.AutoShardedClient):
    """Logs in to Discord; decides nothing and keeps nothing."""

    platform = PLATFORM

    def __init__(
        self, desk: Desk, store: Store, token: str = "", api_base: str = "", **shards: Any
    ) -> None:
        super().__init__(
            # Interactions come without any intent; guilds tell where the bot is.
            intents=Intents(guilds=True),
            allowed_mentions=AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            **shards,
        )
        # The library ends at the first event it can't parse. Without READY, it can't go on.
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

    async def log_in(self) -> None:
        """Log in over REST. Raises LoginFailed."""
        await log_in(self, self._token, self._api_base)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Take events until closed; the library reconnects by itself where Discord lets it. Raises
        LoginFailed and Unreachable."""
        try:
            await super().connect(reconnect=reconnect)
        except discord.ConnectionClosed as closed:
            if closed.code == AUTHENTICATION_FAILED:
                raise LoginFailed(BAD_TOKEN) from None
            raise Unreachable(f"Discord closed the connection, code {closed.code}") from None
        except OUTAGE_ERRORS as problem:
            raise Unreachable(f"{UNREACHABLE}: {str(problem) or type(problem).__name__}") from None

    async def setup_hook(self) -> None:
        """Tell Discord of the commands, where they have changed since it was last told, and learn
        the ids by which texts mention them."""
        key, ids = (f"discord-{what}-{self.application_id}" for what in ("commands", "command-ids"))
        now, known = tree.fingerprint(self._tree), await self._store.kept(ids)
        changed = await self._store.kept(key) != now
        if known and not changed:
            self._command_ids.update(json.loads(known))
            return
        told = await (self._tree.sync() if changed else self._tree.fetch_commands())
        self._command_ids.update(tree.command_ids(told))
        await self._store.keep(ids, json.dumps(self._command_ids))
        if changed:
            await self._store.keep(key, now)
            log.info("synced slash commands")

    async def leave(self) -> None:
        """Take no more events, finish those in hand, and close."""
        await self._intake.drain()
        await self.close()

    async def on_ready(self) -> None:
        """Everything is up."""
        log.info("discord is ready: %s in %d servers", self.user, len(self.guilds))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server removed the bot: nothing is posted there any more."""
        await self._desk.rounds.abandon(PLATFORM, str(guild.id))
        log.info("discord server %s removed the bot", guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server let the bot in, again perhaps."""
        await self._desk.rounds.welcome(PLATFORM, str(guild.id))

    async def on_guild_channel_update(self, _: GuildChannel, after: GuildChannel) -> None:
        """The bot may write again in a channel, perhaps."""
        await self._desk.rounds.welcome(PLATFORM, str(after.guild.id))

    async def on_guild_role_update(self, _: discord.Role, after: discord.Role) -> None:
        """The bot may write again in channels, perhaps."""
        await self._desk.rounds.welcome(PLATFORM, str(after.guild.id))

    async def on_interaction(self, interaction: Interaction) -> None:
        """Components and modals; commands go through the tree."""
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
        await respond(interaction, work, self._pictures, self._command_ids, updates=updates)

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
        return await self._desk.complete(
            _build_event(interaction, Call(command, given)), option, text
        )

    async def _on_command_error(
        self, interaction: Interaction, error: app_commands.AppCommandError
    ) -> None:
        """A command that Discord still shows, but that is not declared so any more."""
        log.warning("discord sent a command that is not understood: %s", error)
        if interaction.type is InteractionType.application_command:
            await self._respond(
                interaction,
                _resolved(
                    notice(
                        "This command has changed. Type it once more, in a minute at the latest."
                    )
                ),
            )

    def _take(self, interaction: Interaction, kind: str, what: str, work: Work) -> None:
        self._intake.take(
            kind, what, work, lambda reply: self._respond(interaction, _resolved(reply))
        )


def _skip_broken(event: str, parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """The parser, which passes over what it can't parse."""

    def parse_or_skip(data: Any) -> None:
        try:
            parse(data)
        except Exception as problem:
            log.warning("skipped a %s event that can't be parsed: %r", event, problem)

    return parse_or_skip


def _updates_message(action: str) -> bool:
    """Whether the press is to change the private message that was used."""
    try:
        press, decoded = press_of(action)
    except UnknownAction:
        return False
    return press.updates(decoded)


async def _resolved(reply: Reply) -> Reply:
    return reply


def _build_event(interaction: Interaction, what: Call | Press) -> Event:
    """Who did what where. Discord itself keeps members from the commands it guards, by what the
    server's admins have set, so a call of one is an admin's; and so is a press on what only who
    called it sees, for a while."""
    user, guild = interaction.user, interaction.guild_id
    match what:
        case Call(command):
            allowed = tree.is_guarded(command)
        case Press(action):
            allowed = tree.is_guarded_press(action) and _is_recent_private_control(
                interaction, action
            )
    return Event(
        Actor(
            user=str(user.id),
            name=user.display_name,
            admin=allowed or interaction.permissions.manage_guild,
            # As they were sent: the library's own list leaves out roles it has not heard of yet.
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


def _is_recent_private_control(interaction: Interaction, action: str) -> bool:
    """Whether what was used is a private message, and a recent one, that has a control with that
    action."""
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        return False
    if interaction.created_at - message.created_at > ADMIN_REPLY_LIFETIME:
        return False
    shown = controls.custom_ids(controls.read_view(message))
    return not shown.isdisjoint({action, f"{controls.FORM_PREFIX}{action}"})
