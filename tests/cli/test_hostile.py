"""Every command under conditions that it didn't choose: one line and an exit code, no traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from tests.content.packs import write_pack
from tools.docs import list_shell_commands

NOTES = "# Soil\n\n## Sand\n\n- **Sand**: drains fast.\n- **Clay**: holds water.\n"

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "explain": ("endpoint",),
    "init": ("--yes",),
    "pack show": ("pack",),
    "pack check": ("pack",),
    "pack try": ("pack", "q6", "thing"),
    "pack import": ("notes.md", "--out", "out"),
    "pack review": ("pack",),
    "db backup": ("backup",),
    "db restore": ("notes.md",),
    "db move": ("--to", "sqlite:///moved.db"),
}
"""What commands need, in the folder of a test."""

COMMANDS = [" ".join(words) for words, _ in list_shell_commands(get_command(app), ())]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with notes and a pack."""
    write_pack(tmp_path / "pack")
    (tmp_path / "notes.md").write_text(NOTES)
    return tmp_path


def words_of(command: str) -> list[str]:
    return [sys.executable, "-m", "bot", *command.split(), *ARGUMENTS.get(command, ())]


def environment(folder: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STUDYHALL")}
    root = str(Path(__file__).parents[2])
    return {**ours, "PYTHONPATH": root, "HOME": str(folder), "XDG_DATA_HOME": "", **more}


def run(
    folder: Path, command: str, redirect: str = "", **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, with its output redirected as a shell does."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", *words_of(command)],
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


def check(ended: subprocess.CompletedProcess[bytes], *codes: int) -> str:
    """What's on standard error: at most two lines, and none of them Python's."""
    errors = ended.stderr.decode(errors="replace")
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert ended.returncode in codes, errors
    # The usage of a command, and Typer's box around what's wrong with it, have more.
    assert len(errors.splitlines()) <= 2, errors
    return errors


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_for_the_output_is_one_line(folder: Path, command: str) -> None:
    errors = check(run(folder, command, ">/dev/full"), 2)
    assert errors


@pytest.mark.parametrize("command", COMMANDS)
def test_a_home_that_cannot_be_written_is_one_line(folder: Path, command: str) -> None:
    check(run(folder, command, HOME="/proc/none"), 0, 1, 2)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_setting_that_is_no_number_is_one_line(folder: Path, command: str) -> None:
    errors = check(run(folder, command, STUDYHALL_SLACK_PORT="abc"), 0, 1, 2)
    assert not errors or "STUDYHALL_SLACK_PORT can't be 'abc'." in errors or "notes.md" in errors


HARSH = ("stats", "pack show", "pack check", "pack schema", "db upgrade", "--help", "--version")
"""Commands that print in each way that there is."""

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("command", HARSH)
def test_a_reader_that_leaves_ends_a_command_quietly(folder: Path, command: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as closed:
        ended = subprocess.run(
            words_of(command),
            cwd=folder,
            env=environment(folder),
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert check(ended, 141) == ""


@pytest.mark.parametrize("command", HARSH)
@pytest.mark.parametrize("closed", [">&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(folder: Path, command: str, closed: str) -> None:
    assert check(run(folder, command, closed), 0, 1) == ""


@pytest.mark.parametrize("command", HARSH)
@pytest.mark.parametrize(
    "env",
    [C_LOCALE, {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "cp1252"}],
    ids=["C", "latin-1", "cp1252"],
)
def test_an_encoding_that_lacks_characters_is_written_in_plain_signs(
    folder: Path, command: str, env: dict[str, str]
) -> None:
    ended = run(folder, command, **env)
    assert check(ended, 0, 1) == ""
    assert ended.stdout


@pytest.mark.parametrize("command", ["explain", "play", "pack show", "run"])
def test_an_argument_that_is_not_utf8_is_answered(folder: Path, command: str) -> None:
    ended = subprocess.run(
        [*(word.encode() for word in (sys.executable, "-m", "bot", *command.split())), b"\xff\xfe"],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    check(ended, 0, 2)


def test_an_import_without_a_folder_to_write_to_names_it(folder: Path) -> None:
    words = [sys.executable, "-m", "bot", "pack", "import", "notes.md", "--out", "/proc/none/pack"]
    ended = subprocess.run(
        words, cwd=folder, env=environment(folder), capture_output=True, timeout=60, check=False
    )
    assert check(ended, 2) == (
        "Can't use /proc/none: No such file or directory. Check the path, its permissions and the "
        "free space.\n"
    )


def allow_interrupts() -> None:
    """Undo that a shell's background jobs, and their children, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("loading", ["typer", "bot.cli.quiz"])
def test_ctrl_c_while_it_loads_is_quiet(folder: Path, loading: str) -> None:
    (folder / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Press:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {loading!r}:\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Press())\n"
    )
    env = environment(folder)
    ended = subprocess.run(
        words_of("stats"),
        cwd=folder,
        env={**env, "PYTHONPATH": f"{folder}:{env['PYTHONPATH']}"},
        capture_output=True,
        preexec_fn=allow_interrupts,
        timeout=60,
        check=False,
    )
    assert check(ended, -signal.SIGINT) == ""
