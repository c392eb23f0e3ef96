"""`settings`: what the admins of a community choose for a channel, and for its teams."""

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
    if options["team-size"] != "":
        await context.store.set_team_cap(context.member, options["team-size"] or None)
    return Reply(_screen(context, chosen, await context.store.team_cap(context.member)))


def _screen(context: Context, chosen: ChannelSettings, cap: int | None) -> Screen:
    pack = context.library.get(chosen.pack)
    return Screen(
        title="Settings of this channel",
        fields=(
            ("Right or wrong is told", MEANINGS[chosen.reveal]),
            ("Pack", pack.pack.title if pack else f"{chosen.pack} (not here any more)"),
            ("Members of a team, in all channels", f"at most {cap}" if cap else "any number"),
        ),
        note="They hold from the next question on. Change them with: "
        + ", ".join(f"settings reveal:{reveal}" for reveal in Reveal if reveal != chosen.reveal),
    )


SETTINGS = Command(
    name="settings",
    description="Choose when results are told, which pack is asked here, and how big teams can be",
    handler=settings,
    options=(
        Option(
            "reveal",
            "When members learn whether they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("pack", "Which pack questions are drawn from", complete=complete_pack),
        Option(
            "team-size",
            "How many members a team may have, in all channels; 0 for any number",
            "integer",
            minimum=0,
            maximum=1000,
        ),
    ),
    rest="pack",
    examples=("settings reveal:at-close",),
    needs="channel",
    admin=True,
)
