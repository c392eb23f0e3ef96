"""One scenario for each kind of scheduled job: how it becomes due, and a check that it ran once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from bot.engine.dailies import Daily
from bot.engine.due.timing import LEASE
from bot.engine.events import Member
from tests.conformance.discord import DiscordChat
from tests.conformance.slack import SlackChat
from tests.crashes.faults import Step

Chat = DiscordChat | SlackChat
HOURS = 3

WRITES = frozenset(
    {
        *(
            "dailies.claim",
            "posts.claim_due",
            "posts.confirm",
            "posts.claim_results",
            "posts.finish",
        ),
        *("posts.give_up", "posts.fail", "posts.note_trouble", "due.claim", "due.finish"),
        *("communities.note_warning", "seasons.end"),
    }
)
"""Calls of the store that claim or finish something due."""


@dataclass(frozen=True)
class Scenario:
    """How something becomes due, what must be true afterwards, and the steps in between."""

    due: Callable[[Chat], Awaitable[datetime]]
    done: Callable[[Chat], Awaitable[None]]
    steps: tuple[Step, ...]


def jump(chat: Chat, then: datetime | None) -> None:
    """Let time pass without a scheduler pass."""
    assert then
    chat.clock.now = then


def counts(chat: Chat) -> tuple[int, int, int]:
    """Rounds, those of them that are closed, and answers."""
    with chat.bot.store.database.engine.connect() as connection:
        return tuple(
            connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()
            for what in ("round", "post WHERE state = 'closed'", "answer")
        )


async def schedule(chat: Chat) -> Daily:
    """A daily question that is due some time today."""
    shown = await chat.call("daily set", time="09:00", zone="UTC", chapters="one", hours=HOURS)
    await chat.press(shown, "Save")
    (daily,) = await chat.bot.store.dailies.running(0, 9)
    return daily


async def daily_due(chat: Chat) -> datetime:
    """A daily question's hour."""
    daily = await schedule(chat)
    assert daily.next_due
    return daily.next_due


async def asked_once(chat: Chat) -> None:
    """There is one question, and it ends with one result."""
    assert await chat.posted() == 1
    open_ = await chat.channel()
    assert "Daily question" in open_.text
    assert "Right · 10 points" in (await chat.answer(open_, user="bob")).text
    with chat.bot.store.database.engine.connect() as connection:
        (round_id,) = connection.execute(text("SELECT id FROM round")).scalars()
    post = await chat.bot.store.posts.get(round_id)
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
    assert "1 of 1 (100%)" in result
    (reply,) = await chat.replies()
    assert "1 of 1 got it right." in reply.text
    assert counts(chat) == (1, 1, 1)


async def played(chat: Chat) -> None:
    """Put somebody on a board."""
    await chat.answer(await chat.call("drill", user="bob", questions=1), user="bob")


async def weekly_due(chat: Chat) -> datetime:
    """The hour of a channel's weekly board, which is a week away."""
    await chat.call("settings", weekly="mon 09:00")
    await played(chat)
    (row,) = await chat.bot.store.due.of_community(*place(chat))
    return row.at


async def weekly_posted_once(chat: Chat) -> None:
    """There is one board, and the next one is due in a week."""
    assert await chat.posted() == 1
    assert "Last week's leaderboard" in (await chat.channel()).text
    (row,) = await chat.bot.store.due.of_community(*place(chat))
    assert timedelta(days=6) < row.at - chat.clock() < timedelta(days=8)


async def season_due(chat: Chat) -> datetime:
    """The end of a season that another one follows."""
    await chat.call("season start", name="Spring", ends="today", next="Summer")
    await played(chat)
    (row,) = await chat.bot.store.due.of_community(*place(chat))
    return row.at


async def season_ended_once(chat: Chat) -> None:
    """There is one podium, and the next season has begun once."""
    assert await chat.posted() == 1
    shown = (await chat.channel()).text
    assert "Spring is over" in shown
    assert "Summer has begun" in shown
    assert await chat.bot.store.due.of_community(*place(chat)) == []
    settings = await chat.bot.store.communities.settings(*place(chat))
    assert settings.season
    assert settings.season.name == "Summer"
    with chat.bot.store.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM season")).scalar_one() == 2


def place(chat: Chat) -> tuple[str, str]:
    """The platform and the community."""
    if isinstance(chat, DiscordChat):
        return "discord", chat.guild.id
    return "slack", chat.server.team.id


async def withdrawn_due(chat: Chat) -> datetime:
    """When a withdrawn question's message is updated once more."""
    due = await daily_due(chat)
    jump(chat, due)
    await chat.passes(0)
    assert "Right · 10 points" in (await chat.answer(await chat.channel(), user="bob")).text
    post = await chat.bot.store.posts.get(1)
    assert post
    who, show_at = Member(post.channel.platform, post.channel.community, ""), due + LEASE
    assert await chat.bot.store.posts.withdraw(1, who, due, show_at)
    return show_at


async def withdrawal_shown_once(chat: Chat) -> None:
    """The question's message says it's withdrawn, and there's no result."""
    await chat.passes(HOURS * 3600)
    assert await chat.posted() == 1
    assert "An admin withdrew this question" in (await chat.channel()).text
    assert counts(chat) == (1, 1, 1)


def write_steps(call: str) -> tuple[Step, ...]:
    """All steps of a call that writes."""
    return tuple(Step(call, when) for when in ("before", "within", "after"))


def platform_steps(call: str) -> tuple[Step, ...]:
    """The steps of a call to a platform."""
    return Step(call, "before"), Step(call, "after")


SCENARIOS = {
    "daily": Scenario(daily_due, asked_once, write_steps("dailies.claim")),
    "post": Scenario(
        daily_due,
        asked_once,
        (
            *write_steps("posts.claim_due")[1:],
            *platform_steps("post"),
            *write_steps("posts.confirm"),
        ),
    ),
    "result": Scenario(
        result_due,
        shown_once,
        (
            *write_steps("posts.claim_results")[1:],
            *platform_steps("edit"),
            *platform_steps("reply"),
            *write_steps("posts.finish"),
        ),
    ),
    "season": Scenario(
        season_due,
        season_ended_once,
        (
            *write_steps("due.claim")[1:],
            *write_steps("seasons.end"),
            *platform_steps("post"),
            *write_steps("due.finish"),
        ),
    ),
    "weekly": Scenario(
        weekly_due,
        weekly_posted_once,
        (*write_steps("due.claim")[1:], *platform_steps("post"), *write_steps("due.finish")),
    ),
    "withdrawn": Scenario(
        withdrawn_due,
        withdrawal_shown_once,
        (*write_steps("due.claim")[1:], *platform_steps("edit"), *write_steps("due.finish")),
    ),
}
