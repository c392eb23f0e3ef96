"""Members' private runs of questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_

from bot.engine.drills import Drill
from bot.engine.events import Member
from bot.engine.rounds import NewRound
from storage.database import Database
from storage.members import Members, is_member, members
from storage.questions import QuestionVersions
from storage.rows import ANSWER, DOCUMENT, IS_ASKED, to_answer, to_round
from storage.tables import answer, drill, question_version, round_
from storage.tables import member as member_


class Drills:
    """Stores drills."""

    def __init__(self, database: Database, members: Members, questions: QuestionVersions) -> None:
        self._database = database
        self._members = members
        self._questions = questions

    async def start(
        self,
        member: Member,
        name: str,
        pack: str,
        scope: str,
        rounds: Sequence[NewRound],
        now: datetime,
    ) -> int:
        """Insert a drill with all its rounds; returns the drill's id."""

        def start(connection: Connection) -> int:
            ids = self._members.join(connection, member, name)
            made = drill.insert().values(
                member_id=ids.member, pack=pack, scope=scope, started_at=now
            )
            drill_id = int(connection.scalar(made.returning(drill.c.id)) or 0)
            connection.execute(
                round_.insert(),
                [
                    {
                        "community_id": ids.community,
                        "drill_id": drill_id,
                        "step": step,
                        "pack": pack,
                        "question": each.question,
                        "version": each.version,
                        "layout": list(each.layout),
                        "opened_at": now,
                    }
                    for step, each in enumerate(rounds, 1)
                ],
            )
            self._questions.save(connection, ((pack, each) for each in rounds))
            return drill_id

        return await self._database.write(start)

    async def get(self, drill_id: int, member: Member) -> Drill | None:
        """A member's drill with all its steps; None if they have no such drill."""
        query = (
            members(round_, DOCUMENT, drill.c.scope, *ANSWER)
            .join(drill, drill.c.member_id == member_.c.id)
            .join(round_, round_.c.drill_id == drill.c.id)
            .outerjoin(question_version, IS_ASKED)
            .outerjoin(
                answer,
                and_(answer.c.round_id == round_.c.id, answer.c.member_id == member_.c.id),
            )
            .where(drill.c.id == drill_id, *is_member(member))
            .order_by(round_.c.step)
        )
        rows = await self._database.rows(query)
        if not rows:
            return None
        steps = tuple((to_round(row, len(rows)), to_answer(row)) for row in rows)
        return Drill(drill_id, rows[0].pack, rows[0].scope, steps)
