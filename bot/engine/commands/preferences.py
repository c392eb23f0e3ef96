"""`preferences`: a member's own settings: time zone, start of the day, and visibility."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.actions import Action
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.times import ParsedTime, parse_time
from bot.engine.commands.zones import ask_zone, complete_zone, no_such_zone, unpack_zone
from bot.engine.days import Zones
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.screens import CommandMention, Reply, Screen, notice
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES
from bot.engine.zones.finding import UnknownZone, find_zones
from bot.engine.zones.labels import label
from content.language.plural import count

SHOWN, HIDDEN = "shown", "hidden"
AUTOMATIC = "auto"
LATEST_START = 6
"""The latest hour a member's day can start."""

OWN_ZONE_NOTE = "Your days will follow the clock there."
VISIBILITY = {
    False: "you're visible",
    True: "you're hidden. Only you see your line, and your points still count for your team",
}


@dataclass(frozen=True, slots=True)
class SaveZone(Action):
    """Save the member's time zone, whose name is packed."""

    verb = "savezone"
    zone: str


async def preferences(context: Context, options: Options) -> Reply:
    """Save what is chosen and show the preferences; ask before saving a time zone."""
    chosen = await context.store.players.preferences(context.member)
    zone = options["zone"].strip()
    automatic = zone.casefold() == AUTOMATIC
    meant = find_zones(zone, context.now) if zone and not automatic else None
    if isinstance(meant, UnknownZone):
        return no_such_zone(meant.words)
    if automatic:
        chosen = replace(chosen, zone=None)
    if options["boards"]:
        if not context.event.place.community:
            return notice("Leaderboards belong to a server or workspace. Change this there.")
        chosen = replace(chosen, hidden=options["boards"] == HIDDEN)
    starts = options["day-starts"].strip()
    if starts:
        match parse_time(starts):
            case ParsedTime(at=at, rest="") if not at.minute and at.hour <= LATEST_START:
                chosen = replace(chosen, starts=at.hour)
            case _:
                return notice(f"Your day can start on the hour, from midnight to {LATEST_START}am.")
    if automatic or options["boards"] or starts:
        await context.store.players.set_preferences(context.member, context.name, chosen)
    if meant:
        return ask_zone(context, zone, meant.zones, SaveZone, OWN_ZONE_NOTE)
    return Reply(await _screen(context, chosen))


async def save_zone(context: Context, action: SaveZone, _: tuple[str, ...]) -> Reply:
    """Save the zone that was shown."""
    zone = unpack_zone(action.zone)
    chosen = replace(await context.store.players.preferences(context.member), zone=zone)
    await context.store.players.set_preferences(context.member, context.name, chosen)
    return Reply(await _screen(context, chosen))


async def _screen(context: Context, chosen: Preferences) -> Screen:
    record = await context.store.players.totals(context.member)
    boards = (
        (("Leaderboards here", VISIBILITY[chosen.hidden]),) if context.event.place.community else ()
    )
    zone = label(context.own_days(record.zones).zone.key)
    return Screen(
        title="Your preferences",
        fields=(
            ("Time zone", f"{zone}, {_zone_source(context, record.zones)}"),
            *streak_fields(context, record),
            *boards,
        ),
        note=(
            "To change them: ",
            CommandMention("preferences", {"zone": "Berlin"}),
            " · ",
            CommandMention("preferences", {"zone": AUTOMATIC}),
            " · ",
            CommandMention("preferences", {"boards": SHOWN if chosen.hidden else HIDDEN}),
        ),
    )


def streak_fields(context: Context, record: PlayerTotals) -> tuple[tuple[str, str], ...]:
    """Show a member's streak, their freezes, and when their day ends."""
    own = context.own_days(record.zones)
    end, zone = own.end(context.now), own.zone
    days, best = record.streak.on(context.now, own), record.streak.best
    freezes = record.streak.freezes_on(context.now, own)
    return (
        ("Streak", f"{count(days, 'day')}, longest {best}" if best else "none yet"),
        ("Freezes", f"{freezes} of {MAX_FREEZES}; {FREEZE_DAYS} active days in a week earn one"),
        (
            "Your day ends",
            f"at {end.astimezone(zone):%H:%M} in {label(zone.key)}, "
            f"{_format_time_left(context.now, end)}",
        ),
    )


def _zone_source(context: Context, zones: Zones) -> str:
    if zones.member:
        return "your choice"
    if context.event.actor.zone or zones.platform:
        return "from your profile"
    return "the default here, until you choose one"


def _format_time_left(now: datetime, end: datetime) -> str:
    """Format the time left in hours, or in minutes if it's less than one hour."""
    left = end - now
    if left >= timedelta(hours=1):
        return f"in {count(left // timedelta(hours=1), 'hour')}"
    return f"in {count(max(1, left // timedelta(minutes=1)), 'minute')}"


PREFERENCES = Command(
    name="preferences",
    description="Set your time zone, when your day starts, and whether leaderboards show you",
    handler=preferences,
    options=(
        Option("zone", "Your time zone (a city is enough), or auto", complete=complete_zone),
        Option("day-starts", "When your day starts, if you study late: midnight to 6am"),
        Option("boards", "Whether leaderboards here show you", choices=(SHOWN, HIDDEN)),
    ),
    rest="zone",
    presses=(OnPress(SaveZone, save_zone, updates=always),),
    examples=({"zone": "Berlin"}, {"day-starts": "4am"}, {"boards": HIDDEN}),
)
