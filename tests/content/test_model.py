"""What notes and questions can hold, and what is said if they hold too much or too little."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content import loader, quality
from content.exporting import export_pack
from content.files import BrokenPack
from content.model import SCHEMA_VERSION, Matching, Note, Pack, QuestionsFile
from tests.content.packs import write_pack

N, Q, P = "notes/one.yaml", "questions/one.yaml", "pack.yaml"
FACT = "            text: Another fact.\n"
STEM = "    stem: Which one?\n"


def load(folder: Path, *changes: tuple[str, str, str]) -> Pack:
    return loader.load(write_pack(folder, *changes), cache=None)


def problems(folder: Path, *changes: tuple[str, str, str]) -> list[str]:
    with pytest.raises(BrokenPack) as broken:
        load(folder, *changes)
    return [str(each).removeprefix(f"{folder}/") for each in broken.value.problems]


def second_note(pack: Pack) -> Note:
    return pack.chapters[0].units[0].topics[0].notes[1]


CODE = '            code: {lang: python, text: "if x:\\n\\treturn `y`\\n"}\n'
TABLE = "            table: {head: [Dog, Perro], rows: [[cat, gato], [cow, '']]}\n"
LONG = "x" * 290
PICTURE = "            picture: {alt: A dog, url: 'https://example.org/dog.png'}\n"


def test_a_note_can_be_code_a_table_or_a_picture_alone(tmp_path: Path) -> None:
    code = second_note(load(tmp_path, (N, FACT, CODE)))
    assert code.code is not None
    assert (code.text, code.code.lang) == ("", "python")
    assert code.code.text == code.words == "if x:\n\treturn `y`\n"
    table = second_note(load(tmp_path, (N, FACT, TABLE)))
    assert table.table is not None
    assert table.table.head == ["Dog", "Perro"]
    assert table.words == "Dog | Perro\ncat | gato\ncow | "
    picture = second_note(load(tmp_path, (N, FACT, FACT + PICTURE)))
    assert picture.picture is not None
    assert picture.picture.url == "https://example.org/dog.png"
    assert picture.words == "Another fact.\nA dog"


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (N, FACT, "",
         [f"{N}:12:13: a note needs `text`, `code`, a `table` or a `picture`; add one"]),
        (N, FACT, '            code: {text: " \\n"}\n',
         [f"{N}:13:26: `text` is empty; write some code"]),
        (N, FACT, "            code: {lang: in Python, text: x}\n",
         [f"{N}:13:26: `lang` is \"in Python\"; use the language's name in one word, such as "
          "`python`"]),
        (N, FACT, "            code: {text: x, txet: y}\n",
         [f"{N}:13:29: unknown key `txet`; did you mean `text`?"]),
        (N, FACT, f"            code: {{text: {'x' * 3001}}}\n",
         [f"{N}:13:26: `text` has 3,001 characters; shorten it to 3,000"]),
        (N, FACT, "            table: {head: [a, b], rows: [[c, d], [e]]}\n",
         [f"{N}:13:50: this row and `head` differ in length: 1 and 2; give each heading a cell, "
          "which can be empty"]),
        (N, FACT, "            table: {head: [a], rows: [['']]}\n",
         [f"{N}:13:38: the table's cells are all empty; fill some"]),
        (N, FACT, f"            table: {{head: [a], rows: [{', '.join([f'[{LONG}]'] * 11)}]}}\n",
         [f"{N}:13:38: the table has 3191 characters; split it, the limit is 3000"]),
        (N, FACT, "            picture: {alt: '', url: dog.png}\n",
         [f"{N}:13:28: `alt` is empty; write some text",
          f"{N}:13:37: `url` is \"dog.png\"; use a web address that starts with https:// and has "
          "no spaces"]),
        (Q, STEM, f"    stem: {'x' * 800}\n    code: {{text: {'y' * 701}}}\n",
         [f"{Q}:9:11: `stem` and `code` have 1501 characters together; shorten them to 1500"]),
        (Q, STEM, STEM + "    case: shop\n",
         [f"{Q}:9:11: there's no case `shop` in this file; add it to `cases` or change the id"]),
        (Q, "questions:\n", "cases: [{id: shop, text: A}, {id: shop, text: B}]\nquestions:\n",
         [f"{Q}:1:35: the case id `shop` is duplicated, first at {{folder}}/{Q}:1:14; change one"]),
        (Q, "questions:\n  - id: q1\n",
         "cases: [{id: shop}]\nquestions:\n  - id: q1\n    case: shop\n",
         [f"{Q}:1:9: `text` is missing; add it"]),
        (Q, STEM, STEM + "    apart: [q2, q1, q99]\n",
         [f"{Q}:9:17: a question can't be kept apart from itself; remove this",
          f"{Q}:9:21: there's no question `q99`; add that question or change the id"]),
        (Q, "    pairs:\n", "    spares: [Meows, sings]\n    pairs:\n",
         [f"{Q}:53:13: the right side `Meows` is duplicated; change or remove one"]),
        (Q, "    pairs:\n", "    spares: [a, b, c, d, e, f]\n    pairs:\n",
         [f"{Q}:53:13: `spares` can have at most 5 entries; remove some"]),
        (Q, "      - [cow, moos]\n",
         "      - [cow, moos]\n      - [fox, yaps]\n    spares: [a, b, c, d, e]\n",
         [f"{Q}:58:13: `pairs` and `spares` have 9 right sides; remove some, the limit is 8"]),
        (Q, STEM, STEM + "    origin: stolen\n",
         [f"{Q}:9:13: `origin` is \"stolen\"; use 'written', 'drafted', 'imported' or 'member'"]),
        (Q, "    rationale: So say the notes.\n", "    origin: drafted\n",
         [f"{Q}:2:5: `rationale` is missing; add it"]),
        (Q, "    rationale: So say the notes.\n", "    rationale: false\n    origin: imported\n",
         [f"{Q}:14:16: `rationale` is `false`, which YAML doesn't read as text; put it in quotes: "
          '"false"']),
        (P, "id: mini\n", "schema_version: 0\nid: mini\n",
         [f"{P}:1:17: `schema_version` is `0`; use a whole number, 1 or more"]),
    ],
)  # fmt: skip
def test_a_mistake_is_said_where_it_is(
    tmp_path: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    said = problems(tmp_path, (file, old, new))
    assert said == [each.replace("{folder}", str(tmp_path)) for each in expected]


def test_a_newer_pack_is_refused_with_one_message(tmp_path: Path) -> None:
    newer = SCHEMA_VERSION + 1
    assert problems(
        tmp_path,
        (P, "id: mini\n", f"schema_version: {newer}\nshape: round\nid: mini\n"),
        (Q, STEM, "    stems: [Which?]\n"),
    ) == [
        f"{P}:1:17: this needs a newer Studyhall: its schema_version is {newer}, and this one "
        f"reads up to {SCHEMA_VERSION}; update Studyhall"
    ]
    assert load(tmp_path, (P, "id: mini\n", f"schema_version: {SCHEMA_VERSION}\nid: mini\n"))


LACKING = {
    "q1": ("    level: apply\n", "    difficulty: 2\n", "    rationale: So say the notes.\n",
           "        why: It is not.\n", "    notes: [fact-1]\n"),
    "q3": ("    why: It is.\n", "    rationale: The notes say so.\n"),
}  # fmt: skip


@pytest.mark.parametrize("origin", ["imported", "member"])
def test_a_question_from_elsewhere_may_lack_explanations(tmp_path: Path, origin: str) -> None:
    pack = load(
        tmp_path,
        (Q, "  - id: q1\n", f"  - id: q1\n    origin: {origin}\n"),
        (Q, "  - id: q3\n", f"  - id: q3\n    origin: {origin}\n"),
        *((Q, each, "") for lines in LACKING.values() for each in lines),
    )
    first, third = pack.questions[0], pack.questions[2]
    assert (first.rationale, first.notes, first.level, first.difficulty) == ("", [], None, None)
    assert third.kind == "true_false"
    assert (third.rationale, third.why) == ("", "")
    found = {f.where: f.message for f in quality.examine(pack).findings if f.check == "unexplained"}
    assert found == {
        "q1": "lacks `notes`, `level`, `difficulty`, `rationale`, `why` in 1 wrong option; members "
        "see that it isn't explained, so add them",
        "q3": "lacks `rationale`, `why`; members see that it isn't explained, so add them",
    }
    again = Pack.model_validate_json(pack.model_dump_json())
    assert again == pack
    assert [each.version for each in again.questions] == [each.version for each in pack.questions]


def test_questions_share_a_case_and_hold_it_whole(tmp_path: Path) -> None:
    pack = load(
        tmp_path,
        (Q, "questions:\n", "cases:\n  - {id: shop, text: A shop sells lamps.}\nquestions:\n"),
        (Q, "  - id: q1\n", "  - id: q1\n    case: shop\n"),
        (Q, "  - id: q2\n", "  - id: q2\n    case: shop\n"),
    )
    texts = [question.case and question.case.text for question in pack.questions[:3]]
    assert texts == ["A shop sells lamps.", "A shop sells lamps.", None]
    assert Pack.model_validate_json(pack.model_dump_json()) == pack
    assert export_pack(pack)["questions"][0]["case"] == {
        "id": "shop",
        "text": "A shop sells lamps.",
    }


def test_questions_with_the_same_words_differ_by_their_code(tmp_path: Path) -> None:
    same = load(tmp_path, (Q, "stem: Which ones?", "stem: Which one?"))
    assert [f.where for f in quality.examine(same).findings if f.check == "near_duplicate"] == [
        "q2"
    ]
    different = load(
        tmp_path,
        (Q, STEM, STEM + "    code: {text: 'sorted(rows, key=len)[0]'}\n"),
        (Q, "stem: Which ones?", "stem: Which one?\n    code: {text: 'print(min(numbers))'}"),
    )
    assert "near_duplicate" not in {f.check for f in quality.examine(different).findings}


def test_spares_are_right_sides_without_a_match(tmp_path: Path) -> None:
    pack = load(tmp_path, (Q, "    pairs:\n", "    spares: [sings]\n    pairs:\n"))
    question = next(each for each in pack.questions if isinstance(each, Matching))
    assert question.rights == ["meows", "barks", "moos", "sings"]


def test_editors_ask_for_explanations_only_where_they_are_needed() -> None:
    schema: dict[str, Any] = QuestionsFile.model_json_schema()
    single = schema["$defs"]["SingleChoice"]
    assert single["required"] == ["id", "topic", "stem", "kind", "options"]
    assert single["else"]["required"] == ["notes", "level", "difficulty", "rationale"]
    assert single["properties"]["case"]["type"] == "string"
