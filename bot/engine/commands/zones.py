"""Time zones as people name them: by a city, half typed or with a slip of the finger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import fuzz, process

from bot.engine.commands.base import Context
from bot.engine.screens import Choice

AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)
"""What names of places begin with; the others are abbreviations, countries and bare offsets."""

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

NEAR = 70
"""Least likeness, of 100, of a zone that is offered for a text."""

LIKE = 5
"""So many of them at most, after those that have the text itself."""

SURE = 85
"""Least likeness of a city that a text is taken for."""


async def complete_zone(context: Context, text: str) -> list[Choice]:
    """Zones for a half-typed text, the likeliest first, each with its offset from UTC now."""
    known = (context.event.actor.zone, context.event.place.zone)
    names = _matching(text) if text.strip() else [*known, *COMMON]
    return [
        Choice(f"{name} ({_offset(name, context.now)})", name)
        for name in dict.fromkeys(names)
        if name in _zones()
    ]


def zone_of(text: str) -> str | None:
    """The IANA zone that a member's words mean: its name or a city of its own, with a slip of the
    finger at most; None if nothing is near enough."""
    words = _plain(text)
    if words in (names := {_plain(name): name for name in _zones()}):
        return names[words]
    near = process.extractOne(words, _cities().keys(), scorer=fuzz.ratio, score_cutoff=SURE)
    return _cities()[near[0]] if near else None


def _matching(text: str) -> Sequence[str]:
    """Zones with the text in their names, those whose city begins with it first, then others that
    are like it."""
    words = _plain(text)
    having = sorted(
        (name for name in _zones() if words in _plain(name)),
        key=lambda name: (not _city(name).startswith(words), name),
    )
    like = process.extract(words, _cities().keys(), score_cutoff=NEAR, limit=LIKE)
    return [*having, *(_cities()[city] for city, *_ in like)]


@cache
def _zones() -> frozenset[str]:
    """Names of places, and UTC."""
    return frozenset(
        name for name in available_timezones() if name == "UTC" or name.split("/")[0] in AREAS
    )


@cache
def _cities() -> Mapping[str, str]:
    """Zones by the last part of their names, in lower case."""
    return {_city(name): name for name in sorted(_zones())}


def _city(name: str) -> str:
    return _plain(name.rsplit("/", 1)[-1])


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("/", " ").split())


def _offset(name: str, now: datetime) -> str:
    """How far the zone is from UTC at an instant, as in "UTC+05:30"."""
    offset = now.astimezone(ZoneInfo(name)).strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
