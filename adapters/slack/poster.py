"""Posting in Slack's channels, and changing what was posted."""

from __future__ import annotations

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

from adapters.charts import Pictures, in_words
from adapters.slack.people import error_of
from adapters.slack.render import Message, render, with_picture
from adapters.slack.uploads import UNREADY, once_ready, upload
from bot.engine.events import Channel, Role
from bot.engine.platform import MessageGone, Unpostable
from bot.engine.screens import BarChart, Screen
from bot.engine.timed_cache import TimedCache

log = logging.getLogger(__name__)

EVENT = "studyhall_round"
"""The type of the metadata by which our own messages are recognised."""

PAGE = 200
"""Messages of a channel that are asked for at once: as many as Slack recommends."""

GROUPS_SECONDS, GROUPS_OF = 60.0, 1000
"""How long user groups are remembered, and those of how many workspaces."""

NO_ENTRY = "I can't post in this channel. Invite me with /invite @Studyhall."
CHECKED = "I've checked: I can post in this channel."
GROUP_GONE = "Nobody is notified: the user group isn't there anymore. Choose another one."
REMOVED = "Studyhall was removed from this workspace."
STRANGER = "Slack does not know my token any more. An admin can install me again."
NO_ADMISSION = "I was not given access to this workspace. An admin can grant it."
NOBODY = "This member is not there any more."
NOT_DIRECTLY = "This member takes no direct messages from me."
RESTRICTED = "restricted_action"
"""Begins several errors; those that are not listed mean the same."""

REFUSALS = {
    "channel_not_found": NO_ENTRY,
    "not_in_channel": NO_ENTRY,
    "is_archived": "This channel is archived.",
    RESTRICTED: "This workspace does not let me write here. An admin can allow it.",
    "restricted_action_read_only_channel": "Only some may write in this channel. An admin "
    "can allow it in the channel's posting permissions.",
    "restricted_action_thread_only_channel": "In this channel only threads may be written in.",
    "missing_scope": "I was not given the right to write. An admin can install me again from the "
    "app's manifest.",
    "invalid_auth": STRANGER,
    "not_authed": STRANGER,
    "token_expired": STRANGER,
    "access_denied": NO_ADMISSION,
    "ekm_access_denied": NO_ADMISSION,
    "enterprise_is_restricted": NO_ADMISSION,
    "no_permission": NO_ADMISSION,
    "org_login_required": NO_ADMISSION,
    "team_access_not_granted": NO_ADMISSION,
    "user_not_found": NOBODY,
    "user_disabled": NOBODY,
    "user_not_visible": NOBODY,
    "cannot_dm_bot": NOT_DIRECTLY,
    "messages_tab_disabled": NOT_DIRECTLY,
    "account_inactive": REMOVED,
    "token_revoked": REMOVED,
}
"""What to do about errors that last. All others may pass: Slack is busy, or has troubles."""

GONE = frozenset({"message_not_found", "edit_window_closed", "cant_update_message"})
"""Errors of one message; its channel may well take others."""


UNFIT = frozenset(
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
"""Errors of a message's form. These and all others: Slack's documentation of `chat.postMessage` and
`chat.update`."""


class SlackPoster:
    """Puts screens into channels, through the client of the channel's workspace."""

    def __init__(self, client_of: Callable[[str], Awaitable[AsyncWebClient]]) -> None:
        self._client_of = client_of
        self._pictures = Pictures()
        self._groups = TimedCache[str, Sequence[Role]](GROUPS_SECONDS, GROUPS_OF, monotonic)

    async def post(
        self, channel: Channel, screen: Screen, handle: str, *, since: datetime | None = None
    ) -> str:
        """Post a screen. Slack keeps no promise to post nothing twice, so that before another try
        the channel is looked through for what the handle marks."""
        client = await self._client_of(channel.community)
        message = render(screen, calling=True)
        parts = {handle: message}
        parts |= {f"{handle}/{number}": more for number, more in enumerate(message.more)}
        with _explained():
            posted = await _posted(client, channel.id, parts, since) if since else {}
            if screen.picture and handle not in posted:
                pictured = await self._pictured(client, channel, screen, screen.picture, handle)
                posted |= {handle: pictured} if pictured else {}
                parts[handle] = render(in_words(screen), calling=True)
            for mark, part in parts.items():
                if mark not in posted:
                    posted[mark] = await _send(client, channel, part, mark)
        return posted[handle]

    async def _pictured(
        self,
        client: AsyncWebClient,
        channel: Channel,
        screen: Screen,
        chart: BarChart,
        handle: str,
    ) -> str | None:
        """Post a screen with its picture; None where Slack takes no picture."""
        try:
            file = await upload(client, chart, await self._pictures.png(chart))
        except (SlackClientError, ClientError, OSError) as problem:
            log.warning("a picture could not be uploaded: %s", problem)
            return None
        message = with_picture(render(screen, calling=True), file, chart.alt)
        try:
            return await once_ready(lambda: _send(client, channel, message, handle))
        except SlackApiError as problem:
            # Any other error may be about the channel, or hide that it was posted.
            if problem.response["error"] != UNREADY:
                raise
            log.warning("slack takes no picture: %s", problem.response["error"])
            return None

    async def find(
        self, channel: Channel, screen: Screen, handle: str, since: datetime
    ) -> str | None:
        """The message that the handle marks."""
        client = await self._client_of(channel.community)
        return (await _posted(client, channel.id, {handle}, since)).get(handle)

    async def edit(self, channel: Channel, message: str, screen: Screen) -> None:
        """Show another screen in a message's place."""
        client = await self._client_of(channel.community)
        body = render(screen, alone=True).body()
        with _explained(editing=True):
            await client.chat_update(channel=channel.id, ts=message, **body)

    async def check_postable(self, channel: Channel, mention: str = "", asker: str = "") -> str:
        """Where the bot may look at a channel, it does; else only a message tells, and one for a
        single pair of eyes is the least."""
        client = await self._client_of(channel.community)
        with _explained():
            try:
                told = (await client.conversations_info(channel=channel.id))["channel"]
            except SlackApiError as problem:
                if error_of(problem) != "missing_scope":
                    raise
                if asker:
                    await client.chat_postEphemeral(channel=channel.id, user=asker, text=CHECKED)
            else:
                if told.get("is_archived"):
                    raise Unpostable(REFUSALS["is_archived"])
                if not told.get("is_member"):
                    raise Unpostable(NO_ENTRY)
        groups = await self.roles(channel.community) if mention else ()
        known = {group.id for group in groups}
        return GROUP_GONE if known and mention not in known else ""

    async def notify(self, community: str, user: str, screen: Screen) -> None:
        """Show a screen in a direct message."""
        client = await self._client_of(community)
        with _explained():
            direct = await client.conversations_open(users=user)
            body = render(screen, alone=True).body()
            await client.chat_postMessage(
                channel=direct["channel"]["id"], unfurl_links=False, **body
            )

    async def roles(self, community: str) -> Sequence[Role]:
        """The workspace's user groups; none where they are not to be had."""
        if (known := self._groups.get(community)) is not None:
            return known
        try:
            client = await self._client_of(community)
            groups = (await client.usergroups_list())["usergroups"]
        except (SlackApiError, Unpostable) as problem:
            log.warning("slack says nothing of user groups: %s", problem)
            return []
        given = tuple(Role(group["id"], group["handle"]) for group in groups)
        return self._groups.keep(community, given)

    async def members_of(self, community: str, role: str) -> Sequence[str]:
        """Who is in a user group."""
        client = await self._client_of(community)
        told = await client.usergroups_users_list(usergroup=role)
        users: list[str] = told["users"]
        return users


async def _send(client: AsyncWebClient, channel: Channel, message: Message, mark: str) -> str:
    """The id of a message with a mark, once it's posted."""
    sent = await client.chat_postMessage(
        channel=channel.id,
        metadata={"event_type": EVENT, "event_payload": {"handle": mark}},
        client_msg_id=str(uuid5(NAMESPACE_URL, f"{channel.id}/{mark}")),
        unfurl_links=False,
        **message.body(),
    )
    return str(sent["ts"])


async def _posted(
    client: AsyncWebClient, channel: str, marks: Collection[str], since: datetime
) -> dict[str, str]:
    """Our messages in a channel by what marks them, until all that are wanted are found; none
    where the bot may not look."""
    posted: dict[str, str] = {}
    try:
        pages = await client.conversations_history(
            channel=channel,
            oldest=f"{since.timestamp():.6f}",
            limit=PAGE,
            include_all_metadata=True,
        )
        async for page in pages:
            posted |= _marked(page["messages"])
            if posted.keys() >= set(marks):
                break
    except SlackApiError as problem:
        if problem.response["error"] not in REFUSALS:
            raise
    return posted


def _marked(messages: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Those of the messages that are ours, by what marks them."""
    found = ((each.get("metadata") or {}, str(each["ts"])) for each in messages)
    return {
        metadata["event_payload"].get("handle", ""): ts
        for metadata, ts in found
        if metadata.get("event_type") == EVENT
    }


@contextmanager
def _explained(*, editing: bool = False) -> Iterator[None]:
    """Says what to do where Slack will not take a message, now or later. Where an edit is refused
    for its form, the channel may well take other messages."""
    try:
        yield
    except SlackApiError as problem:
        error = str(problem.response["error"])
        if error in GONE:
            raise MessageGone("The message is not there any more.") from None
        if error in UNFIT:
            refused = MessageGone if editing else Unpostable
            raise refused(f"Slack refused this form of message: {error}.") from None
        general = RESTRICTED if error.startswith(RESTRICTED) else error
        if refusal := REFUSALS.get(error, REFUSALS.get(general)):
            raise Unpostable(refusal) from None
        raise
