"""Running events, on any platform."""

from __future__ import annotations

import asyncio

import pytest

from adapters.intake import Intake
from bot.engine.screens import Reply


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

    intake.take("press", "answer", lambda: work("first"), nobody)
    await intake.drain()
    intake.take("press", "answer", lambda: work("second"), nobody)
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

    intake.take("call", "drill", work, respond)
    intake.take("call", "drill", work, nobody)
    await intake.drain()
    (reply,) = told
    (text,) = reply.screen.text
    reference = str(text).rstrip(".").split()[-1]
    assert f"tiny call drill failed, reference {reference}" in caplog.text
    assert "could not report failure" in caplog.text
