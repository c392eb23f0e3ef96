"""For each kind of thing that happens at a time: how it comes to be due, and what is seen of it
once it was done once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.engine.due.timing import LEASE
from bot.engine.events import Member
from bot.engine.ports import Daily
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat
from tests.crashes.faults import Step

Chat = DiscordChat | SlackChat
HOURS = 3

WRITES = frozenset(
    {
        *("claim_dailies", "due_posts", "confirm_post", "due_results", "finish_post"),
        *("close_post", "refuse_post", "note_trouble", "claim_due", "finish_due"),
    }
)
"""Calls of the store by which something that is due is taken or done."""


@dataclass(frozen=True)
class Scenario:
    """How something comes to be due at an instant, what must hold once it's done, and the steps of
    doing it."""

    due: Callable[[Chat], Awaitable[datetime]]
    done: Callable[[Chat], Awaitable[None]]
    steps: tuple[Step, ...]


def jump(chat: Chat, then: datetime | None) -> None:
    """Let time pass without a heartbeat."""
    assert then
    chat.clock.now = then


def counts(chat: Chat) -> tuple[int, int, int]:
    """Rounds, those of them that are closed, and answers."""
    with chat.bot.store.engine.connect() as connection:
        return tuple(
            connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()
            for what in ("round", "post WHERE state = 'closed'", "answer")
        )


async def schedule(chat: Chat) -> Daily:
    """A daily question that is due some time today."""
    shown = await chat.call("daily set", time="09:00", zone="UTC", chapters="one", hours=HOURS)
    await chat.press(shown, "Save")
    (daily,) = await chat.bot.store.dailies(0, 9)
    return daily


async def daily_due(chat: Chat) -> datetime:
    """A daily question's hour."""
    daily = await schedule(chat)
    assert daily.next_due
    return daily.next_due


async def asked_once(chat: Chat) -> None:
    """There is one question, which has one result in the end."""
    assert await chat.posted() == 1
    open_ = await chat.channel()
    assert "Daily question" in open_.text
    assert "Right · 10 points" in (await chat.answer(open_, user="bob")).text
    post = await chat.bot.store.post(1)
    assert post
    jump(chat, post.round.closes_at)
    await chat.passes(0)
    await shown_once(chat)


async def result_due(chat: Chat) -> datetime:
    """The end of a question that was answered."""
    due = await daily_due(chat)
    jump(chat, due)
    await chat.passes(0)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    return due + timedelta(hours=HOURS)


async def shown_once(chat: Chat) -> None:
    """There is one result, of the one answer."""
    assert await chat.posted() == 1
    result = (await chat.channel()).text
    assert "Result" in result
    assert "1 of 1 (100 %)" in result
    assert counts(chat) == (1, 1, 1)


async def withdrawn_due(chat: Chat) -> datetime:
    """The last chance of a withdrawn question to show anything else."""
    due = await daily_due(chat)
    jump(chat, due)
    await chat.passes(0)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    post = await chat.bot.store.post(1)
    assert post
    who, show_at = Member(post.channel.platform, post.channel.community, ""), due + LEASE
    assert await chat.bot.store.withdraw(1, who, due, show_at)
    return show_at


async def said_to_be_withdrawn(chat: Chat) -> None:
    """The question's message says so, and no result comes."""
    await chat.passes(HOURS * 3600)
    assert await chat.posted() == 1
    assert "An admin withdrew this question" in (await chat.channel()).text
    assert counts(chat) == (1, 1, 1)


def around(call: str) -> tuple[Step, ...]:
    """All moments of a call that writes."""
    return tuple(Step(call, when) for when in ("before", "within", "after"))


def beside(call: str) -> tuple[Step, ...]:
    """The moments of a call to a platform."""
    return Step(call, "before"), Step(call, "after")


SCENARIOS = {
    "daily": Scenario(daily_due, asked_once, around("claim_dailies")),
    "post": Scenario(
        daily_due,
        asked_once,
        (*around("due_posts")[1:], *beside("post"), *around("confirm_post")),
    ),
    "result": Scenario(
        result_due,
        shown_once,
        (*around("due_results")[1:], *beside("edit"), *around("finish_post")),
    ),
    "withdrawn": Scenario(
        withdrawn_due,
        said_to_be_withdrawn,
        (*around("claim_due")[1:], *beside("edit"), *around("finish_due")),
    ),
}
