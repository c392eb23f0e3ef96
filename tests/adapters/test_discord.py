"""What's specific to Discord: shards, direct messages, command sync, tokens, processes."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from discord import Intents, Locale

from adapters.discord.client import StudyhallClient
from adapters.discord.invite import log_in
from adapters.discord.respond import DEFER_AFTER_SECONDS
from adapters.discord.zones import ZONES
from bot.engine.events import Channel, Event
from bot.engine.library import Library
from bot.engine.screens import Reply
from tests.conformance.bot import Bot, NoPictures
from tests.conformance.chat import Named, Shown
from tests.conformance.discord import DiscordChat, _shown
from tests.samples import TickingClock, save_pack, small_pack
from tests.stand_ins.discord import DiscordServer, Interaction, Message, NotOffered
from tests.stand_ins.discord.components import IS_COMPONENTS_V2
from tests.stand_ins.discord.interactions import DEADLINE, Response
from tests.stand_ins.discord.server import TOKEN
from tests.stand_ins.discord.world import SEND_MESSAGES, Guild


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[DiscordChat]:
    async with DiscordChat.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/discord.db"
    ) as chat:
        yield chat


async def answer_to(sent: Interaction) -> Shown:
    assert not sent.failed
    return _shown(await sent.settled())


async def test_no_privileged_intent_is_asked_for(chat: DiscordChat) -> None:
    (asked,) = chat.server.gateway.intents
    assert Intents._from_value(asked) == Intents(guilds=True)


async def test_commands_are_synced_once_however_often_the_bot_starts(chat: DiscordChat) -> None:
    await chat.restart()
    await chat.restart()
    assert chat.server.syncs == 1
    await chat.bot.store.settings.set(
        f"discord-commands-{chat.client.application_id}", "of an old version"
    )
    await chat.restart()
    assert chat.server.syncs == 2


async def test_command_ids_survive_a_restart_and_are_fetched_if_lost(
    chat: DiscordChat,
) -> None:
    shown = await chat.call("daily show")
    assert chat.named(shown) == ["daily set time:09:00"]
    await chat.restart()
    assert chat.named(await chat.call("daily show")) == ["daily set time:09:00"]
    key = f"discord-command-ids-{chat.client.application_id}"
    await chat.bot.store.settings.set(key, "")
    await chat.restart()
    assert chat.named(await chat.call("daily show")) == ["daily set time:09:00"]
    assert await chat.bot.store.settings.get(key)
    assert chat.server.syncs == 1


async def test_posts_and_direct_messages_mention_commands_too(chat: DiscordChat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", zone="UTC"), "Save")
    chat.forbid_posts()
    await chat.until(9)
    told = _shown(chat._person("ann").dm.messages[-1])
    assert chat.named(told) == ["daily resume"]


async def test_commands_appear_where_they_work_and_to_whom_they_are_for(chat: DiscordChat) -> None:
    ann, bob = chat._person("ann"), chat._person("bob")
    assert "Question 1" in (await answer_to(await bob.slash(bob.dm, "drill", topic="alpha"))).text
    assert "Fact 1" in (await answer_to(await bob.slash(bob.dm, "explain", topic="hpo"))).text
    for command in ("question", "leaderboard", "team list", "settings"):
        with pytest.raises(NotOffered):
            await bob.slash(bob.dm, command)
    assert "Only admins" in (await answer_to(await bob.slash(chat.general, "settings"))).text
    assert "Channel settings" in (await answer_to(await ann.slash(chat.general, "settings"))).text
    with pytest.raises(NotOffered):
        await ann.slash(chat.general, "home")


async def test_progress_follows_a_member_into_direct_messages(chat: DiscordChat) -> None:
    ann = chat._person("ann")
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    stats = await answer_to(await ann.slash(ann.dm, "stats"))
    assert "1 (100%)" in stats.text


async def test_the_text_remains_if_the_picture_cannot_be_drawn(chat: DiscordChat) -> None:
    chat.client._pictures = NoPictures()
    shown = await chat.press(await chat.call("stats"), "Chart")
    assert shown.file is None
    assert "Couldn't show the picture" in shown.text


async def test_a_board_names_its_members_in_words_and_marks_who_left(chat: DiscordChat) -> None:
    for user in ("bob", "<@1>*eve*"):
        await chat.answer(await chat.call("drill", user=user, questions=1), user=user)
    chat.guild.leave(chat._person("bob"))
    board = await chat.call("leaderboard")
    assert "bob (left) · 10 points" in board.text
    assert "<@1>*eve* · 10 points" in board.text
    assert f"<@{chat._person('bob').id}>" not in board.text
    await chat.press(board, "Post to channel")
    assert "bob (left)" in (await chat.channel()).text


async def test_a_message_can_be_explained(chat: DiscordChat) -> None:
    ann = chat._person("ann")
    message = ann.write(chat.general, "what does hpo mean?")
    shown = await answer_to(await ann.context_menu(message, "Explain this"))
    assert "About beta" in shown.text
    assert shown.private


async def test_embeds_and_layouts_are_explained_too(chat: DiscordChat) -> None:
    app = chat._person("robot")
    embed = {"type": "rich", "fields": [{"name": "News", "value": "what does hpo mean?"}]}
    shown = [{"type": 10, "content": "what does hpo mean?"}]
    section = {"type": 9, "components": shown, "accessory": {"type": 2, "custom_id": "x|vote:1"}}
    for content in (
        {"embeds": [embed]},
        {"components": [{"type": 17, "components": [section]}], "flags": IS_COMPONENTS_V2},
    ):
        message = app.write(chat.general, "")
        for name, value in content.items():
            setattr(message, name, value)
        assert "About beta" in (await chat.explain(_shown(message))).text
    empty = await chat.explain(_shown(app.write(chat.general, "")))
    assert "This message has no text to look up" in empty.text


async def test_every_kind_of_question_is_recognized(chat: DiscordChat) -> None:
    for _ in range(7):
        await chat.call("question", topic="beta", minutes=1)
        assert "Answer it first" in (await chat.explain(await chat.channel())).text
        await chat.passes(61)


async def test_a_channel_that_an_admin_cannot_see_is_not_set_up_by_them(chat: DiscordChat) -> None:
    chat.add_channel("secret", hidden_from="ann")
    shown = await chat.call("setup")
    refused = await chat.choose(shown, "Channel", Named("secret"))
    assert "Choose another one" in refused.text
    assert "general" not in refused.text
    other = chat.server.add_guild("Elsewhere").add_text_channel("there")
    message, action = shown.source, chat.menu_action(shown, "Channel")
    sent = await chat._person("ann").select(message, action, [other])
    assert "Choose another one" in (await answer_to(sent)).text
    chat.server.fail("GET", "/guilds/", 503, times=None)
    assert "Choose another one" in (await chat.choose(shown, "Channel", Named("secret"))).text


@pytest.mark.parametrize("custom_id", ["step|x", "step|fly|0|answer:7:", "step|order|x|answer:7:"])
async def test_a_malformed_selection_is_an_old_button(
    chat: DiscordChat, caplog: pytest.LogCaptureFixture, custom_id: str
) -> None:
    await chat.call("question")
    options = [{"label": "red", "value": "0"}, {"label": "green", "value": "1"}]
    select = {"type": 3, "custom_id": custom_id, "options": options}
    old = replace(chat.general.messages[-1], components=[{"type": 1, "components": [select]}])
    shown = await answer_to(await chat._person("ann").select(old, custom_id, ["0"]))
    assert "older version" in shown.text
    assert [each for each in caplog.records if each.levelno > logging.INFO] == []


async def test_a_pack_is_chosen_in_a_form(chat: DiscordChat) -> None:
    packs = (small_pack(), small_pack(id="other", title="Other"))
    chat.bot.desk.library = Library(packs)
    shown = await chat.fill(await chat.call("setup"), "Change pack", {"Pack": "Other"})
    assert "Other" in shown.text
    assert shown.menus.keys() >= {"Channel", "Time", "Time zone"}
    assert "Saved" in (await chat.press(shown, "Save")).text
    assert "Other" in (await chat.call("settings")).text


async def test_a_menu_holds_as_much_as_discord_allows(chat: DiscordChat) -> None:
    await chat.press(await chat.call("daily set", time="09:00", zone="Kathmandu"), "Save")
    shown = await chat.call("setup")
    assert len(shown.menus["Time zone"]) == 25
    assert shown.menus["Time zone"][0] == "Asia/Kathmandu (UTC+05:45)"
    assert shown.menus["Time zone"][-1] == "Other…"


async def hello_in(chat: DiscordChat, guild: Guild) -> Shown:
    """The greeting, once it's there."""
    async with asyncio.timeout(30):
        while not (posted := [each for place in guild.channels for each in place.messages]):
            await asyncio.sleep(0.01)
    (message,) = posted
    return _shown(message)


async def test_a_new_server_is_greeted_once(chat: DiscordChat) -> None:
    await chat.client.wait_until_ready()
    assert chat.general.messages == [], "the bot was in this one before it started"
    guild = chat.server.add_guild("New", channels=["general", "quiz"])
    hello = await hello_in(chat, guild)
    assert "Hi, I'm Studyhall" in hello.text
    assert chat.named(hello) == ["setup", "drill", "help"]
    assert len(guild.channels[0].messages) == 1
    chat.server.lose_guild(guild)
    await chat.server.gateway.forget()
    await chat.restart()
    await chat.client.wait_until_ready()
    chat.server.remove_guild(guild)
    chat.server.invite(guild)
    other = chat.server.add_guild("Another", channels=["general"])
    await hello_in(chat, other)
    await hello_in(chat, guild)
    chat.server.remove_guild(guild)
    await chat.passes(8 * 86_400)
    chat.server.invite(guild)
    async with asyncio.timeout(30):
        while len(guild.channels[0].messages) < 2:
            await asyncio.sleep(0.01)


async def test_a_greeting_goes_where_the_bot_may_write(chat: DiscordChat) -> None:
    await chat.client.wait_until_ready()
    guild = Guild("New", shelf=chat.server.channels)
    rules, system, talk = map(guild.add_text_channel, ("rules", "system", "talk"))
    rules.denied = SEND_MESSAGES
    guild.system_channel = system
    chat.server.invite(guild)
    await hello_in(chat, guild)
    assert [len(each.messages) for each in (rules, system, talk)] == [0, 1, 0]
    closed = Guild("Closed", shelf=chat.server.channels)
    rules, system, talk = map(closed.add_text_channel, ("rules", "system", "talk"))
    rules.denied = system.denied = SEND_MESSAGES
    closed.system_channel = system
    chat.server.invite(closed)
    await hello_in(chat, closed)
    assert [len(each.messages) for each in (rules, system, talk)] == [0, 0, 1]
    silent = Guild("Silent", shelf=chat.server.channels)
    silent.add_text_channel("rules").denied = SEND_MESSAGES
    chat.server.invite(silent)
    await hello_in(chat, chat.server.add_guild("Next", channels=["general"]))
    assert silent.channels[0].messages == []


async def test_an_outdated_command_gets_a_helpful_reply(chat: DiscordChat) -> None:
    chat.server.commands.append({"id": "1", "name": "ancient", "type": 1})
    shown = await answer_to(await chat._person("ann").slash(chat.general, "ancient"))
    assert "was updated" in shown.text


async def test_suggestions_fit_and_come_in_time(chat: DiscordChat) -> None:
    ann = chat._person("ann")
    await ann.autocomplete(chat.general, "explain", "topic", "a")
    (sent,) = chat.server.interactions
    assert sent.elapsed is not None
    assert sent.elapsed < DEADLINE


async def test_the_clock_of_a_round_starts_when_discord_has_confirmed_it(chat: DiscordChat) -> None:
    chat.refuse_posts(429)
    asking = asyncio.create_task(chat.call("question", minutes=1))
    while not chat.server.requests["POST /channels/{channel}/messages"]:
        await asyncio.sleep(0.01)
    chat.clock.now += timedelta(seconds=5)
    confirmed = chat.clock()
    await asking
    post = await chat.bot.store.answers.view(1, _member(chat, "ann"))
    assert post is not None
    assert post.round.closes_at is not None
    assert post.round.closes_at >= confirmed + timedelta(minutes=1)


def test_deferring_leaves_time_for_the_network() -> None:
    assert DEADLINE / 2 > DEFER_AFTER_SECONDS


async def test_a_reply_too_late_to_be_private_is_explained_in_the_channel(
    chat: DiscordChat,
) -> None:
    shown = await chat.call("drill", topic="alpha", questions=1)
    chat.slow_down(1.6)
    answering = asyncio.create_task(chat.answer(shown))
    while not any(each.deferred for each in chat.server.interactions):
        await asyncio.sleep(0.01)
    for each in chat.server.interactions:
        each.expire()
    while not await chat.posted():
        await asyncio.sleep(0.01)
    answering.cancel()
    told = await chat.channel()
    assert chat._person("ann").id in told.text
    assert "Discord won't let me reply in private" in told.text
    assert "Right" not in told.text
    stats = await chat.call("stats")
    assert "1 (100%)" in stats.text


async def press_slowly(chat: DiscordChat, press: Awaitable[Shown]) -> tuple[Response, Shown]:
    """How a press that takes too long is deferred, and its reply."""
    handle = chat.bot.desk.handle

    async def late(event: Event) -> Reply:
        await asyncio.sleep(DEFER_AFTER_SECONDS + 0.2)
        return await handle(event)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat.bot.desk, "handle", late)
        led_to = await press
    sent = chat.server.interactions[-1]
    assert sent.response is not None
    return Response(sent.response["type"]), led_to


async def test_a_slow_press_shows_progress_where_its_reply_will_be(
    chat: DiscordChat,
) -> None:
    await chat.call("question", topic="alpha")
    public = await chat.channel()
    how, verdict = await press_slowly(chat, chat.answer(public))
    assert how is Response.DEFERRED_ANSWER
    assert verdict.private
    how, explained = await press_slowly(chat, chat.press(verdict, "Explain"))
    assert how is Response.DEFERRED_ANSWER
    assert "About alpha" in explained.text
    assert _source(explained).id != _source(verdict).id
    board = await chat.call("leaderboard")
    how, turned = await press_slowly(chat, chat.press(board, "All time"))
    assert how is Response.DEFERRED_UPDATE
    assert "all time" in turned.text
    assert _source(turned).id == _source(board).id
    while chat.client.deferred < 3:
        await asyncio.sleep(0.01)
    await chat.call("stats")
    assert chat.client.deferred == 3


async def test_a_slow_press_with_a_notice_leaves_the_private_message_unchanged(
    chat: DiscordChat,
) -> None:
    await chat.call("season start", name="Autumn")
    asked = await chat.call("season start", name="Winter")
    await chat.press(asked, "End it")
    how, refused = await press_slowly(chat, chat.press(asked, "End it"))
    assert how is Response.DEFERRED_UPDATE
    assert "Another season" in refused.text
    assert _source(refused).id != _source(asked).id


async def test_a_lost_confirmation_of_an_acknowledgement_is_not_a_failure(
    chat: DiscordChat, caplog: pytest.LogCaptureFixture
) -> None:
    chat.server.lose_response("POST", "/callback")
    shown = await chat.call("drill", topic="alpha", questions=1)
    assert "Question 1 of 1" in shown.text
    await asyncio.sleep(0.05)
    assert "Traceback" not in caplog.text


async def test_each_shard_serves_its_servers(tmp_path: Path) -> None:
    async with DiscordServer(shards=2) as server:
        guilds = [server.add_guild(f"Guild {n}", shard=n % 2) for n in range(6)]
        channels = [guild.add_text_channel() for guild in guilds]
        ann = server.add_person("Ann")
        async with _client(server, f"sqlite:///{tmp_path}/shards.db") as bot:
            await server.ready(shards=2)
            for channel in channels:
                shown = await answer_to(await ann.slash(channel, "question", topic="alpha"))
                assert "Posted" in shown.text
            await bot.passes(600)
        assert all("Result" in channel.messages[0].text for channel in channels)
        assert server.violations == []


async def test_two_processes_share_shards_and_one_database(database_url: str) -> None:
    async with DiscordServer(shards=2) as server:
        channels = [server.add_guild(shard=shard).add_text_channel() for shard in (0, 1)]
        bob = server.add_person("Bob")
        one = _client(server, database_url, shard_count=2, shard_ids=[0])
        two = _client(server, database_url, shard_count=2, shard_ids=[1])
        async with one, two:
            await server.ready(shards=2)
            drill = await answer_to(
                await bob.slash(channels[0], "drill", topic="alpha", questions=1)
            )
            assert "Question 1" in drill.text
            assert (
                "You haven't answered anything"
                in (await answer_to(await bob.slash(channels[1], "stats"))).text
            )
        assert server.syncs == 1


async def test_a_servers_language_suggests_its_time_zone(chat: DiscordChat) -> None:
    assert "Europe/London" in (await chat.call("daily set", time="09:00")).text
    chat.guild.locale = "ja"
    shown = await chat.call("daily set", time="09:00")
    assert "Asia/Tokyo is a guess" in shown.text
    assert "in Tokyo (Asia/Tokyo)" in shown.text
    chat.guild.locale = "en-US"
    assert "at 09:00 in UTC" in (await chat.call("daily set", time="09:00")).text


def test_every_suggested_zone_exists() -> None:
    assert {*ZONES, "en-US"} == {each.value for each in Locale}
    assert set(ZONES.values()) <= available_timezones()


async def test_an_unreachable_server_keeps_its_daily(
    chat: DiscordChat,
) -> None:
    await chat.press(await chat.call("daily set", time="09:00"), "Save")
    chat.server.lose_guild(chat.guild)
    while not chat.client.guilds[0].unavailable:
        await asyncio.sleep(0.01)
    assert "Next question" in (await chat.call("daily show")).text


async def test_a_daily_is_paused_when_the_server_removes_the_bot(chat: DiscordChat) -> None:
    await chat.press(await chat.call("daily set", time="09:00"), "Save")
    chat.server.remove_guild(chat.guild)
    while (daily := await chat.bot.store.dailies.of(_channel(chat))) and not daily.paused:
        await asyncio.sleep(0.01)
    assert daily is not None
    assert "removed" in daily.paused


@asynccontextmanager
async def _client(server: DiscordServer, database: str, **shards: Any) -> AsyncIterator[Bot]:
    clock = TickingClock(datetime.fromtimestamp(server.clock(), UTC))
    bot = await Bot.start(small_pack(), database, clock)
    client = StudyhallClient(bot.desk, bot.store, **shards)
    await log_in(client, server.token, server.api_base)
    bot.posters["discord"] = client.poster
    connection = asyncio.create_task(client.connect())
    try:
        yield bot
    finally:
        await client.close()
        await connection
        await bot.stop()


def _channel(chat: DiscordChat) -> Channel:
    return Channel("discord", chat.guild.id, chat.general.id)


def _source(shown: Shown) -> Message:
    assert isinstance(shown.source, Message)
    return shown.source


def _member(chat: DiscordChat, name: str) -> Any:
    from bot.engine.events import Member

    assert chat.general.guild is not None
    return Member("discord", chat.general.guild.id, chat._person(name).id)


# The program itself, in a process of its own.


def environment(tmp_path: Path, server: DiscordServer, **more: str) -> Mapping[str, str]:
    return os.environ | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/run.db",
        "STUDYHALL_DISCORD_TOKEN": TOKEN,
        "STUDYHALL_DISCORD_API_BASE": server.api_base,
        **more,
    }


async def studyhall(env: Mapping[str, str], *words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, env=env, stdout=pipe, stderr=pipe
    )


async def test_a_wrong_token_is_one_line_and_exit_2(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        env = environment(tmp_path, server, STUDYHALL_DISCORD_TOKEN="secret.wrong.token")
        process = await studyhall(env, "run")
        out, err = await process.communicate()
    assert process.returncode == 2
    assert b"Copy a new one" in err.splitlines()[-1]
    assert b"Traceback" not in err
    assert b"secret" not in out + err


async def test_without_a_token_the_program_says_what_to_set(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        env = environment(tmp_path, server, STUDYHALL_DISCORD_TOKEN="")
        process = await studyhall(env, "run", "discord")
        _, err = await process.communicate()
    assert process.returncode == 2
    assert b"STUDYHALL_DISCORD_TOKEN" in err


async def test_the_invite_link_asks_for_the_fewest_permissions(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        process = await studyhall(environment(tmp_path, server), "discord", "invite")
        out, err = await process.communicate()
    assert re.fullmatch(
        rb"https://discord.com/oauth2/authorize\?client_id=\d+&scope=bot\+applications.commands"
        rb"&permissions=309237763072\n",
        out,
    ), out
    assert err == b"", "not even about voice"


async def test_the_first_lines_of_the_log_are_ours(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        process = await studyhall(environment(tmp_path, server), "run")
        await server.ready()
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
    assert process.returncode == 0
    first, *_ = lines = err.decode().splitlines()
    assert "synced slash commands" in first, first
    assert not any("voice" in line for line in lines)


async def test_killed_between_post_and_press_nothing_is_lost_and_a_stop_is_clean(
    tmp_path: Path,
) -> None:
    pack = small_pack()
    folder = save_pack(pack, tmp_path / "pack")
    async with DiscordServer() as server:
        guild = server.add_guild()
        channel = guild.add_text_channel()
        ann, bob = server.add_person("Ann"), server.add_person("Bob")
        guild.join(ann, admin=True)
        env = environment(tmp_path, server)
        process = await studyhall(env, "run", "--pack", str(folder))
        await server.ready()
        await answer_to(await ann.slash(channel, "question", topic="alpha"))
        drill = await answer_to(await bob.slash(channel, "drill", topic="alpha", questions=1))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        await server.gateway.forget()

        process = await studyhall(env, "run", "--pack", str(folder))
        await server.ready()
        stop = next(c["custom_id"] for c in drill.source.controls() if c.get("label") == "Stop")
        summary = await answer_to(await bob.press(drill.source, stop))
        assert "Drill finished" in summary.text
        assert len(channel.messages) == 1
        began = asyncio.get_running_loop().time()
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
        assert asyncio.get_running_loop().time() - began < 10
        assert process.returncode == 0
        assert b"Traceback" not in err
        assert TOKEN.encode() not in err


async def test_a_running_event_finishes_before_shutdown(chat: DiscordChat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=1)
    chat.slow_down(0.5)
    answering = asyncio.create_task(chat.answer(shown))
    while not chat.bot.store.answers.accepting:
        await asyncio.sleep(0.01)
    await chat.client.leave()
    assert "Right · 10 points" in (await answering).text


async def test_an_admin_command_in_a_mixed_family_is_for_admins_only(chat: DiscordChat) -> None:
    await chat.call("team create", name="Owls")
    refused = await chat.call("team move", user="bob", member="bob", team="Owls")
    assert "Only admins" in refused.text
    assert "bob is now in Owls" in (await chat.call("team move", member="bob", team="Owls")).text


async def test_a_role_manages_once_it_is_named_whatever_the_integration_allows(
    chat: DiscordChat,
) -> None:
    chat.guild.allowed["settings"] = chat.guild.add_role("Tutors")
    chat._person("bob")
    chat.give_role("Tutors", "bob")
    assert "Only admins" in (await chat.call("settings", user="bob", zone="CST")).text
    while "everyone with Tutors" not in (await chat.call("settings", managers="Tutors")).text:
        pass  # Discord reports a new role a moment later.
    asked = await chat.call("settings", user="bob", zone="CST")
    await chat.passes(3600)
    assert "midnight in Chicago" in (await chat.press(asked, "Chicago", user="bob")).text
    asked = await chat.call("settings", user="bob", zone="CST")
    chat.give_role("Tutors")
    assert "Only admins" in (await chat.press(asked, "Chicago", user="bob")).text


async def test_every_command_is_shown_to_everyone(chat: DiscordChat) -> None:
    assert {each["default_member_permissions"] for each in chat.server.commands} == {None}


async def test_a_button_that_everyone_sees_makes_no_one_an_admin(chat: DiscordChat) -> None:
    asked = await chat.call("settings", zone="CST")
    await chat.call("question")
    public = chat.general.messages[-1]
    public.components = _source(asked).components
    assert "Only admins" in (await chat.press(_shown(public), "Chicago", user="bob")).text


async def test_a_forged_button_makes_no_one_an_admin(
    chat: DiscordChat,
) -> None:
    asked = await chat.call("settings", zone="CST")
    own = _source(await chat.call("help", user="bob"))
    forged = replace(own, components=_source(asked).components)
    assert "Only admins" in (await chat.press(_shown(forged), "Chicago", user="bob")).text


async def test_a_button_of_a_command_for_everyone_makes_no_one_an_admin(
    chat: DiscordChat,
) -> None:
    saved = await chat.call("daily set", time="09:00")
    await chat.press(saved, "Save")
    skipped = await chat.call("daily skip", dates="2099-12-24")
    shown = _source(await chat.call("daily show", user="bob"))
    assert shown.buttons() == {}
    for admins in (saved, skipped):
        private = replace(shown, components=_source(admins).components)
        refused = await chat.press(_shown(private), _shown(private).labels[0], user="bob")
        assert "Only admins" in refused.text


async def test_apps_and_people_from_elsewhere_cannot_join_teams(chat: DiscordChat) -> None:
    chat._person("robot").app = True
    chat._person("tourist").stranger = True
    await chat.call("team create", name="Owls")
    for name in ("robot", "tourist"):
        assert "Apps and people" in (await chat.call("team move", member=name, team="Owls")).text


async def test_roles_are_picked_by_name_without_those_of_apps(chat: DiscordChat) -> None:
    role = int(chat.guild.add_role("Owls").id)
    while not any(guild.get_role(role) for guild in chat.client.guilds):
        await asyncio.sleep(0.01)
    assert await chat.suggested("team from-roles", "role", "ow") == ["Owls"]
    assert await chat.suggested("team from-roles", "role", "everyone") == []
