"""The `studyhall` command: JSON for programs, text for people, exit codes for scripts."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from subprocess import PIPE, STDOUT
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from bot.cli import app
from content.loader import list_bundled
from tests.content.packs import write_pack
from tests.databases import PostgresqlServer


def test_the_bundled_packs_are_listed(run: Any) -> None:
    rows = json.loads(run("pack", "list", "--json").stdout)
    assert [row["id"] for row in rows] == [folder.name for folder in list_bundled()]
    assert "DP-100" in run("pack", "list").stdout


def test_a_pack_is_shown_by_name_and_by_path(run: Any, tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "mini")
    shown = json.loads(run("pack", "show", str(folder), "--json").stdout)
    assert shown["id"] == "mini"
    assert [question["kind"] for question in shown["questions"]][:2] == ["single", "multiple"]
    outline = run("pack", "show", str(folder))
    assert "topic: The topic (2 notes, 7 questions)" in outline.stdout
    assert json.loads(run("pack", "show", "dp100", "--json").stdout)["id"] == "dp100"


def test_a_broken_pack_exits_with_2_and_lists_every_problem_on_standard_error(
    run: Any, tmp_path: Path
) -> None:
    folder = write_pack(
        tmp_path / "mini",
        ("pack.yaml", "title: Mini", "titel: Mini"),
        ("questions/one.yaml", "level: apply", "level: guess"),
    )
    for command in ("check", "show"):
        checked = run("pack", command, str(folder))
        assert checked.exit_code == 2
        assert len(checked.stderr.splitlines()) == 3
        assert f"{folder}/questions/one.yaml:6:12: `level`" in checked.stderr
    data = json.loads(run("pack", "check", str(folder), "--json").stdout)
    assert data["ok"] is False
    assert data["problems"][0]["line"] == 1


def test_running_a_pack_that_fails_its_check_logs_a_warning(
    run: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_pack(tmp_path / "mini")
    for _ in range(2):
        run("run", "--pack", str(folder))
        (warning,) = (line for line in caplog.messages if "fails its check" in line)
        assert warning.startswith("pack mini fails its check and is used anyway: ")
        assert f"`studyhall pack check {folder}`" in warning
        caplog.clear()
    for words in ((), ("--pack", "dp100")):
        run("run", *words)
        assert "fails its check" not in caplog.text


def test_a_valid_pack_with_findings_exits_with_1(run: Any, tmp_path: Path) -> None:
    checked = run("pack", "check", str(write_pack(tmp_path / "mini")))
    assert checked.exit_code == 1
    assert "findings" in checked.stdout
    data = json.loads(run("pack", "check", str(tmp_path / "mini"), "--json").stdout)
    assert data["ok"] is False
    assert data["findings"]


def test_an_unknown_pack_gets_a_list_of_the_known_ones(run: Any) -> None:
    checked = run("pack", "check", "nowhere")
    assert checked.exit_code == 2
    assert "dp100" in checked.stderr


def test_trying_an_answer_shows_how_it_is_graded_and_why(run: Any, tmp_path: Path) -> None:
    folder = str(write_pack(tmp_path / "mini"))
    right = run("pack", "try", folder, "q6", "it's a thing")
    assert right.exit_code == 0
    assert right.stdout.startswith("Right (dressed)")
    assert "That is a sandal." in run("pack", "try", folder, "q6", "thong").stdout
    data = json.loads(run("pack", "try", folder, "q7", "0.1 s", "--json").stdout)
    assert (data["credit"], data["rule"]) == (1, "number")
    assert run("pack", "try", folder, "q7", "soon").stdout.startswith("Wrong (unreadable)")
    for wrong, hint in (("q1", "isn't answered by typing"), ("q66", "did you mean `q6`?")):
        refused = run("pack", "try", folder, wrong, "thing")
        assert refused.exit_code == 2
        assert hint in refused.stderr


def test_answers_are_tried_one_per_line_of_standard_input(run: Any, tmp_path: Path) -> None:
    folder = str(write_pack(tmp_path / "mini"))
    asked = [{"question": "q6", "text": text} for text in ("thing", "thongs", "==")]
    lines = "\n".join(map(json.dumps, asked))
    tried = CliRunner().invoke(app, ["pack", "try", folder, "--json", "-"], input=lines)
    found = [json.loads(line) for line in tried.stdout.splitlines()]
    assert [(each["text"], each["credit"], each["rule"]) for each in found] == [
        ("thing", 1, "exact"),
        ("thongs", 0, "rejected"),
        ("==", 0, "unreadable"),
    ]
    for broken in ('{"question": "q6"}', "thing", "[]"):
        refused = CliRunner().invoke(app, ["pack", "try", folder, "-"], input=f"\n{broken}\n")
        assert refused.exit_code == 2
        assert "line 2: write an object" in refused.stderr


def test_the_schema_is_json(run: Any) -> None:
    assert "pack.yaml" in json.loads(run("pack", "schema").stdout)


def test_an_explanation_is_read_by_page_or_as_a_whole(run: Any) -> None:
    first = run("explain", "online endpoints").stdout
    assert "Page 1 of 4" in first
    assert "add --page 2 or --all" in first
    last = run("explain", "online endpoints", "--page", "4").stdout
    assert "Page 4 of 4" in last
    assert "--all" not in last
    beyond = run("explain", "online endpoints", "--page", "5")
    assert beyond.exit_code == 2
    assert "There's no page 5. The last page is 4." in beyond.stdout
    assert run("explain", "online endpoints", "--page", "0").exit_code == 2
    everything = run("explain", "online endpoints", "--all").stdout
    assert "Page" not in everything
    text = json.loads(run("explain", "online endpoints", "--json").stdout)["text"]
    assert len(text.split()) > 300
    assert " ".join(text.split()) in " ".join(everything.split())


def test_stats_and_leaderboard_are_data_on_request(run: Any) -> None:
    assert json.loads(run("stats", "--json").stdout)["answered"] == 0
    board = json.loads(run("leaderboard", "all", "--json").stdout)
    assert board.pop("zone")
    assert board == {
        "window": "all",
        "season": None,
        "by": "members",
        "board": "drill",
        "total": 0,
        "lines": [],
        "own": None,
    }
    stats = run("stats").stdout
    assert "Start here: `/drill`" in stats
    assert "run: studyhall play" in stats


def test_an_unknown_window_gets_a_list_of_the_known_ones(run: Any) -> None:
    refused = run("leaderboard", "yesterday")
    assert refused.exit_code == 2
    assert "today, week, month, season, all" in refused.stdout


def test_explain_prints_the_topic_and_its_source(run: Any) -> None:
    data = json.loads(run("explain", "model", "signature", "--json").stdout)
    assert data["answered"] is True
    assert data["topics"][0]["url"].startswith("https://learn.microsoft.com/")
    assert "https://learn.microsoft.com/" in run("explain", "model", "signature").stdout
    assert json.loads(run("explain", "sourdough", "--json").stdout)["answered"] is False


def test_queries_are_answered_one_per_line_of_standard_input(run: Any) -> None:
    out = CliRunner().invoke(app, ["explain", "--json", "-"], input="mlmodel file\n\nsourdough\n")
    answers = [json.loads(line) for line in out.stdout.splitlines()]
    assert [answer["query"] for answer in answers] == ["mlmodel file", "sourdough"]
    assert [answer["answered"] for answer in answers] == [True, False]
    assert set(answers[0]["topics"][0]) == {"id", "title", "chapter", "unit", "url", "score"}
    assert "MLmodel" in answers[0]["text"]


def test_a_pack_given_by_path_wins_over_a_bundled_one_with_the_same_name(
    run: Any, tmp_path: Path
) -> None:
    folder = write_pack(tmp_path / "mini", ("pack.yaml", "id: mini", "id: dp100"))
    data = json.loads(run("explain", "thing", "--pack", str(folder), "--json").stdout)
    assert data["topics"][0]["id"] == "topic"
    chapters = json.loads(run("stats", "--pack", str(folder), "--json").stdout)["chapters"]
    assert [chapter["id"] for chapter in chapters] == ["one"]


def test_health_passes_after_an_upgrade(run: Any, tmp_path: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    assert (tmp_path / "db" / "studyhall.db").is_file()
    assert run("health").exit_code == 0
    unhealthy = run("health", "--database-url", "sqlite:////proc/none/x.db")
    assert unhealthy.exit_code == 2
    assert unhealthy.stderr.startswith("There's no Studyhall database at sqlite:////proc/none/x.db")


def test_health_does_not_create_a_database(run: Any, tmp_path: Path) -> None:
    unhealthy = run("health")
    assert unhealthy.exit_code == 2
    assert unhealthy.stderr.startswith("There's no Studyhall database at sqlite:///")
    assert not (tmp_path / "db").exists()


def test_health_leaves_an_older_database_alone_and_says_how_to_upgrade_it(
    run: Any, tmp_path: Path
) -> None:
    run("db", "upgrade")
    file = tmp_path / "db" / "studyhall.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001_first_tables'")
        connection.commit()
    before = file.read_bytes()
    unhealthy = run("health")
    assert unhealthy.exit_code == 2
    assert "is at version 0001_first_tables, older than this Studyhall." in unhealthy.stderr
    assert "studyhall db upgrade" in unhealthy.stderr
    assert file.read_bytes() == before


def test_health_reports_a_database_from_a_newer_version(run: Any, tmp_path: Path) -> None:
    run("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "db" / "studyhall.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
        connection.commit()
    unhealthy = run("health")
    assert unhealthy.exit_code == 2
    assert "is at version 9999_later, newer than this Studyhall" in unhealthy.stderr


def test_health_fails_on_an_empty_postgresql_database(
    run: Any, postgresql: PostgresqlServer
) -> None:
    with postgresql.new(empty=True) as url:
        unhealthy = run("health", "--database-url", url)
        assert unhealthy.exit_code == 2
        assert unhealthy.stderr.startswith("There's no Studyhall database at postgresql://")
        assert run("db", "upgrade", "--database-url", url).exit_code == 0
        assert run("health", "--database-url", url).exit_code == 0


def test_backup_restore_and_move_report_what_they_did(
    run: Any, tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    run("db", "upgrade")
    with sqlite3.connect(tmp_path / "db" / "studyhall.db") as connection:
        connection.execute("INSERT INTO setting VALUES ('key', 'value')")
    connection.close()
    file = tmp_path / "studyhall.backup"
    assert run("db", "backup", str(file)).stdout.startswith("Rows in ")
    again = run("db", "backup", str(file))
    assert again.exit_code == 2
    assert "already exists" in again.stderr
    with postgresql.new() as url:
        moved = run("db", "move", "--to", url)
        assert moved.stdout.startswith("Rows copied to postgresql://")
        assert "Set STUDYHALL_DATABASE_URL" in moved.stdout
        refused = run("db", "restore", str(file), "--database-url", url)
        assert refused.exit_code == 2
        assert "already contains data" in refused.stderr
        assert run("health", "--database-url", url).exit_code == 0
        assert json.loads(run("stats", "--json", "--database-url", url).stdout)["answered"] == 0
    restored = run("db", "restore", str(file), "--database-url", f"sqlite:///{tmp_path}/new.db")
    assert restored.output == f"Rows copied to sqlite:///{tmp_path}/new.db: 1.\n"
    again = run("db", "backup", str(file))
    assert again.output == f"{file} already exists. Choose a new file: nothing is overwritten.\n"


def test_a_move_that_loses_its_target_reports_it_and_logs_nothing(
    run: Any,
    tmp_path: Path,
    postgresql: PostgresqlServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "db" / "studyhall.db")) as connection:
        connection.executemany("INSERT INTO setting VALUES (?, '')", [(n,) for n in range(2000)])
        connection.commit()
    with postgresql.new() as url:
        name = make_url(url).database

        def end(*_: object) -> None:
            postgresql.run(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )

        monkeypatch.setattr("bot.cli.databases.progress", lambda: nullcontext(end))
        (line,) = run("db", "move", "--to", url).stderr.splitlines()
    assert line.startswith(f"Nothing was copied to postgresql://postgres:***@/{name}: ")
    assert caplog.text == ""


@contextmanager
def backing_up(url: str, file: Path) -> Iterator[subprocess.Popen[str]]:
    """A backup in its own process, stuck on a lock until the end."""
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE setting")
        words = [sys.executable, "-m", "bot", "db", "backup", str(file), "--database-url", url]
        with subprocess.Popen(words, stdout=PIPE, stderr=STDOUT, text=True) as process:
            waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'setting'::regclass"
            deadline = monotonic() + 30
            while not holder.execute(waits).fetchone() and monotonic() < deadline:
                sleep(0.05)
            assert list(file.parent.iterdir())
            yield process


def test_a_stopped_backup_leaves_nothing_behind(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with postgresql.new() as url, backing_up(url, folder / "backup") as process:
        process.terminate()
        assert process.communicate(timeout=30)[0] == ""
        assert process.returncode == 130
    assert list(folder.iterdir()) == []


def test_a_backup_that_loses_its_server_reports_it_in_one_line(
    tmp_path: Path, postgresql: PostgresqlServer
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with postgresql.new() as url, backing_up(url, folder / "backup") as process:
        postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted")
        (line,) = process.communicate(timeout=30)[0].splitlines()
        assert re.match(r"Nothing was copied: can't read postgresql://.*: 57P01 terminating", line)
        assert process.returncode == 2
    assert list(folder.iterdir()) == []


def test_every_command_has_help(run: Any) -> None:
    for words in ([], ["pack"], ["db"], ["play"], ["pack", "check"]):
        assert "Usage: " in run(*words, "--help").stdout


NOTES = "# Soil\n\n## Sand\n\n- **Sand**: drains fast.\n- **Clay**: holds water.\n"


def test_imported_notes_are_reported_and_can_be_played(run: Any, tmp_path: Path) -> None:
    notes, out = tmp_path / "notes.md", tmp_path / "pack"
    notes.write_text(NOTES)
    imported = run("pack", "import", str(notes), "--out", str(out))
    assert imported.exit_code == 0
    assert "1 chapter, 1 unit, 1 topic, 2 notes" in imported.stdout
    assert run("pack", "show", str(out)).exit_code == 0
    again = json.loads(run("pack", "import", str(notes), "--out", str(out), "--json").stdout)
    assert again["changes"] == {"new": [], "changed": [], "kept_by_hand": [], "gone": []}
    assert run("pack", "review", str(out)).exit_code == 0


def test_notes_that_cannot_be_imported_exit_with_2(run: Any, tmp_path: Path) -> None:
    refused = run("pack", "import", str(tmp_path / "none.md"), "--out", str(tmp_path / "pack"))
    assert refused.exit_code == 2
    assert "can't read the notes" in refused.stderr
