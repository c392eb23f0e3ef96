"""Time zones in commands: offered while they are typed, and shown before they hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.engine.actions import Action, UnknownAction, encode, pack_text, unpack_text
from bot.engine.commands.base import Context
from bot.engine.screens import Button, Choice, Reply, Screen, notice
from bot.engine.zones.finding import complete_zones, known_zones
from bot.engine.zones.labels import label_now, short

COMMON = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Kyiv",
    "Africa/Lagos",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
"""What is offered to somebody who has typed nothing yet."""


async def complete_zone(context: Context, text: str) -> list[Choice]:
    """Zones for a half-typed text, the likeliest first, each with its offset from UTC now."""
    if text.strip():
        zones = complete_zones(text, context.now)
    else:
        known = (context.event.actor.zone, context.event.place.zone)
        zones = [*known_zones(filter(None, known)), *COMMON]
    return [
        Choice(f"{short(zone)} ({_offset(zone, context.now)})", zone)
        for zone in dict.fromkeys(zones)
    ]


def ask_zone(
    context: Context, text: str, zones: Sequence[str], save: Callable[[str], Action], note: str
) -> Reply:
    """Show what was understood and ask before it holds. `save` makes the press that takes a zone
    from what is packed of it."""
    presses = [(label_now(zone, context.now), encode(save(pack_text(zone)))) for zone in zones]
    match presses:
        case [(zone, press)]:
            said, buttons = f"{zone}. Save?", [Button("Save", press, "primary")]
        case _:
            said = f"`{text}` can mean several time zones. Choose one."
            buttons = [Button(zone, press) for zone, press in presses]
    return Reply(Screen(text=(said,), controls=tuple(buttons), note=note))


def no_such_zone(words: str) -> Reply:
    """Say which words name no zone."""
    return notice(
        f"There is no such time zone: `{words}`. Name a large city or a country, as in `Berlin`, "
        "or an offset, as in `UTC+2`."
    )


def unpacked_zone(part: str) -> str:
    """The zone that a press carries. Raises UnknownAction for one that isn't known here."""
    zone = unpack_text(part)
    try:
        return ZoneInfo(zone).key
    except (OSError, ValueError, KeyError):
        raise UnknownAction(zone) from None


def _offset(name: str, now: datetime) -> str:
    """How far the zone is from UTC at an instant, as in "UTC+05:30"."""
    offset = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
