"""Shows replies in modals: Slack's views, which have no channel and no message."""

from __future__ import annotations

import logging
from dataclasses import replace

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.charts import Pictures, drop_picture
from adapters.slack.forms import build_screen
from adapters.slack.render import Json
from adapters.slack.replies import Origin, send_file
from adapters.slack.uploads import send_once_ready, upload
from bot.engine.screens import BarChart, Button, Link, Reply, Screen

log = logging.getLogger(__name__)

CLOSED = "not_found"
"""Slack's error for a modal that its member closed in the meantime."""

MESSAGES_TAB = "slack://app?team={team}&id={app}&tab=messages"
"""Opens the app's messages. Source: Slack's documentation, "Deep linking"."""

FILE_SENT = "The file is in Messages."


async def show_reply(
    client: AsyncWebClient,
    origin: Origin,
    reply: Reply,
    pictures: Pictures,
    messages_tab: str,
    trigger: str = "",
    form: str = "",
) -> None:
    """Show a reply in its modal. What was there stays if the reply keeps it: under another modal
    that the trigger id of a press opens, or, if a form was submitted, behind a button with the
    form's action. Files can't be in a modal: they're sent as a message."""
    screen = reply.screen
    if reply.file:
        await send_file(client, origin, reply)
        screen = replace(
            screen,
            text=(*screen.text, FILE_SENT),
            controls=(*screen.controls, Link("Open Messages", messages_tab)),
        )
    if reply.keeps_message and form and not screen.controls:
        screen = replace(screen, controls=(Button("Back to the form", form),))
    elif reply.keeps_message and trigger and await _push(client, origin, screen, trigger):
        return
    if chart := screen.picture:
        if await _show_with_picture(client, origin, screen, chart, pictures):
            return
        screen = drop_picture(screen)
    await update(client, origin.view, _build(screen, origin))


async def update(client: AsyncWebClient, view_id: str, view: Json) -> None:
    """Replace what a modal shows, unless it was closed."""
    try:
        await client.views_update(view_id=view_id, view=view)
    except SlackApiError as problem:
        if problem.response["error"] != CLOSED:
            raise


async def _push(client: AsyncWebClient, origin: Origin, screen: Screen, trigger: str) -> bool:
    """Open another modal on top; False if that fails, as when there are three."""
    try:
        await client.views_push(trigger_id=trigger, view=_build(screen, origin))
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
        view = _build(screen, origin, file)
        await send_once_ready(lambda: update(client, origin.view, view))
    except (SlackClientError, ClientError, OSError) as problem:
        log.warning("could not show a picture in a slack modal: %s", problem)
        return False
    return True


def _build(screen: Screen, origin: Origin, picture: str = "") -> Json:
    return build_screen(screen, "", origin.to_json(), picture)
