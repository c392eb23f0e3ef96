"""Posts, direct messages and permission checks on Discord, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import aiohttp
import discord
import pytest

from adapters.discord.invite import log_in
from adapters.discord.poster import DiscordPoster
from adapters.presence import MAX_WAIT_SECONDS
from bot.engine.events import Channel as Place
from bot.engine.events import Role
from bot.engine.platform import MessageGone, Presence, Unpostable
from bot.engine.screens import (
    Arrange,
    Bar,
    BarChart,
    Button,
    Choice,
    Control,
    Link,
    Pick,
    Screen,
    Write,
)
from tests.conformance.bot import NoPictures
from tests.stand_ins.discord import Channel, DiscordServer
from tests.stand_ins.discord.server import NO_DMS, NO_MUTUAL_GUILDS
from tests.stand_ins.discord.world import (
    EMBED_LINKS,
    MENTION_EVERYONE,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
)

SCREEN = Screen(title="Daily question", text=("What is what?",))
HOSTILE = "@everyone @here <@&1> <@1> `@everyone`"

QUESTION = replace(SCREEN, controls=(Pick("answer:1:", (Choice("Yes", "a"), Choice("No", "b"))),))
LONG = replace(QUESTION, text=tuple(f"Line {number}" + " and more" * 300 for number in range(12)))
"""More than fits one message."""


def recently() -> datetime:
    """A time from which an earlier try may have succeeded."""
    return datetime.now(UTC) - timedelta(minutes=1)


@dataclass
class Room:
    """A server with one channel, and a poster that may post there."""

    server: DiscordServer
    client: discord.Client

    def __post_init__(self) -> None:
        self.poster = DiscordPoster(self.client, {})
        self.guild = self.server.add_guild()
        self.general = self.guild.add_text_channel()
        self.ann = self.server.add_person("Ann")

    @property
    def here(self) -> Place:
        return self.place(self.general)

    def place(self, channel: Channel) -> Place:
        return Place("discord", self.guild.id, channel.id)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with DiscordServer() as server:
        client = discord.Client(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0,
        )
        room = Room(server, client)
        await log_in(client, server.token, server.api_base)
        connection = asyncio.create_task(client.connect())
        await server.ready(synced=False)
        await client.wait_until_ready()
        yield room
        await client.close()
        await connection
        assert server.violations == []


async def test_a_member_gets_a_direct_message(room: Room) -> None:
    await room.poster.notify(room.guild.id, room.ann.id, Screen(title=HOSTILE, text=(HOSTILE,)))
    (told,) = room.ann.dm.messages
    assert "everyone" in told.text
    assert room.general.messages == []
    assert room.server.pings == []


async def test_a_canceled_request_holds_no_other_back(room: Room) -> None:
    room.server.limit_everywhere(limit=1, per=60)
    await room.poster.post(room.here, Screen(title="First"), "h1")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await room.poster.post(room.here, Screen(title="Second"), "h2")
    room.server.faults.end()
    async with asyncio.timeout(10):
        await room.poster.post(room.here, Screen(title="Third"), "h3")
    assert len(room.general.messages) == 2


async def test_a_member_who_left_is_known_once_asked_for(room: Room) -> None:
    bob = room.server.add_person("Bob")
    room.guild.leave(bob)
    for _ in range(2):
        assert await room.poster.presence(room.guild.id, [room.ann.id, bob.id]) == {
            room.ann.id: Presence.HERE,
            bob.id: Presence.LEFT,
        }
    assert room.server.requests["GET /guilds/{guild}/members/{user}"] == 2
    assert await room.poster.presence("1", [bob.id]) == {}, "a server that we aren't in"


async def test_a_board_does_not_wait_for_slow_look_ups(room: Room) -> None:
    bob = room.server.add_person("Bob")
    room.guild.leave(bob)
    room.server.delay("/guilds/", MAX_WAIT_SECONDS + 1)
    started = monotonic()
    assert await room.poster.presence(room.guild.id, [bob.id]) == {}
    assert monotonic() - started < MAX_WAIT_SECONDS + 1
    while not (found := await room.poster.presence(room.guild.id, [bob.id])):
        pass
    assert found == {bob.id: Presence.LEFT}, "it arrived later"
    assert room.server.requests["GET /guilds/{guild}/members/{user}"] == 1


@pytest.mark.parametrize("error", [NO_DMS, NO_MUTUAL_GUILDS])
async def test_closed_direct_messages_are_reported(room: Room, error: tuple[int, str]) -> None:
    room.ann.refuses_dms = error
    with pytest.raises(Unpostable, match="doesn't accept direct messages"):
        await room.poster.notify(room.guild.id, room.ann.id, SCREEN)


async def test_a_servers_roles_are_listed_highest_first(room: Room) -> None:
    room.guild.add_role("Robot", position=3, managed=True)
    low, high = (room.guild.add_role(name, position=n) for n, name in enumerate(("Low", "High"), 1))
    while len(room.client.guilds[0].roles) < 4:
        await asyncio.sleep(0.005)
    assert list(await room.poster.roles(room.guild.id)) == [
        Role(high.id, "High"),
        Role(low.id, "Low"),
    ]
    assert list(await room.poster.roles("1")) == []


async def test_a_role_is_notified_once_when_its_question_is_posted(room: Room) -> None:
    role = room.guild.add_role("Learners", mentionable=True)
    screen = Screen(
        title=HOSTILE, text=(HOSTILE * 200,), fields=((HOSTILE, HOSTILE),), note=HOSTILE
    )
    screen = replace(screen, mention=role.id)
    posted = await room.poster.post(room.here, screen, "round-1")
    first, *rest = room.general.messages
    assert first.content == f"<@&{role.id}>"
    assert {each.content for each in rest} == {""}
    assert room.server.pings == [f"<@&{role.id}>"]
    await room.poster.edit(room.here, posted, replace(screen, title="Result"))
    await room.poster.notify(room.guild.id, room.ann.id, screen)
    assert "Result" in first.text
    assert first.content == f"<@&{role.id}>"
    assert len(room.server.pings) == 1


@pytest.mark.parametrize("mention", ["", "everyone", "1> @everyone <@&2"])
async def test_a_mention_must_be_an_id(room: Room, mention: str) -> None:
    await room.poster.post(room.here, replace(SCREEN, mention=mention), "round-1")
    assert room.general.messages[0].content == ""
    assert room.server.pings == []


async def test_everyone_is_never_notified(room: Room) -> None:
    await room.poster.post(room.here, replace(SCREEN, mention=room.guild.id), "round-1")
    assert room.general.messages[0].content == ""
    assert room.server.pings == []


async def sync_gateway(room: Room) -> None:
    """Wait until the client has received all earlier gateway events."""
    role = room.guild.add_role("later")
    while room.client.guilds[0].get_role(int(role.id)) is None:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (VIEW_CHANNEL, "the View Channel, Send Messages and Embed Links permissions here"),
        (SEND_MESSAGES, "the Send Messages and Embed Links permissions here"),
        (EMBED_LINKS, "the Embed Links permission here"),
        (SEND_IN_THREADS, ""),
    ],
)
async def test_a_rehearsal_names_missing_permissions_without_a_request(
    room: Room, denied: int, named: str
) -> None:
    assert await room.poster.check_postable(room.here) == ""
    room.server.deny(room.general, denied)
    await sync_gateway(room)
    before = room.server.requests.copy()
    if named:
        with pytest.raises(Unpostable, match=f"Give Studyhall {named}"):
            await room.poster.check_postable(room.here)
    else:
        assert await room.poster.check_postable(room.here) == ""
    assert room.server.requests == before
    if named:
        room.server.permit(room.general)
        await sync_gateway(room)
        assert await room.poster.check_postable(room.here) == ""


async def test_threads_need_the_permission_to_send_in_threads(room: Room) -> None:
    thread = room.place(room.guild.add_thread(room.general, announced=True))
    room.server.deny(room.general, SEND_MESSAGES)
    await sync_gateway(room)
    assert await room.poster.check_postable(thread) == ""
    room.server.deny(room.general, SEND_IN_THREADS)
    await sync_gateway(room)
    with pytest.raises(Unpostable, match="Send Messages in Threads"):
        await room.poster.check_postable(thread)


async def test_a_rehearsal_ignores_what_the_gateway_has_not_reported(room: Room) -> None:
    thread = room.place(room.guild.add_thread(room.general))
    room.server.deny(room.general, SEND_IN_THREADS)
    await sync_gateway(room)
    assert await room.poster.check_postable(thread) == ""


async def test_a_rehearsal_says_why_a_role_would_not_be_notified(room: Room) -> None:
    shut, open_ = room.guild.add_role("Shut"), room.guild.add_role("Open", mentionable=True)
    await sync_gateway(room)
    assert "can't mention the role Shut" in await room.poster.check_postable(room.here, shut.id)
    assert await room.poster.check_postable(room.here, open_.id) == ""
    assert "was deleted" in await room.poster.check_postable(room.here, "12345")
    await room.poster.post(room.here, replace(SCREEN, mention=shut.id), "round-1")
    assert room.server.pings == []
    room.server.grant(room.guild, MENTION_EVERYONE)
    await sync_gateway(room)
    assert await room.poster.check_postable(room.here, shut.id) == ""
    await room.poster.post(room.here, replace(SCREEN, mention=shut.id), "round-2")
    assert room.server.pings == [f"<@&{shut.id}>"]


async def test_no_one_is_notified_of_a_question_that_would_be_invisible(room: Room) -> None:
    role = room.guild.add_role("Learners", mentionable=True)
    room.server.deny(room.general, EMBED_LINKS)
    await sync_gateway(room)
    for mention in (role.id, ""):
        with pytest.raises(Unpostable, match="Embed Links"):
            await room.poster.post(room.here, replace(SCREEN, mention=mention), "round-1")
    assert room.general.messages == []


@pytest.fixture
def forgetful(room: Room, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A few minutes later, when Discord has forgotten all nonces."""
    monkeypatch.setattr("tests.stand_ins.discord.rest.NONCE_LIFE", 0.0)
    return room


@pytest.mark.parametrize(
    "control",
    [
        *QUESTION.controls,
        Pick("answer:1:", (Choice("Yes", "a"), Choice("No", "b")), several=True),
        Arrange("answer:1:", (Choice("Yes", "a"), Choice("No", "b"))),
        Write("answer:1:", "Your answer"),
    ],
    ids=lambda control: type(control).__name__,
)
async def test_a_retry_looks_for_the_question_first(forgetful: Room, control: Control) -> None:
    screen = replace(LONG, controls=(control,))
    posted = await forgetful.poster.post(forgetful.here, screen, "round-1")
    before = [each.id for each in forgetful.general.messages]
    assert len(before) > 2
    forgetful.ann.write(forgetful.general, "What was that?")
    assert (
        await forgetful.poster.post(forgetful.here, screen, "round-1", since=recently()) == posted
    )
    assert [each.id for each in forgetful.general.messages[:-1]] == before


CHART = BarChart("Board", "Bar chart. Board: 1. Ann, 10 points.", (Bar("Ann", (10,), 10, "10"),))
BOARD = replace(SCREEN, controls=(Button("See your place", "openboard:all:members::7"),))
PICTURED = replace(BOARD, picture=CHART)


async def test_a_post_has_its_picture_and_is_not_repeated(
    forgetful: Room,
) -> None:
    forgetful.server.lose_response("POST", "/channels/.*/messages")
    with contextlib.suppress(aiohttp.ClientError):
        await forgetful.poster.post(forgetful.here, PICTURED, "round-1")
    again = await forgetful.poster.post(forgetful.here, PICTURED, "round-1", since=recently())
    (message,) = forgetful.general.messages
    assert message.id == again
    (picture,) = message.attachments
    assert picture.data.startswith(b"\x89PNG")
    assert picture.description == CHART.alt


async def test_a_post_has_no_picture_if_files_are_forbidden(room: Room) -> None:
    room.server.refuse_files = True
    posted = await room.poster.post(room.here, PICTURED, "round-1")
    (message,) = room.general.messages
    assert (message.id, message.attachments) == (posted, [])
    assert "Couldn't show the picture" in message.text
    room.server.forbid(room.general)
    with pytest.raises(Unpostable):
        await room.poster.post(room.here, PICTURED, "round-2")


async def test_a_post_has_no_picture_if_drawing_fails(room: Room) -> None:
    room.poster._pictures = NoPictures()
    await room.poster.post(room.here, PICTURED, "round-1")
    (message,) = room.general.messages
    assert message.attachments == []
    assert "What is what?" in message.text


async def test_a_question_is_found_however_much_was_posted_after_it(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, LONG, "round-1")
    before = len(forgetful.general.messages)
    for number in range(250):
        forgetful.ann.write(forgetful.general, f"Message {number}")
    assert await forgetful.poster.post(forgetful.here, LONG, "round-1", since=recently()) == posted
    assert len(forgetful.general.messages) == before + 250
    # It is on the first page, so no other one is asked for.
    assert forgetful.server.requests["GET /channels/{channel}/messages"] == 1


async def test_earlier_messages_are_not_searched(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, QUESTION, "round-1")
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert await forgetful.poster.post(forgetful.here, QUESTION, "round-1", since=now) != posted


async def test_a_posted_question_is_found_and_another_one_is_not(room: Room) -> None:
    posted = await room.poster.post(room.here, LONG, "round-1")
    other = replace(QUESTION, controls=(Pick("answer:11:", (Choice("Yes", "a"),)),))
    assert await room.poster.find(room.here, LONG, "round-1", recently()) == posted
    assert await room.poster.find(room.here, other, "round-11", recently()) is None
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert await room.poster.find(room.here, LONG, "round-1", later) is None
    room.general.hides_history = True
    assert await room.poster.find(room.here, LONG, "round-1", recently()) is None


async def test_a_message_of_another_app_with_our_buttons_is_not_ours(room: Room) -> None:
    await room.poster.post(room.here, QUESTION, "round-1")
    room.general.messages[-1].author = room.server.add_person("Mimic").payload() | {"bot": True}
    assert await room.poster.find(room.here, QUESTION, "round-1", recently()) is None


async def test_a_failed_search_says_whether_it_may_work_later(
    room: Room,
) -> None:
    room.server.fail("GET", "/messages", 403)
    with pytest.raises(discord.Forbidden):
        await room.poster.find(room.here, QUESTION, "round-1", recently())
    room.server.delete_channel(room.general)
    with pytest.raises(Unpostable):
        await room.poster.find(room.here, QUESTION, "round-1", recently())


async def test_a_search_does_not_mistake_another_question(forgetful: Room) -> None:
    other = replace(QUESTION, controls=(Pick("answer:11:", (Choice("Yes", "a"),)),))
    await forgetful.poster.post(forgetful.here, other, "round-11")
    await forgetful.poster.post(forgetful.here, SCREEN, "notice")
    await forgetful.poster.post(forgetful.here, QUESTION, "round-1", since=recently())
    assert len(forgetful.general.messages) == 3


async def test_a_retry_posts_the_missing_parts_of_a_long_question(
    forgetful: Room,
) -> None:
    other = replace(LONG, controls=(Pick("answer:2:", (Choice("Yes", "a"), Choice("No", "b"))),))
    await forgetful.poster.post(forgetful.here, other, "round-2")
    screen = replace(LONG, mention=forgetful.guild.add_role("Learners", mentionable=True).id)
    forgetful.server.lose_response("POST", "/messages")
    with pytest.raises(aiohttp.ClientError):
        await forgetful.poster.post(forgetful.here, screen, "round-1")
    *before, first = forgetful.general.messages
    assert (
        await forgetful.poster.post(forgetful.here, screen, "round-1", since=recently()) == first.id
    )
    whole = forgetful.general.messages[len(before) :]
    assert [each.text for each in whole[1:]] == [each.text for each in before[1:]]
    assert len(forgetful.server.pings) == 1


async def test_a_question_found_late_is_completed(forgetful: Room) -> None:
    for number in range(250):
        forgetful.ann.write(forgetful.general, f"Message {number}")
    forgetful.server.lose_response("POST", "/messages")
    with pytest.raises(aiohttp.ClientError):
        await forgetful.poster.post(forgetful.here, LONG, "round-1")
    first = forgetful.general.messages[-1].id
    assert await forgetful.poster.post(forgetful.here, LONG, "round-1", since=recently()) == first
    assert len(forgetful.general.messages) > 252


async def test_without_permission_to_search_the_bot_posts_anyway(forgetful: Room) -> None:
    forgetful.general.hides_history = True
    assert await forgetful.poster.post(forgetful.here, QUESTION, "round-1", since=recently())


@pytest.mark.parametrize("status", [403, 503])
async def test_nothing_is_posted_while_a_search_fails(forgetful: Room, status: int) -> None:
    forgetful.server.fail("GET", "/messages", status)
    with pytest.raises(discord.HTTPException):
        await forgetful.poster.post(forgetful.here, QUESTION, "round-1", since=recently())
    assert forgetful.general.messages == []


async def test_a_message_that_was_deleted_is_gone(room: Room) -> None:
    posted = await room.poster.post(room.here, SCREEN, "round-1")
    room.general.messages[0].delete()
    with pytest.raises(MessageGone):
        await room.poster.edit(room.here, posted, SCREEN)


async def test_an_archived_thread_is_reopened_for_a_result(room: Room) -> None:
    thread = room.guild.add_thread(room.general)
    posted = await room.poster.post(room.place(thread), QUESTION, "round-1")
    thread.archived = True
    await room.poster.edit(room.place(thread), posted, replace(SCREEN, title="Result"))
    assert "Result" in thread.messages[0].text
    assert len(thread.messages) == 1
    assert not thread.archived
    thread.archived = True
    await room.poster.post(room.place(thread), QUESTION, "round-2")
    assert len(thread.messages) == 2


async def test_a_locked_thread_rejects_everything(room: Room) -> None:
    thread = room.guild.add_thread(room.general)
    posted = await room.poster.post(room.place(thread), QUESTION, "round-1")
    thread.archived = thread.locked = True
    with pytest.raises(MessageGone, match="locked"):
        await room.poster.edit(room.place(thread), posted, SCREEN)
    with pytest.raises(Unpostable, match="locked"):
        await room.poster.post(room.place(thread), QUESTION, "round-2")


async def test_a_result_waits_while_its_thread_cannot_be_reopened(room: Room) -> None:
    thread = room.guild.add_thread(room.general)
    posted = await room.poster.post(room.place(thread), QUESTION, "round-1")
    thread.archived = True
    room.server.fail("PATCH", rf"/channels/{thread.id}$", 403)
    with pytest.raises(discord.HTTPException):
        await room.poster.edit(room.place(thread), posted, SCREEN)


async def test_a_message_rejected_for_its_content_is_not_retried(room: Room) -> None:
    posted = await room.poster.post(room.here, QUESTION, "round-1")
    bad = replace(SCREEN, controls=(Link("There", f"https://example.org/{'x' * 600}"),))
    with pytest.raises(Unpostable, match=r"rejected this message: Invalid Form Body"):
        await room.poster.post(room.here, bad, "round-2")
    with pytest.raises(MessageGone):
        await room.poster.edit(room.here, posted, bad)
    assert len(room.server.violations) == 2
    room.server.violations.clear()


def _unseen(room: Room) -> None:
    room.server.forbid(room.general, unseen=True)


def _unwritable(room: Room) -> None:
    room.server.forbid(room.general)


def _deleted(room: Room) -> None:
    room.server.delete_channel(room.general)


@pytest.mark.parametrize("closed", [_unseen, _unwritable, _deleted])
async def test_channel_errors_last(room: Room, closed: Callable[[Room], None]) -> None:
    posted = await room.poster.post(room.here, SCREEN, "round-1")
    closed(room)
    with pytest.raises(Unpostable):
        await room.poster.post(room.here, QUESTION, "round-2")
    with pytest.raises(Unpostable):
        await room.poster.post(room.here, QUESTION, "round-2", since=recently())
    with pytest.raises(Unpostable) as refused:
        await room.poster.edit(room.here, posted, SCREEN)
    assert not isinstance(refused.value, MessageGone)


@pytest.mark.parametrize(
    ("status", "times"),
    [
        pytest.param(503, 1, id="of Discord's"),
        pytest.param(429, 5, id="too much asked for"),
        pytest.param(403, 1, id="of something on the way"),
        pytest.param(404, 1, id="of something on the way that knows no such path"),
    ],
)
async def test_other_errors_may_pass(room: Room, status: int, times: int) -> None:
    posted = await room.poster.post(room.here, QUESTION, "round-1")
    for method in ("POST", "PATCH"):
        room.server.fail(method, "/messages", status, times, retry_after=0.01)
    with pytest.raises(discord.HTTPException):
        await room.poster.post(room.here, SCREEN, "round-2")
    with pytest.raises(discord.HTTPException):
        await room.poster.edit(room.here, posted, QUESTION)
    await room.poster.edit(room.here, posted, QUESTION)
    await room.poster.post(room.here, SCREEN, "round-2")
    assert len(room.general.messages) == 2


async def test_connection_errors_may_pass(room: Room) -> None:
    posted = await room.poster.post(room.here, QUESTION, "round-1")
    room.server.lose_response("PATCH", "/messages")
    with pytest.raises(aiohttp.ClientError):
        await room.poster.edit(room.here, posted, QUESTION)
    await room.poster.edit(room.here, posted, QUESTION)


async def test_sixty_channels_get_their_question_at_once_and_once(forgetful: Room) -> None:
    room, count = forgetful, 60
    channels = [room.guild.add_text_channel(f"room-{number}") for number in range(count)]
    room.server.limit_messages()
    room.server.limit_everywhere(30, per=1.0)
    room.server.fail("POST", "/messages", 429, times=5, retry_after=0.5)
    began = monotonic()
    posted = await asyncio.gather(
        *(room.poster.post(room.place(each), QUESTION, "round-1") for each in channels)
    )
    assert 1.0 <= monotonic() - began < 10
    assert [[message.id for message in each.messages] for each in channels] == [
        [id_] for id_ in posted
    ]
    refused = room.server.requests["POST /channels/{channel}/messages"] - count
    assert 5 + 10 <= refused < 5 + 10 + count


async def test_a_member_may_post_where_their_permissions_allow_it(room: Room) -> None:
    hidden = room.guild.add_text_channel("hidden")
    room.server.hide(hidden, room.ann)
    thread = room.guild.add_thread(room.general, announced=True)
    while room.client.guilds[0].get_thread(int(thread.id)) is None:
        await asyncio.sleep(0.005)
    bob = room.server.add_person("Bob")

    async def may(channel: Channel, user: str) -> bool:
        return await room.poster.may_post(room.place(channel), user)

    assert await may(room.general, room.ann.id)
    assert await may(thread, room.ann.id)
    assert not await may(hidden, room.ann.id)
    assert await may(hidden, bob.id)
    elsewhere = room.server.add_guild("Elsewhere").add_text_channel()
    assert not await may(elsewhere, room.ann.id), "of another server"
    room.guild.leave(bob)
    with pytest.raises(discord.NotFound):
        await may(room.general, bob.id)
