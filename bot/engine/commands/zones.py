"""Time zones as people name them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from bot.engine.commands.base import Context
from bot.engine.screens import Choice

ODD = ("Etc/", "SystemV/", "posix/", "right/", "US/")
"""Beginnings of names that are there for old times' sake."""

NEAR = 75
"""How alike, of 100, what is typed and a name have to be."""


@cache
def zones() -> tuple[str, ...]:
    """The zones to choose from: those of places, and UTC."""
    placed = {zone for zone in available_timezones() if "/" in zone and not zone.startswith(ODD)}
    return ("UTC", *sorted(placed))


def zone_of(text: str) -> str | None:
    """The zone that a text names, wholly or by its place alone; None if there is none such."""
    wanted = _folded(text)
    return next((zone for zone in zones() if wanted in (_folded(zone), _place(zone))), None)


async def complete_zone(context: Context, text: str) -> list[Choice]:
    """Zones whose name has the text, then those that are spelt nearly so; for an empty one the
    zone of the place."""
    return [
        Choice(f"{zone} ({_clock(zone, context.now)})", zone)
        for zone in dict.fromkeys(_found(context.event.place.zone, _folded(text)))
    ]


def _found(here: str, wanted: str) -> Iterator[str]:
    if not wanted:
        yield from (here, "UTC")
        return
    yield from (zone for zone in zones() if _place(zone).startswith(wanted))
    yield from (zone for zone in zones() if wanted in _folded(zone))
    near = process.extract(
        wanted, {zone: _place(zone) for zone in zones()}, scorer=fuzz.ratio, score_cutoff=NEAR
    )
    yield from (zone for *_, zone in near)


def _folded(text: str) -> str:
    return text.strip().casefold().replace(" ", "_")


def _place(zone: str) -> str:
    return _folded(zone.rpartition("/")[2])


def _clock(zone: str, now: datetime) -> str:
    local = now.astimezone(ZoneInfo(zone))
    offset = local.isoformat(timespec="minutes")[-len("+00:00") :]
    return f"UTC{offset}, {local:%H:%M} there now"
