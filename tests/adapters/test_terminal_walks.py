"""People at a terminal: a real process, and an emulator that draws what they'd see."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.content.packs import write_pack
from tests.stand_ins.terminal import TerminalWindow

SINGLES = "pipelines-intro"
"""A topic with two questions, each with one right option."""

LONG = "/explain online endpoints"
"""Explains a topic that takes three pages."""

VERDICT = re.compile(r"(Right|Partly right|Wrong) · \d+ points?")
COLORS_LOST_ON_WHITE_OR_BLACK = re.compile(r"\x1b\[(?:[\d;]*;)?(?:2|30|33|34|36|37|9[0-7])m")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A terminal that's 60 columns wide, with a database of its own."""
    theirs = ("NO_COLOR", "COLUMNS", "TMUX", "STY", "VTE_VERSION", "WT_SESSION", "TERM_PROGRAM")
    inherited = {name: value for name, value in os.environ.items() if name not in theirs}
    return inherited | {
        "STUDYHALL_DATABASE_URL": f"sqlite:///{tmp_path}/studyhall.db",
        "TERM": "xterm-256color",
    }


@pytest.fixture
def pack(tmp_path: Path) -> str:
    """A pack with a question of each kind."""
    return str(write_pack(tmp_path / "mini"))


def run(env: Mapping[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        env={**env, "COLUMNS": "60"},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def count_answered(env: Mapping[str, str]) -> int:
    return int(json.loads(run(env, "stats", "--json").stdout)["answered"])


def find_kind(window: TerminalWindow, kind: str) -> str:
    """Skip to a question of this kind; its text."""
    window.prompt()
    shown = window.text
    while kind not in shown[shown.rindex("Question ") :]:
        shown = window.type("skip")
    return shown


def test_a_number_for_a_list_is_never_an_answer(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        assert window.prompt() == "question 1>"
        listed = window.type(LONG)
        assert "Page 1 of 3" in listed
        assert "1) More" in listed
        assert "Type 1-" in listed
        assert "or again for question 1" in listed
        asked = window.type("2")
        assert "Start another drill, and leave this one at question 1?" in asked
        assert "Question 1 of 2" in window.type("no")
        for line in ("9", "b", "B)"):
            window.type(LONG)
            shown = window.type(line)
            assert "wasn't taken as an answer" in " ".join(shown.split())
            assert "Question 1 of 2" in shown
        assert count_answered(env) == 0
        assert VERDICT.search(window.type("b"))
    assert count_answered(env) == 1


def test_pages_are_turned_by_number_and_by_word(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        window.type(LONG)
        assert "Page 2 of 3" in window.type("1")
        last = window.type("more")
        assert "Page 3 of 3" in last
        assert "More" not in last
        assert "Page 2 of 3" in window.type(LONG) + window.type("next")
        assert "Question 1 of 2" in window.type("again")
        assert "Question 1 of 2" in window.type(LONG) + window.type("")
    assert count_answered(env) == 0


def test_a_report_and_an_explanation_name_the_question_they_are_about(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        window.prompt()
        first = window.text
        shown = window.type("a")
        assert "About question 1: /explain, /report" in shown
        assert window.prompt() == "question 2>"
        form = window.type("/report")
        (about,) = re.findall(r"^About question 1: (.+)…?$", form, re.MULTILINE)
        assert about.rstrip("…")[:40] in " ".join(first.split())
        sent = window.type("unclear")
        assert "About question 1: " in sent
        assert "Report sent" in sent
        assert "Question 2 of 2" in sent
        assert "About question 1: " in window.type("/explain")
    (report,) = json.loads(run(env, "pack", "reports", "--json").stdout)
    questions = json.loads(run(env, "pack", "show", "dp100", "--json").stdout)["questions"]
    (reported,) = (each for each in questions if each["id"] == report["question"])
    assert about.rstrip("…")[:40] in " ".join(reported["stem"].replace("`", "").split())


def test_words_of_every_quiz_program_work(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        assert "Question 1 of 2" in window.type("again")
        for word in ("?", "help", "/help", "HELP"):
            shown = window.type(word)
            assert "What you can do" in shown
            assert "Question 1 of 2" in shown
        assert "Question 2 of 2" in window.type("skip")
        assert "Question 1 of 2" in window.type("next")
        assert "Question 1 of 2" in window.type("/again")
    assert count_answered(env) == 0


def test_a_word_that_is_the_right_answer_is_taken_as_one(
    env: dict[str, str], tmp_path: Path
) -> None:
    words = ("questions/one.yaml", "accepted: [thing]", "accepted: [help, again, next, '?', skip]")
    for folder, word in enumerate(("help", "again", "next", "?", "skip")):
        pack = str(write_pack(tmp_path / str(folder), words))
        with TerminalWindow(env, "play", "--pack", pack, "topic") as window:
            find_kind(window, "Short answer")
            assert re.search(r"Right · \d+ point", window.type(word)), word
    with TerminalWindow(env, "play", "--pack", str(write_pack(tmp_path / "usual"))) as window:
        window.type("")
        find_kind(window, "Short answer")
        assert "What you can do" in window.type("help")
        assert "Short answer" in window.type("again")
        assert not VERDICT.search(window.type("next"))


def test_an_unfinished_order_or_match_is_refused_with_what_is_missing(
    env: dict[str, str], pack: str
) -> None:
    with TerminalWindow(env, "play", "--pack", pack, "topic") as window:
        find_kind(window, "Put in order")
        assert "Missing: C." in window.type("ba")
        assert VERDICT.search(window.type("bac"))
        find_kind(window, "Match the pairs")
        assert "Missing: 3." in window.type("1a 2b")
        assert "Missing: 2, 3." in window.type("c")
        assert VERDICT.search(window.type("1b 2c 3a"))
    assert count_answered(env) == 2


@pytest.mark.parametrize(("word", "verdict"), [("yes", "Right"), ("No", "Wrong"), ("y", "Right")])
def test_yes_and_no_serve_for_true_and_false(
    env: dict[str, str], pack: str, word: str, verdict: str
) -> None:
    with TerminalWindow(env, "play", "--pack", pack, "topic") as window:
        find_kind(window, "True or false")
        assert f"{verdict} · " in window.type(word)


def test_another_drill_asks_before_the_running_one_is_dropped(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        window.type("a")
        assert "leave this one at question 2? Type" in window.type("/drill mlflow")
        assert window.prompt() == "yes or no>"
        assert "Question 2 of 2" in window.type("no")
        window.type("/drill mlflow")
        assert "Question 2 of 2" in window.type("b")
        window.type("/drill sourdough")
        shown = window.type("yes")
        assert "No topic matches" in shown
        assert "Question 2 of 2" in shown
        window.type("/drill mlflow")
        assert "Question 1 of 10" in window.type("yes")
    assert count_answered(env) == 1


def test_a_pipe_that_says_drill_loses_no_line(env: dict[str, str]) -> None:
    for lines, answered in {"/drill mlflow\na\n": 1, "/drill mlflow\nno\na\n": 1}.items():
        played = run(env, "play", SINGLES, stdin=lines)
        assert played.returncode == 0
        assert "1 answered" in played.stdout, played.stdout
        assert len(VERDICT.findall(played.stdout)) == answered


def test_completion_names_what_works_here_with_titles_and_counts(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play") as window:
        window.prompt()
        assert "Design a machine learning solution (90 questions)" in window.text
        window.press("mlflow")
        window.wait(lambda: "Track metrics with MLflow" in window.text)
        assert re.search(r"Track metrics with MLflow +\d+ questions", window.text)
        window.press("\x15")
        assert "Question 1 of 10" in window.type("1")
        window.press("/d")
        window.wait(lambda: "/drill" in menu(window))
        assert "Practice in private" in menu(window)
        assert "/daily" not in menu(window)
        window.press("\x15/q")
        window.wait(lambda: "/drill" not in menu(window))
        assert "/question" not in menu(window)
        window.press("\x15ski\t")
        window.wait(lambda: window.lines[window.screen.cursor.y].endswith("> skip"))


def menu(window: TerminalWindow) -> str:
    """What's shown below the line being typed."""
    return "\n".join(window.lines[window.screen.cursor.y + 1 :])


def test_a_bar_at_the_bottom_shows_progress(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        window.prompt()
        window.wait(lambda: "0 of 0 right" in window.lines[-1])
        assert window.lines[-1].startswith("Question 1 of 2 · 0 of 0 right · ")
        assert window.screen.buffer[window.screen.lines - 1][0].reverse
        right = "Right · " in window.type("a")
        window.wait(lambda: "of 1 right" in window.lines[-1])
        assert f"Question 2 of 2 · {int(right)} of 1 right" in window.lines[-1]


def test_everything_but_urls_fits_60_columns(env: dict[str, str]) -> None:
    played = run(env, "play", SINGLES, stdin="/stats\n/preferences\n/link\n/privacy\na\nb\n").stdout
    printed = [played, *(run(env, *words).stdout for words in (["stats"], ["explain", "uri"]))]
    for line in "\n".join(printed).splitlines():
        assert len(line) <= 60 or "https://" in line, line
    assert "Drill finished" in played


def test_stats_have_a_bar_a_chapter(env: dict[str, str]) -> None:
    run(env, "play", SINGLES, stdin="a\nb\n")
    lines = run(env, "stats").stdout.splitlines()
    title = lines.index("  Optimize model training with Azure Machine Learning")
    assert re.fullmatch(r"  [█▒░]{20} 2 of 133 questions seen, \d right", lines[title + 1])
    bars = [line for line in lines if re.match(r"  [█▒░]{20} ", line)]
    assert len(bars) == 6


@pytest.mark.parametrize(
    ("more", "linked"),
    [
        ({}, False),
        ({"VTE_VERSION": "7600"}, True),
        ({"VTE_VERSION": "7600", "TMUX": "x"}, False),
        ({"TERM_PROGRAM": "WezTerm"}, True),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "dumb", "FORCE_HYPERLINK": "1"}, False),
    ],
)
def test_a_source_is_a_link_where_the_terminal_has_links(
    env: dict[str, str], more: dict[str, str], linked: bool
) -> None:
    with TerminalWindow(env | more, "explain", "online endpoints") as window:
        assert window.finish() == 0
        url = "https://learn.microsoft.com/en-gb/training/modules/deploy-model-managed"
        assert (f";{url}" in window.written) is linked
        assert ("\x1b]8;" in window.written) is linked
        assert ("https://" in window.text) is not linked
        assert "Source" in window.text


def test_a_dumb_terminal_gets_text_only(env: dict[str, str]) -> None:
    with TerminalWindow(env | {"TERM": "dumb"}, "play", SINGLES) as window:
        assert window.prompt() == "question 1>"
        assert VERDICT.search(window.type("a"))
        assert "Page 1 of 3" in window.type(LONG)
        assert window.finish("/quit\r") == 0
        assert "\x1b" not in window.written


def test_text_is_readable_on_white_and_on_black(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        for line in ("a", LONG, "again", "/stats", "/nonsense", "b"):
            window.type(line)
        assert window.finish("\x04") == 0
        assert not COLORS_LOST_ON_WHITE_OR_BLACK.search(window.written)


def test_plain_output_is_words_without_lines_or_columns(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", "--plain", SINGLES) as window:
        assert window.prompt() == "question 1>"
        assert re.search(r"^(Right|Wrong), \d+ points?$", window.type("a"), re.MULTILINE)
        assert "Problem: There's no" in window.type("/nonsense")
        window.type("/stats")
        assert window.finish("/quit\r") == 0
        assert "\x1b" not in window.written
        for line in window.text.splitlines():
            assert not line.startswith(" "), line
            assert not re.search(r"[─━█▒░✔✘◐]|  ", line), line
    for command in (["stats"], ["leaderboard"], ["explain", "uri"]):
        plain = run(env, *command, "--plain").stdout
        assert plain
        assert not re.search(r"[─█▒░✔✘]|  |^ ", plain, re.MULTILINE)


def test_a_full_disk_ends_with_one_line_and_exit_code_2(env: dict[str, str]) -> None:
    with TerminalWindow(env, "play", SINGLES) as window:
        window.type("a")
        resource.prlimit(window.process, resource.RLIMIT_FSIZE, (0, 0))
        window.prompt()
        assert window.finish("b\r") == 2
        said = "".join(window.screen.display)
        assert "Can't use the database at sqlite:" in said
        assert "free space" in said
        assert "Traceback" not in said
        assert "Something went wrong" not in said
    assert count_answered(env) == 1


def test_a_copy_that_cannot_be_saved_says_what_to_do(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "studyhall-my-data.json").mkdir()
    with TerminalWindow(env, "play", SINGLES, folder=tmp_path) as window:
        window.type("/privacy")
        saved = " ".join(window.type("get").split())
        assert "Can't save" in saved
        assert "folder where you can save files" in saved
        assert VERDICT.search(window.type("again") + window.type("a"))


def test_a_pipe_needs_neither_readline_nor_prompt_toolkit(env: dict[str, str]) -> None:
    code = (
        "import sys; sys.modules['readline'] = sys.modules['prompt_toolkit'] = None\n"
        "from bot.cli import main; main()"
    )
    played: Any = subprocess.run(
        [sys.executable, "-c", code, "play", SINGLES],
        env=env,
        input="a\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert VERDICT.search(played.stdout)
