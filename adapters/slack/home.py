"""The Home tab: a member's own numbers and standing, and the ways on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapters.slack.render import render
from bot.engine.actions import Practise, encode
from bot.engine.commands.drill import CatchUp
from bot.engine.commands.leaderboard import ShowBoard
from bot.engine.desk import Desk
from bot.engine.events import Call, Event
from bot.engine.screens import Button
from bot.engine.standings import By, Window

CALL = "call|"
"""Begins the action id of a button that calls a command, whose name follows."""

TOPIC = "topic|"
"""Begins the action id of a search for a topic; the command that it is for follows."""

SETTINGS = "settings"
"""The action id of an admin's choice of a channel whose settings to see."""


async def home(desk: Desk, event: Event) -> dict[str, Any]:
    """The view for the member of an event."""
    screen = (await desk.handle(replace(event, what=Call("stats", {})))).screen
    board = (await desk.handle(replace(event, what=Call("leaderboard", {})))).data or {}
    own = board.get("own")
    standing = _standing(own, board["total"]) if own else "not on the board yet"
    ways_on = (
        Button("Start a drill", encode(Practise("", "")), style="primary"),
        Button("Catch up", encode(CatchUp())),
        Button("Leaderboard", encode(ShowBoard(Window.WEEK, By.MEMBERS, ""))),
        Button("Privacy", f"{CALL}privacy"),
    )
    shown = render(
        replace(
            screen,
            fields=(("Standing", standing), *screen.fields),
            controls=(*ways_on, *screen.controls),
        ),
        alone=True,
    )
    searches = [_search("drill", "Drill a topic"), _search("explain", "Explain a topic")]
    if event.actor.admin:
        searches.append(
            {
                "type": "conversations_select",
                "action_id": SETTINGS,
                "filter": {"include": ["public", "private"]},
                "placeholder": {"type": "plain_text", "text": "Settings of a channel"},
            }
        )
    return {
        "type": "home",
        "blocks": [*shown.blocks, {"type": "actions", "elements": searches}],
    }


def _standing(own: Mapping[str, Any], total: int) -> str:
    return "you are hidden" if own["hidden"] else f"{own['rank']} of {total} this week"


def _search(command: str, label: str) -> dict[str, Any]:
    """A select that is filled while its member types."""
    return {
        "type": "external_select",
        "action_id": f"{TOPIC}{command}",
        "min_query_length": 0,
        "placeholder": {"type": "plain_text", "text": label},
    }
