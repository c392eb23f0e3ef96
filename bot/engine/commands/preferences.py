"""`preferences`: what a member chooses for themselves: their time zone, and whether boards name
them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.commands.base import Command, Context, Option, Options
from bot.engine.commands.times import time_of
from bot.engine.commands.zones import complete_zone, zone_of
from bot.engine.days import Zones
from bot.engine.ports import Record
from bot.engine.screens import Reply, Say, Screen, notice
from bot.engine.streaks import EARNS, HELD

SHOWN, HIDDEN = "shown", "hidden"
AUTOMATIC = "auto"
LATEST_START = 6
"""The last hour at which a member's day may start."""

NO_ZONE = "There is no such time zone. Name a city, as in `Berlin`, or a zone: `Europe/Berlin`."
VISIBLE = {
    False: "you are shown",
    True: "you are hidden: your line is for you alone, and counts for your team as before",
}


async def preferences(context: Context, options: Options) -> Reply:
    """Keep what is chosen, and show what holds now."""
    chosen = await context.store.preferences(context.member)
    if options["zone"].strip():
        automatic = options["zone"].strip().casefold() == AUTOMATIC
        zone = None if automatic else zone_of(options["zone"])
        if zone is None and not automatic:
            return notice(NO_ZONE)
        chosen = replace(chosen, zone=zone)
    if options["boards"]:
        if not context.event.place.community:
            return notice("Boards are a community's: choose this among its members, not here.")
        chosen = replace(chosen, hidden=options["boards"] == HIDDEN)
    if options["day-starts"].strip():
        starts = time_of(options["day-starts"])
        if starts is None or starts.minute or starts.hour > LATEST_START:
            return notice(f"A day can start at midnight or at a full hour up to {LATEST_START}am.")
        chosen = replace(chosen, starts=starts.hour)
    if any(str(value).strip() for value in options.values()):
        await context.store.set_preferences(context.member, context.name, chosen)
    record = await context.store.record(context.member)
    boards = (("Boards here", VISIBLE[chosen.hidden]),) if context.event.place.community else ()
    return Reply(
        Screen(
            title="Your preferences",
            fields=(
                (
                    "Time zone",
                    f"{context.own_days(record.zones).zone.key}, {_source(context, record.zones)}",
                ),
                *streak_fields(context, record),
                *boards,
            ),
            note=(
                "To change them: ",
                Say("preferences", {"zone": "Berlin"}),
                " · ",
                Say("preferences", {"zone": AUTOMATIC}),
                " · ",
                Say("preferences", {"boards": SHOWN if chosen.hidden else HIDDEN}),
            ),
        )
    )


def streak_fields(context: Context, record: Record) -> tuple[tuple[str, str], ...]:
    """A member's streak, what protects it, and until when it wants an answer."""
    own = context.own_days(record.zones)
    end, zone = own.end(context.now), own.zone
    days = record.streak.on(context.now, own)
    freezes = record.streak.freezes_on(context.now, own)
    return (
        ("Streak", f"{days} day{'' if days == 1 else 's'}, longest {record.streak.best}"),
        ("Freezes", f"{freezes} of {HELD}; {EARNS} active days in a week earn one"),
        (
            "Your day ends",
            f"at {end.astimezone(zone):%H:%M} in {zone.key}, {_until(context.now, end)}",
        ),
    )


def _source(context: Context, zones: Zones) -> str:
    if zones.member:
        return "as you chose"
    if context.event.actor.zone or zones.told:
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
    examples=({"zone": "Berlin"}, {"day-starts": "4am"}, {"boards": HIDDEN}),
)
