"""The command table as Discord's slash commands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from inspect import Parameter, Signature
from typing import Any, Literal

import discord
from discord import app_commands
from discord.app_commands import AppCommandContext, Choice, CommandTree, Group, Range

from adapters.discord.markdown import shortened
from bot.engine import screens
from bot.engine.commands import COMMANDS, Command
from bot.engine.commands.base import Option

Interaction = discord.Interaction[Any]
Call = Callable[[Interaction, str, Mapping[str, str | int]], Awaitable[None]]
Complete = Callable[
    [Interaction, str, Mapping[str, str | int], str, str], Awaitable[list[screens.Choice]]
]

EXPLAIN_THIS = "Explain this"
CHOICE = 100
"""Characters of an autocomplete choice's name and value."""

ANYWHERE = AppCommandContext(guild=True, dm_channel=True, private_channel=False)
IN_SERVERS = AppCommandContext(guild=True, dm_channel=False, private_channel=False)


def fill(tree: CommandTree[Any], call: Call, complete: Complete) -> None:
    """Declare all commands of the table in the tree."""
    groups: dict[str, Group] = {}
    for declared in COMMANDS.values():
        command = _command(declared, call, complete)
        first, _, last = declared.name.partition(" ")
        if not last:
            _limit(command, declared)
            tree.add_command(command)
            continue
        if first not in groups:
            groups[first] = Group(name=first, description=f"{first.capitalize()}s")
            _limit(groups[first], declared)
            tree.add_command(groups[first])
        groups[first].add_command(command)

    async def explain_this(interaction: Interaction, message: discord.Message) -> None:
        await call(interaction, "explain", {"topic": message.content})

    tree.add_command(app_commands.ContextMenu(name=EXPLAIN_THIS, callback=explain_this))


def fingerprint(tree: CommandTree[Any]) -> str:
    """Changes when anything that Discord is told of the commands does."""
    told = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _limit(command: app_commands.Command[Any, ..., Any] | Group, declared: Command) -> None:
    """Where the command can be used, and by whom; a server's admins can change the latter."""
    command.allowed_contexts = ANYWHERE if declared.needs == "nothing" else IN_SERVERS
    if declared.admin:
        command.default_permissions = discord.Permissions(manage_guild=True)


def _command(
    declared: Command, call: Call, complete: Complete
) -> app_commands.Command[Any, ..., Any]:
    async def callback(interaction: Interaction, **options: str | int) -> None:
        await call(interaction, declared.name, options)

    # discord.py reads the options off the callback's signature.
    callback.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction),
            *(_parameter(option) for option in declared.options),
        ]
    )
    described: Any = app_commands.describe(**{o.name: o.description for o in declared.options})
    command: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=declared.name.rpartition(" ")[2],
        description=declared.description,
        callback=described(callback),
    )
    for option in declared.options:
        if option.complete:
            command.autocomplete(option.name)(_completer(declared.name, option.name, complete))
    return command


def _parameter(option: Option) -> Parameter:
    annotation: Any = str
    if option.choices:
        annotation = Literal[option.choices]
    elif option.type == "integer":
        annotation = Range[int, option.minimum, option.maximum]
    default = Parameter.empty if option.required else option.default
    return Parameter(
        option.name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation
    )


def _completer(
    command: str, option: str, complete: Complete
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]:
    async def completer(interaction: Interaction, current: str) -> list[Choice[str]]:
        given = {k: v for k, v in vars(interaction.namespace).items() if v is not None}
        return [
            Choice(name=shortened(choice.label, CHOICE), value=choice.value)
            for choice in await complete(interaction, command, given, option, current)
        ]

    return completer
