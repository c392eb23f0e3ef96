"""The greeting: once, and again only after a while."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.engine.greeting import HELLO, QUIET_PERIOD
from bot.engine.screens import Screen
from tests.engine.test_desk import Table
from tests.texts import find_bare_command, list_screen_texts


class Greeted(Table):
    """A desk that greets a community, and what it sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Screen] = []
        self.trouble: Exception | None = None

    async def greet(self, community: str = "home") -> None:
        await self.desk.greet("terminal", community, self._send)

    async def _send(self, screen: Screen) -> None:
        if self.trouble:
            raise self.trouble
        self.sent.append(screen)


async def test_each_community_is_greeted_once() -> None:
    table = Greeted()
    for community in ("home", "home", "elsewhere"):
        await table.greet(community)
    assert table.sent == [HELLO, HELLO]
    table.clock.now += QUIET_PERIOD - timedelta(seconds=1)
    await table.greet()
    assert len(table.sent) == 2
    table.clock.now += timedelta(seconds=1)
    await table.greet()
    assert len(table.sent) == 3


async def test_a_greeting_that_fails_is_logged_and_counts_for_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = Greeted()
    table.trouble = ConnectionError("down")
    with caplog.at_level(logging.WARNING):
        await table.greet()
    assert "could not greet terminal community home" in caplog.text
    table.trouble = None
    await table.greet()
    assert table.sent == [HELLO]


def test_the_greeting_names_commands_properly() -> None:
    assert not any(map(find_bare_command, list_screen_texts(HELLO)))
