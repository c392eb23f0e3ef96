"""What the engine needs of the world, named as small protocols."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from bot.engine.answers import Answers
from bot.engine.communities import Communities
from bot.engine.dailies import Dailies
from bot.engine.drills import Drills
from bot.engine.due.rows import DueRows
from bot.engine.linking import Linking
from bot.engine.memory import Cards
from bot.engine.players import Players
from bot.engine.posts import Posts
from bot.engine.reports import Reports
from bot.engine.seasons import Seasons
from bot.engine.standings import Boards
from bot.engine.teams import Teams

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, in UTC."""


class InstallationSettings(Protocol):
    """Keeps facts about this installation."""

    async def get(self, key: str) -> str | None:
        """A fact about the installation, by its key."""

    async def set(self, key: str, value: str) -> None:
        """Keep a fact about the installation."""


class Store(Protocol):
    """What is kept, by subject. Every method is one transaction."""

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
        """What admins chose."""

    @property
    def dailies(self) -> Dailies:
        """The daily questions of channels."""

    @property
    def drills(self) -> Drills:
        """Members' private runs of questions."""

    @property
    def due(self) -> DueRows:
        """What must happen once at a time."""

    @property
    def linking(self) -> Linking:
        """Persons of several platforms who are one player."""

    @property
    def players(self) -> Players:
        """What belongs to a player as a whole."""

    @property
    def posts(self) -> Posts:
        """Rounds in channels."""

    @property
    def reports(self) -> Reports:
        """What members say is wrong with questions."""

    @property
    def seasons(self) -> Seasons:
        """The seasons of communities."""

    @property
    def settings(self) -> InstallationSettings:
        """Facts about this installation."""

    @property
    def teams(self) -> Teams:
        """The teams of communities."""
