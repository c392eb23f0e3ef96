"""A question's version: what changes it, and that nothing else has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from content import loader
from content.model import Case, Matching, Question, ShortAnswer
from tests.content.packs import write_pack

PINNED = Path(__file__).parents[1] / "data" / "versions.txt"
"""All ids and versions in the bundled pack. Update it when the pack's questions change, never when
the model changes: all questions that are open would count as changed."""

Q = "questions/one.yaml"
QUESTIONS: TypeAdapter[Question] = TypeAdapter(Question)


def test_the_bundled_packs_versions_have_not_changed() -> None:
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    assert len(pack.questions) == 630
    lines = sorted(f"{question.id} {question.version}" for question in pack.questions)
    assert lines == sorted(PINNED.read_text().splitlines())


def test_versions_with_rare_fields_have_not_changed(tmp_path: Path) -> None:
    """As they were before any field was left out of what's hashed."""
    folder = write_pack(
        tmp_path,
        (Q, "    accepted: [thing]", "    exact: true\n    accepted: [thing]"),
        (Q, "      - text: That\n", "      - text: That\n        pinned: last\n"),
    )
    assert [question.version for question in loader.load(folder, cache=None).questions] == [
        "67ae1ec9f446",
        "a73cd682afe3",
        "b7929242c95b",
        "d52a2c7e3d12",
        "e576d6073d49",
        "e2622f31fbd1",
        "4acc84afce60",
    ]


def test_exact_changes_a_version_only_if_set() -> None:
    pack = loader.load(loader.find_pack("dp100"), cache=None)
    short = next(each for each in pack.questions if isinstance(each, ShortAnswer))
    data = short.model_dump()
    assert ShortAnswer.model_validate(data | {"exact": False}).version == short.version
    assert ShortAnswer.model_validate(data | {"exact": True}).version != short.version


UNSET: dict[str, Any] = {
    "origin": "written",
    "case": None,
    "code": None,
    "apart": [],
    "spares": [],
}
SET: dict[str, Any] = {
    "origin": "drafted",
    "source": "Chapter 3 of the handbook",
    "case": {"id": "shop", "text": "A shop sells lamps."},
    "code": {"text": "print(1)"},
    "spares": ["rains"],
}


def test_a_new_field_changes_a_version_only_if_it_is_set_and_seen(tmp_path: Path) -> None:
    pack = loader.load(write_pack(tmp_path), cache=None)
    question = next(each for each in pack.questions if isinstance(each, Matching))
    data = question.model_dump()
    assert not UNSET.keys() & data.keys()
    assert QUESTIONS.validate_python(data | UNSET).version == question.version
    assert QUESTIONS.validate_python(data | {"apart": ["q1"]}).version == question.version
    versions = {QUESTIONS.validate_python(data | {name: SET[name]}).version for name in SET}
    assert len({question.version, *versions}) == 1 + len(SET)


@pytest.mark.parametrize(
    ("case", "same"), [(("store", "A shop."), True), (("shop", "Shut."), False)]
)
def test_a_cases_text_is_part_of_the_version_but_its_id_is_not(
    tmp_path: Path, case: tuple[str, str], same: bool
) -> None:
    question = loader.load(write_pack(tmp_path), cache=None).questions[0]
    before, after = (
        question.model_copy(update={"case": Case(id=id_, text=text)}).version
        for id_, text in (("shop", "A shop."), case)
    )
    assert (before == after) is same
