"""Shows replies in modals: Slack's views, which have no channel and no message."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.charts import Pictures, drop_picture
from adapters.slack.forms import build_screen
from adapters.slack.render import Json, render
from adapters.slack.replies import IN_MESSAGES, Origin, send_file
from adapters.slack.uploads import send_once_ready, upload
from bot.engine.screens import BarChart, Link, Reply, Screen

log = logging.getLogger(__name__)

CLOSED = "not_found"
"""Slack's error for a modal that its member closed in the meantime."""

Payload = Mapping[str, Any]


def link_messages_tab(body: Payload) -> str:
    """A link to the app's direct messages. Source: Slack's documentation, "Deep linking"."""
    team = body.get("team_id") or (body.get("team") or {}).get("id", "")
    return f"slack://app?team={team}&id={body.get('api_app_id', '')}&tab=messages"


async def build_reply(client: AsyncWebClient, origin: Origin, body: Payload, reply: Reply) -> Json:
    """A modal that shows a reply, without its picture, which takes a while."""
    screen = await _send_file_of(client, origin, body, reply)
    return build(drop_picture(screen) if screen.picture else screen, origin)


async def show_reply(
    client: AsyncWebClient, origin: Origin, body: Payload, reply: Reply, pictures: Pictures
) -> None:
    """Show a reply in its modal, or in one on top if it doesn't update what was there. A picture
    takes too long for that: it always replaces what was there."""
    screen = await _send_file_of(client, origin, body, reply)
    kept = not (reply.updates or origin.loading or screen.picture)
    if kept and await _push(client, origin, screen, body["trigger_id"]):
        return
    if chart := screen.picture:
        if await _show_with_picture(client, origin, screen, chart, pictures):
            return
        screen = drop_picture(screen)
    await update(client, origin.view, build(screen, origin))


async def update(client: AsyncWebClient, view_id: str, view: Json) -> None:
    """Replace what a modal shows, unless it was closed."""
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as problem:
        if problem.response["error"] != CLOSED:
            raise


async def _send_file_of(
    client: AsyncWebClient, origin: Origin, body: Payload, reply: Reply
) -> Screen:
    """The reply's screen; its file, which can't be in a modal, is sent as a message."""
    if reply.file is None:
        return reply.screen
    screen = reply.screen
    await send_file(client, origin.user, reply.file, render(screen).text)
    return replace(
        screen,
        text=(*screen.text, IN_MESSAGES),
        controls=(*screen.controls, Link("Open Messages", link_messages_tab(body))),
    )


async def _push(client: AsyncWebClient, origin: Origin, screen: Screen, trigger: str) -> bool:
    """Open another modal on top; False if that fails, as when there are three."""
    try:
        await client.views_push(trigger_id=trigger, view=build(screen, origin))
    except SlackApiError as problem:
        log.info("could not push a slack modal: %s", problem.response["error"])
        return False
    return True


async def _show_with_picture(
    client: AsyncWebClient, origin: Origin, screen: Screen, chart: BarChart, pictures: Pictures
) -> bool:
    """Show a screen with its picture; False if that fails."""
    try:
        file = await upload(client, chart, await pictures.png(chart))
        view = build(screen, origin, file)
        await send_once_ready(lambda: update(client, origin.view, view))
    except (SlackClientError, ClientError, OSError) as problem:
        log.warning("could not show a picture in a slack modal: %s", problem)
        return False
    return True


def build(screen: Screen, origin: Origin, picture: str = "") -> Json:
    """A modal that shows a screen; a press in it is answered there."""
    return build_screen(screen, "", origin.to_json(), picture)
