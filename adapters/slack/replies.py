"""Sends replies to the person who acted: in place of the message they used, or beside it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, fields
from typing import Any

from aiohttp import ClientError, ClientSession
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.charts import Pictures, drop_picture
from adapters.slack.render import NO_PREVIEWS, Message, add_picture, render
from adapters.slack.uploads import UNREADY, send_once_ready, upload
from bot.engine.screens import BarChart, File, Link, Reply, Screen

log = logging.getLogger(__name__)

OK = 200
IN_MESSAGES = "Your file is in Messages, where only you see it."


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from, and so where its reply goes. Small enough for a modal's metadata.

    `ephemeral` is true for a message that only the member sees; `ts` is set for one in the app's
    direct messages. `thread_ts` is the thread that the member is in. `view` is the modal that shows
    the reply, which may be `loading` so far. `home` is true if it all began on Home, which then has
    to show what changed.
    """

    user: str
    channel: str = ""
    response_url: str = ""
    ephemeral: bool = False
    ts: str = ""
    thread_ts: str = ""
    view: str = ""
    loading: bool = False
    home: bool = False

    def to_json(self) -> str:
        """As a modal's metadata, without the user: whoever uses the modal is named by Slack."""
        places = {name: getattr(self, name) for name in _PLACES}
        return json.dumps({name: at for name, at in places.items() if at}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, user: str) -> Origin:
        """From the metadata of a modal that the user used."""
        places = json.loads(text or "{}")
        return cls(user, **{name: places[name] for name in _PLACES if name in places})


_PLACES = [each.name for each in fields(Origin) if each.name not in ("user", "loading")]


async def send_reply(
    client: AsyncWebClient,
    session: ClientSession,
    origin: Origin,
    reply: Reply,
    pictures: Pictures,
    messages_tab: str,
) -> None:
    """Send a reply that only the member sees. A file goes to the app's direct messages, whose link
    is `messages_tab`."""
    screen = reply.screen
    if chart := screen.picture:
        if await _send_with_picture(client, origin, screen, chart, pictures):
            return
        screen = drop_picture(screen)
    message = render(screen)
    if reply.file:
        direct = await send_file(client, origin.user, reply.file, message.text)
        if origin.channel and origin.channel != direct:
            link = Link("Open Messages", messages_tab)
            message = render(Screen(text=(IN_MESSAGES,), controls=(link,)))
            await _send_or_respond(client, session, origin, message)
        return
    if not (reply.updates and origin.ts and await _update(client, origin, message)):
        await _send_or_respond(client, session, origin, message, replace=reply.updates)
    for more in message.more:
        await _send_or_respond(client, session, origin, more)


async def send_file(client: AsyncWebClient, user: str, file: File, comment: str) -> str:
    """Send a file as a direct message, and return its channel."""
    direct = str((await client.conversations_open(users=user))["channel"]["id"])
    await client.files_upload_v2(
        channel=direct, content=file.content, filename=file.name, initial_comment=comment
    )
    return direct


async def _send_with_picture(
    client: AsyncWebClient, origin: Origin, screen: Screen, chart: BarChart, pictures: Pictures
) -> bool:
    """Send a screen with its picture; False if that fails."""
    try:
        file = await upload(client, chart, await pictures.png(chart))
        message = add_picture(render(screen), file, chart.alt)
        await send_once_ready(lambda: _send(client, origin, message))
    except SlackApiError as problem:
        log.warning("slack rejected a picture: %s", problem.response["error"])
        return False
    except (SlackClientError, ClientError, OSError) as problem:
        log.warning("could not send a picture: %s", problem)
        return False
    for more in message.more:
        await _send(client, origin, more)
    return True


async def _send_or_respond(
    client: AsyncWebClient,
    session: ClientSession,
    origin: Origin,
    message: Message,
    *,
    replace: bool = False,
) -> None:
    in_place = replace and origin.ephemeral
    # A response_url can't send a private message to a thread. Source: Slack's documentation,
    # "Handling user interaction", "Publishing responses in thread".
    if origin.thread_ts and not in_place and await _post_ephemeral(client, origin, message):
        return
    if origin.ts or not await _respond(session, origin, message, replace=replace):
        await _send(client, origin, message)


async def _respond(
    session: ClientSession, origin: Origin, message: Message, *, replace: bool
) -> bool:
    """Reply at the event's response_url, which works five times within half an hour."""
    if not origin.response_url:
        return False
    body: dict[str, Any] = {
        "response_type": "ephemeral",
        "replace_original": replace and origin.ephemeral,
        **message.body(),
    }
    try:
        async with session.post(origin.response_url, json=body) as response:
            return response.status == OK and '"ok":false' not in await response.text()
    except (ClientError, OSError) as problem:
        log.warning("could not reach a slack response_url: %s", problem)
        return False


async def _update(client: AsyncWebClient, origin: Origin, message: Message) -> bool:
    try:
        await client.chat_update(channel=origin.channel, ts=origin.ts, **message.body())
    except SlackApiError as problem:
        log.warning("could not update a slack message: %s", problem.response["error"])
        return False
    return True


async def _send(client: AsyncWebClient, origin: Origin, message: Message) -> None:
    """Send the reply as a new message: ephemeral in a channel, else as a direct message."""
    if origin.channel and not origin.ts and await _post_ephemeral(client, origin, message):
        return
    await client.chat_postMessage(channel=origin.user, **NO_PREVIEWS, **message.body())


async def _post_ephemeral(client: AsyncWebClient, origin: Origin, message: Message) -> bool:
    """Send a message that only the member sees, in their thread if they're in one; False if the bot
    may not."""
    try:
        await client.chat_postEphemeral(
            channel=origin.channel,
            user=origin.user,
            thread_ts=origin.thread_ts or None,
            **message.body(),
        )
    except SlackApiError as problem:
        if problem.response["error"] == UNREADY:
            raise
        log.warning("could not reply in a slack channel: %s", problem.response["error"])
        return False
    return True
