"""`help`: what there is, with examples, from the command table itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.commands.base import Command, Context, Options
from bot.engine.screens import Reply, Screen


def help_for(commands: Sequence[Command]) -> Command:
    """The help command for these others."""

    async def show(context: Context, _options: Options) -> Reply:
        place, admin = context.event.place, context.event.actor.admin
        usable = [
            each for each in (*commands, command) if each.fits(place) and (admin or not each.admin)
        ]
        return Reply(
            Screen(
                title="What you can do",
                fields=tuple((each.name, each.description) for each in usable),
                text=(
                    "For example: "
                    + ", ".join(f"`{example}`" for each in usable for example in each.examples),
                ),
            )
        )

    command = Command(name="help", description="What there is, with examples", handler=show)
    return command
