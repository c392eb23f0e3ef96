"""Importing notes into a pack that's there: what people reviewed, edited and wrote stays with the
notes, wherever those have moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content import loader
from content.importing.importer import ImportReport, import_notes
from content.importing.updating import How
from content.loader import BrokenPack
from content.model import Pack
from content.yaml_files import dump

Outline = Mapping[str, Mapping[str, Sequence[str]]]
"""Notes by topic, by chapter."""

PLANT: Outline = {
    "House": {
        "Parts": ["Valves keep water back.", "Pumps move warm liquid.", "Gauges show pressure."],
        "Care": ["Filters are cleaned in spring."],
    },
    "Yard": {"Paths": ["Gravel lets rain through.", "Slabs need a firm bed."]},
}
RESTED = ("Valves keep water back.", "Filters are cleaned in spring.", "Slabs need a firm bed.")
"""The notes that the questions of `reviewed` rest on."""


def write(outline: Outline, title: str = "Heating plant") -> str:
    lines = [f"# {title}"]
    for chapter, topics in outline.items():
        lines += ["", f"## {chapter}"]
        for topic, notes in topics.items():
            lines += ["", f"### {topic}", "", *(f"- {note}" for note in notes)]
    return "\n".join(lines) + "\n"


def bring(folder: Path, text: str, name: str = "plant", how: How | None = None) -> ImportReport:
    file = folder / f"{name}.md"
    file.write_text(text, encoding="utf-8")
    return import_notes([file], folder / "pack", how=how)


def load(folder: Path) -> Pack:
    return loader.load(folder / "pack", cache=None)


def texts(pack: Pack) -> dict[str, str]:
    """Notes by text, with their ids."""
    return {
        note.text: note.id
        for chapter in pack.chapters
        for unit in chapter.units
        for topic in unit.topics
        for note in topic.notes
    }


def reviewed(folder: Path) -> dict[str, str]:
    """Import the notes, and write a question on some; returns the ids of questions by note."""
    bring(folder, write(PLANT))
    pack, questions = load(folder), dict[str, str]()
    for chapter in pack.chapters:
        written = []
        for unit in chapter.units:
            for topic in unit.topics:
                for note in topic.notes:
                    if note.text in RESTED:
                        questions[note.id] = f"own-q{len(questions)}"
                        written.append(
                            {
                                "id": questions[note.id],
                                "kind": "true_false",
                                "topic": topic.id,
                                "notes": [note.id],
                                "level": "remember",
                                "difficulty": 1,
                                "stem": note.text,
                                "answer": True,
                                "why": "It does.",
                                "rationale": "So say the notes.",
                            }
                        )
        path = folder / "pack" / "questions" / f"{chapter.id}.yaml"
        path.write_text(dump({"questions": written}), encoding="utf-8")
    return questions


MOVES: Mapping[str, Outline] = {
    "a chapter is renamed": {"The house": PLANT["House"], "Yard": PLANT["Yard"]},
    "a topic is renamed": {
        "House": {"Parts of it": PLANT["House"]["Parts"], "Care": PLANT["House"]["Care"]},
        "Yard": PLANT["Yard"],
    },
    "everything is renamed": {
        "A": {"B": PLANT["House"]["Parts"], "C": PLANT["House"]["Care"]},
        "D": {"E": PLANT["Yard"]["Paths"]},
    },
    "a topic moves": {
        "House": {"Parts": PLANT["House"]["Parts"]},
        "Yard": {**PLANT["Yard"], "Care": PLANT["House"]["Care"]},
    },
    "a chapter is split": {
        "House": {"Parts": PLANT["House"]["Parts"]},
        "Upkeep": {"Care": PLANT["House"]["Care"]},
        "Yard": PLANT["Yard"],
    },
    "a topic is split": {
        "House": {
            "Water": PLANT["House"]["Parts"][:1],
            "Heat": PLANT["House"]["Parts"][1:],
            "Care": PLANT["House"]["Care"],
        },
        "Yard": PLANT["Yard"],
    },
    "chapters are merged": {"House and yard": {**PLANT["House"], **PLANT["Yard"]}},
    "topics are merged": {
        "House": {"All": [*PLANT["House"]["Parts"], *PLANT["House"]["Care"]]},
        "Yard": PLANT["Yard"],
    },
    "chapters swap names": {"Yard": PLANT["House"], "House": PLANT["Yard"]},
}


@pytest.mark.parametrize("moved", MOVES.values(), ids=MOVES)
def test_questions_and_ids_move_along_with_the_notes(tmp_path: Path, moved: Outline) -> None:
    questions = reviewed(tmp_path)
    before = texts(load(tmp_path))
    report = bring(tmp_path, write(moved))
    after = load(tmp_path)
    assert (report.how, report.former) == (How.EDITION, "plant")
    assert texts(after) == before
    kept = {each.notes[0]: each.id for each in after.questions if not each.draft}
    assert kept == questions
    assert [each.id for each in after.questions if each.recheck] == []
    assert (report.changes.new, report.changes.gone, report.dropped) == ([], [], ())
    titles = [topic.title for c in after.chapters for unit in c.units for topic in unit.topics]
    assert titles == [topic for topics in moved.values() for topic in topics]
    bring(tmp_path, write(PLANT))
    assert texts(load(tmp_path)) == before
    assert {each.id for each in load(tmp_path).questions if not each.draft} == {*kept.values()}


@given(data=st.data())
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_wherever_notes_move_their_questions_follow(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("moved")
    questions = reviewed(folder)
    before = texts(load(folder))
    moved: dict[str, dict[str, list[str]]] = {}
    for note in data.draw(st.permutations([*before])):
        chapter = data.draw(st.sampled_from(["House", "Yard", "Attic"]))
        topic = data.draw(st.sampled_from(["Parts", "Care", "Paths", "Rest"]))
        moved.setdefault(chapter, {}).setdefault(topic, []).append(note)
    report = bring(folder, write(moved))
    after = load(folder)
    assert texts(after) == before
    assert {q.notes[0]: q.id for q in after.questions if not q.draft} == questions
    assert (report.recheck, report.dropped) == ((), ())


def test_a_note_that_is_edited_where_a_topic_is_renamed_is_recognized(tmp_path: Path) -> None:
    reviewed(tmp_path)
    before = texts(load(tmp_path))
    text = write(MOVES["a topic is renamed"]).replace("keep water back", "keep the water back")
    report = bring(tmp_path, text)
    changed = before["Valves keep water back."]
    assert report.changes.changed == [changed]
    assert texts(load(tmp_path))["Valves keep the water back."] == changed


def test_a_title_that_is_corrected_is_new_unless_it_was_edited_by_hand(tmp_path: Path) -> None:
    bring(tmp_path, write(PLANT))
    notes = tmp_path / "pack/notes/house.yaml"
    notes.write_text(notes.read_text().replace("title: Care", "title: Upkeep"))
    renamed = {"House": {"Pieces": PLANT["House"]["Parts"], "Care!": PLANT["House"]["Care"]}}
    bring(tmp_path, write({**renamed, "Yard": PLANT["Yard"]}))
    (unit,) = load(tmp_path).chapters[0].units
    assert [topic.title for topic in unit.topics] == ["Pieces", "Upkeep"]


OTHER = write({"Roof": {"Tiles": ["Tiles overlap downhill."]}}, "Roofing")


def test_other_notes_are_added_and_each_is_updated_on_its_own(tmp_path: Path) -> None:
    questions = reviewed(tmp_path)
    added = bring(tmp_path, OTHER, "roof")
    assert (added.how, added.changes.gone) == (How.ADDED, [])
    pack = load(tmp_path)
    assert [chapter.title for chapter in pack.chapters] == ["House", "Yard", "Roof"]
    assert {q.id for q in pack.questions if not q.draft} == {*questions.values()}
    again = bring(tmp_path, OTHER.replace("downhill", "down the hill"), "roof")
    assert (again.how, again.former, again.changes.gone) == (How.EDITION, "roof", [])
    assert len(texts(load(tmp_path))) == 7
    assert bring(tmp_path, write(PLANT)).how is How.EDITION
    assert len(texts(load(tmp_path))) == 7


def test_notes_with_equal_titles_inside_are_kept_apart(tmp_path: Path) -> None:
    bring(tmp_path, write(PLANT))
    bring(tmp_path, write({"House": {"Parts": ["Bricks bear loads."]}}, "Building"), "building")
    pack = load(tmp_path)
    assert [c.title for c in pack.chapters].count("House") == 2
    assert texts(pack).keys() >= {"Bricks bear loads.", "Valves keep water back."}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (write({"X": {"Y": ["Something else entirely."]}}, "Other"), "plant"),
        (write({"X": {"Y": ["Something else entirely."]}}, "heating PLANT"), "other"),
        (write({"X": {"Y": [*RESTED]}}, "Other"), "other"),
    ],
    ids=["name", "title", "half of the notes"],
)
def test_a_new_edition_is_recognized_by(tmp_path: Path, text: str, name: str) -> None:
    bring(tmp_path, write(PLANT))
    assert bring(tmp_path, text, name).how is How.EDITION


def test_notes_can_be_added_though_they_look_like_an_edition(tmp_path: Path) -> None:
    bring(tmp_path, write(PLANT))
    added = bring(tmp_path, write({"X": {"Y": ["Something else."]}}), how=How.ADDED)
    assert added.how is How.ADDED
    assert len(texts(load(tmp_path))) == 7


def test_what_replaced_notes_leave_without_a_place_is_kept_aside(tmp_path: Path) -> None:
    questions = reviewed(tmp_path)
    report = bring(tmp_path, OTHER, "roof", how=How.REPLACED)
    assert report.how is How.REPLACED
    assert {*report.dropped} == {*questions.values()}
    pack = load(tmp_path)
    assert [*texts(pack)] == ["Tiles overlap downhill."]
    (aside,) = (tmp_path / "pack/dropped").iterdir()
    assert all(f"id: {each}" in aside.read_text() for each in report.dropped)
    bring(tmp_path, write(PLANT), how=How.REPLACED)
    assert aside.is_file()


def test_a_question_on_a_gone_note_stays_with_it_and_is_to_be_rechecked(tmp_path: Path) -> None:
    questions = reviewed(tmp_path)
    note = texts(load(tmp_path))["Slabs need a firm bed."]
    report = bring(tmp_path, write({"House": PLANT["House"]}))
    assert note in report.changes.gone
    assert report.recheck == (questions[note],)
    assert texts(load(tmp_path)).keys() == {*PLANT["House"]["Parts"], *PLANT["House"]["Care"]} | {
        "Slabs need a firm bed."
    }


def test_two_packs_never_have_the_same_id(tmp_path: Path) -> None:
    ids = set()
    for number, title in enumerate(["Notes", "Notes", "土", "Заметки", "🌱"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        ids.add(bring(folder, write(PLANT, title), "notes").pack)
    assert len(ids) == 5
    again = bring(tmp_path / "0", write(PLANT, "Notes"), "notes")
    assert again.pack in ids


def test_files_of_others_stay(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    (pack / ".git").mkdir(parents=True)
    (pack / ".git/HEAD").write_text("main")
    (pack / "README.md").write_text("mine")
    bring(tmp_path, write(PLANT))
    bring(tmp_path, write(MOVES["chapters are merged"]))
    assert (pack / ".git/HEAD").read_text() == "main"
    assert (pack / "README.md").read_text() == "mine"
    assert not (pack / ".import").exists()
    assert sorted(path.name for path in (pack / "notes").iterdir()) == ["house.yaml"]


def test_after_an_error_every_file_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewed(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "pack").rglob("*.*")}
    # Two of the pack's own notes with an id that the new ones would get.
    monkeypatch.setattr("content.importing.packing._Packer._make_id", lambda *_: "same")
    with pytest.raises(BrokenPack) as raised:
        bring(tmp_path, write({"New": {"Things": ["One more.", "And more."]}}), how=How.ADDED)
    assert {problem.file for problem in raised.value.problems} == {str(tmp_path / "plant.md")}
    assert {problem.line for problem in raised.value.problems} >= {8}
    assert {path: path.read_bytes() for path in (tmp_path / "pack").rglob("*.*")} == before
