"""How a channel hears of results: a reply, a discussion, a new message, or nothing at all."""

from __future__ import annotations

import pytest

from tests.conformance.chat import Chat, Shown

needs = pytest.mark.needs
pytestmark = needs("channels", "members")


async def ask(chat: Chat, *, closes_at_once: bool = True) -> Shown:
    """A question that one of two got right; the message is as it was when it was asked."""
    posed = await chat.call("question", topic="alpha", minutes=30)
    open_ = await chat.channel()
    await chat.answer(open_, user="ann")
    await chat.answer(open_, user="bob", rightly=False)
    if closes_at_once:
        assert "The result is in the channel" in (await chat.press(posed, "Close it now")).text
    return open_


async def test_a_reply_says_how_many_got_it_right_and_leads_to_why(chat: Chat) -> None:
    open_ = await ask(chat)
    result = await chat.channel()
    assert result.source.id == open_.source.id
    assert "1 of 2 (50%)" in result.text
    (reply,) = await chat.replies()
    assert "1 of 2 got it right." in reply.text
    assert reply.labels == ("Why?",)
    assert "The notes on alpha say so" in (await chat.press(reply, "Why?", user="eve")).text
    verdict = await chat.press(reply, "Why?", user="ann")
    assert verdict.private
    assert "Right · 10 points" in verdict.text
    assert await chat.posted() == 1
    assert await chat.discussions() == []
    assert chat.pings() == []


async def test_nobody_hears_of_a_question_that_nobody_answered(chat: Chat) -> None:
    await chat.call("question", topic="alpha", minutes=1)
    await chat.passes(60)
    assert "Result" in (await chat.channel()).text
    assert await chat.replies() == []
    assert await chat.posted() == 1


async def test_admins_choose_that_only_the_question_changes(chat: Chat) -> None:
    assert "without a reply" in (await chat.call("settings", results="edit")).text
    await ask(chat)
    assert "1 of 2 (50%)" in (await chat.channel()).text
    assert await chat.replies() == await chat.discussions() == []
    assert await chat.posted() == 1


async def test_admins_choose_that_a_discussion_opens_at_the_close(chat: Chat) -> None:
    assert "No spoilers" not in (await ask(chat)).text
    assert "thread" in (await chat.call("settings", results="thread")).text
    open_ = await ask(chat, closes_at_once=False)
    assert "No spoilers" in open_.text
    assert await chat.discussions() == []
    await chat.passes(30 * 60)
    assert "No spoilers" not in (await chat.channel()).text
    (first,) = await chat.discussions()
    assert "1 of 2 got it right." in first.text
    assert "talk about it here" in first.text
    assert "The notes on alpha say so" in (await chat.press(first, "Why?", user="bob")).text
    assert len(await chat.replies()) == 1
    assert await chat.posted() == 2
    assert chat.pings() == []


@pytest.mark.parametrize("results", ["reply", "thread"])
async def test_where_replies_are_refused_a_new_message_links_to_the_result(
    chat: Chat, results: str
) -> None:
    await chat.call("settings", results=results)
    told = 0
    for number in (1, 2):
        chat.refuse_replies(discussions=results == "thread")
        open_ = await ask(chat, closes_at_once=False)
        await chat.passes(30 * 60)
        assert await chat.replies() == await chat.discussions() == []
        assert await chat.posted() == 2 * number
        news = await chat.channel()
        assert "1 of 2 got it right." in news.text
        assert "talk about it here" not in news.text
        assert await chat.address(open_) in news.text
        assert "The notes on alpha say so" in (await chat.press(news, "Why?", user="bob")).text
        told = told or chat.direct_messages("ann")
        assert "I can't reply to a question" in chat.last_direct_message("ann")
        assert chat.direct_messages("ann") == told, "managers are told once"


async def test_a_reply_whose_response_got_lost_appears_once(chat: Chat) -> None:
    for results in ("reply", "thread"):
        await chat.call("settings", results=results)
        await chat.call("question", topic="alpha", minutes=1)
        await chat.answer(await chat.channel(), user="bob")
        chat.lose_post()
        await chat.passes(60)
        for _ in range(3):
            await chat.passes(31)
    assert len(await chat.replies()) == 1
    assert len(await chat.discussions()) == 1
    assert await chat.posted() == 2


async def test_a_result_shown_anew_needs_no_reply_but_can_be_discussed(chat: Chat) -> None:
    for results, discussions in (("reply", 0), ("thread", 1)):
        await chat.call("settings", results=results)
        await chat.call("question", topic="alpha", minutes=1)
        await chat.answer(await chat.channel(), user="bob")
        chat.delete_last()
        await chat.passes(60)
        assert "1 of 1 (100%)" in (await chat.channel()).text
        assert await chat.replies() == []
        assert len(await chat.discussions()) == discussions


async def test_a_receipt_leads_back_to_the_question(chat: Chat) -> None:
    await chat.call("settings", reveal="at-close")
    await chat.call("question", topic="alpha", minutes=30)
    open_ = await chat.channel()
    address = await chat.address(open_)
    for user in ("bob", "eve"):
        recorded = await chat.answer(open_, user=user)
        assert "Recorded" in recorded.text
        assert address in recorded.text
    assert address in (await chat.answer(open_, user="bob")).text
    await chat.passes(30 * 60)
    told = await chat.press(await chat.channel(), "Answer and why", user="bob")
    assert address not in told.text


async def test_yesterdays_result_stands_under_todays_daily(chat: Chat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", zone="UTC", hours=24), "Save")
    await chat.until(9)
    first = await chat.channel()
    assert "got it right" not in first.text
    await chat.answer(first, user="ann")
    await chat.answer(first, user="bob", rightly=False)
    await chat.until(9)
    second = await chat.channel()
    assert second.source.id != first.source.id
    assert "1 of 2 got it right." in second.text
    assert await chat.address(first) in second.text
    await chat.answer(second, user="bob")
    await chat.passes(5)
    counted = await chat.channel()
    assert counted.source.id == second.source.id
    assert "1 of 2 got it right." in counted.text
    await chat.passes(24 * 3600 - 5)
    third = await chat.channel()
    assert "1 of 1 got it right." in third.text
    assert await chat.address(second) in third.text
    await chat.passes(24 * 3600)
    assert "got it right" not in (await chat.channel()).text, "nobody answered yesterday"
