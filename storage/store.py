"""The engine's Store on any database that SQLAlchemy reaches. Each method is one transaction."""

from __future__ import annotations

from storage.boards import Boards
from storage.communities import Communities
from storage.dailies import Dailies
from storage.due import DueRows
from storage.linking import Linking
from storage.people import People
from storage.teams import Teams
from storage.withdrawing import Withdrawing


class SqlStore(Dailies, Withdrawing, DueRows, Boards, Teams, Communities, People, Linking):
    """Keeps everything in one database; holds nothing between calls."""
