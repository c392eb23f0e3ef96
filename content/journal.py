"""Replaces a pack's files all at once, for whoever reads them: if the process dies in between, the
next reader finishes."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from content.files import BrokenPack, Problem

STAGING = ".import"
"""The folder in a pack's folder where new files wait, and old ones until all are replaced. It's on
the same file system, even if the pack's folder is a mount point."""

JOURNAL, NEW, OLD = "journal.json", "new", "old"

BUSY = "another import into this folder is running; wait until it ends"
INTERRUPTED = "an import stopped in the middle, and its files can't be finished here ({}); " + (
    "run `studyhall pack show` on this folder as a user who may write to it"
)


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """An empty folder for a new edition of the pack in `folder`, which is made if it's missing. The
    files in it replace the pack's once `commit` is called with it; otherwise they're removed.

    Raises BrokenPack if another process is importing, and OSError.
    """
    made = _make_folders(folder)
    try:
        with _locked_staging(folder) as place:
            new = place / NEW
            try:
                new.mkdir()
                yield new
            finally:
                if not (place / JOURNAL).exists():
                    shutil.rmtree(place, ignore_errors=True)
    finally:
        for each in made:
            with suppress(OSError):
                each.rmdir()


def commit(folder: Path, new: Path, gone: Collection[str] = ()) -> None:
    """Replace the pack's files by those in `new`, and remove the `gone` ones. After an error, all
    of them are as they were. Raises OSError and BrokenPack."""
    place = new.parent
    names = sorted(str(path.relative_to(new)) for path in new.rglob("*") if path.is_file())
    before = [name for name in (*names, *sorted(gone)) if (folder / name).is_file()]
    for name in before:
        kept = place / OLD / name
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / name, kept)
    added = [name for name in names if name not in before]
    with _locked(folder, fcntl.LOCK_EX):
        _sync(place)
        plan = {"to": NEW, "names": names, "gone": sorted(gone), "added": added}
        try:
            _write_journal(place, plan)
        except OSError:
            (place / JOURNAL).unlink(missing_ok=True)
            raise
        _settle(folder)


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Read a pack's files while no import replaces them, after finishing one that was interrupted.
    Raises BrokenPack if that fails."""
    with _locked(folder, fcntl.LOCK_SH):
        interrupted = (folder / STAGING / JOURNAL).exists()
        if not interrupted:
            yield
            return
    with _locked(folder, fcntl.LOCK_EX):
        try:
            _settle(folder)
        except OSError as problem:
            message = INTERRUPTED.format(problem.strerror)
            raise BrokenPack([Problem(str(folder), 1, 1, message)]) from None
    with reading(folder):
        yield


def _settle(folder: Path) -> None:
    """Finish what the journal says, or undo it if that can't be done. Each step can be repeated.
    Raises OSError."""
    place = folder / STAGING
    try:
        plan = json.loads((place / JOURNAL).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return  # Another process was faster.
    problem: OSError | None = None
    if plan["to"] == NEW:
        try:
            _move(place / NEW, folder, plan["names"])
            for name in plan["gone"]:
                (folder / name).unlink(missing_ok=True)
            for parent in {(folder / name).parent for name in (*plan["names"], *plan["gone"])}:
                _sync_one(parent)
        except OSError as failed:
            problem = failed
            _write_journal(place, plan := {**plan, "to": OLD})
    if plan["to"] == OLD:
        for name in plan["added"]:
            (folder / name).unlink(missing_ok=True)
        _move(place / OLD, folder, [*plan["names"], *plan["gone"]])
    # If this fails, the next reader finds nothing left to do, and tries it again.
    with suppress(OSError):
        (place / JOURNAL).unlink()
    shutil.rmtree(place, ignore_errors=True)
    if problem:
        raise problem


def _move(source: Path, target: Path, names: list[str]) -> None:
    """Move files that haven't been moved yet."""
    for name in names:
        if (source / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).replace(target / name)


def _write_journal(place: Path, plan: Mapping[str, object]) -> None:
    """Write the journal, whole or not at all."""
    draft = place / f"{JOURNAL}.new"
    draft.write_text(json.dumps(plan), encoding="utf-8")
    _sync_one(draft)
    draft.replace(place / JOURNAL)
    _sync_one(place)


def _sync(folder: Path) -> None:
    """Make sure that everything in a folder is on the disk."""
    for path in (folder, *folder.rglob("*")):
        _sync_one(path)


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder with its parents, and return those that were missing, innermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


@contextmanager
def _locked_staging(folder: Path) -> Iterator[Path]:
    """The empty staging folder, which no other process uses."""
    place = folder / STAGING
    place.mkdir(exist_ok=True)
    try:
        with _locked(place, fcntl.LOCK_EX | fcntl.LOCK_NB):
            with reading(folder):
                pass
            place.mkdir(exist_ok=True)
            for left in (NEW, OLD):
                shutil.rmtree(place / left, ignore_errors=True)
            yield place
    except BlockingIOError:
        raise BrokenPack([Problem(str(folder), 1, 1, BUSY)]) from None


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold a lock on a folder, where its file system has locks."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, how)
        except BlockingIOError:
            raise
        except OSError:
            pass
        yield
    finally:
        os.close(handle)
