"""Which time zone somebody means: by a city, a country, an abbreviation or an offset from UTC."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.engine.zones.names import MIN_SLIP_LETTERS, Meaning, fold_name, fold_words, load_names

MAX_CHOICES = 10
"""Zones to choose from at most."""

MAX_CHARS = 100
"""Characters of what can be a zone; more of them are not looked at."""

LONG = 9
"""Letters of a name from which two slips of the finger are forgiven, and not only one."""

EAST, WEST = 14, 12
"""The hours from UTC that zones have at most."""

HALF_A_YEAR = timedelta(days=182)

_FIXED = re.compile(r"etc/gmt[+-](?:0|[1-9]\d?)", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:utc|gmt|z)?\s*([+\-\u2010-\u2015\u2212])\s*(\d{1,2})(?:[:.]?([0-5]\d)|[.,](5))?(?:\s*h)?",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\(?(?:UTC|GMT)\s?[+-][\d:.]+\)?"
    r"|^(?:(?:the )?time )?(?:in|at) |^the |\btime ?zone\b|\btime$|\btz$",
    re.IGNORECASE,
)
"""What says nothing on its own, as in "(UTC+01:00) time in Berlin"."""


@dataclass(frozen=True, slots=True)
class FoundZones:
    """The zones that may be meant, the likeliest first: one, or several to choose from."""

    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownZone:
    """No zone is known by these words."""

    words: str
    zones: tuple[str, ...] = ()


def find_zones(text: str, now: datetime) -> FoundZones | UnknownZone:
    """The zone that is meant, or several where the words may mean any of them. A guess is made only
    of a name that is nearly right."""
    text = " ".join(text.split())
    if len(text) > MAX_CHARS:
        return UnknownZone(f"{text[:MAX_CHARS]}…")
    if _FIXED.fullmatch(text):
        return _found([f"Etc/GMT{text[7:]}"], text)
    if offset := _OFFSET.fullmatch(text):
        return _at_offset(offset, text, now)
    if meaning := load_names().meanings.get(fold_name(text)):
        return _found(meaning.zones, text)
    plain = " ".join(_FILLER.sub(" ", text).split())
    if plain not in ("", text):
        return find_zones(plain, now)
    if qualified := _qualified(text):
        return qualified
    return _found(_nearly(text), text)


def complete_zones(text: str, now: datetime) -> list[str]:
    """Zones for half-typed words, the likeliest first: those named for a city that has the word,
    those that the words mean, those named for a city that begins so, those of other names that
    begin so, and those with the words anywhere in their own name; among equals the most populous.
    """
    begun, table = fold_name(text), load_names()
    cities = _cities()
    by_word = [zone for zone, words in cities.items() if begun in words]
    by_city = [zone for zone, words in cities.items() if "".join(words).startswith(begun)]
    other = {
        zone
        for name in table.plain
        if name.startswith(begun)
        for zone in table.meanings[name].zones
    }
    by_name = [zone for zone in table.zones if zone in other]
    inside = [zone for zone in table.zones if text.casefold() in zone.casefold()]
    return known_zones([*by_word, *find_zones(text, now).zones, *by_city, *by_name, *inside])


def _found(zones: Iterable[str], text: str) -> FoundZones | UnknownZone:
    known = known_zones(zones)
    return FoundZones(tuple(known[:MAX_CHOICES])) if known else UnknownZone(text)


def _at_offset(said: re.Match[str], text: str, now: datetime) -> FoundZones | UnknownZone:
    """Whole hours are a zone of their own; of others there are only those that places have."""
    sign = 1 if said[1] == "+" else -1
    hours, minutes = int(said[2]), 30 if said[4] else int(said[3] or 0)
    offset = sign * timedelta(hours=hours, minutes=minutes)
    if not timedelta(hours=-WEST) <= offset <= timedelta(hours=EAST):
        return UnknownZone(text)
    if not offset:
        return FoundZones(("UTC",))
    if not minutes:
        return FoundZones((f"Etc/GMT{-sign * hours:+d}",))
    times = (now, now + HALF_A_YEAR)
    there = [
        zone
        for zone in known_zones(load_names().zones)
        if offset in [each.astimezone(ZoneInfo(zone)).utcoffset() for each in times]
    ]
    return _found(there, text)


def _qualified(text: str) -> FoundZones | UnknownZone | None:
    """A city together with its country or state: "Portland, Maine", "London (Ontario)", "Boston
    MA". What is not in the table may be a small town of the country that is."""
    if split := re.fullmatch(r"([^,(/]+)[,(/]([^)]+)\)?", text):
        place, region = (_meaning(part) for part in split.groups())
        if region is None:
            return UnknownZone(split[2].strip())
        if place is None:
            return _found(region.zones, text)
        return _found(_shared(place, region) or (*place.zones, *region.zones), text)
    words = text.split()
    for count in range(len(words) - 1, 0, -1):
        first, last = (
            load_names().meanings.get(fold_name(" ".join(part)))
            for part in (words[:count], words[count:])
        )
        if first and last and (shared := _shared(first, last)):
            return _found(shared, text)
    return None


def _shared(place: Meaning, region: Meaning) -> list[str]:
    there = {*region.zones, *region.rare}
    return [zone for zone in (*place.zones, *place.rare) if zone in there]


def _meaning(text: str) -> Meaning | None:
    found = load_names().meanings.get(fold_name(text))
    near = () if found else _nearly(text)
    return Meaning(near) if near else found


def _nearly(text: str) -> tuple[str, ...]:
    """The zones of the names that are nearest to a text, where they are near enough."""
    said = fold_name(text)
    if len(said) < MIN_SLIP_LETTERS or not said.isalpha():
        return ()
    slips = 2 if len(said) >= LONG else 1
    plain = [name for name in load_names().plain if name[0] == said[0]]
    near = process.extract(said, plain, scorer=OSA.distance, score_cutoff=slips, limit=MAX_CHOICES)
    nearest = [name for name, distance, _ in near if distance == near[0][1]]
    return tuple(zone for name in nearest for zone in load_names().meanings[name].zones)


def known_zones(zones: Iterable[str]) -> list[str]:
    """Each once, without those that this machine does not know."""
    return [zone for zone in dict.fromkeys(zones) if zone in _available()]


@cache
def _cities() -> Mapping[str, list[str]]:
    """The words of the city that a zone is named for."""
    return {zone: fold_words(zone.rpartition("/")[2]) for zone in load_names().zones}


@cache
def _available() -> frozenset[str]:
    return frozenset(available_timezones())
