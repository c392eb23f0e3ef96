"""Time zones in commands: suggested while typing, and confirmed before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, UnknownAction, encode, pack_text, unpack_text
from bot.engine.commands.base import Context
from bot.engine.days import first_known_zone
from bot.engine.screens import Button, Choice, Reply, Screen, notice
from bot.engine.zones.finding import complete_zones, filter_available
from bot.engine.zones.labels import label_now, short

COMMON_ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Mexico_City",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
"""Suggested before anything is typed: with one more and "Other…", as many as a menu can have on
every platform."""


async def complete_zone(context: Context, text: str) -> list[Choice]:
    """Suggest zones, the likeliest first, each with its current offset from UTC."""
    if text.strip():
        zones = complete_zones(text, context.now)
    else:
        known = (context.event.actor.zone, context.event.place.zone)
        zones = [*filter_available(filter(None, known)), *COMMON_ZONES]
    return [to_choice(zone, context.now) for zone in dict.fromkeys(zones)]


def to_choice(zone: str, now: datetime) -> Choice:
    """A zone as a choice, with its current offset from UTC."""
    return Choice(f"{short(zone)} ({_offset(zone, now)})", zone)


async def default_zone(context: Context) -> tuple[str, bool]:
    """The default zone of a schedule (the community's, the admin's or the place's), and whether
    it's a guess."""
    place = context.event.place
    chosen = (await context.store.communities.settings(place.platform, place.community)).zone
    return first_known_zone(chosen, context.event.actor.zone, place.zone).key, not chosen


def ask_zone(
    context: Context, text: str, zones: Sequence[str], save: Callable[[str], Action], note: str
) -> Reply:
    """Show the zone that was understood and ask before saving it. `save` makes the press from the
    zone's packed name."""
    presses = [(label_now(zone, context.now), encode(save(pack_text(zone)))) for zone in zones]
    match presses:
        case [(zone, press)]:
            said, buttons = f"{zone}. Save?", [Button("Save", press, "primary")]
        case _:
            said = f"`{text}` could mean several time zones. Choose one."
            buttons = [Button(zone, press) for zone, press in presses]
    return Reply(Screen(text=(said,), controls=tuple(buttons), note=note))


def no_such_zone(words: str) -> Reply:
    """Say which words aren't a time zone."""
    return notice(
        f"There's no time zone `{words}`. Use a large city or a country, like `Berlin`, or an "
        "offset, like `UTC+2`."
    )


def unpack_zone(part: str) -> str:
    """Unpack the zone of a press. Raises UnknownAction for a zone we don't know."""
    zone = unpack_text(part)
    try:
        return ZoneInfo(zone).key
    except (OSError, ValueError, KeyError):
        raise UnknownAction(zone) from None


def _offset(name: str, now: datetime) -> str:
    """Format a zone's offset at a time, such as "UTC+05:30"."""
    offset = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
