"""Pictures in Slack messages: uploaded into no channel, and shown once Slack has processed them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.mrkdwn import shorten
from bot.engine.screens import BarChart

T = TypeVar("T")

RETRY_WAITS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each try to show a picture: Slack takes about a second to process an upload, and
rejects blocks that show it until then."""

MAX_UPLOAD_ALT = 1000
"""Characters in an upload's description. Source: Slack's documentation of
`files.getUploadURLExternal`."""

UNREADY, UNREADY_IN_VIEW = "invalid_blocks", "invalid_arguments"


async def upload(client: AsyncWebClient, chart: BarChart, png: bytes) -> str:
    """Upload a picture to Slack, and return its id. It's in no channel: only the app has it."""
    alt = shorten(chart.alt, MAX_UPLOAD_ALT)
    response = await client.files_upload_v2(
        content=png, filename="picture.png", title=chart.title, alt_txt=alt
    )
    return str(response["files"][0]["id"])


async def send_once_ready(send: Callable[[], Awaitable[T]]) -> T:
    """Send a message with an upload, retrying until it's ready. Use the app's own token: through a
    response_url, which has none, Slack doesn't find the file."""
    for wait in RETRY_WAITS[:-1]:
        await asyncio.sleep(wait)
        try:
            return await send()
        except SlackApiError as problem:
            if problem.response["error"] not in (UNREADY, UNREADY_IN_VIEW):
                raise
    await asyncio.sleep(RETRY_WAITS[-1])
    return await send()
