"""`studyhall pack import`: turns notes into a pack, and updates it when the notes change."""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from content import loader
from content.drafting import draft
from content.files import BrokenPack, Problem
from content.importing.ledger import AuditLine
from content.importing.lines import Omission, Repair
from content.importing.packing import (
    MAX_TITLE_CHARS,
    Changes,
    ImportRecord,
    PackedNotes,
    pack_outline,
    slugify,
)
from content.importing.reading import read_notes
from content.importing.readers.sources import Source, collect
from content.model import Chapter, NotesFile, Pack, PackFile, QuestionsFile
from content.placing import must_follow_others
from content.yaml_files import dump, parse

RECORD_FILE = "import.json"
"""In the pack's folder: what was imported, so that the next import knows its own work."""

Progress = Callable[[str, int, int], None]
"""Called with the current step, the number of steps done and their total."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found, fixed, left out and wrote."""

    pack: str
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
    *,
    encoding: str | None = None,
) -> ImportReport:
    """Read study notes in Markdown, and write or update the pack in a folder.

    The notes are a file, several files, a folder or a zip.

    Raises BrokenPack if the notes can't be read, the folder holds anything but an imported pack,
    or that pack is broken.
    """
    with _without_collecting():
        return _import(collect(sources), sources[0], out, progress, encoding)


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
    source: Source, path: Path, out: Path, progress: Progress, encoding: str | None
) -> ImportReport:
    progress("Reading", 1, 4)
    reading = read_notes(source, encoding)
    found = reading.outline
    if not any(topic.facts for chapter in found.chapters for topic in chapter.topics):
        raise _make_error(path, "no notes found; docs/importing.md shows what's read")
    progress("Outline", 2, 4)
    record, before = _load_previous(out)
    questions = {c.id: _read_questions(out, c.id) for c in before.chapters} if before else {}
    packed = pack_outline(found, record, _collect_texts(before))
    recheck = _mark_for_recheck(packed.changes, questions.values())
    progress("Drafting", 3, 4)
    drafted = draft(packed.chapters, packed.facts)
    known = {each["id"] for group in questions.values() for each in group} | {*record.drafted}
    for chapter, drafts in drafted.items():
        fresh = [each for each in drafts if each["id"] not in known]
        questions.setdefault(chapter, []).extend(fresh)
        packed.record.drafted += [each["id"] for each in fresh]
    pinned = _pin(questions.values())
    head = _read_head(out) if before else _make_head(found.title or source.title, found.language)
    files = _build_files(head, packed, before, questions)
    imported = None if before else _assemble(files)
    set_aside = _write(out, files, packed.record, record)
    progress("Writing", 4, 4)
    imported = imported or loader.load(out, cache=None)
    return ImportReport(
        pack=imported.id,
        chapters=len(imported.chapters),
        units=sum(len(chapter.units) for chapter in imported.chapters),
        topics=sum(len(unit.topics) for chapter in imported.chapters for unit in chapter.units),
        notes=len(packed.facts),
        drafts=sum(question.draft for question in imported.questions),
        changes=packed.changes,
        recheck=tuple(recheck),
        pinned=tuple(pinned),
        repairs=tuple(reading.repairs),
        left_out=tuple(reading.left_out),
        set_aside=tuple(set_aside),
        audit=tuple(reading.audit),
    )


def _make_error(path: Path, message: str) -> BrokenPack:
    return BrokenPack([Problem(str(path), 1, 1, message)])


def _load_previous(out: Path) -> tuple[ImportRecord, Pack | None]:
    """What the last import left in the folder."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return ImportRecord(), None
    if not (out / RECORD_FILE).is_file():
        raise _make_error(out, "this folder isn't empty and wasn't imported; choose a new one")
    try:
        record = ImportRecord(**json.loads((out / RECORD_FILE).read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise _make_error(
            out / RECORD_FILE, "this record is damaged; import into a new folder"
        ) from None
    return record, loader.load(out, cache=None)


def _collect_texts(before: Pack | None) -> Mapping[str, str]:
    return {
        note.id: note.text
        for chapter in (before.chapters if before else ())
        for unit in chapter.units
        for topic in unit.topics
        for note in topic.notes
    }


def _read_questions(out: Path, chapter: str) -> list[dict[str, Any]]:
    path = out / "questions" / f"{chapter}.yaml"
    if not path.is_file():
        return []
    return list(parse(path)["questions"])


def _mark_for_recheck(changes: Changes, questions: Iterable[list[dict[str, Any]]]) -> list[str]:
    """Mark questions whose notes changed or are gone; such drafts are drafted again."""
    stale = {*changes.changed, *changes.gone}
    marked = []
    for group in questions:
        group[:] = [q for q in group if not (q.get("draft") and stale & set(q["notes"]))]
        for question in group:
            if stale & set(question["notes"]):
                question["recheck"] = True
                marked.append(question["id"])
    return marked


def _pin(questions: Iterable[list[dict[str, Any]]]) -> list[str]:
    """Pin options that refer to the others ("all of the above")."""
    marked = []
    for question in chain.from_iterable(questions):
        if "forbidden_option" in question.get("waive", ()):
            continue
        for option in question.get("options", ()):
            if not option.get("pinned") and must_follow_others(option["text"]):
                option["pinned"] = "last"
                marked.append(question["id"])
    return list(dict.fromkeys(marked))


LEVELS = ("units", "topics", "notes")


def _merge(
    old: Sequence[dict[str, Any]],
    new: Sequence[dict[str, Any]],
    levels: Sequence[str],
    drop: Set[str],
) -> list[dict[str, Any]]:
    """The new parts with what people added to the old ones, and old parts not in `drop`."""
    left = {each["id"]: each for each in old}
    result = []
    for each in new:
        kept = left.pop(each["id"], {})
        merged = {**each, **kept} if levels else {**kept, **each}
        if levels:
            merged[levels[0]] = _merge(kept.get(levels[0], ()), each[levels[0]], levels[1:], drop)
        result.append(merged)
    for each in left.values():
        if not levels:
            result += [each] if each["id"] not in drop else []
        elif children := _merge(each[levels[0]], (), levels[1:], drop):
            result.append({**each, levels[0]: children})
    return result


def _read_head(out: Path) -> dict[str, Any]:
    """What `pack.yaml` says besides its chapters, as it's written there."""
    head: dict[str, Any] = parse(out / "pack.yaml")
    return {key: value for key, value in head.items() if key != "chapters"}


def _make_head(title: str, language: str) -> dict[str, Any]:
    return {
        "id": slugify(title) or "pack",
        "title": title[:MAX_TITLE_CHARS],
        "version": "1",
        "language": language or "en",
        "license": "unknown",
        "drafts": False,
    }


def _build_files(
    head: Mapping[str, Any],
    packed: PackedNotes,
    before: Pack | None,
    questions: Mapping[str, Sequence[dict[str, Any]]],
) -> dict[str, Any]:
    """The data of the pack's files by name."""
    cited = {note for group in questions.values() for each in group for note in each["notes"]}
    drop = ({*packed.changes.gone} - cited) | packed.facts.keys()
    old = [each.model_dump(exclude_defaults=True) for each in before.chapters] if before else []
    chapters = _merge(old, packed.chapters, LEVELS, drop)
    share = round(100 / len(chapters), 1)

    listed = [
        {"id": c["id"], "title": c["title"], "weight": c.get("weight", share)} for c in chapters
    ]
    files: dict[str, Any] = {"pack.yaml": {**head, "chapters": listed}}
    for chapter in chapters:
        files[f"notes/{chapter['id']}.yaml"] = {"units": chapter["units"]}
        files[f"questions/{chapter['id']}.yaml"] = {
            "questions": list(questions.get(chapter["id"], ()))
        }
    return files


def _assemble(files: Mapping[str, Any]) -> Pack:
    """A new pack from the data of its files: nobody has edited them yet."""
    head = PackFile.model_validate(files["pack.yaml"])
    return Pack(
        **head.model_dump(exclude={"chapters"}),
        chapters=[
            Chapter(
                **entry.model_dump(),
                units=NotesFile.model_validate(files[f"notes/{entry.id}.yaml"]).units,
            )
            for entry in head.chapters
        ],
        questions=[
            question
            for entry in head.chapters
            for question in QuestionsFile.model_validate(
                files[f"questions/{entry.id}.yaml"]
            ).questions
        ],
    )


def _write(
    out: Path, files: Mapping[str, Any], record: ImportRecord, before: ImportRecord
) -> list[str]:
    """Write the files that changed; hand-edited ones are backed up first."""
    set_aside = []
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            if parse(path) == data:
                record.files[name] = before.files.get(name, "")
                continue
            if _digest(path.read_bytes()) != before.files.get(name):
                shutil.copy(path, path.with_name(f"{path.name}.bak"))
                set_aside.append(name)
        raw = dump(data).encode()
        path.write_bytes(raw)
        record.files[name] = _digest(raw)
    text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
    (out / RECORD_FILE).write_text(text + "\n", encoding="utf-8")
    return set_aside


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
