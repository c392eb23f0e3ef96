"""The engine's Store on any database that SQLAlchemy reaches."""

from __future__ import annotations

from sqlalchemy import Engine

from storage.boards import Boards
from storage.communities import Communities
from storage.dailies import Dailies
from storage.due import DueRows
from storage.linking import Linking
from storage.players import Players
from storage.reports import Reports
from storage.settings import InstallationSettings
from storage.teams import Teams


class SqlStore(Dailies):
    """Keeps everything in one database; holds nothing between calls."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.boards = Boards(self)
        self.communities = Communities(self, self._members)
        self.due = DueRows(self, self._members)
        self.linking = Linking(self, self._members)
        self.players = Players(self, self._members)
        self.reports = Reports(self, self._members)
        self.settings = InstallationSettings(self)
        self.teams = Teams(self, self._members)
