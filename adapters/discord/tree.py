"""The command table as Discord's slash commands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from inspect import Parameter, Signature
from typing import Any, Literal

import discord
from discord import app_commands
from discord.app_commands import (
    AppCommand,
    AppCommandContext,
    Choice,
    CommandTree,
    Group,
    Range,
)

from adapters.discord.markdown import shorten
from bot.engine import screens
from bot.engine.commands import LISTED, Command
from bot.engine.commands.base import Option
from bot.engine.events import Mention, Value

Interaction = discord.Interaction[Any]
OnCommand = Callable[[Interaction, str, Mapping[str, Value]], Awaitable[None]]
OnAutocomplete = Callable[
    [Interaction, str, Mapping[str, Value], str, str], Awaitable[list[screens.Choice]]
]

EXPLAIN_THIS = "Explain this"
MAX_CHOICE = 100
"""Characters in an autocomplete choice's name and value."""

ANYWHERE = AppCommandContext(guild=True, dm_channel=True, private_channel=False)
IN_SERVERS = AppCommandContext(guild=True, dm_channel=False, private_channel=False)


def add_commands(tree: CommandTree[Any], call: OnCommand, complete: OnAutocomplete) -> None:
    """Add all commands of the table to the tree."""
    groups: dict[str, Group] = {}
    for declared in LISTED.values():
        command = _build_command(declared, call, complete)
        *families, _ = words = declared.name.split()
        above: CommandTree[Any] | Group = tree
        for depth, word in enumerate(families, 1):
            family = " ".join(words[:depth])
            if family not in groups:
                groups[family] = Group(name=word, description=f"{word.capitalize()} commands")
                above.add_command(groups[family])
            above = groups[family]
        above.add_command(command)
        # Discord allows this for a whole family only.
        whole = groups[words[0]] if families else command
        whole.allowed_contexts = ANYWHERE if declared.needs == "nothing" else IN_SERVERS

    async def explain_this(interaction: Interaction, message: discord.Message) -> None:
        await call(interaction, "explain", {"topic": message.content})

    tree.add_command(app_commands.ContextMenu(name=EXPLAIN_THIS, callback=explain_this))


def fingerprint(tree: CommandTree[Any]) -> str:
    """Changes whenever the commands change in a way that Discord needs to know."""
    synced = [command.to_dict(tree) for command in tree.get_commands()]
    return hashlib.sha256(json.dumps(synced, sort_keys=True).encode()).hexdigest()


def command_ids(commands: Iterable[AppCommand]) -> dict[str, int]:
    """The ids of slash commands and command groups, by name."""
    slash = discord.AppCommandType.chat_input
    return {each.name: each.id for each in commands if each.type is slash}


def _build_command(
    declared: Command, call: OnCommand, complete: OnAutocomplete
) -> app_commands.Command[Any, ..., Any]:
    async def callback(interaction: Interaction, **options: Any) -> None:
        await call(interaction, declared.name, _read_options(options))

    # discord.py reads the options from the callback's signature.
    callback.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter("interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=Interaction),
            *(_build_parameter(option) for option in declared.options),
        ]
    )
    described: Any = app_commands.describe(
        **{_to_parameter_name(o.name): o.describe() for o in declared.options}
    )
    renamed: Any = app_commands.rename(
        **{_to_parameter_name(o.name): o.name for o in declared.options}
    )
    command: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=declared.name.rpartition(" ")[2],
        description=declared.describe(),
        callback=renamed(described(callback)),
    )
    for option in declared.options:
        if option.complete:
            command.autocomplete(option.name)(
                _build_completer(declared.name, option.name, complete)
            )
    return command


def _build_parameter(option: Option) -> Parameter:
    annotation: Any = discord.User if option.type == "member" else str
    if option.choices:
        annotation = Literal[option.choices]
    elif option.type == "integer":
        annotation = Range[int, option.minimum, option.maximum]
    # An omitted option stays omitted: the engine knows the defaults.
    default = Parameter.empty if option.required else None
    return Parameter(
        _to_parameter_name(option.name),
        Parameter.POSITIONAL_OR_KEYWORD,
        default=default,
        annotation=annotation,
    )


def _to_parameter_name(name: str) -> str:
    """An option's name as a Python parameter's."""
    return name.replace("-", "_")


def _to_option_name(word: str) -> str:
    """A Python parameter's name as an option's."""
    return word.replace("_", "-")


def _read_options(given: Mapping[str, Any]) -> dict[str, Value]:
    """The given options by name, with people as mentions."""
    values: dict[str, Value] = {}
    for name, value in given.items():
        match value:
            case discord.User() | discord.Member():
                values[_to_option_name(name)] = to_mention(value)
            case None:
                pass
            case _:
                values[_to_option_name(name)] = value
    return values


def to_mention(who: discord.User | discord.Member) -> Mention:
    """A person who was named. Discord sends people from other servers as users, not members."""
    plays = isinstance(who, discord.Member) and not who.bot
    return Mention(str(who.id), who.display_name, plays)


def _build_completer(
    command: str, option: str, complete: OnAutocomplete
) -> Callable[[Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]:
    async def completer(interaction: Interaction, current: str) -> list[Choice[str]]:
        given = _read_options(vars(interaction.namespace))
        return [
            Choice(name=shorten(choice.label, MAX_CHOICE), value=choice.value)
            for choice in await complete(interaction, command, given, option, current)
        ]

    return completer
