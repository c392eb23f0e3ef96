"""All kinds of due work."""

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
"""In the order of a heartbeat, so that it posts a daily's round right after creating it."""
