"""Reviewing drafts: each decision is in the file, and nothing else in it has moved."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.review import review
from content import loader, reviewing
from tests.content.packs import write_pack

Q = "questions/one.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pack whose first and fourth questions are drafts, with a comment between."""
    return write_pack(
        tmp_path,
        (Q, "    level: apply\n", "    level: apply\n    draft: true\n    rule: definition\n"),
        (Q, "  - id: q2\n", "  # a comment of mine\n  - id: q2\n"),
        (Q, "    items:", "    draft: true\n    rule: steps\n    items:"),
    )


def typed(*lines: str) -> Callable[[], str]:
    given: Iterator[str] = iter(lines)

    def ask() -> str:
        for line in given:
            return line
        raise EOFError

    return ask


def console() -> Console:
    return Console(file=io.StringIO(), width=100)


def drafts(folder: Path) -> list[str]:
    return [question.id for question in loader.load(folder, cache=None).questions if question.draft]


def test_keeping_and_dropping_change_no_other_line(folder: Path) -> None:
    before = (folder / Q).read_text()
    done = review(folder, typed("k", "nonsense", "drop"), console())
    assert done == {"kept": 1, "edited": 0, "dropped": 1, "skipped": 0}
    pack = loader.load(folder, cache=None)
    assert [question.id for question in pack.questions] == ["q1", "q2", "q3", "q5", "q6", "q7"]
    assert drafts(folder) == []
    after = (folder / Q).read_text()
    start, end = "  # a comment of mine", "  - id: q4"
    assert (
        after[after.index("  - id: q2") : after.index("  - id: q5")]
        == (before[before.index("  - id: q2") : before.index(end)])
    )
    assert start in before


def test_skipping_and_quitting_change_nothing(folder: Path) -> None:
    before = (folder / Q).read_bytes()
    assert review(folder, typed("s", "q"), console())["skipped"] == 1
    assert review(folder, typed(), console())["kept"] == 0
    assert (folder / Q).read_bytes() == before
    assert drafts(folder) == ["q1", "q4"]


def test_every_draft_can_be_dropped(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    text = (folder / Q).read_text()
    (folder / Q).write_text(
        text[: text.index("  - id: q2")].replace("level", "draft: true\n    level")
    )
    review(folder, typed("d"), console())
    assert loader.load(folder, cache=None).questions == []


def test_a_valid_edit_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i 's/Which one?/Which of the two?/'")
    assert review(folder, typed("e", "q"), console())["edited"] == 1
    question = loader.load(folder, cache=None).questions[0]
    assert question.stem == "Which of the two?"
    assert not question.draft


@pytest.mark.parametrize(
    "editor", ["sed -i s/single/sinlge/", "sed -i 's/id: q1/id: q9/'", "false", "no-such-editor"]
)
def test_a_failed_edit_shows_why_and_can_be_tried_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, editor: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    out = console()
    assert review(folder, typed("e", "s", "s"), out)["skipped"] == 2
    assert isinstance(out.file, io.StringIO)
    assert "Not saved" in out.file.getvalue() or "The editor failed" in out.file.getvalue()
    assert drafts(folder) == ["q1", "q4"]


def test_a_draft_is_shown_as_yaml(folder: Path) -> None:
    first = next(reviewing.find_drafts(folder))
    assert reviewing.to_yaml(first).startswith("id: q1\nkind: single\n")
    assert first.question.kind == "single"
