"""`studyhall play` for people and pipes: a real process, a real terminal, a real file."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

STUDYHALL = [sys.executable, "-m", "bot"]
TOPIC = "rai-dashboard-evaluate"
"""A pack whose questions all accept the line `1`; ordering and matching need more."""

VERDICT = re.compile(r"(Right|Partly right|Wrong) · \d+ points?")


@pytest.fixture
def env(tmp_path: Path) -> Mapping[str, str]:
    """An environment with a database of its own."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")}
    return inherited | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/studyhall.db",
        "TERM": "xterm-256color",
    }


@pytest.fixture
def run(env: Mapping[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    def studyhall(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*STUDYHALL, *words],
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return studyhall


Run = Callable[..., subprocess.CompletedProcess[str]]


def stats(run: Run) -> Any:
    return json.loads(run("stats", "--json").stdout)


def allow_interrupts() -> None:
    """Undo that a shell's background jobs, and their children, ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def terminal(env: Mapping[str, str], *words: str, **more: str) -> pexpect.spawn[str]:
    return pexpect.spawn(
        STUDYHALL[0],
        [*STUDYHALL[1:], "play", *words],
        env={**env, **more},
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 100),
        preexec_fn=allow_interrupts,
    )


def test_lines_with_nul_bad_bytes_or_thousands_of_digits_are_read_all_the_same(
    env: Mapping[str, str],
) -> None:
    lines = [
        "9" * 5000,
        "rai-dash\0board-evaluate",
        "9" * 5000,
        "\0",
        "/explain hpo\udcff\0",
        "/quit",
    ]
    played = subprocess.run(
        [*STUDYHALL, "play"],
        env=env,
        input="\n".join(lines).encode(errors="surrogateescape"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, b"")
    assert b"Question 1" in played.stdout


def test_an_empty_pipe_prints_how_to_play(run: Run) -> None:
    played = run("play")
    assert played.returncode == 0
    assert "How to play" in played.stdout
    assert stats(run)["answered"] == 0


def test_each_line_of_a_pipe_answers_a_question_and_is_saved(run: Run) -> None:
    played = run("play", TOPIC, stdin="1\n1\n1\n")
    assert played.returncode == 0, played.stderr
    assert len(VERDICT.findall(played.stdout)) == 3
    assert "Drill finished" in played.stdout
    kept = stats(run)
    assert kept["answered"] == 3
    assert kept["points"] == sum(int(n) for n in re.findall(r" · (\d+) points?", played.stdout))
    assert "\x1b" not in played.stdout
    assert played.stderr == ""


def test_a_pipe_ends_with_the_summary_however_much_is_left(run: Run) -> None:
    played = run("play", TOPIC, "--questions", "2", stdin="1\n" * 50)
    assert played.returncode == 0
    assert len(VERDICT.findall(played.stdout)) == 2
    assert stats(run)["answered"] == 2


def test_invalid_answers_are_refused_and_the_question_waits(run: Run) -> None:
    played = run("play", TOPIC, stdin="/nonsense\n/dril\n/explain uri\n1\n")
    assert "There's no `nonsense`" in played.stdout
    assert "Did you mean `/drill`?" in played.stdout
    assert stats(run)["answered"] == 1


def test_a_line_that_says_skip_answers_nothing(run: Run) -> None:
    played = run("play", TOPIC, "--questions", "3", stdin="skip\n/skip\n1\n1\nSkip\n")
    assert played.returncode == 0, played.stderr
    steps = re.findall(r"Question (\d) of 3", played.stdout)
    assert steps == ["1", "2", "3", "1", "2"]
    assert "2 answered" in played.stdout
    assert "Not answered: 1, left for another drill" in " ".join(played.stdout.split())
    assert stats(run)["answered"] == 2


def test_a_person_picks_a_chapter_answers_explains_and_stops(env: Mapping[str, str]) -> None:
    child = terminal(env)
    child.expect("What would you like to practice")
    child.expect("> ")
    child.sendline("1")
    child.expect(r"Question 1 of 10")
    child.expect("> ")
    child.sendline("1")
    while child.expect([VERDICT.pattern, "Missing: "]):
        child.sendline("skip")
        child.expect(r"Question \d+ of 10")
        child.sendline("1")
    child.expect("https://learn.microsoft.com/")
    child.expect(r"Question \d+ of 10")
    child.expect("> ")
    child.sendline("/explain batch endpoint")
    child.expect("Type ")
    child.expect("> ")
    child.sendline("/stop")
    child.expect("Drill finished")
    child.expect("of 1 answered")
    child.expect("> ")
    child.sendline("")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_a_person_whose_topic_is_unknown_is_asked_again(env: Mapping[str, str]) -> None:
    child = terminal(env, "sourdough")
    child.expect("No topic matches")
    child.expect("What would you like to practice")
    child.expect("> ")
    child.sendline("")
    child.expect("Question 1 of 10")
    child.expect("> ")
    child.sendeof()
    child.expect("You didn't answer anything")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_the_tab_key_completes_a_topic(env: Mapping[str, str]) -> None:
    child = terminal(env)
    child.expect("What would you like to practice")
    child.expect("> ")
    child.send("responsible\t")
    child.expect("responsible-ai")
    child.sendline("")
    child.expect("Question 1 of .* Understand Responsible AI")
    child.expect("> ")
    child.sendeof()
    child.expect(pexpect.EOF)


@pytest.mark.parametrize("end", ["\x04", "\x03"])
def test_the_end_of_input_and_ctrl_c_end_cleanly_with_what_was_answered_kept(
    env: Mapping[str, str], run: Run, end: str
) -> None:
    child = terminal(env, TOPIC)
    child.expect("> ")
    child.sendline("1")
    child.expect(VERDICT.pattern)
    child.expect("> ")
    child.send(end)
    child.expect("Drill finished")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "Traceback" not in (child.before or "")
    assert stats(run)["answered"] == 1


def test_the_output_is_complete_without_color(env: Mapping[str, str]) -> None:
    child = terminal(env, TOPIC, NO_COLOR="1")
    child.expect("> ")
    child.sendline("1")
    child.expect(VERDICT.pattern)
    said = str(child.before)
    child.expect("> ")
    child.sendeof()
    child.expect(pexpect.EOF)
    assert not re.search(r"\x1b\[[0-9;]*(3[0-8]|9[0-7])m", said + str(child.before))


@contextmanager
def play_until(env: Mapping[str, str], until: str) -> Iterator[subprocess.Popen[str]]:
    """A running drill that was given one answer and has just printed a line like `until`."""
    with subprocess.Popen(
        [*STUDYHALL, "play", TOPIC],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as played:
        assert played.stdin
        assert played.stdout
        played.stdin.write("1\n")
        played.stdin.flush()
        for line in played.stdout:
            if re.search(until, line):
                break
        yield played


def test_an_acknowledged_answer_survives_kill_9(env: Mapping[str, str], run: Run) -> None:
    with play_until(env, VERDICT.pattern) as played:
        played.kill()
    assert played.returncode == -signal.SIGKILL
    assert stats(run)["answered"] == 1


def test_sigterm_ends_like_the_end_of_input(env: Mapping[str, str]) -> None:
    with play_until(env, "Question 2") as played:
        played.terminate()
        assert played.stdout
        rest = played.stdout.read()
    assert played.returncode == 0
    assert "Drill finished" in rest


def test_an_unusable_database_is_one_line_and_exit_code_2(run: Run) -> None:
    played = run("play", "--database-url", "sqlite:////proc/none/x.db", stdin="1\n")
    assert played.returncode == 2
    assert "Can't open" in played.stderr or "isn't valid" in played.stderr
    assert "Traceback" not in played.stderr
