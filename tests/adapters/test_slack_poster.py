"""Posts, direct messages and permission checks on Slack, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from unittest.mock import AsyncMock

import pytest
from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackApiError

from adapters.slack import people
from adapters.slack.people import Profiles
from adapters.slack.poster import CAN_POST, SlackPoster
from adapters.slack.workspaces import Credentials, Workspaces
from bot.engine.events import Channel as Place
from bot.engine.events import Role
from bot.engine.platform import MessageGone, Presence, Unpostable
from bot.engine.screens import Bar, BarChart, Button, Screen
from tests.conformance.bot import NoPictures
from tests.stand_ins.slack import Message, SlackServer
from tests.stand_ins.slack.workspace import Channel

SCREEN = Screen(title="Daily question", text=("What is what?",))
HOSTILE = "<!channel> @here <!subteam^S1> <@U1> `<!everyone>`"


def recently() -> datetime:
    """A time from which an earlier try may have succeeded."""
    return datetime.now(UTC) - timedelta(minutes=1)


@dataclass
class Room:
    """A workspace with one channel, and a poster that may post there."""

    server: SlackServer
    poster: SlackPoster

    def __post_init__(self) -> None:
        self.team = self.server.team
        self.general = self.team.add_channel("general")
        self.ann = self.team.add_person("Ann")

    @property
    def here(self) -> Place:
        return self.place(self.general)

    def place(self, channel: Channel) -> Place:
        return Place("slack", self.team.id, channel.id)

    def count_requests(self, method: str) -> int:
        return sum(called == method for called, _ in self.server.calls)


@asynccontextmanager
async def room(server: SlackServer) -> AsyncIterator[Room]:
    async with server, ClientSession() as session:
        credentials = Credentials(bot_token=server.bot_token, api_base=server.base_url)
        workspaces = Workspaces(credentials, session, None, AsyncMock())
        yield Room(server, SlackPoster(workspaces.client_of, Profiles()))
        assert list(server.violations) == []


@pytest.fixture
async def slack() -> AsyncIterator[Room]:
    async with room(SlackServer()) as it:
        yield it


async def test_a_deactivated_member_is_known_once_asked_for(slack: Room) -> None:
    bob = slack.team.add_person("Bob")
    bob.deactivated = True
    for _ in range(2):
        assert await slack.poster.presence(slack.team.id, [slack.ann.id, bob.id, "U404"]) == {
            slack.ann.id: Presence.HERE,
            bob.id: Presence.DEACTIVATED,
            "U404": Presence.HERE,
        }
    assert slack.count_requests("users.info") == 3


async def test_who_cannot_be_looked_up_is_asked_for_again(slack: Room) -> None:
    slack.server.faults.down = True
    assert await slack.poster.presence(slack.team.id, [slack.ann.id]) == {}
    slack.server.faults.down = False
    assert await slack.poster.presence(slack.team.id, [slack.ann.id]) == {
        slack.ann.id: Presence.HERE
    }


async def test_a_member_gets_a_direct_message(slack: Room) -> None:
    await slack.poster.notify(slack.team.id, slack.ann.id, SCREEN)
    told = await slack.ann.next_message(slack.ann.dm)
    assert "What is what?" in told.words
    assert slack.general.messages == []


@pytest.mark.parametrize("error", ["user_not_found", "user_disabled", "missing_scope"])
async def test_an_unreachable_member_is_a_lasting_error(slack: Room, error: str) -> None:
    slack.server.fail("conversations.open", error)
    with pytest.raises(Unpostable):
        await slack.poster.notify(slack.team.id, slack.ann.id, SCREEN)


async def test_an_app_accepts_no_direct_messages(slack: Room) -> None:
    slack.server.fail("chat.postMessage", "cannot_dm_bot")
    with pytest.raises(Unpostable, match="doesn't accept direct messages"):
        await slack.poster.notify(slack.team.id, slack.ann.id, SCREEN)


async def test_a_look_up_of_many_reads_the_list_only_so_far(
    slack: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "LIST_PAGE", 10)
    monkeypatch.setattr(people, "MAX_LIST_PAGES", 3)
    start = len(slack.team.people)
    users = [slack.team.add_person(f"person{number}").id for number in range(40)]
    found = await slack.poster.look_up(slack.team.id, users)
    assert [each.user for each in found] == users[: 30 - start]
    assert len(await slack.poster.look_up(slack.team.id, users)) == 40
    methods = [method for method, _ in slack.server.calls]
    assert (methods.count("users.list"), methods.count("users.info")) == (3, 10 + start)


async def test_user_groups_are_roles_and_cached_for_a_minute(slack: Room) -> None:
    group = slack.team.add_group("learners", [slack.ann])
    for _ in range(3):
        assert list(await slack.poster.roles(slack.team.id)) == [Role(group.id, "learners")]
    assert slack.count_requests("usergroups.list") == 1


LOOKING = {"channels:read", "groups:read"}


@pytest.fixture(params=["looking", "trying"])
def rehearsing(request: pytest.FixtureRequest, slack: Room) -> Room:
    """With the scopes to read a channel, and without."""
    slack.server.missing_scopes |= LOOKING if request.param == "trying" else set()
    return slack


def _left(channel: Channel) -> None:
    channel.has_bot = False


def _private(channel: Channel) -> None:
    channel.has_bot, channel.private = False, True


def _archived(channel: Channel) -> None:
    channel.archived = True


@pytest.mark.parametrize(
    ("closed", "told"),
    [(_left, "/invite"), (_private, "/invite"), (_archived, "archived")],
)
async def test_a_rehearsal_says_why_the_bot_cannot_post(
    rehearsing: Room, closed: Callable[[Channel], None], told: str
) -> None:
    here, ann = rehearsing.here, rehearsing.ann
    assert await rehearsing.poster.check_postable(here, asker=ann.id) == ""
    closed(rehearsing.general)
    with pytest.raises(Unpostable, match=told):
        await rehearsing.poster.check_postable(here, asker=ann.id)
    assert rehearsing.general.messages == []


@pytest.mark.parametrize("private", [False, True])
async def test_with_the_optional_scopes_a_rehearsal_sends_nothing(
    slack: Room, private: bool
) -> None:
    slack.general.private = private
    slack.server.missing_scopes.add("channels:read" if private else "groups:read")
    assert await slack.poster.check_postable(slack.here, asker=slack.ann.id) == ""
    assert slack.ann.seen(slack.general) == []


async def test_without_those_scopes_only_the_asker_sees_a_message(slack: Room) -> None:
    slack.server.missing_scopes |= LOOKING
    bob = slack.team.add_person("Bob")
    assert await slack.poster.check_postable(slack.here, asker=slack.ann.id) == ""
    (line,) = slack.ann.seen(slack.general)
    assert line.text == CAN_POST
    assert bob.seen(slack.general) == []
    slack.server.fail("chat.postEphemeral", "restricted_action_read_only_channel")
    with pytest.raises(Unpostable, match="Only certain people can post"):
        await slack.poster.check_postable(slack.here, asker=slack.ann.id)


async def test_without_an_asker_a_rehearsal_sends_nothing(slack: Room) -> None:
    slack.server.missing_scopes |= LOOKING
    slack.general.has_bot = False
    assert await slack.poster.check_postable(slack.here) == ""
    assert slack.count_requests("chat.postEphemeral") == 0


async def test_a_temporary_error_at_a_rehearsal_is_not_a_refusal(rehearsing: Room) -> None:
    for method in ("conversations.info", "chat.postEphemeral"):
        rehearsing.server.fail(method, "fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await rehearsing.poster.check_postable(rehearsing.here, asker=rehearsing.ann.id)


async def test_a_deleted_user_group_notifies_no_one(slack: Room) -> None:
    group = slack.team.add_group("learners", [slack.ann])
    assert await slack.poster.check_postable(slack.here, group.id) == ""
    assert "was deleted" in await slack.poster.check_postable(slack.here, "S404")


async def test_a_rehearsal_ignores_user_groups_without_the_scope(slack: Room) -> None:
    slack.server.missing_scopes.add("usergroups:read")
    assert await slack.poster.check_postable(slack.here, "S404") == ""


@pytest.mark.parametrize("error", ["missing_scope", "paid_teams_only", "plan_upgrade_required"])
async def test_unavailable_user_groups_are_an_empty_list(slack: Room, error: str) -> None:
    slack.server.fail("usergroups.list", error)
    assert list(await slack.poster.roles(slack.team.id)) == []


async def test_a_group_is_notified_once_when_its_question_is_posted(slack: Room) -> None:
    group = slack.team.add_group("learners", [slack.ann])
    screen = replace(SCREEN, title=HOSTILE, text=(HOSTILE * 200,), note=HOSTILE, mention=group.id)
    posted = await slack.poster.post(slack.here, screen, "round-1")
    first = slack.general.messages[0]
    assert first.blocks[0]["text"]["text"] == f"<!subteam^{group.id}>"
    assert list(slack.server.pings) == [f"<!subteam^{group.id}>"]
    await slack.poster.edit(slack.here, posted, screen)
    await slack.poster.notify(slack.team.id, slack.ann.id, screen)
    assert len(list(slack.server.pings)) == 1


async def test_a_long_question_keeps_its_buttons_below_the_mention(slack: Room) -> None:
    text = tuple(f"Line {number}" + " and more" * 300 for number in range(60))
    button = Button("Press", "stop:1")
    screen = replace(SCREEN, text=text, mention="S1", controls=(button,), note="The end")
    await slack.poster.post(slack.here, screen, "round-1")
    first, *rest = slack.general.messages
    assert rest
    assert list(first.buttons()) == ["Press"]
    assert "The end" in first.words


CHART = BarChart("Board", "Bar chart. Board: 1. Ann, 10 points.", (Bar("Ann", (10,), 10, "10"),))
PICTURED = replace(SCREEN, picture=CHART)


def pictures(message: Message) -> list[str]:
    """The alt texts of the pictures that a message shows."""
    return [block["alt_text"] for block in message.blocks if "slack_file" in block]


async def test_a_picture_goes_with_what_is_posted_once_slack_is_ready(slack: Room) -> None:
    slack.server.file_refusals = 2
    posted = await slack.poster.post(slack.here, PICTURED, "round-1")
    (message,) = slack.general.messages
    assert message.ts == posted
    assert pictures(message) == [CHART.alt]
    assert "What is what?" in message.words


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_where_slack_takes_no_file_the_words_come_alone(slack: Room, method: str) -> None:
    slack.server.fail(method, "storage_limit_reached")
    await slack.poster.post(slack.here, PICTURED, "round-1")
    (message,) = slack.general.messages
    assert pictures(message) == []
    assert "Couldn't show the picture" in message.words


async def test_a_picture_that_slack_never_makes_ready_is_left_out(slack: Room) -> None:
    slack.server.file_refusals = 9
    await slack.poster.post(slack.here, PICTURED, "round-1")
    (message,) = slack.general.messages
    assert pictures(message) == []


async def test_where_no_picture_can_be_drawn_the_words_come_alone(slack: Room) -> None:
    slack.poster._pictures = NoPictures()
    await slack.poster.post(slack.here, PICTURED, "round-1")
    (message,) = slack.general.messages
    assert pictures(message) == []


async def test_a_trouble_that_passes_posts_no_words_beside_the_picture() -> None:
    async with room(SlackServer(knows_repeats=False)) as slack:
        slack.server.fail("chat.postMessage", "internal_error")
        with pytest.raises(SlackApiError):
            await slack.poster.post(slack.here, PICTURED, "round-1")
        slack.server.lose_response("chat.postMessage")
        with pytest.raises(ClientError):
            await slack.poster.post(slack.here, PICTURED, "round-1", since=recently())
        await slack.poster.post(slack.here, PICTURED, "round-1", since=recently())
        (message,) = slack.general.messages
        assert pictures(message) == [CHART.alt]


@pytest.mark.parametrize("mention", ["", "S1> <!channel", "S1|<!here>", "^"])
async def test_a_mention_must_be_an_id(slack: Room, mention: str) -> None:
    await slack.poster.post(slack.here, replace(SCREEN, mention=mention), "round-1")
    assert list(slack.server.pings) == []
    assert "subteam" not in str(slack.general.messages[0].blocks)


@pytest.mark.parametrize(
    "error",
    [
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_non_threadable_channel",
        "missing_scope",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "team_access_not_granted",
        "ekm_access_denied",
    ],
)
async def test_channel_and_workspace_errors_last(slack: Room, error: str) -> None:
    slack.server.fail("chat.postMessage", error)
    with pytest.raises(Unpostable):
        await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.server.fail("chat.update", error)
    with pytest.raises(Unpostable) as refused:
        await slack.poster.edit(slack.here, "1.0", SCREEN)
    assert not isinstance(refused.value, MessageGone)


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed"])
async def test_an_uneditable_message_is_gone(slack: Room, error: str) -> None:
    posted = await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.server.fail("chat.update", error)
    with pytest.raises(MessageGone):
        await slack.poster.edit(slack.here, posted, SCREEN)


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
async def test_a_message_rejected_for_its_content_is_not_retried(slack: Room, error: str) -> None:
    posted = await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.server.fail("chat.postMessage", error)
    with pytest.raises(Unpostable, match=f"rejected this message: {error}") as refused:
        await slack.poster.post(slack.here, SCREEN, "round-2")
    assert not isinstance(refused.value, MessageGone)
    slack.server.fail("chat.update", error)
    with pytest.raises(MessageGone):
        await slack.poster.edit(slack.here, posted, SCREEN)


async def test_a_message_that_was_deleted_is_gone(slack: Room) -> None:
    with pytest.raises(MessageGone):
        await slack.poster.edit(slack.here, "1.0", SCREEN)


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "service_unavailable"])
async def test_other_errors_may_pass(slack: Room, error: str) -> None:
    slack.server.fail("chat.postMessage", error)
    with pytest.raises(SlackApiError):
        await slack.poster.post(slack.here, SCREEN, "round-1")
    assert await slack.poster.post(slack.here, SCREEN, "round-1")


async def test_server_and_connection_errors_may_pass(slack: Room) -> None:
    posted = await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.server.fail("chat.update", status=502)
    with pytest.raises(SlackApiError):
        await slack.poster.edit(slack.here, posted, SCREEN)
    slack.server.lose_response("chat.update")
    with pytest.raises(ClientError):
        await slack.poster.edit(slack.here, posted, SCREEN)
    await slack.poster.edit(slack.here, posted, SCREEN)


LONG = replace(SCREEN, text=tuple(f"Line {number}" + " and more" * 300 for number in range(20)))
"""More than fits one message."""


@pytest.fixture
async def forgetful() -> AsyncIterator[Room]:
    """A Slack that doesn't recognize duplicates, which it never promised to."""
    async with room(SlackServer(knows_repeats=False)) as it:
        yield it


async def test_a_retry_looks_for_the_message_first(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, LONG, "round-1")
    before = [message.ts for message in forgetful.general.messages]
    assert len(before) > 2
    again = await forgetful.poster.post(forgetful.here, LONG, "round-1", since=recently())
    assert again == posted
    assert [message.ts for message in forgetful.general.messages] == before
    other = await forgetful.poster.post(forgetful.here, LONG, "round-2", since=recently())
    assert other not in before


async def test_a_message_is_found_however_much_was_posted_after_it(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, LONG, "round-1")
    before = len(forgetful.general.messages)
    for number in range(450):
        await forgetful.ann.say(forgetful.general, f"Message {number}")
    again = await forgetful.poster.post(forgetful.here, LONG, "round-1", since=recently())
    assert again == posted
    assert len(forgetful.general.messages) == before + 450
    assert forgetful.count_requests("conversations.history") == 3


async def test_earlier_messages_are_not_searched(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, SCREEN, "round-1")
    now = datetime.now(UTC) + timedelta(seconds=1)
    assert await forgetful.poster.post(forgetful.here, SCREEN, "round-1", since=now) != posted


async def test_a_posted_message_is_found_and_another_one_is_not(slack: Room) -> None:
    posted = await slack.poster.post(slack.here, LONG, "round-1")
    assert await slack.poster.find(slack.here, LONG, "round-1", recently()) == posted
    assert await slack.poster.find(slack.here, LONG, "round-11", recently()) is None
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert await slack.poster.find(slack.here, LONG, "round-1", later) is None
    slack.server.missing_scopes.add("channels:history")
    assert await slack.poster.find(slack.here, LONG, "round-1", recently()) is None
    slack.server.fail("conversations.history", "internal_error")
    with pytest.raises(SlackApiError):
        await slack.poster.find(slack.here, LONG, "round-1", recently())


async def test_a_message_of_another_app_or_person_with_our_mark_is_not_ours(slack: Room) -> None:
    forged = await slack.poster.post(slack.here, SCREEN, "round-1")
    slack.general.messages[-1].author = slack.ann.id
    assert await slack.poster.find(slack.here, SCREEN, "round-1", recently()) is None
    posted = await slack.poster.post(slack.here, SCREEN, "round-2")
    assert posted != forged
    assert await slack.poster.find(slack.here, SCREEN, "round-2", recently()) == posted


async def test_a_retry_sends_the_missing_parts_of_a_long_message(forgetful: Room) -> None:
    posted = await forgetful.poster.post(forgetful.here, LONG, "round-1")
    whole = [message.words for message in forgetful.general.messages]
    for message in forgetful.general.messages[1:]:
        message.delete()
    assert await forgetful.poster.post(forgetful.here, LONG, "round-1", since=recently()) == posted
    assert [message.words for message in forgetful.general.messages] == whole


async def test_without_permission_to_search_the_bot_posts_anyway(forgetful: Room) -> None:
    forgetful.server.missing_scopes.add("channels:history")
    assert await forgetful.poster.post(forgetful.here, SCREEN, "round-1", since=recently())


async def test_nothing_is_posted_while_a_search_fails(forgetful: Room) -> None:
    forgetful.server.fail("conversations.history", "internal_error")
    with pytest.raises(SlackApiError):
        await forgetful.poster.post(forgetful.here, SCREEN, "round-1", since=recently())
    assert forgetful.general.messages == []


async def test_sixty_channels_get_their_question_at_once_and_once(forgetful: Room) -> None:
    slack = forgetful
    channels = [slack.team.add_channel(f"room-{number}") for number in range(60)]
    slack.server.fail("chat.postMessage", status=429, retry_after=2, times=20)
    began = monotonic()
    posted = await asyncio.gather(
        *(slack.poster.post(slack.place(each), SCREEN, "round-1") for each in channels)
    )
    assert monotonic() - began >= 2  # what Slack asks for
    assert [[message.ts for message in each.messages] for each in channels] == [
        [ts] for ts in posted
    ]


async def test_slack_is_not_retried_forever(slack: Room) -> None:
    slack.server.fail("chat.postMessage", status=429, retry_after=0, times=4)
    with pytest.raises(SlackApiError):
        await slack.poster.post(slack.here, SCREEN, "round-1")
    assert slack.general.messages == []


async def test_a_channel_gets_at_most_one_message_a_second(forgetful: Room) -> None:
    slack = forgetful
    slack.server.post_rate = 1.0
    posted = [slack.poster.post(slack.here, SCREEN, f"round-{number}") for number in range(2)]
    assert len(set(await asyncio.gather(*posted))) == 2
    assert len(slack.general.messages) == 2
