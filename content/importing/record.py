"""What earlier imports into a pack's folder read, so that the next one knows its own work."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path

from content.files import BrokenPack, Problem

RECORD_FILE = "import.json"
"""In the pack's folder."""


@dataclass(frozen=True, slots=True)
class ImportedNotes:
    """Notes that were imported under one name: their title, and the ids that come from them."""

    title: str = ""
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ImportRecord:
    """The imported notes by name; the titles, links and texts in them by id; the drafted questions;
    and the digests of the written files."""

    parts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    drafted: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    sources: dict[str, ImportedNotes] = field(default_factory=dict)

    def find(self, name: str, title: str, texts: Collection[str]) -> str | None:
        """The name of the notes that these are a new edition of: those with the same name, with the
        same title, or at least half of whose notes are among the texts."""
        for same in (
            lambda known, _: known.casefold() == name.casefold(),
            lambda _, notes: notes.title.casefold() == title.casefold() != "",
            lambda _, notes: (
                2 * sum(self.notes[n] in texts for n in notes.notes) >= len(notes.notes) > 0
            ),
        ):
            for known, notes in self.sources.items():
                if same(known, notes):
                    return known
        return None


def read_record(folder: Path) -> ImportRecord:
    """The record in a pack's folder. Raises BrokenPack if it's damaged."""
    file = folder / RECORD_FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        sources = {name: ImportedNotes(**each) for name, each in data.pop("sources", {}).items()}
        return ImportRecord(**data, sources=sources)
    except (AttributeError, TypeError, ValueError):
        message = "this record is damaged; import into a new folder"
        raise BrokenPack([Problem(str(file), 1, 1, message)]) from None


def write_record(record: ImportRecord) -> bytes:
    """The record as the content of its file."""
    return (json.dumps(asdict(record), ensure_ascii=False, indent=1) + "\n").encode()
