"""Daily questions: set by admins, asked once per date, whatever goes wrong."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bot.engine.actions import encode
from bot.engine.asked import find_asked
from bot.engine.commands.daily import SaveDaily
from bot.engine.commands.drill import CatchUp
from bot.engine.dailies import Daily
from bot.engine.daily_planner import NO_QUESTIONS
from bot.engine.due.timing import MAX_PAUSE_WHILE_WAITING
from bot.engine.events import Call, Role
from bot.engine.platform import Unpostable
from bot.engine.screens import Button, Moment, Reply, Screen, Tone
from bot.engine.zones.finding import FoundZones, UnknownZone, find_zones
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button, find_answer_action
from tests.texts import to_plain_text

SET: dict[str, Any] = {"time": "09:00", "zone": "Europe/Berlin"}
"""The clock of the tests stands at 13:00 in Berlin, on Monday 2 March 2026."""

NINE = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
"""Nine o'clock of the next day."""


class Room(Channel):
    """A channel for a daily question; its community has one role."""

    def __init__(self) -> None:
        super().__init__()
        self.poster.given[Role("r1", "Learners")] = None

    async def set(self, **options: str | int) -> Reply:
        shown = await self.call("daily set", **(SET | options))
        return await self.press(button(shown.screen, "Save"))

    async def at(self, now: datetime) -> None:
        self.clock.now = now
        await self.passes()

    @property
    def daily(self) -> Daily:
        (daily,) = self.store.state.dailies_set.values()
        return daily

    @property
    def posts(self) -> list[Screen]:
        return list(self.poster.screens.values())


def fields(reply: Reply) -> dict[str, str]:
    return {
        name: words(Screen(text=(value,))) if isinstance(value, tuple) else value
        for name, value in reply.screen.fields
    }


async def test_what_would_be_set_is_shown_with_the_next_date_before_it_is_saved() -> None:
    room = Room()
    wanted = SET | {"days": "mon-fri", "hours": 4, "mention": "Learners"}
    shown = await room.call("daily set", **wanted)
    assert fields(shown)["When"] == "Monday to Friday at 09:00 in Berlin (Europe/Berlin)"
    assert (
        "Tuesday 03 March 2026, 09:00 in Berlin (Europe/Berlin)" in fields(shown)["Next question"]
    )
    assert Moment(NINE) in dict(shown.screen.fields)["Next question"]
    assert (fields(shown)["Stays open"], fields(shown)["Notifies"]) == ("4 hours", "Learners")
    assert not room.store.state.dailies_set
    saved = await room.press(button(shown.screen, "Save"))
    assert saved.screen.tone is Tone.RIGHT
    assert to_plain_text(saved.screen.note).endswith(
        "To change that: `settings zone:Europe/Berlin`"
    )
    assert room.daily.next_due == NINE
    assert room.posts == []


async def test_the_first_question_says_how_it_works_and_the_second_does_not() -> None:
    room = Room()
    await room.set()
    await room.at(NINE)
    assert room.shown.title == "Daily question · Sample"
    assert "every day at 09:00 in Berlin (Europe/Berlin)" in words(room.shown)
    assert dict(room.shown.fields)["Closes"] == (Moment(NINE + timedelta(hours=12)),)
    await room.at(NINE + timedelta(days=1))
    assert "every day" not in words(room.shown)
    assert len(room.posts) == 2


async def test_a_role_is_notified_when_the_question_comes_and_not_when_it_changes() -> None:
    room = Room()
    await room.set(mention="learners")
    await room.at(NINE)
    assert room.shown.mention == "r1"
    await room.answer(room.shown, rightly=True, user="bob")
    await room.passes(seconds=5)
    assert room.shown.mention == ""


async def test_answers_to_a_daily_are_told_when_it_closes_if_so_chosen() -> None:
    room = Room()
    await room.set(reveal="at-close", hours=1)
    await room.at(NINE)
    reply = await room.answer(room.shown, rightly=True, user="bob")
    assert reply.screen.title == "Recorded"
    for command in ("leaderboard", "stats"):
        shown = await room.call(command, "bob")
        assert "10" not in words(shown.screen), "a board says whether it was right"
    assert (await room.call("leaderboard", "bob", board="daily")).data["lines"] == []
    assert fields(await room.call("stats", "bob"))["Waiting for the result"] == "1"
    assert "Waiting for the result" not in fields(await room.call("stats", "ann"))
    await room.at(NINE + timedelta(hours=1))
    assert "Waiting for the result" not in fields(await room.call("stats", "bob"))
    assert room.shown.title == "Result · Sample"
    standings = await room.call("leaderboard", "bob", board="daily")
    assert standings.data["own"]["points"] == 10


async def test_each_date_has_one_question_however_often_the_heartbeat_beats() -> None:
    room = Room()
    await room.set()
    for minutes in range(0, 3 * 24 * 60, 45):
        await room.at(NINE + timedelta(minutes=minutes))
        await room.passes()
    assert len(room.posts) == 3


async def test_a_schedule_of_before_does_not_ask_a_second_question_on_one_date() -> None:
    room = Room()
    await room.set()
    await room.at(NINE)
    await room.set(time="18:00")
    assert room.daily.next_on == (NINE + timedelta(days=1)).date()


async def test_after_two_days_asleep_todays_question_is_asked_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    await room.set(hours=4)
    with caplog.at_level(logging.WARNING):
        await room.at(NINE + timedelta(days=2, hours=1))
    assert len(room.posts) == 1
    assert dict(room.shown.fields)["Closes"] == (Moment(NINE + timedelta(days=2, hours=4)),)
    assert "not asked on 2026-03-03, 2026-03-04" in caplog.text
    await room.at(NINE + timedelta(days=4, hours=5))
    assert room.shown.title == "Result · Sample"
    assert len(room.posts) == 1, "nobody waits for a question whose time is over"


async def test_who_wakes_as_a_question_would_close_does_not_begin_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room, over = Room(), NINE + timedelta(hours=4)
    await room.set(hours=4)
    with caplog.at_level(logging.WARNING):
        await room.at(over)
    assert room.store.state.rounds == {}
    assert room.daily.next_on == (NINE + timedelta(days=1)).date()
    assert "not asked on 2026-03-03: no bot was running" in caplog.text
    room = Room()
    await room.set(hours=4)
    await room.at(over - timedelta(seconds=1))
    assert len(room.posts) == 1


async def test_a_question_that_the_platform_does_not_take_until_it_would_close_never_comes() -> (
    None
):
    room, over = Room(), NINE + timedelta(hours=4)
    await room.set(hours=4)
    room.poster.trouble = ConnectionError("the platform is gone")
    await room.at(NINE)
    room.poster.trouble = None
    await room.at(over)
    assert room.posts == []
    assert room.daily.last_on is None


async def test_a_question_that_the_platform_does_not_take_for_an_hour_comes_late_once() -> None:
    room = Room()
    await room.set(hours=4)
    room.poster.trouble = ConnectionError("the platform is gone")
    await room.at(NINE)
    for minutes in range(1, 60):
        await room.at(NINE + timedelta(minutes=minutes))
    assert room.posts == []
    room.poster.trouble = None
    await room.passes(seconds=MAX_PAUSE_WHILE_WAITING.seconds)
    await room.passes()
    (posted,) = room.posts
    assert dict(posted.fields)["Closes"] == (Moment(NINE + timedelta(hours=4)),)


async def test_where_it_may_not_post_the_daily_is_paused_and_the_admin_told_once() -> None:
    room = Room()
    await room.set()
    room.poster.trouble = Unpostable("I may not write in this channel.")
    for minutes in range(0, 2000, 10):
        await room.at(NINE + timedelta(minutes=minutes))
    assert room.daily.paused == "I may not write in this channel."
    ((user, screen),) = room.poster.told
    assert user == "ann"
    assert "I may not write in this channel." in words(screen)
    room.poster.trouble = None
    shown = await room.call("daily show")
    assert fields(shown)["Paused"] == "I may not write in this channel."
    await room.call("daily resume")
    await room.passes(days=1)
    assert len(room.posts) == 1


async def test_a_community_that_removed_the_bot_is_left_in_peace() -> None:
    room = Room()
    await room.set()
    await room.desk.rounds.abandon("terminal", "local")
    await room.at(NINE)
    assert room.posts == []
    assert room.daily.paused


async def test_chapters_that_lost_their_questions_pause_the_daily() -> None:
    room = Room()
    await room.set(chapters="one")
    lost = replace(room.daily.schedule, chapters=("gone",))
    room.store.state.dailies_set[1] = replace(room.daily, schedule=lost)
    await room.at(NINE)
    assert room.daily.paused == NO_QUESTIONS
    assert len(room.poster.told) == 1


async def test_only_questions_of_the_chosen_chapters_are_asked_never_a_topic_twice_in_a_row() -> (
    None
):
    room = Room()
    await room.set(chapters="one")
    topics = []
    for day in range(14):
        await room.at(NINE + timedelta(days=day))
        await room.desk.dailies.prepare()
        asked = find_asked(list(room.store.state.rounds.values())[-1])
        assert asked
        topics.append(asked.question.topic)
    assert set(topics) == {"alpha", "beta"}
    assert all(one != two for one, two in pairwise(topics))


async def test_what_was_chosen_ahead_is_asked_unless_a_live_question_took_its_topic() -> None:
    room = Room()
    await room.set()
    room.clock.now = NINE - timedelta(minutes=30)
    await room.desk.dailies.prepare()
    chosen = room.daily.question
    assert chosen
    pack = room.desk.library.get("")
    assert pack
    await room.call("question", topic=pack.questions[chosen].topic, minutes=1)
    assert room.daily.question == ""
    await room.desk.dailies.prepare()
    chosen = room.daily.question
    await room.at(NINE)
    assert room.store.state.rounds[2].question == chosen


async def test_a_zone_whose_rules_changed_is_due_anew_from_the_start_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    room = Room()
    await room.set()
    before = replace(room.daily, next_due=NINE + timedelta(hours=1))
    room.store.state.dailies_set[1] = before
    await room.desk.dailies.retime()
    assert room.daily.next_due == NINE
    assert "moved daily 1" in caplog.text


async def test_a_daily_is_removed_after_asking_once_more_and_asks_no_date_twice() -> None:
    room = Room()
    await room.set()
    await room.at(NINE)
    confirmation = await room.call("daily remove")
    assert room.daily.next_on, "it only asks"
    shown = await room.press(button(confirmation.screen, "Remove it"))
    assert shown.screen.tone is Tone.RIGHT
    for command in ("daily show", "daily now", "daily remove"):
        assert "has no daily question" in words((await room.call(command)).screen)
    again = await room.press(button(confirmation.screen, "Remove it"))
    assert "has no daily question" in words(again.screen)
    await room.at(NINE + timedelta(days=1))
    assert len(room.posts) == 1
    await room.set(time="18:00")
    await room.call("daily now")
    await room.call("daily remove")
    await room.press(button(confirmation.screen, "Remove it"))
    preview = await room.call("daily set", **(SET | {"time": "18:00"}))
    assert "Thursday 05 March" in fields(preview)["Next question"]
    await room.press(button(preview.screen, "Save"))
    await room.at(NINE + timedelta(days=1, hours=10))
    assert len(room.posts) == 2


async def test_pause_skip_and_now() -> None:
    room = Room()
    await room.set()
    await room.call("daily pause")
    await room.at(NINE)
    assert room.posts == []
    await room.call("daily resume")
    assert room.daily.next_on == (NINE + timedelta(days=1)).date()
    shown = await room.call("daily skip")
    assert fields(shown)["Skipped"] == "2026-03-04"
    assert room.daily.next_on == (NINE + timedelta(days=2)).date()
    shown = await room.call("daily skip", dates="2026-12-24..2027-01-01, 2026-05-01")
    assert fields(shown)["Skipped"] == "2026-03-04, 2026-05-01, 2026-12-24 to 2027-01-01"
    await room.press(button(shown.screen, "Ask on 2026-03-04"))
    assert room.daily.next_on == (NINE + timedelta(days=1)).date()
    assert (await room.call("daily now")).screen.title == "Asked"
    assert room.shown.title == "Daily question · Sample"
    assert "already" in words((await room.call("daily now")).screen)
    assert len(room.posts) == 1


@pytest.mark.parametrize("command", ["daily set", "daily pause", "daily skip", "daily now"])
async def test_only_admins_change_a_daily(command: str) -> None:
    room = Room()
    await room.set()
    reply = await room.call(command, "bob", **(SET if command == "daily set" else {}))
    assert "Only admins" in words(reply.screen)
    reply = await room.press(encode(SaveDaily(1, 1)), user="bob")
    assert "Only admins" in words(reply.screen)


async def test_where_boards_have_a_zone_nothing_is_said_of_it() -> None:
    room = Room()
    await room.choose_zone("settings", "Asia/Tokyo")
    assert (await room.set()).screen.note == ""


async def test_an_older_preview_is_not_saved() -> None:
    room = Room()
    older = await room.call("daily set", **SET)
    newer = await room.call("daily set", time="10:00", zone="Europe/Berlin")
    assert "out of date" in words((await room.press(button(older.screen, "Save"))).screen)
    await room.press(button(newer.screen, "Save"))
    assert room.daily.schedule.at == time(10)
    assert "out of date" in words((await room.press(button(newer.screen, "Save"))).screen)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("time", "25:00"),
        ("time", "nooon"),
        ("zone", "Atlantis"),
        ("days", "someday"),
        ("chapters", "zzzz qqqq"),
        ("mention", "everyone"),
    ],
)
async def test_what_is_not_understood_is_said_and_nothing_is_kept(option: str, value: str) -> None:
    room = Room()
    reply = await room.call("daily set", **(SET | {option: value}))
    assert reply.screen.tone is Tone.PROBLEM
    assert not room.store.state.proposals


async def test_who_missed_dailies_catches_up_in_private_and_not_for_the_daily_board() -> None:
    room = Room()
    await room.set(hours=1)
    for day in range(3):
        await room.at(NINE + timedelta(days=day))
        await room.answer(room.shown, rightly=True, user="cid")
        await room.passes(hours=2)
    reply = await room.press(encode(CatchUp()), user="bob")
    assert reply.screen.title.startswith("Question 1 of 3")
    for _ in range(3):
        verdict = await room.answer(reply.screen, rightly=True, user="bob")
        onward = [c for c in verdict.screen.controls if isinstance(c, Button) and c.is_next]
        reply = await room.press(onward[0].action, user="bob")
    boards = [await room.call("leaderboard", "bob", board=name) for name in ("daily", "drill")]
    assert [board.data["own"] is None for board in boards] == [True, False]
    assert "haven't missed any daily" in words(
        (await room.press(encode(CatchUp()), user="bob")).screen
    )
    assert "haven't missed any daily" in words(
        (await room.press(encode(CatchUp()), user="cid")).screen
    )


async def test_a_drill_does_not_tell_the_answer_to_what_is_open_in_the_channel() -> None:
    room = Room()
    await room.set(chapters="alpha")
    await room.at(NINE)
    open_ = room.store.state.rounds[1].question
    await room.call("drill", "bob", topic="alpha", questions=10)
    asked_in_drill = {each.question for each in room.store.state.rounds.values() if each.drill}
    assert asked_in_drill
    assert open_ not in asked_in_drill


async def test_an_open_daily_is_nothing_to_catch_up_on() -> None:
    room = Room()
    await room.set()
    await room.at(NINE)
    assert find_answer_action(room.shown)
    assert "haven't missed any daily" in words(
        (await room.press(encode(CatchUp()), user="bob")).screen
    )


async def test_a_zone_is_found_by_its_city_and_offered_with_its_clock() -> None:
    room = Room()
    assert find_zones("berlin", NINE) == FoundZones(("Europe/Berlin",))
    assert find_zones("new york", NINE) == FoundZones(("America/New_York",))
    assert find_zones("Atlantis", NINE) == UnknownZone("Atlantis")
    typing = room.event(Call("daily set", {}), "ann")
    first, *_ = await room.desk.complete(typing, "zone", "berl")
    assert first.value == "Europe/Berlin"
    assert first.label == "Europe/Berlin (UTC+01:00)"
    (nearly, *_) = await room.desk.complete(typing, "zone", "Berlni")
    assert nearly.value == "Europe/Berlin"
