"""Replies to results and their discussions on Discord, over real sockets."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import aiohttp
import pytest

from bot.engine.platform import ChannelGone, Unpostable
from bot.engine.screens import Button, Screen
from tests.adapters.test_discord_poster import (
    QUESTION,
    Room,
    forgetful,
    recently,
    room,
    sync_gateway,
)
from tests.stand_ins.discord import Channel
from tests.stand_ins.discord.messages import HAS_THREAD
from tests.stand_ins.discord.world import CREATE_PUBLIC_THREADS, READ_HISTORY, SEND_IN_THREADS

__all__ = ["forgetful", "room"]

RESULT = replace(QUESTION, title="Result", controls=(Button("Answer and why", "why:1:0"),))
REPLY = Screen(text=("5 of 8 got it right.",), controls=(Button("Why?", "why:1:1"),))
NAME = "Compute targets"


async def result(room: Room) -> str:
    """The id of a message that shows a result."""
    posted = await room.poster.post(room.here, QUESTION, "round-1")
    await room.poster.edit(room.here, posted, RESULT)
    return posted


def thread_of(room: Room, message: str) -> Channel:
    return room.server.channels[message]


async def test_a_reply_names_its_question_and_notifies_nobody(room: Room) -> None:
    message = await result(room)
    await room.poster.reply(room.here, message, REPLY, "reply-1")
    asked, reply = room.general.messages
    assert reply.replies_to is asked
    assert reply.text == "5 of 8 got it right."
    assert reply.buttons() == {"Why?": "why:1:1"}
    assert room.server.pings == []


@pytest.mark.parametrize("thread", ["", NAME])
async def test_a_retry_finds_a_reply_that_got_through(forgetful: Room, thread: str) -> None:
    message = await result(forgetful)
    forgetful.server.lose_response("POST", "/messages$")
    with contextlib.suppress(aiohttp.ClientError):
        await forgetful.poster.reply(forgetful.here, message, REPLY, "reply-1", thread=thread)
    forgetful.ann.write(forgetful.general, "What was that?")
    for _ in range(2):
        await forgetful.poster.reply(
            forgetful.here, message, REPLY, "reply-1", since=recently(), thread=thread
        )
    where = thread_of(forgetful, message) if thread else forgetful.general
    replies = [each for each in where.messages if "why:1:1" in each.buttons().values()]
    assert len(replies) == 1


async def test_a_message_posted_instead_is_found_as_well(forgetful: Room) -> None:
    message = await result(forgetful)
    await forgetful.poster.post(forgetful.here, REPLY, "reply-1")
    for thread in ("", NAME):
        await forgetful.poster.reply(
            forgetful.here, message, REPLY, "reply-1", since=recently(), thread=thread
        )
    assert len(forgetful.general.messages) == 2
    assert message not in forgetful.server.channels


async def test_a_discussion_is_the_thread_of_its_question(room: Room) -> None:
    message = await result(room)
    await room.poster.reply(room.here, message, REPLY, "reply-1", thread=NAME * 9)
    thread = thread_of(room, message)
    assert thread.parent is room.general
    assert thread.name == (NAME * 9)[:100]
    assert [each.text for each in thread.messages] == ["5 of 8 got it right."]
    (asked,) = room.general.messages
    assert asked.flags & HAS_THREAD


async def test_a_thread_that_is_there_already_is_used(room: Room) -> None:
    message = await result(room)
    (asked,) = room.general.messages
    asked.flags |= HAS_THREAD
    thread = room.guild.add_thread(room.general, "Spoilers", of_message=message)
    room.ann.write(thread, "I think it's B.")
    for _ in range(2):
        await room.poster.reply(room.here, message, REPLY, "reply-1", thread=NAME)
    assert [each.text for each in thread.messages][1:] == ["5 of 8 got it right."]
    thread.archived = thread.locked = True
    other = replace(REPLY, controls=(Button("Why?", "why:2:1"),))
    with pytest.raises(Unpostable, match="archived or locked"):
        await room.poster.reply(room.here, message, other, "reply-2", thread=NAME)


async def test_within_a_thread_a_discussion_is_a_reply(room: Room) -> None:
    thread = room.guild.add_thread(room.general, announced=True)
    await sync_gateway(room)
    here = room.place(thread)
    message = await room.poster.post(here, QUESTION, "round-1")
    await room.poster.reply(here, message, REPLY, "reply-1", thread=NAME)
    asked, reply = thread.messages
    assert reply.replies_to is asked


@pytest.mark.parametrize(
    ("thread", "denied", "named"),
    [
        ("", READ_HISTORY, "Read Message History permission"),
        (NAME, CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (NAME, SEND_IN_THREADS, "Send Messages in Threads"),
    ],
)
async def test_a_missing_permission_is_named(
    room: Room, thread: str, denied: int, named: str
) -> None:
    message = await result(room)
    assert await room.poster.check_reply(room.here, thread=bool(thread)) == ""
    room.server.deny(room.general, denied)
    await sync_gateway(room)
    before = room.server.requests.copy()
    assert named in await room.poster.check_reply(room.here, thread=bool(thread))
    with pytest.raises(Unpostable, match=named):
        await room.poster.reply(room.here, message, REPLY, "reply-1", thread=thread)
    assert room.server.requests == before
    assert message not in room.server.channels
    # What the gateway hasn't reported yet, Discord says.
    room.server.permit(room.general)
    await sync_gateway(room)
    room.general.denied = denied
    with pytest.raises(Unpostable, match=named):
        await room.poster.reply(room.here, message, REPLY, "reply-1", thread=thread)


@pytest.mark.parametrize("thread", ["", NAME])
async def test_a_channel_that_is_gone_is_said_to_be(room: Room, thread: str) -> None:
    message = await result(room)
    room.server.delete_channel(room.general)
    with pytest.raises(ChannelGone):
        await room.poster.reply(room.here, message, REPLY, "reply-1", thread=thread)


async def test_a_question_deleted_at_that_moment_is_not_replied_to(room: Room) -> None:
    message = await result(room)
    room.general.messages[0].delete()
    await room.poster.reply(room.here, message, REPLY, "reply-1")
    (only,) = room.general.messages
    assert only.replies_to is None


async def test_a_link_leads_to_the_message_without_a_request(room: Room) -> None:
    before = room.server.requests.copy()
    assert await room.poster.link(room.here, "7") == (
        f"https://discord.com/channels/{room.guild.id}/{room.general.id}/7"
    )
    assert room.server.requests == before
