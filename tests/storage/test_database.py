"""The database itself: durable, checked, brought up to date, never a traceback."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert, inspect, text

from bot.engine.events import Member
from bot.engine.ports import Record
from bot.engine.rounds import Board
from bot.engine.streaks import Streak
from storage.database import MIGRATIONS, DatabaseUnavailable, latest_version, open_database
from storage.store import SqlStore
from storage.tables import METADATA, Community, Round
from tests.samples import START
from tests.storage.conftest import database, url_of
from tests.storage.test_store import acceptance, rounds


def migrated(connection: Connection, to: str = "head") -> None:
    """Run all migrations from nothing, as a database of the first version would."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    alembic_upgrade(config, to)


def test_the_migrations_lead_to_the_tables_as_they_are_declared() -> None:
    with create_engine("sqlite://").begin() as connection:
        migrated(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        for name, table in METADATA.tables.items():
            uniques = inspect(connection).get_unique_constraints(name)
            declared = [c for c in table.constraints if type(c).__name__ == "UniqueConstraint"]
            assert len(uniques) == len(declared), name


async def test_a_new_database_is_stamped_with_the_newest_migration(store: SqlStore) -> None:
    with store.engine.connect() as connection:
        version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == latest_version()


async def test_an_older_database_is_migrated_at_start(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    async with database(path) as store:
        with store.engine.connect() as opened:
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
                             '2026-03-02 12:01:00', 1, 1, 1);
"""


async def test_nothing_is_lost_on_the_way_from_the_first_version(tmp_path: Path) -> None:
    path = tmp_path / "first.db"
    first = create_engine(url_of(path))
    with first.begin() as connection:
        migrated(connection, "0001_first_tables")
        for statement in FIRST_VERSION_ROWS.split(";"):
            connection.execute(text(statement)) if statement.strip() else None
    first.dispose()
    async with database(path) as store:
        ann = Member("terminal", "local", "ann")
        assert await store.record(ann) == Record(10, 1, 1, Streak(2, 3, START.date()))
        assert (await store.cards(ann, "p"))["q1"].seen == 1
        drill = await store.drill(1, ann)
        assert drill is not None
        assert drill.steps[0][1] is not None
        board = await store.standings(ann, Board.DRILL, None, today=START.date(), limit=9, offset=0)
        assert [(line.name, line.points) for line in board.lines] == [("Ann", 10)]


async def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999_future')")
    connection.close()
    with pytest.raises(DatabaseUnavailable, match=r"9999_future.*Update Studyhall"):
        open_database(url_of(path))


async def test_sqlite_is_durable_and_checks_foreign_keys(store: SqlStore) -> None:
    with store.engine.connect() as connection:
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


async def test_every_table_but_communities_goes_with_its_member(store: SqlStore) -> None:
    member = Member("t", "c", "u")
    drill = await store.start_drill(member, "U", "p", "", rounds("q1"), START)
    kept = await store.drill(drill, member)
    assert kept is not None
    await store.accept(acceptance(kept.steps[0][0].id, member))
    await store.forget(member)
    with store.engine.connect() as connection:
        left = {
            name: connection.scalar(text(f'SELECT count(*) FROM "{name}"'))
            for name in METADATA.tables
        }
    assert left.pop("community") == 1
    assert set(left.values()) == {0}


async def test_two_processes_may_start_on_a_new_database_at_once(tmp_path: Path) -> None:
    url = url_of(tmp_path / "new.db")
    with ThreadPoolExecutor(12) as threads:
        for engine in threads.map(open_database, [url] * 12):
            engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "oracle://x", "sqlite:////proc/none/x.db"])
async def test_a_database_that_cannot_be_opened_says_why(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"database"):
        open_database(url)


async def test_a_file_that_is_no_database_says_so_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 100)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        open_database(url_of(path))
    assert path.read_text().startswith("not a database")


MEMBERS = [Member("t", "c", f"u{n}") for n in range(3)]


@given(
    st.lists(
        st.tuples(st.sampled_from(MEMBERS), st.integers(1, 3), st.sampled_from([0, 0.5, 1])),
        max_size=25,
    )
)
@settings(max_examples=20, deadline=None)
def test_whatever_the_interleaving_one_answer_stands_and_points_are_their_sum(
    presses: list[tuple[Member, int, float]],
) -> None:
    async def scenario(path: Path) -> None:
        async with database(path) as store:
            _shared_rounds(store)
            stood = await asyncio.gather(
                *(
                    store.accept(acceptance(round_, member, credit=credit, question=f"q{round_}"))
                    for member, round_, credit in presses
                )
            )
            by_seat = {(m, r): a for (m, r, _), a in zip(presses, stood, strict=True)}
            for (member, round_, _), answer in zip(presses, stood, strict=True):
                assert by_seat[member, round_] == answer
            standings = await store.standings(
                MEMBERS[0], Board.DRILL, None, today=START.date(), limit=9, offset=0
            )
            kept = Counter[str]()
            for (member, _), answer in by_seat.items():
                kept[member.user] += answer.points
            assert {line.user: line.points for line in standings.lines} == dict(kept)
            for member in MEMBERS:
                record = await store.record(member)
                mine = [answer for (who, _), answer in by_seat.items() if who == member]
                assert record.answered == len(mine)
                assert record.points == sum(answer.points for answer in mine)

    with TemporaryDirectory() as folder:
        asyncio.run(scenario(Path(folder) / "studyhall.db"))


def _shared_rounds(store: SqlStore) -> None:
    """Three rounds that everybody in the community may answer."""
    with store.engine.begin() as connection:
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
