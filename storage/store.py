"""The engine's Store, on SQLite or PostgreSQL."""

from __future__ import annotations

from sqlalchemy import Engine

from storage.answers import Answers
from storage.boards import Boards
from storage.cards import Cards
from storage.communities import Communities
from storage.dailies import Dailies
from storage.database import Database
from storage.drills import Drills
from storage.due import DueRows
from storage.linking import Linking
from storage.members import Members
from storage.players import Players
from storage.posts import Posts
from storage.processes import Processes
from storage.questions import QuestionVersions
from storage.reports import Reports
from storage.seasons import Seasons
from storage.settings import InstallationSettings
from storage.teams import Teams


class SqlStore:
    """Stores everything in one database; no state between calls."""

    def __init__(self, engine: Engine) -> None:
        self.database = Database(engine)
        self.members = Members(self.database)
        self.answers = Answers(self.database, self.members)
        self.boards = Boards(self.database)
        self.cards = Cards(self.database)
        self.questions = QuestionVersions(self.database)
        self.dailies = Dailies(self.database, self.members, self.questions)
        self.drills = Drills(self.database, self.members, self.questions)
        self.due = DueRows(self.database, self.members)
        self.communities = Communities(self.database, self.members, self.due)
        self.seasons = Seasons(self.database, self.members, self.due)
        self.linking = Linking(self.database, self.members)
        self.players = Players(self.database, self.members)
        self.posts = Posts(self.database, self.members, self.answers, self.questions)
        self.processes = Processes(self.database)
        self.reports = Reports(self.database, self.members)
        self.settings = InstallationSettings(self.database)
        self.teams = Teams(self.database, self.members)

    async def close(self) -> None:
        """Finish running work and close the database."""
        await self.answers.drain()
        await self.database.close()
