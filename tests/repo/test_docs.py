"""The docs match the code, and each failure says where to document what was added."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import ADAPTERS
from bot.engine.commands import LISTED
from bot.engine.kinds import KINDS
from bot.engine.standings import Window
from bot.settings import Settings
from content import loader
from content.model import Pack
from tools.docs import (
    BLOCKS,
    CHATS,
    ROOT,
    UnknownBlock,
    names_in,
    pages,
    renew,
    without_blocks,
)

DOCS = ROOT / "docs"
SECURITY = (DOCS / "security.md").read_text().partition("## Who can send what")[2]
STALE = "<!-- begin {0}: `make docs` writes this from the code -->\nold\n<!-- end {0} -->\n"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_pages_blocks_are_up_to_date(page: Path) -> None:
    text = page.read_text()
    assert renew(text) == text, f"{page.relative_to(ROOT)} is out of date: run `make docs`"


@pytest.mark.parametrize("block", BLOCKS)
def test_each_block_is_on_a_page(block: str) -> None:
    places = [page.name for page in pages() if block in names_in(page.read_text())]
    assert len(places) == 1, (
        f"the block `{block}` is in {places}: put its two comments, as tools/docs.py has them, "
        "into one page and run `make docs`"
    )


def test_updating_a_block_leaves_the_rest_of_the_page_alone() -> None:
    page = f"before\n{STALE.format('kinds')}after"
    new = renew(page)
    assert "single choice" in new
    assert "old" not in new
    assert (new[:7], new[-5:]) == ("before\n", "after")
    assert renew(new) == new
    assert without_blocks(new) == "before\n\nafter"


def test_an_unknown_block_is_rejected() -> None:
    with pytest.raises(UnknownBlock, match="no block `kindz`; use one of: commands discord"):
        renew(STALE.format("kindz"))


def find_commands(text: str, command: str) -> Iterator[str]:
    """The commands that a page names in code. In a line with `/team create`, both `join` and
    `team join` mean `team join`."""
    start = command.format("")
    for line in text.splitlines():
        family = ""
        for code in re.findall("`([^`]+)`", line):
            words = code.removeprefix(start)
            if code.startswith(start):
                family = words.partition(" ")[0]
            yield from (words, f"{family} {words}")


@pytest.mark.parametrize("platform", CHATS)
@pytest.mark.parametrize("command", LISTED)
def test_each_command_is_explained(platform: str, command: str) -> None:
    page = DOCS / f"{platform}.md"
    found = find_commands(without_blocks(page.read_text()), CHATS[platform].command)
    assert any(f"{words} ".startswith(f"{command} ") for words in found), (
        f"docs/{page.name} doesn't say what `{command}` is for: give it a line in the table below "
        "“What members see”"
    )


def test_find_commands_reads_a_line_that_names_several() -> None:
    page = "| `/team create`, `join` | `/quiz drill` |\n| `leave` | also `team move` |"
    found = set(find_commands(page, "/{}"))
    assert {"team create", "team join", "team move"} <= found
    assert not {"team leave", "drill", "team drill"} & found


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_each_setting_has_a_description(setting: str) -> None:
    assert Settings.model_fields[setting].description, (
        f"give `{setting}` a description in bot/settings.py and run `make docs`"
    )


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The sample pack in docs/packs.md."""
    folder = tmp_path_factory.mktemp("docs") / "my-pack"
    parts = re.split(r"^## (.+)$", (DOCS / "packs.md").read_text(), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    for file, section in {
        "pack.yaml": "pack.yaml",
        "notes/1-basics.yaml": "Notes",
        "questions/1-basics.yaml": "Questions",
    }.items():
        shown = re.search(r"```yaml\n(.*?)```", sections[section], re.DOTALL)
        assert shown, f"docs/packs.md has no YAML below “{section}”"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(shown[1])
    return loader.load(folder, cache=None)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_question_has_a_sample(sample: Pack, kind: str) -> None:
    assert kind in {question.kind for question in sample.questions}, (
        f"docs/packs.md has no `{kind}` question: write one below “Questions”"
    )


@pytest.mark.parametrize("window", Window)
def test_each_window_is_explained(window: Window) -> None:
    text = " ".join((DOCS / "scoring.md").read_text().split())
    sentence = re.search(r"Boards show [^.]+\.", text)
    assert sentence
    assert window.label in sentence[0], (
        f"docs/scoring.md doesn't say what “{window.label}” is: add it to “Boards show …”"
    )


@pytest.mark.parametrize("platform", ADAPTERS)
def test_each_platform_has_a_page_a_column_and_a_link(platform: str) -> None:
    assert platform in CHATS, (
        f"say in CHATS of tools/docs.py how commands are typed in {platform}, and put the blocks "
        f"`commands {platform}` and `settings {platform}` into docs/{platform}.md"
    )
    (columns,) = re.findall(r"^\| \| .+$", (DOCS / "platforms.md").read_text(), re.MULTILINE)
    assert f"| {platform} |" in columns.lower(), (
        f"docs/platforms.md has no column for {platform}: say what differs there, and why"
    )
    assert f"docs/{platform}.md" in (ROOT / "README.md").read_text(), (
        f"README.md doesn't link to docs/{platform}.md: add a line below “More”"
    )


ADDING = (DOCS / "adding.md").read_text()
DIFFS = [each[1] for each in re.findall(r"(?ms)^(`{3,})diff\n(.*?)^\1$", ADDING)]


@pytest.mark.parametrize("diff", DIFFS, ids=lambda diff: diff.split()[2].removeprefix("a/"))
def test_a_diff_in_the_docs_applies(diff: str) -> None:
    tried = subprocess.run(
        ["git", "apply", "--check", "-"],
        cwd=ROOT,
        input=diff,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, f"update this diff in docs/adding.md: {tried.stderr}"


CLAIMS = re.findall(r"^\| (?!claim|who|-)([^|]+) \| ([^|]+) \|$", SECURITY, re.MULTILINE)


@pytest.mark.parametrize(("claim", "tests"), CLAIMS)
def test_each_claim_about_security_has_its_test(claim: str, tests: str) -> None:
    for name in re.findall(r"`([^`]+)`", tests):
        file, _, test = name.partition("::")
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE), name
