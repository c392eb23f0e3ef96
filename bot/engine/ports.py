"""What the engine needs from the outside world, as small protocols."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from bot.engine.answers import Answers
from bot.engine.asked import QuestionVersions
from bot.engine.communities import Communities
from bot.engine.dailies import Dailies
from bot.engine.drills import Drills
from bot.engine.due.rows import DueRows
from bot.engine.linking import Linking
from bot.engine.memory import Cards
from bot.engine.players import Players
from bot.engine.posts import Posts
from bot.engine.processes import Processes
from bot.engine.reports import Reports
from bot.engine.seasons import Seasons
from bot.engine.standings import Boards
from bot.engine.teams import Teams

T = TypeVar("T")


class Clock(Protocol):
    """A source of the current time."""

    def __call__(self) -> datetime:
        """Return the current time, in UTC."""


class InstallationSettings(Protocol):
    """Stores facts about this installation."""

    async def get(self, key: str) -> str | None:
        """Return a fact by its key; None if it isn't set."""

    async def set(self, key: str, value: str) -> None:
        """Store a fact under its key."""


class Store(Protocol):
    """Everything that's stored, by subject. Every method is one transaction."""

    @property
    def answers(self) -> Answers:
        """Answers to rounds."""

    @property
    def boards(self) -> Boards:
        """Leaderboards of members and teams."""

    @property
    def cards(self) -> Cards:
        """Players' memory of questions."""

    @property
    def communities(self) -> Communities:
        """Admins' settings."""

    @property
    def dailies(self) -> Dailies:
        """Channels' daily questions."""

    @property
    def drills(self) -> Drills:
        """Members' private runs of questions."""

    @property
    def due(self) -> DueRows:
        """What must happen once, at a set time."""

    @property
    def linking(self) -> Linking:
        """Links between one player's accounts on several platforms."""

    @property
    def players(self) -> Players:
        """Players' preferences, totals and data."""

    @property
    def posts(self) -> Posts:
        """Rounds in channels."""

    @property
    def processes(self) -> Processes:
        """Processes that run the bot."""

    @property
    def questions(self) -> QuestionVersions:
        """Questions as they were asked."""

    @property
    def reports(self) -> Reports:
        """Members' reports of problems with questions."""

    @property
    def seasons(self) -> Seasons:
        """Communities' seasons."""

    @property
    def settings(self) -> InstallationSettings:
        """Facts about this installation."""

    @property
    def teams(self) -> Teams:
        """Communities' teams."""
