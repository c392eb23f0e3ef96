"""Loading packs: a valid one completely and fast, a broken one with all its problems."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content import loader, quality
from content.documents import MAX_PROBLEMS, MAX_VALUES
from content.exporting import export_pack
from content.files import MAX_FILE_BYTES, BrokenPack
from content.model import Pack, SingleChoice
from tests.content.packs import FILES, NOTES, write_pack

N, Q, P = "notes/one.yaml", "questions/one.yaml", "pack.yaml"


def problems(folder: Path) -> list[str]:
    """Problems as `file:line:column: message`, with paths relative to the pack's folder."""
    with pytest.raises(BrokenPack) as broken:
        loader.load(folder, cache=None)
    return [str(each).removeprefix(f"{folder}/") for each in broken.value.problems]


def test_a_valid_pack_loads_completely(tmp_path: Path) -> None:
    pack = loader.load(write_pack(tmp_path), cache=None)
    assert (pack.id, pack.title, pack.exam, pack.drafts) == ("mini", "Mini", None, False)
    assert pack.chapters[0].units[0].topics[0].notes[1].text == "Another fact."
    assert [question.kind for question in pack.questions] == [
        "single",
        "multiple",
        "true_false",
        "ordering",
        "matching",
        "short_answer",
        "numeric",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (Q, "    stem: Which one?", "    stemm: Which one?",
         [f"{Q}:2:5: `stem` is missing; add it",
          f"{Q}:8:5: unknown key `stemm`; did you mean `stem`?"]),
        (N, "    title: The unit\n", "", [f"{N}:2:5: `title` is missing; add it"]),
        (Q, "difficulty: 2", "difficulty: hard",
         [f"{Q}:7:17: `difficulty` is \"hard\"; use a whole number from 1 to 5"]),
        (Q, "difficulty: 2", "difficulty: 9",
         [f"{Q}:7:17: `difficulty` is `9`; use a whole number from 1 to 5"]),
        (Q, "level: apply", "level: guess",
         [f"{Q}:6:12: `level` is \"guess\"; use 'remember', 'understand' or 'apply'"]),
        (Q, "kind: single", "kind: singel",
         [f"{Q}:3:11: `kind` is \"singel\"; use one of: single, multiple, true_false, ordering, "
          "matching, short_answer, numeric"]),
        (Q, "value: 100", "value: many", [f"{Q}:76:12: `value` is \"many\"; use a number"]),
        (Q, "tolerance: 2\n", "tolerance: -2\n",
         [f"{Q}:77:16: `tolerance` is `-2`; use a number, 0 or more"]),
        (Q, "tolerance: 2\n", "tolerance: 2\n    relative_tolerance: 0.1\n",
         [f"{Q}:69:5: use `tolerance` or `relative_tolerance`, not both"]),
        (Q, "unit: ms", "unit_synonyms: [ms]",
         [f"{Q}:69:5: `unit_synonyms` needs a `unit`; add the unit to show"]),
        (P, 'version: "1"', "version: 1.10",
         [f"{P}:3:10: `version` is `1.10`, which YAML doesn't read as text; put it in quotes: "
          '"1.10"']),
        (Q, "text: That", "text: no",
         [f"{Q}:12:15: `text` is `no`, which YAML doesn't read as text; put it in quotes: "
          '"no"']),
        (Q, "[first, second, third]", "[first, 2026-01-01, third]",
         [f"{Q}:44:20: item 2 of `items` is `2026-01-01`, which YAML doesn't read as text; put "
          'it in quotes: "2026-01-01"']),
        (Q, "[fact-1]", "fact-1",
         [f"{Q}:5:12: `notes` is \"fact-1\"; use a list, with one `- ` per line"]),
        (Q, "answer: true", "answer: 'yes'",
         [f"{Q}:34:13: `answer` is \"yes\"; use true or false, without quotes"]),
        (P, "id: mini", "id: My Pack",
         [f"{P}:1:5: \"My Pack\" isn't an id; use lowercase words joined by hyphens"]),
        (N, "https://example.org/topic", "example.org",
         [f"{N}:7:14: `url` is \"example.org\"; use a web address that starts with https:// "
          "and has no spaces"]),
        (P, "language: en", "language: English",
         [f"{P}:4:11: `language` is \"English\"; use a language code such as `en`"]),
        (Q, "    stem: Which one?\n", "    stem: Which one?\n    stem: Again?\n",
         [f"{Q}:9:5: `stem` is duplicated, first on line 8; keep one"]),
        (Q, "- id: q2", "- id: q1",
         [f"{Q}:15:9: the question id `q1` is duplicated, first at {{folder}}/{Q}:2:9; "
          "change one"]),
        (N, "- id: fact-2", "- id: fact-1",
         [f"{N}:12:17: the note id `fact-1` is duplicated, first at {{folder}}/{N}:10:17; "
          "change one",
          f"{Q}:18:21: there's no note `fact-2`; did you mean `fact-1`?",
          f"{Q}:30:13: there's no note `fact-2`; did you mean `fact-1`?",
          f"{Q}:40:13: there's no note `fact-2`; did you mean `fact-1`?",
          f"{Q}:49:13: there's no note `fact-2`; did you mean `fact-1`?",
          f"{Q}:61:13: there's no note `fact-2`; did you mean `fact-1`?",
          f"{Q}:72:13: there's no note `fact-2`; did you mean `fact-1`?"]),
        (Q, "notes: [fact-1]", "notes: [fact-9]",
         [f"{Q}:5:13: there's no note `fact-9`; did you mean `fact-1`?"]),
        (Q, "topic: topic", "topic: zebra",
         [f"{Q}:4:12: there's no topic `zebra`; add that topic or change the id"]),
        (Q, "        correct: true\n", "        why: Hm.\n",
         [f"{Q}:2:5: mark exactly one option `correct: true`; 0 are marked"]),
        (Q, "        why: It is not.\n", "        correct: true\n",
         [f"{Q}:2:5: mark exactly one option `correct: true`; 2 are marked"]),
        (Q, "        why: It is not.\n", "        why: ''\n",
         [f"{Q}:12:9: a wrong option needs `why`: explain why it's wrong"]),
        (Q, "text: That", "text: ' THIS'",
         [f"{Q}:12:9: the option `THIS` is duplicated; change or remove one"]),
        (Q, "[dog, barks]", "[cat, barks]",
         [f"{Q}:55:9: the left side `cat` is duplicated; change or remove one"]),
        (Q, "{text: thong", "{text: Thing",
         [f"{Q}:67:9: `Thing` is both accepted and rejected; remove one"]),
        (N, "    topics:", "\t topics:",
         [f"{N}:4:1: this line is indented with a tab; use spaces"]),
        (N, "text: Another fact.", "text: &a Another fact.\n            line: *a",
         [f"{N}:13:19: anchors and aliases aren't supported; write the text out",
          f"{N}:14:19: anchors and aliases aren't supported; write the text out"]),
        (N, "text: Another fact.", "text: !!python/name:os.system x",
         [f"{N}:13:19: the tag `tag:yaml.org,2002:python/name:os.system` isn't supported; "
          "remove it"]),
        (N, "text: Another fact.", "text: [open",
         [f"{N}:14:1: this isn't valid YAML: did not find expected ',' or ']', while parsing a "
          "flow sequence; check indentation, colons and quotes"]),
        (N, "A fact about", "A\x01fact about", [f"{N}:11:20: control character U+0001; remove it"]),
        (N, "Another fact.", '"An\\0ther"', [f"{N}:13:19: control character U+0000; remove it"]),
        (N, "A fact", "A\u2028fact", [f"{N}:11:20: control character U+2028; remove it"]),
        (Q, "answer: true", "answer: true\n    options: []",
         [f"{Q}:35:5: unknown key `options`; remove it"]),
        (Q, "stem: Which one?", "stem: on\n    single: {stem: x}",
         [f'{Q}:8:11: `stem` is `on`, which YAML doesn\'t read as text; put it in quotes: "on"',
          f"{Q}:9:5: unknown key `single`; remove it"]),
        (Q, "stem: Which one?", "stem:", [f"{Q}:8:10: `stem` is empty; write some text"]),
        (Q, "[first, second, third]", "[first]",
         [f"{Q}:44:12: `items` needs at least 3 entries, it has 1"]),
        (Q, "stem: Which one?", f"stem: {'x' * 1501}",
         [f"{Q}:8:11: `stem` has 1,501 characters; shorten it to 1,500"]),
        (Q, "    kind: single\n", "",
         [f"{Q}:2:5: `kind` is missing; add one of: single, multiple, true_false, ordering, "
          "matching, short_answer, numeric"]),
        (Q, "{text: Two, correct: true}", "{text: Two, why: No.}",
         [f"{Q}:15:5: mark at least two options `correct: true` and leave at least one wrong; "
          "1 of 3 are marked"]),
        (P, "weight: 100", "weight: heavy",
         [f'{P}:9:13: `weight` is "heavy"; use a number above 0, up to 100']),
        (P, "  - id: one", '  - id: "o\\0ne"',
         [f'{P}:7:9: "o ne" isn\'t an id; use lowercase words joined by hyphens',
          f"{P}:7:9: control character U+0000; remove it"]),
        (P, "weight: 100\n", "weight: 100\n  - {id: one, title: Again, weight: 1}\n",
         [f"{P}:10:10: the chapter id `one` is duplicated, first at {{folder}}/{P}:7:9; "
          "change one"]),
        (N, "units:\n", "units:\n  - {id: unit, title: U, topics: [{id: topic, title: T}]}\n",
         [f"{N}:3:9: the unit id `unit` is duplicated, first at {{folder}}/{N}:2:10; change one",
          f"{N}:6:13: the topic id `topic` is duplicated, first at {{folder}}/{N}:2:40; "
          "change one"]),
        (N, "text: Another fact.", "text: !!bool maybe",
         [f"{N}:13:19: the tag `tag:yaml.org,2002:bool` isn't supported; remove it"]),
        (N, "text: Another fact.", "text: 2026-13-45",
         [f"{N}:13:19: YAML can't read this as a number or date; put it in quotes to make it "
          "text"]),
        (N, "id: fact-1\n            text: A", "id: &a fact-1\n            text: [A",
         [f"{N}:10:17: anchors and aliases aren't supported; write the text out",
          f"{N}:12:15: this isn't valid YAML: did not find expected ',' or ']', while parsing a "
          "flow sequence; check indentation, colons and quotes"]),
    ],
)  # fmt: skip
def test_each_problem_has_its_position_and_a_fix(
    tmp_path: Path, name: str, old: str, new: str, expected: list[str]
) -> None:
    folder = write_pack(tmp_path, (name, old, new))
    assert problems(folder) == [each.format(folder=folder) for each in expected]


def test_all_problems_in_all_files_are_listed_at_once(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path,
        (P, 'version: "1"', "version: 2"),
        (P, "weight: 100", "weight: 0"),
        (N, "title: The topic", "titel: The topic"),
        (N, "- id: fact-2", "- id: fact-1"),
        (Q, "stem: Which one?", "difficulty: 3"),
        (Q, "level: understand", "level: deep"),
        (Q, "notes: [fact-1, fact-2]", "notes: [fact-1, fact-3]"),
        (Q, "answer: true", "answer: maybe"),
        (Q, "items: [first, second, third]", "items: [first, second, First]"),
        (Q, "topic: topic\n    notes: [fact-2]\n    level: remember\n    difficulty: 1\n"
            "    stem: What is", "topic: tropic\n    notes: [fact-1]\n    level: remember\n"
            "    difficulty: 1\n    stem: What is"),
    )  # fmt: skip
    found = problems(folder)
    for part in (
        "`version` is `2`",
        "`weight`",
        "unknown key `titel`",
        "`title` is missing",
        "the note id `fact-1` is duplicated",
        "`difficulty` is duplicated",
        "`stem` is missing",
        '`level` is "deep"',
        "there's no note `fact-3`",
        '`answer` is "maybe"',
        "the item `First` is duplicated",
        "there's no topic `tropic`",
    ):
        assert sum(part in problem for problem in found) == 1, part


def test_a_byte_that_is_not_utf_8_is_located(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    for start in (b"", b"\xef\xbb\xbf"):
        (folder / N).write_bytes(start + NOTES.encode().replace(b"Another", b"An\xf6ther"))
        assert problems(folder) == [f"{N}:13:21: byte 0xf6 isn't UTF-8; save the file as UTF-8"]
    (folder / N).write_bytes(NOTES.encode("utf-16"))
    assert problems(folder)[0] == f"{N}:1:1: byte 0xff isn't UTF-8; save the file as UTF-8"


def test_a_byte_order_mark_and_crlf_are_accepted(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    for name, text in FILES.items():
        (folder / name).write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert len(loader.load(folder, cache=None).questions) == 7


def test_a_billion_laughs_attack_is_rejected_before_it_expands(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    lines = ["a0: &a0 [ha]"] + [f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 30)]
    (folder / N).write_text("\n".join(lines))
    assert any("anchors and aliases" in problem for problem in problems(folder))


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_deep_nesting_is_a_problem_not_a_crash(tmp_path: Path, text: str) -> None:
    folder = write_pack(tmp_path)
    (folder / N).write_text(text)
    assert problems(folder)


@pytest.mark.parametrize("number", ["9" * 5000, "0x" + "f" * 5000, "1" + ":1" * 100_000])
@pytest.mark.parametrize("key", ["stem: Which one?", "difficulty: 2"])
def test_a_number_of_any_length_is_a_problem_not_a_crash(
    tmp_path: Path, key: str, number: str
) -> None:
    folder = write_pack(tmp_path, (Q, key, f"{key.split(':', 1)[0]}: {number}"))
    assert any("YAML can't read this as a number" in problem for problem in problems(folder))


@pytest.mark.parametrize("text", ["\0", "\0\n", "\ta\n", "- *a\n", "- {}\n"])
def test_the_number_of_problems_per_file_is_limited(tmp_path: Path, text: str) -> None:
    folder = write_pack(tmp_path)
    (folder / Q).write_text("questions:\n" + text * 20_000)
    found = problems(folder)
    assert len(found) == MAX_PROBLEMS + 1
    assert "fix these to see the rest" in found[-1]


def test_a_file_with_too_many_values_is_rejected(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / Q).write_text(f"questions: [{'a,' * (MAX_VALUES + 9)}]")
    assert [each.split(": ")[1] for each in problems(folder)] == [
        f"more than {MAX_VALUES:,} values; split the chapter here"
    ]


def test_a_problem_is_always_one_printable_line(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path,
        (Q, "notes: [fact-1]", "notes: |\n      one\n      two"),
        (Q, "kind: multiple", 'kind: "\\e[2J"'),
        (P, "title: Mini", f'? "{"x" * 9000}"\n: 1'),
    )
    found = problems(folder)
    assert f'{Q}:5:12: `notes` is "one two "; use a list, with one `- ` per line' in found
    assert all(each.isprintable() and len(each) < 500 for each in found)


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "just text\n", "- a\n- b\n", "7\n"])
def test_a_file_without_content_is_a_problem(tmp_path: Path, text: str) -> None:
    for name in FILES:
        folder = write_pack(tmp_path)
        (folder / name).write_text(text)
        assert problems(folder)


def test_a_second_document_in_a_file_is_a_problem(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / N).write_text(NOTES + "---\n" + NOTES)
    assert problems(folder) == [f"{N}:14:1: a second document starts here; keep one per file"]


def test_a_huge_file_is_rejected_unread(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    with (folder / N).open("wb") as file:
        file.truncate(50_000_000)
    assert problems(folder) == [
        f"{N}:1:1: the file has 50,000,000 bytes, and the limit is {MAX_FILE_BYTES:,}; "
        "split the chapter"
    ]


def test_a_link_outside_the_pack_is_not_followed(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    outside = tmp_path / "secret.yaml"
    outside.write_text(NOTES)
    (folder / N).unlink()
    (folder / N).symlink_to(outside)
    refused = f"{N}:1:1: this link points outside the pack; copy the file into it"
    assert problems(folder) == [refused]
    (folder / N).unlink()
    (folder / "notes").rmdir()
    (tmp_path / "one.yaml").write_text(NOTES)
    (folder / "notes").symlink_to(tmp_path)
    assert problems(folder) == [refused]


def test_a_link_inside_the_pack_is_followed_but_a_loop_is_not(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / N).rename(folder / "kept.yaml")
    (folder / N).symlink_to(folder / "kept.yaml")
    assert loader.load(folder, cache=None).questions
    (folder / "kept.yaml").unlink()
    (folder / "kept.yaml").symlink_to(folder / N)
    assert problems(folder) == [f"{N}:1:1: this link points to itself; put a YAML file here"]


def test_missing_files_folders_and_pipes_are_problems(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / N).unlink()
    assert problems(folder) == [f"{N}:1:1: the file is missing; create it"]
    (folder / N).mkdir()
    assert "isn't a file" in problems(folder)[0]
    (folder / N).rmdir()
    os.mkfifo(folder / N)
    assert "isn't a file" in problems(folder)[0]
    (folder / P).unlink()
    assert problems(folder) == [f"{P}:1:1: the file is missing; create it"]


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("name", ["nowhere", "file", "a\0b", "x" * 5000])
def test_anything_but_a_folder_is_a_problem(tmp_path: Path, name: str, cached: bool) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrokenPack, match=r":1:1: this (isn't|doesn't|can't)"):
        loader.load(tmp_path / name, cache=tmp_path / "cache" if cached else None)


def test_an_unreadable_file_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_pack(tmp_path)
    allowed = Path.read_bytes

    def guarded(path: Path) -> bytes:
        """What the system does to everyone but root, who may run these tests."""
        if path.name == "one.yaml":
            raise PermissionError(13, "Permission denied")
        return allowed(path)

    monkeypatch.setattr(Path, "read_bytes", guarded)
    assert "Permission denied" in problems(folder)[0]


def test_a_chapter_can_have_notes_only(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / Q).unlink()
    assert loader.load(folder, cache=None).questions == []
    (folder / "questions").rmdir()
    assert loader.load(folder, cache=None).questions == []


def test_questions_that_cannot_be_looked_at_do_not_count_as_missing(tmp_path: Path) -> None:
    folder = write_pack(tmp_path)
    (folder / Q).unlink()
    (folder / "questions").rmdir()
    (folder / "questions").touch()
    assert problems(folder) == [f"{Q}:1:1: can't read the file (Not a directory); make it readable"]


def test_a_pack_is_found_by_name_or_path_and_an_error_lists_the_known_ones(
    tmp_path: Path,
) -> None:
    assert loader.find_pack("dp100") in loader.list_bundled()
    assert loader.find_pack(str(tmp_path)) == tmp_path
    with pytest.raises(BrokenPack, match=r"nowhere:1:1: this doesn't exist; .*dp100"):
        loader.find_pack("nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(BrokenPack, match="isn't a folder"):
        loader.find_pack(str(tmp_path / "file"))
    with pytest.raises(BrokenPack, match="can't be opened"):
        loader.find_pack("x" * 5000)


def test_a_cached_pack_is_the_same_and_an_edit_takes_effect_at_once(tmp_path: Path) -> None:
    folder, cache = write_pack(tmp_path / "pack"), tmp_path / "cache"
    first = loader.load(folder, cache=cache)
    assert loader.load(folder, cache=cache) == first
    assert len(list(cache.iterdir())) == 1
    write_pack(folder, (P, "title: Mini", "title: Maxi"))
    assert loader.load(folder, cache=cache).title == "Maxi"
    assert len(list(cache.iterdir())) == 1


def test_findings_are_counted_again_only_when_the_pack_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, cache = write_pack(tmp_path / "pack"), tmp_path / "cache"
    pack = loader.load(folder, cache=cache)
    found = len(quality.examine(pack).findings)
    assert found
    assert loader.count_findings(folder, pack, cache=cache) == found
    with monkeypatch.context() as patched:
        patched.setattr(quality, "examine", lambda _: pytest.fail("checked twice"))
        assert loader.count_findings(folder, pack, cache=cache) == found
    (kept,) = cache.glob("*.findings")
    for damage in (b"", b"\xff\xfe", kept.read_bytes()[:-1] + b"x"):
        kept.write_bytes(damage)
        assert loader.count_findings(folder, pack, cache=cache) == found
    write_pack(folder, (Q, "text: That", "text: All of the above"))
    pack = loader.load(folder, cache=cache)
    assert loader.count_findings(folder, pack, cache=cache) == len(quality.examine(pack).findings)
    assert loader.count_findings(folder, pack, cache=cache) > found


def test_an_option_is_pinned_last_or_not_at_all(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, (Q, "why: It is not.", "why: It is not.\n        pinned: last"))
    pack = loader.load(folder, cache=None)
    loose = loader.load(write_pack(tmp_path / "loose"), cache=None)
    question = pack.questions[0]
    assert isinstance(question, SingleChoice)
    assert question.options[1].pinned == "last"
    assert pack.questions[0].version != loose.questions[0].version
    assert Pack.model_validate_json(pack.model_dump_json()) == pack
    assert export_pack(pack)["questions"][0]["options"][1]["pinned"] == "last"
    assert export_pack(loose)["questions"][0]["options"][1].keys() == {"text", "correct", "why"}
    folder = write_pack(tmp_path, (Q, "why: It is not.", "why: It is not.\n        pinned: first"))
    (problem,) = problems(folder)
    assert "`pinned`" in problem
    assert "last" in problem


def test_a_question_without_a_pinned_option_keeps_its_version(tmp_path: Path) -> None:
    pack = loader.load(write_pack(tmp_path), cache=None)
    assert pack.questions[0].version == "768a53225978"


def test_a_damaged_or_unwritable_cache_does_no_harm(tmp_path: Path) -> None:
    folder, cache = write_pack(tmp_path / "pack"), tmp_path / "cache"
    pack = loader.load(folder, cache=cache)
    (kept,) = cache.iterdir()
    for damage in (b"", b"\xff\xfe", kept.read_bytes()[:100]):
        kept.write_bytes(damage)
        assert loader.load(folder, cache=cache) == pack
    kept.unlink()
    kept.mkdir()
    assert loader.load(folder, cache=cache) == pack
    assert list(cache.iterdir()) == [kept]
    assert loader.load(folder, cache=Path("/proc/none")) == pack


def test_an_unchanged_pack_comes_from_the_cache(tmp_path: Path) -> None:
    folder, cache = write_pack(tmp_path / "pack"), tmp_path / "cache"
    loader.load(folder, cache=cache)
    (kept,) = cache.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b'"Mini"', b'"Kept"'))
    assert loader.load(folder, cache=cache).title == "Kept"
    assert loader.load(folder, cache=None).title == "Mini"


@pytest.mark.parametrize("key", ["license", "licence"])
def test_a_license_can_be_spelled_in_two_ways(tmp_path: Path, key: str) -> None:
    folder = write_pack(tmp_path, (P, "license: MIT", f"{key}: MIT"))
    pack = loader.load(folder, cache=tmp_path / "cache")
    assert pack.license == "MIT"
    assert loader.load(folder, cache=tmp_path / "cache") == pack
    assert export_pack(pack)["license"] == "MIT"


def test_a_license_is_given_once(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, (P, "license: MIT", "license: MIT\nlicence: MIT"))
    assert problems(folder) == [f"{P}:6:1: unknown key `licence`; did you mean `license`?"]
    folder = write_pack(tmp_path, (P, "license: MIT\n", ""))
    assert problems(folder) == [f"{P}:1:1: `license` is missing; add it"]


def test_a_broken_pack_is_not_cached(tmp_path: Path) -> None:
    folder, cache = write_pack(tmp_path / "pack", (P, "id: mini", "id: Mini")), tmp_path / "cache"
    with pytest.raises(BrokenPack):
        loader.load(folder, cache=cache)
    assert not cache.exists()


def test_a_file_name_that_is_not_text_does_no_harm(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "pack")
    # Some file systems only allow names that are text.
    with suppress(OSError):
        Path(os.fsdecode(os.fsencode(folder) + b"/notes/\xff.yaml")).touch()
    assert loader.load(folder, cache=tmp_path / "cache").questions


def test_the_export_has_the_documented_format(tmp_path: Path) -> None:
    data = json.loads(json.dumps(export_pack(loader.load(write_pack(tmp_path), cache=None))))
    assert (data["id"], data["title"], data["version"]) == ("mini", "Mini", "1")
    topic = data["chapters"][0]["units"][0]["topics"][0]
    assert topic["url"] == "https://example.org/topic"
    assert topic["aliases"] == ["thing"]
    assert topic["notes"][0] == {"id": "fact-1", "text": "A fact about `things`."}
    questions = {each["kind"]: each for each in data["questions"]}
    assert questions["single"] == {
        "id": "q1",
        "kind": "single",
        "topic": "topic",
        "notes": ["fact-1"],
        "level": "apply",
        "difficulty": 2,
        "stem": "Which one?",
        "rationale": "So say the notes.",
        "draft": False,
        "options": [
            {"text": "This", "correct": True, "why": ""},
            {"text": "That", "correct": False, "why": "It is not."},
        ],
    }
    assert questions["true_false"]["options"] == [
        {"text": "True", "correct": True, "why": ""},
        {"text": "False", "correct": False, "why": "It is."},
    ]
    assert questions["ordering"]["items"] == ["first", "second", "third"]
    assert questions["matching"]["pairs"][0] == ["cat", "meows"]
    assert questions["short_answer"]["accepted"] == ["thing"]
    assert questions["short_answer"]["rejected"] == [{"text": "thong", "why": "That is a sandal."}]
    assert questions["short_answer"]["exact"] is False
    assert questions["numeric"]["value"] == 100
    assert questions["numeric"]["unit"] == "ms"
    assert [kind for kind, each in questions.items() if "options" in each] == [
        "single",
        "multiple",
        "true_false",
    ]


def test_the_schema_describes_every_file_of_a_pack() -> None:
    schema = loader.build_schemas()
    assert schema["pack.yaml"]["additionalProperties"] is False
    assert "units" in schema["notes/*.yaml"]["properties"]
    assert "SingleChoice" in schema["questions/*.yaml"]["$defs"]


def test_a_question_gets_a_new_version_only_when_members_see_a_difference(tmp_path: Path) -> None:
    def version(*changes: tuple[str, str, str]) -> str:
        return loader.load(write_pack(tmp_path, *changes), cache=None).questions[0].version

    original = version()
    assert version((Q, "difficulty: 2", "difficulty: 4")) == original
    assert version((Q, "text: That", "text: Those")) != original


def mutations(text: str) -> st.SearchStrategy[str]:
    """The text with a random piece replaced."""
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, 30))
    return st.builds(
        lambda span, new: text[: span[0]] + new + text[span[0] + span[1] :],
        spans,
        st.text(max_size=12)
        | st.sampled_from(["- ", ": ", "\n", "[", "{", "&a ", "*a", "!!int ", "0x", "1:1", "\t"]),
    )


@given(
    st.sampled_from(sorted(FILES)).flatmap(
        lambda name: (
            st.tuples(st.just(name), mutations(FILES[name]).map(str.encode))
            | st.tuples(st.just(name), st.binary(max_size=200))
        )
    )
)
@settings(max_examples=150, deadline=None)
def test_loading_always_ends_with_a_pack_or_its_problems(
    change: tuple[str, bytes],
) -> None:
    name, raw = change
    with TemporaryDirectory() as folder:
        write_pack(Path(folder))
        (Path(folder) / name).write_bytes(raw)
        with suppress(BrokenPack):
            loader.load(Path(folder), cache=None)
