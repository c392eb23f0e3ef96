"""Running events, on any platform."""

from __future__ import annotations

import asyncio

import pytest

from adapters.intake import MAX_AT_ONCE, TOO_FAST, Intake
from bot.engine.screens import Reply

ANN, BOB = ("club", "ann"), ("club", "bob")


async def nobody(_: Reply) -> None:
    raise ConnectionError("the platform is away")


async def test_draining_finishes_running_events_and_takes_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    intake, done = Intake("tiny"), list[str]()

    async def work(name: str) -> None:
        await asyncio.sleep(0.05)
        done.append(name)

    intake.take("press", "answer:7:0", ANN, lambda: work("first"), nobody)
    await intake.drain()
    intake.take("press", "answer:7:0", ANN, lambda: work("second"), nobody)
    await asyncio.sleep(0.1)
    assert done == ["first"]
    assert "tiny press answer" in caplog.text
    assert caplog.text.rstrip().endswith("ms")


async def test_a_failed_event_is_reported_with_a_reference_from_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    intake, told = Intake("tiny"), list[Reply]()

    async def work() -> None:
        raise OSError("no such thing")

    async def respond(reply: Reply) -> None:
        told.append(reply)

    intake.take("call", "drill", ANN, work, respond)
    intake.take("call", "drill", ANN, work, nobody)
    await intake.drain()
    (reply,) = told
    (text,) = reply.screen.text
    reference = str(text).rstrip(".").split()[-1]
    assert f"tiny call drill failed, reference {reference}" in caplog.text
    assert "could not report failure" in caplog.text


async def test_a_members_flood_takes_few_places_and_is_answered_once() -> None:
    intake, told = Intake("tiny"), list[Reply]()
    running, most, done = 0, 0, list[str]()
    release = asyncio.Event()

    async def work(user: str) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await release.wait()
        running -= 1
        done.append(user)

    async def respond(reply: Reply) -> None:
        told.append(reply)

    for _ in range(500):
        intake.take("press", "answer:7:0", ANN, lambda: work("ann"), respond)
    await asyncio.sleep(0)
    with intake.slot(ANN) as admitted:
        assert not admitted
    with intake.slot(BOB) as admitted:
        assert admitted
    intake.take("press", "answer:7:0", BOB, lambda: work("bob"), respond)
    await asyncio.sleep(0.01)
    assert most == MAX_AT_ONCE + 1
    assert told == [TOO_FAST]
    release.set()
    while running:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert sorted(done) == ["ann"] * MAX_AT_ONCE + ["bob"]
    intake.take("press", "answer:7:0", ANN, lambda: work("later"), respond)
    await intake.drain()
    assert done[-1] == "later"
    assert told == [TOO_FAST]


@pytest.mark.parametrize(
    ("what", "logged"),
    [
        ("daily set", "daily set"),
        ("answer:7:0", "answer"),
        ("step|order|01|answer:7:", "answer"),
        ("call|daily set", "daily set"),
        ("my secret is Xyzzy", "unknown"),
        ("xyzzy:1|Xyzzy:2", "unknown"),
        ("", "unknown"),
    ],
)
async def test_the_log_names_events_in_our_own_words(
    caplog: pytest.LogCaptureFixture, what: str, logged: str
) -> None:
    caplog.set_level("INFO")
    intake = Intake("tiny")

    async def work() -> None:
        raise OSError("no such thing")

    intake.take("call", what, ANN, work, nobody)
    await intake.drain()
    assert f"tiny call {logged} failed" in caplog.text
    assert "yzzy" not in caplog.text
