"""*Explain this*: our own questions by their topic, everything else by its text."""

from __future__ import annotations

from dataclasses import replace

from bot.engine.actions import ShowAnswer, encode
from bot.engine.events import Call
from bot.engine.screens import Button, Reply, Screen
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import find_answer_action


class Messages(Channel):
    async def explain(self, text: str = "", *controls: str, user: str = "bob") -> Reply:
        """Explain a message with this text and these controls' actions."""
        return await self.call("explain-message", user, text=text, controls=" ".join(controls))

    async def explain_shown(self, user: str = "bob") -> Reply:
        """Explain the channel's last message."""
        answers = [each.action for each in self.shown.controls if isinstance(each, Button)]
        controls = answers or [find_answer_action(self.shown)]
        return await self.explain("About gamma", *controls, user=user)


async def test_our_own_question_is_explained_once_it_is_closed() -> None:
    channel = Messages()
    await channel.call("question", topic="beta", minutes=1)
    refused = await channel.explain_shown()
    assert words(refused.screen) == "This question is still open. Answer it first."
    await channel.passes(minutes=1)
    assert (await channel.explain_shown()).screen.title == "About beta"


async def test_who_has_answered_need_not_wait() -> None:
    channel = Messages()
    await channel.call("question", topic="beta", minutes=1)
    await channel.answer(channel.shown, rightly=False, user="bob")
    assert (await channel.explain_shown()).screen.title == "About beta"
    assert "Answer it first" in words((await channel.explain_shown("cid")).screen)


async def test_a_message_edited_late_does_not_open_a_question_early() -> None:
    channel = Messages()
    await channel.call("question", topic="beta", minutes=1)
    early = await channel.explain("", encode(ShowAnswer(1)))
    assert "Answer it first" in words(early.screen)


async def test_a_question_of_another_community_says_nothing() -> None:
    channel = Messages()
    await channel.call("question", topic="beta", minutes=1)
    await channel.passes(minutes=1)
    here = channel.event(Call("explain-message", {"controls": encode(ShowAnswer(1))}), "bob")
    there = replace(here, place=replace(here.place, community="elsewhere"))
    assert (await channel.desk.handle(here)).screen.title == "About beta"
    assert "beta" not in str(await channel.desk.handle(there))


async def test_other_messages_are_looked_up_by_their_text() -> None:
    channel = Messages()
    assert (await channel.explain("what does hpo mean?")).screen.title == "About beta"
    strange = await channel.explain("what does hpo mean?", "vote:7", "why:x", "0|1")
    assert strange.screen.title == "About beta"
    nothing = await channel.explain("how to bake bread")
    assert nothing.screen.title == "Nothing about that in the notes"


async def test_a_message_without_text_says_so() -> None:
    said = words((await Messages().explain(" \n ")).screen)
    assert said == "This message has no text to look up. Name a topic instead: `explain About beta`"


async def test_a_topic_must_be_named() -> None:
    said: Screen = (await Messages().call("explain", topic=" ")).screen
    assert words(said) == "`explain` needs `topic`: Topic, term or question."
