"""Layouts on Discord: what they show, and controls nested in them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.discord import DiscordChat, _message, _shown
from tests.layouts import POSTS, in_a_layout
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord import Message
from tests.stand_ins.discord.components import GALLERY, IS_COMPONENTS_V2, SELECT, walk

PNG = b"\x89PNG"


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordChat]:
    """A chat whose bot posts layouts in channels, too."""
    pack = small_pack()
    monkeypatch.setattr(POSTS, in_a_layout)
    database = f"sqlite:///{tmp_path}/layouts.db"
    async with DiscordChat.running(pack, save_pack(pack, tmp_path / "pack"), database) as chat:
        yield chat


async def choose(chat: DiscordChat, message: Message, place: int = 0) -> Message:
    """The result of choosing an option in the message's select."""
    select = next(each for each in message.controls() if each["type"] == SELECT)
    value = select["options"][place]["value"]
    sent = await chat._person("ann").select(message, select["custom_id"], [value])
    return await sent.settled()


def takes_steps(message: Message) -> bool:
    """Whether an answer takes several selections."""
    return any(each.get("custom_id", "").startswith("step|") for each in message.controls())


async def post_with_steps(chat: DiscordChat) -> Message:
    """A question in the channel whose answer takes several selections."""
    while True:
        await chat.call("question", topic="alpha", minutes=1)
        posted = chat.general.messages[-1]
        if takes_steps(posted):
            return posted
        await chat.passes(61)


async def test_a_drill_in_layouts_takes_answers_of_every_kind(chat: DiscordChat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=6)
    for number in range(6):
        assert f"Question {number + 1} of 6" in shown.text
        answered = await chat.answer(shown)
        assert _message(answered).flags & IS_COMPONENTS_V2
        assert "Right" in answered.text
        shown = await chat.press(answered, "Next")
    assert "6 of 6" in shown.text


async def test_a_selection_continues_in_private_with_the_layouts_text(
    chat: DiscordChat,
) -> None:
    posted = await post_with_steps(chat)
    assert posted.flags & IS_COMPONENTS_V2
    private = await choose(chat, posted)
    assert (private.ephemeral, posted.edits) == (True, 0)
    assert [each["type"] for each in private.controls()] == [SELECT]
    question = _shown(posted).question(chat.pack)
    assert question is not None
    assert question.stem in private.text
    assert "Right · 10 points" in (await chat.answer(_shown(posted))).text


async def test_a_selection_continues_in_place_in_the_layout(chat: DiscordChat) -> None:
    shown = _message(await chat.call("drill", topic="alpha", questions=6))
    while not takes_steps(shown):
        answered = await chat.answer(_shown(shown))
        shown = _message(await chat.press(answered, "Next"))
    before = [(each["type"], each.get("label")) for each in shown.controls()]
    text = shown.text
    followed = await choose(chat, shown)
    assert (followed.text, followed.flags & IS_COMPONENTS_V2 > 0) == (text, True)
    assert [(each["type"], each.get("label")) for each in followed.controls()] == before
    select = next(each for each in followed.controls() if each["type"] == SELECT)
    assert "2" in select["placeholder"]
    assert select["options"][0]["description"].startswith("Item 1")


async def test_a_manager_may_press_the_buttons_of_a_layout(
    chat: DiscordChat,
) -> None:
    chat._person("bob")
    chat.give_role("Tutors", "bob")
    while "everyone with Tutors" not in (await chat.call("settings", managers="Tutors")).text:
        pass  # Discord reports a new role a moment later.
    asked = await chat.call("settings", user="bob", zone="CST")
    assert _message(asked).flags & IS_COMPONENTS_V2
    assert "midnight in Chicago" in (await chat.press(asked, "Chicago", user="bob")).text


async def test_neighbors_of_a_topic_are_in_one_list(chat: DiscordChat) -> None:
    shown = await chat.call("explain", topic="alpha beta")
    message = _message(shown)
    (select,) = (each for each in message.controls() if each["type"] == SELECT)
    assert select["placeholder"] == "See also"
    chosen = next(each for each in select["options"] if each["label"] == "About beta")
    sent = await chat._person("ann").select(message, select["custom_id"], [chosen["value"]])
    other = await sent.settled()
    assert "About beta" in other.text
    assert other.id != message.id
    assert "About alpha" in message.text


async def test_a_picture_and_a_file_are_named_so_that_they_are_seen(chat: DiscordChat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    board = await chat.call("leaderboard")
    chart = _message(await chat.press(board, "Chart"))
    assert chart.flags & IS_COMPONENTS_V2
    assert [name for name, data in chart.files.items() if data.startswith(PNG)] == ["picture.png"]
    (gallery,) = (each for each in walk(chart.components) if each["type"] == GALLERY)
    assert gallery["items"][0]["description"].startswith("Bar chart.")
    copy = _message(await chat.press(await chat.call("privacy"), "Get a copy"))
    assert copy.flags & IS_COMPONENTS_V2
    assert json.loads(copy.files["studyhall-my-data.json"])


async def test_an_open_question_stays_a_layout_if_it_is_one(
    chat: DiscordChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    posted = chat.general.messages[-1]
    monkeypatch.undo()
    await chat.answer(_shown(posted), user="bob")
    edits = posted.edits
    await chat.passes(5)
    assert posted.edits == edits + 1
    assert posted.flags & IS_COMPONENTS_V2
    assert "**Answered:** 1" in posted.text
    assert "Right · 10 points" in (await chat.answer(_shown(posted), user="cid")).text
    (refused,) = chat.server.violations
    assert "IS_COMPONENTS_V2" in refused
    chat.server.violations.clear()
