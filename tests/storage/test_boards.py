"""Stored boards agree with a recount of all answers, whatever happened in between."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from bot.engine.events import Member
from bot.engine.linking import CODE_LIFETIME
from bot.engine.players import Preferences
from bot.engine.rounds import Board
from bot.engine.standings import list_periods
from storage.store import SqlStore
from storage.tables import Round
from tests.databases import Databases
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import accept, accepted_answer, page
from tests.storage.test_database import begin_as_is, migrate

ANN, BOB = (Member("discord", "g1", user) for user in ("ann", "bob"))
SLACK = Member("slack", "T1", "ann", realm="T1")
PEOPLE = (ANN, BOB, SLACK)
ROUNDS = 3

Line = tuple[int, int, int, datetime, bool]
Key = tuple[str, str, str, str, str]


@dataclass
class Diary:
    """A log of who earned what for which team, answer by answer."""

    answered: set[tuple[Member, int]] = field(default_factory=set)
    earned: list[tuple[Member, Board, tuple[str, ...], str, int, datetime]] = field(
        default_factory=list
    )
    team: dict[Member, str] = field(default_factory=dict)
    hidden: set[Member] = field(default_factory=set)
    days: int = 0

    def lines(self) -> dict[Key, Line]:
        by_line = defaultdict[Any, list[tuple[int, datetime]]](list)
        for member, board, counted, team, points, at in self.earned:
            for period in counted:
                for each in {"", team}:
                    by_line[member, board, period, each].append((points, at))
        return {
            (member.platform, member.user, board, period, team): (
                sum(points for points, _ in parts),
                sum(points == 10 for points, _ in parts),
                len(parts),
                max([at for points, at in parts if points] or [min(at for _, at in parts)]),
                member in self.hidden,
            )
            for (member, board, period, team), parts in by_line.items()
        }


async def stored_lines(store: SqlStore) -> dict[Key, Line]:
    query = """
        SELECT p.platform, p.external_id, s.board, s.period, coalesce(t.name, ''), s.points,
               s."right", s.answered, s.reached_at, s.hidden
        FROM standing AS s JOIN member AS m ON m.id = s.member_id
        JOIN person AS p ON p.id = m.person_id LEFT JOIN team AS t ON t.id = s.team_id
    """
    with store.database.engine.connect() as connection:
        rows = connection.execute(text(query)).all()
    return {
        (row[0], row[1], row[2], row[3], row[4]): (
            *row[5:8],
            datetime.fromisoformat(str(row[8])).replace(tzinfo=START.tzinfo),
            bool(row[9]),
        )
        for row in rows
    }


ANSWERS = st.lists(
    st.tuples(
        st.just("answer"),
        st.sampled_from(PEOPLE),
        st.integers(1, ROUNDS),
        st.sampled_from([0, 0.5, 1]),
        st.sampled_from([Board.LIVE, Board.DRILL]),
    ),
    min_size=1,
    max_size=4,
)
STEPS = st.one_of(
    ANSWERS,
    st.tuples(st.just("team"), st.sampled_from(PEOPLE), st.sampled_from(["Owls", "Larks"])),
    st.tuples(st.just("hide"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("season"), st.sampled_from([ANN, SLACK])),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 40])),
)


@given(st.lists(STEPS, max_size=12))
@settings(max_examples=20, deadline=None)
def test_standings_are_what_a_recount_of_all_answers_gives(
    databases: Databases, steps: Sequence[Any]
) -> None:
    async def scenario(url: str) -> None:
        async with database(url) as store:
            await _rounds_for_all(store)
            diary = Diary()
            for number, step in enumerate(steps):
                await _take_step(store, diary, step, number)
            assert await stored_lines(store) == diary.lines()

    with databases.new() as url:
        asyncio.run(scenario(url))


async def _take_step(store: SqlStore, diary: Diary, step: Any, number: int) -> None:
    match step:
        case list() as answers:
            await _answer(store, diary, answers, number)
        case ("team", member, name):
            teams = {team.name: team.id for team in await store.teams.all(member)}
            if name in teams:
                await store.teams.join(member, member.user, teams[name])
            else:
                await store.teams.create(member, member.user, name)
            diary.team[member] = name
        case ("hide", member, hidden):
            await store.players.set_preferences(member, member.user, Preferences(hidden=hidden))
            diary.hidden = diary.hidden - {member} | ({member} if hidden else set())
        case ("season", member):
            await store.seasons.start(member.platform, member.community, f"S{number}", START)
        case ("wait", days):
            diary.days += days
        case ("link", True):
            await store.linking.offer(ANN, "ann", f"CODE{number}", START + CODE_LIFETIME)
            asked = await store.linking.claim(
                SLACK, "ann", f"CODE{number}", START + CODE_LIFETIME, START
            )
            await store.linking.allow(ANN, asked[2], START)
        case ("link", False):
            await store.linking.unlink(SLACK)


async def _answer(store: SqlStore, diary: Diary, answers: Sequence[Any], number: int) -> None:
    """Answer all at once, so that one commit stores them."""
    accepted = []
    for place, (_, member, round_, credit, board) in enumerate(answers):
        round_id = round_ + (ROUNDS if member is SLACK else 0)
        view = await store.answers.view(round_id, member)
        assert view is not None
        new = accepted_answer(
            round_id,
            member,
            credit=credit,
            days=diary.days,
            season=view.season,
            board=board,
        )
        at = START + timedelta(days=diary.days, minutes=number, seconds=place)
        accepted.append(replace(new, answer=replace(new.answer, answered_at=at)))
        if (member, round_id) not in diary.answered:
            diary.answered.add((member, round_id))
            team = diary.team.get(member, "")
            diary.earned.append((member, board, new.periods, team, new.answer.points, at))
    await asyncio.gather(*(accept(store, each) for each in accepted))


async def _rounds_for_all(store: SqlStore) -> None:
    for community, member in enumerate((ANN, SLACK), 1):
        await store.seasons.start(member.platform, member.community, "First", START)
        with store.database.engine.begin() as connection:
            for number in range(ROUNDS):
                connection.execute(
                    insert(Round).values(
                        community_id=community,
                        pack="p",
                        question=f"q{number}",
                        version="v",
                        layout=[],
                        opened_at=START,
                    )
                )


async def test_hiding_while_answering_hides_the_new_lines(database_url: str) -> None:
    """Two replicas store the answers, a third one the setting."""
    async with database(database_url) as one, database(database_url) as two:
        await _rounds_for_all(one)
        for hidden in (True, False):
            wish = Preferences(hidden=hidden)
            await asyncio.gather(
                *(
                    accept(
                        (one, two)[number % 2],
                        accepted_answer(
                            1 + number % ROUNDS,
                            member,
                            days=number,
                            board=Board.LIVE if hidden else Board.DAILY,
                        ),
                    )
                    for number in range(12)
                    for member in (ANN, BOB)
                ),
                *(one.players.set_preferences(member, member.user, wish) for member in (ANN, BOB)),
            )
            lines = await stored_lines(two)
            assert lines
            assert {line[-1] for line in lines.values()} == {hidden}


THIRD_VERSION_ROWS = """
    INSERT INTO community VALUES (1, 'terminal', 'local');
    INSERT INTO player VALUES (4, 2, 3, '2026-03-02');
    INSERT INTO player VALUES (5, 0, 0, NULL);
    INSERT INTO person VALUES (4, 'terminal', '', 'ann', 4);
    INSERT INTO person VALUES (5, 'terminal', '', 'bob', 5);
    INSERT INTO team VALUES (9, 1, 'Owls', 'owls');
    INSERT INTO member VALUES (4, 1, 4, 'Ann', 9);
    INSERT INTO member VALUES (5, 1, 5, 'Bob', NULL);
    INSERT INTO round VALUES (6, 1, NULL, 1, 'p', 'q1', 'v', '[0]', '2026-02-28 12:00:00', NULL);
    INSERT INTO round VALUES (7, 1, NULL, 1, 'p', 'q2', 'v', '[0]', '2026-03-01 12:00:00', NULL);
    INSERT INTO post VALUES (6, 1, 'c', 'live', 'at-once', 60, 'closed', 'm1', 0, NULL);
    INSERT INTO post VALUES (7, 1, 'c', 'live', 'at-once', 60, 'closed', 'm2', 0, NULL);
    INSERT INTO answer VALUES (1, 6, 5, '[0]', 1.0, 10, '2026-02-28 12:01:00');
    INSERT INTO answer VALUES (2, 6, 4, '[0]', 0.5, 5, '2026-02-28 12:02:00');
    INSERT INTO answer VALUES (3, 7, 4, '[0]', 0.5, 5, '2026-03-01 12:01:00');
    INSERT INTO answer VALUES (4, 7, 5, '[0]', 0.0, 0, '2026-03-01 12:02:00');
    INSERT INTO score VALUES (5, 'live', '2026-02-28', 0, 1, 10, 1, 1);
    INSERT INTO score VALUES (4, 'live', '2026-02-28', 0, 1, 5, 0, 1);
    INSERT INTO score VALUES (4, 'live', '2026-03-01', 9, 1, 5, 0, 1);
    INSERT INTO score VALUES (5, 'live', '2026-03-01', 0, 1, 0, 0, 1);
"""


async def test_sums_of_days_become_standings_on_the_way_from_the_third_version(
    databases: Databases,
) -> None:
    with databases.new(empty=True) as url:
        with begin_as_is(url) as connection:
            migrate(connection, "0003_linking")
            for statement in filter(str.strip, THIRD_VERSION_ROWS.split(";")):
                connection.execute(text(statement))
        async with database(url) as store:
            ann, bob = (Member("terminal", "local", user) for user in ("ann", "bob"))
            shown = {
                period: [
                    (line.rank, line.user, line.points)
                    for line in (await page(store, ann, period, board=Board.LIVE)).lines
                ]
                for period in (
                    *list_periods(date(2026, 2, 28), None),
                    *list_periods(date(2026, 3, 1), None),
                )
            }
            assert shown == {
                "2026-02-28": [(1, "bob", 10), (2, "ann", 5)],
                "2026-03-01": [(1, "ann", 5), (2, "bob", 0)],
                "2026-W09": [(1, "bob", 10), (1, "ann", 10)],
                "2026-02": [(1, "bob", 10), (2, "ann", 5)],
                "2026-03": [(1, "ann", 5), (2, "bob", 0)],
                "all": [(1, "bob", 10), (1, "ann", 10)],
            }
            teams = await store.boards.team_standings(bob, Board.LIVE, "all", limit=9, offset=0)
            assert [(line.name, line.active) for line in teams.lines] == [("Owls", 1)]
            assert teams.lines[0].points == round(5 * 1.25)
            everything = await store.players.export(bob)
            assert everything is not None
            assert [str(answer["day"]) for answer in everything["answers"]] == [
                "2026-02-28",
                "2026-03-01",
            ]
