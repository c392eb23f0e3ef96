"""Backing up, restoring and moving: everything arrives, or nothing does."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import ColumnElement, Table, func, inspect, make_url, select, text

from bot.engine.communities import ChannelSettings, CommunitySettings, Managers
from bot.engine.events import Member
from bot.engine.linking import CODE_LIFETIME
from bot.engine.players import Preferences
from bot.engine.processes import Process
from bot.engine.rounds import Results, Reveal
from bot.engine.schedules import Schedule, Weekly
from bot.engine.seasons import SeasonEnd
from bot.engine.standings import ALL_TIME
from storage import copying
from storage.copying import Copied, NotCopied, Progress, backup, copy, restore
from storage.installations import Installations
from storage.opening import DatabaseUnavailable, open_database
from storage.tables import METADATA
from tests.databases import Databases, PostgresqlServer, SqliteFiles
from tests.samples import START
from tests.storage.conftest import database
from tests.storage.steps import ANN, BOB, HERE, accept, accepted_answer, posted, rounds, start
from tests.storage.test_database import FIRST_VERSION_ROWS, begin_as_is, migrate, set_version

Rows = dict[str, list[tuple[Any, ...]]]
GONE = Member("terminal", "local", "gone")
CLIENT = "1234.5678"


def quiet(step: str, done: int, total: int) -> None:
    """Ignore progress."""


@pytest.fixture(params=["to sqlite", "to postgresql"])
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database to copy into."""
    kind: Databases = SqliteFiles()
    if request.param == "to postgresql":
        kind = request.getfixturevalue("postgresql")
    with kind.new() as url:
        yield url


@pytest.fixture
def source(database_url: str) -> str:
    """A database in which every table has rows."""

    async def play() -> None:
        async with database(database_url) as store:
            await store.teams.create(ANN, "Ann", "Owls \N{OWL}")
            for given in ((1,), "cluster", (2, -1)):
                (round_,) = await start(store, ANN, "q1")
                await accept(store, accepted_answer(round_, given=given))
            await store.reports.add(round_, ANN, "Ann", "typo", START)
            await store.communities.set_channel_settings(
                HERE,
                ChannelSettings(Reveal.AT_CLOSE, "p", Weekly(0, time(9)), Results.THREAD),
                CommunitySettings(managers=Managers("r1", ("bob",))),
            )
            assert await store.communities.note_warning(HERE, "I can't reply here.")
            end = SeasonEnd(START.date(), START + CODE_LIFETIME, "Summer", HERE, "ann")
            await store.seasons.start("terminal", "local", "Spring", START, end)
            await store.dailies.propose(HERE, "ann", Schedule(time(9), "UTC"))
            await store.linking.offer(ANN, "Ann", "CODE2345", START + CODE_LIFETIME)
            await store.settings.set("key", "value")
            await store.processes.save(Process("p1", "host", 1, "1.0", START, START))
            await store.due.set("weekly", "general", HERE, START)
            wrong = await posted(store)
            await accept(store, accepted_answer(wrong.round.id, ANN))
            await store.posts.withdraw(wrong.round.id, ANN, START, START)
            with (
                store.database.engine.begin() as connection
            ):  # as of an answer from before version 0013
                connection.execute(text("UPDATE answer SET periods = NULL WHERE id = 1"))
            open_ = await posted(store)
            for who in (BOB, GONE):
                await accept(store, accepted_answer(open_.round.id, who))
            await store.players.forget(GONE)
            await install(store.database.engine, "T1")

    asyncio.run(play())
    assert all(rows(database_url).values())
    return database_url


async def install(engine: Any, team: str) -> None:
    """Save an installation as the Slack app does."""
    await Installations(CLIENT, engine).store.async_save(
        Installation(app_id="A1", team_id=team, bot_token="xoxb", bot_id="B1", user_id="U1")
    )


def rows(url: str) -> Rows:
    """All rows of all tables."""
    engine = open_database(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }
    engine.dispose()
    return found


def test_everything_arrives_and_work_goes_on_there(source: str, target: str) -> None:
    before = rows(source)
    progress: list[tuple[int, int]] = []
    copied = copy(source, target, lambda _, done, total: progress.append((done, total)))
    assert rows(target) == rows(source) == before
    assert copied == (sum(map(len, before.values())), 0)
    assert progress[-1] == (copied.rows, copied.rows)

    async def go_on() -> None:
        async with database(target) as store:
            for member in (ANN, Member("terminal", "elsewhere", "new")):
                round_ = await start_drill(store, member)
                await accept(store, accepted_answer(round_, member, question="q9"))
            await install(store.database.engine, "T2")

    asyncio.run(go_on())
    assert len(rows(target)["answer"]) == len(before["answer"]) + 2
    assert len(rows(target)["slack_bots"]) == 2


async def start_drill(store: Any, member: Member) -> int:
    """Start a drill; returns its round's id."""
    drill = await store.drills.start(member, member.user, "p", "", rounds("q9"), START)
    found = await store.drills.get(drill, member)
    return int(found.steps[0][0].id)


def test_a_backup_can_be_restored_into_either_kind(
    source: str, target: str, tmp_path: Path
) -> None:
    file = tmp_path / "studyhall.backup"
    backup(source, file, quiet)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o400)
    restore(file, target, quiet)
    assert rows(target) == rows(source)
    with pytest.raises(NotCopied, match="nothing is overwritten"):
        backup(source, file, quiet)


def test_a_database_that_holds_data_is_left_alone(source: str, target: str) -> None:
    async def keep() -> None:
        async with database(target) as store:
            await store.settings.set("only", "this")

    asyncio.run(keep())
    before = rows(target)
    with pytest.raises(NotCopied, match="already contains data"):
        copy(source, target, quiet)
    with pytest.raises(NotCopied, match="already contains data"):
        copy(source, source, quiet)
    assert rows(target) == before


def test_a_copy_that_is_interrupted_leaves_nothing(
    source: str, target: str, tmp_path: Path
) -> None:
    def interrupt(step: str, done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(source, target, interrupt)
    assert not any(rows(target).values())
    with pytest.raises(KeyboardInterrupt):
        backup(source, tmp_path / "backup", interrupt)
    assert list(tmp_path.iterdir()) == []
    copy(source, target, quiet)
    assert rows(target) == rows(source)


def test_a_copy_into_a_new_file_that_comes_to_nothing_leaves_none(
    source: str, tmp_path: Path
) -> None:
    def interrupt(step: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    target = f"sqlite:///{tmp_path}/new/folder/target.db"
    backup(source, tmp_path / "backup", quiet)
    before = list(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        restore(tmp_path / "backup", target, interrupt)
    with pytest.raises(KeyboardInterrupt):
        copy(source, target, interrupt)
    assert list(tmp_path.iterdir()) == before
    restore(tmp_path / "backup", target, quiet)
    assert rows(target) == rows(source)


def test_what_has_come_meanwhile_is_not_overwritten(source: str, tmp_path: Path) -> None:
    file = tmp_path / "file.db"

    def come(step: str, done: int, total: int) -> None:
        file.write_text("mine")

    for write in backup, lambda url, path, progress: copy(url, f"sqlite:///{path}", progress):
        with pytest.raises(NotCopied, match=r"Can't write .*: File exists"):
            write(source, file, come)
        assert file.read_text() == "mine"
        file.unlink()
    assert list(tmp_path.iterdir()) == []


def test_a_value_the_target_rejects_is_reported_and_nothing_is_copied(
    tmp_path: Path, postgresql: Databases
) -> None:
    source = f"sqlite:///{tmp_path}/source.db"

    async def keep() -> None:
        async with database(source) as store:
            await store.communities.set_settings("t", "c", CommunitySettings(team_cap=2**40))

    asyncio.run(keep())
    with postgresql.new() as target:
        with pytest.raises(NotCopied, match=r"Nothing was copied to postgresql://.*out of range"):
            copy(source, target, quiet)
        assert not any(rows(target).values())


def spoil(file: Path) -> None:
    """Put into a database what its texts can't hold, as earlier versions let in."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE member SET name = 'A' || char(0) || 'nn' WHERE name = 'Ann'")
        connection.execute("INSERT INTO setting VALUES ('a' || char(0), 'x'), ('a', 'x')")
        connection.execute("INSERT INTO setting VALUES ('b', CAST(x'61eda0bd62' AS TEXT))")
        connection.execute("UPDATE answer SET given = ? WHERE id = 1", ('["\\u0000a", "\\ud83d"]',))
        connection.execute("UPDATE answer SET given = ? WHERE id = 2", ('["\\ud83e\\udd89"]',))
        connection.commit()


@pytest.mark.parametrize("way", ["move", "restore"])
def test_texts_that_no_database_can_hold_are_repaired_on_the_way(
    tmp_path: Path, postgresql: PostgresqlServer, target: str, way: str
) -> None:
    file = tmp_path / "source.db"

    async def play() -> None:
        async with database(f"sqlite:///{file}") as store:
            for question in ("q1", "q2"):
                (round_,) = await start(store, ANN, question)
                await accept(store, accepted_answer(round_, question=question))
            await store.players.set_preferences(ANN, "Ann", Preferences())

    asyncio.run(play())
    spoil(file)
    if way == "move":
        done = copy(f"sqlite:///{file}", target, quiet)
    else:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        done = restore(file, target, quiet)
    assert done.repaired == 4
    found = rows(target)
    assert done.rows == sum(map(len, found.values()))
    engine = open_database(target)
    with engine.connect() as reading:
        names, settings, answers = (METADATA.tables[n] for n in ("member", "setting", "answer"))
        assert reading.scalars(select(names.c.name)).all() == ["A\N{REPLACEMENT CHARACTER}nn"]
        assert sorted(map(tuple, reading.execute(select(settings)))) == [
            ("a", "x"),
            ("a\N{REPLACEMENT CHARACTER}", "x"),
            ("b", "a\N{REPLACEMENT CHARACTER}b"),
        ]
        given = reading.scalars(select(answers.c.given).order_by(answers.c.id)).all()
        assert given == [
            ["\N{REPLACEMENT CHARACTER}a", "\N{REPLACEMENT CHARACTER}"],
            ["\N{OWL}"],
        ]
    engine.dispose()
    assert copy(target, f"sqlite:///{tmp_path}/again.db", quiet).repaired == 0


def test_errors_name_a_broken_source(tmp_path: Path) -> None:
    file = tmp_path / "source.db"
    open_database(f"sqlite:///{file}").dispose()
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'setting'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        connection.execute(
            "INSERT INTO community VALUES (1, 't', 'c', NULL, NULL, 'everyone', 3, 60, '')"
        )
        connection.execute("INSERT INTO season VALUES (1, 1, 'Spring', 'in March', NULL, NULL, '')")
        connection.commit()
    with pytest.raises(NotCopied, match=r"can't read .*source\.db: .*in March"):
        copy(f"sqlite:///{file}", f"sqlite:///{tmp_path}/target.db", quiet)
    with file.open("r+b") as broken:
        broken.seek((page - 1) * size)
        broken.write(b"\xff" * size)
    with pytest.raises(NotCopied, match=r"can't read .*source\.db: database disk image is malfo"):
        copy(f"sqlite:///{file}", f"sqlite:///{tmp_path}/target.db", quiet)
    with pytest.raises(NotCopied, match=rf"copied: can't read {file}: database disk image"):
        restore(file, f"sqlite:///{tmp_path}/target.db", quiet)
    assert not (tmp_path / "target.db").exists()


def test_errors_name_a_target_that_goes_away(source: str, postgresql: PostgresqlServer) -> None:
    with postgresql.new() as target:
        name = make_url(target).database

        def end(*_: object) -> None:
            postgresql.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

        with pytest.raises(NotCopied, match=f"copied to postgresql://.*/{name}: .* closed"):
            copy(source, target, end)


def test_rows_that_do_not_arrive_are_missed(source: str, postgresql: Databases) -> None:
    with postgresql.new() as target:
        with begin_as_is(target) as connection:
            connection.exec_driver_sql("CREATE RULE lose AS ON INSERT TO report DO INSTEAD NOTHING")
        with pytest.raises(NotCopied, match="some rows are missing"):
            copy(source, target, quiet)
        assert not any(rows(target).values())


def test_a_backup_is_of_one_moment_while_others_write(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "BATCH_ROWS", 1)
    before = rows(source)
    written, stop = Event(), Event()

    async def write() -> None:
        async with database(source) as store:
            while not stop.is_set():
                round_ = await start_drill(store, ANN)
                await accept(store, accepted_answer(round_, question="q9"))
                written.set()

    def wait_for_more(step: str, done: int, total: int) -> None:
        written.clear()
        assert written.wait(20)

    writer = Thread(target=lambda: asyncio.run(write()))
    writer.start()
    try:
        assert written.wait(20)
        backup(source, tmp_path / "backup", wait_for_more)
    finally:
        stop.set()
        writer.join()
    found = rows(f"sqlite:///{tmp_path}/backup")
    assert len(rows(source)["answer"]) > len(found["answer"]) >= len(before["answer"])
    answer, standing = (METADATA.tables[name] for name in ("answer", "standing"))
    lines = standing.c.period == ALL_TIME, standing.c.team_id == 0
    assert total(tmp_path / "backup", answer) == total(tmp_path / "backup", standing, *lines)


def total(file: Path, table: Table, *where: ColumnElement[bool]) -> int:
    """All points in a table."""
    engine = open_database(f"sqlite:///{file}")
    with engine.connect() as connection:
        points = connection.scalar(select(func.sum(table.c.points)).where(*where))
    engine.dispose()
    return int(points or 0)


def test_a_backup_of_an_older_version_is_brought_up_to_date(target: str, tmp_path: Path) -> None:
    file = tmp_path / "older"
    with begin_as_is(f"sqlite:///{file}") as connection:
        migrate(connection, "0001_first_tables")
        for statement in filter(str.strip, FIRST_VERSION_ROWS.split(";")):
            connection.exec_driver_sql(statement)
    before = file.read_bytes()
    restore(file, target, quiet)
    assert file.read_bytes() == before

    async def look() -> None:
        async with database(target) as store:
            assert (await store.players.totals(ANN)).points == 10
            assert await start_drill(store, ANN) > 7

    asyncio.run(look())


def test_a_backup_of_a_newer_version_says_so(tmp_path: Path) -> None:
    set_version(f"sqlite:///{tmp_path}/newer", "9999_future")
    with pytest.raises(DatabaseUnavailable, match="Update Studyhall"):
        restore(tmp_path / "newer", f"sqlite:///{tmp_path}/target.db", quiet)


def test_a_backup_of_an_older_version_without_its_tables_says_so(tmp_path: Path) -> None:
    set_version(f"sqlite:///{tmp_path}/hollow", "0004_boards")
    with pytest.raises(
        DatabaseUnavailable, match=r"Can't upgrade .*0004_boards.*no such table: post"
    ):
        restore(tmp_path / "hollow", f"sqlite:///{tmp_path}/target.db", quiet)


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    notes, other = tmp_path / "notes.txt", tmp_path / "other.db"
    notes.write_text("not a database " * 100)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE cake (id INTEGER)")
    set_version(f"sqlite:///{tmp_path}/unversioned", None)
    for file in (notes, other, tmp_path / "unversioned", tmp_path / "missing"):
        with pytest.raises(NotCopied, match="isn't a Studyhall backup"):
            restore(file, f"sqlite:///{tmp_path}/target.db", quiet)


@pytest.mark.parametrize("name", ["none/source.db", "empty.db", "other.db", "unversioned.db"])
def test_nothing_is_copied_from_what_is_no_database_of_studyhalls(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / "empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE cake (id INTEGER)")
    set_version(f"sqlite:///{tmp_path}/unversioned.db", None)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    source = f"sqlite:///{tmp_path}/{name}"
    with pytest.raises(DatabaseUnavailable, match=f"no Studyhall database at .*{name}"):
        backup(source, tmp_path / "backup", quiet)
    with pytest.raises(DatabaseUnavailable, match=f"no Studyhall database at .*{name}"):
        copy(source, f"sqlite:///{tmp_path}/target.db", quiet)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_nothing_is_copied_from_a_server_that_has_nothing(
    postgresql: Databases, tmp_path: Path
) -> None:
    with postgresql.new(empty=True) as url:
        with pytest.raises(DatabaseUnavailable, match="no Studyhall database at postgresql:"):
            backup(url, tmp_path / "backup", quiet)
        with begin_as_is(url) as connection:
            assert not inspect(connection).get_table_names()


@pytest.mark.parametrize("memory", ["sqlite://", "sqlite:///", "sqlite+pysqlite:///:memory:"])
def test_nothing_is_copied_into_memory(source: str, memory: str, tmp_path: Path) -> None:
    backup(source, tmp_path / "backup", quiet)
    with pytest.raises(NotCopied, match="would be lost at once"):
        copy(source, memory, quiet)
    with pytest.raises(NotCopied, match="would be lost at once"):
        restore(tmp_path / "backup", memory, quiet)


def test_a_path_may_have_any_characters(source: str, tmp_path: Path) -> None:
    file = tmp_path / "w" / "100%41#?.db"
    file.parent.mkdir()
    rows_there, _ = backup(source, file, quiet)
    assert rows_there == sum(map(len, rows(source).values()))
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    restore(file, f"sqlite:///{tmp_path}/what%3F.db", quiet)
    assert (tmp_path / "what?.db").is_file()
    assert rows(f"sqlite:///{tmp_path}/what%3F.db") == rows(source)


def test_a_backup_is_looked_at_again_before_it_takes_its_place(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(_: Any, target: Any, __: Progress) -> Copied:
        open_database(target.url).dispose()
        return Copied(7, 0)

    monkeypatch.setattr(copying, "_copy", lose)
    with pytest.raises(NotCopied, match=r"Nothing was copied to .*backup: some rows are missing"):
        backup(source, tmp_path / "backup", quiet)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def limit_file_size() -> Iterator[None]:
    """Limit file sizes, as on a disk that is almost full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_not_blamed_on_the_backup(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "backup", f"sqlite:///{tmp_path}/target.db"
    backup(source, file, quiet)
    with limit_file_size(), pytest.raises(NotCopied, match=r"copy of .*/backup in /.*set TMPDIR"):
        restore(file, target, quiet)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(NotCopied, match=r"Can't restore .*/backup: No such file"):
        restore(file, target, quiet)
    assert list(tmp_path.iterdir()) == [file]


def test_a_backup_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotCopied, match=r"Can't write .*: No such file"):
        backup(f"sqlite:///{tmp_path}/source.db", tmp_path / "none" / "backup", quiet)
    with pytest.raises(NotCopied, match=r"Can't write .*: File name too long"):
        backup(f"sqlite:///{tmp_path}/source.db", tmp_path / ("long" * 75), quiet)


def test_a_backup_may_have_the_longest_name_that_a_file_can_have(
    source: str, tmp_path: Path
) -> None:
    """The files that SQLite writes next to it have longer names."""
    file = tmp_path / ("long" * 63)
    backup(source, file, quiet)
    assert list(tmp_path.iterdir()) == [file]
