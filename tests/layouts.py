"""Screens as other versions of the bot draw them: an earlier one, whose messages are still around,
and one that posts layouts to Discord's channels."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from adapters.discord.controls import build_option_buttons, build_view
from adapters.discord.markdown import CommandIds, escape, format_text
from adapters.discord.render import Message, lay_out
from bot.engine.screens import OPTION_LETTERS, Arrange, Match, Pick, Screen

POSTS = "adapters.discord.poster.render"
"""What draws in channels."""

SLACK_OPTIONS = "adapters.slack.render._build_options"
"""What draws options beside their buttons on Slack, which an earlier version didn't."""


def in_a_layout(screen: Screen, commands: CommandIds, *, single: bool = False) -> Message:
    """A layout, as in private."""
    nothing: Any = None
    layout: Any = lay_out(screen, commands, single=single).view
    return Message(embed=nothing, view=layout)


def as_before(screen: Screen, commands: CommandIds, *, single: bool = False) -> Message:
    """An embed with options by letter, fields in columns, and buttons with letters only."""
    lines = [str(part) for part in screen.text]
    for control in screen.controls:
        if isinstance(control, Match):
            lines += [f"**{n}.** {escape(left)}" for n, left in enumerate(control.lefts, 1)]
        if isinstance(control, Pick | Arrange | Match):
            labels = zip(OPTION_LETTERS, control.choices, strict=False)
            lines += [f"**{letter}.** {escape(each.label)}" for letter, each in labels]
    embed = discord.Embed(title=screen.title, description="\n".join(lines))
    for name, value in screen.fields:
        embed.add_field(name=name, value=format_text(value, commands))
    (control,) = screen.controls
    view = build_view(screen.controls)
    if isinstance(control, Pick) and control.lettered and not control.several:
        view = ui.View(timeout=None)
        for button in build_option_buttons(control, OPTION_LETTERS):
            view.add_item(button)
        view.stop()
    return Message(embed, view)
