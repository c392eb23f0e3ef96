"""The files of a SQLite database: only their owner reads them, and none is written once it's
gone."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.engine.desk import Desk
from bot.engine.events import Call, Press
from bot.engine.library import Library
from bot.engine.screens import Match, Reply
from storage import files
from storage.copying import backup, copy, restore
from storage.opening import DatabaseUnavailable, is_unusable, open_database, redact_url
from tests.samples import Clock, event, small_pack
from tests.storage.conftest import database
from tests.storage.steps import ANN, accept, accepted_answer, start
from tests.storage.test_copying import quiet


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def open_to_all(*places: Path) -> None:
    for each in places:
        each.chmod(0o755)


def read_all(folder: Path) -> dict[Path, bytes]:
    return {each: each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture(autouse=True)
def _usual_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


# Who may read them.


async def test_a_new_database_and_its_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    open_to_all(tmp_path)
    folder = tmp_path / "a" / "b"
    async with database(f"sqlite:///{folder}/quiz.db") as store:
        await store.settings.set("key", "value")
        found = {each.name: mode(each) for each in folder.iterdir()}
    assert found == {"quiz.db": 0o600, "quiz.db-wal": 0o600, "quiz.db-shm": 0o600}
    assert mode(folder) == 0o700
    assert mode(tmp_path) == 0o755


async def test_a_file_that_others_could_read_is_narrowed_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "quiz.db"
    url = f"sqlite:///{file}"
    async with database(url) as store:
        await store.settings.set("key", "value")
        everything = [file, Path(f"{file}-wal"), Path(f"{file}-shm")]
        open_to_all(tmp_path, *everything)
        caplog.clear()
        for _ in range(2):
            async with database(url) as again:
                assert await again.settings.get("key") == "value"
        assert [mode(each) for each in everything] == [0o600] * 3
    assert mode(tmp_path) == 0o755, "the folder isn't ours"
    (line,) = caplog.messages
    assert line.startswith(f"others on this machine could read {file}")


def test_your_data_folder_is_narrowed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("STUDYHALL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("STUDYHALL_DATABASE_URL", raising=False)
    folder = files.find_data_folder()
    folder.mkdir(parents=True, mode=0o755)
    run = subprocess.run(
        [sys.executable, "-m", "bot", "db", "upgrade"], capture_output=True, text=True, check=True
    )
    assert run.stdout == "The database is up to date.\n"
    assert (mode(folder), mode(folder / "studyhall.db")) == (0o700, 0o600)
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"others on this machine could read {folder}")


def test_a_file_is_never_made_readable_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set[int]()
    connect = sqlite3.connect

    def look(where: str, *arguments: Any, **options: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = connect(where, *arguments, **options)
        for each in tmp_path.rglob("*.db*"):
            seen.add(mode(each))
        return made

    monkeypatch.setattr(sqlite3, "connect", look)
    monkeypatch.setattr("sqlite3.dbapi2.connect", look)
    open_database(f"sqlite:///{tmp_path}/quiz.db").dispose()
    assert seen == {0o600}


def test_copies_are_for_their_owner_alone(tmp_path: Path) -> None:
    source, moved, restored = (f"sqlite:///{tmp_path}/{name}/x.db" for name in "abc")
    open_database(source).dispose()
    copy(source, moved, quiet)
    backup(source, tmp_path / "backup", quiet)
    (tmp_path / "backup").chmod(0o644)
    restore(tmp_path / "backup", restored, quiet)
    for name in "abc":
        assert (mode(tmp_path / name), mode(tmp_path / name / "x.db")) == (0o700, 0o600)
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    copy(source, f"sqlite:///{old}/x.db", quiet)
    assert (mode(old), mode(old / "x.db")) == (0o755, 0o600)


# A file that's deleted or replaced while it's open.


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "CHECK_SECONDS", 0.0)


@pytest.mark.parametrize("how", ["deleted", "replaced", "moved with its folder"])
async def test_nothing_is_read_from_or_written_to_a_file_that_is_gone(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shorten(monkeypatch)
    file = tmp_path / "quiz" / "quiz.db"
    async with database(f"sqlite:///{file}") as store:
        (first, second) = await start(store, ANN, "q1", "q2")
        await accept(store, accepted_answer(first))
        with file.open("rb") as kept:
            match how:
                case "deleted":
                    file.unlink()
                case "replaced":
                    open_database(f"sqlite:///{tmp_path}/other.db").dispose()
                    (tmp_path / "other.db").replace(file)
                case _:
                    file.parent.rename(tmp_path / "elsewhere")
            there = read_all(tmp_path)
            before = kept.read()
            for _ in range(3):
                for work in (
                    accept(store, accepted_answer(second, question="q2")),
                    store.settings.set("key", "value"),
                    store.players.totals(ANN),
                ):
                    with pytest.raises(OperationalError, match="deleted or replaced") as refused:
                        await work
                    assert is_unusable(refused.value)
            kept.seek(0)
            assert kept.read() == before
        after = read_all(tmp_path)
        assert after == there, "nothing was written, and no file was made"
    (line,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert f"{file} was deleted or replaced" in line.getMessage()
    assert "start it again" in line.getMessage()


async def test_a_desk_acknowledges_no_answer_into_a_file_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "quiz.db"
    async with database(f"sqlite:///{file}") as store:
        desk = Desk(Library([small_pack()]), store, Clock(), Random(1), {})

        async def answer() -> Reply:
            """Answer the first question of a new drill."""
            reply = await desk.handle(event(Call("drill", {"questions": 1})))
            pairs = next((each for each in reply.screen.controls if isinstance(each, Match)), None)
            pressed = Press(pairs.action if pairs else "answer:3:", ("0", "1", "2"))
            return await desk.handle(event(pressed))

        acknowledged = await answer()
        assert acknowledged.cause is None
        assert (await store.players.totals(event(Press("")).member)).answered == 1
        file.unlink()
        now = monotonic() + files.CHECK_SECONDS
        monkeypatch.setattr(files, "monotonic", lambda: now)
        refused = await answer()
        assert "Something went wrong. Please try again." in str(refused.screen.text)
        assert is_unusable(refused.cause)
    assert file not in read_all(tmp_path), "no new one was made"


async def test_a_deleted_file_is_noticed_within_ten_seconds_and_looked_for_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, now = 0, 0.0
    look = os.stat

    def count(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        nonlocal looks
        looks += str(path) == str(tmp_path / "quiz.db")
        return look(path, *arguments, **options)

    async with database(f"sqlite:///{tmp_path}/quiz.db") as store:
        now = monotonic()
        monkeypatch.setattr(files, "monotonic", lambda: now)
        monkeypatch.setattr(os, "stat", count)
        for _ in range(1000):
            now += 0.01
            await store.settings.set("key", "value")
        assert 1 <= looks <= 10 / files.CHECK_SECONDS + 1
        (tmp_path / "quiz.db").unlink()
        began = now
        failures = 0
        while now < began + 10:
            now += 0.1
            (outcome,) = await asyncio.gather(store.settings.get("key"), return_exceptions=True)
            failures += isinstance(outcome, OperationalError)
        assert failures > 75


def test_a_new_connection_makes_no_new_file(tmp_path: Path) -> None:
    file = tmp_path / "quiz.db"
    engine = open_database(f"sqlite:///{file}")
    engine.dispose()
    file.unlink()
    with pytest.raises(OperationalError, match="deleted or replaced"):
        engine.connect()
    assert list(tmp_path.iterdir()) == []


# URLs.


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(tmp_path)
    open_database("sqlite:///~/quiz/x.db").dispose()
    assert (home / "quiz" / "x.db").is_file()
    assert [each.name for each in tmp_path.iterdir()] == ["home"]
    assert redact_url("sqlite:///~/quiz/x.db") == f"sqlite:///{home}/quiz/x.db"
    with pytest.raises(DatabaseUnavailable, match="no-one-has-this-name"):
        open_database("sqlite:///~no-one-has-this-name/x.db")


@pytest.mark.parametrize(
    "rest",
    [
        "s3cr@et0r@127.0.0.1:1/quiz",
        "s3cr@et0r@127.0.0.1/quiz",
        "s3cr@et0r/tail7@127.0.0.1/quiz",
        "s3cr@et0r?tail7@127.0.0.1/quiz",
        "s3cr@et0r:5@127.0.0.1/quiz",
        "@s3cr@et0r@127.0.0.1/quiz",
        "s3cr@et0r@127.0.0.1/quiz?password=et0r",
        "s3cr/et0r@@127.0.0.1:1/quiz",
    ],
)
def test_no_part_of_a_password_with_an_at_sign_is_shown(rest: str) -> None:
    for show in open_database, redact_url:
        with pytest.raises(DatabaseUnavailable, match=r"@ as %40") as refused:
            show(f"postgresql://ann:{rest}")
        for part in ("s3cr", "et0r", "tail7"):
            assert part not in str(refused.value)


def test_an_at_sign_elsewhere_is_fine(tmp_path: Path) -> None:
    assert redact_url("postgresql://ann:a%40b@here/quiz?options=a%40b") == (
        "postgresql://ann:***@here/quiz"
    )
    open_database(f"sqlite:///{tmp_path}/ann@here.db").dispose()
    assert (tmp_path / "ann@here.db").is_file()


# What killed copies left.


def test_what_killed_copies_left_is_removed_by_the_next_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp, out = tmp_path / "temp", tmp_path / "out"
    temp.mkdir()
    out.mkdir()
    source = f"sqlite:///{tmp_path}/source.db"
    open_database(source).dispose()
    with closing(sqlite3.connect(tmp_path / "source.db")) as connection:
        connection.executemany("INSERT INTO setting VALUES (?, '')", [(n,) for n in range(3)])
        connection.commit()
    backup(source, tmp_path / "good", quiet)
    environment = os.environ | {"TMPDIR": str(temp)}
    for arguments in (
        f"backup({source!r}, Path({str(out / 'backup')!r}), die)",
        f"restore(Path({str(tmp_path / 'good')!r}), 'sqlite:///{out}/restored.db', die)",
        f"copy({source!r}, 'sqlite:///{out}/moved.db', die)",
    ):
        program = (
            "import os, signal\nfrom pathlib import Path\n"
            "from storage.copying import backup, copy, restore\n"
            f"def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n{arguments}"
        )
        killed = subprocess.run([sys.executable, "-c", program], env=environment, check=False)
        assert killed.returncode == -9
    assert list(out.iterdir())
    assert list(temp.iterdir())
    foreign = [out / ".studyhall-notes", out / ".studyhall-abcd1234", temp / ".studyhall-x"]
    for each in foreign:
        each.mkdir()
        (each / "mine.txt").write_text("mine")
    (out / ".studyhall-file").write_text("mine")
    (out / ".studyhall-link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "copy.db").write_text("mine")
    monkeypatch.setattr("tempfile.tempdir", str(temp))
    backup(source, out / "backup", quiet)
    restore(out / "backup", f"sqlite:///{out}/restored.db", quiet)
    assert {each.name for each in out.iterdir()} == {
        "backup",
        "restored.db",
        ".studyhall-notes",
        ".studyhall-abcd1234",
        ".studyhall-file",
        ".studyhall-link",
    }
    assert [each.name for each in temp.iterdir()] == [".studyhall-x"]
    assert (tmp_path / "elsewhere" / "copy.db").read_text() == "mine"
    assert all((each / "mine.txt").is_file() for each in foreign)


def test_a_copy_that_is_running_is_left_alone_by_another(tmp_path: Path) -> None:
    source = f"sqlite:///{tmp_path}/source.db"

    async def keep() -> None:
        async with database(source) as store:
            await store.settings.set("key", "value")

    asyncio.run(keep())
    out = tmp_path / "out"
    out.mkdir()

    def meanwhile(*_: object) -> None:
        backup(source, out / "second", quiet)

    assert backup(source, out / "first", meanwhile) == backup(source, out / "third", quiet)
    assert {each.name for each in out.iterdir()} == {"first", "second", "third"}
