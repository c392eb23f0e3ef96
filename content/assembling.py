"""Building a pack from its files, or listing everything that's wrong with them at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from content import model
from content.documents import MAX_PROBLEMS, Document, KeyPath
from content.files import BrokenPack, read_file
from content.model import SCHEMA_VERSION, NotesFile, Pack, PackFile, QuestionsFile
from content.problems import describe, describe_newer, suggest

Entry = tuple[Document, KeyPath, dict[str, Any]]
_FILE_STEM = re.compile(r"[a-z0-9-]{1,40}")
File = TypeVar("File", bound=BaseModel)


def assemble(folder: Path) -> Pack:
    """Build the pack from a folder's files; raises BrokenPack with all their problems."""
    main = _read_document(folder, "pack.yaml")
    _refuse_newer(main)
    head = _validate(main, PackFile)
    listed = main.data.get("chapters") if isinstance(main.data, dict) else None
    chapters = [
        each["id"]
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and _FILE_STEM.fullmatch(each["id"])
    ]
    notes = {id_: _read_document(folder, f"notes/{id_}.yaml") for id_ in dict.fromkeys(chapters)}
    questions = {
        id_: _read_document(folder, f"questions/{id_}.yaml")
        for id_ in notes
        if _may_exist(folder / "questions" / f"{id_}.yaml")
    }
    outlines = {id_: _validate(document, NotesFile) for id_, document in notes.items()}
    asked = {id_: _validate(document, QuestionsFile) for id_, document in questions.items()}
    _check_ids(main, list(notes.values()), list(questions.values()))
    documents = [main, *notes.values(), *questions.values()]
    if problems := [problem for document in documents for problem in document.problems]:
        raise BrokenPack(problems)
    if head is None:
        raise AssertionError("a document without problems is valid")
    return _join(
        head, outlines, [each for file in asked.values() if file for each in file.questions]
    )


def assemble_data(files: Mapping[str, Any]) -> Pack | None:
    """The pack that files with this data, by name, make; None if they make no valid one."""
    try:
        head = PackFile.model_validate(files["pack.yaml"])
        outlines = {
            e.id: NotesFile.model_validate(files[f"notes/{e.id}.yaml"]) for e in head.chapters
        }
        asked = [
            question
            for entry in head.chapters
            for question in QuestionsFile.model_validate(
                files[f"questions/{entry.id}.yaml"]
            ).questions
        ]
    except (KeyError, ValidationError):
        return None
    units = [unit for outline in outlines.values() for unit in outline.units]
    topics = [topic for unit in units for topic in unit.topics]
    notes = [note for topic in topics for note in topic.notes]
    found: tuple[Sequence[Any], ...] = (head.chapters, units, topics, notes, asked)
    known = [{each.id for each in group} for group in found]
    *_, topic_ids, note_ids, question_ids = known
    is_whole = (
        [len(group) for group in known] == [len(group) for group in found]
        and all(topic_ids.issuperset(topic.related) for topic in topics)
        and all(
            each.topic in topic_ids
            and note_ids.issuperset(each.notes)
            and question_ids.issuperset(each.apart)
            and each.id not in each.apart
            for each in asked
        )
    )
    return _join(head, outlines, asked) if is_whole else None


def _join(
    head: PackFile, outlines: Mapping[str, NotesFile | None], asked: list[model.AnyQuestion]
) -> Pack:
    return Pack(
        **head.model_dump(exclude={"chapters", "schema_version"}),
        chapters=[
            model.Chapter(id=entry.id, title=entry.title, weight=entry.weight, units=outline.units)
            for entry in head.chapters
            if (outline := outlines[entry.id])
        ],
        questions=asked,
    )


def _refuse_newer(main: Document) -> None:
    """Raise BrokenPack if a newer program wrote the pack: then its files only look broken."""
    match main.data:
        case {"schema_version": int(version)} if version > SCHEMA_VERSION:
            main.report(("schema_version",), describe_newer(version))
            raise BrokenPack(main.problems)


def _may_exist(path: Path) -> bool:
    """Whether a file may exist: one that can't be looked at must not pass for missing."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _read_document(folder: Path, name: str) -> Document:
    document = Document(str(folder / name))
    raw, problem = read_file(folder / name, folder, document.file)
    if problem:
        document.problems.append(problem)
    elif raw is not None:
        document.parse(raw)
    return document


def _validate(document: Document, kind: type[File]) -> File | None:
    if document.data is None:
        return None
    try:
        return kind.model_validate(document.data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[: MAX_PROBLEMS + 1]:
            # Below `questions`, pydantic's path includes the kind, and the file's doesn't.
            asked = error["loc"][:1] == ("questions",)
            at: KeyPath = error["loc"][:2] + error["loc"][3:] if asked else error["loc"]
            at += tuple(error.get("ctx", {}).get("at", ()))
            if error["type"] == "union_tag_invalid":
                at += ("kind",)
            message = describe(error, kind, document.source_text(at))
            document.report(at, message, key=error["type"] == "extra_forbidden")
        return None


def _check_ids(main: Document, notes: Sequence[Document], questions: Sequence[Document]) -> None:
    """Report duplicated ids and ids that don't exist, as far as the files can be read."""
    _check_unique("chapter", [(main, at, each) for at, each in _items(main, "chapters")])
    units = [(doc, at, each) for doc in notes for at, each in _items(doc, "units")]
    topics = [
        (doc, at, each) for doc, up, unit in units for at, each in _children(unit, up, "topics")
    ]
    facts = [
        (doc, at, each) for doc, up, topic in topics for at, each in _children(topic, up, "notes")
    ]
    asked = [(doc, at, each) for doc in questions for at, each in _items(doc, "questions")]
    _check_unique("unit", units)
    topic_ids, note_ids = _check_unique("topic", topics), _check_unique("note", facts)
    question_ids = _check_unique("question", asked)
    _check_unique(
        "case", [(doc, at, each) for doc in questions for at, each in _items(doc, "cases")]
    )
    if all(document.data is not None for document in questions):
        _check_apart(asked, question_ids)
    if any(document.data is None for document in notes):
        return
    for document, at, topic in topics:
        _check_references(document, (*at, "related"), topic.get("related"), "topic", topic_ids)
    for document, at, question in asked:
        _check_reference(document, (*at, "topic"), question.get("topic"), "topic", topic_ids)
        _check_references(document, (*at, "notes"), question.get("notes"), "note", note_ids)


def _check_apart(asked: Sequence[Entry], known: Collection[str]) -> None:
    for document, at, question in asked:
        others = question.get("apart")
        for place, other in enumerate(others if isinstance(others, list) else []):
            where = (*at, "apart", place)
            if other == question.get("id"):
                document.report(where, "a question can't be kept apart from itself; remove this")
            else:
                _check_reference(document, where, other, "question", known)


def _items(document: Document, key: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    return _children(document.data if isinstance(document.data, dict) else {}, (), key)


def _children(
    parent: dict[str, Any], at: KeyPath, key: str
) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    children = parent.get(key)
    for place, child in enumerate(children if isinstance(children, list) else []):
        if isinstance(child, dict):
            yield (*at, key, place), child


def _check_unique(what: str, found: Sequence[Entry]) -> Collection[str]:
    first: dict[str, str] = {}
    for document, at, each in found:
        id_ = each.get("id")
        if not isinstance(id_, str):
            continue
        line, column = document.locate((*at, "id"))
        if id_ in first:
            message = f"the {what} id `{id_}` is duplicated, first at {first[id_]}; change one"
            document.report((*at, "id"), message)
        else:
            first[id_] = f"{document.file}:{line}:{column}"
    return first.keys()


def _check_references(
    document: Document, at: KeyPath, ids: object, what: str, known: Collection[str]
) -> None:
    for place, id_ in enumerate(ids if isinstance(ids, list) else []):
        _check_reference(document, (*at, place), id_, what, known)


def _check_reference(
    document: Document, at: KeyPath, id_: object, what: str, known: Collection[str]
) -> None:
    if isinstance(id_, str) and id_ not in known and not document.is_full:
        near = suggest(id_, known)
        hint = f"did you mean `{near}`?" if near else f"add that {what} or change the id"
        document.report(at, f"there's no {what} `{id_}`; {hint}")
