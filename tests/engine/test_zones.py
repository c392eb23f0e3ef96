"""Time zones are found by how people name them."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from bot.engine.commands.base import Context
from bot.engine.commands.zones import complete_zone, zone_of
from bot.engine.desk import Desk
from bot.engine.events import Actor, Call, Event
from bot.engine.library import Library
from tests.samples import PLACE, START, Clock, small_pack
from tests.stand_ins.memory_store import MemoryStore


def context(zone: str = "", *, days: int = 0) -> Context:
    clock = Clock(START + timedelta(days=days))
    desk = Desk(Library([small_pack()]), MemoryStore(), clock, Random(1), {})
    return desk._context(Event(Actor("ann", "Ann", zone=zone), PLACE, Call("settings", {})))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        (" Berln ", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
        ("nowhere at all", None),
        ("europe", None),
        ("Etc/GMT+3", None),
        ("../etc/passwd", None),
        ("", None),
    ],
)
def test_a_zone_is_meant_by_its_name_or_city(text: str, zone: str | None) -> None:
    assert zone_of(text) == zone


@pytest.mark.parametrize(
    ("text", "first"), [("berl", "Europe/Berlin"), ("york", "America/New_York")]
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
