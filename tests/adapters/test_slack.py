"""What's specific to Slack: signatures, redelivery, response URLs, Home, shortcuts, installs."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.slack.app import NOT_INSTALLED, SlackAdapter
from adapters.slack.manifest import manifest
from adapters.slack.people import MAX_SINGLE_REQUESTS
from adapters.slack.reading import read_text
from adapters.slack.replies import IN_MESSAGES
from adapters.slack.workspaces import EVENTS, INSTALL, OPTIONAL_SCOPES, Credentials
from bot.engine.events import Channel, Member
from bot.engine.library import Library
from bot.engine.platform import LoginFailed, MessageGone, Unpostable, Unreachable
from bot.engine.screens import Screen
from storage.installations import Installations
from tests.conformance.bot import Bot, NoPictures
from tests.conformance.chat import SOON
from tests.conformance.slack import SlackChat, SlackHttpChat, _shown
from tests.samples import TickingClock, small_pack
from tests.stand_ins.slack import Message, Person, SlackServer
from tests.stand_ins.slack.waiting import PATIENCE, Log

HOUR = 3600
"""In seconds."""


@pytest.fixture(params=[SlackChat, SlackHttpChat])
async def chat(request: Any, tmp_path: Path) -> AsyncIterator[SlackChat]:
    async with request.param.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db"
    ) as chat:
        yield chat


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[SlackHttpChat]:
    async with SlackHttpChat.running(
        small_pack(), tmp_path, f"sqlite:///{tmp_path}/slack.db"
    ) as chat:
        assert isinstance(chat, SlackHttpChat)
        yield chat


async def next_dm(chat: SlackChat, name: str = "ann") -> Message:
    """A member's next direct message."""
    person = chat._person(name)
    return await person.next_message(person.dm)


async def test_plain_and_unknown_words_get_a_reply(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.command(chat.general, "/quiz", "explain hpo")
    assert "About beta" in (await ann.next_message(chat.general)).words
    await ann.command(chat.general, "/quiz", "")
    assert "What you can do" in (await ann.next_message(chat.general)).words
    await ann.command(chat.general, "/quiz", "dril alpha")
    assert "Did you mean `/quiz drill`" in (await ann.next_message(chat.general)).words
    await ann.command(chat.general, "/quiz", "stats <@U1|bob> &amp; co")
    assert "`@bob & co` in `/quiz stats`" in (await ann.next_message(chat.general)).words


async def test_neighbors_of_a_topic_are_in_one_list(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.command(chat.general, "/quiz", "explain alpha beta")
    explained = await ann.next_message(chat.general)
    assert "About alpha" in explained.words
    await ann.choose(explained, "menu|See also", "explain:sample:beta:0")
    assert "About beta" in (await ann.next_message(chat.general)).words


async def test_characters_that_slack_escapes_are_read_as_typed(chat: SlackChat) -> None:
    await chat.call("team create", name="R&amp;D")
    (team,) = await chat.bot.store.teams.all(Member("slack", chat.server.team.id, "U0"))
    assert team.name == "R&D"


async def test_home_shows_stats_and_buttons(chat: SlackChat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    ann = chat._person("ann")
    await ann.open_home()
    home = await ann.next_home()
    assert "1 (100%)" in home.words
    assert "1 of 1 this week" in home.words
    await ann.press(home, home.buttons()["Start a drill"])
    assert "Question 1 of 10" in (await chat._loaded(ann)).words
    await ann.choose(home, "topic|explain", "beta")
    assert "About beta" in (await chat._loaded(ann)).words
    assert home.buttons()["Privacy"] == "call|privacy"
    await ann.press(home, "call|privacy")
    assert "We store your ID" in (await chat._loaded(ann)).words
    assert ann.dm.messages == []


async def test_missed_daily_questions_can_be_answered_from_home(chat: SlackChat) -> None:
    await chat.press(await chat.call("daily set", time=chat.soon(), zone="UTC", hours=1), "Save")
    ann = chat._person("ann")
    await chat.passes(SOON)
    await chat.answer(await chat.channel())
    for _ in range(12):
        await chat.passes(2 * HOUR)
    await chat.passes(HOUR)
    assert await chat.posted() == 2
    await ann.open_home()
    home = await ann.next_home()
    await ann.press(home, home.buttons()["Catch up"])
    assert "Question 1 of 1" in (await chat._loaded(ann)).words
    bob = chat._person("bob")
    await bob.open_home()
    home = await bob.next_home()
    await bob.press(home, home.buttons()["Catch up"])
    assert "haven't missed any daily question" in (await chat._loaded(bob)).words


async def test_managers_are_people_and_a_user_group(chat: SlackChat) -> None:
    bob, cid = chat._person("bob"), chat._person("cid")
    chat.give_role("tutors", "dan")
    (group,) = chat.server.team.groups
    people = f"<@{bob.id}|bob>, <@{cid.id}|cid> and <!subteam^{group}|@tutors>"
    shown = (await chat.type_line(f"settings managers:{people} reveal:at-close")).text
    assert f"admins, everyone with tutors, <@{bob.id}>, <@{cid.id}>" in shown
    assert "when the question closes" in shown
    for user in ("bob", "cid", "dan"):
        person = chat._person(user)
        await person.open_home()
        assert "Settings of a channel" in str((await person.next_home()).raw), user
    for who in ("<@U404|ghost>", "@ghost", "<!subteam^S404|ghosts>"):
        assert "I don't know" in (await chat.type_line(f"settings managers:{who}")).text
    bob.app = True
    await chat.server.event({"type": "user_change", "user": {"id": bob.id}})
    refused = await chat.type_line(f"settings managers:<@{bob.id}|bob>")
    assert "Apps and people from elsewhere" in refused.text
    assert "Channel settings" in (await chat.call("settings", user="cid")).text


async def test_whoever_submits_a_modal_is_who_slack_says(chat: SlackChat) -> None:
    verdict = await chat.answer(await chat.call("drill", user="bob", topic="alpha"), user="bob")
    ann, bob = chat._person("ann"), chat._person("bob")
    await bob.press(verdict.source.message, verdict.source.buttons["Report"])
    view = await bob.next_view()
    view.raw["private_metadata"] = view.private_metadata.replace(bob.id, ann.id)
    bob.catch_up(chat.general)
    await bob.submit(view, {"text": "The key is B"})
    assert "Report sent" in (await chat._private(bob)).words
    exported = [
        await chat.bot.store.players.export(Member("slack", bob.team.id, who.id, bob.team.id))
        for who in (ann, bob)
    ]
    assert [len((each or {}).get("reports", ())) for each in exported] == [0, 1]


async def test_a_user_group_that_slack_does_not_tell_makes_nobody_a_manager(
    chat: SlackChat,
) -> None:
    chat.give_role("tutors", "dan")
    await chat.call("settings", managers="tutors")
    chat.server.fail("usergroups.users.list", "internal_error")
    assert "couldn't check" in (await chat.call("settings", user="dan")).text
    assert "Channel settings" in (await chat.call("settings", user="dan")).text
    chat.delete_role("tutors")
    assert "a deleted" not in (await chat.call("settings")).text  # cached for a minute
    await chat.passes(60)
    assert "couldn't check" in (await chat.call("settings", user="dan")).text


async def test_an_admin_is_recognized_at_a_button_after_a_restart(chat: SlackChat) -> None:
    shown = await chat.call("daily set", time="09:00", zone="UTC")
    await chat.restart()
    assert "every day at 09:00 in UTC" in (await chat.press(shown, "Save")).text


@pytest.mark.parametrize(
    ("told", "zone"), [("Asia/Tokyo", "Tokyo (Asia/Tokyo)"), ("Mars/Phobos", "UTC"), ("", "UTC")]
)
async def test_a_daily_question_uses_the_time_zone_of_the_admin_who_sets_it(
    http: SlackHttpChat, told: str, zone: str
) -> None:
    http._person("ann").tz = told
    assert f"at 09:00 in {zone}" in (await http.call("daily set", time="09:00")).text


async def profile_zone_of(chat: SlackChat, name: str) -> str | None:
    """The stored time zone from a member's Slack profile."""
    team = chat.server.team.id
    member = Member("slack", team, chat._person(name).id, realm=team)
    return (await chat.bot.store.players.totals(member)).zones.platform


async def test_a_former_admin_loses_their_rights(chat: SlackChat) -> None:
    ann = chat._person("ann")
    assert "Channel settings" in (await chat.call("settings")).text
    ann.admin = False
    await chat.server.event({"type": "user_change", "user": {"id": ann.id}})
    assert "Only admins" in (await chat.call("settings")).text


async def test_an_answer_counts_for_the_day_in_the_members_time_zone(
    http: SlackHttpChat,
) -> None:
    await http.call("question")
    question = await http.channel()
    http._person("bob").tz = "Asia/Tokyo"
    await http.answer(question, user="bob")
    assert await profile_zone_of(http, "bob") == "Asia/Tokyo"


async def test_an_answer_does_not_wait_for_a_profile(http: SlackHttpChat) -> None:
    await http.call("question")
    question = await http.channel()
    http.server.delay("users.info", 30)
    assert "Right" in (await http.answer(question, user="bob")).text
    http.server.delay("users.info", 0)
    http.server.fail("users.info", "ratelimited", status=429, retry_after=30)
    assert "Right" in (await http.answer(question, user="eve")).text
    assert await profile_zone_of(http, "eve") is None


async def test_a_picture_is_shown_once_slack_has_made_it_ready(chat: SlackChat) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    chat.server.file_refusals = 2
    shown = await chat.press(await chat.call("leaderboard"), "Chart")
    assert shown.file
    assert shown.private


async def test_the_text_remains_if_a_picture_never_gets_ready(
    chat: SlackChat, caplog: pytest.LogCaptureFixture
) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    chat.server.file_refusals = 99
    shown = await chat.press(await chat.call("leaderboard"), "Chart")
    assert shown.file is None
    assert "Couldn't show the picture" in shown.text
    assert "Traceback" not in caplog.text


async def test_a_picture_requested_from_home_is_in_a_modal(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.open_home()
    home = await ann.next_home()
    await ann.press(home, home.buttons()["Chart"])
    shown = _shown(await chat._loaded(ann))
    assert shown.file
    assert "My progress by chapter" in shown.text
    assert ann.dm.messages == []


async def test_a_picture_requested_where_the_app_is_missing_comes_as_a_direct_message(
    chat: SlackChat,
) -> None:
    await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    board = await chat.call("leaderboard")
    chat.forbid_posts()
    picture = await chat.press(board, "Chart")
    assert picture.file
    assert picture.source.message.channel is chat._person("ann").dm


async def test_the_text_remains_if_the_picture_cannot_be_drawn(chat: SlackChat) -> None:
    chat.slack._listeners._pictures = NoPictures()
    shown = await chat.press(await chat.call("stats"), "Chart")
    assert shown.file is None
    assert "Couldn't show the picture" in shown.text


async def test_a_drill_in_direct_messages_updates_its_message(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.shortcut("quiz_me")
    asked = await next_dm(chat)
    stop = asked.buttons()["Stop"]
    await ann.press(asked, stop)
    changed = await ann.next_edit(asked)
    assert "Drill finished" in changed.words
    assert len(ann.dm.messages) == 1


async def test_a_channel_message_is_not_replaced_by_a_members_reply(
    http: SlackHttpChat,
) -> None:
    await http.call("question")
    question, bob = http.general.messages[-1], http._person("bob")
    answered = asyncio.ensure_future(http.answer(await http.channel(), user="bob"))
    changed = asyncio.ensure_future(bob.next_edit(question, patience=60))
    await asyncio.wait((answered, changed), return_when=asyncio.FIRST_COMPLETED)
    changed.cancel()
    assert question.edits == []
    assert "Right" in (await answered).text


async def test_a_message_can_be_explained(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await ann.say(chat.general, "what does hpo mean?")
    await ann.message_shortcut(chat.general.messages[-1], "explain_this")
    shown = await chat._private(ann)
    assert "About beta" in shown.words


async def test_a_pack_is_chosen_in_a_form(chat: SlackChat) -> None:
    packs = (small_pack(), small_pack(id="other", title="Other"))
    chat.bot.desk.library = Library(packs)
    shown = await chat.fill(await chat.call("setup"), "Change pack", {"Pack": "Other"})
    assert "Other" in shown.text
    assert shown.menus.keys() >= {"Channel", "Time", "Time zone"}
    assert "Saved" in (await chat.press(shown, "Save")).text
    assert "Other" in (await chat.call("settings")).text


async def test_blocks_and_attachments_are_explained_too(chat: SlackChat) -> None:
    ann = chat._person("ann")
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "what does hpo mean?"}}
    for content in (
        {"blocks": [section]},
        {"attachments": [{"fallback": "what does hpo mean?"}]},
    ):
        assert read_text({"text": "", **content}) == "what does hpo mean?"
    message = chat.server.show(chat.general, {"text": "", "blocks": [section]})
    await ann.message_shortcut(message, "explain_this")
    assert "About beta" in (await chat._private(ann)).words
    await ann.message_shortcut(chat.server.show(chat.general, {"text": ""}), "explain_this")
    assert "This message has no text to look up" in (await chat._private(ann)).words


async def test_every_kind_of_question_is_recognized(chat: SlackChat) -> None:
    for _ in range(7):
        await chat.call("question", topic="beta", minutes=1)
        assert "Answer it first" in (await chat.explain(await chat.channel())).text
        await chat.passes(61)


@pytest.mark.parametrize("place", ["first", "reply"])
async def test_a_message_in_a_thread_is_explained_there(chat: SlackChat, place: str) -> None:
    bob, general = chat._person("bob"), chat.general
    await bob.say(general, "about alpha")
    first = general.messages[-1]
    await bob.say(general, "about beta", thread=first)
    bob.catch_up(general)
    await bob.message_shortcut(first if place == "first" else general.messages[-1], "explain_this")
    explained = await bob.next_message(general)
    assert (explained.thread_ts, explained.visible_to) == (first.ts, bob)
    assert f"About {'alpha' if place == 'first' else 'beta'}" in explained.words
    practice = explained.buttons()["Practice this"]
    chat.server.fail("response_url", status=404)
    await bob.press(explained, practice)
    drill = await bob.next_message(general)
    assert (drill.thread_ts, drill.visible_to) == (first.ts, bob)
    await bob.press(explained, practice)
    assert "Question 1" in (await bob.next_edit(explained)).words


async def test_a_message_without_a_thread_is_explained_in_its_channel(chat: SlackChat) -> None:
    bob, general = chat._person("bob"), chat.general
    await bob.say(general, "about alpha")
    bob.catch_up(general)
    await bob.message_shortcut(general.messages[-1], "explain_this")
    explained = await bob.next_message(general)
    assert (explained.thread_ts, explained.visible_to) == (None, bob)


async def test_a_thread_of_a_channel_without_the_bot_gets_its_answer_in_the_channel(
    chat: SlackChat,
) -> None:
    bob, general = chat._person("bob"), chat.general
    await bob.say(general, "about alpha")
    await bob.say(general, "hm", thread=general.messages[-1])
    general.has_bot = False
    bob.catch_up(general)
    await bob.message_shortcut(general.messages[-2], "explain_this")
    explained = await bob.next_message(general)
    assert (explained.thread_ts, explained.visible_to) == (None, bob)


async def test_no_message_has_previews_of_links(chat: SlackChat) -> None:
    ann = chat._person("ann")
    await chat.call("question")
    await chat.slack.poster.notify(chat.server.team.id, ann.id, Screen(text=("https://a.example",)))
    await ann.shortcut("quiz_me")
    for _ in range(2):
        await next_dm(chat)
    sent = [body for method, body in chat.server.calls if method == "chat.postMessage"]
    assert [(body["unfurl_links"], body["unfurl_media"]) for body in sent] == 3 * [(False, False)]


async def test_a_copy_that_is_asked_for_in_a_channel_is_found_in_messages(chat: SlackChat) -> None:
    bob, team = chat._person("bob"), chat.server.team
    await chat.answer(await chat.call("drill", user="bob", questions=1), user="bob")
    copy = await chat.press(await chat.call("privacy", user="bob"), "Get a copy", user="bob")
    assert copy.file is not None
    # It can come before or after the file.
    told = await chat.general.bell.until(
        lambda: next((m for m in bob.seen(chat.general) if IN_MESSAGES in m.words), None),
        "word of the file",
        PATIENCE,
    )
    assert told.visible_to is bob
    _, button = told.find(told.buttons()["Open Messages"])
    app = chat.server.app_id
    assert button["url"] == f"slack://app?team={team.id}&id={app}&tab=messages"


async def test_a_copy_that_is_asked_for_in_messages_is_simply_there(chat: SlackChat) -> None:
    bob = chat._person("bob")
    await chat.answer(await chat.call("drill", user="bob", questions=1), user="bob")
    bob.catch_up(bob.dm)
    await bob.command(bob.dm, "/quiz", "privacy")
    shown = await next_dm(chat, "bob")
    await bob.press(shown, shown.buttons()["Get a copy"])
    assert (await next_dm(chat, "bob")).files
    await chat.slack.poster.notify(chat.server.team.id, bob.id, Screen(text=("done",)))
    assert (await next_dm(chat, "bob")).words == "done"


async def test_an_event_that_comes_twice_is_answered_once(chat: SlackChat) -> None:
    ann = chat._person("ann")
    chat.server.duplicate_next()
    sent = await ann.command(chat.general, "/quiz", "question minutes:10")
    await chat._private(ann)
    await chat.server.redeliver(sent)
    await asyncio.sleep(0.1)
    assert len(chat.general.messages) == 1
    assert len([m for m in ann.seen(chat.general) if m.visible_to]) == 1


async def test_a_drill_continues_after_its_response_url_expires(chat: SlackChat) -> None:
    shown = await chat.call("drill", topic="alpha", questions=2)
    verdict = await chat.answer(shown)
    chat.server.fail("response_url", status=404, times=1)
    following = await chat.press(verdict, "Next")
    assert "Question 2 of 2" in following.text
    assert following.private
    summary = await chat.press(await chat.answer(following), "Next")
    assert "2 of 2 answered" in summary.text


async def wait_for_removal(caplog: pytest.LogCaptureFixture) -> None:
    """Wait until the bot has noticed its removal."""
    while "removed the app" not in caplog.text:
        await asyncio.sleep(0.01)


async def test_a_removed_app_stops_posting(
    chat: SlackChat, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await chat.call("question", minutes=1)
    edits = len(chat.general.messages[-1].edits)
    await chat.server.event({"type": "app_uninstalled"})
    await wait_for_removal(caplog)
    await chat.passes(60)
    assert len(chat.general.messages[-1].edits) == edits


async def test_a_deactivated_member_leaves_the_team_and_keeps_the_record(chat: SlackChat) -> None:
    await chat.call("team create", user="bob", name="Owls")
    await chat.answer(await chat.call("drill", user="bob", topic="alpha", questions=1), user="bob")
    bob = chat._person("bob")
    await chat.server.event({"type": "user_change", "user": {"id": bob.id, "deleted": True}})
    team = chat.server.team.id
    member = Member("slack", team, bob.id, realm=team)
    while [each.members for each in await chat.bot.store.teams.all(member)] != [0]:
        await asyncio.sleep(0.01)
    assert (await chat.bot.store.players.totals(member)).answered == 1


async def test_a_board_leaves_out_deactivated_members_and_counts_them(chat: SlackChat) -> None:
    for user in ("ann", "bob"):
        await chat.answer(await chat.call("drill", user=user, questions=1), user=user)
    bob = chat._person("bob")
    assert f"<@{bob.id}>" in (await chat.call("leaderboard")).text
    bob.deactivated = True
    changed = {"type": "user_change", "user": {"id": bob.id, "deleted": True}}
    await chat.server.event(changed)
    board = await chat.call("leaderboard")
    while f"<@{bob.id}>" in board.text:
        board = await chat.call("leaderboard")
    assert "Not shown: 1 deactivated member" in board.text
    await chat.press(board, "Post to channel")
    assert f"<@{bob.id}>" not in (await chat.channel()).text


async def test_requests_without_a_valid_signature_are_refused_silently(
    http: SlackHttpChat,
) -> None:
    port = http._runner.addresses[0][1]
    url = f"http://127.0.0.1:{port}{EVENTS}"
    async with aiohttp.ClientSession() as session:
        for stamp in (int(time.time()), int(time.time()) - 600):
            headers = {
                "X-Slack-Signature": f"v0={'0' * 64}",
                "X-Slack-Request-Timestamp": str(stamp),
                "Content-Type": "application/x-www-form-urlencoded",
            }
            async with session.post(url, data="command=/quiz&text=help", headers=headers) as told:
                assert told.status == 401
                assert await told.text() == ""


async def test_a_signed_request_that_is_too_old_is_refused(http: SlackHttpChat) -> None:
    delivery = http.server.connect_http(f"http://127.0.0.1:{http._runner.addresses[0][1]}{EVENTS}")
    delivery.age = 301
    sent = await http._person("ann").command(http.general, "/quiz", "help")
    assert sent.status == 401


async def test_unknown_people_and_apps_cannot_join_teams(chat: SlackChat) -> None:
    chat._person("robot").app = True
    chat._person("gone").deactivated = True
    await chat.call("team create", name="Owls")
    for name in ("robot", "gone"):
        assert "Apps and people" in (await chat.call("team move", member=name, team="Owls")).text
    ann = chat._person("ann")
    sent = await ann.command(chat.general, "/quiz", "team move <@U404|ghost> Owls")
    assert "Nobody with that name" in (await chat._next(ann, sent, None)).text


async def test_a_mention_is_plain_text_outside_member_options(chat: SlackChat) -> None:
    ann = chat._person("ann")
    sent = await ann.command(chat.general, "/quiz", "team create <@U1|bob> in <#C1|general>")
    assert "You're in @bob in #general" in (await chat._next(ann, sent, None)).text


async def test_a_user_group_can_be_mentioned(chat: SlackChat) -> None:
    ann, group = chat._person("ann"), chat.server.team.add_group("owls")
    words = f"team from-roles <!subteam^{group.id}|@owls>"
    sent = await ann.command(chat.general, "/quiz", words)
    assert "owls follows the user group owls" in (await chat._next(ann, sent, None)).text


@pytest.mark.parametrize("size", [4, 120])
async def test_a_whole_user_group_is_placed_at_once(chat: SlackChat, size: int) -> None:
    users = [f"user{number}" for number in range(size)]
    chat.give_role("owls", *users, "robot", "gone")
    chat._person("robot").app = True
    chat._person("gone").deactivated = True
    made = await chat.call("team from-roles", role="owls", team="Night Owls")
    assert f"Night Owls follows the user group owls: {size} members placed. Anyone" in made.text
    assert f"Night Owls · {size} members" in (await chat.call("team list")).text
    calls = Counter(method for method, _ in chat.server.calls)
    assert calls["users.list"] == (size > MAX_SINGLE_REQUESTS)
    assert calls["users.info"] <= MAX_SINGLE_REQUESTS
    assert "(yours)" in (await chat.call("team list", user="user1")).text
    assert "Teams follow user groups" in (await chat.call("team leave", user="user1")).text


async def test_members_of_a_user_group_who_cannot_be_looked_up_are_counted(
    chat: SlackChat,
) -> None:
    chat.give_role("owls", "bob", "eve")
    for user in ("ann", "bob"):
        await chat.call("stats", user=user)
    chat.server.fail("users.info", times=2)
    made = await chat.call("team from-roles", role="owls")
    assert "1 member placed. 1 more couldn't be looked up and will join" in made.text
    assert "owls (yours) · 2 members" in (await chat.call("team list", user="eve")).text


async def test_the_user_group_scope_is_optional(chat: SlackChat) -> None:
    chat.server.team.add_group("owls")
    chat.server.missing_scopes.add("usergroups:read")
    assert "no user groups here" in (await chat.call("team from-roles", role="owls")).text


async def test_a_user_group_is_notified_once_and_nothing_else_that_looks_like_one(
    chat: SlackChat,
) -> None:
    poster, channel = chat.slack.poster, Channel("slack", chat.server.team.id, chat.general.id)
    group = chat.server.team.add_group("owls")
    screen = Screen(title="Hello", text=("<!channel> <!subteam^S1> @here",), mention=group.id)
    message = await poster.post(channel, screen, "round-1")
    called = list(chat.server.pings)
    assert called
    assert all(text.startswith(f"<!subteam^{group.id}>") for text in called)
    await poster.edit(channel, message, screen)
    assert list(chat.server.pings) == called
    chat.server.pings = Log(keep=True)


async def test_a_present_member_gets_a_direct_message(chat: SlackChat) -> None:
    poster, ann = chat.slack.poster, chat._person("ann")
    team = chat.server.team.id
    await poster.notify(team, ann.id, Screen(text=("The daily is paused.",)))
    assert "The daily is paused." in (await ann.next_message(ann.dm)).words
    with pytest.raises(Unpostable, match="no longer in the workspace"):
        await poster.notify(team, "U404", Screen(text=("Hello.",)))


async def test_a_deleted_message_does_not_mean_a_deleted_channel(chat: SlackChat) -> None:
    poster, channel = chat.slack.poster, Channel("slack", chat.server.team.id, chat.general.id)
    with pytest.raises(MessageGone):
        await poster.edit(channel, "1.1", Screen(text=("Hello.",)))
    chat.forbid_posts()
    with pytest.raises(Unpostable, match="can't post in this channel") as gone:
        await poster.post(channel, Screen(text=("Hello.",)), "round-2")
    assert not isinstance(gone.value, MessageGone)


def test_the_manifest_has_minimal_scopes_and_supports_both_transports() -> None:
    socket, web = manifest(), manifest("https://quiz.example.org/")
    scopes = socket["oauth_config"]["scopes"]
    optional = ["channels:history", "groups:history", "channels:read", "groups:read", "im:history"]
    assert scopes["bot"] == [
        "commands", "chat:write", "users:read", "im:write", "files:read", "files:write",
        "usergroups:read", *optional,
    ]  # fmt: skip
    assert scopes["bot_optional"] == optional
    assert socket["settings"]["socket_mode_enabled"]
    assert "request_url" not in socket["settings"]["interactivity"]
    assert not web["settings"]["socket_mode_enabled"]
    assert (
        web["settings"]["interactivity"]["request_url"] == "https://quiz.example.org/slack/events"
    )
    assert "message.im" in socket["settings"]["event_subscriptions"]["bot_events"]
    assert not socket["features"]["app_home"]["messages_tab_read_only_enabled"]
    assert "leaderboard" in socket["features"]["slash_commands"][0]["usage_hint"]
    assert len(socket["display_information"]["description"]) <= 140


@asynccontextmanager
async def open_to_all(server: SlackServer, bot: Bot) -> AsyncIterator[tuple[SlackAdapter, str]]:
    """The bot over HTTP, for any workspace that installs it, and its address."""
    credentials = Credentials(
        signing_secret=server.signing_secret,
        client_id=server.client_id,
        client_secret=server.client_secret,
        api_base=server.base_url,
    )
    installations = Installations(credentials.client_id, bot.store.database.engine)
    slack = SlackAdapter(bot.desk, credentials, installations)
    bot.posters["slack"] = slack.poster
    runner = await slack.listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    server.connect_http(f"{address}{EVENTS}")
    try:
        await slack.log_in()
        yield slack, address
    finally:
        await runner.cleanup()
        await slack.leave()
        await bot.stop()


async def install(server: SlackServer, address: str, admin: Person) -> None:
    """Do what an admin's browser does, from the bot's page to Slack's consent page and back."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(f"{address}{INSTALL}") as page:
            link = await page.text()
            assert all(scope in link for scope in OPTIONAL_SCOPES)
            state = re.search(r"state=([0-9a-f-]+)", link)
            cookie = page.cookies["slack-app-oauth-state"].value
        assert state is not None
        back = f"{address}/slack/oauth_redirect"
        query = {"code": server.issue_code(admin), "state": state.group(1)}
        headers = {"Cookie": f"slack-app-oauth-state={cookie}"}
        async with browser.get(back, params=query, headers=headers) as done:
            assert done.status == 200, await done.text()


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_many_workspaces_install_the_app_each_with_a_token_of_its_own(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clock = TickingClock()
    async with SlackServer(clock=clock.timestamp) as server:
        bot = await Bot.start(small_pack(), database_url, clock)
        async with open_to_all(server, bot) as (slack, address):
            for team in (server.team, server.add_team("Others")):
                general = team.add_channel("general")
                ann = team.add_person("Ann", admin=True)
                for _ in range(2):
                    await install(server, address, ann)
                (hello,) = ann.dm.messages
                assert "Hi, I'm Studyhall" in hello.words
                assert "/quiz setup" in hello.words
                assert general.messages == []
                await ann.command(general, "/quiz", "question minutes:10")
                asked = await ann.next_message(general)
                assert "Question" in asked.words
                for _ in range(3):
                    await ann.command(general, "/quiz", "help")
            asked_of_tokens = [method for method, _ in server.calls if method == "auth.test"]
            assert len(asked_of_tokens) <= 6  # four installations, and then once each
            await server.event({"type": "app_uninstalled"}, team=server.team)
            await wait_for_removal(caplog)
            gone = Channel("slack", server.team.id, general.id)
            with pytest.raises(Unpostable, match="removed"):
                await slack.poster.post(gone, Screen(text=("Anybody?",)), "round-1")
            with pytest.raises(Unpostable, match="removed"):
                await slack.poster.notify(server.team.id, ann.id, Screen(text=("Anybody?",)))
            assert await slack.poster.roles(server.team.id) == []
        assert list(server.violations) == []


FOREIGN = {
    f"SLACK_{name}": f"foreign-{name.lower()}"
    for name in (
        "BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET", "VERIFICATION_TOKEN", "CLIENT_ID",
        "CLIENT_SECRET", "SCOPES", "USER_SCOPES", "REDIRECT_URI", "REDIRECT_URI_PATH",
        "INSTALL_PATH",
    )
}  # fmt: skip
"""Another app's Slack variables in this one's environment."""


@pytest.mark.parametrize("way", [SlackChat, SlackHttpChat])
async def test_another_apps_variables_are_ignored(
    way: type[SlackChat], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    async with way.running(small_pack(), tmp_path, f"sqlite:///{tmp_path}/foreign.db") as chat:
        assert "Question 1" in (await chat.call("drill", topic="alpha")).text
        assert {os.environ[name] for name in FOREIGN} == set(FOREIGN.values())


@asynccontextmanager
async def installable(http: SlackHttpChat) -> AsyncIterator[str]:
    """The address of the app for many workspaces instead of a single one; no one has installed
    it."""
    server = http.server
    credentials = Credentials(
        signing_secret=server.signing_secret,
        client_id=server.client_id,
        client_secret=server.client_secret,
        api_base=server.base_url,
    )
    installations = Installations(credentials.client_id, http.bot.store.database.engine)
    slack = SlackAdapter(http.bot.desk, credentials, installations)
    runner = await slack.listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    server.connect_http(f"{address}{EVENTS}")
    yield address
    await runner.cleanup()
    await slack.leave()


async def test_the_install_page_ignores_another_apps_variables(
    http: SlackHttpChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    async with installable(http) as address, aiohttp.ClientSession() as browser:
        page = await (await browser.get(f"{address}{INSTALL}")).text()
    assert http.server.client_id in page
    assert "foreign" not in page


async def test_members_of_other_workspaces_are_told_how_to_install(http: SlackHttpChat) -> None:
    shown = await http.call("daily set", time="09:00", zone="UTC")
    async with installable(http):
        for asked in (http.call("help"), http.press(shown, "Save")):
            assert (await asked).text == NOT_INSTALLED


async def test_an_admins_profile_is_requested_again_after_a_failure(
    http: SlackHttpChat,
) -> None:
    http.server.fail("users.info", "internal_error")
    assert "Channel settings" in (await http.call("settings")).text


async def test_an_unknown_profile_is_not_taken_as_no_rights(http: SlackHttpChat) -> None:
    ann = http._person("ann")
    home = "Channel settings"
    http.server.fail("users.info", "internal_error", times=2)
    assert "Slack couldn't look up people just now" in (await http.call("settings")).text
    assert home in (await http.call("settings")).text
    saved = await http.call("daily set", time="09:00", zone="UTC")
    await http.server.event({"type": "user_change", "user": {"id": ann.id}})
    http.server.fail("users.info", "internal_error", times=2)
    assert "Slack couldn't look up people just now" in (await http.press(saved, "Save")).text
    assert "every day at 09:00" in (await http.press(saved, "Save")).text


async def test_public_actions_need_no_profile(http: SlackHttpChat) -> None:
    http.server.fail("users.info", "internal_error", times=2)
    assert "Question 1" in (await http.call("drill", topic="alpha")).text


@pytest.mark.parametrize(("error", "status"), [("internal_error", 200), ("", 503)])
async def test_a_slack_outage_is_not_a_refusal(
    http: SlackHttpChat, error: str, status: int
) -> None:
    server = http.server
    server.fail("auth.test", error, status=status, times=3)
    slack = SlackAdapter(
        http.bot.desk, Credentials(bot_token=server.bot_token, api_base=server.base_url)
    )
    with pytest.raises(Unreachable, match=error or "503"):
        await slack.log_in()
    await slack.leave()


async def test_a_late_modal_is_reported_as_failed(chat: SlackChat) -> None:
    verdict = await chat.answer(await chat.call("drill", topic="alpha", questions=1))
    chat.server.fail("views.open", "expired_trigger_id")
    ann = chat._person("ann")
    await ann.press(verdict.source.message, verdict.source.buttons["Report"])
    assert "Please try again" in (await chat._private(ann)).words


async def test_admins_open_a_channels_settings_from_home(chat: SlackChat) -> None:
    ann, bob = chat._person("ann"), chat._person("bob")
    await bob.open_home()
    with pytest.raises(LookupError):
        await bob.choose(await bob.next_home(), "settings", chat.general.id)
    await ann.open_home()
    await ann.choose(await ann.next_home(), "settings", chat.general.id)
    shown = await chat._loaded(ann)
    await ann.submit(shown)
    await ann.next_loaded()
    assert "Channel settings" in shown.words
    assert "settings reveal:at-close" in shown.words


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("missing_scope", "reinstall Studyhall"),
        ("is_archived", "archived"),
        ("not_in_channel", "/invite @Studyhall"),
        ("restricted_action_read_only_channel", "posting permissions"),
    ],
)
async def test_a_channel_that_rejects_posts_says_why(
    http: SlackHttpChat, error: str, told: str
) -> None:
    http.server.fail("chat.postMessage", error)
    assert told in (await http.call("question")).text


async def test_the_manifest_covers_every_method_used(http: SlackHttpChat) -> None:
    optional = {*OPTIONAL_SCOPES, "usergroups:read"}
    http.server.missing_scopes |= optional | {
        "im:history", "mpim:history", "channels:read", "groups:read", "im:read",
    }  # fmt: skip
    await http.answer(await http.call("drill", topic="alpha", questions=1))
    await http.call("question", minutes=1)
    await http.passes(60)
    copy = await http.press(await http.call("privacy"), "Get a copy")
    assert copy.file is not None
    assert "Result" in (await http.channel()).text


async def _log_in_and_connect(slack: SlackAdapter) -> None:
    await slack.log_in()
    await slack.connect()


async def test_a_wrong_token_says_where_to_get_one(http: SlackHttpChat) -> None:
    base, good = http.server.base_url, http.server.bot_token
    for given, where in (
        (Credentials(bot_token="xoxb-no", api_base=base), "OAuth & Permissions"),
        (Credentials(bot_token=good, app_token="xapp-no", api_base=base), "App-Level Tokens"),
    ):
        slack = SlackAdapter(http.bot.desk, given)
        with pytest.raises(LoginFailed, match=where):
            await asyncio.wait_for(_log_in_and_connect(slack), timeout=PATIENCE)
        await slack.leave()
