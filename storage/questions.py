"""Questions as they were asked, each version once, however many rounds name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, bindparam, select

from bot.engine.rounds import NewRound, QuestionVersion
from storage.database import Database
from storage.tables import question_version

_KEY = ("pack", "question", "version")
_IS_VERSION = [question_version.c[name] == bindparam(f"its_{name}") for name in _KEY]


class QuestionVersions:
    """Stores questions as they were asked; a document is empty if its question isn't known."""

    def __init__(self, database: Database) -> None:
        self._database = database
        fresh = database.insert(question_version)
        self._save = fresh.on_conflict_do_update(
            index_elements=_KEY,
            set_={"document": fresh.excluded.document},
            where=(fresh.excluded.document != question_version.c.document)
            & (fresh.excluded.document != ""),
        )

    def save(self, connection: Connection, asked: Iterable[tuple[str, NewRound]]) -> None:
        """Keep the questions of new rounds, each with its pack's key."""
        documents = {(pack, each.question, each.version): each.document for pack, each in asked}
        # All replicas lock in the same order, or they could deadlock.
        rows = [
            dict(zip(_KEY, key, strict=True)) | {"document": documents[key]}
            for key in sorted(documents)
        ]
        connection.execute(self._save, rows)

    async def list_unknown(self) -> Sequence[QuestionVersion]:
        """The versions whose question isn't kept."""
        columns = [question_version.c[name] for name in _KEY]
        rows = await self._database.rows(select(*columns).where(question_version.c.document == ""))
        return [QuestionVersion(row.pack, row.question, row.version) for row in rows]

    async def keep(self, documents: Mapping[QuestionVersion, str]) -> None:
        """Keep the questions of versions that weren't known."""
        fill = (
            question_version.update()
            .where(*_IS_VERSION, question_version.c.document == "")
            .values(document=bindparam("known"))
        )
        rows = [
            {f"its_{name}": getattr(each, name) for name in _KEY} | {"known": documents[each]}
            for each in sorted(documents)
        ]
        await self._database.write(lambda connection: connection.execute(fill, rows) and None)
