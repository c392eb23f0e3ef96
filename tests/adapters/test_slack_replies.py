"""Replies to results, their discussions, and links to messages on Slack, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from time import monotonic

import pytest
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

from adapters.slack.poster import ADDRESS_WAIT_SECONDS
from bot.engine.platform import MessageGone, Unpostable
from bot.engine.screens import Button, Screen
from tests.adapters.test_slack_poster import SCREEN, Room, forgetful, recently, slack

__all__ = ["forgetful", "slack"]

REPLY = Screen(text=("5 of 8 got it right.",), controls=(Button("Why?", "why:1:1"),))
both = pytest.mark.parametrize("thread", ["", "Compute targets"])


async def test_a_reply_is_in_the_thread_and_in_the_channel(slack: Room) -> None:
    message = await slack.poster.post(slack.here, SCREEN, "round-1")
    await slack.poster.reply(slack.here, message, REPLY, "reply-1")
    _, reply = slack.general.messages
    assert (reply.thread_ts, reply.broadcast) == (message, True)
    assert "5 of 8 got it right." in reply.words
    assert list(slack.server.pings) == []


async def test_a_discussion_is_in_the_thread_alone(slack: Room) -> None:
    message = await slack.poster.post(slack.here, SCREEN, "round-1")
    await slack.poster.reply(slack.here, message, REPLY, "reply-1", thread="Compute targets")
    _, reply = slack.general.messages
    assert (reply.thread_ts, reply.broadcast) == (message, False)


@both
async def test_a_retry_finds_a_reply_that_got_through(forgetful: Room, thread: str) -> None:
    message = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    forgetful.server.lose_response("chat.postMessage")
    with contextlib.suppress(ClientError):
        await forgetful.poster.reply(forgetful.here, message, REPLY, "reply-1", thread=thread)
    await forgetful.ann.say(forgetful.general, "What was that?")
    for _ in range(2):
        await forgetful.poster.reply(
            forgetful.here, message, REPLY, "reply-1", since=recently(), thread=thread
        )
    assert sum(each.thread_ts == message for each in forgetful.general.messages) == 1


async def test_another_reply_is_not_mistaken_for_it(forgetful: Room) -> None:
    message = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    for handle in ("reply-1", "reply-11"):
        await forgetful.poster.reply(forgetful.here, message, REPLY, handle, since=recently())
    assert len(forgetful.general.messages) == 3


@both
async def test_a_message_posted_instead_is_found_as_well(forgetful: Room, thread: str) -> None:
    message = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    await forgetful.poster.post(forgetful.here, REPLY, "reply-1")
    await forgetful.poster.reply(
        forgetful.here, message, REPLY, "reply-1", since=recently(), thread=thread
    )
    assert len(forgetful.general.messages) == 2


async def test_without_permission_to_search_the_bot_replies_anyway(forgetful: Room) -> None:
    forgetful.server.missing_scopes.add("channels:history")
    message = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    await forgetful.poster.reply(forgetful.here, message, REPLY, "reply-1", since=recently())
    assert len(forgetful.general.messages) == 2


@pytest.mark.parametrize("method", ["conversations.history", "conversations.replies"])
async def test_nothing_is_replied_while_a_search_fails(forgetful: Room, method: str) -> None:
    message = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    forgetful.server.fail(method, "internal_error")
    with pytest.raises(SlackApiError):
        await forgetful.poster.reply(forgetful.here, message, REPLY, "reply-1", since=recently())
    assert len(forgetful.general.messages) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("restricted_action_non_threadable_channel", "can't reply in threads"),
        ("restricted_action_thread_locked", "can't reply in threads"),
        ("cannot_reply_to_message", "can't reply in threads"),
        ("restricted_action_read_only_channel", "Only certain people can post"),
    ],
)
async def test_a_refused_reply_says_why(slack: Room, error: str, told: str) -> None:
    assert await slack.poster.check_reply(slack.here, thread=True) == ""
    slack.server.fail("chat.postMessage", error)
    with pytest.raises(Unpostable, match=told):
        await slack.poster.reply(slack.here, "1.0", REPLY, "reply-1")


async def test_a_thread_whose_question_was_deleted_is_gone(slack: Room) -> None:
    message = await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.general.messages[0].delete()
    with pytest.raises(MessageGone):
        await slack.poster.reply(slack.here, message, REPLY, "reply-1", since=recently())


async def test_a_link_is_the_one_that_slack_gives_and_asks_once(slack: Room) -> None:
    message = await slack.poster.post(slack.here, SCREEN, "round-1")
    links = {await slack.poster.link(slack.here, message) for _ in range(3)}
    client = await slack.poster._client_of(slack.team.id)
    asked = await client.chat_getPermalink(channel=slack.general.id, message_ts=message)
    assert links == {asked["permalink"]}
    assert slack.count_requests("auth.test") == 1


async def test_nobody_waits_long_for_a_link(slack: Room) -> None:
    slack.server.delay("auth.test", ADDRESS_WAIT_SECONDS * 2)
    began = monotonic()
    assert await slack.poster.link(slack.here, "1.0") == ""
    first = monotonic()
    assert await slack.poster.link(slack.here, "1.0") == ""
    assert monotonic() - first < ADDRESS_WAIT_SECONDS
    assert first - began < ADDRESS_WAIT_SECONDS * 2
    while not await slack.poster.link(slack.here, "1.0"):
        await asyncio.sleep(0.05)
    assert slack.count_requests("auth.test") == 1


async def test_without_an_address_there_is_no_link(slack: Room) -> None:
    slack.server.fail("auth.test", "fatal_error")
    for _ in range(2):
        assert await slack.poster.link(slack.here, "1.0") == ""
    assert slack.count_requests("auth.test") == 0, "it is not asked again for a while"
