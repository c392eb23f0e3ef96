"""Daily questions when something goes wrong: with one of them, a platform, or clocks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.engine.communities import ChannelSettings
from bot.engine.dailies import Daily
from bot.engine.daily_planner import ALL_SKIPPED, ALREADY_ASKED, PAUSED_BY_ADMIN
from bot.engine.desk import Desk
from bot.engine.due.daily import PAUSE_AFTER_ERROR
from bot.engine.due.result import GIVE_UP_AFTER, Result
from bot.engine.events import Channel
from bot.engine.platform import Poster, Unpostable
from bot.engine.screens import Screen, Tone
from tests.engine.test_channel_rounds import words
from tests.engine.test_dailies import NINE, SET, Room, fields
from tests.engine.test_desk import button
from tests.stand_ins.memory_poster import MemoryPoster

NO_ENTRY = Unpostable("I may not write in this channel.")
GONE = ConnectionError("the platform is gone")


async def two_channels() -> Room:
    """A room with a second channel with the same daily question."""
    room = Room()
    await room.set()
    elsewhere = replace(room.daily, id=2, channel=Channel("terminal", "local", "elsewhere"))
    room.store.state.dailies_set[2] = elsewhere
    return room


def spoil(room: Room, **changes: Any) -> None:
    room.store.state.dailies_set[1] = replace(room.store.state.dailies_set[1], **changes)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=30)])
async def test_one_daily_with_which_something_is_wrong_does_not_keep_others_waiting(
    ahead: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    room = await two_channels()
    spoil(room, schedule=replace(room.store.state.dailies_set[1].schedule, zone="Mars/Phobos"))
    await room.desk.dailies.retime()
    await room.at(NINE + ahead)
    assert [post.channel.id for post in room.store.state.posts.values()] == ["elsewhere"]
    assert "could not claim daily 1, will retry" in caplog.text
    assert room.store.state.dailies_set[1].next_due == NINE + ahead + PAUSE_AFTER_ERROR


async def test_one_that_seems_due_too_early_is_due_at_its_time() -> None:
    room = await two_channels()
    spoil(room, next_due=NINE - timedelta(hours=1))
    await room.at(NINE - timedelta(minutes=1))
    assert room.posts == []
    await room.at(NINE)
    assert len(room.posts) == 2


async def test_a_claim_between_a_look_and_a_save_does_not_lead_to_a_date_asked_twice() -> None:
    room = Room()
    await room.set()
    shown = await room.call("daily set", **(SET | {"time": "18:00"}))
    keep = room.store.dailies.save

    async def save(number: int, seen: Daily, saved: Daily) -> bool:
        await room.passes()
        return await keep(number, seen, saved)

    room.store.dailies.save = save  # type: ignore[method-assign]
    room.clock.now = NINE
    await room.press(button(shown.screen, "Save"))
    assert room.daily.last_on == NINE.date()
    assert room.daily.next_on == (NINE + timedelta(days=1)).date()
    await room.at(NINE + timedelta(hours=9))
    assert len(room.posts) == 1


async def test_a_date_that_was_asked_already_is_passed_over() -> None:
    room = await two_channels()
    spoil(room, last_on=NINE.date())
    await room.at(NINE)
    assert len(room.posts) == 1
    assert room.store.state.dailies_set[1].next_on == (NINE + timedelta(days=1)).date()


async def test_a_date_skipped_since_the_preview_stays_skipped() -> None:
    room = Room()
    await room.set()
    shown = await room.call("daily set", **(SET | {"time": "18:00"}))
    await room.call("daily skip", dates="2026-12-24")
    await room.press(button(shown.screen, "Save"))
    assert fields(await room.call("daily show"))["Skipped"] == "2026-12-24"


async def test_todays_date_cannot_be_skipped_once_its_question_was_asked() -> None:
    room = Room()
    await room.set()
    await room.at(NINE)
    assert ALREADY_ASKED in words((await room.call("daily skip", dates="2026-03-03")).screen)


async def test_a_platform_that_hangs_does_not_hold_up_another() -> None:
    class Hanging(MemoryPoster):
        async def post(self, *_: Any, **__: Any) -> str:
            await asyncio.sleep(60)
            raise AssertionError

    room = await two_channels()
    spoil(room, channel=Channel("other", "local", "general"))
    posters: dict[str, Poster] = {"other": Hanging(), "terminal": room.poster}
    desk = Desk(room.desk.library, room.store, room.clock, Random(1), posters)
    room.clock.now = NINE
    hanging = asyncio.create_task(desk.clockwork.run_due("other"))
    await asyncio.wait_for(desk.clockwork.run_due("terminal"), 10)
    assert len(room.posts) == 1
    hanging.cancel()


async def test_what_was_started_ends_before_a_failed_claim_is_reported() -> None:
    class Slow(MemoryPoster):
        async def post(self, *args: Any, **named: Any) -> str:
            await asyncio.sleep(0.05)
            return await super().post(*args, **named)

    room = Room()
    await room.set()
    poster = Slow()
    desk = Desk(room.desk.library, room.store, room.clock, Random(1), {"terminal": poster})

    async def fail(*_: Any) -> Any:
        raise GONE

    room.store.due.claim = fail  # type: ignore[assignment]
    room.clock.now = NINE
    with pytest.raises(ConnectionError):
        await desk.clockwork.run_due()
    assert len(poster.screens) == 1


async def test_what_was_posted_but_never_confirmed_is_revealed_even_after_its_time() -> None:
    room = Room()
    await room.set(hours=1)
    room.poster.lost = ConnectionError("no answer came")
    await room.at(NINE)
    await room.answer(room.shown, rightly=True, user="bob")
    room.poster.lost = None
    await room.at(NINE + timedelta(hours=1))
    await room.passes()
    (shown,) = room.posts
    assert "1 of 1 (100%)" in words(shown)


async def test_a_question_that_was_refused_counts_as_not_asked() -> None:
    room = Room()
    await room.set()
    room.poster.trouble = NO_ENTRY
    await room.at(NINE)
    assert room.daily.last_on is None
    assert await room.store.posts.asked_in(room.daily.channel, "sample") == []
    room.poster.trouble = None
    await room.call("daily resume")
    assert (await room.call("daily now")).screen.title == "Asked"
    assert "every day at 09:00" in words(room.shown), "it is the first that anybody sees"


@pytest.mark.parametrize("paused", [False, True])
async def test_who_asks_now_is_told_why_it_cannot_be_posted(paused: bool) -> None:
    room = Room()
    await room.set()
    if paused:
        await room.call("daily pause")
    room.poster.trouble = NO_ENTRY
    reply = await room.call("daily now")
    assert reply.screen.tone is Tone.PROBLEM
    assert str(NO_ENTRY) in words(reply.screen)
    assert room.daily.paused == (PAUSED_BY_ADMIN if paused else str(NO_ENTRY))


async def test_a_pause_of_the_bots_own_ends_when_asking_works_again() -> None:
    room = Room()
    await room.set()
    room.poster.trouble = NO_ENTRY
    await room.at(NINE)
    assert room.daily.paused == str(NO_ENTRY)
    room.poster.trouble = None
    shown = (await room.call("daily now")).screen
    assert "no longer paused. The next one: Wednesday 04 March" in words(shown)
    assert shown.controls == ()
    assert room.daily.paused == ""
    assert "From now on, a question comes here every day" in words(room.shown)
    await room.at(NINE + timedelta(days=1))
    assert len(room.posts) == 2


async def test_a_pause_of_the_bots_own_stays_while_asking_fails() -> None:
    room = Room()
    await room.set()
    room.poster.trouble = NO_ENTRY
    await room.at(NINE)
    assert str(NO_ENTRY) in words((await room.call("daily now")).screen)
    assert (room.daily.paused, room.daily.next_due) == (str(NO_ENTRY), None)


async def test_a_persons_pause_outlasts_a_question_asked_now_and_ends_by_a_button() -> None:
    room = Room()
    await room.set()
    await room.call("daily pause")
    shown = (await room.call("daily now")).screen
    assert "It's still paused" in words(shown)
    assert "From now on" not in words(room.shown)
    assert room.daily.paused == PAUSED_BY_ADMIN
    await room.at(NINE + timedelta(days=1))
    assert len(room.posts) == 1
    await room.press(button(shown, "Resume"))
    await room.at(NINE + timedelta(days=2))
    assert len(room.posts) == 2


async def test_who_asks_the_last_date_that_is_left_is_told_that_it_is_paused_then() -> None:
    room = Room()
    await room.set()
    spoil(room, schedule=replace(room.daily.schedule, weekdays=frozenset()))
    shown = (await room.call("daily now")).screen
    assert ALL_SKIPPED in words(shown)
    assert room.daily.paused == ALL_SKIPPED


async def test_who_asks_now_is_told_that_it_comes_once_the_platform_is_back() -> None:
    room = Room()
    await room.set()
    room.poster.trouble = GONE
    assert "as soon as possible" in words((await room.call("daily now")).screen)
    room.poster.trouble = None
    await room.passes(minutes=1)
    assert len(room.posts) == 1


async def test_a_result_that_cannot_be_shown_is_tried_ever_more_seldom_and_given_up() -> None:
    tries = 0

    class Refusing(MemoryPoster):
        async def edit(self, *_: Any) -> None:
            nonlocal tries
            tries += 1
            raise GONE

    room = Room()
    await room.set(hours=1)
    await room.at(NINE)
    room.desk.rounds._posters = {"terminal": Refusing()}
    over = NINE + timedelta(hours=1)
    await room.call("daily pause")
    for minutes in range(0, 3 * 24 * 60, 1):
        await room.at(over + timedelta(minutes=minutes))
    assert tries <= GIVE_UP_AFTER / Result.longest_pause + 12
    assert room.store.state.due == {}


async def test_of_replicas_that_find_nothing_to_ask_one_tells_the_admin() -> None:
    room = Room()
    await room.set(chapters="one")
    spoil(room, schedule=replace(room.daily.schedule, chapters=("gone",)))
    other = Desk(room.desk.library, room.store, room.clock, Random(2), {"terminal": room.poster})
    keep = room.store.dailies.claim

    async def claim(claims: Any, now: Any) -> Any:
        await asyncio.sleep(0)
        return await keep(claims, now)

    room.store.dailies.claim = claim  # type: ignore[method-assign]
    room.clock.now = NINE
    await asyncio.gather(room.desk.clockwork.run_due(), other.clockwork.run_due())
    assert len(room.poster.told) == 1


async def test_telling_an_admin_does_not_hold_up_the_other_questions() -> None:
    class Slow(MemoryPoster):
        async def notify(self, community: str, user: str, screen: Screen) -> None:
            await asyncio.sleep(60)

    room = Room()
    await room.set(chapters="one")
    spoil(room, schedule=replace(room.daily.schedule, chapters=("gone",)))
    room.desk.dailies._posters = {"terminal": Slow()}
    room.clock.now = NINE
    await asyncio.wait_for(room.desk.clockwork.dispatch("terminal"), 10)
    assert room.daily.paused


async def test_after_an_outage_only_the_last_of_several_dates_is_asked() -> None:
    room = Room()
    await room.set(hours=72)
    room.poster.trouble = GONE
    for hours in range(49):
        await room.at(NINE + timedelta(hours=hours))
    room.poster.trouble = None
    await room.passes(minutes=10)
    assert len(room.posts) == 1


async def test_a_question_chosen_ahead_is_chosen_anew_when_the_channel_changes() -> None:
    room = Room()
    await room.set()
    room.clock.now = NINE - timedelta(minutes=30)
    await room.desk.dailies.prepare()
    assert room.daily.question
    await room.store.communities.set_channel_settings(
        room.daily.channel, ChannelSettings(pack="other")
    )
    assert not room.daily.question


async def test_a_date_asked_by_a_clock_a_year_ahead_does_not_silence_a_daily(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    await room.set()
    await room.at(NINE + timedelta(days=365))
    assert room.daily.last_on == (NINE + timedelta(days=365)).date()
    room.clock.now = NINE - timedelta(minutes=5)
    await room.desk.dailies.retime()
    assert "by a clock that was ahead" in caplog.text
    assert room.daily.last_on is None
    assert room.daily.next_due == NINE
    await room.at(NINE)
    assert len(room.posts) == 2
    await room.at(NINE + timedelta(days=1))
    assert len(room.posts) == 3


async def test_a_daily_skipped_by_a_clock_a_year_ahead_comes_again() -> None:
    room = Room()
    await room.set(hours=1)
    await room.at(NINE + timedelta(days=365, hours=2))
    assert room.posts == []
    room.clock.now = NINE - timedelta(minutes=5)
    await room.desk.dailies.retime()
    assert room.daily.next_due == NINE


@pytest.mark.parametrize("mend", ["daily now", "daily set", "daily resume"])
async def test_an_admin_mends_a_daily_that_a_wrong_clock_silenced(mend: str) -> None:
    room = Room()
    await room.set()
    await room.at(NINE + timedelta(days=365))
    room.clock.now = NINE - timedelta(minutes=5)
    match mend:
        case "daily set":
            await room.set()
        case "daily resume":
            await room.call("daily pause")
            await room.call("daily resume")
        case _:
            assert (await room.call("daily now")).screen.title == "Asked"
    assert room.daily.next_due == NINE + timedelta(days=mend == "daily now")


async def test_a_clock_an_hour_back_after_midnight_repairs_nothing() -> None:
    room = Room()
    await room.set(time="00:00", zone="Pacific/Kiritimati")
    due = room.daily.next_due
    assert due
    await room.at(due)
    before = room.daily
    room.clock.now = due - timedelta(hours=1)
    await room.desk.dailies.retime()
    assert room.daily == before
