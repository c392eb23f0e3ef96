"""Rounds that are posted in channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, case, func, not_, select

from bot.engine.dailies import Daily
from bot.engine.events import Channel, Member
from bot.engine.posts import Post
from bot.engine.rounds import AskedQuestion, Board, NewPost, Reveal
from storage.answers import Answers
from storage.dailies import clear_choice, pause_values
from storage.database import Database
from storage.members import (
    Members,
    is_community,
    is_player,
    known_channels,
    member_id,
    members,
)
from storage.questions import QuestionVersions
from storage.rows import ANSWER_COUNT, select_dailies, select_posts, to_daily, to_post
from storage.tables import answer, community, daily, due, erased_answer, member, post, round_
from storage.tables import channel as channel_
from storage.withdrawing import lock_answers, lock_round, undo_answers

_SET_SHOWN_COUNT = (
    post.update()
    .where(post.c.round_id == bindparam("round"), post.c.shown != bindparam("answers"))
    .values(shown=bindparam("answers"))
)

ABANDONED_RETRY = timedelta(hours=1)
"""How long results of a community that removed the bot wait for their next try."""


class Posts:
    """Stores posts and the state each is in."""

    def __init__(
        self,
        database: Database,
        members: Members,
        answers: Answers,
        questions: QuestionVersions,
    ) -> None:
        self._database = database
        self._members = members
        self._answers = answers
        self._questions = questions

    async def claim(self, new: NewPost, now: datetime, lease_until: datetime) -> Post | None:
        """Insert a round for the caller to post; None if a live one is open in the channel."""

        def claim(connection: Connection) -> Post | None:
            community_id = self._members.community(
                connection, new.channel.platform, new.channel.community
            )
            asked = round_.insert().values(
                community_id=community_id,
                step=1,
                pack=new.pack,
                question=new.round.question,
                version=new.round.version,
                layout=list(new.round.layout),
                opened_at=now,
                closes_at=new.closes_at,
            )
            round_id = connection.scalar(asked.returning(round_.c.id))
            claimed = (
                self._database.insert(post)
                .values(
                    round_id=round_id,
                    community_id=community_id,
                    channel=new.channel.id,
                    board=new.board.value,
                    reveal=new.reveal.value,
                    seconds=new.seconds,
                    state="claimed",
                    shown=0,
                    due_at=lease_until,
                    tries=1,
                    mention=new.mention,
                    intro=new.intro,
                    posed_by=new.posed_by,
                    trouble="",
                )
                .on_conflict_do_nothing()
                .returning(post.c.round_id)
            )
            if connection.scalar(claimed) is None:
                connection.execute(round_.delete().where(round_.c.id == round_id))
                return None
            # The channel's daily may have chosen the same question or topic.
            clear_choice(connection, community_id, new.channel.id)
            self._questions.save(connection, [(new.pack, new.round)])
            claimed_post = to_post(connection.execute(_select_post(round_id)).one())
            return replace(claimed_post, tries=0)

        return await self._database.write(claim)

    async def confirm(self, round_id: int, message: str, now: datetime) -> Post | None:
        """The message is posted: open the round and start its clock."""

        def confirm(connection: Connection) -> Post | None:
            seconds = connection.scalar(
                post.update()
                .where(post.c.round_id == round_id, post.c.state == "claimed")
                .values(state="open", message=message, tries=0)
                .returning(post.c.seconds)
            )
            if seconds is None:
                return None
            planned = select(round_.c.closes_at).where(round_.c.id == round_id)
            closes = connection.scalar(planned) or now + timedelta(seconds=seconds)
            connection.execute(
                post.update().where(post.c.round_id == round_id).values(due_at=closes)
            )
            connection.execute(
                round_.update()
                .where(round_.c.id == round_id)
                .values(opened_at=now, closes_at=closes)
            )
            return to_post(connection.execute(_select_post(round_id)).one())

        return await self._database.write(confirm)

    async def live_in(self, channel: Channel) -> Post | None:
        """The open live round of a channel."""
        query = select_posts(
            *_in_channel(channel),
            post.c.board == Board.LIVE.value,
            post.c.state != "closed",
        )
        row = await self._database.row(query)
        return to_post(row) if row else None

    async def claim_due(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Lease rounds that are due to be posted to the caller."""
        waiting = post.c.state == "claimed", post.c.due_at <= now
        found = await self._find_due(platform, waiting, limit)

        def claim(connection: Connection) -> Sequence[Post]:
            taken = self._lock_available(connection, found, waiting)
            rows = connection.execute(select_posts(post.c.round_id.in_(taken))).all()
            self._lease(connection, taken, lease_until)
            return [to_post(row) for row in rows]

        return await self._database.write(claim) if found else []

    async def claim_results(
        self, platform: str, now: datetime, lease_until: datetime, limit: int
    ) -> Sequence[Post]:
        """Close rounds whose time is over, and lease them to the caller."""
        waiting = post.c.state != "claimed", post.c.due_at <= now
        found = await self._find_due(platform, waiting, limit)

        def claim(connection: Connection) -> Sequence[Post]:
            taken = self._lock_available(connection, found, waiting)
            self._close(
                connection,
                post.c.round_id.in_(taken) & (post.c.state != "closed"),
                now,
                due_at=lease_until,
            )
            rows = connection.execute(select_posts(post.c.round_id.in_(taken))).all()
            self._lease(connection, taken, lease_until)
            return [to_post(row) for row in rows]

        return await self._database.write(claim) if found else []

    async def claim_changed(self, platforms: Collection[str]) -> Sequence[Post]:
        """Open posts whose message shows an outdated number of answers."""
        query = select_posts(
            post.c.state == "open",
            post.c.shown != ANSWER_COUNT,
            community.c.platform.in_(platforms),
        ).order_by(post.c.round_id)
        posts = [to_post(row) for row in await self._database.rows(query)]

        def mark_displayed(connection: Connection) -> list[Post]:
            # Only one replica updates the message.
            return [
                each
                for each in posts
                if connection.execute(
                    _SET_SHOWN_COUNT, {"round": each.round.id, "answers": each.answered}
                ).rowcount
            ]

        return await self._database.write(mark_displayed) if posts else []

    async def close_early(self, round_id: int, community: Member, now: datetime) -> bool:
        """Make an open round of the member's community due to close; False if there is none."""

        def close(connection: Connection) -> bool:
            closed = connection.scalar(
                post.update()
                .where(
                    post.c.round_id == round_id,
                    post.c.state == "open",
                    post.c.community_id == _community_id(community.platform, community.community),
                )
                .values(due_at=now)
                .returning(post.c.round_id)
            )
            closes = round_.update().where(round_.c.id == closed).values(closes_at=now)
            connection.execute(closes)
            return closed is not None

        return await self._database.write(close)

    async def finish(self, round_id: int, message: str | None, trouble: str = "") -> None:
        """Mark a closed round as done; `trouble` says why its result can't be shown."""
        its = post.c.round_id == round_id, post.c.state == "closed"
        shown = func.coalesce(message, post.c.message)
        done = post.update().where(*its).values(due_at=None, message=shown, trouble=trouble)
        await self._database.write(lambda connection: connection.execute(done))

    async def note_trouble(self, round_id: int, trouble: str) -> None:
        """Store why a result can't be shown yet."""
        noted = post.update().where(post.c.round_id == round_id).values(trouble=trouble)
        await self._database.write(lambda connection: connection.execute(noted))

    async def hurry_results(self, platform: str, community: str, now: datetime) -> None:
        """Retry results that couldn't be shown, now."""
        waiting = (
            post.c.community_id == _community_id(platform, community),
            post.c.state == "closed",
            post.c.due_at > now,
        )
        retry = post.update().where(*waiting).values(due_at=now, tries=1)
        await self._database.write(lambda connection: connection.execute(retry))

    async def give_up(self, round_id: int, now: datetime) -> None:
        """Close a round for good, without a result."""
        await self._database.write(
            lambda connection: self._close(connection, post.c.round_id == round_id, now)
        )

    async def fail(self, round_id: int, reason: str, now: datetime) -> Daily | None:
        """The round can't be posted: close it and pause its daily; returns a newly paused one."""
        its = select(post.c.daily_id).where(post.c.round_id == round_id).scalar_subquery()
        locked = select_dailies(daily.c.id == its, daily.c.plan != "").with_for_update(of=daily)

        def fail(connection: Connection) -> Daily | None:
            self._close(connection, post.c.round_id == round_id, now)
            row = connection.execute(locked).one_or_none()
            if row is None:
                return None
            connection.execute(
                daily.update().where(daily.c.id == row.id).values(pause_values(reason))
            )
            return None if row.paused else replace(to_daily(row), paused=reason)

        return await self._database.write(fail)

    async def postpone(self, round_id: int, until: datetime) -> None:
        """Set the next try of a round, instead of the end of its lease."""
        waiting = post.c.round_id == round_id, post.c.state != "open", post.c.due_at.is_not(None)
        later = post.update().where(*waiting).values(due_at=until)
        await self._database.write(lambda connection: connection.execute(later))

    async def get(self, round_id: int) -> Post | None:
        """A round's post; None if it was never for a channel."""
        row = await self._database.row(_select_post(round_id))
        return to_post(row) if row else None

    async def in_community(self, round_id: int, community: Member) -> Post | None:
        """A round that was posted in the member's community."""
        row = await self._database.row(
            select_posts(
                *is_community(community), post.c.round_id == round_id, post.c.message.is_not(None)
            )
        )
        return to_post(row) if row else None

    async def last_in(self, channel: Channel, limit: int) -> Sequence[Post]:
        """The last rounds posted in a channel that aren't withdrawn, latest first."""
        query = select_posts(
            *_in_channel(channel),
            post.c.message.is_not(None),
            round_.c.withdrawn_at.is_(None),
        )
        rows = await self._database.rows(query.order_by(round_.c.id.desc()).limit(limit))
        return [to_post(row) for row in rows]

    async def withdraw(
        self, round_id: int, community: Member, now: datetime, show_at: datetime
    ) -> bool:
        """Withdraw a round posted in the member's community: close its post, and undo its points
        and cards; False if there is no such round or it's withdrawn already."""

        def withdraw(connection: Connection) -> bool:
            asked = connection.execute(lock_round(round_id, community)).one_or_none()
            if asked is None or asked.withdrawn_at:
                return False
            lock_answers(connection, asked)
            its = round_.c.id == round_id
            connection.execute(round_.update().where(its).values(withdrawn_at=now))
            self._close(connection, post.c.round_id == round_id, now)
            undo_answers(connection, asked)
            when = {"at": show_at, "due_at": show_at, "tries": 0, "channel": asked.channel}
            key = {"kind": "withdrawn", "community_id": asked.community_id, "key": str(round_id)}
            connection.execute(due.insert().values(**key, **when))
            return True

        return await self._database.write(withdraw)

    async def abandon(self, platform: str, community: str, reason: str, now: datetime) -> None:
        """Close all open rounds of a community, with results on hold, and stop what recurs."""
        theirs = _community_id(platform, community)

        def abandon(connection: Connection) -> None:
            self._close(
                connection,
                (post.c.community_id == theirs) & (post.c.state != "closed"),
                now,
                due_at=case((post.c.message.is_not(None), now + ABANDONED_RETRY)),
                trouble=reason,
            )
            connection.execute(
                daily.update()
                .where(daily.c.community_id == theirs, daily.c.paused == "")
                .values(pause_values(reason))
            )
            weekly = due.c.community_id == theirs, due.c.kind == "weekly"
            connection.execute(due.delete().where(*weekly))
            connection.execute(
                channel_.update().where(channel_.c.community_id == theirs).values(weekly="")
            )

        await self._database.write(abandon)

    async def open_questions(self, who: Member, pack: str) -> Collection[str]:
        """A pack's questions that are open in any community the player is in."""
        played = members(member.c.community_id).where(*is_player(who))
        here = select(community.c.id).where(*is_community(who))
        query = (
            select(round_.c.question)
            .join(post, post.c.round_id == round_.c.id)
            .where(
                post.c.state != "closed",
                round_.c.pack == pack,
                post.c.community_id.in_(played.union(here)),
            )
        )
        return {row.question for row in await self._database.rows(query)}

    async def unanswered(self, who: Member, now: datetime) -> Sequence[Post]:
        """Open questions that the member hasn't answered, in channels that they know."""
        query = select_posts(
            *is_community(who),
            post.c.state == "open",
            # When it closes, which has an index.
            post.c.due_at > now,
            post.c.channel.in_(known_channels(who)),
            ~select(answer.c.id)
            .where(answer.c.round_id == round_.c.id, answer.c.member_id == member_id(who))
            .exists(),
        ).order_by(round_.c.closes_at, round_.c.id)
        return [to_post(row) for row in await self._database.rows(query)]

    async def asked_in(self, channel: Channel, pack: str) -> Sequence[AskedQuestion]:
        """A pack's questions that were posted in a channel, oldest first."""
        given_up = and_(post.c.state == "closed", post.c.message.is_(None))
        query = (
            select_posts(*_in_channel(channel), round_.c.pack == pack, not_(given_up))
            .with_only_columns(round_.c.question, post.c.board, round_.c.opened_at)
            .order_by(round_.c.id)
        )
        rows = await self._database.rows(query)
        return [AskedQuestion(row.question, Board(row.board), row.opened_at) for row in rows]

    async def posed_since(self, member: Member, since: datetime) -> Sequence[datetime]:
        """When the member posed live questions in their community since a time."""
        given_up = and_(post.c.state == "closed", post.c.message.is_(None))
        query = (
            select(round_.c.opened_at)
            .join(post, post.c.round_id == round_.c.id)
            .join(community, community.c.id == post.c.community_id)
            .where(
                *is_community(member),
                post.c.board == Board.LIVE.value,
                post.c.posed_by == member.user,
                round_.c.opened_at > since,
                not_(given_up),
            )
            .order_by(round_.c.opened_at)
        )
        return [row.opened_at for row in await self._database.rows(query)]

    async def is_posed_by(self, round_id: int, member: Member) -> bool:
        """Whether the member posed a live question of their community."""
        theirs = select_posts(
            *is_community(member), post.c.round_id == round_id, post.c.posed_by == member.user
        )
        return await self._database.row(theirs) is not None

    async def _find_due(
        self, platform: str, due: Sequence[ColumnElement[bool]], limit: int
    ) -> Sequence[int]:
        rows = await self._database.rows(
            select(post.c.round_id)
            .join(community, community.c.id == post.c.community_id)
            .where(*due, community.c.platform == platform)
            .order_by(post.c.due_at, post.c.round_id)
            .limit(limit)
        )
        return [row.round_id for row in rows]

    def _lock_available(
        self, connection: Connection, found: Sequence[int], due: Sequence[ColumnElement[bool]]
    ) -> Sequence[int]:
        """Lock those of the rounds that are free and still due. Rounds that another replica is
        claiming or that are being answered are skipped until the next scheduler pass."""
        free = (
            select(post.c.round_id)
            .join(round_, round_.c.id == post.c.round_id)
            .where(post.c.round_id.in_(found), *due)
            .order_by(post.c.round_id)
            .with_for_update(skip_locked=True, of=[post, round_])
        )
        return connection.scalars(free).all()

    def _lease(self, connection: Connection, taken: Sequence[int], until: datetime) -> None:
        connection.execute(
            post.update()
            .where(post.c.round_id.in_(taken))
            .values(due_at=until, tries=post.c.tries + 1)
        )

    def _close(
        self,
        connection: Connection,
        which: ColumnElement[bool],
        now: datetime,
        *,
        due_at: datetime | ColumnElement[Any] | None = None,
        trouble: str = "",
    ) -> None:
        """Close posts: publish their points, and free the dates of dailies that were never posted.
        Their results are due at `due_at`, or never."""
        rows = connection.execute(
            post.update()
            .where(which)
            .values(
                state="closed",
                due_at=due_at,
                trouble=trouble,
                salt=None,
                local_date=case((post.c.message.is_not(None), post.c.local_date)),
            )
            .returning(post.c.round_id, post.c.message, post.c.daily_id, post.c.reveal)
        ).all()
        closed = [row.round_id for row in rows]
        connection.execute(erased_answer.delete().where(erased_answer.c.round_id.in_(closed)))
        unposted_dailies = [row.daily_id for row in rows if row.message is None and row.daily_id]
        if unposted_dailies:
            last = select(func.max(post.c.local_date)).where(post.c.daily_id == daily.c.id)
            connection.execute(
                daily.update()
                .where(daily.c.id.in_(unposted_dailies))
                .values(last_on=last.scalar_subquery())
            )
        connection.execute(
            round_.update()
            .where(
                round_.c.id.in_(closed),
                round_.c.closes_at.is_(None) | (round_.c.closes_at > now),
            )
            .values(closes_at=now)
        )
        for row in sorted(rows, key=lambda row: row.round_id):
            if row.reveal == Reveal.AT_CLOSE.value:
                self._answers.publish(connection, row.round_id)


def _select_post(round_id: int | None) -> Select[Any]:
    return select_posts(post.c.round_id == round_id)


def _community_id(platform: str, external: str) -> Any:
    return (
        select(community.c.id)
        .where(community.c.platform == platform, community.c.external_id == external)
        .scalar_subquery()
    )


def _in_channel(channel: Channel) -> tuple[ColumnElement[bool], ...]:
    return *is_community(channel), post.c.channel == channel.id
