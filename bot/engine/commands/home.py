"""`home`: a member's own page, on platforms that have one, such as Slack.

It isn't listed, because all it shows has a command, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.engine.actions import StartDrill, encode
from bot.engine.commands.base import Command, Context, Options
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.leaderboard import ShowBoard, show_page
from bot.engine.commands.stats import stats
from bot.engine.screens import Button, ChooseChannel, Control, Open, Reply, Search
from bot.engine.standings import RankBy, Window


async def home(context: Context, _: Options) -> Reply:
    """Show the member's stats, standing and shortcuts; to managers also the channel settings."""
    numbers = await stats(context, {})
    week = ShowBoard(Window.WEEK, RankBy.MEMBERS, "")
    board = (await show_page(context, week, ())).data
    controls: tuple[Control, ...] = (
        Button("Start a drill", encode(StartDrill("", "")), style="primary"),
        Button("Catch up", encode(CatchUp())),
        Button("Leaderboard", encode(week)),
        Open("privacy", "Privacy"),
        *numbers.screen.controls,
        Search("drill", "topic", "Drill a topic"),
        Search("explain", "topic", "Explain a topic"),
    )
    if await context.manages():
        controls += (ChooseChannel("settings", "Channel settings"),)
    fields = (("Standing", _standing(board["own"], board["total"])), *numbers.screen.fields)
    return replace(numbers, screen=replace(numbers.screen, fields=fields, controls=controls))


def _standing(own: Mapping[str, Any] | None, total: int) -> str:
    if own is None:
        return "not on the board yet"
    return "you're hidden" if own["hidden"] else f"{own['rank']} of {total} this week"


HOME = Command(
    name="home",
    description="Your own page: standing, stats and shortcuts",
    handler=home,
    needs="community",
    listed=False,
)
