"""The local Slack, held to what a real Bolt app does with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.stand_ins.slack import Channel, Person, SlackServer
from tests.stand_ins.slack.limits import message_problems, view_problems
from tests.stand_ins.slack.pings import pings

JSON = dict[str, Any]
QUIET = logging.getLogger("quiet-bolt")
QUIET.setLevel(logging.CRITICAL)


def plain(text: str) -> JSON:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> JSON:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(label: str, action_id: str, value: str = "1") -> JSON:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": value}


def actions(*elements: JSON) -> JSON:
    return {"type": "actions", "elements": list(elements)}


def options(*labels: str) -> list[JSON]:
    return [{"text": plain(label), "value": label.lower()} for label in labels]


def modal(*blocks: JSON, title: str = "A question") -> JSON:
    return {
        "type": "modal",
        "callback_id": "question",
        "title": plain(title),
        "submit": plain("Send"),
        "blocks": list(blocks),
    }


def field(action_id: str = "answer", **element: Any) -> JSON:
    return {
        "type": "input",
        "block_id": f"{action_id}-block",
        "label": plain(f"Your {action_id}"),
        "element": {"type": "plain_text_input", "action_id": action_id} | element,
    }


def build(slack: SlackServer, log: list[Any], **more: Any) -> AsyncApp:
    """A small app with one of everything."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, logger=QUIET, **more)
    take_commands(app, log)
    take_presses(app)
    take_views(app, log)
    take_events(app, log)
    return app


def take_commands(app: AsyncApp, log: list[Any]) -> None:
    @app.command("/quiz")
    async def quiz(ack: Any, respond: Any, command: JSON, client: Any) -> None:
        await ack()
        log.append(command["text"])
        match command["text"]:
            case "public":
                await client.chat_postMessage(channel=command["channel_id"], text="to all")
            case "ask":
                await client.views_open(trigger_id=command["trigger_id"], view=modal(field()))
            case _:
                await respond(
                    text="Ready?",
                    blocks=[
                        marked("*Ready* &amp; set?"),
                        actions(button("Go", "go"), button("Ask", "ask")),
                    ],
                )

    @app.command("/echo")
    async def echo(ack: Any, command: JSON) -> None:
        await ack(command["text"])

    @app.command("/slow")
    async def slow(ack: Any) -> None:
        await asyncio.sleep(0.2)
        await ack()


def take_presses(app: AsyncApp) -> None:
    @app.action("go")
    async def go(ack: Any, respond: Any) -> None:
        await ack()
        await respond(replace_original=True, text="Gone", blocks=[marked("Gone")])

    @app.action("ask")
    async def ask(ack: Any, client: Any, body: JSON) -> None:
        await ack()
        picks = {
            "type": "input",
            "block_id": "topic-block",
            "optional": True,
            "label": plain("Topic"),
            "element": {"type": "external_select", "action_id": "topic", "min_query_length": 1},
        }
        await client.views_open(trigger_id=body["trigger_id"], view=modal(field(), picks))

    @app.options("topic")
    async def topics(ack: Any, payload: JSON) -> None:
        await ack(options=options(f"{payload['value']} one", f"{payload['value']} two"))


def take_views(app: AsyncApp, log: list[Any]) -> None:
    @app.view("question")
    async def question(ack: Any, view: JSON) -> None:
        values = view["state"]["values"]
        log.append(values)
        answer = values["answer-block"]["answer"]["value"]
        if answer == "wrong":
            await ack(response_action="errors", errors={"answer-block": "Try again"})
        elif answer == "more":
            await ack(response_action="update", view=modal(field(), title="Once more"))
        else:
            await ack()

    @app.view("stack")
    async def stack(ack: Any, view: JSON) -> None:
        action = view["private_metadata"]
        await ack(response_action=action, view=modal(marked("Pushed")))


def take_events(app: AsyncApp, log: list[Any]) -> None:
    @app.view_closed("stack")
    @app.shortcut("note")
    @app.action("pick")
    @app.event("app_mention")
    @app.event("message")
    async def note(ack: Any, body: JSON) -> None:
        await ack()
        log.append(body)

    @app.event("app_home_opened")
    async def home(event: JSON, client: Any) -> None:
        home = {"type": "home", "blocks": [marked("Welcome home")]}
        await client.views_publish(user_id=event["user"], view=home)

    @app.event("app_uninstalled")
    async def uninstalled(body: JSON, request: Any) -> None:
        log.append((body["event_id"], request.headers.get("x-slack-retry-num", ["-"])[0]))


@asynccontextmanager
async def in_socket_mode(
    slack: SlackServer, app: AsyncApp, ping: float = 10
) -> AsyncIterator[None]:
    """The client gives its socket up when a ping has no answer within half of its interval: on a
    busy machine that takes a while, and so does its noticing that it was cut off."""
    handler: Any = AsyncSocketModeHandler(app, slack.app_token, logger=QUIET, ping_interval=ping)
    await handler.connect_async()
    try:
        await slack.ready()
        yield
    finally:
        await handler.close_async()


@asynccontextmanager
async def over_http(slack: SlackServer, app: AsyncApp) -> AsyncIterator[None]:
    async def take(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", take)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.connect_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


class Room:
    """A Slack with a channel and Ann in it, and the app connected."""

    def __init__(self, slack: SlackServer) -> None:
        self.slack = slack
        self.log: list[Any] = []
        self.channel: Channel = slack.team.add_channel("general")
        self.ann: Person = slack.team.add_person("Ann", admin=True)
        self.bob: Person = slack.team.add_person("Bob")
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)


@asynccontextmanager
async def room(way: Any = in_socket_mode, **settings: Any) -> AsyncIterator[Room]:
    async with SlackServer(**settings) as slack:
        it = Room(slack)
        async with way(slack, build(slack, it.log)):
            yield it


@pytest.fixture(params=[in_socket_mode, over_http], ids=["socket", "http"])
async def either(request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    async with room(request.param) as it:
        yield it


@pytest.fixture
async def alone() -> AsyncIterator[Room]:
    """No app: the Web API by itself."""
    async with SlackServer() as slack:
        yield Room(slack)


async def test_a_command_is_answered_to_one_person(either: Room) -> None:
    sent = await either.ann.command(either.channel, "/quiz", "drill endpoints")
    assert not sent.failed
    assert sent.elapsed is not None
    assert sent.elapsed < 3  # as long as Slack waits
    message = await either.ann.next_message(either.channel)
    assert message.ephemeral
    assert message.words == "*Ready* & set?"
    assert message.buttons() == {"Go": "go", "Ask": "ask"}
    assert either.channel.messages == []
    assert either.ann.seen(either.channel) == [message]
    assert either.bob.seen(either.channel) == []
    assert either.log == ["drill endpoints"]


async def test_an_answer_in_the_acknowledgement_is_shown(either: Room) -> None:
    await either.ann.command(either.channel, "/echo", "hello")
    message = await either.ann.next_message(either.channel)
    assert (message.words, message.visible_to) == ("hello", either.ann)


async def test_a_public_message_is_seen_by_all(either: Room) -> None:
    await either.ann.command(either.channel, "/quiz", "public")
    message = await either.bob.next_message(either.channel)
    assert either.channel.messages == [message]
    assert either.ann.seen(either.channel) == [message]


async def test_a_button_replaces_its_message(either: Room) -> None:
    await either.ann.command(either.channel, "/quiz")
    message = await either.ann.next_message(either.channel)
    await either.ann.press(message, "go")
    await either.ann.next_edit(message)
    assert message.words == "Gone"
    assert [edit.text for edit in message.edits] == ["Ready?"]
    late = await either.ann.press(message, "go", late=True)
    assert not late.failed
    with pytest.raises(LookupError):
        await either.ann.press(message, "go")


async def test_a_modal_is_opened_refused_updated_and_closed(either: Room) -> None:
    ann = either.ann
    await ann.command(either.channel, "/quiz", "ask")
    view = await ann.next_view()
    assert view.inputs() == {"Your answer": "answer"}
    sent = await ann.submit(view, {"answer": "wrong"})
    assert sent.errors == view.errors == {"answer-block": "Try again"}
    assert ann.view is view
    await ann.submit(view, {"answer": "more"})
    assert (await ann.next_view()).title == "Once more"
    await ann.submit(view, {"answer": "right"})
    assert ann.view is None
    assert [each["answer-block"]["answer"]["value"] for each in either.log[1:]] == [
        "wrong",
        "more",
        "right",
    ]


async def test_an_external_select_suggests(either: Room) -> None:
    ann = either.ann
    await ann.command(either.channel, "/quiz")
    await ann.press(await ann.next_message(either.channel), "ask")
    view = await ann.next_view()
    assert [each.text for each in await ann.suggest(view, "topic", "rest")] == [
        "rest one",
        "rest two",
    ]
    assert await ann.suggest(view, "topic", "") == []
    await ann.choose(view, "topic", "rest two")
    await ann.submit(view, {"answer": "yes"})
    picked = either.log[-1]["topic-block"]["topic"]["selected_option"]
    assert picked["value"] == "rest two"


async def test_modals_are_pushed_closed_and_cleared(alone: Room) -> None:
    slack, ann = alone.slack, alone.ann
    first = modal() | {"callback_id": "stack", "notify_on_close": True, "blocks": [marked("1")]}
    async with in_socket_mode(slack, build(slack, alone.log)):
        await alone.client.views_open(
            trigger_id=slack.triggers.new(ann), view=first | {"private_metadata": "push"}
        )
        view = await ann.next_view()
        await ann.submit(view)
        assert [each.words for each in ann.stack] == ["1", "Pushed"]
        assert ann.view
        await ann.close(ann.view)
        await ann.close(view)
        assert ann.stack == []
        assert alone.log[-1]["type"] == "view_closed"
        await alone.client.views_open(
            trigger_id=slack.triggers.new(ann), view=first | {"private_metadata": "clear"}
        )
        await ann.submit(await ann.next_view())
        assert ann.stack == []


async def test_a_modal_is_pushed_on_one_that_is_there_and_three_at_most(alone: Room) -> None:
    slack, client, ann, view = alone.slack, alone.client, alone.ann, modal(field())

    async def push(trigger: str) -> str:
        return await refusal(client.views_push(trigger_id=trigger, view=view))

    assert await push(slack.triggers.new(ann)) == "not_found"
    await client.views_open(trigger_id=slack.triggers.new(ann), view=view)
    used = slack.triggers.new(ann)
    await client.views_push(trigger_id=used, view=view)
    assert await push(used) == "exchanged_trigger_id"
    await client.views_push(trigger_id=slack.triggers.new(ann), view=view)
    assert await push(slack.triggers.new(ann)) == "push_limit_reached"
    assert len(ann.stack) == 3
    late = slack.triggers.new(ann)
    slack.expire_triggers()
    assert await push(late) == "expired_trigger_id"


async def test_a_modal_shows_a_picture_once_it_is_ready(alone: Room) -> None:
    slack, client = alone.slack, alone.client
    slack.file_refusals = 1
    file = (await client.files_upload_v2(content=b"png", filename="a.png"))["files"][0]["id"]
    image = {"type": "image", "slack_file": {"id": file}, "alt_text": "a picture"}
    view = modal(image)
    for problem in ("invalid_arguments", ""):
        opened = client.views_open(trigger_id=slack.triggers.new(alone.ann), view=view)
        if problem:
            assert await refusal(opened) == problem
        else:
            await opened
    assert alone.ann.view


async def test_boxes_and_shortcuts_and_words_reach_the_app(either: Room) -> None:
    ann, log = either.ann, either.log
    boxes = {"type": "checkboxes", "action_id": "pick", "options": options("A", "B", "C")}
    await either.client.chat_postMessage(
        channel=either.channel.id, text="t", blocks=[actions(boxes) | {"block_id": "boxes"}]
    )
    message = await ann.next_message(either.channel)
    await ann.choose(message, "pick", ["a", "c"])
    chosen = [each["value"] for each in log[-1]["actions"][0]["selected_options"]]
    assert chosen == ["a", "c"]
    assert log[-1]["state"]["values"]["boxes"]["pick"]["selected_options"][1]["value"] == "c"
    assert log[-1]["message"]["ts"] == message.ts
    await ann.shortcut("note")
    assert log[-1]["type"] == "shortcut"
    await ann.message_shortcut(message, "note")
    assert log[-1]["message_ts"] == message.ts
    assert await ann.say(either.channel, "nobody asked") is None
    await ann.say(either.channel, f"<@{either.slack.team.bot_user}> quiz me")
    await ann.say(ann.dm, "hello")
    while log[-1]["type"] != "event_callback" or log[-1]["event"]["type"] != "message":
        await asyncio.sleep(0.01)
    assert [each["event"]["type"] for each in log[-2:]] == ["app_mention", "message"]


async def test_the_home_tab(either: Room) -> None:
    await either.ann.open_home()
    home = await either.ann.next_home()
    assert home.words == "Welcome home"
    assert either.ann.home is home
    assert either.bob.home is None


async def test_an_event_may_come_twice(either: Room) -> None:
    either.slack.duplicate_next()
    sent = await either.slack.event({"type": "app_uninstalled"})
    assert len(sent.copies) == 2
    assert len(either.log) == 2
    assert len({event for event, _ in either.log}) == 1


@pytest.mark.parametrize("way", [in_socket_mode, over_http])
async def test_an_event_not_taken_is_tried_again(way: Any) -> None:
    tries: list[str] = []
    again = asyncio.Event()
    async with SlackServer(deadline=0.5) as slack:
        app = build(slack, [])

        @app.middleware
        async def late(request: Any, next: Any) -> None:  # noqa: A002
            tries.append(request.headers.get("x-slack-retry-num", ["0"])[0])
            if len(tries) == 1:
                await again.wait()
            again.set()
            await next()

        async with way(slack, app):
            sent = await slack.event({"type": "app_uninstalled"})
            await asyncio.sleep(0.15)
        assert not sent.failed
        # On a slow machine, a try can miss its deadline before the app sees it.
        first, *others = map(int, tries)
        assert others == [first + 1 + n for n in range(len(others))] != []
        missed = list(slack.missed_deadlines)
        assert missed == [sent] * len(missed) != []


async def test_a_missed_deadline_is_noted() -> None:
    async with room(deadline=0.05) as it:
        sent = await it.ann.command(it.channel, "/slow")
        assert sent.failed
        assert list(it.slack.missed_deadlines) == [sent]
        await asyncio.sleep(0.25)
        assert sent.failed


async def test_the_app_comes_back_after_a_refresh_and_after_a_cut() -> None:
    async with room(partial(in_socket_mode, ping=1)) as it:
        await it.slack.refresh()
        await it.slack.ready(connections=2)
        await it.ann.command(it.channel, "/echo", "refreshed")
        assert (await it.ann.next_message(it.channel)).words == "refreshed"
        it.slack.drop()
        assert not (await it.slack.event({"type": "app_uninstalled"})).failed
        await it.slack.ready(connections=3)
        await it.ann.command(it.channel, "/echo", "back")
        assert (await it.ann.next_message(it.channel)).words == "back"


async def test_bolt_refuses_bad_signatures_and_old_requests() -> None:
    async with room(over_http) as it:
        assert it.slack.http
        assert await it.slack.http.verify_url()
        it.slack.http.forge_next()
        sent = await it.ann.command(it.channel, "/quiz")
        assert (sent.status, sent.failed) == (401, True)
        it.slack.http.age = 600
        assert (await it.ann.command(it.channel, "/quiz")).status == 401
        it.slack.http.age = 0
        assert (await it.ann.command(it.channel, "/quiz")).status == 200
        assert it.log == [""]


async def test_a_rate_limited_call_is_tried_again(alone: Room) -> None:
    alone.slack.fail("chat.postMessage", status=429, retry_after=0)
    with pytest.raises(SlackApiError, match="ratelimited"):
        await alone.client.chat_postMessage(channel=alone.channel.id, text="refused")
    alone.client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    alone.slack.fail("chat.postMessage", status=429, retry_after=0)
    await alone.client.chat_postMessage(channel=alone.channel.id, text="posted")
    assert [message.text for message in alone.channel.messages] == ["posted"]


async def test_posting_too_fast_is_rate_limited() -> None:
    async with SlackServer(post_rate=1) as slack:
        here = Room(slack)
        await here.client.chat_postMessage(channel=here.channel.id, text="one")
        await here.client.chat_postMessage(channel=here.ann.id, text="elsewhere")
        with pytest.raises(SlackApiError) as refused:
            await here.client.chat_postMessage(channel=here.channel.id, text="two")
        assert refused.value.response.headers["Retry-After"] == "1"


async def test_without_that_knowledge_a_repeat_is_another_message() -> None:
    async with SlackServer(knows_repeats=False) as slack:
        here = Room(slack)
        for _ in range(2):
            await here.client.chat_postMessage(
                channel=here.channel.id, text="once", client_msg_id="1f2e"
            )
        assert len(here.channel.messages) == 2


async def test_a_lost_answer_leaves_its_effect_and_a_repeat_is_known(alone: Room) -> None:
    alone.slack.lose_response("chat.postMessage")
    posted = await alone.client.chat_postMessage(
        channel=alone.channel.id, text="once", client_msg_id="1f2e"
    )
    assert [each[0] for each in alone.slack.calls] == ["chat.postMessage"] * 2
    assert [message.ts for message in alone.channel.messages] == [posted["ts"]]


@pytest.mark.parametrize("code", [200, 500])
async def test_a_failure_on_request(alone: Room, code: int) -> None:
    alone.slack.fail("users.info", error="internal_error", status=code)
    with pytest.raises(SlackApiError) as failed:
        await alone.client.users_info(user=alone.ann.id)
    assert failed.value.response.status_code == code
    user = (await alone.client.users_info(user=alone.ann.id))["user"]
    assert (user["tz"], user["is_admin"]) == ("Europe/London", True)


async def test_what_slack_would_not_take_is_refused_and_noted(alone: Room) -> None:
    with pytest.raises(SlackApiError, match="invalid_blocks") as refused:
        await alone.client.chat_postMessage(
            channel=alone.channel.id, text="t", blocks=[marked("x" * 3001)]
        )
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        "[ERROR] slack_sdk: text attribute cannot exceed 3000 characters [json-pointer:/blocks/0]",
    ]
    assert [violation.method for violation in alone.slack.violations] == ["chat.postMessage"]
    assert alone.channel.messages == []


async def refusal(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_refusals(alone: Room) -> None:
    slack, client, general = alone.slack, alone.client, alone.channel.id
    stranger = AsyncWebClient(token="xoxb-unknown", base_url=slack.base_url)
    assert await refusal(stranger.auth_test()) == "invalid_auth"
    assert await refusal(client.apps_connections_open(app_token=slack.bot_token)) == (
        "not_allowed_token_type"
    )
    assert await refusal(client.chat_postMessage(channel="C0", text="t")) == "channel_not_found"
    assert await refusal(client.chat_update(channel=general, ts="1.0", text="t")) == (
        "message_not_found"
    )
    slack.missing_scopes.add("users:read")
    assert await refusal(client.users_info(user=alone.ann.id)) == "missing_scope"
    private = slack.team.add_channel("secret", private=True)
    slack.missing_scopes.add("groups:read")
    assert await refusal(client.conversations_info(channel=private.id)) == "missing_scope"
    assert (await client.conversations_info(channel=general))["ok"]
    slack.archive(alone.channel)
    assert await refusal(client.chat_postMessage(channel=general, text="t")) == "is_archived"
    slack.remove_bot(alone.channel)
    assert await refusal(client.chat_postMessage(channel=general, text="t")) == "not_in_channel"
    await client.auth_revoke()
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_a_trigger_id_works_once_and_soon(alone: Room) -> None:
    trigger = alone.slack.triggers.new(alone.ann)
    view = modal(field())
    await alone.client.views_open(trigger_id=trigger, view=view)
    assert await refusal(alone.client.views_open(trigger_id=trigger, view=view)) == (
        "exchanged_trigger_id"
    )
    late = alone.slack.triggers.new(alone.ann)
    alone.slack.expire_triggers()
    assert await refusal(alone.client.views_open(trigger_id=late, view=view)) == (
        "expired_trigger_id"
    )


async def test_a_response_url_works_five_times_and_not_for_ever(alone: Room) -> None:
    urls = alone.slack.response_urls
    url = urls.new(alone.channel, alone.ann)
    async with aiohttp.ClientSession() as session:

        async def say(to: str, **body: Any) -> tuple[int, str]:
            async with session.post(to, json={"text": "t"} | body) as answer:
                return answer.status, await answer.text()

        assert await say(url) == (200, "ok")
        await say(url, response_type="in_channel")
        assert [each.ephemeral for each in alone.ann.seen(alone.channel)] == [True, False]
        answers = [await say(url) for _ in range(4)]
        assert [status for status, _ in answers] == [200, 200, 200, 404]
        assert "used_url" in answers[-1][1]
        old = urls.new(alone.channel, alone.ann)
        alone.slack.expire_response_urls(old)
        assert "expired_url" in (await say(old))[1]


async def test_a_message_is_updated_found_with_its_metadata_and_deleted(alone: Room) -> None:
    client, general = alone.client, alone.channel.id
    metadata = {"event_type": "round", "event_payload": {"id": 7}}
    posted = await client.chat_postMessage(channel=general, text="one", metadata=metadata)
    await client.chat_update(channel=general, ts=posted["ts"], text="two")
    history = await client.conversations_history(channel=general, include_all_metadata=True)
    assert [each["metadata"] for each in history["messages"]] == [metadata]
    assert alone.channel.messages[0].words == "two"
    await client.chat_delete(channel=general, ts=posted["ts"])
    assert alone.channel.messages == []


async def test_a_dm_is_posted_to_by_user_and_updated_by_channel(alone: Room) -> None:
    client, ann = alone.client, alone.ann
    posted = await client.chat_postMessage(channel=ann.id, text="one")
    assert posted["channel"] == ann.dm.id
    assert await refusal(client.chat_update(channel=ann.id, ts=posted["ts"], text="two")) == (
        "channel_not_found"
    )
    await client.chat_update(channel=ann.dm.id, ts=posted["ts"], text="two")
    message = await ann.next_message(ann.dm)
    assert message.words == "two"
    await client.chat_postMessage(channel=ann.dm.id, text="more", thread_ts=message.ts)
    replies = await client.conversations_replies(channel=ann.dm.id, ts=message.ts)
    assert [each["text"] for each in replies["messages"]] == ["two", "more"]
    history = await client.conversations_history(channel=ann.dm.id)
    assert [each["text"] for each in history["messages"]] == ["two"]


async def test_a_file_is_uploaded_into_a_dm(alone: Room) -> None:
    opened = await alone.client.conversations_open(users=alone.ann.id)
    await alone.client.files_upload_v2(
        channel=opened["channel"]["id"],
        filename="board.csv",
        content="name,points",
        initial_comment="Here",
    )
    message = await alone.ann.next_message(alone.ann.dm)
    assert message.words == "Here"
    assert [(each.name, each.content) for each in message.files] == [("board.csv", b"name,points")]


async def test_people_and_groups_are_listed(alone: Room) -> None:
    group = alone.slack.team.add_group("teachers", [alone.bob])
    listed = await alone.client.usergroups_users_list(usergroup=group.id)
    assert listed["users"] == [alone.bob.id]
    pages = [page["members"] async for page in await alone.client.users_list(limit=1)]
    assert [[each["name"] for each in page] for page in pages] == [["ann"], ["bob"]]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")
async def test_another_workspace_installs_the_app(alone: Room) -> None:
    other = alone.slack.add_team("Other")
    eve = other.add_person("Eve")
    answer = await AsyncWebClient(base_url=alone.slack.base_url).oauth_v2_access(
        client_id=alone.slack.client_id,
        client_secret=alone.slack.client_secret,
        code=alone.slack.issue_code(eve),
    )
    assert answer["team"]["id"] == other.id
    theirs = AsyncWebClient(token=answer["access_token"], base_url=alone.slack.base_url)
    assert (await theirs.team_info())["team"]["name"] == "Other"
    assert await refusal(theirs.chat_postMessage(channel=alone.channel.id, text="t")) == (
        "channel_not_found"
    )


def sound_controls() -> list[JSON]:
    """One of everything that can be pressed or picked, each as long as it may be."""
    menu: JSON = {"placeholder": plain("p" * 150)}
    confirm = {
        "title": plain("Sure?"),
        "text": plain("It cannot be undone."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
        "style": "danger",
    }
    described = [each | {"description": plain("d" * 75)} for each in options("o" * 75, "other")]
    controls: list[JSON] = [
        button("b" * 75, "button", "v" * 2000) | {"style": "primary", "confirm": confirm},
        button("link", "link") | {"url": "https://example.org", "accessibility_label": "a" * 75},
        {"type": "overflow", "options": options("A")},
        {"type": "static_select", "options": options(*map(str, range(100)))} | menu,
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": described}]},
        {"type": "multi_static_select", "options": described, "max_selected_items": 2} | menu,
        {"type": "external_select", "min_query_length": 0} | menu,
        {"type": "multi_external_select"} | menu,
        {"type": "users_select", "initial_user": "U1"} | menu,
        {"type": "multi_users_select"} | menu,
        {"type": "channels_select"} | menu,
        {"type": "conversations_select", "default_to_current_conversation": True} | menu,
        {"type": "checkboxes", "options": described, "initial_options": described[:1]},
        {"type": "radio_buttons", "options": described, "initial_option": described[1]},
        {"type": "datepicker", "initial_date": "2026-01-31"} | menu,
        {"type": "timepicker", "initial_time": "09:30"} | menu,
        {"type": "datetimepicker", "initial_date_time": 1628633820},
    ]
    return [{"action_id": f"control-{place}"} | each for place, each in enumerate(controls)]


def sound_fields() -> list[JSON]:
    """One of everything that can be typed into."""
    menu: JSON = {"placeholder": plain("p" * 150)}
    fields: list[JSON] = [
        {"type": "plain_text_input", "multiline": True, "max_length": 3000} | menu,
        {"type": "email_text_input"} | menu,
        {"type": "url_text_input"} | menu,
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"} | menu,
    ]
    return [{"action_id": f"field-{place}"} | each for place, each in enumerate(fields)]


def sound_blocks(controls: Sequence[JSON]) -> list[JSON]:
    """One of every block, with the controls in them."""
    image = {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "A map"}
    rich = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}]}
    return [
        {"type": "header", "text": plain("h" * 150)},
        marked("m" * 3000) | {"block_id": "b" * 255},
        {"type": "section", "fields": [plain("f" * 2000)] * 10},
        marked("beside") | {"accessory": controls[0]},
        {"type": "divider"},
        image | {"title": plain("Map")},
        {"type": "context", "elements": [image, *[plain("c")] * 9]},
        actions(*controls[1:]),
        {"type": "rich_text", "elements": [rich]},
    ]


def test_sound_blocks_of_every_kind_pass() -> None:
    controls = sound_controls()
    blocks = sound_blocks(controls)
    marked_down = {"type": "markdown", "text": "**all**"}
    assert message_problems({"text": "t", "blocks": [*blocks, marked_down]}) == []
    inputs = [
        {
            "type": "input",
            "label": plain("l" * 2000),
            "element": each,
            "optional": True,
            "hint": plain("h" * 2000),
            "dispatch_action": True,
        }
        for each in [*sound_fields(), controls[4] | {"action_id": "again"}]
    ]
    sound = modal(*blocks, *inputs, title="t" * 24) | {
        "close": plain("c" * 24),
        "private_metadata": "p" * 3000,
        "notify_on_close": True,
        "external_id": "e",
    }
    assert view_problems(sound, "modal") == []
    assert view_problems({"type": "home", "blocks": blocks}, "home") == []


@pytest.mark.parametrize(
    "body",
    [
        {"blocks": [marked("words")]},
        {"text": " ", "blocks": [marked("words")]},
        {"text": "t" * 40_001},
        {"text": "t", "blocks": [{"type": "divider"}] * 51},
        {"text": "t", "blocks": [{"type": "header", "text": plain("h" * 151)}]},
        {"text": "t", "blocks": [{"type": "header", "text": marked("h")["text"]}]},
        {"text": "t", "blocks": [{"type": "section"}]},
        {"text": "t", "blocks": [{"type": "section", "fields": [plain("f")] * 11}]},
        {"text": "t", "blocks": [{"type": "section", "fields": [plain("f" * 2001)]}]},
        {"text": "t", "blocks": [{"type": "context", "elements": [plain("c")] * 11}]},
        {"text": "t", "blocks": [actions(*(button("b", f"b{i}") for i in range(26)))]},
        {"text": "t", "blocks": [actions(button("b" * 76, "b"))]},
        {"text": "t", "blocks": [actions(button("b", "b", "v" * 2001))]},
        {"text": "t", "blocks": [actions(button("b", "b" * 256))]},
        {"text": "t", "blocks": [actions(button("b", "b")), actions(button("c", "b"))]},
        {"text": "t", "blocks": [{"type": "divider", "block_id": "d"}] * 2},
        {"text": "t", "blocks": [actions(button("b", "b") | {"url": "u" * 3001})]},
        {"text": "t", "blocks": [actions(button("b", "b") | {"style": "pretty"})]},
        {"text": "t", "blocks": [actions(button("b", "b") | {"colour": "red"})]},
        {"text": "t", "blocks": [{"type": "mystery"}]},
        {"text": "t", "metadata": {"event_type": "round"}},
        *(
            {"text": "t", "blocks": [actions({"action_id": "a"} | element)]}
            for element in (
                {"type": "static_select", "options": options(*map(str, range(101)))},
                {"type": "static_select", "options": []},
                {"type": "static_select", "options": options("o" * 76)},
                {"type": "static_select", "options": [{"text": plain("o"), "value": "v" * 151}]},
                {"type": "static_select"},
                {"type": "static_select", "options": options("a"), "placeholder": plain("p" * 151)},
                {
                    "type": "static_select",
                    "options": options("a"),
                    "initial_option": options("b")[0],
                },
                {"type": "static_select", "option_groups": [{"options": options("a")}]},
                {"type": "checkboxes", "options": options(*map(str, range(11)))},
                {"type": "radio_buttons", "options": options(*map(str, range(11)))},
                {"type": "overflow", "options": options(*map(str, range(6)))},
                {
                    "type": "radio_buttons",
                    "options": [options("a")[0] | {"description": plain("d" * 76)}],
                },
                {"type": "plain_text_input"},
            )
        ),
    ],
)
def test_a_limit_of_messages(body: JSON) -> None:
    assert message_problems(body)


@pytest.mark.parametrize(
    "change",
    [
        {"title": plain("t" * 25)},
        {"title": marked("t")["text"]},
        {"submit": plain("s" * 25)},
        {"close": plain("c" * 25)},
        {"submit": None},
        {"private_metadata": "p" * 3001},
        {"callback_id": "c" * 256},
        {"type": "home"},
        {"blocks": [{"type": "divider"}] * 101},
        {"blocks": [field() | {"label": plain("l" * 2001)}]},
        {"blocks": [field() | {"hint": plain("h" * 2001)}]},
        {"blocks": [field(max_length=3001)]},
        {"blocks": [field(focus_on_load=True), field("other", focus_on_load=True)]},
        {"blocks": [{"type": "markdown", "text": "only in messages"}]},
    ],
)
def test_a_limit_of_modals(change: JSON) -> None:
    good = modal(field())
    assert view_problems(good, "modal") == []
    assert view_problems(good | change, "modal")


@pytest.mark.parametrize(
    ("body", "pinged"),
    [
        ({"text": "hello <!channel>"}, True),
        ({"text": "hello <!subteam^S1|@teachers>"}, True),
        ({"text": "hello @ann"}, False),
        ({"text": "hello @ann", "link_names": True}, True),
        ({"text": "hello @ann", "parse": "full"}, True),
        ({"text": "mail me@here.org", "link_names": True}, False),
        ({"text": "t", "blocks": [marked("<!here> look")]}, True),
        ({"text": "t", "blocks": [marked("@here")]}, True),
        ({"text": "t", "blocks": [{"type": "section", "text": plain("<!here>")}]}, False),
        ({"text": "escaped &lt;!channel&gt;", "blocks": [marked("&lt;!channel&gt;")]}, False),
    ],
)
def test_pings_are_noticed(body: JSON, pinged: bool) -> None:
    assert bool(pings(body)) is pinged


async def test_much_traffic_leaves_little_behind() -> None:
    async with room(keep=False) as it:
        people = [it.slack.team.add_person(f"P{number}") for number in range(20)]

        async def talk(person: Person) -> None:
            for _ in range(25):
                assert not (await person.command(it.channel, "/echo", "hi")).failed

        await asyncio.gather(*(talk(person) for person in people))
        assert len(it.slack.deliveries) <= 400
        assert len(it.channel.log) <= 400
