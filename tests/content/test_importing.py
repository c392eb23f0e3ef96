"""Importing notes into a pack, and again when they have changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import loader
from content.importing.importer import ImportReport, import_notes
from content.importing.lines import Omission
from content.importing.outline import Outline
from content.importing.readers.sources import NoteFile, Source
from content.importing.reading import read_notes
from content.importing.repairs import split_cells
from content.loader import BrokenPack
from content.model import Pack, SingleChoice

TABLE = """\
<h1>Garden school</h1>

<h2> 1. Soil </h2>

| Unit | Topic | Section | Notes |
| :--- | :--- | :--- | :--- |
| Kinds of soil | [Sand and clay](\thttps://example.org/sand) | - Sand | - **Sand**: drains fast.</br> - **Clay**: holds water. /br> - **Loam**: a bit of both. |
| | [Feeding](https://example.org/feed) || Steps <br> 1. Dig the bed. <br/> 2. Add compost. </br> 3. Wait a week.|
|| [Exercise](https://example.org/ex) ||
| Water | Rain | - `rain_gauge`: measures the fall of a day. </br> - region < 10 mm => water by hand |
"""  # noqa: E501 - rows as people write them


def read(text: str | bytes) -> tuple[Outline, list[str]]:
    raw = text.encode() if isinstance(text, str) else text
    found = read_notes(Source("notes", [NoteFile("", raw, "notes")]))
    return found.outline, [f"{each.line}: {each.what}" for each in found.repairs]


def left_out(text: str) -> list[Omission]:
    return read_notes(Source("notes", [NoteFile("", text.encode(), "notes")])).left_out


def shape(found: Outline) -> dict[str, Any]:
    return {
        chapter.title: {
            unit.title: {topic.title: [fact.text for fact in topic.facts] for topic in unit.topics}
            for unit in chapter.units
        }
        for chapter in found.chapters
    }


def test_a_table_with_every_kind_of_flaw_is_read_completely() -> None:
    found, repairs = read(TABLE)
    assert found.title == "Garden school"
    assert shape(found) == {
        "1. Soil": {
            "Kinds of soil": {
                "Sand and clay": [
                    "Sand: drains fast.",
                    "Clay: holds water.",
                    "Loam: a bit of both.",
                ],
                "Feeding": ["Dig the bed.", "Add compost.", "Wait a week."],
                "Exercise": [],
            },
            "Water": {
                "Rain": [
                    "`rain_gauge`: measures the fall of a day.",
                    "region < 10 mm => water by hand",
                ]
            },
        }
    }  # fmt: skip
    topics = found.chapters[0].units[0].topics
    assert topics[0].url == "https://example.org/sand"
    assert [fact.step for fact in topics[1].facts] == [1, 2, 3]
    assert {fact.group for fact in topics[1].facts} == {"Steps"}
    assert [fact.line for fact in topics[0].facts] == [7, 7, 7]
    assert "1: HTML heading `<h1>`" in repairs
    assert "7: line break written as `/br>`" in repairs
    assert "7: space or tab in a link's address" in repairs
    assert "10: stray `<`" in repairs


def test_everything_left_out_is_reported() -> None:
    text = "[The guide](https://example.org)\n\n" + TABLE + "\n```\ncode\n```\n"
    left = {(each.line, each.why) for each in left_out(text)}
    assert left == {
        (1, "nothing but links"),
        (9, "list of the page's sections"),
        (11, "topic without notes"),
        (14, "code without a language, only shown with the note above it"),
    }


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_files_from_other_systems_read_the_same(mark: bytes, end: bytes) -> None:
    raw = mark + TABLE.encode().replace(b"\n", end)
    assert shape(read(raw)[0]) == shape(read(TABLE)[0])


def test_a_windows_1252_file_is_read_and_reported() -> None:
    found, repairs = read("# Café\n\n- crème: fraîche\n".encode("cp1252"))
    assert shape(found) == {"Café": {"Café": {"Café": ["crème: fraîche"]}}}
    assert "1: not UTF-8, read as Windows-1252" in repairs


def test_headings_and_bullets_make_an_outline_without_tables() -> None:
    found, repairs = read(
        "# Cooking\n\n## Eggs\n\n### Boiled\n\n- Soft takes four minutes.\n"
        "- Timing:\n  - Hard takes ten.\n  - Medium takes six.\n\n"
        "A long paragraph\nover two lines.\n\n### Fried\n\n1. Heat.\n2. Break.\n\n"
        "## Soup\n\n- Hot.\n"
    )
    assert found.title == "Cooking"
    assert shape(found) == {
        "Eggs": {
            "Eggs": {
                "Boiled": [
                    "Soft takes four minutes.",
                    "Timing:",
                    "Hard takes ten.",
                    "Medium takes six.",
                    "A long paragraph over two lines.",
                ],
                "Fried": ["Heat.", "Break."],
            }
        },
        "Soup": {"Soup": {"Soup": ["Hot."]}},
    }
    boiled = found.chapters[0].units[0].topics[0]
    assert [fact.group for fact in boiled.facts] == ["", "", "Timing", "Timing", ""]
    assert [fact.line for fact in boiled.facts] == [7, 8, 9, 10, 12]
    assert repairs == []


def test_only_columns_with_the_headings_of_an_outline_make_topics() -> None:
    named, _ = read("# A\n\n| Note | Topics |\n|---|---|\n| Water it. | Rose |\n")
    assert shape(named) == {"A": {"A": {"Rose": ["Water it."]}}}
    other, _ = read("# A\n\n| x | y |\n|---|---|\n| Rose | Water it. |\n")
    assert shape(other) == {"A": {"A": {"A": ["Rose – Water it."]}}}


def test_missing_pipes_and_gaps_in_a_table_are_repaired() -> None:
    found, repairs = read(
        "# A\n\n| Unit | Topic | Notes |\n|---|---|---|\nU | T | one\n\n| | S | two |\n"
        "| | R | `a|b` | and more |\n"
    )
    assert shape(found) == {"A": {"U": {"T": ["one"], "S": ["two"], "R": ["`a|b` | and more"]}}}
    assert repairs == [
        "5: missing pipe at the end of a row",
        "5: missing pipe at the start of a row",
        "6: empty line in a table",
        "8: 4 cells in a table with 3 columns, last ones joined",
        "8: pipe in code",
    ]


def test_links_in_notes_keep_their_addresses_and_a_link_in_a_title_is_the_topics() -> None:
    found, _ = read(
        "# A\n\n## [T](https://example.org/t)\n\n- See [this](https://example.org/x).\n\n"
        "# B\n\n## U\n\n- Fact.\n"
    )
    topic = found.chapters[0].units[0].topics[0]
    assert (topic.title, topic.url) == ("T", "https://example.org/t")
    assert [fact.text for fact in topic.facts] == ["See this (https://example.org/x)."]


def test_notes_in_the_section_column_are_notes() -> None:
    found, _ = read("# A\n\n| Unit | Topic | Section | Notes |\n|-|-|-|-|\n| U | T | - fact | |\n")
    assert shape(found) == {"A": {"U": {"T": ["fact"]}}}


@given(st.lists(st.sampled_from(["a", "`b|c`", "d\\|e", " "]), min_size=1, max_size=5))
def test_cells_are_split_at_pipes_outside_code(parts: list[str]) -> None:
    assert split_cells(f"|{'|'.join(parts)}|") == parts


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_reading_notes_never_fails(raw: bytes) -> None:
    read_notes(Source("notes", [NoteFile("", raw, "notes")]))


def imported(folder: Path, text: str) -> tuple[ImportReport, Pack]:
    notes = folder / "notes.md"
    notes.write_text(text, encoding="utf-8")
    report = import_notes([notes], folder / "pack")
    return report, loader.load(folder / "pack", cache=None)


def texts(pack: Pack) -> dict[str, str]:
    return {
        note.id: note.text
        for chapter in pack.chapters
        for unit in chapter.units
        for topic in unit.topics
        for note in topic.notes
    }


def test_an_import_makes_a_valid_pack_with_source_lines(tmp_path: Path) -> None:
    report, pack = imported(tmp_path, TABLE)
    assert (report.chapters, report.units, report.topics, report.notes) == (1, 2, 3, 8)
    assert pack.title == "Garden school"
    topics = pack.chapters[0].units[0].topics
    assert [topic.id for topic in topics] == ["sand-and-clay", "feeding"]
    assert topics[1].notes[0].model_dump() == {
        "id": "feeding-n1",
        "text": "Steps: Dig the bed.",
        "line": 8,
    }


def test_importing_the_same_notes_again_changes_nothing_on_disk(tmp_path: Path) -> None:
    imported(tmp_path, TABLE)
    before = {p: p.read_bytes() for p in (tmp_path / "pack").rglob("*.*")}
    report, _ = imported(tmp_path, TABLE)
    assert {p: p.read_bytes() for p in (tmp_path / "pack").rglob("*.*")} == before
    assert (report.changes.new, report.changes.changed, report.changes.gone) == ([], [], [])


def test_options_that_refer_to_others_are_pinned_and_reported(tmp_path: Path) -> None:
    imported(tmp_path, TABLE)
    path = tmp_path / "pack" / "questions" / "soil.yaml"
    path.write_text(
        """\
questions:
  - id: own-q1
    kind: single
    topic: sand-and-clay
    notes: [sand-and-clay-n1]
    level: remember
    difficulty: 1
    stem: What drains fast?
    options:
      - {text: Sand, why: Not alone.}
      - {text: Gravel, why: Not alone.}
      - {text: Both A and B, correct: true}
      - {text: None of these, why: Two do.}
    rationale: So say the notes.
""",
        encoding="utf-8",
    )
    report, pack = imported(tmp_path, TABLE)
    assert report.pinned == ("own-q1",)
    (question,) = (each for each in pack.questions if each.id == "own-q1")
    assert isinstance(question, SingleChoice)
    assert [option.pinned for option in question.options] == [None, None, "last", "last"]
    assert imported(tmp_path, TABLE)[0].pinned == ()


def test_changed_new_and_gone_notes_are_reported_and_ids_stay(tmp_path: Path) -> None:
    _, first = imported(tmp_path, TABLE)
    report, second = imported(
        tmp_path,
        TABLE.replace("drains fast", "drains very fast").replace(
            " - **Loam**: a bit of both.", " - **Peat**: sour and dark."
        ),
    )
    old, new = texts(first), texts(second)
    assert report.changes.changed == ["sand-and-clay-n1"]
    assert new["sand-and-clay-n1"] == "Sand: drains very fast."
    assert report.changes.gone == ["sand-and-clay-n3"]
    assert "sand-and-clay-n3" not in new
    (added,) = report.changes.new
    assert added not in old
    assert new[added] == "Peat: sour and dark."
    assert {k: v for k, v in new.items() if k not in (added, "sand-and-clay-n1")} == {
        k: v for k, v in old.items() if k not in ("sand-and-clay-n1", "sand-and-clay-n3")
    }


def write(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


QUESTION = """\
questions:
  # read by a person
  - id: own-q1
    kind: true_false
    topic: sand-and-clay
    notes: [{note}]
    level: remember
    difficulty: 1
    stem: Sand drains fast.
    answer: true
    why: It does.
    rationale: So say the notes.
"""


def test_hand_edits_stay(tmp_path: Path) -> None:
    imported(tmp_path, TABLE)
    pack = tmp_path / "pack"
    write(pack / "notes/soil.yaml", "Clay: holds water.", "Clay holds water, and frost breaks it.")
    write(
        pack / "notes/soil.yaml",
        "title: Sand and clay",
        "title: Sand and clay\n        aliases: [grit]",
    )
    write(pack / "pack.yaml", "license: unknown", "license: CC0")
    (pack / "questions/soil.yaml").write_text(QUESTION.format(note="sand-and-clay-n1"))
    report, again = imported(tmp_path, TABLE)
    assert report.changes.kept_by_hand == ["sand-and-clay-n2"]
    assert report.set_aside == ()
    assert texts(again)["sand-and-clay-n2"] == "Clay holds water, and frost breaks it."
    assert again.license == "CC0"
    assert again.chapters[0].units[0].topics[0].aliases == ["grit"]
    assert "# read by a person" in (pack / "questions/soil.yaml").read_text()


def test_an_import_keeps_the_packs_spelling_of_license(tmp_path: Path) -> None:
    imported(tmp_path, TABLE)
    file = tmp_path / "pack/pack.yaml"
    write(file, "license: unknown", "licence: CC0")
    before = file.read_bytes()
    report, again = imported(tmp_path, TABLE.replace("drains fast", "drains very fast"))
    assert again.license == "CC0"
    assert report.set_aside == ()
    assert file.read_bytes() == before


def test_questions_on_changed_or_gone_notes_are_marked_for_recheck_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    imported(tmp_path, TABLE)
    pack = tmp_path / "pack"
    (pack / "questions/soil.yaml").write_text(QUESTION.format(note="sand-and-clay-n1"))
    changed = TABLE.replace("drains fast", "drains fast, mostly")
    report, again = imported(tmp_path, changed)
    assert report.recheck == ("own-q1",)
    assert next(q for q in again.questions if q.id == "own-q1").recheck
    assert report.set_aside == ("questions/soil.yaml",)
    assert "# read by a person" in (pack / "questions/soil.yaml.bak").read_text()
    gone, last = imported(tmp_path, TABLE.replace("- **Sand**: drains fast.</br>", ""))
    assert gone.changes.gone == ["sand-and-clay-n1"]
    assert "sand-and-clay-n1" in texts(last)


def test_a_dropped_draft_does_not_come_back(tmp_path: Path) -> None:
    first, pack = imported(tmp_path, TABLE)
    assert first.drafts > 0
    (tmp_path / "pack/questions/soil.yaml").write_text("questions: []\n")
    again, _ = imported(tmp_path, TABLE)
    assert again.drafts == 0
    assert all(question.draft and question.rule for question in pack.questions)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/mine.txt").write_text("precious")
    with pytest.raises(BrokenPack, match="wasn't imported"):
        imported(tmp_path, TABLE)
    assert [p.name for p in (tmp_path / "pack").iterdir()] == ["mine.txt"]


def test_a_damaged_record_or_a_broken_pack_is_reported_before_anything_is_written(
    tmp_path: Path,
) -> None:
    imported(tmp_path, TABLE)
    notes = tmp_path / "pack/notes/soil.yaml"
    notes.write_text("units: [")
    with pytest.raises(BrokenPack, match=r"soil\.yaml:\d+:\d+: this isn't valid YAML"):
        imported(tmp_path, TABLE)
    assert notes.read_text() == "units: ["
    (tmp_path / "pack/import.json").write_text("{")
    with pytest.raises(BrokenPack, match="record is damaged"):
        imported(tmp_path, TABLE)


@pytest.mark.parametrize("text", ["", "# Only\n\n## Headings\n", "---\n"])
def test_a_file_without_notes_is_a_problem(tmp_path: Path, text: str) -> None:
    with pytest.raises(BrokenPack, match="no notes found"):
        imported(tmp_path, text)
    with pytest.raises(BrokenPack, match="can't read the notes"):
        import_notes([tmp_path / "nowhere.md"], tmp_path / "other")


def test_the_record_is_readable_json(tmp_path: Path) -> None:
    imported(tmp_path, TABLE)
    record = json.loads((tmp_path / "pack/import.json").read_text())
    assert record["notes"]["sand-and-clay-n1"] == "Sand: drains fast."


def test_titles_that_are_too_long_are_cut_and_notes_split(tmp_path: Path) -> None:
    text = f"# {'Long ' * 60}\n\n## T\n\n- {'A sentence of words. ' * 200}\n"
    report, pack = imported(tmp_path, text)
    assert report.notes > 1
    assert max(len(each) for each in texts(pack).values()) <= 1500


def test_titles_in_other_scripts_get_ids_too(tmp_path: Path) -> None:
    _, pack = imported(tmp_path, "# 土\n\n## 砂\n\n- 水はけがよい。\n\n## 粘土\n\n- 水を保つ。\n")
    assert len({topic.id for c in pack.chapters for u in c.units for topic in u.topics}) == 2
