"""Daily questions: their schedules, and rounds that only one replica can claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, or_, select

from bot.engine.dailies import Daily, DailyClaim, PastDaily
from bot.engine.events import Channel, Member
from bot.engine.rounds import Board, NewPost, Round
from bot.engine.schedules import Schedule
from storage.database import Database
from storage.members import Members, is_community, known_channels, member_id
from storage.questions import QuestionVersions
from storage.rows import POST_COLUMNS, SCHEDULE, select_dailies, to_daily, to_round
from storage.tables import answer, card, community, daily, person, post, round_

_CLAIM = (
    daily.update()
    .where(daily.c.id == bindparam("daily"))
    .values(
        next_on=bindparam("on"),
        next_due_at=bindparam("due"),
        last_on=bindparam("day"),
        paused=bindparam("reason"),
        pack="",
        question="",
    )
)
_PREPARE = (
    daily.update()
    .where(daily.c.id == bindparam("daily"), daily.c.next_on == bindparam("on"))
    .values(pack=bindparam("chosen_from"), question=bindparam("chosen"))
)

# Built once: building a statement takes longer than running it.
_its = post.alias()
_last_round = (
    select(post.c.round_id)
    .join(_its, _its.c.daily_id == post.c.daily_id)
    .where(_its.c.round_id == bindparam("round"), post.c.local_date < _its.c.local_date)
    .order_by(post.c.local_date.desc())
    .limit(1)
    .scalar_subquery()
)
_BEFORE = (
    select(
        post.c.message,
        func.count().label("answered"),
        func.count().filter(answer.c.credit == 1).label("right"),
    )
    .join(round_, round_.c.id == post.c.round_id)
    .join(answer, answer.c.round_id == post.c.round_id)
    .where(
        post.c.round_id == _last_round,
        post.c.message.is_not(None),
        round_.c.withdrawn_at.is_(None),
        or_(post.c.state == "closed", round_.c.closes_at <= bindparam("now")),
    )
    .group_by(post.c.message)
)


class Dailies:
    """Stores dailies, and turns due ones into rounds."""

    def __init__(self, database: Database, members: Members, questions: QuestionVersions) -> None:
        self._database = database
        self._members = members
        self._questions = questions

    async def of(self, channel: Channel) -> Daily | None:
        """A channel's daily question."""
        query = select_dailies(
            *is_community(channel),
            daily.c.channel == channel.id,
            daily.c.plan != "",
        )
        row = await self._database.row(query)
        return to_daily(row) if row else None

    async def propose(self, channel: Channel, user: str, schedule: Schedule) -> tuple[int, int]:
        """Store a schedule that an admin reviews before they save it."""
        proposed = SCHEDULE.dump_json(schedule).decode()

        def propose(connection: Connection) -> tuple[int, int]:
            community_id = self._members.community(connection, channel.platform, channel.community)
            fresh = self._database.insert(daily).values(
                community_id=community_id,
                channel=channel.id,
                set_by=user,
                plan="",
                proposed=proposed,
                proposal=1,
                paused="",
                pack="",
                question="",
            )
            saved = connection.execute(
                fresh.on_conflict_do_update(
                    index_elements=["community_id", "channel"],
                    set_={"proposed": proposed, "proposal": daily.c.proposal + 1},
                ).returning(daily.c.id, daily.c.proposal)
            ).one()
            return saved.id, saved.proposal

        return await self._database.write(propose)

    async def proposal(self, daily_id: int, number: int, member: Member) -> Daily | None:
        """A daily of the member's community with the proposed schedule of that number."""
        query = select_dailies(
            *is_community(member),
            daily.c.id == daily_id,
            daily.c.proposal == number,
            daily.c.proposed != "",
        )
        row = await self._database.row(query)
        return to_daily(row, row.proposed) if row else None

    async def save(self, number: int, seen: Daily, saved: Daily) -> bool:
        """Save a daily as proposed; False if it has moved on since it was seen, or there's a newer
        proposal."""
        proposed = daily.c.proposal == number, daily.c.proposed != ""
        update = (
            daily.update()
            .where(daily.c.id == seen.id, *proposed, *_is_unchanged(seen))
            .values(proposed="", set_by=saved.set_by, pack="", question="", **_daily_values(saved))
        )
        return await self._database.write(
            lambda connection: connection.execute(update).rowcount > 0
        )

    async def change(self, seen: Daily, changed: Daily) -> bool:
        """Change a daily's schedule, pause and next date; False if it changed since it was seen."""
        its = daily.c.id == seen.id
        locked = select_dailies(its, daily.c.plan != "").with_for_update(of=daily)

        def change(connection: Connection) -> bool:
            row = connection.execute(locked).one_or_none()
            if row is None or _without_choice(to_daily(row)) != _without_choice(seen):
                return False
            connection.execute(daily.update().where(its).values(_daily_values(changed)))
            return True

        return await self._database.write(change)

    async def remove(self, channel: Channel) -> bool:
        """Remove a channel's daily; False if there is none. The last date asked stays in the row,
        so a new daily doesn't ask on it again."""
        here = select(community.c.id).where(*is_community(channel)).scalar_subquery()
        removal = (
            daily.update()
            .where(daily.c.community_id == here, daily.c.channel == channel.id, daily.c.plan != "")
            .values(plan="", proposed="", set_by="", pack="", question="", **pause_values(""))
        )
        return await self._database.write(
            lambda connection: connection.execute(removal).rowcount > 0
        )

    async def running(self, after: int, limit: int) -> Sequence[Daily]:
        """Dailies of all communities that aren't paused, by id."""
        query = select_dailies(daily.c.id > after, daily.c.next_on.is_not(None))
        rows = await self._database.rows(query.order_by(daily.c.id).limit(limit))
        return [to_daily(row) for row in rows]

    async def forget_future_dates(self, latest: date) -> Sequence[int]:
        """Clear dates later than any that can have been asked yet; returns the dailies' ids."""
        asked = select(func.max(post.c.local_date)).where(post.c.daily_id == daily.c.id)

        def forget(connection: Connection) -> Sequence[int]:
            future = daily.c.last_on > latest
            ids = connection.scalars(select(daily.c.id).where(future).order_by(daily.c.id)).all()
            if ids:
                connection.execute(
                    post.update().where(post.c.local_date > latest).values(local_date=None)
                )
                connection.execute(
                    daily.update()
                    .where(daily.c.id.in_(ids))
                    .values(last_on=asked.scalar_subquery())
                )
            return ids

        return await self._database.write(forget)

    async def due(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[Daily]:
        """Dailies whose question is due, longest overdue first."""
        query = select_dailies(daily.c.next_due_at <= now, community.c.platform.in_(platforms))
        rows = await self._database.rows(
            query.order_by(daily.c.next_due_at, daily.c.id).limit(limit)
        )
        return [to_daily(row) for row in rows]

    async def claim(self, claims: Sequence[DailyClaim], now: datetime) -> Mapping[int, int | None]:
        """Create the rounds of the claims that are still valid, to be posted at once."""
        by_id = {claim.seen.id: claim for claim in claims}
        # Skip what another replica is claiming right now.
        free = (
            select(daily.c.id, daily.c.community_id, daily.c.next_on, daily.c.next_due_at)
            .add_columns(daily.c.last_on)
            .where(daily.c.id.in_(by_id), daily.c.plan != "")
            .order_by(daily.c.id)
            .with_for_update(skip_locked=True)
        )

        def claim(connection: Connection) -> Mapping[int, int | None]:
            rows = connection.execute(free).all()
            valid = [(row, by_id[row.id]) for row in rows if _matches(row, by_id[row.id].seen)]
            if valid:
                connection.execute(_CLAIM, [_claim_values(each) for _, each in valid])
            new = [(row, each, each.post) for row, each in valid if each.post]
            made = _insert_rounds(connection, new, now) if new else {}
            if new:
                self._questions.save(connection, ((post.pack, post.round) for _, _, post in new))
            return {row.id: made.get(row.id) for row, _ in valid}

        return await self._database.write(claim)

    async def unprepared(
        self, platforms: Collection[str], until: datetime, limit: int
    ) -> Sequence[Daily]:
        """Dailies that are due by then and have no question yet."""
        query = select_dailies(
            daily.c.next_due_at <= until,
            daily.c.question == "",
            community.c.platform.in_(platforms),
        )
        rows = await self._database.rows(query.order_by(daily.c.next_due_at).limit(limit))
        return [to_daily(row) for row in rows]

    async def prepare(self, chosen: Sequence[Daily]) -> None:
        """Store the questions chosen for dailies."""
        values = [
            {
                "daily": each.id,
                "on": each.next_on,
                "chosen_from": each.pack,
                "chosen": each.question,
            }
            for each in sorted(chosen, key=lambda each: each.id)
        ]
        await self._database.write(lambda connection: connection.execute(_PREPARE, values))

    async def known_to(self, who: Member) -> Sequence[Daily]:
        """Dailies of channels in which the member has answered, the next one due first."""
        query = select_dailies(
            *is_community(who), daily.c.plan != "", daily.c.channel.in_(known_channels(who))
        ).order_by(daily.c.next_due_at.is_(None), daily.c.next_due_at, daily.c.id)
        return [to_daily(row) for row in await self._database.rows(query)]

    async def before(self, round_id: int, now: datetime) -> PastDaily | None:
        """The channel's daily question before a round, once it's closed and was answered."""
        row = await self._database.row(_BEFORE, {"round": round_id, "now": now})
        return PastDaily(row.message, row.answered, row.right) if row else None

    async def missed(
        self, who: Member, channel: str, since: datetime, limit: int
    ) -> Sequence[Round]:
        """Closed daily rounds that the member hasn't answered, latest first."""
        mine = select(person.c.player_id).where(
            person.c.platform == who.platform,
            person.c.realm == who.realm,
            person.c.external_id == who.user,
        )
        query = (
            select(round_, *POST_COLUMNS)
            .join(post, post.c.round_id == round_.c.id)
            .join(community, community.c.id == round_.c.community_id)
            .where(
                *is_community(who),
                post.c.board == Board.DAILY.value,
                post.c.state == "closed",
                post.c.message.is_not(None),
                round_.c.withdrawn_at.is_(None),
                round_.c.opened_at >= since,
                or_(post.c.channel == channel, post.c.channel.in_(known_channels(who))),
                ~select(answer.c.id)
                .where(answer.c.round_id == round_.c.id, answer.c.member_id == member_id(who))
                .exists(),
                ~select(card.c.question)
                .where(
                    card.c.player_id.in_(mine),
                    card.c.pack == round_.c.pack,
                    card.c.question == round_.c.question,
                    card.c.reviewed_at >= round_.c.opened_at,
                )
                .exists(),
            )
            .order_by(round_.c.opened_at.desc(), round_.c.id.desc())
            .limit(limit)
        )
        return [to_round(row, steps=1) for row in await self._database.rows(query)]


def _daily_values(each: Daily) -> dict[str, Any]:
    return {
        "plan": SCHEDULE.dump_json(each.schedule).decode(),
        "paused": each.paused,
        "next_on": each.next_on,
        "next_due_at": each.next_due,
    }


def _is_unchanged(seen: Daily) -> tuple[ColumnElement[bool], ...]:
    """Matches a daily that hasn't moved on since it was seen."""
    return (
        daily.c.next_on.is_not_distinct_from(seen.next_on),
        daily.c.next_due_at.is_not_distinct_from(seen.next_due),
        daily.c.last_on.is_not_distinct_from(seen.last_on),
    )


def _without_choice(each: Daily) -> Daily:
    """A daily without its next question, which changes on its own."""
    return replace(each, pack="", question="")


def _matches(row: Row[Any], seen: Daily) -> bool:
    return (row.next_on, row.next_due_at, row.last_on) == (
        seen.next_on,
        seen.next_due,
        seen.last_on,
    )


def _claim_values(claim: DailyClaim) -> dict[str, Any]:
    return {
        "daily": claim.seen.id,
        "on": claim.next_on,
        "due": claim.next_due,
        "day": claim.day or claim.seen.last_on,
        "reason": claim.paused,
    }


def _insert_rounds(
    connection: Connection, new: Sequence[tuple[Row[Any], DailyClaim, NewPost]], now: datetime
) -> Mapping[int, int]:
    """Insert rounds that are claimed for posting; returns their ids by daily."""
    made = connection.scalars(
        round_.insert().returning(round_.c.id, sort_by_parameter_order=True),
        [
            {
                "community_id": row.community_id,
                "step": 1,
                "pack": each.pack,
                "question": each.round.question,
                "version": each.round.version,
                "layout": list(each.round.layout),
                "opened_at": now,
                "closes_at": each.closes_at,
            }
            for row, _, each in new
        ],
    ).all()
    connection.execute(
        post.insert(),
        [
            {
                "round_id": round_id,
                "community_id": row.community_id,
                "channel": each.channel.id,
                "board": each.board.value,
                "reveal": each.reveal.value,
                "seconds": each.seconds,
                "state": "claimed",
                "shown": 0,
                "due_at": now,
                "tries": 0,
                "daily_id": row.id,
                "local_date": claim.day,
                "mention": each.mention,
                "intro": each.intro,
                "trouble": "",
            }
            for round_id, (row, claim, each) in zip(made, new, strict=True)
        ],
    )
    return {row.id: round_id for round_id, (row, _, _) in zip(made, new, strict=True)}


def clear_choice(connection: Connection, community_id: int, channel: str) -> None:
    """Drop the next question of a channel's daily, so that it's chosen again."""
    its = daily.c.community_id == community_id, daily.c.channel == channel
    connection.execute(daily.update().where(*its).values(pack="", question=""))


def pause_values(reason: str) -> dict[str, Any]:
    """The columns of a paused daily."""
    return {"paused": reason, "next_on": None, "next_due_at": None}
