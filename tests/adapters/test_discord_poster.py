"""What is posted in Discord, told to members and asked of servers, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import discord
import pytest

from adapters.discord.invite import log_in
from adapters.discord.poster import DiscordPoster
from bot.engine.events import Channel as Place
from bot.engine.events import Role
from bot.engine.ports import Unpostable
from bot.engine.screens import Screen
from tests.stand_ins.discord import Channel, DiscordServer
from tests.stand_ins.discord.server import NO_DMS, NO_MUTUAL_GUILDS

SCREEN = Screen(title="Daily question", text=("What is what?",))
HOSTILE = "@everyone @here <@&1> <@1> `@everyone`"


@dataclass
class Room:
    """A server with one channel, and a poster that may write there."""

    server: DiscordServer
    client: discord.Client

    def __post_init__(self) -> None:
        self.poster = DiscordPoster(self.client)
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


async def test_a_member_is_told_something_directly(room: Room) -> None:
    await room.poster.tell(room.guild.id, room.ann.id, Screen(title=HOSTILE, text=(HOSTILE,)))
    (told,) = room.ann.dm.messages
    assert "everyone" in told.text
    assert room.general.messages == []
    assert room.server.pings == []


@pytest.mark.parametrize("error", [NO_DMS, NO_MUTUAL_GUILDS])
async def test_who_takes_no_direct_messages_is_said_so(room: Room, error: tuple[int, str]) -> None:
    room.ann.refuses_dms = error
    with pytest.raises(Unpostable, match="no direct messages"):
        await room.poster.tell(room.guild.id, room.ann.id, SCREEN)


async def test_a_servers_roles_are_told_with_the_highest_first(room: Room) -> None:
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
    role = room.guild.add_role("Learners")
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
    await room.poster.tell(room.guild.id, room.ann.id, screen)
    assert "Result" in first.text
    assert first.content == f"<@&{role.id}>"
    assert len(room.server.pings) == 1


@pytest.mark.parametrize("mention", ["", "everyone", "1> @everyone <@&2"])
async def test_a_mention_that_is_no_id_is_none(room: Room, mention: str) -> None:
    await room.poster.post(room.here, replace(SCREEN, mention=mention), "round-1")
    assert room.general.messages[0].content == ""
    assert room.server.pings == []


async def test_everybody_is_never_notified(room: Room) -> None:
    await room.poster.post(room.here, replace(SCREEN, mention=room.guild.id), "round-1")
    assert room.general.messages[0].content == ""
    assert room.server.pings == []
