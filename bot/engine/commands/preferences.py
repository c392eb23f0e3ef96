"""`preferences`: what a member chooses for themselves: their time zone, and whether boards name
them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.actions import Action
from bot.engine.commands.base import Command, Context, OnPress, Option, Options, always
from bot.engine.commands.times import Said, time_of
from bot.engine.commands.zones import ask_zone, complete_zone, no_such_zone, unpacked_zone
from bot.engine.days import Zones
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.screens import CommandMention, Reply, Screen, notice
from bot.engine.streaks import FREEZE_DAYS, MAX_FREEZES
from bot.engine.zones.finding import UnknownZone, find_zones
from bot.engine.zones.labels import label

SHOWN, HIDDEN = "shown", "hidden"
AUTOMATIC = "auto"
LATEST_START = 6
"""The last hour at which a member's day may start."""

FOR_YOU = "Your days will be counted by the clocks there."
VISIBLE = {
    False: "you are shown",
    True: "you are hidden: your line is for you alone, and counts for your team as before",
}


@dataclass(frozen=True, slots=True)
class SaveZone(Action):
    """Let the member's days end in a zone, whose name is packed."""

    verb = "savezone"
    zone: str


async def preferences(context: Context, options: Options) -> Reply:
    """Keep what is chosen, and show what holds now; ask before a zone is kept."""
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
            return notice("Boards are a community's: choose this among its members, not here.")
        chosen = replace(chosen, hidden=options["boards"] == HIDDEN)
    starts = options["day-starts"].strip()
    if starts:
        match time_of(starts):
            case Said(at=at, rest="") if not at.minute and at.hour <= LATEST_START:
                chosen = replace(chosen, starts=at.hour)
            case _:
                return notice(
                    f"A day can start at midnight or at a full hour up to {LATEST_START}am."
                )
    if automatic or options["boards"] or starts:
        await context.store.players.set_preferences(context.member, context.name, chosen)
    if meant:
        return ask_zone(context, zone, meant.zones, SaveZone, FOR_YOU)
    return Reply(await _screen(context, chosen))


async def save_zone(context: Context, action: SaveZone, _: tuple[str, ...]) -> Reply:
    """Keep the zone that was shown."""
    zone = unpacked_zone(action.zone)
    chosen = replace(await context.store.players.preferences(context.member), zone=zone)
    await context.store.players.set_preferences(context.member, context.name, chosen)
    return Reply(await _screen(context, chosen))


async def _screen(context: Context, chosen: Preferences) -> Screen:
    record = await context.store.players.totals(context.member)
    boards = (("Boards here", VISIBLE[chosen.hidden]),) if context.event.place.community else ()
    zone = label(context.own_days(record.zones).zone.key)
    return Screen(
        title="Your preferences",
        fields=(
            ("Time zone", f"{zone}, {_source(context, record.zones)}"),
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
    """A member's streak, what protects it, and until when it wants an answer."""
    own = context.own_days(record.zones)
    end, zone = own.end(context.now), own.zone
    days = record.streak.on(context.now, own)
    freezes = record.streak.freezes_on(context.now, own)
    return (
        ("Streak", f"{days} day{'' if days == 1 else 's'}, longest {record.streak.best}"),
        ("Freezes", f"{freezes} of {MAX_FREEZES}; {FREEZE_DAYS} active days in a week earn one"),
        (
            "Your day ends",
            f"at {end.astimezone(zone):%H:%M} in {label(zone.key)}, {_until(context.now, end)}",
        ),
    )


def _source(context: Context, zones: Zones) -> str:
    if zones.member:
        return "as you chose"
    if context.event.actor.zone or zones.platform:
        return "as your profile says"
    return "as everybody here, until you choose one"


def _until(now: datetime, end: datetime) -> str:
    """How long it is, in hours, or in minutes where it is less than one."""
    left = end - now
    if left >= timedelta(hours=1):
        return f"in {left // timedelta(hours=1)} h"
    return f"in {max(1, left // timedelta(minutes=1))} min"


PREFERENCES = Command(
    name="preferences",
    description="Your own time zone, when your day starts, and whether leaderboards show you",
    handler=preferences,
    options=(
        Option("zone", "Where your day ends: a city or zone, or auto", complete=complete_zone),
        Option("day-starts", "When your day starts, for people who study late: midnight to 6am"),
        Option("boards", "Whether boards here show you", choices=(SHOWN, HIDDEN)),
    ),
    rest="zone",
    presses=(OnPress(SaveZone, save_zone, updates=always),),
    examples=({"zone": "Berlin"}, {"day-starts": "4am"}, {"boards": HIDDEN}),
)
