"""What answers, posts and dailies share."""

from __future__ import annotations

from sqlalchemy import Engine

from storage.database import TAKEN, YIELDED, Database
from storage.members import MemberIds as Ids
from storage.members import (
    Members,
    in_order,
    is_community,
    is_member,
    is_player,
    members,
    named,
    pseudonym,
)
from storage.tables import (
    answer,
    card,
    community,
    daily,
    drill,
    member,
    person,
    player,
    post,
    round_,
    season,
    standing,
    withdrawn,
)

__all__ = [
    "TAKEN",
    "YIELDED",
    "Ids",
    "answer",
    "card",
    "community",
    "daily",
    "drill",
    "in_order",
    "is_community",
    "is_member",
    "is_player",
    "member",
    "members",
    "named",
    "person",
    "player",
    "post",
    "pseudonym",
    "round_",
    "season",
    "standing",
    "withdrawn",
]


class Base(Database):
    """A database, under the names that they use."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._members = Members(self)
        self._alone, self._writers, self._insert = self.one_writer, self.writers, self.insert
        self._read, self._rows, self._row = self.read, self.rows, self.row
        self._write, self._written, self._upsert = self.write, self.commit, self.upsert
        self._join, self._known_as = self._members.join, self._members.join_found
        self._community = self._members.community
