"""`studyhall health` looks and never touches, and says Healthy only if the bot could write."""

from __future__ import annotations

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from storage.opening import open_database
from tests.databases import PostgresqlServer
from tests.storage.conftest import database

CAP_DAC_OVERRIDE, PR_CAPBSET_DROP = 1, 24


def _obey_modes() -> None:
    """Make root obey file modes, as anybody else does."""
    if os.geteuid() == 0:
        assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) == 0


def health(
    url: str, folder: Path, prepare: Callable[[], None] = _obey_modes
) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "health", "--database-url", url],
        env=os.environ | {"STUDYHALL_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=prepare,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what's wrong."""
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    return line


def contents(folder: Path) -> dict[str, bytes | int]:
    return {each.name: each.read_bytes() for each in folder.iterdir()} | {
        f"mode of {each.name}": each.stat().st_mode for each in (folder, *folder.iterdir())
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "db" / "quiz.db"
    open_database(f"sqlite:///{file}").dispose()
    return file


def test_a_database_that_can_be_written_is_healthy_and_stays_as_it_is(
    file: Path, tmp_path: Path
) -> None:
    file.chmod(0o644)
    before = contents(file.parent)
    done = health(f"sqlite:///{file}", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Healthy.\n", "")
    assert contents(file.parent) == before


async def test_a_database_in_use_is_healthy_and_keeps_what_it_has(
    file: Path, tmp_path: Path
) -> None:
    async with database(f"sqlite:///{file}") as store:
        await store.settings.set("key", "value")
        assert health(f"sqlite:///{file}", tmp_path).returncode == 0
        await store.settings.set("another", "value")
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT key FROM setting ORDER BY key").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert found == [("another",), ("key",)]


def test_a_file_that_is_read_only_is_not_healthy(file: Path, tmp_path: Path) -> None:
    file.chmod(0o400)
    before = contents(file.parent)
    line = refused(health(f"sqlite:///{file}", tmp_path))
    assert line.startswith(f"Can't write to the database at sqlite:///{file}: the file is read")
    assert "Check the permissions of the file and its folder" in line
    assert contents(file.parent) == before


def test_a_folder_that_is_read_only_is_not_healthy(file: Path, tmp_path: Path) -> None:
    file.parent.chmod(0o500)
    before = contents(file.parent)
    try:
        line = refused(health(f"sqlite:///{file}", tmp_path))
        assert line.startswith(f"Can't open the database at sqlite:///{file}: ")
        assert "Check the path, its permissions" in line
        assert contents(file.parent) == before
    finally:
        file.parent.chmod(0o700)


def test_a_disk_that_is_full_is_not_healthy(file: Path, tmp_path: Path) -> None:
    # The cache of packs must be there: it can't be written either.
    assert health(f"sqlite:///{file}", tmp_path).returncode == 0
    before = contents(file.parent)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    line = refused(health(f"sqlite:///{file}", tmp_path, fill))
    assert line.startswith(f"Can't write to the database at sqlite:///{file}: ")
    assert "free space" in line
    assert contents(file.parent) == before


@pytest.mark.parametrize("instead", ["nothing", "an empty file", "notes", "another database"])
def test_a_database_that_was_removed_or_replaced_is_not_healthy(
    file: Path, tmp_path: Path, instead: str
) -> None:
    file.unlink()
    match instead:
        case "an empty file":
            file.touch()
        case "notes":
            file.write_text("not a database " * 100)
        case "another database":
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("CREATE TABLE cake (id INTEGER)")
    before = contents(file.parent)
    line = refused(health(f"sqlite:///{file}", tmp_path))
    says = "file is not a database" if instead == "notes" else "There's no Studyhall database at"
    assert says in line
    assert contents(file.parent) == before


def test_a_server_that_takes_no_writes_is_not_healthy(
    postgresql: PostgresqlServer, tmp_path: Path
) -> None:
    with postgresql.new() as url:
        assert health(url, tmp_path).returncode == 0
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM setting").fetchone() == (0,)
        line = refused(health(f"{url}&options=-c default_transaction_read_only=on", tmp_path))
        assert line.startswith("Can't write to the database at postgresql://")
        assert "read-only transaction. Check that the server isn't a standby" in line
