"""Posts to Slack channels, edits posts, and sends direct messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.charts import Pictures, drop_picture
from adapters.presence import PresenceCache
from adapters.slack.people import Profiles, error_code
from adapters.slack.render import NO_PREVIEWS, Message, add_picture, render
from adapters.slack.uploads import UNREADY, send_once_ready, upload
from bot.engine.events import Channel, Mention, Role
from bot.engine.platform import MessageGone, Presence, Unpostable
from bot.engine.screens import BarChart, Screen
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

METADATA_TYPE = "studyhall_round"
"""The metadata type that marks our own messages."""

PAGE_SIZE = 200
"""Messages per request of a channel's history: as many as Slack recommends."""

GROUPS_TTL_SECONDS, MAX_WORKSPACES = 60.0, 1000
"""How long user groups are cached, and for how many workspaces."""

ADDRESS_TTL_SECONDS, ADDRESS_WAIT_SECONDS = 3600.0, 0.5
"""How long a workspace's address is cached, known or not, and how long the first who needs it waits
for it; until it's there, others do without."""

NOT_INVITED = "I can't post in this channel. Invite me with /invite @Studyhall."
CAN_POST = "All set: I can post in this channel."
GROUP_GONE = "No one will be notified: the user group was deleted. Choose another one."
REMOVED = "Studyhall was removed from this workspace."
LOGGED_OUT = "Slack doesn't accept my token anymore. Ask an admin to reinstall Studyhall."
NO_ACCESS = "I don't have access to this workspace. Ask an admin to grant it."
MEMBER_GONE = "This member is no longer in the workspace."
DMS_CLOSED = "This member doesn't accept direct messages from me."
CANT_REPLY = "I can't reply in threads in this channel. Ask an admin to allow it."
RESTRICTED = "restricted_action"
"""Starts several error codes; those that aren't listed below mean the same."""

LASTING_ERRORS = {
    "channel_not_found": NOT_INVITED,
    "not_in_channel": NOT_INVITED,
    "is_archived": "This channel is archived. Unarchive it, or choose another one.",
    RESTRICTED: "This workspace doesn't let me post here. Ask an admin to allow it.",
    "restricted_action_read_only_channel": "Only certain people can post in this "
    "channel. Ask an admin to add me in the channel's posting permissions.",
    "restricted_action_thread_only_channel": "This channel only allows replies in threads. "
    "Choose another one.",
    "restricted_action_non_threadable_channel": CANT_REPLY,
    "restricted_action_thread_locked": CANT_REPLY,
    "cannot_reply_to_message": CANT_REPLY,
    "missing_scope": "I don't have permission to post. Ask an admin to reinstall Studyhall from "
    "its manifest.",
    "invalid_auth": LOGGED_OUT,
    "not_authed": LOGGED_OUT,
    "token_expired": LOGGED_OUT,
    "access_denied": NO_ACCESS,
    "ekm_access_denied": NO_ACCESS,
    "enterprise_is_restricted": NO_ACCESS,
    "no_permission": NO_ACCESS,
    "org_login_required": NO_ACCESS,
    "team_access_not_granted": NO_ACCESS,
    "user_not_found": MEMBER_GONE,
    "user_disabled": MEMBER_GONE,
    "user_not_visible": MEMBER_GONE,
    "cannot_dm_bot": DMS_CLOSED,
    "messages_tab_disabled": DMS_CLOSED,
    "account_inactive": REMOVED,
    "token_revoked": REMOVED,
}
"""What to do about errors that last. All others may pass: Slack is busy, or down."""

MESSAGE_GONE_ERRORS = frozenset(
    {"message_not_found", "edit_window_closed", "cant_update_message", "thread_not_found"}
)
"""Errors about a single message; its channel may accept others."""

BAD_MESSAGE_ERRORS = frozenset(
    {
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
    }
)
"""Errors in a message's content. Source for these and all others: Slack's documentation of
`chat.postMessage` and `chat.update`."""


class SlackPoster:
    """Posts screens through the client of the channel's workspace."""

    def __init__(
        self, client_of: Callable[[str], Awaitable[AsyncWebClient]], profiles: Profiles
    ) -> None:
        self._client_of = client_of
        self._profiles = profiles
        self._pictures = Pictures()
        self._addresses = TimedCache[str, asyncio.Task[str]](
            ADDRESS_TTL_SECONDS, MAX_WORKSPACES, monotonic
        )
        self._groups = TimedCache[str, Sequence[Role]](
            GROUPS_TTL_SECONDS, MAX_WORKSPACES, monotonic
        )
        self.members = PresenceCache(self._ask_presence)
        """Who is still in their workspace."""

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen. Slack doesn't guarantee to ignore duplicates, so a retry first searches
        the channel for messages that the handle marks."""
        client = await self._client_of(channel.community)
        message = render(screen, notify=True)
        parts = {handle: message}
        parts |= {f"{handle}/{number}": more for number, more in enumerate(message.more)}
        with _explain_errors():
            posted = await _find_posted(client, channel.id, parts, since) if since else {}
            if screen.picture and handle not in posted:
                pictured = await self._post_with_picture(
                    client, channel, screen, screen.picture, handle
                )
                posted |= {handle: pictured} if pictured else {}
                parts[handle] = render(drop_picture(screen), notify=True)
            for mark, part in parts.items():
                if mark not in posted:
                    posted[mark] = await _send(client, channel, part, mark)
        return posted[handle]

    async def _post_with_picture(
        self,
        client: AsyncWebClient,
        channel: Channel,
        screen: Screen,
        chart: BarChart,
        handle: str,
    ) -> str | None:
        """Post a screen with its picture, and return its id; None if Slack rejects the picture."""
        try:
            file = await upload(client, chart, await self._pictures.png(chart))
        except (SlackClientError, ClientError, OSError) as problem:
            log.warning("could not upload a picture: %s", problem)
            return None
        message = add_picture(render(screen, notify=True), file, chart.alt)
        try:
            return await send_once_ready(lambda: _send(client, channel, message, handle))
        except SlackApiError as problem:
            # Any other error may be about the channel, or hide that the message was posted.
            if problem.response["error"] != UNREADY:
                raise
            log.warning("slack rejected a picture: %s", problem.response["error"])
            return None

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """The message marked with the handle."""
        client = await self._client_of(channel.community)
        return (await _find_posted(client, channel.id, {handle}, since)).get(handle)

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Replace a message's screen."""
        client = await self._client_of(channel.community)
        body = render(screen, single=True).body()
        with _explain_errors(editing=True):
            await client.chat_update(channel=channel.id, ts=message, **body)

    async def reply(
        self,
        channel: Channel,
        message: str,
        screen: Screen,
        handle: str,
        *,
        since: datetime | None = None,
        thread: str = "",
    ) -> None:
        """Reply in the message's thread. A reply is shown in the channel as well; a discussion
        isn't, since that's all that tells them apart here."""
        client = await self._client_of(channel.community)
        with _explain_errors():
            if since:
                for where in ("", message):
                    if handle in await _find_posted(client, channel.id, {handle}, since, where):
                        return
            place = {"thread_ts": message} | ({} if thread else {"reply_broadcast": True})
            await _send(client, channel, render(screen, single=True), handle, **place)

    async def check_reply(self, channel: Channel, *, thread: bool) -> str:
        """Only replying can tell."""
        return ""

    async def link(self, channel: Channel, message: str) -> str:
        """Made from the workspace's address. Source: Slack's documentation, `chat.getPermalink`."""
        if (asked := self._addresses.get(channel.community)) is None:
            asked = asyncio.create_task(self._ask_address(channel.community))
            self._addresses.keep(channel.community, asked)
            await asyncio.wait({asked}, timeout=ADDRESS_WAIT_SECONDS)
        address = asked.result() if asked.done() else ""
        return f"{address}archives/{channel.id}/p{message.replace('.', '')}" if address else ""

    async def _ask_address(self, community: str) -> str:
        """A workspace's address, or "" if Slack doesn't say."""
        try:
            client = await self._client_of(community)
            return str((await client.auth_test()).get("url") or "")
        except (SlackClientError, ClientError, OSError, Unpostable) as problem:
            log.warning("could not fetch a slack workspace's address: %s", problem)
            return ""

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """Looks at the channel if the bot has the scope. Otherwise only posting can tell, so it
        sends the least visible message: one that only the asker sees."""
        client = await self._client_of(channel.community)
        with _explain_errors():
            try:
                info = (await client.conversations_info(channel=channel.id))["channel"]
            except SlackApiError as problem:
                if error_code(problem) != "missing_scope":
                    raise
                if asker:
                    await client.chat_postEphemeral(channel=channel.id, user=asker, text=CAN_POST)
            else:
                if info.get("is_archived"):
                    raise Unpostable(LASTING_ERRORS["is_archived"])
                if not info.get("is_member"):
                    raise Unpostable(NOT_INVITED)
        groups = await self.roles(channel.community) if mention else ()
        known = {group.id for group in groups}
        return GROUP_GONE if known and mention not in known else ""

    async def may_post(self, _: Channel, __: str) -> bool:
        """Slack's menus list only channels that the member can see."""
        return True

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Send a screen as a direct message."""
        client = await self._client_of(community)
        with _explain_errors():
            direct = await client.conversations_open(users=user)
            body = render(screen, single=True).body()
            await client.chat_postMessage(channel=direct["channel"]["id"], **NO_PREVIEWS, **body)

    async def presence(self, community: str, users: Collection[str]) -> Mapping[str, Presence]:
        """Looks each member's account up."""
        return await self.members.of(community, users)

    async def roles(self, community: str) -> Sequence[Role]:
        """The workspace's user groups; none if they're unavailable."""
        if (known := self._groups.get(community)) is not None:
            return known
        try:
            client = await self._client_of(community)
            groups = (await client.usergroups_list())["usergroups"]
        except (SlackApiError, Unpostable) as problem:
            log.warning("could not fetch slack user groups: %s", problem)
            return []
        roles = tuple(Role(group["id"], group["handle"]) for group in groups)
        return self._groups.keep(community, roles)

    async def members_of(self, community: str, role: str) -> Sequence[str]:
        """The members of a user group."""
        client = await self._client_of(community)
        response = await client.usergroups_users_list(usergroup=role)
        users: list[str] = response["users"]
        return users

    async def look_up(self, community: str, users: Collection[str]) -> Sequence[Mention]:
        """People with the names in their profiles."""
        client = await self._client_of(community)
        profiles = await self._profiles.fetch_all(client, community, users)
        return [Mention(user, each.name, plays=each.plays) for user, each in profiles.items()]

    async def _ask_presence(self, community: str, user: str) -> Presence:
        client = await self._client_of(community)
        profile = await self._profiles.identify(client, community, user)
        return Presence.DEACTIVATED if profile and profile.deactivated else Presence.HERE


async def _send(
    client: AsyncWebClient, channel: Channel, message: Message, mark: str, **place: Any
) -> str:
    """Post a message with a mark, and return its id."""
    sent = await client.chat_postMessage(
        channel=channel.id,
        metadata={"event_type": METADATA_TYPE, "event_payload": {"handle": mark}},
        client_msg_id=str(uuid5(NAMESPACE_URL, f"{channel.id}/{mark}")),
        **NO_PREVIEWS,
        **place,
        **message.body(),
    )
    return str(sent["ts"])


async def _find_posted(
    client: AsyncWebClient,
    channel: str,
    marks: Collection[str],
    since: datetime,
    thread: str = "",
) -> dict[str, str]:
    """Our messages in a channel, or in the thread of a message, by their mark, until all wanted
    ones are found; none if the bot may not read the history."""
    posted: dict[str, str] = {}
    which: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{since.timestamp():.6f}",
        "limit": PAGE_SIZE,
        "include_all_metadata": True,
    }
    try:
        # Any app can mark its messages as we do.
        bot = (await client.auth_test())["bot_id"]
        pages = await (
            client.conversations_replies(ts=thread, **which)
            if thread
            else client.conversations_history(**which)
        )
        async for page in pages:
            posted |= _find_marks(page["messages"], bot)
            if posted.keys() >= set(marks):
                break
    except SlackApiError as problem:
        if problem.response["error"] not in LASTING_ERRORS:
            raise
    return posted


def _find_marks(messages: Sequence[Mapping[str, Any]], bot: str) -> dict[str, str]:
    """A bot's messages among these, by their mark."""
    own = (each for each in messages if each.get("bot_id") == bot)
    marked = ((each.get("metadata") or {}, str(each["ts"])) for each in own)
    return {
        metadata["event_payload"].get("handle", ""): ts
        for metadata, ts in marked
        if metadata.get("event_type") == METADATA_TYPE
    }


@contextmanager
def _explain_errors(*, editing: bool = False) -> Iterator[None]:
    """Turn Slack's lasting errors into ones that say what to do. If an edit is rejected for its
    content, only that message is affected: the channel may accept others."""
    try:
        yield
    except SlackApiError as problem:
        error = str(problem.response["error"])
        if error in MESSAGE_GONE_ERRORS:
            raise MessageGone("That message was deleted or can't be edited anymore.") from None
        if error in BAD_MESSAGE_ERRORS:
            rejected = MessageGone if editing else Unpostable
            raise rejected(f"Slack rejected this message: {error}.") from None
        general = RESTRICTED if error.startswith(RESTRICTED) else error
        if refusal := LASTING_ERRORS.get(error, LASTING_ERRORS.get(general)):
            raise Unpostable(refusal) from None
        raise
