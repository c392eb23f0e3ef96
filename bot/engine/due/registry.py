"""All kinds of things that happen at a time."""

from __future__ import annotations

from typing import Any

from bot.engine.due.base import Kind
from bot.engine.due.daily import DailyQuestion
from bot.engine.due.posting import Posting
from bot.engine.due.result import Result
from bot.engine.due.season import SeasonEnds
from bot.engine.due.weekly import WeeklyBoard
from bot.engine.due.withdrawn import Withdrawn

KINDS: tuple[type[Kind[Any]], ...] = (
    DailyQuestion,
    Posting,
    Result,
    SeasonEnds,
    WeeklyBoard,
    Withdrawn,
)
"""In the order in which a beat looks for them: a daily's round is posted in the same one."""
