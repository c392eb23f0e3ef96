"""The files of a SQLite database: only their owner can read them, and none is used once it's
gone."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import monotonic

from platformdirs import user_data_path
from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)

SUFFIXES = ("", "-wal", "-shm", "-journal")
"""What SQLite appends to a database's name for the files beside it. It gives new ones the mode of
the database."""

CHECK_SECONDS = 2.0
"""How often an open file is looked up at its path."""

COPY_PREFIX, COPY_NAME = ".studyhall-", "copy.db"
"""A copy that isn't complete is a file of this name, in a folder of its own."""

_creating = Lock()


def find_data_folder() -> Path:
    """Your data folder, where the database is by default."""
    return user_data_path("studyhall", appauthor=False)


def make_private(file: Path) -> None:
    """Create a database's file and folder for their owner alone, if they're missing."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Closing a file drops all locks that this process has on it, so no other thread may have
    # opened it in the meantime.
    with _creating, suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def narrow(file: Path) -> None:
    """Take a database's files from everybody but their owner, and your data folder, too. Any other
    folder may be meant for others."""
    places = [Path(f"{file}{suffix}") for suffix in SUFFIXES]
    if (folder := file.absolute().parent) == find_data_folder():
        places.insert(0, folder)
    too_open = [each for each in places if each.exists() and _mode(each) & 0o077]
    if not too_open:
        return
    try:
        for each in too_open:
            each.chmod(_mode(each) & (0o700 if each.is_dir() else 0o600))
    except OSError as problem:
        log.warning("others on this machine can read %s: %s", too_open[0], problem.strerror)
    else:
        log.warning("others on this machine could read %s; now only its owner can", too_open[0])


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class WatchedFile:
    """Notices when an open file is deleted or replaced, since SQLite would go on writing to it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._identity: tuple[int, int] | None = None
        self._gone = False
        self._check_at = 0.0

    def check(self) -> None:
        """Look now and then. Raises OperationalError once the file is gone, and from then on: this
        process has opened another one than is there now."""
        if not self._gone and monotonic() >= self._check_at:
            self._look()
        if self._gone:
            problem = sqlite3.OperationalError(f"{self._file} was deleted or replaced while in use")
            raise OperationalError(None, None, problem)

    def check_before_reopening(self) -> None:
        """Look at once: another file would be opened with the log of this one. Raises
        OperationalError if it's gone."""
        if self._identity:
            self._check_at = 0.0
            self.check()

    def _look(self) -> None:
        self._check_at = monotonic() + CHECK_SECONDS
        self._gone = self._is_gone()
        if self._gone:
            log.error(
                "%s was deleted or replaced while in use: from now on, nothing is read or saved. "
                'Stop the bot, put the right file there as in docs/database.md, "If the file is '
                'deleted or replaced", and start it again.',
                self._file,
            )

    def _is_gone(self) -> bool:
        try:
            found = os.stat(self._file)  # noqa: PTH116  # half the time of Path.stat
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            # SQLite itself reports a disk that fails.
            return False
        self._identity = self._identity or (found.st_dev, found.st_ino)
        return self._identity != (found.st_dev, found.st_ino)


@contextmanager
def make_copy(folder: Path) -> Iterator[Path]:
    """A path for a copy in the making, in a folder of its own in `folder`. It's deleted at the end,
    and what killed processes left there is deleted first."""
    _remove_partial_copies(folder)
    with TemporaryDirectory(dir=folder, prefix=COPY_PREFIX) as own, _lock(Path(own)):
        yield Path(own) / COPY_NAME


def _remove_partial_copies(folder: Path) -> None:
    names = {f"{COPY_NAME}{suffix}" for suffix in SUFFIXES}
    for each in folder.glob(f"{COPY_PREFIX}*"):
        with suppress(OSError):
            is_ours = not each.is_symlink() and each.stat().st_uid == os.geteuid()
            if not is_ours or {file.name for file in each.iterdir()} - names:
                continue
            # A process that runs has locked its own.
            with _lock(each):
                for file in each.iterdir():
                    file.unlink()
                each.rmdir()


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Lock a folder until the end, which is also the process's. Raises OSError if it's locked."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(opened)
