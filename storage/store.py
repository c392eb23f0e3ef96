"""The engine's Store on any database that SQLAlchemy reaches. Each method is one transaction."""

from __future__ import annotations

from storage.answers import Answers
from storage.boards import Boards
from storage.linking import Linking
from storage.people import People
from storage.posts import Posts
from storage.teams import Teams


class SqlStore(Answers, Posts, Boards, Teams, People, Linking):
    """Keeps everything in one database; holds nothing between calls."""
