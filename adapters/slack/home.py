"""The Home tab: a member's own numbers, and the ways on from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapters.slack.render import render
from bot.engine.actions import Board as ShowBoard
from bot.engine.actions import Practise, encode
from bot.engine.desk import Desk
from bot.engine.events import Event
from bot.engine.rounds import Board
from bot.engine.screens import Button
from bot.engine.standings import By, Window


async def home(desk: Desk, event: Event) -> dict[str, Any]:
    """The view for a member who asked for their numbers."""
    screen = (await desk.handle(event)).screen
    ways_on = (
        Button("Start a drill", encode(Practise("", "")), style="primary"),
        Button("Leaderboard", encode(ShowBoard(Window.WEEK, By.MEMBERS, Board.DRILL))),
    )
    shown = render(replace(screen, controls=(*ways_on, *screen.controls)))
    return {"type": "home", "blocks": shown.blocks}
