"""Every command previews a zone before saving it, and names what it doesn't understand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.engine.actions import encode, pack_text
from bot.engine.commands.preferences import SaveZone
from bot.engine.commands.settings import SaveCommunityZone
from bot.engine.screens import Button, CommandMention, Reply, Tone
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_dailies import Room, fields
from tests.engine.test_desk import button


def labels(reply: Reply) -> list[str]:
    return [each.label for each in reply.screen.controls if isinstance(each, Button)]


async def test_a_zone_of_the_community_is_shown_and_holds_when_it_is_saved() -> None:
    channel = Channel()
    shown = await channel.call("settings", zone="EST", reveal="at-close")
    assert words(shown.screen) == "New York (America/New_York), 07:00 now. Save?"
    assert labels(shown) == ["Save"]
    now = words((await channel.call("settings")).screen)
    assert "at midnight in UTC" in now
    assert "when the question closes" in now
    save = button(shown.screen, "Save")
    assert "Only admins" in words((await channel.press(save, user="bob")).screen)
    assert "at midnight in UTC" in words((await channel.call("settings")).screen)
    saved = await channel.press(save)
    assert saved.updates
    assert "at midnight in New York (America/New_York)" in words(saved.screen)


@pytest.mark.parametrize("command", ["settings", "preferences"])
async def test_what_can_be_several_zones_is_chosen(command: str) -> None:
    channel = Channel()
    shown = await channel.call(command, zone="CST")
    assert "`CST` can mean several time zones" in words(shown.screen)
    assert labels(shown) == [
        "Chicago (America/Chicago), 06:00 now",
        "Shanghai (Asia/Shanghai), 20:00 now",
        "Havana (America/Havana), 07:00 now",
    ]
    saved = await channel.press(button(shown.screen, "Shanghai"))
    assert "Shanghai (Asia/Shanghai)" in words(saved.screen)


@pytest.mark.parametrize("command", ["settings", "preferences"])
async def test_an_unknown_zone_is_named_and_nothing_is_kept(command: str) -> None:
    channel = Channel()
    option = {"settings": ("reveal", "at-close"), "preferences": ("boards", "hidden")}[command]
    shown = await channel.call(command, zone="Berlin, Narnia", **dict([option]))
    assert "no such time zone: `Narnia`" in words(shown.screen)
    assert shown.screen.tone is Tone.PROBLEM
    now = words((await channel.call(command)).screen)
    assert "at once" in now or "you are shown" in now


async def test_a_bare_offset_is_shown_as_it_was_said() -> None:
    channel = Channel()
    shown = await channel.call("preferences", zone="UTC+2")
    assert words(shown.screen) == "UTC+2, 14:00 now. Save?"
    saved = words((await channel.press(button(shown.screen, "Save"))).screen)
    assert "UTC+2, as you chose" in saved
    assert "at 00:00 in UTC+2, in 10 h" in saved


@pytest.mark.parametrize("kind", [SaveZone, SaveCommunityZone])
@pytest.mark.parametrize("zone", ["Mars/Phobos", "../../etc/passwd", ""])
async def test_a_press_with_no_zone_of_this_machine_is_refused(
    kind: type[SaveZone | SaveCommunityZone], zone: str
) -> None:
    refused = await Channel().press(encode(kind(pack_text(zone))))
    assert "older version" in words(refused.screen)


async def test_the_preview_of_a_daily_shows_the_zone_after_its_time_with_its_clock() -> None:
    shown = await Room().call("daily set", time="9 p.m. Bombay")
    assert fields(shown)["When"] == "every day at 21:00 in Kolkata (Asia/Kolkata)"
    assert fields(shown)["Time zone"] == "Kolkata (Asia/Kolkata), 17:30 now"


async def test_a_zone_is_said_once() -> None:
    shown = await Room().call("daily set", time="9:00 Berlin", zone="Lima")
    assert "either `Berlin` or `Lima`" in words(shown.screen)


async def test_a_daily_in_one_of_several_zones_is_previewed_in_the_one_that_is_chosen() -> None:
    room = Room()
    asked = await room.call("daily set", time="9:00 Texas", days="weekend", hours=4)
    assert [label.split()[0] for label in labels(asked)] == ["Chicago", "Denver"]
    denver = button(asked.screen, "Denver")
    assert "Only admins" in words((await room.press(denver, user="bob")).screen)
    shown = await room.press(denver)
    assert shown.updates
    assert fields(shown)["When"] == "on Saturday and Sunday at 09:00 in Denver (America/Denver)"
    assert fields(shown)["Stays open"] == "4 hours"
    assert "older one" in words((await room.press(button(asked.screen, "Chicago"))).screen)
    assert not room.store.state.dailies_set
    await room.press(button(shown.screen, "Save"))
    assert room.daily.next_due == datetime(2026, 3, 7, 16, tzinfo=UTC)


async def test_a_daily_at_a_bare_offset_says_it_as_it_was_said() -> None:
    room = Room()
    saved = await room.set(time="9:00", zone="UTC-3")
    assert "every day at 09:00 in UTC-3" in words(saved.screen)
    assert room.daily.schedule.zone == "Etc/GMT+3"
    assert saved.screen.note[-1] == CommandMention("settings", {"zone": "UTC-3"})


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"time": "half nine"}, "I don't know `half nine`"),
        ({"time": "9:00 Narnia"}, "no such time zone: `Narnia`"),
        ({"days": "mon, funday"}, "I don't know `funday`"),
    ],
)
async def test_what_a_daily_does_not_understand_is_named(
    options: dict[str, str], word: str
) -> None:
    room = Room()
    shown = await room.call("daily set", **({"time": "9:00"} | options))
    assert shown.screen.tone is Tone.PROBLEM
    assert word in words(shown.screen)


@pytest.mark.parametrize(
    ("dates", "skipped"),
    [
        ("tomorrow", "2026-03-03"),
        ("24.12.–26.12.", "2026-12-24 to 2026-12-26"),
        ("Dec 24 to Jan 1", "2026-12-24 to 2027-01-01"),
        ("next week", "2026-03-09 to 2026-03-15"),
    ],
)
async def test_dates_are_skipped_as_people_write_them(dates: str, skipped: str) -> None:
    room = Room()
    await room.set()
    assert fields(await room.call("daily skip", dates=dates))["Skipped"] == skipped


@pytest.mark.parametrize(
    ("dates", "word"),
    [
        ("xmas", "I don't know `xmas`"),
        ("3/4", "`3/4` can be 03 April or 04 March"),
        ("30 Feb", "`30 feb` is no date"),
    ],
)
async def test_dates_that_are_not_understood_are_named_and_none_is_skipped(
    dates: str, word: str
) -> None:
    room = Room()
    await room.set()
    shown = await room.call("daily skip", dates=dates)
    assert word in words(shown.screen)
    assert room.daily.schedule.skips == frozenset()
