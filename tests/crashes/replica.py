"""A process of its own that does what is due, until it is struck."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from adapters.discord.client import StudyhallClient
from adapters.discord.invite import log_in
from adapters.slack.app import SlackAdapter
from tests.conformance.bot import Bot
from tests.conformance.chat import Chat
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat
from tests.crashes.faults import Fault, Step, Trouble
from tests.layouts import POSTS, in_a_layout
from tests.samples import TickingClock, small_pack


def access_to(chat: Chat) -> tuple[str, Any]:
    """The platform, and what another replica needs to log in to it."""
    if isinstance(chat, DiscordChat):
        return "discord", (chat.server.token, chat.server.api_base)
    assert isinstance(chat, SlackChat)
    return "slack", chat._credentials()


async def another(database: str, platform: str, access: Any, now: datetime) -> tuple[Bot, Any]:
    """One more replica, which takes no events, with what has to be closed at its end."""
    bot = await Bot.start(small_pack(), database, TickingClock(now))
    if platform == "discord":
        client = StudyhallClient(bot.desk, bot.store)
        await log_in(client, *access)
        bot.posters[platform] = client.poster
        return bot, client
    slack = SlackAdapter(bot.desk, access)
    await slack.log_in()
    bot.posters[platform] = slack.poster
    return bot, slack


def live_and_die(
    database: str, platform: str, access: Any, now: datetime, step: Step, layouts: bool
) -> None:
    """Do what is due now, and be killed at that step."""
    if layouts:
        pytest.MonkeyPatch().setattr(POSTS, in_a_layout)

    async def live() -> None:
        bot, _ = await another(database, platform, access, now)
        Trouble(bot, platform, step, Fault.KILLED)
        await bot.passes(0)

    asyncio.run(live())
