"""A replica in its own process, which runs scheduled jobs until it's killed."""

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
from tests.crashes.faults import Fault, FaultInjector, Step
from tests.layouts import POSTS, in_a_layout
from tests.samples import TickingClock, small_pack


def access_to(chat: Chat) -> tuple[str, Any]:
    """The platform, and the credentials another replica needs."""
    if isinstance(chat, DiscordChat):
        return "discord", (chat.server.token, chat.server.api_base)
    assert isinstance(chat, SlackChat)
    return "slack", chat._credentials()


async def start_replica(
    database: str, platform: str, access: Any, now: datetime
) -> tuple[Bot, Any]:
    """One more replica, which receives no events, and the adapter to close at the end."""
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


def run_until_killed(
    database: str, platform: str, access: Any, now: datetime, step: Step, layouts: bool
) -> None:
    """Run what is due now, and die at that step."""
    if layouts:
        pytest.MonkeyPatch().setattr(POSTS, in_a_layout)

    async def live() -> None:
        bot, _ = await start_replica(database, platform, access, now)
        FaultInjector(bot, platform, step, Fault.KILLED)
        await bot.passes(0)

    asyncio.run(live())
