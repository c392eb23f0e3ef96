"""`settings`: what the admins of a community choose for a channel."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.commands.base import (
    Command,
    Context,
    Option,
    Options,
    complete_pack,
    no_such_pack,
)
from bot.engine.ports import ChannelSettings
from bot.engine.rounds import Reveal
from bot.engine.screens import Reply, Screen

MEANINGS = {
    Reveal.AT_ONCE: "at once, to each member in private",
    Reveal.AT_CLOSE: "when the question closes",
}


async def settings(context: Context, options: Options) -> Reply:
    """Keep what is chosen, and show what holds now."""
    chosen = await context.store.channel_settings(context.channel)
    if options["pack"]:
        if context.library.get(options["pack"]) is None:
            return no_such_pack(context.library)
        chosen = replace(chosen, pack=options["pack"])
    if options["reveal"]:
        chosen = replace(chosen, reveal=Reveal(options["reveal"]))
    if options["pack"] or options["reveal"]:
        await context.store.set_channel(context.channel, chosen)
    return Reply(_screen(context, chosen))


def _screen(context: Context, chosen: ChannelSettings) -> Screen:
    pack = context.library.get(chosen.pack)
    return Screen(
        title="Settings of this channel",
        fields=(
            ("Right or wrong is told", MEANINGS[chosen.reveal]),
            ("Pack", pack.pack.title if pack else f"{chosen.pack} (not here any more)"),
        ),
        note="They hold from the next question on. Change them with: "
        + ", ".join(f"settings reveal:{reveal}" for reveal in Reveal if reveal != chosen.reveal),
    )


SETTINGS = Command(
    name="settings",
    description="Choose for this channel when results are told, and which pack is asked",
    handler=settings,
    options=(
        Option(
            "reveal",
            "When members learn whether they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("pack", "Which pack questions are drawn from", complete=complete_pack),
    ),
    rest="pack",
    examples=("settings reveal:at-close",),
    needs="channel",
    admin=True,
)
