"""The database itself: durable, checked, upgraded, never a traceback."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bot.engine import memory
from bot.engine.answers import AcceptedAnswer, RoundView
from bot.engine.events import Channel, Member
from bot.engine.players import PlayerTotals, Preferences
from bot.engine.rounds import Answer
from bot.engine.standings import list_periods
from bot.engine.streaks import Streak
from storage.batcher import MAX_BATCH
from storage.opening import MIGRATIONS, DatabaseUnavailable, latest_version, open_database
from storage.store import SqlStore
from storage.tables import METADATA, Community, Round
from tests.databases import Databases, PostgresqlServer
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import MINUTE, accept, accepted_answer, claim, page, posted, rounds

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def migrate(connection: Connection, to: str = "head") -> None:
    """Run all migrations from the start, as on a database of the first version."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    alembic_upgrade(config, to)


@contextmanager
def begin_as_is(url: str) -> Iterator[Connection]:
    """Begin a transaction in a database as it is, without creating our tables."""
    engine = create_engine(make_url(url).set(drivername=DRIVERS[make_url(url).drivername]))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


PLAN = {"sqlite": "QUERY PLAN", "postgresql": ""}
PAGE = """
    SELECT * FROM standing WHERE community_id = 1 AND board = 'live' AND period = 'all'
    AND team_id = 0 AND hidden = FALSE ORDER BY points DESC, reached_at, member_id LIMIT 10
"""


def include_in_comparison(_: object, name: str | None, kind: str, *__: object) -> bool:
    """On SQLite, Alembic sees a descending index as a difference."""
    return (kind, name) != ("index", "ix_standing_page")


def test_the_migrations_lead_to_the_tables_as_they_are_declared(databases: Databases) -> None:
    with databases.new(empty=True) as url, begin_as_is(url) as connection:
        migrate(connection)
        context = MigrationContext.configure(
            connection, opts={"include_object": include_in_comparison}
        )
        assert compare_metadata(context, METADATA) == []
        page = text(f"EXPLAIN {PLAN[connection.dialect.name]} {PAGE}")
        plan = " ".join(map(str, connection.execute(page)))
        assert "ix_standing_page" in plan
        assert "temp b-tree" not in plan.casefold()
        for name, table in METADATA.tables.items():
            uniques = inspect(connection).get_unique_constraints(name)
            declared = [c for c in table.constraints if type(c).__name__ == "UniqueConstraint"]
            assert len(uniques) == len(declared), name


async def test_a_new_database_is_stamped_with_the_newest_migration(store: SqlStore) -> None:
    with store.database.engine.connect() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == latest_version()


async def test_an_older_database_is_migrated_at_start(databases: Databases) -> None:
    with databases.new(empty=True) as url:
        set_version(url, None)
        async with database(url) as store:
            with store.database.engine.connect() as opened:
                version = opened.scalar(text("SELECT version_num FROM alembic_version"))
                assert version == latest_version()
                assert inspect(opened).has_table("answer")


FIRST_VERSION_ROWS = """
    INSERT INTO community VALUES (1, 'terminal', 'local');
    INSERT INTO member VALUES (4, 1, 'ann', 'Ann', 2, 3, '2026-03-02');
    INSERT INTO member VALUES (5, 1, 'bob', 'Bob', 0, 0, NULL);
    INSERT INTO drill VALUES (1, 4, 'p', '', '2026-03-02 12:00:00');
    INSERT INTO round VALUES (7, 1, 1, 1, 'p', 'q1', 'v', '[0]', '2026-03-02 12:00:00', NULL);
    INSERT INTO answer VALUES (1, 7, 4, '[0]', 1.0, 10, '2026-03-02 12:01:00');
    INSERT INTO score VALUES (4, 'drill', '2026-03-02', 1, 10, 1, 1);
    INSERT INTO card VALUES (4, 'p', 'q1', 2.0, 5.0, '2026-03-05 12:00:00',
                             '2026-03-02 12:01:00', 1, 1, TRUE);
"""


async def test_nothing_is_lost_on_the_way_from_the_first_version(databases: Databases) -> None:
    with databases.new(empty=True) as url:
        with begin_as_is(url) as connection:
            migrate(connection, "0001_first_tables")
            for statement in FIRST_VERSION_ROWS.split(";"):
                connection.execute(text(statement)) if statement.strip() else None
        async with database(url) as store:
            ann = Member("terminal", "local", "ann")
            assert await store.players.totals(ann) == PlayerTotals(
                10, 1, 1, Streak(2, 3, START.date())
            )
            assert (await store.cards.of(ann, "p"))["q1"].seen == 1
            drill = await store.drills.get(1, ann)
            assert drill is not None
            assert drill.steps[0][1] is not None
            for period in list_periods(START.date(), None):
                lines = (await page(store, ann, period)).lines
                assert [(line.name, line.points, line.right) for line in lines] == [("Ann", 10, 1)]
            assert await store.drills.start(ann, "Ann", "p", "", rounds("q1"), START) == 2


def set_version(url: str, version: str | None) -> None:
    """Stamp a database with a version."""
    with begin_as_is(url) as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        if version:
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))


async def test_a_database_of_a_newer_version_is_left_alone(databases: Databases) -> None:
    with databases.new(empty=True) as url:
        set_version(url, "9999_future")
        with pytest.raises(DatabaseUnavailable, match=r"9999_future.*Update Studyhall"):
            open_database(url)


async def test_a_database_that_cannot_be_brought_up_to_date_says_why(databases: Databases) -> None:
    hollow, torn = "0004_boards", "0001_first_tables'), ('0002_channels_and_players"
    for version, why in (hollow, "(post|community)"), (torn, "overlaps"):
        with databases.new(empty=True) as url:
            set_version(url, version)
            with pytest.raises(DatabaseUnavailable, match=f"Can't upgrade .*: .*{why}") as refused:
                open_database(url)
            assert "\n" not in str(refused.value)


async def test_a_canceled_press_fails_no_other_answer(store: SqlStore) -> None:
    """Nobody awaits the answer that can't be stored anymore."""
    ann, bob = Member("t", "c", "ann"), Member("t", "c", "bob")
    drill = await store.drills.get(
        await store.drills.start(ann, "A", "p", "", rounds("q1"), START), ann
    )
    assert drill is not None
    gone = asyncio.create_task(accept(store, accepted_answer(10**6, bob)))
    waiting = asyncio.create_task(accept(store, accepted_answer(drill.steps[0][0].id, ann)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await asyncio.wait_for(waiting, 5)).points == 10


async def test_sqlite_is_durable_and_checks_foreign_keys(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/studyhall.db")
    with engine.connect() as connection:
        pragmas = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
    }
    engine.dispose()


async def test_an_instant_comes_back_as_it_was_whatever_the_zones(database_url: str) -> None:
    instant = START.astimezone(ZoneInfo("Asia/Kathmandu")) + timedelta(microseconds=7)
    zone = {"options": "-c timezone=America/Caracas"} if "postgresql" in database_url else {}
    url = make_url(database_url).update_query_dict(zone).render_as_string(hide_password=False)
    drills = METADATA.tables["drill"]
    async with database(url) as store:
        drill = await store.drills.start(Member("t", "c", "u"), "U", "p", "", rounds("q"), instant)
        with store.database.engine.connect() as connection:
            kept = connection.scalar(select(drills.c.started_at).where(drills.c.id == drill))
    assert kept == instant
    assert kept.tzinfo is UTC


async def test_every_table_but_communities_goes_with_its_member(store: SqlStore) -> None:
    member = Member("t", "c", "u")
    drill = await store.drills.start(member, "U", "p", "", rounds("q1"), START)
    kept = await store.drills.get(drill, member)
    assert kept is not None
    await accept(store, accepted_answer(kept.steps[0][0].id, member))
    await store.players.forget(member)
    with store.database.engine.connect() as connection:
        left = {
            name: connection.scalar(text(f'SELECT count(*) FROM "{name}"'))
            for name in METADATA.tables
        }
    assert left.pop("community") == left.pop("question_version") == 1
    assert set(left.values()) == {0}


async def test_many_may_start_on_a_new_database_at_once(databases: Databases) -> None:
    with databases.new(empty=True) as url, ThreadPoolExecutor(12) as threads:
        for engine in threads.map(open_database, [url] * 12):
            engine.dispose()


def test_one_of_many_that_start_on_an_older_database_migrates_it(databases: Databases) -> None:
    """The first version's tables can only be renamed once: a second migration would fail."""
    with databases.new(empty=True) as url:
        with begin_as_is(url) as connection:
            migrate(connection, "0001_first_tables")
        starting = [
            subprocess.Popen(
                [sys.executable, "-m", "bot", "db", "upgrade", "--database-url", url],
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]
        assert ["up to date" in each.communicate(timeout=60)[0] for each in starting] == [True] * 3
        with begin_as_is(url) as connection:
            versions = connection.scalars(text("SELECT version_num FROM alembic_version"))
            assert versions.all() == [latest_version()]


SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "Can't read"),
        (f"postgresql://ann@here:{SECRET}/quiz", "Can't read"),
        (f"oracle://ann:{SECRET}@here/quiz", "oracle databases aren't supported"),
        ("sqlite:////proc/none/x.db", "Can't open .*Check the path"),
        ("sqlite:////tmp/%00", "isn't valid"),
        (f"sqlite://ann:{SECRET}@here/x.db", "isn't valid: Invalid SQLite URL"),
        ("postgresql://127.0.0.1/quiz?port=here", "isn't valid"),
        (
            f"postgresql://ann:{SECRET}@127.0.0.1:1/quiz",
            r"Can't open .*/quiz: .*the server is running",
        ),
        (f"postgres://127.0.0.1:1/quiz?password={SECRET}", r"Can't open .*/quiz: "),
        (f"postgresql://127.0.0.1:1/quiz?colour={SECRET}", "Can't open"),
    ],
)
async def test_a_database_that_cannot_be_opened_says_why_and_no_password(
    url: str, says: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=says) as refused:
        open_database(url)
    assert "database" in str(refused.value)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["we?ird.db", "x.db?", "x.db?mode=bogus&uri=true", "x.db?timeout=x"]
)
def test_a_question_mark_in_a_path_is_written_otherwise(url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"Write %3F for a \?"):
        open_database(f"sqlite:///{tmp_path}/{url}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("driver", ["sqlite+aiosqlite", "sqlite+pysqlite", "sqlite+nonsense"])
def test_every_driver_of_a_kind_is_the_one_that_comes_with_studyhall(
    driver: str, tmp_path: Path
) -> None:
    open_database(f"{driver}:///{tmp_path}/x.db").dispose()
    assert (tmp_path / "x.db").is_file()


async def test_a_server_that_refuses_says_why(postgresql: PostgresqlServer) -> None:
    with pytest.raises(DatabaseUnavailable, match=r'"nowhere" does not exist\. Check'):
        open_database(postgresql.url("nowhere"))
    nobody = make_url(postgresql.url("template")).set(username="nobody", password=SECRET)
    with pytest.raises(DatabaseUnavailable, match=r'"nobody" does not exist\. Check') as refused:
        open_database(nobody.render_as_string(hide_password=False))
    assert SECRET not in str(refused.value)


async def test_work_goes_on_as_soon_as_a_server_is_back(postgresql: PostgresqlServer) -> None:
    ann = Member("t", "c", "ann")
    with postgresql.new() as url:
        async with database(url) as store:
            for _ in range(2):
                await store.drills.start(ann, "Ann", "p", "", rounds("q1"), START)
            name = make_url(url).database
            postgresql.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            postgresql.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            for _ in range(2):
                with pytest.raises(OperationalError):
                    await store.players.totals(ann)
                with pytest.raises(OperationalError):
                    await store.settings.set("key", "value")
            postgresql.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            await store.settings.set("key", "value")
            assert await store.settings.get("key") == "value"
            assert await store.players.totals(ann) == PlayerTotals()


async def test_a_transaction_that_had_to_give_way_is_begun_again(
    postgresql: PostgresqlServer,
) -> None:
    with postgresql.new() as url:
        async with database(url) as store:
            for key in "ab":
                await store.settings.set(key, "")
            both = Barrier(2)

            def crossing(keys: str) -> Callable[[Connection], None]:
                """A deadlock at the first attempt."""
                first = iter([both.wait])

                def work(connection: Connection) -> None:
                    for key in keys:
                        change = text("UPDATE setting SET value = value || :by WHERE key = :key")
                        connection.execute(change, {"by": keys[0], "key": key})
                        next(first, int)()

                return work

            await asyncio.gather(
                store.database.write(crossing("ab")), store.database.write(crossing("ba"))
            )
            kept = [await store.settings.get(key) for key in "ab"]
            assert [sorted(str(value)) for value in kept] == [["a", "b"]] * 2


async def test_what_another_replica_is_taking_is_not_waited_for(
    postgresql: PostgresqlServer,
) -> None:
    with postgresql.new() as url:
        async with database(url) as store:
            posts = [
                await claim(store, channel=Channel("terminal", "local", name)) for name in "ab"
            ]
            taken, free = (each.round.id for each in posts if each)
            with store.database.engine.begin() as other:
                other.execute(
                    text("SELECT * FROM post WHERE round_id = :taken FOR UPDATE"),
                    {"taken": taken},
                )
                over = START + 2 * MINUTE
                due = await asyncio.wait_for(
                    store.posts.claim_due("terminal", over, over + MINUTE, 9), 5
                )
            assert [each.round.id for each in due] == [free]


async def test_a_file_that_is_no_database_says_so_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("not a database")


MEMBERS = [Member("t", "c", f"u{n}") for n in range(3)]


@given(
    st.lists(
        st.tuples(st.sampled_from(MEMBERS), st.integers(1, 3), st.sampled_from([0, 0.5, 1])),
        max_size=25,
    )
)
@settings(max_examples=20, deadline=None)
def test_in_any_interleaving_one_answer_counts_and_points_are_their_sum(
    databases: Databases, presses: list[tuple[Member, int, float]]
) -> None:
    """Two replicas take turns with the presses."""

    async def scenario(url: str) -> None:
        async with database(url) as store, database(url) as other:
            _insert_shared_rounds(store)
            stood = await asyncio.gather(
                *(
                    accept(
                        (store, other)[number % 2],
                        accepted_answer(round_, member, credit=credit, question=f"q{round_}"),
                    )
                    for number, (member, round_, credit) in enumerate(presses)
                )
            )
            by_seat = {(m, r): a for (m, r, _), a in zip(presses, stood, strict=True)}
            for (member, round_, _), answer in zip(presses, stood, strict=True):
                assert by_seat[member, round_] == answer
            standings = await page(store, MEMBERS[0])
            kept = Counter[str]()
            for (member, _), answer in by_seat.items():
                kept[member.user] += answer.points
            assert {line.user: line.points for line in standings.lines} == dict(kept)
            for member in MEMBERS:
                record = await store.players.totals(member)
                mine = [answer for (who, _), answer in by_seat.items() if who == member]
                assert record.answered == len(mine)
                assert record.points == sum(answer.points for answer in mine)

    with databases.new() as url:
        asyncio.run(scenario(url))


def _insert_shared_rounds(store: SqlStore) -> None:
    """Insert three rounds that everybody in the community can answer."""
    with store.database.engine.begin() as connection:
        connection.execute(insert(Community).values(id=1, platform="t", external_id="c"))
        for number in (1, 2, 3):
            connection.execute(
                insert(Round).values(
                    id=number,
                    community_id=1,
                    pack="p",
                    question=f"q{number}",
                    version="v",
                    layout=[],
                    opened_at=START,
                )
            )


async def test_what_waits_is_finished_before_the_database_is_let_go(database_url: str) -> None:
    async with database(database_url) as store:
        members = [Member("terminal", "local", f"u{n}") for n in range(MAX_BATCH + 50)]
        post = await posted(store)
        kept = [
            asyncio.create_task(accept(store, accepted_answer(post.round.id, m))) for m in members
        ]
        await asyncio.sleep(0)
    stood = await asyncio.wait_for(asyncio.gather(*kept), 30)
    assert {each.points for each in stood} == {10}


async def test_an_answer_whose_row_is_held_takes_no_others_along(
    postgresql: PostgresqlServer,
) -> None:
    ann, bob = (Member("terminal", "local", user) for user in ("ann", "bob"))
    quickly = "&options=-c lock_timeout=300"
    with postgresql.new() as url:
        async with database(url + quickly) as store:
            post = await posted(store)
            for member in (ann, bob):
                await store.players.set_preferences(member, member.user, Preferences())
            with psycopg.connect(url) as holder:
                holder.execute("SELECT * FROM player ORDER BY id LIMIT 1 FOR UPDATE")
                answers = (accept(store, accepted_answer(post.round.id, who)) for who in (ann, bob))
                held, other = await asyncio.gather(*answers, return_exceptions=True)
    assert isinstance(held, OperationalError)
    assert isinstance(other, Answer)


async def test_a_replica_that_freezes_within_a_transaction_loses_what_it_holds(
    postgresql: PostgresqlServer,
) -> None:
    with postgresql.new() as url:
        engine = open_database(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW idle_in_transaction_session_timeout")) == "15s"
        engine.dispose()
        frozen = open_database(f"{url}&options=-c idle_in_transaction_session_timeout=200")
        async with database(url) as store:
            post = await posted(store)
            holding = frozen.connect()
            holding.execute(text("SELECT * FROM round FOR UPDATE"))
            over = START + timedelta(minutes=1)
            assert await store.posts.claim_results("terminal", over, over, 9) == []
            await asyncio.sleep(0.5)
            (due,) = await store.posts.claim_results("terminal", over, over, 9)
            assert due.round.id == post.round.id
        with pytest.raises(DBAPIError):
            holding.execute(text("SELECT 1"))
        frozen.dispose()


async def test_of_one_members_answers_that_arrive_together_each_builds_on_the_one_before(
    store: SqlStore,
) -> None:
    ann = Member("terminal", "local", "ann")
    drills = [
        await store.drills.get(
            await store.drills.start(ann, "A", "p", "", rounds("q1"), START), ann
        )
        for _ in range(5)
    ]
    ids = [drill.steps[0][0].id for drill in drills if drill]

    def decide(round_id: int, view: RoundView | None) -> AcceptedAnswer:
        assert view is not None
        return replace(
            accepted_answer(round_id, ann), card=memory.review(view.card, "q1", 1, START)
        )

    answers = (store.answers.accept(each, ann, partial(decide, each)) for each in (*ids, ids[0]))
    await asyncio.gather(*answers)
    assert (await store.cards.of(ann, "p"))["q1"].seen == 5
    assert (await store.players.totals(ann)).answered == 5
