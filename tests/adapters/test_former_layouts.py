"""Messages that an earlier version drew: their buttons work, and they are closed and shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.discord import DiscordChat, _message, _shown
from tests.conformance.slack import SlackChat
from tests.layouts import POSTS, SLACK_OPTIONS, as_before
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord.components import IS_COMPONENTS_V2, SECTION, walk

KINDS = frozenset(["single", "multiple", "true_false", "ordering", "matching", "short_answer"])
Chat = DiscordChat | SlackChat


@pytest.fixture(params=[DiscordChat, SlackChat], ids=["discord", "slack"])
async def chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
    pack = small_pack()
    database = f"sqlite:///{tmp_path}/former.db"
    async with request.param.running(pack, save_pack(pack, tmp_path / "pack"), database) as chat:
        yield chat


async def test_questions_that_an_earlier_version_posted_are_answered_closed_and_shown(
    chat: Chat,
) -> None:
    left = set(KINDS)
    while left:
        with pytest.MonkeyPatch.context() as former:
            former.setattr(POSTS, as_before)
            former.setattr(SLACK_OPTIONS, lambda controls: [])
            await chat.call("question", topic="alpha", minutes=2)
        old = await chat.channel()
        question = old.question(chat.pack)
        assert question
        left.discard(question.kind)
        if question.kind == "single":
            assert set("ABCD") <= {*old.labels}
        assert "Right · 10 points" in (await chat.answer(old, user="bob")).text
        await chat.passes(5)
        counted = await chat.channel()
        assert question.stem in counted.text
        assert "Right · 10 points" in (await chat.answer(counted, user="cid")).text
        # A phone that was offline still shows the old buttons.
        wrong = (await chat.answer(old, rightly=False, user="dan")).text
        assert "Wrong · 0 points" in wrong or "Partly right" in wrong
        await chat.passes(121)
        result = await chat.channel()
        assert "Result" in result.text
        assert "2 of 3 (67%)" in result.text
        assert "Right · 10 points" not in (await chat.press(result, "Answer and why")).text
        if question.kind in ("single", "true_false"):
            assert "closed" in (await chat.answer(old, user="eve")).text


@pytest.mark.parametrize("chat", [DiscordChat], ids=["discord"], indirect=True)
async def test_a_question_in_an_embed_becomes_a_layout_when_it_closes(chat: DiscordChat) -> None:
    with pytest.MonkeyPatch.context() as former:
        former.setattr(POSTS, as_before)
        await chat.call("question", topic="alpha", minutes=1)
    message = chat.general.messages[-1]
    assert message.embeds
    assert (await chat.answer(_shown(message), user="bob")).text
    await chat.passes(5)
    assert message.embeds
    assert not message.flags & IS_COMPONENTS_V2, "an open question stays as it was posted"
    await chat.passes(61)
    assert (message.content, message.embeds) == ("", [])
    assert message.flags & IS_COMPONENTS_V2
    assert "Result" in message.text


@pytest.mark.parametrize("chat", [DiscordChat], ids=["discord"], indirect=True)
async def test_a_private_message_of_an_earlier_version_goes_on_as_a_layout(
    chat: DiscordChat,
) -> None:
    shown = await chat.call("drill", topic="alpha", questions=2)
    message = _message(shown)
    make_former(message)
    answered = _message(await chat.answer(_shown(message)))
    assert answered.id == message.id
    assert (answered.embeds, answered.flags & IS_COMPONENTS_V2 > 0) == ([], True)
    assert "Right" in answered.text


def make_former(message: Any) -> None:
    """Turn a layout into what an earlier version sent: an embed, and rows of controls."""
    controls = [*message.controls()]
    message.embeds = [{"type": "rich", "title": "Question", "description": message.text}]
    message.components = [{"type": 1, "components": [each]} for each in controls][:5]
    message.flags &= ~IS_COMPONENTS_V2
    assert not any(each["type"] == SECTION for each in walk(message.components))
