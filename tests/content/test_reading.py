"""Reading notes as people write them: nothing is lost without a word."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from content import loader
from content.importing.importer import ImportReport, import_notes
from content.importing.outline import Fact, Topic
from content.importing.readers import sources
from content.importing.readers.sources import NoteFile, Source
from content.importing.reading import Reading, read_notes
from content.loader import BrokenPack
from content.model import Pack
from content.yaml_files import dump


def read(text: str | bytes, encoding: str | None = None) -> Reading:
    raw = text.encode() if isinstance(text, str) else text
    return read_notes(Source("notes", [NoteFile("", raw, "notes")]), encoding)


def topics(found: Reading) -> list[Topic]:
    return [topic for chapter in found.outline.chapters for topic in chapter.topics]


def facts(text: str | bytes) -> list[Fact]:
    return [fact for topic in topics(read(text)) for fact in topic.facts]


def texts(text: str | bytes) -> list[str]:
    return [fact.text for fact in facts(text)]


def left_out(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.what) for each in read(text).left_out]


def imported(folder: Path, text: str, name: str = "notes.md") -> tuple[ImportReport, Pack]:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    report = import_notes([file], folder / "pack")
    return report, loader.load(folder / "pack", cache=None)


def outline(pack: Pack) -> dict[str, list[str]]:
    return {c.title: [t.title for u in c.units for t in u.topics] for c in pack.chapters}


# What stopped an import


@pytest.mark.parametrize(
    ("text", "chapters", "left"),
    [
        ("# T\n\n## A\n\n- a b\n\n## Empty\n\n## B\n\n- c d\n", ["A", "B"], [(7, "Empty")]),
        ("# T\n\n## A\n\n### X\n\n### Y\n\n- a b\n\n## B\n\n- c d\n", ["A", "B"], [(5, "X")]),
        ("# T\n\n##\n\n- a b\n\n## B\n\n- c d\n", ["T", "B"], []),
        ("# T\n\n## ![a can](can.png)\n\n- a b\n\n## B\n\n- c d\n", ["a can", "B"], []),
        ("# T\n\n## ![](can.png)\n\n- a b\n\n## B\n\n- c\n", ["T", "B"], [(3, "can.png")]),
        ("# T\n\nBefore.\n\n## B\n\n- c d\n", ["T", "B"], []),
        ("no heading\n", ["notes"], []),
        ("---\ntitle: F\n---\n\n## A\n\n- a b\n\n## B\n\n- c d\n", ["A", "B"], []),
    ],
    ids=["chapter", "topic", "untitled", "picture", "no alt", "intro", "none", "front matter"],
)
def test_odd_headings_stop_no_import(
    tmp_path: Path, text: str, chapters: list[str], left: list[tuple[int, str]]
) -> None:
    report, pack = imported(tmp_path, text)
    assert [*outline(pack)] == chapters
    assert [(each.line, each.what) for each in report.left_out] == left


def test_more_than_fifty_chapters_are_topics_of_one(tmp_path: Path) -> None:
    _, pack = imported(tmp_path, "".join(f"## Question {n}\n\nAnswer {n}.\n\n" for n in range(60)))
    assert outline(pack) == {"notes": [f"Question {n}" for n in range(60)]}


def test_drafts_that_do_not_fit_are_not_made(tmp_path: Path) -> None:
    long = "A step that goes on and on, so that all of them are longer than a text can be. " * 4
    terms = "".join(
        f"- **{term}**: {words}\n"
        for term, words in [
            ("Pressure Valve", "keeps water from flowing back again"),
            ("Pressure valve", "another author wrote almost equal words"),
            ("Manometer", "shows how hard everything pushes outward"),
            ("Circulator", "moves warm liquid around each floor"),
            ("Dispatcher", "starts whenever somebody drops new files"),
        ]
    )
    _, pack = imported(tmp_path, f"# H\n\n## A\n\n{f'1. {long}{chr(10)}' * 8}\n## B\n\n{terms}")
    assert any(question.rule == "definition" for question in pack.questions)
    assert not any(question.rule == "steps" for question in pack.questions)


def test_topics_that_share_the_start_of_their_ids_have_drafts_of_their_own(tmp_path: Path) -> None:
    title = "A heading whose first words are the same as those of"
    text = "# T\n\n" + "".join(
        f"## {title} {part}\n\n- `{part}_name`: what this {part} parameter does {part}wards\n\n"
        for part in ("alpha", "beta")
    )
    _, pack = imported(tmp_path, text)
    assert len({question.id for question in pack.questions}) == 2
    assert len({question.topic for question in pack.questions}) == 2


def test_a_step_list_ends_with_its_list(tmp_path: Path) -> None:
    text = "# T\n\n## A\n\n1. What is it?\n\nB. This.\n\n2. And that?\n\nC. So.\n\n3. Why?\n"
    _, pack = imported(tmp_path, text)
    assert not any(question.rule == "steps" for question in pack.questions)


# List items, code and pictures


def test_all_of_a_list_item_is_read() -> None:
    found = facts(
        "# T\n\n- **Loam**: sand and clay\n\n  It holds water.\n\n  > Said Ann.\n\n"
        "  ```py\n  x  =  1\n  ```\n\n  - Best kind\n    - of all\n\n"
        "  | Use | For |\n  |---|---|\n  | beds | roses |\n"
    )
    assert [(fact.group, fact.text) for fact in found] == [
        ("", "Loam: sand and clay"),
        ("Loam", "It holds water."),
        ("Loam", "Said Ann."),
        ("Loam", "Best kind"),
        ("Best kind", "of all"),
        ("Loam", "beds – roses"),
    ]
    assert found[2].code
    assert (found[2].code.lang, found[2].code.text) == ("py", "x  =  1")


def test_lists_are_read_to_any_depth() -> None:
    depth = 60
    text = "".join(f"{'  ' * level}- level {level} here\n" for level in range(depth))
    assert texts(text) == [f"level {level} here" for level in range(depth)]


def test_code_is_kept_byte_for_byte(tmp_path: Path) -> None:
    code = "\tif a<b | c:  \n\n    x = 'é'  # <br> [[no]] ==no==\n| a |\n|---|\n| b |"
    report, pack = imported(tmp_path, f"# T\n\n## A\n\nRun this:\n\n```python\n{code}\n```\n")
    (note,) = pack.chapters[0].units[0].topics[0].notes
    assert (note.text, note.code and note.code.text) == ("Run this:", code)
    assert (report.left_out, report.repairs) == ((), ())


def test_indented_code_is_kept_as_it_is_written() -> None:
    (fact,) = facts("# T\n\nRun this:\n\n    a <br> b </br>\n      | c\n")
    assert fact.code
    assert fact.code.text == "a <br> b </br>\n  | c"


def test_code_without_a_note_above_it_is_a_note() -> None:
    (fact,) = facts("# T\n\n## Slicing\n\n```python\nx[1:2]\n```\n\n## E\n")
    assert (fact.text, fact.code and fact.code.text) == ("", "x[1:2]")


def test_long_code_is_split_at_the_ends_of_lines() -> None:
    code = "\n".join(f"line {number}" for number in range(900))
    found = facts(f"# T\n\nAll:\n\n```text\n{code}\n```\n")
    parts = [fact.code.text for fact in found if fact.code]
    assert len(parts) > 1
    assert "\n".join(parts) == code


def test_pictures_on_the_web_are_kept_and_others_listed() -> None:
    text = "# T\n\nA valve.\n\n![Cut](https://example.org/v.png)\n\n![Map](maps/a.png)\n"
    (fact,) = facts(text)
    assert fact.picture
    assert (fact.picture.alt, fact.picture.url) == ("Cut", "https://example.org/v.png")
    assert left_out(text) == [(7, "Map (maps/a.png)")]
    assert "picture not kept" in read(text).left_out[0].why


# Tables


def test_a_vocabulary_gives_a_note_a_row_and_keeps_its_headings(tmp_path: Path) -> None:
    report, pack = imported(
        tmp_path,
        "# Spanish\n\n## Animals\n\n| Spanish | English | Notes |\n|---|---|---|\n"
        "| perro | dog | barks |\n| gato | cat | |\n\nBoth are pets.\n",
    )
    (topic,) = pack.chapters[0].units[0].topics
    assert (topic.title, [note.text for note in topic.notes]) == (
        "Animals",
        ["perro – dog; Notes: barks", "gato – cat", "Both are pets."],
    )
    table = topic.notes[0].table
    assert table
    assert (table.head, len(table.rows)) == (["Spanish", "English", "Notes"], 2)
    assert report.left_out == ()


def test_a_comparison_gives_a_note_a_cell_with_both_headings() -> None:
    text = "# T\n\n| | TCP | UDP |\n|---|---|---|\n| Speed | slow | fast |\n| Order | yes | no |\n"
    assert texts(text) == [
        "TCP – Speed: slow",
        "UDP – Speed: fast",
        "TCP – Order: yes",
        "UDP – Order: no",
    ]


def test_what_follows_an_outline_table_belongs_to_its_section() -> None:
    found = read(
        "# T\n\n## House\n\n| Unit | Topic | Notes |\n|---|---|---|\n| U | Roof | Tiles. |\n\n"
        "Built of brick.\n\n## Yard\n\n- Gravel.\n"
    )
    shape = {topic.title: [fact.text for fact in topic.facts] for topic in topics(found)}
    assert shape == {"Roof": ["Tiles."], "House": ["Built of brick."], "Yard": ["Gravel."]}


def test_breaks_in_a_cell_of_facts_join_its_lines() -> None:
    assert texts("# T\n\n| A | B |\n|---|---|\n| x | - one<br>- two |\n") == ["x – one; two"]


# Texts


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("- mRNA carries a plan.", "mRNA carries a plan."),
        ("- pH of `kubectl  get`", "pH of `kubectl  get`"),
        ("3.5 mm jacks are common.", "3.5 mm jacks are common."),
        (r"- The set $\{1, 2\}$ and $a*b*c$.", r"The set $\{1, 2\}$ and $a*b*c$."),
        ("- It costs $5 or $6.", "It costs $5 or $6."),
        ("- if $a<b$ then `x<y`", "if $a<b$ then `x<y`"),
        ("- [ ] Read [[Offers|the offer]]", "Read the offer"),
        ("- A ==sealed **deed**== binds", "A sealed deed binds"),
        ("- See [[Law/Post#When|post]] and [[Law/Torts]]", "See post and Torts"),
        ("[[Offer]]", "Offer"),
        ("- H<sub>2</sub>O is <b>wet</b>", "H₂O is wet"),
        ("- A List<String> of `<b>`", "A List<String> of `<b>`"),
        ('- <router-link to="/a">Basics</router-link>', "Basics"),
        ("- Press <kbd>Ctrl</kbd>", "Press `Ctrl`"),
        ("- ~~Old~~ new &amp; better", "Old new & better"),
        ("- It holds.[^1]\n\n[^1]: Mostly.", "It holds. (Mostly.)"),
        ("- A note with a mark. ^a1b2c3", "A note with a mark."),
        ("Term\n: what it means", "Term: what it means"),
        ("> [!warning] Careful", "Careful"),
        (":::tip\nDrink water.\n:::", "Drink water."),
        ("<!-- hidden -->Seen.", "Seen."),
        ("See <https://example.org>.", "See https://example.org."),
    ],
)
def test_texts_are_read_as_they_are_meant(line: str, text: str) -> None:
    assert texts(f"# T\n\n{line}\n") == [text]


def test_callouts_and_details_head_what_is_in_them() -> None:
    assert [
        (fact.group, fact.text) for fact in facts("# T\n\n> [!note]- Offer\n> It binds.\n")
    ] == [("Offer", "It binds.")]
    hidden = "# T\n\n<details><summary>More</summary>\n\n- It binds.\n\n</details>\n"
    assert [(fact.group, fact.text) for fact in facts(hidden)] == [("More", "It binds.")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- [A](#a)\n  - [B](#b)\n", "table of contents"),
        ("1. [A](#a)\n2. [B](#b)\n", "table of contents"),
        ("**[⬆ Back to top](#t)**\n", "link within the notes"),
        ("[TOC]\n", "mark of a website"),
        ("{% include nav.html %}\n", "mark of a website"),
        ("%% for me %%\n", "comment"),
        ("- Known. #exam\n", "tags"),
    ],
)
def test_what_is_no_statement_is_left_out_with_its_reason(text: str, why: str) -> None:
    found = read(f"# T\n\n## A\n\nFirst.\n\n{text}")
    assert [each.why for each in found.left_out] == [why]
    assert found.left_out[0].line == 7


def test_formulas_are_kept_and_not_drafted_from(tmp_path: Path) -> None:
    text = "# T\n\n## A\n\n$$\n\\sum_{i=1}^{n} i\n= n\n$$\n\n- $x^2$\n"
    found = facts(text)
    assert [fact.text for fact in found] == ["$$ \\sum_{i=1}^{n} i = n $$", "$x^2$"]
    assert all(fact.is_formula for fact in found)
    assert imported(tmp_path, text)[0].drafts == 0


def test_front_matter_names_the_pack(tmp_path: Path) -> None:
    report, pack = imported(
        tmp_path,
        "---\ntitle: Wetter\nlang: de\ntags: [a, b]\n---\n\n## Wolken\n\n- Cirrus ist hoch.\n",
    )
    assert (pack.title, pack.language) == ("Wetter", "de")
    assert [(each.line, each.what) for each in report.left_out] == [(4, "tags: [a, b]")]
    assert "front matter read: title, lang" in {each.what for each in report.repairs}


def test_toml_front_matter_and_other_names_are_read() -> None:
    found = read('+++\ntitle = "Law"\naliases = ["Jus"]\n+++\n\nIt binds.\n')
    assert (found.outline.title, topics(found)[0].aliases) == ("Law", ["Jus"])


# Encodings


@pytest.mark.parametrize(
    "raw",
    [
        "# Café\n\n- crème\n".encode(encoding)
        for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")
    ],
)
def test_encodings_are_recognized(raw: bytes) -> None:
    assert texts(raw) == ["crème"]


def test_longer_texts_are_recognized_by_their_letters() -> None:
    text = "# Заметки\n\n- Вода кипит при ста градусах, а замерзает при нуле.\n" * 3
    found = read(text.encode("cp1251"))
    assert "Вода кипит" in topics(found)[0].facts[0].text
    assert any("not UTF-8" in each.what for each in found.repairs)


def test_a_given_encoding_is_used_or_refused() -> None:
    raw = "# T\n\n- 水很深\n".encode("gb18030")
    assert [fact.text for topic in topics(read(raw, "gb18030")) for fact in topic.facts] == [
        "水很深"
    ]
    with pytest.raises(BrokenPack, match="this isn't utf-8"):
        read(raw, "utf-8")
    with pytest.raises(BrokenPack, match="no encoding `klingon`"):
        read(raw, "klingon")


def test_marks_within_a_text_are_removed_and_said() -> None:
    found = read("# T\n\n- \ufeffCool.\n")
    assert topics(found)[0].facts[0].text == "Cool."
    assert [each.line for each in found.repairs] == [3]


# Folders and zips

VAULT = {
    "index.md": "# Law\n\n- [Offers](offers.md)\n- [[Acceptance]]\n",
    "Acceptance.md": "It binds. See [the offer](offers.md#when).\n",
    "offers.md": "# Offers\n\n## When\n\nAt once. See [[Acceptance]].\n\n![](map.png)\n",
    "map.png": "",
}


def write_vault(folder: Path) -> None:
    for name, text in VAULT.items():
        (folder / name).write_text(text, encoding="utf-8")


def check_vault(report: ImportReport, pack: Pack) -> None:
    assert (pack.title, outline(pack)) == (
        "Law",
        {"Offers": ["When"], "Acceptance": ["Acceptance"]},
    )
    by_title = {t.title: t for c in pack.chapters for u in c.units for t in u.topics}
    assert by_title["When"].related == [by_title["Acceptance"].id]
    assert by_title["Acceptance"].related == [by_title["When"].id]
    left = {(each.file, each.what) for each in report.left_out}
    assert {("map.png", "map.png"), ("offers.md", "map.png")} <= left


def test_a_folder_is_ordered_by_its_index_and_its_links_relate_topics(tmp_path: Path) -> None:
    (tmp_path / "vault").mkdir()
    write_vault(tmp_path / "vault")
    report = import_notes([tmp_path / "vault"], tmp_path / "pack")
    check_vault(report, loader.load(tmp_path / "pack", cache=None))


def test_a_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "vault.zip", "w") as archive:
        for name, text in VAULT.items():
            archive.writestr(f"vault/{name}", text)
    report = import_notes([tmp_path / "vault.zip"], tmp_path / "pack")
    check_vault(report, loader.load(tmp_path / "pack", cache=None))


def test_several_files_are_ordered_by_number(tmp_path: Path) -> None:
    files = [tmp_path / f"{number} part.md" for number in (10, 2, 1)]
    for file in files:
        file.write_text(f"Of {file.stem}.\n")
    import_notes(files, tmp_path / "pack")
    pack = loader.load(tmp_path / "pack", cache=None)
    assert [*outline(pack)] == ["1 part", "2 part", "10 part"]


def test_what_is_too_large_or_no_text_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, raw: bytes, message: str) -> None:
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(BrokenPack, match=message):
            import_notes([tmp_path / name], tmp_path / "pack")
        assert not (tmp_path / "pack").exists()

    def zipped(**files: str) -> bytes:
        path = tmp_path / "made.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(f"{name}.md", text)
        return path.read_bytes()

    refuse("a.md", b"a" * 5_000_001, "limit is 5 MB; split the file")
    refuse("b.md", b"%PDF-1.7", "this is a PDF file, not Markdown")
    refuse("c.md", zipped(a="x"), "a zip or Office file")
    refuse("d.zip", b"PK\x03\x04nonsense", "can't unpack this zip")
    refuse("e.zip", zipped(a="a" * 1_000_000), "over 100 times its size")
    monkeypatch.setattr(sources, "MAX_FILES", 1)
    refuse("f.zip", zipped(a="x", b="y"), "over 1 files of notes")
    monkeypatch.setattr(sources, "MAX_BYTES", 1)
    refuse("g.zip", zipped(a="xyz"), "the limit is 0 MB")


# Everything is accounted for

WORD = st.integers(0, 10**6).map(lambda number: f"w{number}x")
INLINE = st.sampled_from(
    ["{}", "**{}**", "*{}* {}", "`{}`", "[{}](https://example.org/a)", "[[a/b|{}]]", "=={}==",
     "${}$", "{}[^1]", "![{}](a.png)", "<b>{}</b>", "~~{}~~", "{} <{}>", "[{}](#a)", "{} #{}"]
)  # fmt: skip
BLOCK = st.sampled_from(
    ["# {}", "## {}", "### {}", "#### {}", "##### {}", "##", "{}", "{}\n{}", "- {}\n- {}",
     "- {}\n\n  {}\n\n  - {}\n    - {}", "1. {}\n2. {}", "> {}", "> [!note] {}\n> {}",
     "| {} | {} |\n|---|---|\n| {} | {} |\n| {} |",
     "|  | {} | {} |\n|---|---|---|\n| {} | {} | {} |",
     "| unit | topic | notes |\n|---|---|---|\n| {} | {} | {}<br>- {} |\n| | {} | |",
     "```sh\n{} | {}\n```", "    {}", "~~~\n{}\n~~~", "$$\n{}\n$$", "{}\n: {}", "[^1]: {}",
     "[^z]: {}", "---", "***", "<details><summary>{}</summary>\n\n{}\n\n</details>", "{}\n===",
     "<!-- {}\n{} -->", "%% {} %%", ":::note {}\n{}\n:::", "[{}]: https://example.org", "- [ ] {}",
     "**{}**", "**{}**\n\n- {}", "{}:\n- {}", "<table><tr><td>{}</td><td>{}</td></tr></table>",
     "- ```\n  {}\n  ```", "- [{}](#a)\n- [{}](#b)", "{{% {} %}}", "{}<br>{}<br>- {}"]
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Markdown in which no word stands twice."""
    words = iter(f"w{number}x" for number in range(10_000))

    def fill(template: str, parts: Sequence[str]) -> str:
        return template.format(*parts)

    blocks = []
    for block in draw(st.lists(BLOCK, min_size=1, max_size=14)):
        inlines = [draw(INLINE) for _ in range(block.count("{}"))]
        texts = [fill(each, [next(words), next(words)]) for each in inlines]
        blocks.append(fill(block, texts))
    front = draw(st.sampled_from(["", "---\ntitle: w9998x\ntags: w9999x\n---\n\n"]))
    return front + draw(st.sampled_from(["\n\n", "\n"])).join(blocks) + "\n"


@given(documents())
@example("**w0x**\n\n- ```\n  w2x\n  ```\n")
@example("- w0x\n\n**w1x**\n\n- ```\n  w2x\n  ```\n")
@example("- w0x\n\n**w1x**\n\n- ![w2x](https://example.org/p.png)\n")
@settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_word_is_in_the_pack_or_on_a_line_that_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    folder = tmp_path_factory.mktemp("notes")
    try:
        report, pack = imported(folder, text)
    except BrokenPack as broken:
        assert "no notes found" in str(broken)  # noqa: PT017 - both outcomes are fine
        return
    listed = " ".join(each.what for each in report.left_out)
    kept = dump(pack.model_dump(mode="json")) + listed
    left = {number for each in report.audit if each.fate.startswith("left out")
            for number in range(each.first, each.last + 1)}  # fmt: skip
    left |= {each.line for each in report.left_out}
    addresses = re.compile(r"^\[.*\]: https://example\.org$", re.MULTILINE)
    for number, line in enumerate(addresses.sub("", text).split("\n"), 1):
        missing = [word for word in re.findall(r"w\d+x", line) if word not in kept]
        assert not missing or number in left, (number, line, missing, report.left_out)


@given(documents())
@settings(max_examples=50, deadline=None)
def test_every_line_that_says_something_is_in_the_audit(text: str) -> None:
    found = read(text)
    known = {number for each in found.audit for number in range(each.first, each.last + 1)} | {
        each.line for each in found.left_out
    }
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"w\d+x", line):
            assert number in known, (number, line)
