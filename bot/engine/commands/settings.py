"""`settings`: what managers choose for a channel and for the whole community."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.engine.actions import Action
from bot.engine.commands.base import (
    Command,
    CommandForm,
    Context,
    OnPress,
    Option,
    Options,
    always,
    complete_pack,
    no_such_pack,
)
from bot.engine.commands.foreseen import check_can_post
from bot.engine.commands.rights import MANAGER
from bot.engine.commands.roles import complete_role, find_role, list_roles, name_role
from bot.engine.commands.settings_form import (
    OFF,
    QUESTION_MINUTES,
    QUESTIONS_AN_HOUR,
    RESULTS_NAMES,
    REVEAL_NAMES,
    TEAM_SIZE,
    ask,
    to_options,
)
from bot.engine.commands.times import NotUnderstood, parse_weekly
from bot.engine.commands.zones import ask_zone, complete_zone, no_such_zone, unpack_zone
from bot.engine.communities import ChannelSettings, CommunitySettings, Managers
from bot.engine.daily_planner import WEEKDAY_NAMES
from bot.engine.due import weekly
from bot.engine.due.retiming import find_moved
from bot.engine.events import Mention
from bot.engine.library import IndexedPack
from bot.engine.rounds import Posers, Results, Reveal
from bot.engine.schedules import Weekly
from bot.engine.screens import (
    CommandMention,
    Moment,
    Person,
    Quote,
    Reply,
    Screen,
    Span,
    notice,
)
from bot.engine.zones.finding import UnknownZone, find_zones
from bot.engine.zones.labels import label
from content.language.plural import count

_JOINTS = re.compile(r"^(?:[\s,&]|and\b)+|(?:[\s,&]|\band)+$", re.IGNORECASE)
"""What stands between people in a list."""

HOW_WEEKLY = "Use a format like mon 09:00 or Friday 5pm, or off to stop."
COMMUNITY_ZONE_NOTE = "Days on all leaderboards here will end at midnight in that time zone."


@dataclass(frozen=True, slots=True)
class SaveCommunityZone(Action):
    """Save the community's time zone, whose name is packed."""

    verb = "communityzone"
    zone: str


async def settings(context: Context, options: Options) -> Reply:
    """Save what is chosen and show the settings; ask before saving a time zone."""
    chosen = await context.store.communities.channel_settings(context.channel)
    place = context.event.place
    before = await context.store.communities.settings(place.platform, place.community)
    zone = options["zone"].strip()
    meant = find_zones(zone, context.now) if zone else None
    if isinstance(meant, UnknownZone):
        return no_such_zone(meant.words)
    everywhere = _set_limits(before, options)
    if options["managers"]:
        managers = await _find_managers(context, options["managers"])
        if isinstance(managers, Reply):
            return managers
        everywhere = replace(everywhere, managers=managers)
    if options["pack"]:
        if context.library.get(options["pack"]) is None:
            return no_such_pack(context.library)
        chosen = replace(chosen, pack=options["pack"])
    if options["reveal"]:
        chosen = replace(chosen, reveal=Reveal(options["reveal"]))
    warning = ""
    if options["results"]:
        chosen = replace(chosen, results=Results(options["results"]))
        warning = await context.rounds.check_reply(context.channel, chosen.results)
    due = None
    if options["weekly"]:
        wanted = await _parse_weekly_option(context, options["weekly"])
        if isinstance(wanted, Reply):
            return wanted
        chosen = replace(chosen, weekly=wanted)
        name = context.community_zone(everywhere.zone).key
        due = weekly.next_due(context.channel, wanted, name, context.now, context.member.user)
    if options["pack"] or options["reveal"] or options["results"] or due or everywhere != before:
        await context.store.communities.set_channel_settings(
            context.channel, chosen, everywhere, due
        )
    if meant:
        return ask_zone(context, zone, meant.zones, SaveCommunityZone, COMMUNITY_ZONE_NOTE)
    return Reply(await _screen(context, chosen, everywhere, warning))


def _set_limits(everywhere: CommunitySettings, options: Options) -> CommunitySettings:
    """A community's settings with the chosen limits."""
    if options["questions"]:
        everywhere = replace(everywhere, posers=Posers(options["questions"]))
    if options["questions-an-hour"] != "":
        everywhere = replace(everywhere, questions_an_hour=options["questions-an-hour"])
    if options["question-minutes"] != "":
        everywhere = replace(everywhere, question_minutes=options["question-minutes"])
    if options["team-size"] != "":
        everywhere = replace(everywhere, team_cap=options["team-size"] or None)
    return everywhere


async def save_zone(context: Context, action: SaveCommunityZone, _: tuple[str, ...]) -> Reply:
    """Save the zone that was shown."""
    zone = unpack_zone(action.zone)
    place = context.event.place
    before = await context.store.communities.settings(place.platform, place.community)
    everywhere = replace(before, zone=zone)
    zones = [context.community_zone(each.zone).key for each in (before, everywhere)]
    later = await find_moved(context.store, place.platform, place.community, before, *zones)
    await context.store.communities.set_settings(place.platform, place.community, everywhere, later)
    chosen = await context.store.communities.channel_settings(context.channel)
    return Reply(await _screen(context, chosen, everywhere))


async def _parse_weekly_option(context: Context, text: str) -> Weekly | Reply | None:
    """Parse when to post last week's board (None: never), or say why it can't be posted."""
    if text.strip().casefold() in OFF:
        return None
    meant = parse_weekly(text)
    if isinstance(meant, NotUnderstood):
        return notice(f"{meant} {HOW_WEEKLY}")
    return await check_can_post(context) or meant


async def _find_managers(context: Context, said: Sequence[Mention | str]) -> Managers | Reply:
    """Find the role and the people that were named, or say why they can't be managers."""
    people = [each for each in said if isinstance(each, Mention)]
    texts = [_JOINTS.sub("", each) for each in said if isinstance(each, str)]
    words = [each for each in texts if each]
    if not people and [each.casefold() in OFF for each in words] == [True]:
        return Managers()
    if not all(each.plays for each in people):
        return notice("Apps and people from elsewhere can't be managers.")
    users = tuple(sorted({each.user for each in people}))
    if people and not words:
        return Managers(users=users)
    roles = await context.role_teams.roles(context.member)
    role = find_role(roles, words[0]) if len(words) == 1 else None
    if role is None:
        word = context.role_word
        how = f". Name one {word} or, in Slack, mention people, like @ann.{list_roles(roles, word)}"
        return notice(("I don't know ", Quote(" ".join(words)), how))
    return Managers(role.id, users)


async def _screen(
    context: Context, chosen: ChannelSettings, everywhere: CommunitySettings, warning: str = ""
) -> Screen:
    cap = everywhere.team_cap
    pack = context.library.get(chosen.pack)
    zone = label(context.community_zone(everywhere.zone).key)
    return Screen(
        title="Channel settings",
        text=(warning,) if warning else (),
        fields=(
            ("Results shown", REVEAL_NAMES[chosen.reveal]),
            ("At the close", RESULTS_NAMES[chosen.results]),
            ("Pack", _describe_pack(pack) if pack else f"{chosen.pack} (no longer available)"),
            ("Last week's leaderboard", _describe_weekly(context, chosen.weekly, everywhere)),
            ("Days end (all channels)", f"at midnight in {zone}"),
            ("Team size (all channels)", f"at most {count(cap, 'member')}" if cap else "no limit"),
            ("Questions (all channels)", _describe_limits(everywhere)),
            ("Managers (all channels)", await _describe_managers(context, everywhere.managers)),
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


def _describe_weekly(
    context: Context, chosen: Weekly | None, everywhere: CommunitySettings
) -> tuple[Span, ...]:
    if chosen is None:
        return ("not posted here",)
    name = context.community_zone(everywhere.zone).key
    at = weekly.next_due(context.channel, chosen, name, context.now, "").at
    words = f"posted here every {WEEKDAY_NAMES[chosen.weekday]} at {chosen.at:%H:%M}"
    return (f"{words}, next ", Moment(at)) if at else (words,)


def _describe_limits(chosen: CommunitySettings) -> str:
    if chosen.posers is Posers.MANAGERS:
        return "posted by admins and managers only"
    return (
        f"posted by everyone, {chosen.questions_an_hour} an hour each, open for "
        f"{count(chosen.question_minutes, 'minute')} at most; no limits for admins and managers"
    )


async def _describe_managers(context: Context, chosen: Managers) -> tuple[Span, ...]:
    """Name the managers; a platform shows a person's own name for their id."""
    if not chosen.role and not chosen.users:
        return ("admins only",)
    named: list[Span] = [Person(user, user) for user in chosen.users]
    if chosen.role:
        roles = await context.role_teams.roles(context.member)
        named.insert(0, f"everyone with {name_role(roles, chosen.role, context.role_word)}")
    return ("admins", *(span for each in named for span in (", ", each)))


def _describe_pack(pack: IndexedPack) -> str:
    """The pack's title, with a warning if it fails its quality check."""
    if not pack.findings:
        return pack.pack.title
    findings = count(pack.findings, "finding")
    return f"{pack.pack.title} (fails its check: {findings}. `studyhall pack check` lists them)"


SETTINGS = Command(
    name="settings",
    description="Set this channel's pack and when results show, and limits for all channels",
    handler=settings,
    options=(
        Option(
            "reveal",
            "When members see if they were right",
            choices=tuple(reveal.value for reveal in Reveal),
        ),
        Option("pack", "Pack to take questions from", complete=complete_pack),
        Option(
            "results",
            "How this channel hears of a result",
            choices=tuple(results.value for results in Results),
        ),
        Option("weekly", "When to post last week's leaderboard here, like mon 09:00, or off"),
        Option("zone", "Time zone for leaderboards, for example Berlin", complete=complete_zone),
        TEAM_SIZE,
        Option(
            "questions",
            "Who can post questions, in all channels",
            choices=tuple(posers.value for posers in Posers),
        ),
        QUESTIONS_AN_HOUR,
        QUESTION_MINUTES,
        Option(
            "managers",
            "Who can do everything that admins can here: a {role}, people (in Slack), or none",
            "people",
            complete=complete_role,
        ),
    ),
    rest="pack",
    presses=(OnPress(SaveCommunityZone, save_zone, right=MANAGER, updates=always),),
    examples=({"reveal": Reveal.AT_CLOSE}, {"zone": "Berlin"}, {"weekly": "mon 09:00"}),
    needs="channel",
    right=MANAGER,
    form=CommandForm(ask, to_options),
)
