"""`studyhall pack import`: notes in, a pack out, and again when the notes have changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from content import loader
from content.drafting import draft
from content.files import BrokenPack, Problem
from content.importing.outline import LeftOut, outline
from content.importing.packing import TITLE_LENGTH, Changes, Packed, Record, pack, slug
from content.importing.repairs import Repair, mend
from content.model import Pack
from content.placing import speaks_of_others
from content.yaml_files import dumped, parsed

RECORD = "import.json"
"""What was imported, kept in the pack's folder so that a later import knows its own work."""

Progress = Callable[[str, int, int], None]
"""Told a step's name, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found, mended, left out and wrote."""

    pack: str
    chapters: int
    units: int
    topics: int
    notes: int
    drafts: int
    changes: Changes
    recheck: tuple[str, ...]
    pinned: tuple[str, ...]
    """Questions with an option that speaks of the others, which is kept in its place."""
    repairs: tuple[Repair, ...]
    left_out: tuple[LeftOut, ...]
    set_aside: tuple[str, ...]
    """Files edited by hand that were written anew; the old ones are beside them, with `.bak`."""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-able data."""
        return asdict(self)


def import_notes(source: Path, out: Path, progress: Progress = lambda *_: None) -> ImportReport:
    """Read study notes in Markdown and write or renew the pack in a folder.

    Raises BrokenPack where the notes cannot be read, the folder holds something that was not
    imported, or the pack in it is broken.
    """
    lines, repairs = mend(_read(source))
    progress("Reading", 1, 4)
    found = outline(lines)
    if not any(topic.facts for c in found.chapters for u in c.units for topic in u.topics):
        raise _problem(source, "no notes were found; docs/importing.md shows what is read")
    progress("Outline", 2, 4)
    record, before = _before(out)
    questions = {c.id: _own_questions(out, c.id) for c in before.chapters} if before else {}
    packed = pack(found, record, _texts(before))
    recheck = _recheck(packed.changes, questions.values())
    progress("Drafting", 3, 4)
    drafted = draft(packed.chapters, packed.facts)
    kept = {each["id"] for group in questions.values() for each in group}
    for chapter, drafts in drafted.items():
        fresh = [each for each in drafts if each["id"] not in kept | set(record.drafted)]
        questions.setdefault(chapter, []).extend(fresh)
        packed.record.drafted += [each["id"] for each in fresh]
    pinned = _pin(questions.values())
    files = _files(found.title or source.stem, packed, before, questions)
    set_aside = _write(out, files, packed.record, record)
    progress("Writing", 4, 4)
    made = loader.load(out, cache=None)
    return ImportReport(
        pack=made.id,
        chapters=len(made.chapters),
        units=sum(len(chapter.units) for chapter in made.chapters),
        topics=sum(len(unit.topics) for chapter in made.chapters for unit in chapter.units),
        notes=len(packed.facts),
        drafts=sum(question.draft for question in made.questions),
        changes=packed.changes,
        recheck=tuple(recheck),
        pinned=tuple(pinned),
        repairs=tuple(repairs),
        left_out=tuple(found.left_out),
        set_aside=tuple(set_aside),
    )


def _read(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise _problem(source, f"the notes cannot be read: {error.strerror}") from None


def _problem(path: Path, message: str) -> BrokenPack:
    return BrokenPack([Problem(str(path), 1, 1, message)])


def _before(out: Path) -> tuple[Record, Pack | None]:
    """What the folder holds from an import before."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return Record(), None
    if not (out / RECORD).is_file():
        raise _problem(out, "this is not empty and was not imported; name a new folder")
    try:
        record = Record(**json.loads((out / RECORD).read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise _problem(out / RECORD, "this record is damaged; import into a new folder") from None
    return record, loader.load(out, cache=None)


def _texts(before: Pack | None) -> Mapping[str, str]:
    return {
        note.id: note.text
        for chapter in (before.chapters if before else ())
        for unit in chapter.units
        for topic in unit.topics
        for note in topic.notes
    }


def _own_questions(out: Path, chapter: str) -> list[dict[str, Any]]:
    path = out / "questions" / f"{chapter}.yaml"
    if not path.is_file():
        return []
    return list(parsed(path)["questions"])


def _recheck(changes: Changes, questions: Iterable[list[dict[str, Any]]]) -> list[str]:
    """Mark questions that rest on notes which changed or are gone; such drafts are made anew."""
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
    """Keep options that speak of the others ("all of the above") in their place."""
    marked = []
    for question in chain.from_iterable(questions):
        if "forbidden_option" in question.get("waive", ()):
            continue
        for option in question.get("options", ()):
            if not option.get("pinned") and speaks_of_others(option["text"]):
                option["pinned"] = "last"
                marked.append(question["id"])
    return list(dict.fromkeys(marked))


LEVELS = ("units", "topics", "notes")


def _merged(
    old: Sequence[dict[str, Any]],
    new: Sequence[dict[str, Any]],
    levels: Sequence[str],
    drop: Set[str],
) -> list[dict[str, Any]]:
    """The new parts with what people added to the old ones; of the rest, all but `drop`."""
    left = {each["id"]: each for each in old}
    result = []
    for each in new:
        kept = left.pop(each["id"], {})
        merged = {**each, **kept} if levels else {**kept, **each}
        if levels:
            merged[levels[0]] = _merged(kept.get(levels[0], ()), each[levels[0]], levels[1:], drop)
        result.append(merged)
    for each in left.values():
        if not levels:
            result += [each] if each["id"] not in drop else []
        elif children := _merged(each[levels[0]], (), levels[1:], drop):
            result.append({**each, levels[0]: children})
    return result


def _files(
    title: str,
    packed: Packed,
    before: Pack | None,
    questions: Mapping[str, Sequence[dict[str, Any]]],
) -> dict[str, Any]:
    """The data of the pack's files by name."""
    cited = {note for group in questions.values() for each in group for note in each["notes"]}
    drop = ({*packed.changes.gone} - cited) | packed.facts.keys()
    old = [each.model_dump(exclude_defaults=True) for each in before.chapters] if before else []
    chapters = _merged(old, packed.chapters, LEVELS, drop)
    share = round(100 / len(chapters), 1)
    head: dict[str, Any] = (
        before.model_dump(
            exclude_defaults=True, exclude_none=True, exclude={"chapters", "questions"}
        )
        if before
        else {
            "id": slug(title) or "pack",
            "title": title[:TITLE_LENGTH],
            "version": "1",
            "language": "en",
            "licence": "unknown",
            "drafts": False,
        }
    )
    listed = [
        {"id": c["id"], "title": c["title"], "weight": c.get("weight", share)} for c in chapters
    ]
    files: dict[str, Any] = {"pack.yaml": head | {"chapters": listed}}
    for chapter in chapters:
        files[f"notes/{chapter['id']}.yaml"] = {"units": chapter["units"]}
        files[f"questions/{chapter['id']}.yaml"] = {
            "questions": list(questions.get(chapter["id"], ()))
        }
    return files


def _write(out: Path, files: Mapping[str, Any], record: Record, before: Record) -> list[str]:
    """Write what has changed; a file that a person has edited is set aside first."""
    set_aside = []
    for name, data in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            if parsed(path) == data:
                record.files[name] = before.files.get(name, "")
                continue
            if _digest(path.read_bytes()) != before.files.get(name):
                shutil.copy(path, path.with_name(f"{path.name}.bak"))
                set_aside.append(name)
        raw = dumped(data).encode()
        path.write_bytes(raw)
        record.files[name] = _digest(raw)
    text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
    (out / RECORD).write_text(text + "\n", encoding="utf-8")
    return set_aside


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
