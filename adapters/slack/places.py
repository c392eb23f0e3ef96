"""Finds the channels in which the bot can post, while it's set up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.listeners import PLATFORM
from adapters.slack.mrkdwn import ROLE_WORD
from adapters.slack.people import error_code
from bot.engine.events import Actor, Place
from bot.engine.platform import Misconfigured

LOOK_SECONDS = 2.0
PAGE_SIZE = 200
"""As many as Slack recommends."""


async def find_places(
    client: AsyncWebClient, seconds: float
) -> tuple[Actor, Sequence[tuple[str, Place]]]:
    """The bot itself, and the channels that it's in with what people call them. If it's in none
    yet, wait for so long until it is. Raises Misconfigured without the scope to list them."""
    identity = await client.auth_test()
    team, until = identity["team_id"], monotonic() + seconds
    actor = Actor(identity["user_id"], "Studyhall", admin=True)
    found = await _list_channels(client)
    while not found and monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
        found = await _list_channels(client)
    return actor, [
        (f"#{name}", Place(PLATFORM, team, id_, private=False, realm=team, role_word=ROLE_WORD))
        for id_, name in found
    ]


async def _list_channels(client: AsyncWebClient) -> list[tuple[str, str]]:
    for types in ("public_channel,private_channel", "public_channel"):
        try:
            page = await client.users_conversations(
                types=types, exclude_archived=True, limit=PAGE_SIZE
            )
        except SlackApiError as problem:
            if error_code(problem) != "missing_scope":
                raise
        else:
            return [(each["id"], each["name"]) for each in page["channels"]]
    raise Misconfigured(
        "To find a channel, the app needs the scope channels:read: add it, and install the app "
        "again. Or start the bot, and type /quiz question in a channel."
    )
