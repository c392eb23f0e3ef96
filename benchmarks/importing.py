"""How long notes of a megabyte take to import, against parsing them as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt

from benchmarks.figures import Figure, compare
from content.importing.importer import import_notes

SECTIONS = 6000


def measure() -> Iterator[Figure]:
    """Notes with terms, code and paragraphs, imported into a new folder each time."""
    text = "# Big\n\n" + "".join(
        f"## Heading {n}\n\n- **Term {n}**: a description of the thing {n}\n- Of `code{n}`.\n\n"
        f"A paragraph of text that goes on for a while, to fill the line {n}.\n\n"
        for n in range(SECTIONS)
    )
    with TemporaryDirectory() as scratch:
        notes = Path(scratch) / "notes.md"
        notes.write_text(text, encoding="utf-8")
        folders = (Path(scratch) / f"pack-{number}" for number in count())
        parser = MarkdownIt("commonmark").enable("table")
        yield compare(
            f"importing {len(text) / 1e6:.1f} MB of notes, against parsing them",
            lambda: import_notes([notes], next(folders)),
            lambda: parser.parse(text),
            at_most=4,
            times=3,
        )
