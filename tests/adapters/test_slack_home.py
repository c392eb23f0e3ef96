"""Home, the modals of commands, and the Messages tab of Slack's app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.slack.workspaces import MESSAGES_SCOPE
from bot.engine.events import Channel
from tests.conformance.chat import SOON
from tests.conformance.slack import SlackChat, SlackHttpChat, _shown
from tests.samples import small_pack
from tests.stand_ins.slack import Message, Person, View


@pytest.fixture(params=[SlackChat, SlackHttpChat])
async def chat(request: Any, tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with request.param.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db"
    ) as chat:
        yield chat


async def open_home(person: Person) -> View:
    await person.open_home()
    return await person.next_home()


async def until_home_lacks(person: Person, text: str) -> View:
    """Wait until Home was published without this text."""
    assert person.home
    while text in person.home.words:
        await person.next_home()
    return person.home


# Home


async def test_an_open_question_of_a_known_channel_is_answered_from_home(chat: SlackChat) -> None:
    await chat.call("question", minutes=1)
    await chat.answer(await chat.channel(), user="bob")
    await chat.passes(90)
    await chat.call("question", minutes=30)
    bob, eve = chat._person("bob"), chat._person("eve")
    assert "Answer" not in (await open_home(eve)).buttons(), "Eve may not be in the channel"
    home = await open_home(bob)
    assert f"in <#{chat.general.id}>, closes" in home.words
    await bob.press(home, home.buttons()["Answer"])
    asked = _shown(await chat._loaded(bob))
    assert "Daily question" not in asked.text
    verdict = await chat.answer(asked, user="bob")
    assert verdict.source.message is bob.view
    assert "Right" in verdict.text
    assert "Answer" not in (await until_home_lacks(bob, "closes")).buttons()
    await chat.passes(2)
    assert "*Answered*\n1" in chat.general.messages[-1].words
    assert bob.dm.messages == []


async def test_a_question_that_closed_meanwhile_is_not_asked_from_home(chat: SlackChat) -> None:
    await chat.call("question", minutes=1)
    await chat.answer(await chat.channel(), user="bob")
    await chat.passes(90)
    await chat.call("question", minutes=1)
    bob = chat._person("bob")
    home = await open_home(bob)
    await chat.passes(90)
    await bob.press(home, home.buttons()["Answer"])
    assert "You can't answer this question anymore" in (await chat._loaded(bob)).words


async def test_home_shows_the_next_daily_question_and_chapters_as_bars(chat: SlackChat) -> None:
    await chat.press(await chat.call("daily set", time=chat.soon(), zone="UTC", hours=1), "Save")
    await chat.passes(SOON)
    await chat.answer(await chat.channel(), user="bob")
    home = await open_home(chat._person("bob"))
    assert f"Next question in <#{chat.general.id}>: <!date^" in home.words
    for chapter in chat.pack.chapters:
        (line,) = [each for each in home.words.splitlines() if f"% {chapter.title}" in each]
        assert set(line.split()[0]) <= {"█", "░"}
    assert len(home.blocks) < 50


# The modals of commands


async def typed(chat: SlackChat, line: str, user: str = "ann") -> View:
    """The modal that a line opens."""
    person = chat._person(user)
    person.catch_up(chat.general)
    await person.command(chat.general, "/quiz", line)
    return await chat._loaded(person)


async def private(chat: SlackChat, user: str = "ann") -> Message:
    """What only the member sees next in the channel."""
    return await chat._private(chat._person(user))


def initial(view: View, name: str) -> Any:
    """What a field shows."""
    (part,) = view.state[name].values()
    (held,) = (value for key, value in part.items() if key != "type")
    match held:
        case {"value": value}:
            return value
        case list():
            return [each["value"] if isinstance(each, dict) else each for each in held]
        case _:
            return held


def id_of(view: View, name: str) -> str:
    """The action id of a field."""
    (id_,) = view.state[name]
    return id_


async def test_a_daily_question_is_set_in_a_modal(chat: SlackChat) -> None:
    group = chat.server.team.add_group("learners")
    view = await typed(chat, "daily set")
    assert view.title == "Daily question"
    assert initial(view, "channel") == chat.general.id
    assert initial(view, "time") == "09:00"
    assert initial(view, "zone") == "Europe/London"
    assert len(initial(view, "days")) == 7
    ann, chapter = chat._person("ann"), chat.pack.chapters[0]
    (berlin, *_) = await ann.suggest(view, id_of(view, "zone"), "berlin")
    (found,) = await ann.suggest(view, id_of(view, "mention"), "learn")
    assert found.value == group.id
    sent = await ann.submit(
        view,
        {
            "time": "17:30",
            id_of(view, "zone"): berlin.value,
            "days": ["monday", "friday"],
            "chapters": [chapter.id],
            "hours": "6",
            "reveal": "at-close",
            id_of(view, "mention"): [group.id],
        },
    )
    assert not sent.errors
    preview = await private(chat)
    assert "on Monday and Friday at 17:30 in Berlin" in preview.words
    assert f"<#{chat.general.id}>" in preview.words
    saved = await chat.press(_shown(preview), "Save")
    assert "posted here on Monday and Friday" in saved.text
    again = await typed(chat, "daily set")
    assert initial(again, "time") == "17:30"
    assert initial(again, "chapters") == [chapter.id]
    assert initial(again, "mention") == [group.id]
    await ann.submit(again, {id_of(again, "mention"): []})
    preview = await private(chat)
    assert "*Notifies*\nnobody" in preview.words


async def test_a_daily_question_is_set_for_another_channel_where_the_bot_is(
    chat: SlackChat,
) -> None:
    other, closed = chat.server.team.add_channel("other"), chat.server.team.add_channel("closed")
    closed.archived = True
    view, ann = await typed(chat, "daily set"), chat._person("ann")
    if isinstance(chat, SlackHttpChat):  # Only the channel itself can tell: the preview says it.
        await ann.submit(view, {"channel": closed})
        assert "is archived" in (await private(chat)).words
        view = await typed(chat, "daily set")
    else:
        await ann.submit(view, {"channel": closed})
        assert view.errors.keys() == {"channel"}
        assert "archived" in view.errors["channel"]
        assert view.open
    await ann.submit(view, {"channel": other})
    preview = await private(chat)
    assert f"*Channel*\n<#{other.id}>" in preview.words
    saved = await chat.press(_shown(preview), "Save")
    assert f"posted in <#{other.id}> every day" in saved.text
    team = chat.server.team.id
    assert await chat.bot.store.dailies.of(Channel("slack", team, other.id))
    assert await chat.bot.store.dailies.of(Channel("slack", team, chat.general.id)) is None


async def test_settings_are_changed_in_a_modal_one_by_one(chat: SlackChat) -> None:
    view, ann = await typed(chat, "settings"), chat._person("ann")
    assert f"Settings of <#{chat.general.id}>" in view.words
    assert initial(view, "reveal") == "at-once"
    # What another admin changes meanwhile stays.
    await chat.call("settings", reveal="at-close")
    ann.catch_up(chat.general)
    changes = {"team-size": "7", "weekly": "tuesday", "weekly-time": "10:30", "results": "edit"}
    await ann.submit(view, changes)
    saved = await private(chat)
    assert "at most 7 members" in saved.words
    assert "posted here every Tuesday at 10:30" in saved.words
    assert "when the question closes" in saved.words
    again = await typed(chat, "settings")
    held = {name: initial(again, name) for name in (*changes, "reveal")}
    assert held == changes | {"reveal": "at-close"}


async def test_managers_are_chosen_in_the_modal_of_settings(chat: SlackChat) -> None:
    group = chat.server.team.add_group("tutors")
    view, ann, bob = await typed(chat, "settings"), chat._person("ann"), chat._person("bob")
    (found,) = await ann.suggest(view, id_of(view, "managers"), "tut")
    fields = {id_of(view, "managers"): [found.value], "managing-people": [bob]}
    await ann.submit(view, fields)
    saved = await private(chat)
    assert f"everyone with tutors, <@{bob.id}>" in saved.words
    assert "Settings of" in (await typed(chat, "settings", "bob")).words
    again = await typed(chat, "settings")
    assert initial(again, "managers") == [group.id]
    assert initial(again, "managing-people") == [bob.id]
    await ann.submit(again, {id_of(again, "managers"): [], "managing-people": []})
    assert "admins only" in (await private(chat)).words
    assert "Only admins" in (await typed(chat, "settings", "bob")).words


async def test_no_manager_is_dropped_while_slack_looks_nobody_up(chat: SlackChat) -> None:
    view, ann, eve = await typed(chat, "settings"), chat._person("ann"), chat._person("eve")
    chat.server.fail("users.info", "internal_error", times=2)
    sent = await ann.submit(view, {"managing-people": [eve]})
    assert "couldn't look up people" in "".join(sent.errors.values())
    await ann.submit(view, {"managing-people": [eve]})
    assert f"<@{eve.id}>" in (await private(chat)).words


async def test_a_question_is_posted_from_a_modal_on_the_topic_that_was_found(
    chat: SlackChat,
) -> None:
    view, bob = await typed(chat, "question", "bob"), chat._person("bob")
    (topic, *_) = await bob.suggest(view, id_of(view, "topic"), "beta")
    with pytest.raises(AssertionError, match="where 1 to 60 can be typed"):
        await bob.submit(view, {"minutes": "61"})
    await bob.submit(view, {id_of(view, "topic"): [topic.value], "minutes": "5"})
    assert "Posted" in (await private(chat, "bob")).words
    question = (await chat.channel()).question(chat.pack)
    assert question
    assert question.topic == "beta"


async def test_options_that_are_typed_need_no_modal(chat: SlackChat) -> None:
    for line, told in (
        ("daily set 09:00 zone:UTC", "every day at 09:00"),
        ("settings team-size:5", "at most 5 members"),
        ("question minutes:5", "Posted"),
    ):
        shown = await chat.type_line(line)
        assert told in shown.text
    assert not [method for method, _ in chat.server.calls if method == "views.open"]


@pytest.mark.parametrize("line", ["daily set", "settings"])
async def test_a_modal_says_who_may_use_it(chat: SlackChat, line: str) -> None:
    view = await typed(chat, line, "bob")
    assert "Only admins and managers" in view.words
    assert not view.raw.get("submit")


async def test_where_a_command_cannot_be_used_no_modal_opens(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.command(ann.dm, "/quiz", "settings")
    assert "in a channel" in (await ann.next_message(ann.dm)).words
    assert ann.view is None


async def test_a_modal_that_comes_too_late_is_reported(chat: SlackChat) -> None:
    ann = chat._person("ann")
    chat.server.fail("views.open", "expired_trigger_id")
    await ann.command(chat.general, "/quiz", "settings")
    assert "Please try again" in (await private(chat)).words


async def test_settings_of_a_channel_are_changed_from_home(chat: SlackChat) -> None:
    ann, other = chat._person("ann"), chat.server.team.add_channel("other")
    await ann.choose(await open_home(ann), "settings", other.id)
    view = await chat._loaded(ann)
    assert f"Settings of <#{other.id}>" in view.words
    await ann.submit(view, {"reveal": "at-close"})
    while "when the question closes" not in view.words:
        await ann.next_view()
    assert ann.stack == [view]
    assert ann.dm.messages == []
    team, settings = chat.server.team.id, chat.bot.store.communities.channel_settings
    assert (await settings(Channel("slack", team, chat.general.id))).reveal == "at-once"
    assert (await settings(Channel("slack", team, other.id))).reveal == "at-close"


# The Messages tab


async def told(person: Person, line: str) -> Message:
    """The reply to a message to the app."""
    person.catch_up(person.dm)
    await person.say(person.dm, line)
    return await person.next_message(person.dm)


async def test_messages_are_read_as_lines(chat: SlackChat) -> None:
    ann = chat._person("ann")
    for line, reply in (
        ("drill alpha questions:1", "Question 1 of 1"),
        ("/quiz explain hpo", "About beta"),
        ("/quiz", "What you can do"),
        ("/stats", "Your stats"),
        ("  what is hpo?", "About beta"),
        ("team create R&amp;D", "You're in R&D"),
        ("settings", "in a channel"),
    ):
        assert reply in (await told(ann, line)).words, line
    drill = await told(ann, "drill alpha questions:1")
    await ann.press(drill, drill.buttons()["Stop"])
    assert "Drill finished" in (await ann.next_edit(drill)).words


async def test_a_message_that_comes_twice_is_answered_once(chat: SlackChat) -> None:
    ann = chat._person("ann")
    chat.server.duplicate_next()
    sent = await ann.say(ann.dm, "stats")
    assert sent
    assert "Your stats" in (await ann.next_message(ann.dm)).words
    await chat.server.redeliver(sent)
    assert "About beta" in (await told(ann, "explain hpo")).words
    assert len(ann.dm.messages) == 4


async def test_what_is_no_message_of_a_member_to_the_app_is_left_alone(chat: SlackChat) -> None:
    ann = chat._person("ann")
    message = {
        "type": "message",
        "channel": ann.dm.id,
        "channel_type": "im",
        "user": ann.id,
        "text": "stats",
        "ts": "1.1",
    }
    for strange in (
        {"bot_id": "B1"},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"channel_type": "mpim"},
        {"text": "   "},
    ):
        await chat.server.event(message | strange)
    await ann.say(ann.dm, "Here", [ann.upload("notes.md", b"# Notes")])
    assert "About beta" in (await told(ann, "explain hpo")).words
    assert len([each for each in ann.dm.messages if each.author != ann.id]) == 1


async def test_without_the_scope_the_tab_says_what_to_type_once_a_day(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.open_home("messages")
    assert "About beta" in (await told(ann, "explain hpo")).words
    chat.server.missing_scopes.add(MESSAGES_SCOPE)
    await chat.restart()
    chat.server.fail("auth.test")
    await ann.open_home("messages")
    await asyncio.gather(*(ann.open_home("messages") for _ in range(3)))
    hint = await ann.next_message(ann.dm)
    assert "I can't read messages here" in hint.words
    assert "`/quiz drill`" in hint.words
    assert hint.visible_to is ann
    await ann.open_home("messages")
    bob = chat._person("bob")
    await bob.open_home("messages")
    assert "I can't read messages here" in (await bob.next_message(bob.dm)).words
    assert len([each for each in ann.seen(ann.dm) if each.ephemeral]) == 1
