"""Finding a time zone by a city, a country, an abbreviation or an offset from UTC."""

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
"""Offer at most this many zones to choose from."""

MAX_TEXT_CHARS = 100
"""No name of a zone is longer."""

MIN_LETTERS_FOR_TWO_TYPOS = 9
"""Two typos are forgiven in names of at least this many letters, else one."""

MAX_HOURS_EAST, MAX_HOURS_WEST = 14, 12
"""The largest offsets from UTC that zones have."""

HALF_A_YEAR = timedelta(days=182)

_ETC_GMT = re.compile(r"etc/gmt[+-](?:0|[1-9]\d?)", re.IGNORECASE)
_OFFSET = re.compile(
    r"(?:utc|gmt|z)?\s*([+\-\u2010-\u2015\u2212])\s*(\d{1,2})(?:[:.]?([0-5]\d)|[.,](5))?(?:\s*h)?",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"\(?(?:UTC|GMT)\s?[+-][\d:.]+\)?"
    r"|^(?:(?:the )?time )?(?:in|at) |^the |\btime ?zone\b|\btime$|\btz$",
    re.IGNORECASE,
)
"""Words that mean nothing on their own, as in "(UTC+01:00) time in Berlin"."""


@dataclass(frozen=True, slots=True)
class FoundZones:
    """The zones that may be meant, the likeliest first: one, or several to choose from."""

    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnknownZone:
    """No zone goes by these words."""

    words: str
    zones: tuple[str, ...] = ()


def find_zones(text: str, now: datetime) -> FoundZones | UnknownZone:
    """Find the zone that a text means, or several if it's ambiguous. Guesses only if a name is
    nearly right."""
    text = " ".join(text.split())
    if len(text) > MAX_TEXT_CHARS:
        return UnknownZone(f"{text[:MAX_TEXT_CHARS]}…")
    if _ETC_GMT.fullmatch(text):
        return _to_result([f"Etc/GMT{text[7:]}"], text)
    if offset := _OFFSET.fullmatch(text):
        return _find_by_offset(offset, text, now)
    if meaning := load_names().meanings.get(fold_name(text)):
        return _to_result(meaning.zones, text)
    plain = " ".join(_FILLER.sub(" ", text).split())
    if plain not in ("", text):
        return find_zones(plain, now)
    if city_result := _find_city_in_region(text):
        return city_result
    return _to_result(_find_similar(text), text)


def complete_zones(text: str, now: datetime) -> list[str]:
    """Suggest zones for half-typed words, the likeliest first: zones named after a city with that
    word, zones that the words mean, zones named after a city that begins this way, zones with other
    names that begin this way, and zones with the words anywhere in their own name; in each group
    the most populous first.
    """
    start, table = fold_name(text), load_names()
    cities = _city_words()
    by_word = [zone for zone, words in cities.items() if start in words]
    by_city = [zone for zone, words in cities.items() if "".join(words).startswith(start)]
    other = {
        zone
        for name in table.plain
        if name.startswith(start)
        for zone in table.meanings[name].zones
    }
    by_name = [zone for zone in table.zones if zone in other]
    inside = [zone for zone in table.zones if text.casefold() in zone.casefold()]
    return filter_available([*by_word, *find_zones(text, now).zones, *by_city, *by_name, *inside])


def _to_result(zones: Iterable[str], text: str) -> FoundZones | UnknownZone:
    known = filter_available(zones)
    return FoundZones(tuple(known[:MAX_CHOICES])) if known else UnknownZone(text)


def _find_by_offset(match: re.Match[str], text: str, now: datetime) -> FoundZones | UnknownZone:
    """Find zones by offset: whole hours have zones of their own, others only real places."""
    sign = 1 if match[1] == "+" else -1
    hours, minutes = int(match[2]), 30 if match[4] else int(match[3] or 0)
    offset = sign * timedelta(hours=hours, minutes=minutes)
    if not timedelta(hours=-MAX_HOURS_WEST) <= offset <= timedelta(hours=MAX_HOURS_EAST):
        return UnknownZone(text)
    if not offset:
        return FoundZones(("UTC",))
    if not minutes:
        return FoundZones((f"Etc/GMT{-sign * hours:+d}",))
    times = (now, now + HALF_A_YEAR)
    there = [
        zone
        for zone in filter_available(load_names().zones)
        if offset in [each.astimezone(ZoneInfo(zone)).utcoffset() for each in times]
    ]
    return _to_result(there, text)


def _find_city_in_region(text: str) -> FoundZones | UnknownZone | None:
    """Find a city with its country or state: "Portland, Maine", "London (Ontario)", "Boston MA". A
    city that isn't in the table may be a small town in a country that is."""
    if split := re.fullmatch(r"([^,(/]+)[,(/]([^)]+)\)?", text):
        place, region = (_find_meaning(part) for part in split.groups())
        if region is None:
            return UnknownZone(split[2].strip())
        if place is None:
            return _to_result(region.zones, text)
        return _to_result(_zones_in_region(place, region) or (*place.zones, *region.zones), text)
    words = text.split()
    for count in range(len(words) - 1, 0, -1):
        first, last = (
            load_names().meanings.get(fold_name(" ".join(part)))
            for part in (words[:count], words[count:])
        )
        if first and last and (zones := _zones_in_region(first, last)):
            return _to_result(zones, text)
    return None


def _zones_in_region(place: Meaning, region: Meaning) -> list[str]:
    there = {*region.zones, *region.rare}
    return [zone for zone in (*place.zones, *place.rare) if zone in there]


def _find_meaning(text: str) -> Meaning | None:
    found = load_names().meanings.get(fold_name(text))
    near = () if found else _find_similar(text)
    return Meaning(near) if near else found


def _find_similar(text: str) -> tuple[str, ...]:
    """Find the zones of the names closest to a text, if they're close enough."""
    name_typed = fold_name(text)
    if len(name_typed) < MIN_SLIP_LETTERS or not name_typed.isalpha():
        return ()
    slips = 2 if len(name_typed) >= MIN_LETTERS_FOR_TWO_TYPOS else 1
    plain = [name for name in load_names().plain if name[0] == name_typed[0]]
    near = process.extract(
        name_typed, plain, scorer=OSA.distance, score_cutoff=slips, limit=MAX_CHOICES
    )
    nearest = [name for name, distance, _ in near if distance == near[0][1]]
    return tuple(zone for name in nearest for zone in load_names().meanings[name].zones)


def filter_available(zones: Iterable[str]) -> list[str]:
    """Drop duplicates, and zones that this machine doesn't know."""
    return [zone for zone in dict.fromkeys(zones) if zone in _available()]


@cache
def _city_words() -> Mapping[str, list[str]]:
    """Map each zone to the words of the city it's named after."""
    return {zone: fold_words(zone.rpartition("/")[2]) for zone in load_names().zones}


@cache
def _available() -> frozenset[str]:
    return frozenset(available_timezones())
