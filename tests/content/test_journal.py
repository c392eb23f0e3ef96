"""New files replace a pack's all at once, wherever the process dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pytest

from content import journal
from content.files import BrokenPack

OLD = {"pack.yaml": "old", "notes/1.yaml": "old", "notes/2.yaml": "old", "README": "mine"}
NEW = {"pack.yaml": "new", "notes/1.yaml": "new", "notes/3.yaml": "new", "README": "mine"}
REFUSED, NO_SUCH_STEP = 3, 4
STEPS = ("fsync", "mkdir", "open", "rename", "replace", "rmdir", "unlink")
"""Calls of `os` that change files or make sure that they're kept."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "pack", OLD)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.content.test_journal"])
    return context


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    with journal.reading(folder):
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): path.read_text() for path in files}


def replace_all(folder: Path) -> None:
    with journal.staging(folder) as new:
        write(new, {name: text for name, text in NEW.items() if text == "new"})
        journal.commit(folder, new, gone=["notes/2.yaml"])


def count_steps(reached: Callable[[int], None]) -> None:
    """Call back before each step, with its number."""
    number = 0

    def count(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:
            nonlocal number
            number += 1
            reached(number)
            return call(*args, **named)

        return counted

    for name in STEPS:
        setattr(os, name, count(getattr(os, name)))


def die_at(step: int, folder: Path) -> None:
    """Replace all files, and die at a step."""
    count_steps(lambda number: os.kill(os.getpid(), signal.SIGKILL) if number == step else None)
    replace_all(folder)


def fail_at(step: int, folder: Path) -> None:
    """Replace all files with an error at a step. Exits with REFUSED if the error came out, and with
    NO_SUCH_STEP if that step was never reached."""
    reached = 0

    def fail(number: int) -> None:
        nonlocal reached
        reached = number
        if number == step:
            raise PermissionError(13, "Permission denied")

    count_steps(fail)
    try:
        replace_all(folder)
    except PermissionError:
        os._exit(REFUSED)
    if reached < step:
        os._exit(NO_SUCH_STEP)


def run(processes: ForkServerContext, what: Callable[..., None], step: int, folder: Path) -> int:
    process = processes.Process(target=what, args=(step, folder))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def test_files_are_replaced_and_others_stay(folder: Path) -> None:
    replace_all(folder)
    assert read(folder) == NEW


def test_a_new_folder_is_made_and_goes_if_nothing_comes_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    with pytest.raises(ZeroDivisionError), journal.staging(folder):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    replace_all(folder)
    assert read(folder) == {name: text for name, text in NEW.items() if text == "new"}


def test_wherever_it_is_killed_a_reader_sees_all_or_nothing(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    seen = []
    for step in range(1, 1000):
        folder = write(tmp_path / str(step), OLD)
        if run(processes, die_at, step, folder) == 0:
            break
        found = read(folder)
        left = {name: text for name, text in found.items() if not name.startswith(journal.STAGING)}
        assert left in (OLD, NEW)
        seen.append(left == NEW)
        replace_all(folder)
        assert read(folder) == NEW
    assert seen == sorted(seen), "it's old up to one step, and new from then on"
    assert {*seen} == {False, True}


def test_wherever_it_fails_everything_is_as_it_was(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    refused = 0
    for step in range(1, 1000):
        folder = write(tmp_path / str(step), OLD)
        result = run(processes, fail_at, step, folder)
        if result == NO_SUCH_STEP:
            break
        found = read(folder)
        left = {name: text for name, text in found.items() if not name.startswith(journal.STAGING)}
        assert left == (OLD if result == REFUSED else NEW), f"step {step}"
        refused += result == REFUSED
    assert refused > 10


def test_two_imports_into_a_folder_do_not_mix(folder: Path) -> None:
    with journal.staging(folder), pytest.raises(BrokenPack, match="another import"):
        replace_all(folder)
    assert read(folder) == OLD
