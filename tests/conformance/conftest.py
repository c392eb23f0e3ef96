"""Runs every scenario on every platform that supports what it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from content.model import Pack
from tests.conformance.chat import Chat
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat, SlackHttpChat
from tests.conformance.terminal import TerminalChat
from tests.databases import PostgresqlServer
from tests.samples import NOW, save_pack, small_pack

PLATFORMS: dict[str, type[Chat]] = {
    each.name: each for each in (TerminalChat, DiscordChat, SlackChat, SlackHttpChat)
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(what): a scenario for platforms that can do that")


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database's URL: a SQLite file, unless the scenario asks for both kinds."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/chat.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.new() as url:
        yield url


@pytest.fixture
def now(request: pytest.FixtureRequest) -> datetime:
    """The time at which the scenario starts."""
    begins: datetime = getattr(request, "param", NOW)
    return begins


@pytest.fixture
def pack() -> Pack:
    """The pack that the bot asks."""
    return small_pack()


@pytest.fixture(
    params=[
        # Its scenarios take the same paths as those over the socket, after the first step.
        pytest.param(name, marks=pytest.mark.long) if name == SlackHttpChat.name else name
        for name in PLATFORMS
    ]
)
async def chat(
    request: pytest.FixtureRequest, tmp_path: Path, database: str, now: datetime, pack: Pack
) -> AsyncIterator[Chat]:
    """A running bot on one platform, with the pack and a database of its own."""
    platform = PLATFORMS[request.param]
    for mark in request.node.iter_markers("needs"):
        if not platform.can.issuperset(mark.args):
            pytest.skip(f"{request.param} has no {', '.join(mark.args)}")
    async with platform.running(pack, save_pack(pack, tmp_path / "pack"), database, now) as chat:
        yield chat
