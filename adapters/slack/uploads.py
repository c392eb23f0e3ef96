"""Pictures in Slack's messages: uploaded into no channel, and shown once Slack is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.mrkdwn import shortened
from bot.engine.screens import BarChart

T = TypeVar("T")

WAITS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each try to show a picture: Slack takes about one to make an upload ready, and
until then refuses the blocks that show it."""

UPLOAD_ALT = 1000
"""Characters that describe an upload. Source: Slack's documentation of
`files.getUploadURLExternal`."""

UNREADY = "invalid_blocks"


async def upload(client: AsyncWebClient, chart: BarChart, png: bytes) -> str:
    """The id of a picture in Slack: in no channel, where only the app has it."""
    alt = shortened(chart.alt, UPLOAD_ALT)
    told = await client.files_upload_v2(
        content=png, filename="picture.png", title=chart.title, alt_txt=alt
    )
    return str(told["files"][0]["id"])


async def once_ready(send: Callable[[], Awaitable[T]]) -> T:
    """What sending a message with an upload comes to. By the app's own token: at a response_url,
    where nobody's comes along, Slack does not find the file."""
    for wait in WAITS[:-1]:
        await asyncio.sleep(wait)
        try:
            return await send()
        except SlackApiError as problem:
            if problem.response["error"] != UNREADY:
                raise
    await asyncio.sleep(WAITS[-1])
    return await send()
