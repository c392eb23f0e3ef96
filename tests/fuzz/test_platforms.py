"""What a platform sends, with hostile texts and actions in it, through its real client library."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat
from tests.databases import SqliteFiles
from tests.fuzz.conftest import Amount
from tests.fuzz.hostile import Hostile
from tests.samples import save_pack, small_pack

TYPED = frozenset(
    {"action_id", "callback_id", "custom_id", "text", "user_name", "username", "value", "values"}
)
"""Where payloads hold what people type and choose, and what old messages hold."""

Chat = DiscordChat | SlackChat
Attack = Callable[[Hostile], Awaitable[None]]


@pytest.fixture(params=[DiscordChat, SlackChat], ids=["discord", "slack"])
async def chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
    pack = small_pack()
    with SqliteFiles().new() as url:
        async with request.param.running(pack, save_pack(pack, tmp_path / "pack"), url) as chat:
            yield chat


async def test_hostile_payloads_fail_at_nothing(
    chat: Chat, amount: Amount, caplog: pytest.LogCaptureFixture
) -> None:
    hostile = Hostile(seed=1)
    await play(chat)
    caplog.set_level(logging.WARNING)
    attack = attack_discord(chat) if isinstance(chat, DiscordChat) else attack_slack(chat)
    for number in range(amount.each_platform):
        await attack(hostile)
        assert not caplog.records, f"event {number}: {caplog.text}"


async def play(chat: Chat) -> None:
    """Use every kind of control once, for payloads to spoil."""
    await chat.call("question")
    await chat.answer(await chat.channel())
    shown = await chat.call("drill", questions=8)
    for _ in range(8):
        shown = await chat.answer(shown)
        if "Next" in shown.labels:
            shown = await chat.press(shown, "Next")
    await chat.call("explain", topic="alpha")
    await chat.call("leaderboard")
    await chat.call("team create", name="Owls")
    await chat.call("daily set", time="09:00", zone="UTC")
    await chat.call("settings")
    await chat.call("setup")
    await chat.explain(await chat.channel())


def attack_discord(chat: DiscordChat) -> Attack:
    """Send interactions like those before."""
    interactions = [*chat.server.interactions]

    async def attack(hostile: Hostile) -> None:
        like = hostile.random.choice(interactions)
        person = chat._person(hostile.random.choice(("ann", "eve")))
        person.display_name = hostile.text()[:32] or "x"
        data = hostile.spoil(like.data, TYPED)
        await person._do(like.kind, like.channel, data, like.used, like.opener)

    return attack


def attack_slack(chat: SlackChat) -> Attack:
    """Deliver payloads like those before."""
    server = chat.server
    deliveries = [(each.kind, each.payload) for each in server.deliveries]

    async def attack(hostile: Hostile) -> None:
        kind, like = hostile.random.choice(deliveries)
        person = chat._person(hostile.random.choice(("ann", "eve")))
        payload = hostile.spoil(like, TYPED) | {"callback_id": like.get("callback_id")}
        payload["trigger_id"] = server.triggers.new(person)
        if "response_url" in payload:
            payload["response_url"] = server.response_urls.new(chat.general, person)
        if "user" in payload:
            payload["user"]["id"] = person.id
        else:
            payload["user_id"] = person.id
        await server.deliver(kind, payload)

    return attack
