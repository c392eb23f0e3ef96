"""Puts imported notes into a pack's folder: as a new pack, as a new edition of notes that are
there, or beside them. What people wrote into the pack stays."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

from content import loader
from content.drafting import draft
from content.files import BrokenPack, Problem
from content.importing.carrying import Earlier, find_places
from content.importing.outline import Outline
from content.importing.packing import (
    MAX_ID_CHARS,
    Changes,
    PackedNotes,
    format_note,
    pack_outline,
    slugify,
    truncate,
)
from content.importing.record import (
    RECORD_FILE,
    ImportedNotes,
    ImportRecord,
    read_record,
)
from content.importing.writing import write_pack
from content.model import Pack
from content.placing import must_follow_others
from content.yaml_files import parse

DROPPED = "dropped"
"""The folder, in the pack's, of questions whose notes and topic are gone."""

HARMLESS = ("README", "LICENSE", "LICENCE")
"""How the names of files start that may be in a new pack's folder before; so may hidden ones."""

LEVELS = ("units", "topics", "notes")

LISTS = {"aliases", "related"}
"""What notes and people can both add to a topic."""

MAX_LISTED = 20
"""The limit of content.model for related topics."""

QuestionData = dict[str, Any]


class How(StrEnum):
    """How notes come into a folder."""

    NEW = "new"
    EDITION = "edition"
    ADDED = "added"
    REPLACED = "replaced"


@dataclass(slots=True)
class Update:
    """A pack after an import, and what changed. `former` names the notes that were there before, if
    they're a new edition of others."""

    how: How
    former: str = ""
    changes: Changes = field(default_factory=Changes)
    notes: int = 0
    recheck: list[str] = field(default_factory=list)
    pinned: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def update_pack(
    out: Path,
    source: Path,
    name: str,
    found: Outline,
    how: How | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Pack, Update]:
    """Put the notes of that name into the pack in a folder, all or nothing. Without `how`, notes
    that are known there become a new edition, and others are added.

    Raises BrokenPack if the folder holds anything but an imported pack, or the pack would be
    broken, and OSError.
    """
    record, before = _load_before(out)
    title = found.title or name
    how, former = _choose(record, before, name, found, how)
    former_names = [*record.sources] if how is How.REPLACED else [former] if former else []
    earlier = _earlier(record, before, former_names)
    packed = pack_outline(found, earlier, [*record.parts, *record.notes])
    questions = [*chain.from_iterable(_read_questions(out, before))]
    update = Update(how, former, packed.changes, len(packed.facts))
    questions = _drop_stale_drafts(questions, packed.changes)
    update.recheck = _mark_for_recheck(questions, packed.changes)
    progress("Drafting")
    chapters = _merge_chapters(before, packed, record, questions, replaced=how is How.REPLACED)
    kept, dropped = _place_questions(questions, chapters)
    update.dropped = [each["id"] for each in dropped]
    known = {each["id"] for each in questions} | {*record.drafted}
    for chapter, drafts in draft(packed.chapters, packed.facts).items():
        fresh = [each for each in drafts if each["id"] not in known]
        kept.setdefault(chapter, []).extend(fresh)
        record.drafted += [each["id"] for each in fresh]
    update.pinned = _pin(chain.from_iterable(kept.values()))
    _note_import(record, former_names, name, title, packed)
    rank = {id_: n for n, each in enumerate(record.sources.values()) for id_ in each.parts}
    chapters.sort(key=lambda chapter: rank.get(chapter["id"], len(rank)))
    head = _read_head(out) if before else _make_head(title, found.language)
    files = _build_files(head, chapters, kept)
    if dropped:
        files[f"{DROPPED}/{_first_free(out, name)}.yaml"] = {"questions": dropped}
    progress("Writing")
    former_files = [
        f"{kind}/{chapter.id}.yaml"
        for chapter in (before.chapters if before else ())
        for kind in ("notes", "questions")
    ]
    pack, update.set_aside = write_pack(out, str(source), files, former_files, record)
    return pack, update


def _load_before(out: Path) -> tuple[ImportRecord, Pack | None]:
    """What earlier imports left in the folder."""
    if not out.exists() or (out.is_dir() and all(map(_is_harmless, out.iterdir()))):
        return ImportRecord(), None
    if not (out / RECORD_FILE).is_file():
        message = "this folder isn't empty and wasn't imported; choose a new one"
        raise BrokenPack([Problem(str(out), 1, 1, message)])
    record, before = read_record(out), loader.load(out, cache=None)
    if not record.sources:
        # An older import recorded neither a name nor a title.
        record.sources[""] = ImportedNotes(before.title, [*record.parts], [*record.notes])
    return record, before


def _is_harmless(path: Path) -> bool:
    return path.name.startswith((".", *HARMLESS))


def _choose(
    record: ImportRecord, before: Pack | None, name: str, found: Outline, wish: How | None
) -> tuple[How, str]:
    """How the notes come in, and which notes they're a new edition of."""
    if before is None:
        return How.NEW, ""
    texts = {
        format_note(fact)
        for chapter in found.chapters
        for unit in chapter.units
        for topic in unit.topics
        for fact in topic.facts
    }
    if wish is How.REPLACED:
        return wish, ""
    same = record.find(name, found.title, texts) if wish is None else None
    return (How.ADDED, "") if same is None else (How.EDITION, same)


def _earlier(record: ImportRecord, before: Pack | None, names: Iterable[str]) -> Earlier:
    """What was imported under these names."""
    sources = [record.sources[name] for name in names]
    chapters = before.chapters if before else ()
    return Earlier(
        {id_: record.parts[id_] for each in sources for id_ in each.parts},
        {id_: record.notes[id_] for each in sources for id_ in each.notes},
        {
            note.id: note.text
            for chapter in chapters
            for unit in chapter.units
            for topic in unit.topics
            for note in topic.notes
        },
        find_places(chapters),
    )


def _read_questions(out: Path, before: Pack | None) -> Iterable[list[QuestionData]]:
    for chapter in before.chapters if before else ():
        path = out / "questions" / f"{chapter.id}.yaml"
        if path.is_file():
            yield parse(path)["questions"]


def _drop_stale_drafts(questions: Iterable[QuestionData], changes: Changes) -> list[QuestionData]:
    """All questions but drafts on notes that changed or are gone, which are drafted again."""
    stale = {*changes.changed, *changes.gone}
    return [each for each in questions if not (each.get("draft") and stale & _cited(each))]


def _mark_for_recheck(questions: Iterable[QuestionData], changes: Changes) -> list[str]:
    """Mark questions whose notes changed or are gone."""
    stale, marked = {*changes.changed, *changes.gone}, []
    for question in questions:
        if stale & _cited(question):
            question["recheck"] = True
            marked.append(question["id"])
    return marked


def _cited(question: Mapping[str, Any]) -> set[str]:
    return {*question.get("notes", ())}


def _pin(questions: Iterable[QuestionData]) -> list[str]:
    """Pin options that refer to the others ("all of the above")."""
    marked = []
    for question in questions:
        if "forbidden_option" in question.get("waive", ()):
            continue
        for option in question.get("options", ()):
            if not option.get("pinned") and must_follow_others(option["text"]):
                option["pinned"] = "last"
                marked.append(question["id"])
    return list(dict.fromkeys(marked))


def _merge_chapters(
    before: Pack | None,
    packed: PackedNotes,
    record: ImportRecord,
    questions: Iterable[QuestionData],
    *,
    replaced: bool,
) -> list[dict[str, Any]]:
    """The new chapters with what people added to the old ones, and old ones that stay. A gone note
    stays as long as a question rests on it, unless the notes are replaced."""
    cited = set() if replaced else set[str]().union(*map(_cited, questions))
    drop = ({*packed.changes.gone} - cited) | packed.facts.keys()
    old = [each.model_dump(exclude_defaults=True) for each in before.chapters] if before else []
    imported = {
        "title": {id_: truncate(key.split(" ", 2)[2]) for id_, key in record.parts.items()},
        "url": record.links,
    }
    merged = _merge(old, packed.chapters, LEVELS, drop, imported)
    topics = [topic for chapter in merged for unit in chapter["units"] for topic in unit["topics"]]
    there = {topic["id"] for topic in topics}
    for topic in topics:
        if gone := {*topic.get("related", ())} - there:
            topic["related"] = [each for each in topic["related"] if each not in gone]
    return merged


def _merge(
    old: Sequence[dict[str, Any]],
    new: Sequence[dict[str, Any]],
    levels: Sequence[str],
    drop: Set[str],
    imported: Mapping[str, Mapping[str, str]],
) -> list[dict[str, Any]]:
    """The new parts with what people added to the old ones, and old parts not in `drop`. A title or
    link that's still as it was `imported` isn't by hand."""
    left = {each["id"]: each for each in old}
    result = []
    for each in new:
        kept = left.pop(each["id"], {})
        by_hand = {
            name: value
            for name, value in kept.items()
            if imported.get(name, {}).get(each["id"]) != value
        }
        merged = {**each, **by_hand} if levels else {**kept, **each}
        if levels:
            for name in LISTS & kept.keys() & each.keys():
                merged[name] = list(dict.fromkeys([*kept[name], *each[name]]))[:MAX_LISTED]
            inside = kept.get(levels[0], ()), each[levels[0]]
            merged[levels[0]] = _merge(*inside, levels[1:], drop, imported)
        result.append(merged)
    for each in left.values():
        if not levels:
            result += [each] if each["id"] not in drop else []
        elif children := _merge(each[levels[0]], (), levels[1:], drop, imported):
            result.append({**each, levels[0]: children})
    return result


def _place_questions(
    questions: Iterable[QuestionData], chapters: Iterable[dict[str, Any]]
) -> tuple[dict[str, list[QuestionData]], list[QuestionData]]:
    """Questions by chapter, where their notes are now, and those whose notes and topic are gone."""
    topics = {
        topic["id"]: (chapter["id"], {note["id"] for note in topic.get("notes", ())})
        for chapter in chapters
        for unit in chapter["units"]
        for topic in unit["topics"]
    }
    home = {note: topic for topic, (_, notes) in topics.items() for note in notes}
    placed: dict[str, list[QuestionData]] = {}
    dropped = []
    for question in questions:
        there = [note for note in question.get("notes", ()) if note in home]
        if there:
            question["notes"] = there
            if question["topic"] not in {home[note] for note in there}:
                question["topic"] = home[there[0]]
        if question["topic"] in topics and (there or not question.get("notes")):
            placed.setdefault(topics[question["topic"]][0], []).append(question)
        else:
            dropped.append(question)
    return placed, dropped


def _note_import(
    record: ImportRecord, former: Iterable[str], name: str, title: str, packed: PackedNotes
) -> None:
    """Record these notes in place of the former ones."""
    for each in former:
        for id_ in record.sources[each].parts:
            record.parts.pop(id_, None)
            record.links.pop(id_, None)
        for id_ in record.sources[each].notes:
            record.notes.pop(id_, None)
    record.parts |= packed.parts
    record.notes |= packed.notes
    record.links |= packed.links
    others = {*record.sources} - {*former}
    free, number = name, 1
    while free in others:
        number += 1
        free = f"{name} {number}"
    imported = {free: ImportedNotes(title, [*packed.parts], [*packed.notes])}
    sources: dict[str, ImportedNotes] = {}
    for each, notes in record.sources.items():
        # A new edition keeps the place of the first that it replaces.
        sources |= {each: notes} if each in others else imported
    record.sources = sources | imported


def _read_head(out: Path) -> dict[str, Any]:
    """What `pack.yaml` says besides its chapters, as it's written there."""
    head: dict[str, Any] = parse(out / "pack.yaml")
    return {key: value for key, value in head.items() if key != "chapters"}


def _make_head(title: str, language: str) -> dict[str, Any]:
    """The head of a new pack. Its id has a random part, so that no two packs have the same."""
    unique = secrets.token_hex(3)
    readable = (slugify(title) or "pack")[: MAX_ID_CHARS - len(unique) - 1].strip("-")
    return {
        "id": f"{readable}-{unique}",
        "title": truncate(title),
        "version": "1",
        "language": language or "en",
        "license": "unknown",
        "drafts": False,
    }


def _build_files(
    head: Mapping[str, Any],
    chapters: Sequence[dict[str, Any]],
    questions: Mapping[str, Sequence[QuestionData]],
) -> dict[str, Any]:
    """The data of the pack's files by name."""
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


def _first_free(out: Path, name: str) -> str:
    """A file name in the folder of dropped questions that isn't taken."""
    stem, number = slugify(name) or "notes", 1
    while (out / DROPPED / f"{stem}-{number}.yaml").exists():
        number += 1
    return f"{stem}-{number}"
