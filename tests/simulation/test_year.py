"""After 400 days every board equals a recount of the raw answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.engine.days import Days
from bot.engine.events import Member
from bot.engine.rounds import Board
from tests.databases import Databases
from tests.samples import small_pack
from tests.simulation import recount
from tests.simulation.community import BEGIN, DAYS, MEMBERS, ZONE, Community

TOPIC_OF = {question.id: question.topic for question in small_pack().questions}


@pytest.mark.long
@pytest.mark.timeout(900)  # on a slow machine a year takes longer than other tests may
async def test_boards_and_streaks_after_400_days_equal_a_recount(databases: Databases) -> None:
    with databases.new() as url:
        community = Community(url)
        await community.live()
        try:
            await _compare_with_recount(community)
            _check_dates(community)
        finally:
            await community.store.close()


async def _compare_with_recount(community: Community) -> None:
    store, diary, now = community.store, community.diary, community.clock.now
    with store.database.engine.connect() as connection:
        givens = recount.read_answers(connection)
    assert len(givens) > 3000
    assert [each.stored for each in givens] == [each.points for each in givens]
    # There are live questions, and drills with questions that aren't due.
    assert sum(each.board == "live" for each in givens) > 100
    assert sum(each.right and not each.points for each in givens) > 20
    standing = [each for each in givens if not each.withdrawn]
    assert len(givens) - len(standing) > 50
    of = defaultdict[tuple[str, str], list[recount.CountedAnswer]](list)
    for given in standing:
        for period in recount.list_periods(given, diary):
            of[given.board, period].append(given)
    assert len(of) > 600
    shared = 0
    for (board, period), played in of.items():
        page = await store.boards.standings(
            _member("ann"), Board(board), period, now=now, zone=ZONE, limit=99, offset=0
        )
        assert [
            (each.rank, each.user, each.points, each.right, each.answered) for each in page.lines
        ] == recount.count_board(played, diary.hidden), (board, period)
        teams = await store.boards.team_standings(
            _member("ann"), Board(board), period, limit=99, offset=0
        )
        assert [
            (each.rank, each.name, each.points, each.active, each.members) for each in teams.lines
        ] == recount.count_team_board(played, diary), (board, period)
        ranks = [each.rank for each in teams.lines]
        shared += len(ranks) > len(set(ranks))
    assert shared > 50
    for user, zone in MEMBERS.items():
        cards = await store.cards.of(_member(user), "sample")
        seen = Counter(each.question for each in standing if each.member == user)
        assert {question: card.seen for question, card in cards.items()} == seen
        days = Days(ZoneInfo(zone or ZONE))
        streak = (await store.players.totals(_member(user))).streak
        assert (streak.on(now, days), streak.freezes_on(now, days)) == recount.count_streak(
            givens, user, days.of(now)
        ), user


def _check_dates(community: Community) -> None:
    """Check that each scheduled date has one question, no topic comes twice in a row, and the whole
    pack is asked before any question repeats."""
    with community.store.database.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT p.channel, p.board, p.local_date, p.state, r.question FROM post AS p "
                "JOIN round AS r ON r.id = p.round_id ORDER BY r.id"
            )
        ).all()
    slept = {(BEGIN + timedelta(days=day)).date() for day in range(123, 126)}
    for channel, weekdays in (("general", 7), ("evening", 5)):
        here = [row for row in rows if row.channel == channel]
        mine = [row for row in here if row.board == "daily"]
        dates = [datetime.fromisoformat(str(row.local_date)).date() for row in mine]
        expected = {
            day
            for number in range(1, DAYS)
            if (day := (BEGIN + timedelta(days=number)).date()).weekday() < weekdays
        }
        assert len(set(dates)) == len(dates)
        assert expected - set(dates) <= slept
        assert set(dates) <= expected
        for asked in (here, mine):
            # A live question repeats only after all others, so its topic may be all that's left.
            assert all(
                TOPIC_OF[one.question] != TOPIC_OF[two.question] or two.board == "live"
                for one, two in pairwise(asked)
            )
        times = Counter(row.question for row in here)
        assert max(times.values()) - min(times.values()) <= 2
        assert {row.state for row in mine[:-1]} == {"closed"}
    assert community.poster.told == []


def _member(user: str) -> Member:
    return Member("terminal", "local", user)
