"""The local Discord, held to what a real discord.py client does with it."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui

from tests.stand_ins.discord import command_limits, limits, modal_limits
from tests.stand_ins.discord.calling import NotOffered
from tests.stand_ins.discord.gateway import Close
from tests.stand_ins.discord.interactions import DEADLINE, PATIENCE
from tests.stand_ins.discord.messages import Message
from tests.stand_ins.discord.server import NO_DMS, NO_MUTUAL_GUILDS, DiscordServer
from tests.stand_ins.discord.world import (
    EMBED_LINKS,
    MANAGE_GUILD,
    MENTION_EVERYONE,
    SEND_IN_THREADS,
    SEND_MESSAGES,
    VIEW_CHANNEL,
    Json,
)

Given = discord.Interaction[Any]


class Client(discord.AutoShardedClient):
    """A bot that does a bit of everything."""

    def __init__(self, **options: Any) -> None:
        super().__init__(intents=discord.Intents(guilds=True), guild_ready_timeout=0, **options)
        self.tree: app_commands.CommandTree[Any] = app_commands.CommandTree(self)
        self.gone = list[str]()
        _declare(self.tree)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait; the library lets shards wait for five seconds after each other."""

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self.gone.append(channel.name)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.gone.append(guild.name)

    async def on_interaction(self, given: Given) -> None:
        data: Any = given.data
        if given.type is discord.InteractionType.modal_submit:
            await given.response.edit_message(content=f"typed {_typed(data)}", view=None)
        elif given.type is discord.InteractionType.component:
            await _used(given, data)


def _typed(data: Json) -> str:
    part = data["components"][0]
    return str((part.get("component") or part["components"][0])["value"])


async def _used(given: Given, data: Json) -> None:
    match data["custom_id"]:
        case "more":
            await given.response.edit_message(content="pressed", view=None)
        case "pick":
            await given.response.send_message("picked " + ", ".join(data["values"]))
        case "wait":
            await given.response.defer()
            await given.edit_original_response(content="waited")
        case "ask":
            modal = ui.Modal(title="A question", custom_id="asked")
            text = ui.TextInput[ui.Modal](custom_id="text", max_length=20)
            modal.add_item(ui.Label(text="Say something", component=text))
            modal.stop()
            await given.response.send_modal(modal)
        case _:
            await given.response.send_message("x" * 2001)


def _view() -> ui.View:
    view = ui.View(timeout=None)
    for id_ in ("more", "wait", "ask", "long"):
        view.add_item(ui.Button[ui.View](label=id_.capitalize(), custom_id=id_))
    view.add_item(ui.Button[ui.View](label="Manual", url="https://example.org/"))
    options = [discord.SelectOption(label=f"Choice {each}", value=each) for each in "123"]
    view.add_item(ui.Select[ui.View](custom_id="pick", options=options, max_values=2))
    view.stop()
    return view


def _declare(tree: app_commands.CommandTree[Any]) -> None:
    _declare_options(tree)
    _declare_replies(tree)
    _declare_family(tree)

    @tree.context_menu(name="Explain this")
    async def explain(given: Given, message: discord.Message) -> None:
        await given.response.send_message(f"{message.content} means much")


def _declare_options(tree: app_commands.CommandTree[Any]) -> None:
    async def complete(given: Given, text: str) -> list[app_commands.Choice[str]]:
        questions = given.namespace.questions
        return [app_commands.Choice(name=f"{text} {questions}", value="end")]

    @tree.command()
    @app_commands.autocomplete(topic=complete)
    async def drill(
        given: Given, questions: app_commands.Range[int, 1, 5], topic: str = "all"
    ) -> None:
        """Ask some questions."""
        embed = discord.Embed(title=f"{questions} on {topic}", description="Begin?")
        await given.response.send_message(embed=embed, view=_view())

    @tree.command()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def setup(
        given: Given, who: discord.Member, where: discord.TextChannel, role: discord.Role
    ) -> None:
        """Change settings."""
        await given.response.send_message(
            f"{who.display_name} {where.name} {role.name} {given.locale} {given.guild_locale}",
            ephemeral=True,
        )


def _declare_replies(tree: app_commands.CommandTree[Any]) -> None:
    @tree.command()
    async def slow(given: Given, *, private: bool = False) -> None:
        """Take one's time."""
        await given.response.defer(ephemeral=private)
        await given.followup.send("first", ephemeral=not private)
        await given.followup.send("second", ephemeral=True)

    @tree.command()
    async def silent(given: Given) -> None:
        """Say nothing."""

    @tree.command()
    async def export(given: Given, kind: Literal["csv", "json"]) -> None:
        """Send a file."""
        file = discord.File(io.BytesIO(b"a,b"), f"data.{kind}")
        await given.response.send_message(file=file, ephemeral=True)


def _declare_family(tree: app_commands.CommandTree[Any]) -> None:
    team = app_commands.Group(name="team", description="Teams")

    @team.command()
    async def create(given: Given, name: str) -> None:
        """Make a team."""
        await given.response.send_message(f"team {name} in {given.context.guild}")

    tree.add_command(team)


class Place:
    """A server with a guild, a channel, Ann, and a client that is logged in."""

    def __init__(self, server: DiscordServer, client: Client) -> None:
        self.server, self.client = server, client
        self.guild = server.add_guild()
        self.channel = self.guild.add_text_channel()
        self.ann = server.add_person("Ann")

    @property
    def target(self) -> discord.PartialMessageable:
        """The channel as the client sees it."""
        return self.client.get_partial_messageable(int(self.channel.id))

    async def drill(self) -> Message:
        """A message with all kinds of components."""
        return await (await self.ann.slash(self.channel, "drill", questions=3)).settled()


@asynccontextmanager
async def logged_in(place: Place, shards: int = 1) -> AsyncIterator[None]:
    client, server = place.client, place.server
    await client.login(server.token)
    connection = asyncio.create_task(client.connect())
    try:
        await server.ready(shards)
        yield
    finally:
        await client.close()
        await connection


@asynccontextmanager
async def _server(monkeypatch: pytest.MonkeyPatch, **options: Any) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(**options) as server:
        monkeypatch.setattr(discord.http.Route, "BASE", server.api_base)
        monkeypatch.setattr(
            discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(server.gateway_url)
        )
        yield server


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    async with _server(monkeypatch) as server:
        yield server


@pytest.fixture
async def place(server: DiscordServer) -> AsyncIterator[Place]:
    place = Place(server, Client())
    async with logged_in(place):
        yield place


async def test_a_client_logs_in_and_syncs(place: Place) -> None:
    assert place.server.syncs == 1
    assert {each["name"] for each in place.server.commands} >= {"drill", "team", "Explain this"}
    assert place.client.application_id == place.server.application_id
    assert place.server.gateway.intents == {1}
    async with asyncio.timeout(PATIENCE):
        await place.client.wait_until_ready()
    assert [each.name for each in place.client.guilds] == ["Study group"]

    ids = {each["name"]: each["id"] for each in place.server.commands}
    await place.client.tree.sync()
    assert {each["name"]: each["id"] for each in place.server.commands} == ids
    await place.client.tree.sync(guild=discord.Object(int(place.guild.id)))
    assert place.server.syncs == 3
    assert place.guild.commands == []
    fetched = await place.client.tree.fetch_commands()
    assert {each.name: str(each.id) for each in fetched} == ids


async def test_a_wrong_token_is_refused(server: DiscordServer) -> None:
    async with Client() as client:
        with pytest.raises(discord.LoginFailure):
            await client.login("wrong")


async def test_a_token_that_was_taken_back_ends_the_connection(server: DiscordServer) -> None:
    async with Client() as client:
        await client.login(server.token)
        server.token = "another"
        client.shard_count = 1
        with pytest.raises(discord.ConnectionClosed) as closed:
            await client.connect()
        assert closed.value.code == Close.AUTHENTICATION_FAILED


async def test_privileged_intents_are_refused(server: DiscordServer) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        told = {"token": server.token, "intents": 1 << 15, "properties": {}}
        await socket.send_json({"op": 2, "d": told})
        await socket.receive()
        assert socket.close_code == Close.DISALLOWED_INTENTS


async def test_a_slash_command_is_answered(place: Place) -> None:
    sent = await place.ann.slash(place.channel, "drill", questions=3, topic="end")

    assert not sent.failed
    assert sent.elapsed is not None
    assert sent.elapsed < DEADLINE
    assert sent.message is not None
    assert sent.message.text == "3 on end\nBegin?"
    assert sent.message.buttons()["Manual"] == "https://example.org/"
    assert sent.message.selects() == {"pick": {"Choice 1": "1", "Choice 2": "2", "Choice 3": "3"}}
    assert place.channel.messages == [sent.message]
    assert await sent.settled() is sent.message


async def test_what_apps_do_not_offer_is_not_sent(place: Place) -> None:
    ann, channel = place.ann, place.channel
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("drill", {}),
        ("drill", {"questions": 6}),
        ("drill", {"questions": "3"}),
        ("drill", {"questions": 3, "answers": 3}),
        ("export", {"kind": "pdf"}),
        ("team", {}),
        ("team delete", {}),
        ("nothing", {}),
        ("setup", {"who": ann, "where": channel, "role": ann}),
    ]
    place.guild.join(ann, permissions=MANAGE_GUILD)
    for command, options in wrong:
        with pytest.raises(NotOffered):
            await ann.slash(channel, command, **options)
    assert place.server.interactions == []


async def test_commands_are_not_offered_to_everybody_and_everywhere(place: Place) -> None:
    ben = place.server.add_person("Ben")
    role = place.guild.add_role("Tutors", permissions=MANAGE_GUILD)
    given = {"who": ben, "where": place.channel, "role": role}
    with pytest.raises(NotOffered):
        await ben.slash(place.channel, "setup", **given)
    place.guild.join(ben, roles=[role])
    with pytest.raises(NotOffered):
        await ben.slash(ben.dm, "setup", **given)
    assert place.server.interactions == []
    assert not (await ben.slash(place.channel, "setup", **given)).failed


async def test_options_are_resolved(place: Place) -> None:
    boss = place.server.add_person("Boss", locale="de")
    place.guild.join(boss, admin=True, nick="The boss")
    role = place.guild.add_role("Tutors")
    sent = await boss.slash(place.channel, "setup", who=boss, where=place.channel, role=role)

    message = await sent.settled()
    assert message.text == "The boss general Tutors de en-GB"
    assert message.ephemeral
    assert message.visible_to is boss
    assert place.channel.messages == []
    assert boss.seen(place.channel) == [message]
    assert place.ann.seen(place.channel) == []


async def test_sub_commands_and_direct_messages(place: Place) -> None:
    here = await place.ann.slash(place.channel, "team create", name="Reds")
    there = await place.ann.slash(place.ann.dm, "team create", name="Reds")

    assert (await here.settled()).content == "team Reds in True"
    assert (await there.settled()).content == "team Reds in False"
    assert len(place.ann.dm.messages) == 1


async def test_messages_have_commands(place: Place) -> None:
    written = place.ann.write(place.channel, "dog")
    sent = await place.ann.context_menu(written, "Explain this")

    assert (await sent.settled()).content == "dog means much"


async def test_options_are_completed(place: Place) -> None:
    offered = await place.ann.autocomplete(place.channel, "drill", "topic", "e", {"questions": 2})

    assert offered == [{"name": "e 2", "value": "end"}]


async def test_a_button_changes_its_message(place: Place) -> None:
    message = await place.drill()
    sent = await place.ann.press(message, "more")

    assert await sent.settled() is message
    assert (message.content, message.components, message.edits) == ("pressed", [], 1)
    with pytest.raises(NotOffered):
        await place.ann.press(message, "more")


async def test_a_button_can_be_deferred(place: Place) -> None:
    message = await place.drill()
    sent = await place.ann.press(message, "wait")

    assert sent.deferred
    assert await sent.settled() is message
    assert message.content == "waited"


async def test_a_select_is_chosen_from(place: Place) -> None:
    message = await place.drill()
    sent = await place.ann.select(message, "pick", ["1", "3"])

    assert (await sent.settled()).content == "picked 1, 3"
    for values in ([], ["4"], ["1", "2", "3"]):
        with pytest.raises(NotOffered):
            await place.ann.select(message, "pick", values)


async def test_a_modal_is_submitted(place: Place) -> None:
    message = await place.drill()
    opened = await place.ann.press(message, "ask")

    assert opened.modal is not None
    assert opened.modal["title"] == "A question"
    with pytest.raises(AssertionError):
        await opened.settled()
    for text in ("", "x" * 21):
        with pytest.raises(NotOffered):
            await place.ann.submit(opened, {"text": text})
    sent = await place.ann.submit(opened, {"text": "hello"})
    assert (await sent.settled()) is message
    assert message.content == "typed hello"


@pytest.mark.parametrize("private", [True, False])
async def test_the_first_followup_fills_the_deferred_answer(place: Place, private: bool) -> None:
    sent = await place.ann.slash(place.channel, "slow", private=private)
    message = await sent.settled()
    while not sent.followups:
        await asyncio.sleep(0.005)

    assert sent.deferred
    assert message is sent.message
    assert (message.content, message.ephemeral) == ("first", private)
    assert [each.content for each in sent.followups] == ["second"]
    assert sent.followups[0].ephemeral
    assert place.channel.messages == ([] if private else [message])


async def test_files_are_kept(place: Place) -> None:
    sent = await place.ann.slash(place.channel, "export", kind="csv")
    message = await sent.settled()

    assert message.files == {"data.csv": b"a,b"}
    posted = await place.target.send(file=discord.File(io.BytesIO(b"!"), "a.txt"))
    assert place.channel.messages[0].files == {"a.txt": b"!"}
    await posted.edit(attachments=[*posted.attachments], content="kept")
    assert place.channel.messages[0].files == {"a.txt": b"!"}
    await posted.edit(attachments=[])
    assert place.channel.messages[0].files == {}


async def test_who_says_nothing_has_failed(place: Place) -> None:
    place.server.deadline = 0.05
    sent = await place.ann.slash(place.channel, "silent")

    assert sent.failed
    assert sent.message is None
    assert place.server.missed_deadlines == 1


async def test_a_late_response_is_refused(place: Place) -> None:
    place.server.deadline = 0.05
    place.server.delay("/interactions/", 0.08)
    sent = await place.ann.slash(place.channel, "drill", questions=1)
    while sent.late is None:
        await asyncio.sleep(0.005)

    assert sent.failed
    assert sent.late > 0.05


async def test_responses_are_taken_once_and_tokens_for_a_while(place: Place) -> None:
    sent = await place.ann.slash(place.channel, "drill", questions=1)
    base, app = place.server.api_base, place.server.application_id
    webhook = f"{base}/webhooks/{app}/{sent.token}"
    callback = f"{base}/interactions/{sent.id}/{sent.token}/callback"
    async with aiohttp.ClientSession() as session:

        async def ask(method: str, url: str, **body: Any) -> tuple[int, Json]:
            async with session.request(method, url, json=body) as response:
                return response.status, await response.json()

        status, told = await ask("POST", callback, type=5)
        assert (status, told["code"]) == (400, 40060)
        status, told = await ask("PATCH", f"{webhook}/messages/@original", content="new")
        assert (status, told["content"], told["type"]) == (200, "new", 20)
        status, told = await ask("POST", webhook, content="more")
        assert (status, told["id"]) == (200, sent.followups[0].id)
        sent.expire()
        status, told = await ask("POST", webhook, content="late")
        assert (status, told) == (401, {"message": "Invalid Webhook Token", "code": 50027})


async def test_messages_are_posted_changed_and_deleted(place: Place) -> None:
    sent = await place.target.send("one", nonce="n1")
    again = await place.target.send("one", nonce="n1")

    assert sent.id == again.id
    await sent.edit(content="two")
    message = place.channel.messages[0]
    assert (message.content, message.edits) == ("two", 1)
    assert (await place.target.fetch_message(sent.id)).content == "two"
    await sent.delete()
    assert message.deleted
    assert place.channel.messages == []
    with pytest.raises(discord.NotFound) as unknown:
        await sent.edit(content="three")
    assert unknown.value.code == 10008


async def test_a_channel_shows_its_latest_messages_and_nothing_that_others_wrote(
    place: Place,
) -> None:
    for text in ("one", "two"):
        await place.target.send(text)
    place.ann.write(place.channel, "three")
    assert [each.content async for each in place.target.history(limit=2)] == ["", "two"]
    place.channel.hides_history = True
    assert [each async for each in place.target.history()] == []


async def test_direct_messages_can_be_opened(place: Place) -> None:
    user = await place.client.create_dm(discord.Object(int(place.ann.id)))
    await user.send("hello")
    assert [each.content for each in place.ann.dm.messages] == ["hello"]
    for code, text in (NO_DMS, NO_MUTUAL_GUILDS):
        place.ann.refuses_dms = code, text
        with pytest.raises(discord.Forbidden) as refused:
            await user.send("hello?")
        assert refused.value.code == code


async def test_channels_can_be_closed_and_deleted(place: Place) -> None:
    async def refused() -> int:
        with pytest.raises(discord.HTTPException) as refusal:
            await place.target.send("hello")
        return refusal.value.code

    place.server.forbid(place.channel)
    assert await refused() == 50013
    place.server.forbid(place.channel, unseen=True)
    assert await refused() == 50001
    place.server.permit(place.channel)
    await place.target.send("hello")
    place.server.delete_channel(place.channel)
    assert await refused() == 10003
    place.server.remove_guild(place.guild)
    while place.client.gone != ["general", "Study group"]:
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "denied", [0, VIEW_CHANNEL, SEND_MESSAGES, SEND_IN_THREADS, EMBED_LINKS | MENTION_EVERYONE]
)
async def test_what_the_bot_may_do_is_what_the_library_makes_of_what_it_is_told(
    place: Place, denied: int
) -> None:
    thread = place.guild.add_thread(place.channel, announced=True)
    place.server.grant(place.guild, MENTION_EVERYONE)
    place.server.deny(place.channel, denied)
    role = place.guild.add_role("later")
    while not place.client.guilds or not place.client.guilds[0].get_role(int(role.id)):
        await asyncio.sleep(0.005)
    (guild,) = place.client.guilds
    for each in (place.channel, thread):
        channel = guild.get_channel_or_thread(int(each.id))
        assert channel
        assert channel.permissions_for(guild.me).value == each.app_permissions


async def test_embeds_that_are_not_allowed_are_refused_or_left_out(place: Place) -> None:
    place.server.deny(place.channel, EMBED_LINKS)
    with pytest.raises(discord.Forbidden):
        await place.target.send(embed=discord.Embed(title="Hello"))
    await place.target.send("Hello", embed=discord.Embed(title="Hello"))
    (message,) = place.channel.messages
    assert (message.content, message.embeds) == ("Hello", [])


async def test_a_role_is_notified_where_everybody_or_the_bot_may_mention_it(place: Place) -> None:
    shut, open_ = place.guild.add_role("Shut"), place.guild.add_role("Open", mentionable=True)
    anyone = discord.AllowedMentions(roles=True)
    for role in (shut, open_):
        await place.target.send(f"<@&{role.id}>", allowed_mentions=anyone)
    assert place.server.pings == [f"<@&{open_.id}>"]
    place.server.grant(place.guild, MENTION_EVERYONE)
    await place.target.send(f"<@&{shut.id}>", allowed_mentions=anyone)
    assert place.server.pings[1:] == [f"<@&{shut.id}>"]


async def test_a_guild_that_cannot_be_reached_is_not_one_that_is_left(place: Place) -> None:
    async with asyncio.timeout(10):
        await place.client.wait_until_ready()
    place.server.lose_guild(place.guild)
    while not place.client.guilds[0].unavailable:
        await asyncio.sleep(0.005)
    assert place.client.gone == []


async def test_too_long_a_text_is_refused_and_noted(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = list[discord.HTTPException]()

    async def noted(event: str, /, *_: Any, **__: Any) -> None:
        refusal = sys.exc_info()[1]
        assert isinstance(refusal, discord.HTTPException)
        refusals.append(refusal)

    monkeypatch.setattr(place.client, "on_error", noted)
    place.server.deadline = 0.2
    sent = await place.ann.press(await place.drill(), "long")

    assert sent.failed
    [violation] = place.server.violations
    assert "data.content: Must be between 0 and 2000 in length, has 2001" in violation
    assert [each.code for each in refusals] == [50035]
    assert "In data.content: Must be between" in str(refusals[0])


async def test_pings_are_noted(place: Place) -> None:
    none = discord.AllowedMentions.none()
    await place.target.send("@everyone <@1>", allowed_mentions=none)
    await place.target.send("`@everyone`")
    assert place.server.pings == []
    await place.target.send("@here <@&5>")
    await place.target.send(
        "<@1> <@2>",
        allowed_mentions=discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(2)]
        ),
    )
    assert place.server.pings == ["@here", "<@&5>", "<@2>"]


@pytest.mark.parametrize("code", [None, 1012, 4000])
async def test_a_dropped_gateway_is_resumed(place: Place, code: int | None) -> None:
    await place.server.drop_gateway(code=code)
    sent = await place.ann.slash(place.channel, "drill", questions=1)

    assert not sent.failed
    assert place.server.gateway.resumed == 1
    assert place.server.gateway.identified == 1


async def test_clients_are_asked_to_reconnect(place: Place) -> None:
    place.server.gateway.ask_to_reconnect()
    while not place.server.gateway.resumed:
        await asyncio.sleep(0.005)

    assert not (await place.ann.slash(place.channel, "drill", questions=1)).failed


async def test_a_session_that_is_over_begins_anew(place: Place) -> None:
    place.server.gateway.refuse_resume = True
    await place.server.drop_gateway()
    while place.server.gateway.identified < 2:
        await asyncio.sleep(0.005)

    assert place.server.gateway.resumed == 0
    assert not (await place.ann.slash(place.channel, "drill", questions=1)).failed


async def test_sessions_end_with_their_clients(server: DiscordServer) -> None:
    place = Place(server, Client())
    async with logged_in(place):
        assert len(server.gateway.connected()) == 1
    async with asyncio.timeout(PATIENCE):
        while server.gateway.sessions:
            await asyncio.sleep(0.005)


async def test_two_shards_serve_their_own_guilds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with _server(monkeypatch, shards=2) as server:
        place = Place(server, Client())
        channels = [server.add_guild(shard=each).add_text_channel() for each in (0, 1)]
        async with logged_in(place, shards=2):
            assert place.client.shard_count == 2
            await server.drop_gateway(shard=0)
            for channel in channels:
                assert not (await place.ann.slash(channel, "drill", questions=1)).failed
            assert server.gateway.resumed == 1


async def test_rate_limits_are_waited_for(place: Place) -> None:
    place.server.fail("POST", "/channels/.*/messages", 429, times=2, retry_after=0.05)
    await place.target.send("hello")
    place.server.fail("POST", "/webhooks/", 429, retry_after=0.05)
    sent = await place.ann.slash(place.channel, "slow")

    assert (await sent.settled()).content == "first"
    assert place.server.requests["POST /channels/{channel}/messages"] == 3
    assert len(place.channel.messages) == 2


async def test_limits_of_messages_are_kept(place: Place) -> None:
    place.server.limit_messages(2, per=0.2)
    began = asyncio.get_running_loop().time()
    for number in range(5):
        await place.target.send(str(number))

    assert asyncio.get_running_loop().time() - began > 0.35
    assert [each.content for each in place.channel.messages] == list("01234")


async def test_errors_of_discord_are_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.server.fail("POST", "/channels/.*/messages", 502)
    slept = list[float]()
    real = asyncio.sleep

    async def sleep(seconds: float, *_: Any) -> None:
        slept.append(seconds)
        await real(0)

    monkeypatch.setattr("discord.http.asyncio.sleep", sleep)
    await place.target.send("hello")
    monkeypatch.undo()

    assert 1 in slept
    assert len(place.channel.messages) == 1


async def test_a_lost_response_took_effect(place: Place) -> None:
    place.server.lose_response("POST", "/channels/.*/messages")
    with pytest.raises((aiohttp.ClientError, OSError)):
        await place.target.send("hello", nonce="n")
    assert [each.content for each in place.channel.messages] == ["hello"]
    await place.target.send("hello", nonce="n")
    assert len(place.channel.messages) == 1


async def test_memory_stays_flat_where_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.stand_ins.discord.server.RECENT", 3)
    async with _server(monkeypatch, keep=False) as server:
        place = Place(server, Client())
        async with logged_in(place):
            for _ in range(5):
                assert not (await place.ann.press(await place.drill(), "wait")).failed
        assert (len(server.interactions), len(place.channel.history)) == (0, 0)
        assert (len(server.by_token), len(server.messages)) == (3, 3)


def _problems(body: Json, **files: Any) -> list[str]:
    return [".".join(map(str, each.path)) for each in limits.message(body, **files)]


def _row(*inner: Json) -> list[Json]:
    return [{"type": 1, "components": list(inner)}]


def _button(**changed: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes", **changed}


def _select(count: int = 2, **changed: Any) -> Json:
    options = [{"label": str(each), "value": str(each)} for each in range(count)]
    return {"type": 3, "custom_id": "s", "options": options, **changed}


FIELD = {"name": "a", "value": "b"}
LINK = {"type": 2, "style": 5, "label": "There", "url": "https://example.org/"}


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000},
        {"embeds": [{"title": "x" * 256, "description": "x" * 4096}]},
        {"embeds": [{"fields": [{"name": "x" * 256, "value": "x" * 100}] * 10}]},
        {"components": _row(_button(label="x" * 80, custom_id="x" * 100), LINK)},
        {"components": _row(_select(25, placeholder="x" * 150, min_values=0, max_values=25))},
        {"content": "x", "allowed_mentions": {"parse": ["users"], "roles": ["1"]}, "nonce": "n"},
    ],
)
def test_messages_within_the_limits_are_fine(body: Json) -> None:
    assert _problems(body) == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "content"),
        ({"content": " "}, "content"),
        ({"content": "x" * 2001}, "content"),
        ({"content": 5, "embeds": [{"title": "x"}]}, "content"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
        ({"embeds": [{"fields": [FIELD] * 26}]}, "embeds.0.fields"),
        ({"embeds": [{"fields": [{**FIELD, "value": " "}]}]}, "embeds.0.fields.0.value"),
        ({"embeds": [{"fields": [{**FIELD, "name": "x" * 257}]}]}, "embeds.0.fields.0.name"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"image": {"url": "attachment://a.png"}}]}, "embeds.0.image.url"),
        ({"embeds": [{"color": 5}]}, "embeds.0"),
        ({"components": _row(_button()) * 6}, "components"),
        ({"components": _row()}, "components.0.components"),
        ({"components": [_button()]}, "components.0.type"),
        ({"components": _row(_button(), _button())}, "components"),
        ({"components": _row(_button(), _select())}, "components.0.components"),
        ({"components": _row(_button(label="x" * 81))}, "components.0.components.0.label"),
        ({"components": _row(_button(custom_id=""))}, "components.0.components.0.custom_id"),
        ({"components": _row(_button(custom_id=None))}, "components.0.components.0.custom_id"),
        ({"components": _row(_button(url="https://a.b"))}, "components.0.components.0.url"),
        ({"components": _row({**LINK, "custom_id": "x"})}, "components.0.components.0.custom_id"),
        ({"components": _row(_select(26))}, "components.0.components.0.options"),
        ({"components": _row(_select(max_values=3))}, "components.0.components.0.max_values"),
        ({"components": _row(_select(min_values=2))}, "components.0.components.0.min_values"),
        (
            {"components": _row(_select(placeholder="x" * 151))},
            "components.0.components.0.placeholder",
        ),
        (
            {"components": _row(_select(options=[{"label": "a", "value": "b"}] * 2))},
            "components.0.components.0.options",
        ),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse"),
        (
            {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            "allowed_mentions.users",
        ),
        ({"content": "x", "nonce": "x" * 26}, "nonce"),
        ({"content": "x", "attachments": [{"id": 0}]}, "attachments.0.id"),
    ],
)
def test_messages_beyond_the_limits_are_refused(body: Json, place: str) -> None:
    assert place in _problems(body)


def test_files_can_be_referred_to() -> None:
    body = {
        "attachments": [{"id": 0}, {"id": "99"}],
        "embeds": [{"image": {"url": f"attachment://{name}"}} for name in ("new.png", "old.png")],
    }
    assert _problems(body, new_files={"0": "new.png"}, old_files={"99": "old.png"}) == []


def _modal(*parts: Json, **changed: Any) -> Json:
    return {"title": "Q", "custom_id": "q", "components": list(parts), **changed}


def _input(**changed: Any) -> Json:
    return {"type": 4, "custom_id": "i", "style": 1, **changed}


def _label(**changed: Any) -> Json:
    return {"type": 18, "label": "L", "component": _input(), **changed}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_modal(_label()), None),
        (_modal(*_row(_input(label="L"))), None),
        (_modal(_label(component=_select())), None),
        (_modal(_label(), title="x" * 46), "title"),
        (_modal(), "components"),
        (_modal(_label(), _label()), "components"),
        (_modal(*_row(_input())), "components.0.components.0.label"),
        (_modal(*_row(_button())), "components.0.components.0.type"),
        (_modal(_label(label="x" * 46)), "components.0.label"),
        (_modal(_label(component=_button())), "components.0.component.type"),
        (
            _modal(_label(component=_input(placeholder="x" * 101))),
            "components.0.component.placeholder",
        ),
        (_modal(_label(component=_input(max_length=4001))), "components.0.component.max_length"),
        (
            _modal(_label(component=_input(min_length=5, max_length=4))),
            "components.0.component.min_length",
        ),
    ],
)
def test_modals_are_checked(body: Json, place: str | None) -> None:
    found = [".".join(map(str, each.path)) for each in modal_limits.modal(body)]
    assert found == [] if place is None else place in found


def _command(*options: Json, **changed: Any) -> Json:
    return {"name": "quiz", "description": "Ask", "options": list(options), **changed}


def _option(**changed: Any) -> Json:
    return {"name": "topic", "description": "Which", "type": 3, **changed}


CHOICE = {"name": "a", "value": "a"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (_command(_option(required=True), _option(name="more")), None),
        (_command(_option(type=1, options=[_option()])), None),
        ({"name": "Explain This", "type": 3}, None),
        (_command(name="Quiz"), "0.name"),
        (_command(description=""), "0.description"),
        (_command(_option(), _option()), "0.options"),
        (_command(_option(), _option(name="more", required=True)), "0.options"),
        (_command(_option(), _option(name="sub", type=1)), "0.options"),
        (_command(_option(choices=[CHOICE] * 26)), "0.options.0.choices"),
        (_command(_option(choices=[CHOICE], type=4)), "0.options.0.choices"),
        (_command(_option(choices=[CHOICE], autocomplete=True)), "0.options.0.autocomplete"),
        (_command(_option(type=4, min_value=3, max_value=2)), "0.options.0.min_value"),
        (_command(_option(min_value=3)), "0.options.0.min_value"),
        (_command(_option(name="x" * 33)), "0.options.0.name"),
        (_command(contexts=[3]), "0.contexts"),
        (_command(_option(description="x" * 101)), "0.options.0.description"),
    ],
)
def test_commands_are_checked(body: Json, place: str | None) -> None:
    found = [".".join(map(str, each.path)) for each in command_limits.commands([body])]
    assert found == [] if place is None else place in found
