"""Withdrawing a question: confirmed, done once, and shown whatever goes wrong."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.engine.actions import encode
from bot.engine.commands.withdraw import LATEST, NOT_NOW, NOTHING, Withdraw
from bot.engine.due.timing import LEASE
from bot.engine.due.withdrawn import PATIENCE
from bot.engine.platform import ChannelGone, MessageGone, Unpostable
from bot.engine.screens import Button, Reply, Screen
from tests.engine.test_channel_rounds import Channel, words
from tests.engine.test_desk import button, find_answer_action


def labels(screen: Screen) -> list[str]:
    return [control.label for control in screen.controls if isinstance(control, Button)]


async def start_answered(reveal: str = "at-once") -> Channel:
    """Open a question in a channel, and let one member answer it right and one wrong."""
    channel = Channel()
    await channel.call("settings", reveal=reveal)
    await channel.call("question", minutes=30)
    for user, rightly in (("bob", True), ("cid", False)):
        await channel.answer(channel.shown, rightly=rightly, user=user)
    return channel


async def withdraw(channel: Channel) -> Reply:
    """Withdraw the latest question as an admin, and confirm."""
    first = await channel.press(button((await channel.call("withdraw")).screen, "Withdraw 1"))
    return await channel.press(button(first.screen, "Yes, withdraw it"))


@pytest.mark.parametrize("reveal", ["at-once", "at-close"])
async def test_an_admin_sees_what_it_takes_back_and_withdraws_an_open_question(reveal: str) -> None:
    channel = await start_answered(reveal)
    question = find_answer_action(channel.shown)
    offered = await channel.call("withdraw")
    assert labels(offered.screen) == ["Withdraw 1"]
    first = await channel.press(button(offered.screen, "Withdraw 1"))
    assert "2 answers won't count any more" in words(first.screen)
    points = sum(each.points for each in channel.store.state.answers.values())
    assert (f"{points} points" in words(first.screen)) is (reveal == "at-once")
    assert channel.shown.title.startswith("Question ·"), "nothing happens before it's asked"
    done = await channel.press(button(first.screen, "Yes"))
    assert (done.screen.title, done.updates) == ("Withdrawn", True)
    assert (channel.shown.title, channel.shown.controls) == ("Question withdrawn", ())
    assert (await channel.call("stats", "bob")).data["answered"] == 0
    for user in ("bob", "eve"):
        late = await channel.press(question, "0", user=user)
        assert "withdrew this question, so it takes no answers" in words(late.screen)
    assert channel.poster.told == []
    await channel.passes(hours=1)
    assert channel.shown.title == "Question withdrawn", "no result is shown"


async def test_a_closed_question_can_be_withdrawn_and_its_reason_is_not_told_any_more() -> None:
    channel = await start_answered()
    await channel.passes(minutes=30)
    why = button(channel.shown, "Answer and why")
    assert (await withdraw(channel)).screen.title == "Withdrawn"
    assert channel.shown.title == "Question withdrawn"
    for user in ("bob", "eve"):
        told = await channel.press(why, user=user)
        assert "withdrew this question, so it earns no points" in words(told.screen)
    assert words((await channel.call("withdraw")).screen) == NOTHING


async def test_who_poses_can_withdraw_only_as_an_admin() -> None:
    channel = Channel()
    assert labels((await channel.call("question", minutes=30)).screen) == [
        "Close it now",
        "Withdraw it",
    ]
    assert "Withdraw it" in labels((await channel.call("question")).screen)
    await withdraw(channel)
    assert labels((await channel.call("question", "bob")).screen) == ["Close it now"]
    assert labels((await channel.call("question", "bob")).screen) == ["Close it now"]


async def test_of_two_admins_the_second_is_told_that_it_was_withdrawn() -> None:
    channel = await start_answered()
    sure = encode(Withdraw(1, 1))
    replies = await asyncio.gather(channel.press(sure), channel.press(sure))
    assert sorted(reply.screen.title for reply in replies) == ["", "Withdrawn"]
    for action in (encode(Withdraw(1)), sure):
        assert words((await channel.press(action)).screen) == NOT_NOW


async def test_the_latest_questions_are_offered_the_latest_first() -> None:
    channel = Channel()
    for _ in range(LATEST + 1):
        await channel.call("question", minutes=1)
        await channel.passes(minutes=1)
    latest = await channel.call("withdraw")
    assert len(latest.screen.controls) == LATEST
    assert button(latest.screen, "Withdraw 1") == encode(Withdraw(LATEST + 1))


async def test_an_unanswered_question_is_said_to_be_so() -> None:
    channel = Channel()
    await channel.call("question", minutes=1)
    first = await channel.press(encode(Withdraw(1)))
    assert "Nobody has answered it yet." in words(first.screen)


async def test_a_result_or_count_that_was_on_its_way_is_replaced() -> None:
    channel = await start_answered()
    before = channel.shown
    await withdraw(channel)
    channel.poster.screens["m1"] = before
    await channel.passes(seconds=LEASE.seconds)
    assert channel.shown.title == "Question withdrawn"


@pytest.mark.parametrize("trouble", [ConnectionError("down"), Unpostable("not allowed")])
async def test_a_message_that_cannot_be_changed_is_tried_again_for_a_day(
    trouble: Exception,
) -> None:
    channel = await start_answered()
    channel.poster.trouble = trouble
    done = await withdraw(channel)
    assert "can't be changed right now" in words(done.screen)
    await channel.passes(minutes=5)
    channel.poster.trouble = None
    await channel.passes(hours=1)
    assert channel.shown.title == "Question withdrawn"
    assert channel.store.state.rows_due == {}


async def test_after_a_day_it_is_left_alone() -> None:
    channel = await start_answered()
    channel.poster.trouble = Unpostable("not allowed")
    await withdraw(channel)
    await channel.passes(minutes=5)
    assert channel.store.state.rows_due
    channel.clock.now += PATIENCE + timedelta(hours=1)
    await channel.passes(seconds=1)
    assert channel.store.state.rows_due == {}


@pytest.mark.parametrize("gone", [MessageGone("deleted"), ChannelGone("deleted")])
async def test_where_there_is_no_message_any_more_nothing_is_tried_again(gone: Exception) -> None:
    channel = await start_answered()
    channel.poster.trouble = gone
    await withdraw(channel)
    await channel.passes(seconds=LEASE.seconds)
    assert channel.store.state.rows_due == {}
