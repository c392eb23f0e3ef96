"""Commands whose options can be asked for in a form: what it shows, and what comes of it."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.engine.actions import encode, pack_text
from bot.engine.commands import COMMANDS, asks_in_form
from bot.engine.commands.daily import ChooseZone
from bot.engine.communities import Managers
from bot.engine.daily_planner import WEEKDAY_NAMES
from bot.engine.events import Call, Channel, FieldValue, Mention, Place, Press, Role
from bot.engine.platform import Unpostable
from bot.engine.rounds import Posers, Reveal
from bot.engine.schedules import Schedule, Weekly
from bot.engine.screens import ChannelMention, Field, Form, Open, Reply
from tests.engine.test_channel_rounds import GENERAL, words
from tests.engine.test_dailies import Room
from tests.engine.test_desk import button
from tests.texts import to_plain_text

FORMS = {name: each.form for name, each in COMMANDS.items() if each.form}
ELSEWHERE = Channel("terminal", "local", "elsewhere")


async def opened(room: Room, command: str, user: str = "ann") -> Form:
    form = await room.desk.form(room.event(Call(command, {}), user))
    assert isinstance(form, Form), form
    return form


def initial(field: Field) -> FieldValue:
    """What a platform sends for a field that stays as it is."""
    match field.kind:
        case "choices":
            return field.initial
        case "members":
            return tuple(Mention(user, user) for user in field.initial)
        case "channel":
            return Channel("terminal", "local", field.initial[0])
        case "role" if field.initial:
            return Role(field.initial[0], field.labels[0])
        case _:
            return field.initial[0] if field.initial else ""


async def submit(room: Room, command: str, user: str = "ann", **changes: FieldValue) -> Reply:
    """Submit a command's form with changes, by field name with underscores for hyphens."""
    form = await opened(room, command, user)
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    assert {field.name for field in form.fields} >= changed.keys()
    fields = {field.name: initial(field) for field in form.fields} | changed
    call = Call(command, {}, fields=fields, changed=frozenset(changed))
    return await room.desk.handle(room.event(call, user))


def fields_of(form: Form) -> dict[str, Field]:
    return {field.name: field for field in form.fields}


def test_forms_are_for_calls_without_options_where_the_command_can_be_called() -> None:
    assert FORMS.keys() == {"daily set", "settings", "question"}
    for name in FORMS:
        assert asks_in_form(Call(name, {}), GENERAL)
        assert not asks_in_form(Call(name, {}), Place("slack", "T1", "D1", private=True))
        assert not asks_in_form(Call(name, {"zone": "Berlin"}), GENERAL)
        assert not asks_in_form(Call(name, {}, "more"), GENERAL)
        assert not asks_in_form(Call(name, {}, fields={}), GENERAL)
    assert not asks_in_form(Call("drill", {}), GENERAL)
    assert not asks_in_form(Call("nothing", {}), GENERAL)


async def test_a_form_asks_for_every_option_in_words_that_fit() -> None:
    room = Room()
    for name in FORMS:
        form = await opened(room, name)
        options = {option.name for option in COMMANDS[name].options}
        optional = {"pack", "mention"}
        assert options - optional <= fields_of(form).keys(), name
        assert len(form.title) <= 24
        assert len(form.submit) <= 24


async def test_a_daily_question_is_asked_for_with_what_holds_and_previewed() -> None:
    room = Room()
    form = fields_of(await opened(room, "daily set"))
    assert form["channel"].initial == ("general",)
    assert form["time"].initial == ("09:00",)
    assert form["days"].initial == tuple(day.casefold() for day in WEEKDAY_NAMES)
    assert form["mention"].initial == ()
    pack = room.desk.library.get("")
    assert pack
    chapter = pack.pack.chapters[0]
    preview = await submit(
        room,
        "daily set",
        time="17:30",
        zone="Asia/Tokyo",
        days=("monday", "friday"),
        chapters=(chapter.id,),
        hours="6",
        reveal="at-close",
        mention=Role("r1", "Learners"),
    )
    assert dict(preview.screen.fields)["Channel"] == (ChannelMention("general"),)
    await room.press(button(preview.screen, "Save"))
    schedule = room.daily.schedule
    assert (schedule.at, schedule.zone) == (time(17, 30), "Asia/Tokyo")
    assert schedule.weekdays == {0, 4}
    assert schedule.chapters == (chapter.id,)
    assert (schedule.seconds, schedule.reveal, schedule.role) == (6 * 3600, Reveal.AT_CLOSE, "r1")
    again = fields_of(await opened(room, "daily set"))
    assert again["time"].initial == ("17:30",)
    assert again["zone"].initial == ("Asia/Tokyo",)
    assert again["zone"].labels == ("Tokyo (Asia/Tokyo)",)
    assert again["days"].initial == ("monday", "friday")
    assert again["chapters"].initial == (chapter.id,)
    assert (again["mention"].initial, again["mention"].labels) == (("r1",), ("Learners",))
    await room.press(button((await submit(room, "daily set", mention="")).screen, "Save"))
    assert (room.daily.schedule.role, room.daily.schedule.seconds) == ("", 6 * 3600)


async def test_a_daily_question_can_be_set_for_another_channel() -> None:
    room = Room()
    preview = await submit(room, "daily set", channel=ELSEWHERE, zone="Asia/Tokyo")
    assert dict(preview.screen.fields)["Channel"] == (ChannelMention("elsewhere"),)
    saved = await room.press(button(preview.screen, "Save"))
    assert "posted in #elsewhere every day" in words(saved.screen)
    assert room.daily.channel == ELSEWHERE
    assert await room.store.dailies.of(Channel("terminal", "local", "general")) is None


async def test_another_channel_is_checked_before_a_daily_question_is_saved_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room()
    checked = []

    async def check_postable(channel: Channel, mention: str, asker: str) -> str:
        checked.append(channel)
        raise Unpostable("I'm not in that channel.")

    monkeypatch.setattr(room.poster, "check_postable", check_postable)
    form = await opened(room, "daily set")
    fields = {field.name: initial(field) for field in form.fields} | {"channel": ELSEWHERE}
    sent = Call("daily set", {}, fields=fields, changed=frozenset({"channel"}))
    problems = await room.desk.problems(room.event(sent, "ann"))
    assert problems == {"channel": "I'm not in that channel."}
    preview = await room.desk.handle(room.event(sent, "ann"))
    assert "I'm not in that channel." in words(preview.screen)
    refused = await room.press(button(preview.screen, "Save"))
    assert "I'm not in that channel." in words(refused.screen)
    assert set(checked) == {ELSEWHERE}
    assert not room.store.state.dailies_set


async def test_a_zone_chosen_for_another_channels_daily_question_stays_there() -> None:
    room = Room()
    schedule = Schedule(time(9), "UTC")
    number = await room.store.dailies.propose(ELSEWHERE, "ann", schedule)
    preview = await room.press(encode(ChooseZone(*number, pack_text("Asia/Tokyo"))))
    assert dict(preview.screen.fields)["Channel"] == (ChannelMention("elsewhere"),)
    await room.press(button(preview.screen, "Save"))
    assert (room.daily.channel, room.daily.schedule.zone) == (ELSEWHERE, "Asia/Tokyo")


async def test_a_topic_that_was_typed_stays_in_the_form() -> None:
    room = Room()
    pack = room.desk.library.get("")
    assert pack
    topic = next(iter(pack.topics))
    await room.set(chapters=topic)
    chapters = fields_of(await opened(room, "daily set"))["chapters"]
    assert chapters.initial == (topic,)
    assert topic in {choice.value for choice in chapters.choices}
    preview = await submit(room, "daily set", time="10:00")
    assert pack.title_of(topic) in words(preview.screen)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"time": ""}, "can't be empty"),
        ({"days": ()}, "can't be empty"),
        ({"hours": "0"}, "from 1 to 168"),
        ({"hours": "many"}, "whole number"),
        ({"zone": "Narnia"}, "no such time zone"),
        ({"reveal": "never"}, "one of the options"),
    ],
)
async def test_problems_are_found_by_field_and_nothing_is_kept(
    changes: dict[str, Any], problem: str
) -> None:
    room = Room()
    form = await opened(room, "daily set")
    fields = {field.name: initial(field) for field in form.fields} | changes
    call = Call("daily set", {}, fields=fields, changed=frozenset(changes))
    (found,) = (await room.desk.problems(room.event(call, "ann"))).items()
    assert found[0] in changes
    assert problem in found[1]
    reply = await room.desk.handle(room.event(call, "ann"))
    assert problem in words(reply.screen)
    assert reply.screen.controls == (Open("daily set", "Try again"),)
    assert not room.store.state.proposals


async def test_settings_show_what_holds_and_save_only_what_was_changed() -> None:
    room = Room()
    form = await opened(room, "settings")
    assert to_plain_text(*form.intro) == "Settings of #general"
    fields = fields_of(form)
    assert fields["reveal"].initial == ("at-once",)
    assert fields["weekly"].initial == ("off",)
    assert fields["team-size"].initial == ("0",)
    # Another admin changes a setting that this one leaves alone.
    await room.choose(reveal="at-close")
    stale = {field.name: initial(field) for field in form.fields} | {"team-size": "7"}
    call = Call("settings", {}, fields=stale, changed=frozenset({"team-size"}))
    saved = await room.desk.handle(room.event(call, "ann"))
    assert "at most 7 members" in words(saved.screen)
    assert "when the question closes" in words(saved.screen)
    await submit(room, "settings", questions="managers", questions_an_hour="5")
    everywhere = await room.store.communities.settings("terminal", "local")
    assert (everywhere.posers, everywhere.questions_an_hour) == (Posers.MANAGERS, 5)
    assert everywhere.team_cap == 7
    await submit(room, "settings", team_size="0")
    assert (await room.store.communities.settings("terminal", "local")).team_cap is None


async def test_last_weeks_board_is_a_day_and_a_time() -> None:
    room = Room()
    here = Channel("terminal", "local", "general")

    async def weekly() -> Weekly | None:
        return (await room.store.communities.channel_settings(here)).weekly

    await submit(room, "settings", weekly_time="10:30")
    assert await weekly() is None
    await submit(room, "settings", weekly="tuesday")
    assert await weekly() == Weekly(1, time(9))
    await submit(room, "settings", weekly_time="10:30")
    assert await weekly() == Weekly(1, time(10, 30))
    await submit(room, "settings", reveal="at-close")
    assert await weekly() == Weekly(1, time(10, 30))
    await submit(room, "settings", weekly="off")
    assert await weekly() is None


async def test_managers_are_a_role_and_people_that_change_together() -> None:
    room = Room()
    bob, eve = Mention("bob", "Bob"), Mention("eve", "Eve")

    async def managers() -> Managers:
        return (await room.store.communities.settings("terminal", "local")).managers

    await submit(room, "settings", managers=Role("r1", "Learners"))
    assert await managers() == Managers("r1")
    await submit(room, "settings", managing_people=(bob, eve))
    assert await managers() == Managers("r1", ("bob", "eve"))
    form = fields_of(await opened(room, "settings"))
    assert (form["managers"].initial, form["managers"].labels) == (("r1",), ("Learners",))
    assert form["managing-people"].initial == ("bob", "eve")
    await submit(room, "settings", team_size="4")
    assert await managers() == Managers("r1", ("bob", "eve"))
    await submit(room, "settings", managers="", managing_people=())
    assert await managers() == Managers()
    robot = Mention("robot", "Robot", plays=False)
    refused = await submit(room, "settings", managing_people=(robot,))
    assert "Apps and people from elsewhere" in words(refused.screen)
    assert await managers() == Managers()


async def test_a_zone_from_the_form_is_confirmed_before_it_is_saved() -> None:
    room = Room()
    asked = await submit(room, "settings", zone="Asia/Tokyo")
    assert (await room.store.communities.settings("terminal", "local")).zone is None
    assert "Tokyo" in words((await room.press(button(asked.screen, "Save"))).screen)


async def test_a_question_is_posted_from_its_form_within_the_members_limits() -> None:
    room = Room()
    assert fields_of(await opened(room, "question"))["minutes"].maximum == 24 * 60
    await room.choose(question_minutes=5)
    minutes = fields_of(await opened(room, "question", "bob"))["minutes"]
    assert (minutes.initial, minutes.maximum) == (("5",), 5)
    posted = await submit(room, "question", "bob", topic="alpha", minutes="4")
    assert posted.screen.title == "Posted"
    await room.choose(questions="managers")
    refused = await room.desk.form(room.event(Call("question", {}), "bob"))
    assert isinstance(refused, Reply)
    assert "Only admins and managers can post questions here" in words(refused.screen)


@pytest.mark.parametrize("command", ["daily set", "settings"])
async def test_forms_open_and_are_taken_only_from_those_who_have_the_right(command: str) -> None:
    room = Room()
    form = await opened(room, command)
    refused = await room.desk.form(room.event(Call(command, {}), "bob"))
    fields = {field.name: initial(field) for field in form.fields}
    sent = Call(command, {}, fields=fields, changed=frozenset(fields))
    for reply in (refused, await room.desk.handle(room.event(sent, "bob"))):
        assert isinstance(reply, Reply)
        assert "Only admins and managers can do that" in words(reply.screen)
    assert not room.store.state.proposals
    assert not room.store.state.channels


async def test_a_form_that_a_command_no_longer_has_is_outdated() -> None:
    room = Room()
    for command in ("drill", "nothing"):
        reply = await room.desk.form(room.event(Call(command, {}), "ann"))
        assert isinstance(reply, Reply)
        assert "older version" in words(reply.screen)
    reply = await room.desk.handle(room.event(Call("drill", {}, fields={}), "ann"))
    assert "older version" in words(reply.screen)


async def test_topics_are_suggested_in_forms() -> None:
    room = Room()
    choices = await room.desk.suggest(room.event(Press(""), "ann"), "topic", "alph")
    assert choices[0].value == "alpha"
