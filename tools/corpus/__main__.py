"""Imports the notes of files.tsv from a folder of their copies, and prints what each becomes:
`python -m tools.corpus FOLDER`, where a file is at OWNER+NAME/PATH.

`words` are those of the file that are neither in the pack nor in what's listed as left out; links'
addresses and what's between `<` and `>` don't count.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from pathlib import Path

from content.importing.importer import ImportReport, import_notes
from content.loader import BrokenPack
from content.yaml_files import parse

LIST = Path(__file__).parent / "files.tsv"
_ADDRESS = re.compile(r"\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)|<[^<>\n]*>")
_MARKUP = re.compile(
    r"\[![\w-]+\]|^\s*\[[^\]]+\]:.*$|^```.*$|\[\[[^\]|]*\||\[\^[^\]]*\]", re.MULTILINE
)


def main() -> int:
    """Import every file of the list; fails if one can't be, or loses a word."""
    folder = Path(sys.argv[1])
    bad = 0
    print("chapters topics notes drafts left-out not-read words file")
    for row in LIST.read_text(encoding="utf-8").splitlines():
        repository, _, name = row.split("\t")
        file = folder / repository.replace("/", "+") / name
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "pack"
            try:
                report = import_notes([file], out)
            except BrokenPack as broken:
                print(f"FAILED {repository} {name}: {broken}")
                bad += 1
                continue
            lost = find_lost_words(file.read_text(encoding="utf-8-sig"), report, out)
        unread = sum(each.why == "not read" for each in report.left_out)
        figures = (report.chapters, report.topics, report.notes, report.drafts)
        print(*figures, len(report.left_out), unread, len(lost), repository, name, *lost[:5])
        bad += bool(lost)
    return bad


def find_lost_words(text: str, report: ImportReport, out: Path) -> list[str]:
    """The words of a file that the pack and the report know nothing of."""
    left_out = {each.line for each in report.left_out}
    spans = [(p.first, p.last) for p in report.audit if p.fate.startswith("left out")]
    for first, last in spans:
        left_out |= {*range(first, last + 1)}
    kept = html.unescape(
        " ".join(str(parse(path)) for path in [*out.glob("*.yaml"), *out.glob("notes/*.yaml")])
    )
    known = {*re.findall(r"[^\W_]+", kept)}
    squeezed = re.sub(r"[\W_]+", "", kept)
    read = "\n".join(
        "" if number in left_out else line for number, line in enumerate(text.split("\n"), 1)
    )
    bare = _MARKUP.sub(" ", _ADDRESS.sub("] ", html.unescape(read)))
    bare = re.sub(r"^\s*(?:[-*>]\s+)*\d+[.)]", "", bare, flags=re.MULTILINE)
    return [
        word for word in re.findall(r"[^\W_]+", bare) if word not in known and word not in squeezed
    ]


if __name__ == "__main__":
    sys.exit(main())
