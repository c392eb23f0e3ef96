"""`help`: what there is, with examples, from the command table itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import groupby

from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.scoring import scoring
from bot.engine.screens import Reply, Screen

TOPICS: Mapping[str, Callable[[Context], Awaitable[Screen]]] = {"scoring": scoring}
"""What help says more about."""


def _fields(commands: Sequence[Command]) -> Iterator[tuple[str, str]]:
    """A line for each command; those whose names begin with the same word stand together."""
    for family, members in groupby(commands, key=lambda each: each.name.split()[0]):
        match list(members):
            case [only]:
                yield only.name, only.description
            case several:
                lines = (f"`{each.name.split()[1]}`: {each.description}" for each in several)
                yield family, "\n".join(lines)


def help_for(commands: Sequence[Command]) -> Command:
    """The help command for these others."""

    async def show(context: Context, options: Options) -> Reply:
        if topic := TOPICS.get(options["topic"]):
            return Reply(await topic(context))
        usable = [
            each
            for each in (*commands, command)
            if each.listed
            and each.fits(context.event.place)
            and (each.right is not MANAGER or context.manages)
        ]
        return Reply(
            Screen(
                title="What you can do",
                fields=tuple(_fields(usable)),
                text=(
                    "For example: "
                    + ", ".join(f"`{example}`" for each in usable for example in each.examples),
                ),
            )
        )

    command = Command(
        name="help",
        description="What there is, with examples; or how points are counted",
        handler=show,
        options=(Option("topic", "What to read about", choices=tuple(TOPICS)),),
        rest="topic",
        examples=("help scoring",),
    )
    return command
