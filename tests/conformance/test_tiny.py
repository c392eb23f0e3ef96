"""A third chat platform: scenarios hold there, too."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.engine.platform import Adapter, LoginFailed
from content.model import Pack
from tests.adapters.tiny import END, TinyAdapter
from tests.conformance import test_scenarios as scenarios
from tests.conformance.bot import Bot
from tests.conformance.chat import Chat, Shown, typed
from tests.samples import NOW, TickingClock, small_pack


class TinyChat(Chat):
    """A room whose people type over TCP; `ann`, who comes first, is its admin."""

    name = "tiny"

    def __init__(self, pack: Pack, database: str, clock: TickingClock) -> None:
        super().__init__(pack, clock)
        self._database = database
        self._people: dict[str, tuple[StreamReader, StreamWriter]] = {}

    @classmethod
    @asynccontextmanager
    async def running(
        cls, pack: Pack, folder: Path, database: str, now: datetime = NOW
    ) -> AsyncIterator[TinyChat]:
        chat = cls(pack, database, TickingClock(now))
        await chat._start()
        try:
            yield chat
        finally:
            await chat._stop()

    async def call(self, command: str, user: str = "ann", **options: str | int) -> Shown:
        return await self._say(f"/{command} {typed(options)}", user)

    async def press(self, shown: Shown, label: str, user: str = "ann", text: str = "") -> Shown:
        return await self._say(f"/{label}", user)

    async def pick(self, shown: Shown, letters: Sequence[str], user: str = "ann") -> Shown:
        return await self._say("".join(letters), user)

    async def write(self, shown: Shown, text: str, user: str = "ann") -> Shown:
        return await self._say(text, user)

    async def restart(self) -> None:
        await self._stop()
        await self._start()

    async def passes(self, seconds: float) -> None:
        await self.bot.passes(seconds)

    async def joins(self, user: str) -> None:
        self._people[user] = await asyncio.open_connection("127.0.0.1", self.adapter.port)
        self._people[user][1].write(f"{user}\n".encode())

    async def hears(self, user: str) -> Shown:
        """The next screen of a person."""
        reader, _ = self._people[user]
        text = await asyncio.wait_for(reader.readuntil(f"\n{END}\n".encode()), 30)
        return Shown(text.decode(), private=True)

    async def _say(self, line: str, user: str) -> Shown:
        _, writer = self._people[user]
        writer.write(f"{line}\n".encode())
        return await self.hears(user)

    async def _start(self) -> None:
        self.bot = await Bot.start(self.pack, self._database, self.clock)
        self.adapter = TinyAdapter(self.bot.desk)
        adapter: Adapter = self.adapter
        await adapter.log_in()
        self.bot.posters[adapter.platform] = adapter.poster
        self._connection = asyncio.create_task(adapter.connect())
        await self.joins("ann")

    async def _stop(self) -> None:
        self._connection.cancel()
        for _, writer in self._people.values():
            writer.close()
        await self.adapter.leave()
        await self.bot.stop()


@pytest.fixture
async def chat(tmp_path: Path, database: str) -> AsyncIterator[TinyChat]:
    async with TinyChat.running(small_pack(), tmp_path, database) as chat:
        yield chat


@pytest.mark.parametrize(
    "scenario",
    [
        scenarios.test_a_drill_walks_through_every_kind_of_question_to_its_summary,
        scenarios.test_a_wrong_answer_is_told_the_right_one_and_why,
        scenarios.test_a_drill_can_be_stopped_with_its_summary,
        scenarios.test_numbers_and_board_follow_the_answers,
    ],
    ids=lambda scenario: str(scenario.__name__),
)
async def test_scenarios_hold_in_a_room(chat: TinyChat, scenario: Any) -> None:
    await scenario(chat)


async def test_a_question_is_posted_to_all_answered_by_one_and_closed(chat: TinyChat) -> None:
    await chat.joins("bob")
    await chat.call("question", minutes=1)
    asked = await chat.hears("bob")
    assert asked.question(chat.pack)
    assert "Right ·" in (await chat.answer(asked, user="bob")).text
    await chat.passes(60)
    assert "Result" in (await chat.hears("bob")).text


async def test_a_port_in_use_is_reported(chat: TinyChat) -> None:
    with pytest.raises(LoginFailed, match="can't be used"):
        await TinyAdapter(chat.bot.desk, chat.adapter.port).log_in()
