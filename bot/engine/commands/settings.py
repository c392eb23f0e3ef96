"""`settings`: what the admins of a community choose for a channel, and for all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.engine.actions import Action
from bot.engine.commands.base import (
    Command,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_pack,
    no_such_pack,
)
from bot.engine.commands.foreseen import refused
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.times import Unread, weekly_of
from bot.engine.commands.zones import ask_zone, complete_zone, no_such_zone, unpacked_zone
from bot.engine.communities import ChannelSettings, CommunitySettings
from bot.engine.daily_planner import NAMES
from bot.engine.due import weekly
from bot.engine.due.retiming import moved
from bot.engine.library import IndexedPack
from bot.engine.rounds import Posers, Reveal
from bot.engine.schedules import Weekly
from bot.engine.screens import CommandMention, Moment, Reply, Screen, Span, notice
from bot.engine.zones.finding import UnknownZone, find_zones
from bot.engine.zones.labels import label

MEANINGS = {
    Reveal.AT_ONCE: "at once, to each member in private",
    Reveal.AT_CLOSE: "when the question closes",
}

OFF = ("off", "none", "never", "stop")
HOW_WEEKLY = "Use a format like mon 09:00 or Friday 5pm, or off to stop."
FOR_ALL = "The days of all boards here will end at midnight in that time zone."


@dataclass(frozen=True, slots=True)
class SaveCommunityZone(Action):
    """Let the days of a community end in a zone, whose name is packed."""

    verb = "communityzone"
    zone: str


async def settings(context: Context, options: Options) -> Reply:
    """Keep what is chosen, and show what holds now; ask before a zone is kept."""
    chosen = await context.store.communities.channel_settings(context.channel)
    place = context.event.place
    before = everywhere = await context.store.communities.settings(place.platform, place.community)
    zone = options["zone"].strip()
    meant = find_zones(zone, context.now) if zone else None
    if isinstance(meant, UnknownZone):
        return no_such_zone(meant.words)
    if options["questions"]:
        everywhere = replace(everywhere, posers=Posers(options["questions"]))
    if options["questions-an-hour"] != "":
        everywhere = replace(everywhere, questions_an_hour=options["questions-an-hour"])
    if options["question-minutes"] != "":
        everywhere = replace(everywhere, question_minutes=options["question-minutes"])
    if options["team-size"] != "":
        everywhere = replace(everywhere, team_cap=options["team-size"] or None)
    if options["pack"]:
        if context.library.get(options["pack"]) is None:
            return no_such_pack(context.library)
        chosen = replace(chosen, pack=options["pack"])
    if options["reveal"]:
        chosen = replace(chosen, reveal=Reveal(options["reveal"]))
    due = None
    if options["weekly"]:
        wanted = await _weekly(context, options["weekly"])
        if isinstance(wanted, Reply):
            return wanted
        chosen = replace(chosen, weekly=wanted)
        name = context.community_zone(everywhere.zone).key
        due = weekly.due(context.channel, wanted, name, context.now, context.member.user)
    if options["pack"] or options["reveal"] or due or everywhere != before:
        await context.store.communities.set_channel_settings(
            context.channel, chosen, everywhere, due
        )
    if meant:
        return ask_zone(context, zone, meant.zones, SaveCommunityZone, FOR_ALL)
    return Reply(await _screen(context, chosen, everywhere))


async def save_zone(context: Context, action: SaveCommunityZone, _: tuple[str, ...]) -> Reply:
    """Keep the zone that was shown."""
    zone = unpacked_zone(action.zone)
    place = context.event.place
    before = await context.store.communities.settings(place.platform, place.community)
    everywhere = replace(before, zone=zone)
    zones = [context.community_zone(each.zone).key for each in (before, everywhere)]
    later = await moved(context.store, place.platform, place.community, before, *zones)
    await context.store.communities.set_settings(place.platform, place.community, everywhere, later)
    chosen = await context.store.communities.channel_settings(context.channel)
    return Reply(await _screen(context, chosen, everywhere))


async def _weekly(context: Context, text: str) -> Weekly | Reply | None:
    """When last week's board is posted, None where it is not to be; or why it can't be."""
    if text.strip().casefold() in OFF:
        return None
    meant = weekly_of(text)
    if isinstance(meant, Unread):
        return notice(f"{meant} {HOW_WEEKLY}")
    return await refused(context) or meant


async def _screen(
    context: Context, chosen: ChannelSettings, everywhere: CommunitySettings
) -> Screen:
    cap = everywhere.team_cap
    pack = context.library.get(chosen.pack)
    zone = label(context.community_zone(everywhere.zone).key)
    return Screen(
        title="Settings of this channel",
        fields=(
            ("Right or wrong is told", MEANINGS[chosen.reveal]),
            ("Pack", _pack(pack) if pack else f"{chosen.pack} (not here any more)"),
            ("Last week's leaderboard", _posting(context, chosen.weekly, everywhere)),
            ("Days end, in all channels", f"at midnight in {zone}"),
            ("Members of a team, in all channels", f"at most {cap}" if cap else "any number"),
            ("Questions, in all channels", _posing(everywhere)),
        ),
        note=(
            "Changes apply from the next question. To change them: ",
            *(
                CommandMention("settings", {"reveal": each})
                for each in Reveal
                if each is not chosen.reveal
            ),
            " · ",
            CommandMention("settings", {"zone": "Berlin"}),
            " · ",
            CommandMention("settings", {"weekly": "off" if chosen.weekly else "mon 09:00"}),
        ),
    )


def _posting(
    context: Context, chosen: Weekly | None, everywhere: CommunitySettings
) -> tuple[Span, ...]:
    if chosen is None:
        return ("not posted here",)
    name = context.community_zone(everywhere.zone).key
    at = weekly.due(context.channel, chosen, name, context.now, "").at
    words = f"posted here every {NAMES[chosen.weekday]} at {chosen.at:%H:%M}"
    return (f"{words}, next ", Moment(at)) if at else (words,)


def _posing(chosen: CommunitySettings) -> str:
    if chosen.posers is Posers.MANAGERS:
        return "posed by admins only"
    return (
        f"posed by everyone, {chosen.questions_an_hour} an hour each, "
        f"open for {chosen.question_minutes} minutes at most; by admins as they like"
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
        Option("weekly", "When last week's board is posted here, like mon 09:00; off to stop"),
        Option("zone", "Where the days of all boards here end: a city", complete=complete_zone),
        Option(
            "team-size",
            "How many members a team may have, in all channels; 0 for any number",
            "integer",
            minimum=0,
            maximum=1000,
        ),
        Option(
            "questions",
            "Who can pose questions, in all channels",
            choices=tuple(posers.value for posers in Posers),
        ),
        Option(
            "questions-an-hour",
            "How many questions a member who is no admin can pose in an hour",
            "integer",
            minimum=1,
            maximum=60,
        ),
        Option(
            "question-minutes",
            "How long a question of theirs can stay open",
            "integer",
            minimum=1,
            maximum=24 * 60,
        ),
    ),
    rest="pack",
    presses=(OnPress(SaveCommunityZone, save_zone, right=MANAGER, updates=always),),
    examples=({"reveal": Reveal.AT_CLOSE}, {"zone": "Berlin"}, {"weekly": "mon 09:00"}),
    needs="channel",
    right=MANAGER,
)
