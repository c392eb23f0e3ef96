"""`studyhall pack import`: turns notes into a pack, and updates it when the notes change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from content.files import BrokenPack, Problem
from content.importing.outline import Omission, read_outline
from content.importing.packing import Changes
from content.importing.repairs import Repair, repair
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

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-serializable data."""
        return asdict(self)


def import_notes(
    source: Path, out: Path, progress: Progress = lambda *_: None, how: How | None = None
) -> ImportReport:
    """Read study notes in Markdown, and write or update the pack in a folder. `how` is given to add
    the notes or to replace all others by them.

    Raises BrokenPack if the notes can't be read, the folder holds anything but an imported pack,
    or that pack is broken.
    """
    lines, repairs = repair(_read(source))
    progress("Reading", 1, 4)
    found = read_outline(lines)
    if not any(topic.facts for c in found.chapters for u in c.units for topic in u.topics):
        raise _make_error(source, "no notes found; docs/importing.md shows what's read")
    progress("Outline", 2, 4)
    imported, update = update_pack(
        out, source, found, how, lambda step: progress(step, 3 if step == "Drafting" else 4, 4)
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
        repairs=tuple(repairs),
        left_out=tuple(found.left_out),
        set_aside=tuple(update.set_aside),
        dropped=tuple(update.dropped),
    )


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise _make_error(source, f"can't read the notes: {error.strerror}") from None


def _make_error(path: Path, message: str) -> BrokenPack:
    return BrokenPack([Problem(str(path), 1, 1, message)])
