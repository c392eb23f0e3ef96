"""`studyhall pack import`: turns notes into a pack, and updates it when the notes change."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from content.importing.ledger import AuditLine
from content.importing.lines import Omission, Repair
from content.importing.packing import Changes
from content.importing.readers.sources import Source, collect, fail
from content.importing.reading import read_notes
from content.importing.updating import How, update_pack

Progress = Callable[[str, int, int], None]
"""Called with the current step, the number of steps done and their total."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found, fixed, left out and wrote."""

    pack: str
    how: How
    former: str
    """The notes that these are a new edition of."""
    chapters: int
    units: int
    topics: int
    notes: int
    drafts: int
    changes: Changes
    recheck: tuple[str, ...]
    pinned: tuple[str, ...]
    """Questions with an option that refers to the others and was pinned."""
    repairs: tuple[Repair, ...]
    left_out: tuple[Omission, ...]
    set_aside: tuple[str, ...]
    """Hand-edited files that were rewritten; their old versions end in `.bak`."""
    dropped: tuple[str, ...]
    """Questions whose notes and topic are gone; they're in the folder `dropped`."""

    audit: tuple[AuditLine, ...]
    """What became of each part of the notes."""

    def as_dict(self, *, audit: bool = False) -> dict[str, Any]:
        """The report as JSON-serializable data."""
        report = asdict(self)
        return report if audit else {k: v for k, v in report.items() if k != "audit"}


def import_notes(
    sources: Sequence[Path],
    out: Path,
    progress: Progress = lambda *_: None,
    how: How | None = None,
    *,
    encoding: str | None = None,
) -> ImportReport:
    """Read study notes in Markdown, and write or update the pack in a folder.

    The notes are a file, several files, a folder or a zip. `how` is given to add them, or to
    replace all others by them; `encoding` if it can't be recognized.

    Raises BrokenPack if the notes can't be read, the folder holds anything but an imported pack,
    or that pack is broken.
    """
    with _without_collecting():
        return _import(collect(sources), sources[0], out, progress, how, encoding)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Don't look for garbage: notes become a million small objects, and nearly all of them stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _import(
    source: Source,
    path: Path,
    out: Path,
    progress: Progress,
    how: How | None,
    encoding: str | None,
) -> ImportReport:
    progress("Reading", 1, 4)
    reading = read_notes(source, encoding)
    found = reading.outline
    if not any(topic.facts for chapter in found.chapters for topic in chapter.topics):
        raise fail(path, "no notes found; docs/importing.md shows what's read")
    progress("Outline", 2, 4)
    imported, update = update_pack(
        out,
        path,
        source.title,
        found,
        how,
        lambda step: progress(step, 3 if step == "Drafting" else 4, 4),
    )
    return ImportReport(
        pack=imported.id,
        how=update.how,
        former=update.former,
        chapters=len(imported.chapters),
        units=sum(len(chapter.units) for chapter in imported.chapters),
        topics=sum(len(unit.topics) for chapter in imported.chapters for unit in chapter.units),
        notes=update.notes,
        drafts=sum(question.draft for question in imported.questions),
        changes=update.changes,
        recheck=tuple(update.recheck),
        pinned=tuple(update.pinned),
        repairs=tuple(reading.repairs),
        left_out=tuple(reading.left_out),
        set_aside=tuple(update.set_aside),
        dropped=tuple(update.dropped),
        audit=tuple(reading.audit),
    )
