"""A Store in memory, for testing the engine without I/O.

The storage tests check that it behaves like the real one.
"""

from __future__ import annotations

from tests.stand_ins.memory_store.answers import Answers
from tests.stand_ins.memory_store.boards import Boards
from tests.stand_ins.memory_store.cards import Cards
from tests.stand_ins.memory_store.communities import Communities
from tests.stand_ins.memory_store.dailies import Dailies
from tests.stand_ins.memory_store.drills import Drills
from tests.stand_ins.memory_store.due import DueRows
from tests.stand_ins.memory_store.linking import Linking
from tests.stand_ins.memory_store.players import Players
from tests.stand_ins.memory_store.posts import Posts
from tests.stand_ins.memory_store.processes import Processes
from tests.stand_ins.memory_store.questions import QuestionVersions
from tests.stand_ins.memory_store.reports import Reports
from tests.stand_ins.memory_store.seasons import Seasons
from tests.stand_ins.memory_store.settings import InstallationSettings
from tests.stand_ins.memory_store.state import State
from tests.stand_ins.memory_store.teams import Teams


class MemoryStore:
    def __init__(self) -> None:
        self.state = State()
        self.cards = Cards(self.state)
        self.drills = Drills(self.state)
        self.due = DueRows(self.state)
        self.communities = Communities(self.state, self.due)
        self.seasons = Seasons(self.state, self.due)
        self.linking = Linking()
        self.players = Players(self.state)
        self.posts = Posts(self.state, self.due)
        self.processes = Processes(self.state)
        self.questions = QuestionVersions(self.state)
        self.reports = Reports(self.state)
        self.settings = InstallationSettings(self.state)
        self.teams = Teams(self.state)
        self.answers = Answers(self.state, self.cards, self.players)
        self.boards = Boards(self.state, self.players, self.teams)
        self.dailies = Dailies(self.state, self.posts)
