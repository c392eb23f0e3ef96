"""Finding time zones by the names that people use for them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.commands.base import Context
from bot.engine.commands.zones import complete_zone
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event
from bot.engine.library import Library
from bot.engine.zones.finding import FoundZones, UnknownZone, find_zones
from bot.engine.zones.labels import label, label_now
from bot.engine.zones.names import MIN_SLIP_LETTERS, fold_name, load_names
from tests.samples import PLACE, START, Clock, small_pack
from tests.stand_ins.memory_store import MemoryStore

CASES = json.loads((Path(__file__).parents[1] / "data/zones.json").read_text())


def context(zone: str = "", *, days: int = 0) -> Context:
    clock = Clock(START + timedelta(days=days))
    desk = Desk(Library([small_pack()]), MemoryStore(), clock, Random(1), {})
    return desk._context(Event(Actor("ann", "Ann", zone=zone), PLACE, Call("settings", {})))


def offsets(zone: str) -> list[timedelta | None]:
    """Return a zone's offsets from UTC over a year."""
    return [(START + timedelta(days=n)).astimezone(ZoneInfo(zone)).utcoffset() for n in range(365)]


def find_offsets(said: str) -> list[timedelta | None]:
    """Return the offsets of a zone in the cases, which may be given as whole hours."""
    return [timedelta(hours=int(said))] * 365 if said[0] in "+-" else offsets(said)


@pytest.mark.parametrize("case", CASES, ids=[case["typed"] for case in CASES])
def test_what_people_type_is_the_right_zone_or_has_it_among_the_choices(
    case: dict[str, str | list[str]],
) -> None:
    found = find_zones(str(case["typed"]), START).zones
    right = [find_offsets(each) for each in case["right"]]
    assert any(offsets(zone) in right for zone in found)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        (" Berln ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("newyork", "America/New_York"),
        ("utc", "UTC"),
        ("GMT", "UTC"),
        ("EST", "America/New_York"),
        ("Eastern", "America/New_York"),
        ("WEST", "Europe/Lisbon"),
        ("MSK", "Europe/Moscow"),
        ("PST", "America/Los_Angeles"),
        ("Bombay", "Asia/Kolkata"),
        ("München", "Europe/Berlin"),
        ("MUENCHEN", "Europe/Berlin"),
        ("Zürich", "Europe/Zurich"),
        ("Łódź", "Europe/Warsaw"),
        ("Москва", "Europe/Moscow"),
        ("東京", "Asia/Tokyo"),
        ("Deutschland", "Europe/Berlin"),
        ("UK", "Europe/London"),
        ("the Netherlands", "Europe/Amsterdam"),
        ("Bavaria", "Europe/Berlin"),
        ("Canary Islands", "Atlantic/Canary"),
        ("London", "Europe/London"),
        ("London, Ontario", "America/Toronto"),
        ("Paris, Texas", "America/Chicago"),
        ("Portland, Maine", "America/New_York"),
        ("Boston MA", "America/New_York"),
        ("Buxtehude, Germany", "Europe/Berlin"),
        ("time in Berlin", "Europe/Berlin"),
        ("St. Petersburg", "Europe/Moscow"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("Etc/GMT-2", "Etc/GMT-2"),
        ("Etc/GMT+3", "Etc/GMT+3"),
        ("Kolkatta", "Asia/Kolkata"),
    ],
)
def test_a_zone_is_meant_by_its_name_or_city(text: str, zone: str) -> None:
    assert find_zones(text, START) == FoundZones((zone,))


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("CST", ["America/Chicago", "Asia/Shanghai"]),
        ("IST", ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
        ("BST", ["Europe/London", "Asia/Dhaka"]),
        ("Brazil", ["America/Sao_Paulo", "America/Manaus"]),
        ("Texas", ["America/Chicago", "America/Denver"]),
        ("USA", ["America/New_York", "America/Los_Angeles", "Pacific/Honolulu"]),
        ("Australia", ["Australia/Sydney", "Australia/Perth"]),
        ("Granada", ["Europe/Madrid", "America/Managua"]),
        ("Georgia", ["Asia/Tbilisi", "America/New_York"]),
        ("Washington", ["America/Los_Angeles", "America/New_York"]),
        ("UTC+5:30", ["Asia/Kolkata", "Asia/Colombo"]),
        ("GMT-0330", ["America/St_Johns"]),
        ("+05:45", ["Asia/Kathmandu"]),
    ],
)
def test_what_may_mean_several_is_left_to_choose(text: str, some: list[str]) -> None:
    found = find_zones(text, START)
    assert isinstance(found, FoundZones)
    assert {*some} <= {*found.zones}
    assert len(found.zones) <= 10


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("nowhere at all", "nowhere at all"),
        ("Narnia", "Narnia"),
        ("Atlantis", "Atlantis"),
        ("europe", "europe"),
        ("EU", "EU"),
        ("Rone", "Rone"),
        ("XST", "XST"),
        ("UTC+15", "UTC+15"),
        ("UTC-13", "UTC-13"),
        ("UTC+5:17", "UTC+5:17"),
        ("Etc/GMT+15", "Etc/GMT+15"),
        ("../etc/passwd", "etc/passwd"),
        ("Berlin, Narnia", "Narnia"),
        ("", ""),
    ],
)
def test_what_is_not_known_is_named(text: str, unknown: str) -> None:
    assert find_zones(text, START) == UnknownZone(unknown)


@given(st.text(max_size=200))
def test_any_text_is_read_as_zones_or_not_at_all(text: str) -> None:
    found = find_zones(text, START)
    assert bool(found.zones) is isinstance(found, FoundZones)


@pytest.mark.parametrize("text", ["the " * 2000, "New York " * 2000, "-" * 9000, "(" * 9000])
def test_a_very_long_text_is_no_zone_at_once(text: str) -> None:
    found = find_zones(text, START)
    assert isinstance(found, UnknownZone)
    assert len(found.words) < 200


@given(st.integers(-12, 14), st.sampled_from(["UTC", "GMT", "utc ", ""]))
def test_a_whole_offset_is_a_zone_whose_name_has_the_other_sign(hours: int, before: str) -> None:
    (zone,) = find_zones(f"{before}{hours:+d}", START).zones
    assert START.astimezone(ZoneInfo(zone)).utcoffset() == timedelta(hours=hours)
    assert label(zone) == (f"UTC{hours:+d}" if hours else "UTC")
    assert find_zones(label(zone), START) == FoundZones((zone,))


def test_every_zone_is_found_by_its_name_and_by_what_is_shown_of_it() -> None:
    for zone in load_names().zones:
        assert find_zones(zone, START) == FoundZones((zone,))
        assert find_zones(label(zone), START) == FoundZones((zone,))


def test_the_table_names_zones_that_exist_by_what_is_compared() -> None:
    table, known = load_names(), available_timezones()
    assert len(table.meanings) > 50_000
    for name, meaning in table.meanings.items():
        assert fold_name(name) == name
        assert meaning.zones
        assert {*meaning.zones, *meaning.rare} <= known
    assert min(map(len, table.plain)) >= MIN_SLIP_LETTERS


def test_the_table_is_read_at_first_use() -> None:
    code = (
        "import bot.app; from bot.engine.zones.names import load_names; "
        "print(load_names.cache_info())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "currsize=0" in shown


def test_a_zone_is_written_with_its_city_and_its_clock() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert label_now("America/New_York", noon) == "New York (America/New_York), 08:00 now"
    assert label_now("Etc/GMT+3", noon) == "UTC-3, 09:00 now"
    assert label_now("UTC", noon) == "UTC, 12:00 now"


@pytest.mark.parametrize(
    ("text", "first"),
    [("berl", "Europe/Berlin"), ("york", "America/New_York"), ("munich", "Europe/Berlin")],
)
async def test_half_typed_zones_are_completed(text: str, first: str) -> None:
    assert (await complete_zone(context(), text))[0].value == first


async def test_slips_of_the_finger_are_forgiven() -> None:
    assert "Asia/Kolkata" in [choice.value for choice in await complete_zone(context(), "kolkatta")]


async def test_one_who_has_typed_nothing_is_offered_their_own_zone_first() -> None:
    choices = await complete_zone(context("Asia/Kathmandu"), " ")
    assert choices[0].label == "Asia/Kathmandu (UTC+05:45)"
    assert len(choices) > 10


async def test_offsets_are_those_of_the_day() -> None:
    labels = [(await complete_zone(context(days=n), "berlin"))[0].label for n in (0, 120)]
    assert labels == ["Europe/Berlin (UTC+01:00)", "Europe/Berlin (UTC+02:00)"]
