"""The command table: every platform's commands come from here, one file a command."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.actions import Action
from bot.engine.commands.base import Command, PressHandler
from bot.engine.commands.drill import DRILL
from bot.engine.commands.explain import EXPLAIN
from bot.engine.commands.help import help_for
from bot.engine.commands.leaderboard import LEADERBOARD
from bot.engine.commands.stats import STATS

_OTHERS = (DRILL, EXPLAIN, LEADERBOARD, STATS)

COMMANDS: Mapping[str, Command] = {each.name: each for each in (*_OTHERS, help_for(_OTHERS))}

PRESSES: Mapping[type[Action], PressHandler] = {
    action: handler for command in COMMANDS.values() for action, handler in command.presses.items()
}

__all__ = ["COMMANDS", "PRESSES", "Command"]
