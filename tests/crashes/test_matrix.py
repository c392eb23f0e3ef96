"""Every kind of scheduled job runs exactly once, whatever fails at whatever step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from adapters.slack.workspaces import OPTIONAL_SCOPES
from bot.engine.due.registry import KINDS
from bot.engine.due.timing import LEASE
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat, _shown
from tests.crashes.faults import POSTER, Fault, FaultInjector, Step, record_calls
from tests.crashes.replica import access_to, run_until_killed, start_replica
from tests.crashes.scenarios import (
    HOURS,
    SCENARIOS,
    WRITES,
    Chat,
    counts,
    jump,
    platform_steps,
    result_due,
    schedule,
    shown_once,
    write_steps,
)
from tests.databases import Databases
from tests.layouts import POSTS, SLACK_OPTIONS, as_before, in_a_layout
from tests.samples import save_pack, small_pack
from tests.stand_ins.discord.components import IS_COMPONENTS_V2

OVER = LEASE.total_seconds() + 1
"""Seconds after which another replica retries an unfinished job."""

FAULTS = [
    Fault.KILLED,
    *(pytest.param(each, marks=pytest.mark.long) for each in Fault if each is not Fault.KILLED),
]
MOMENTS = [(kind, step) for kind, each in SCENARIOS.items() for step in each.steps]


@pytest.fixture(params=[DiscordChat, SlackChat], ids=["discord", "slack"])
async def chat(
    request: pytest.FixtureRequest, tmp_path: Path, databases: Databases
) -> AsyncIterator[Chat]:
    pack = small_pack()
    with databases.new() as url:
        async with request.param.running(pack, save_pack(pack, tmp_path / "pack"), url) as chat:
            if isinstance(chat, SlackChat):
                # Slack doesn't promise to detect repeats. The bot finds its message in the
                # channel's history instead, for which it needs the optional scopes.
                chat.server.knows_repeats = False
                assert chat.server.missing_scopes.isdisjoint(OPTIONAL_SCOPES)
            yield chat


async def beat(chat: Chat, seconds: float) -> None:
    """A scheduler pass that survives errors, as the real one does."""
    with suppress(Exception):
        await chat.passes(seconds)


async def go_wrong(
    chat: Chat,
    step: Step,
    fault: Fault,
    processes: ForkServerContext,
    *,
    layouts: bool = False,
) -> None:
    """Run what is due now, with the fault at one of its steps."""
    platform, access = access_to(chat)
    if fault is Fault.KILLED:
        replica = processes.Process(
            target=run_until_killed,
            args=(chat._database, platform, access, chat.clock(), step, layouts),
        )
        replica.start()
        while replica.is_alive():
            await asyncio.sleep(0.01)
        assert replica.exitcode == -9, "it should have been killed at this step"
        return
    injector = FaultInjector(chat.bot, platform, step, fault)
    await beat(chat, 0)
    # The scheduler keeps going while the database is down for a minute, or until a lease ends.
    for _ in range(7 if fault is Fault.DATABASE_DOWN else 3):
        await beat(chat, 9)
    assert injector.happened
    injector.database_down = False


def test_every_kind_is_in_the_matrix() -> None:
    kinds = {kind.name for kind in KINDS}
    assert kinds == SCENARIOS.keys(), "add a scenario in tests/crashes/scenarios.py"


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize(("kind", "step"), MOMENTS, ids=str)
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
async def test_it_is_done_once_whatever_happens_at_any_step(
    chat: Chat, kind: str, step: Step, fault: Fault, processes: ForkServerContext
) -> None:
    scenario = SCENARIOS[kind]
    jump(chat, await scenario.due(chat))
    await go_wrong(chat, step, fault, processes)
    for _ in range(2):
        await chat.passes(OVER)
    await scenario.done(chat)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("step", platform_steps("reply"), ids=str)
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_a_discussion_is_opened_once(
    chat: Chat, step: Step, fault: Fault, processes: ForkServerContext
) -> None:
    await chat.call("settings", results="thread")
    jump(chat, await result_due(chat))
    await go_wrong(chat, step, fault, processes)
    for _ in range(2):
        await chat.passes(OVER)
    (first,) = await chat.discussions()
    assert "1 of 1 got it right." in first.text
    assert await chat.replies() == []
    assert await chat.posted() == 1


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize(
    "step",
    [
        Step("reply", "before"),
        *platform_steps("post"),
        *write_steps("communities.note_warning"),
        *write_steps("posts.finish"),
    ],
    ids=str,
)
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_where_replies_are_refused_there_is_one_message_instead(
    chat: Chat, step: Step, fault: Fault, processes: ForkServerContext
) -> None:
    chat.refuse_replies()
    jump(chat, await result_due(chat))
    await go_wrong(chat, step, fault, processes)
    for _ in range(2):
        await chat.passes(OVER)
    assert await chat.posted() == 2
    assert "1 of 1 got it right." in (await chat.channel()).text
    assert await chat.replies() == await chat.discussions() == []
    assert chat.direct_messages("ann") <= 1
    assert counts(chat) == (1, 1, 1)


@pytest.mark.parametrize("kind", SCENARIOS)
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
async def test_each_of_its_calls_is_in_the_matrix(chat: Chat, kind: str) -> None:
    platform, _ = access_to(chat)
    jump(chat, await SCENARIOS[kind].due(chat))
    called = record_calls(chat.bot, platform)
    await chat.passes(0)
    steps = {step.call for each in SCENARIOS.values() for step in each.steps}
    assert called & (POSTER | WRITES) <= steps


@pytest.mark.parametrize("wrong", [timedelta(days=365), -timedelta(hours=1)], ids=["year", "hour"])
@pytest.mark.parametrize("kind", SCENARIOS)
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
async def test_a_clock_that_is_wrong_for_a_beat_changes_nothing(
    chat: Chat, kind: str, wrong: timedelta
) -> None:
    scenario = SCENARIOS[kind]
    due = await scenario.due(chat)
    await chat.passes(0)
    for moment in (due - timedelta(minutes=2), due, due + timedelta(seconds=2)):
        jump(chat, moment)
        chat.bot.wrong = wrong
        await chat.passes(0)
        chat.bot.wrong = timedelta()
        await chat.passes(0.5)
        await chat.passes(0.5)
    await scenario.done(chat)


@pytest.mark.parametrize("kind", SCENARIOS)
@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
async def test_of_two_replicas_whose_clocks_differ_one_does_it(chat: Chat, kind: str) -> None:
    scenario = SCENARIOS[kind]
    due = await scenario.due(chat)
    platform, access = access_to(chat)
    jump(chat, due - timedelta(seconds=6))
    other, adapter = await start_replica(chat._database, platform, access, chat.clock())
    other.clock.now = chat.clock() + timedelta(seconds=5)
    for _ in range(12):
        await asyncio.gather(chat.bot.passes(1), other.passes(1))
    await (adapter.close() if platform == "discord" else adapter.leave())
    await other.stop()
    await scenario.done(chat)


async def test_a_question_is_found_however_much_was_written_since(
    chat: Chat, processes: ForkServerContext
) -> None:
    daily = await schedule(chat)
    jump(chat, daily.next_due)
    await go_wrong(chat, Step("post", "after"), Fault.ANSWER_LOST, processes)
    jump(chat, daily.next_due and daily.next_due + timedelta(hours=1))
    for number in range(60):
        await write(chat, f"Message {number}")
    for _ in range(2):
        await chat.passes(OVER)
    assert await chat.posted() == 1 + 60
    assert counts(chat) == (1, 0, 0)


@pytest.mark.parametrize("chat", [DiscordChat], ids=["discord"], indirect=True)
@pytest.mark.parametrize(
    ("step", "fault"),
    [
        (Step("post", "after"), Fault.KILLED),
        (Step("post", "after"), Fault.ANSWER_LOST),
        (Step("edit", "after"), Fault.ANSWER_LOST),
    ],
    ids=str,
)
async def test_a_question_in_a_layout_is_found_as_well(
    chat: DiscordChat,
    step: Step,
    fault: Fault,
    processes: ForkServerContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(POSTS, in_a_layout)
    daily = await schedule(chat)
    jump(chat, daily.next_due)
    if step.call == "post":
        await go_wrong(chat, step, fault, processes, layouts=True)
    # By now Discord has forgotten the nonce, and only the controls identify the message.
    jump(chat, daily.next_due and daily.next_due + timedelta(hours=1))
    for _ in range(2):
        await chat.passes(OVER)
    assert chat.general.messages[-1].flags & IS_COMPONENTS_V2
    assert await chat.posted() == 1
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    jump(chat, daily.next_due and daily.next_due + timedelta(hours=HOURS))
    if step.call == "edit":
        await go_wrong(chat, step, fault, processes, layouts=True)
    for _ in range(2):
        await chat.passes(OVER)
    assert await chat.posted() == 1
    assert "1 of 1 (100%)" in (await chat.channel()).text
    assert counts(chat) == (1, 1, 1)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_the_result_of_a_question_that_an_earlier_version_posted_is_shown_once(
    chat: Chat, when: str, fault: Fault, processes: ForkServerContext
) -> None:
    with pytest.MonkeyPatch.context() as former:
        former.setattr(POSTS, as_before)
        former.setattr(SLACK_OPTIONS, lambda controls: [])
        due = await result_due(chat)
    jump(chat, due)
    await go_wrong(chat, Step("edit", when), fault, processes)
    for _ in range(2):
        await chat.passes(OVER)
    await shown_once(chat)


@pytest.mark.parametrize("chat", [SlackChat], ids=["slack"], indirect=True)
async def test_without_the_optional_scopes_a_question_may_be_seen_twice_but_is_one(
    chat: SlackChat, processes: ForkServerContext
) -> None:
    chat.server.missing_scopes |= {*OPTIONAL_SCOPES}
    daily = await schedule(chat)
    jump(chat, daily.next_due)
    await go_wrong(chat, Step("post", "after"), Fault.ANSWER_LOST, processes)
    await chat.passes(OVER)
    first, second = (_shown(message) for message in chat.general.messages)
    assert "Right · 10 points" in (await chat.answer(first, user="bob")).text
    assert "already answered this" in (await chat.answer(second, user="bob")).text
    jump(chat, daily.next_due and daily.next_due + timedelta(hours=HOURS))
    await chat.passes(OVER)
    one, other, reply = (message.words for message in chat.general.messages)
    assert ("Result" in one, "Result" in other) == (False, True)
    assert "1 of 1 got it right" in reply
    assert counts(chat) == (1, 1, 1)


async def write(chat: Chat, text: str) -> None:
    """Let a member write in the channel."""
    if isinstance(chat, DiscordChat):
        chat._person("bob").write(chat.general, text)
    else:
        await chat._person("bob").say(chat.general, text)


async def test_a_question_that_was_never_confirmed_has_its_result_even_after_its_time(
    chat: Chat,
) -> None:
    daily = await schedule(chat)
    jump(chat, daily.next_due)
    platform, _ = access_to(chat)
    FaultInjector(chat.bot, platform, Step("post", "after"), Fault.ANSWER_LOST)
    await beat(chat, 0)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    assert daily.next_due
    jump(chat, daily.next_due + timedelta(hours=HOURS, minutes=5))
    for _ in range(2):
        await chat.passes(OVER)
    assert await chat.posted() == 1
    result = (await chat.channel()).text
    assert "Result" in result
    assert "1 of 1 (100%)" in result
    assert counts(chat) == (1, 1, 1)
