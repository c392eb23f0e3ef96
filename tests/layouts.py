"""Screens as layouts on Discord, which the bot doesn't draw yet: controls have to be found in them
all the same."""

from __future__ import annotations

from typing import Any

from discord import ui

from adapters.discord.markdown import CommandIds
from adapters.discord.render import Message, render
from bot.engine.screens import Screen

POSTS, REPLIES = "adapters.discord.poster.render", "adapters.discord.respond.render"
"""What draws in channels, and what draws answers."""


def in_a_layout(screen: Screen, commands: CommandIds, *, single: bool = False) -> Message:
    """A container with all that is read, a section for each button, and a row for each select."""
    drawn = render(screen, commands, single=single)
    texts = [f"### {drawn.embed.title}", drawn.embed.description]
    texts += [f"**{each.name}**\n{each.value}" for each in drawn.embed.fields]
    box = ui.Container[ui.LayoutView]()
    for text in texts:
        if text:
            box.add_item(ui.TextDisplay(text))
    for item in drawn.view.children if drawn.view else ():
        control: Any = item
        if isinstance(item, ui.Select):
            box.add_item(ui.ActionRow(control))
        else:
            box.add_item(ui.Section(f"Press {control.label}", accessory=control))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    view.stop()
    nothing: Any = None
    layout: Any = view
    return Message(embed=nothing, view=layout)
