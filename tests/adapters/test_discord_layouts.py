"""Controls nested in layouts, on Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.discord import DiscordChat, _message, _shown
from tests.layouts import POSTS, REPLIES, in_a_layout
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord import Message
from tests.stand_ins.discord.components import IS_COMPONENTS_V2, SELECT


@pytest.fixture
async def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordChat]:
    """A chat whose bot posts layouts."""
    pack = small_pack()
    monkeypatch.setattr(POSTS, in_a_layout)
    database = f"sqlite:///{tmp_path}/layouts.db"
    async with DiscordChat.running(pack, save_pack(pack, tmp_path / "pack"), database) as chat:
        yield chat


@pytest.fixture
def replies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot answers with layouts, too."""
    monkeypatch.setattr(REPLIES, in_a_layout)


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


@pytest.mark.usefixtures("replies")
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


@pytest.mark.usefixtures("replies")
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


@pytest.mark.usefixtures("replies")
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
