"""`settings`: what the admins of a community choose for a channel, and for all of it."""

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
from bot.engine.commands.preferences import NO_ZONE
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.zones import complete_zone, zone_of
from bot.engine.library import IndexedPack
from bot.engine.ports import ChannelSettings
from bot.engine.rounds import Reveal
from bot.engine.screens import Reply, Screen, notice

MEANINGS = {
    Reveal.AT_ONCE: "at once, to each member in private",
    Reveal.AT_CLOSE: "when the question closes",
}


async def settings(context: Context, options: Options) -> Reply:
    """Keep what is chosen, and show what holds now."""
    place = context.event.place
    chosen = await context.store.channel_settings(context.channel)
    everywhere = await context.store.community_settings(place.platform, place.community)
    if options["zone"].strip():
        zone = zone_of(options["zone"])
        if zone is None:
            return notice(NO_ZONE)
        everywhere = replace(everywhere, zone=zone)
    if options["pack"]:
        if context.library.get(options["pack"]) is None:
            return no_such_pack(context.library)
        chosen = replace(chosen, pack=options["pack"])
    if options["reveal"]:
        chosen = replace(chosen, reveal=Reveal(options["reveal"]))
    if options["pack"] or options["reveal"]:
        await context.store.set_channel(context.channel, chosen)
    if options["zone"].strip():
        await context.store.set_community(place.platform, place.community, everywhere)
    if options["team-size"] != "":
        await context.store.set_team_cap(context.member, options["team-size"] or None)
    zone = context.community_zone(everywhere.zone).key
    return Reply(_screen(context, chosen, zone, await context.store.team_cap(context.member)))


def _screen(context: Context, chosen: ChannelSettings, zone: str, cap: int | None) -> Screen:
    pack = context.library.get(chosen.pack)
    return Screen(
        title="Settings of this channel",
        fields=(
            ("Right or wrong is told", MEANINGS[chosen.reveal]),
            ("Pack", _pack(pack) if pack else f"{chosen.pack} (not here any more)"),
            ("Days end, in all channels", f"at midnight in {zone}"),
            ("Members of a team, in all channels", f"at most {cap}" if cap else "any number"),
        ),
        note="They hold from the next question on. Change them with: "
        + ", ".join(f"settings reveal:{reveal}" for reveal in Reveal if reveal != chosen.reveal)
        + ", settings zone:Berlin",
    )


def _pack(pack: IndexedPack) -> str:
    """The pack's title, with a warning where it is asked although it fails its check."""
    if not pack.findings:
        return pack.pack.title
    times = f"{pack.findings} finding{'' if pack.findings == 1 else 's'}"
    return f"{pack.pack.title} (fails its check: {times}. `studyhall pack check` lists them)"


SETTINGS = Command(
    name="settings",
    description="This channel's pack and reveal; and where days end and how big teams are",
    handler=settings,
    options=(
        Option(
            "reveal",
            "When members learn whether they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("pack", "Which pack questions are drawn from", complete=complete_pack),
        Option("zone", "Where the days of all boards here end: a city", complete=complete_zone),
        Option(
            "team-size",
            "How many members a team may have, in all channels; 0 for any number",
            "integer",
            minimum=0,
            maximum=1000,
        ),
    ),
    rest="pack",
    examples=("settings reveal:at-close", "settings zone:Berlin"),
    needs="channel",
    right=MANAGER,
)
