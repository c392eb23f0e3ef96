"""Making a pack of its files, or telling everything that is wrong with them at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from content import model
from content.documents import MOST_PROBLEMS, At, Document
from content.files import BrokenPack, read
from content.model import NotesFile, Pack, PackFile, QuestionsFile
from content.problems import message, nearest

_MAY_NAME_A_FILE = re.compile(r"[a-z0-9-]{1,40}")
File = TypeVar("File", bound=BaseModel)


def assemble(folder: Path) -> Pack:
    """The pack that a folder's files make; raises BrokenPack with everything that is wrong."""
    main = _document(folder, "pack.yaml")
    head = _validated(main, PackFile)
    listed = main.data.get("chapters") if isinstance(main.data, dict) else None
    chapters = [
        each["id"]
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and _MAY_NAME_A_FILE.fullmatch(each["id"])
    ]
    notes = {id_: _document(folder, f"notes/{id_}.yaml") for id_ in dict.fromkeys(chapters)}
    questions = {
        id_: _document(folder, f"questions/{id_}.yaml")
        for id_ in notes
        if _may_be_there(folder / "questions" / f"{id_}.yaml")
    }
    outlines = {id_: _validated(document, NotesFile) for id_, document in notes.items()}
    asked = {id_: _validated(document, QuestionsFile) for id_, document in questions.items()}
    _check_ids(main, list(notes.values()), list(questions.values()))
    documents = [main, *notes.values(), *questions.values()]
    if problems := [problem for document in documents for problem in document.problems]:
        raise BrokenPack(problems)
    if head is None:
        raise AssertionError("a document without problems is valid")
    return Pack(
        **head.model_dump(exclude={"chapters"}),
        chapters=[
            model.Chapter(id=entry.id, title=entry.title, weight=entry.weight, units=outline.units)
            for entry in head.chapters
            if (outline := outlines[entry.id])
        ],
        questions=[each for file in asked.values() if file for each in file.questions],
    )


def _may_be_there(path: Path) -> bool:
    """Whether a file is not plainly missing: what cannot be looked at must not pass for nothing."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _document(folder: Path, name: str) -> Document:
    document = Document(str(folder / name))
    raw, problem = read(folder / name, folder, document.file)
    if problem:
        document.problems.append(problem)
    elif raw is not None:
        document.parse(raw)
    return document


def _validated(document: Document, kind: type[File]) -> File | None:
    if document.data is None:
        return None
    try:
        return kind.model_validate(document.data)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False)[: MOST_PROBLEMS + 1]:
            # Under `questions` pydantic's path has the kind's name in it, and the file has not.
            asked = error["loc"][:1] == ("questions",)
            at: At = error["loc"][:2] + error["loc"][3:] if asked else error["loc"]
            at += tuple(error.get("ctx", {}).get("at", ()))
            if error["type"] == "union_tag_invalid":
                at += ("kind",)
            said = message(error, kind, document.written(at))
            document.report(at, said, key=error["type"] == "extra_forbidden")
        return None


def _check_ids(main: Document, notes: Sequence[Document], questions: Sequence[Document]) -> None:
    """Report ids that stand twice and ids that lead nowhere, as far as the files can be read."""
    _once("chapter", [(main, at, each) for at, each in _items(main, "chapters")])
    units = [(doc, at, each) for doc in notes for at, each in _items(doc, "units")]
    topics = [
        (doc, at, each) for doc, up, unit in units for at, each in _within(unit, up, "topics")
    ]
    facts = [
        (doc, at, each) for doc, up, topic in topics for at, each in _within(topic, up, "notes")
    ]
    asked = [(doc, at, each) for doc in questions for at, each in _items(doc, "questions")]
    _once("unit", units)
    topic_ids, note_ids = _once("topic", topics), _once("note", facts)
    _once("question", asked)
    if any(document.data is None for document in notes):
        return
    for document, at, question in asked:
        _leads_somewhere(document, (*at, "topic"), question.get("topic"), "topic", topic_ids)
        cited = question.get("notes")
        for place, note in enumerate(cited if isinstance(cited, list) else []):
            _leads_somewhere(document, (*at, "notes", place), note, "note", note_ids)


Found = tuple[Document, At, dict[str, Any]]


def _items(document: Document, key: str) -> Iterator[tuple[At, dict[str, Any]]]:
    return _within(document.data if isinstance(document.data, dict) else {}, (), key)


def _within(parent: dict[str, Any], at: At, key: str) -> Iterator[tuple[At, dict[str, Any]]]:
    children = parent.get(key)
    for place, child in enumerate(children if isinstance(children, list) else []):
        if isinstance(child, dict):
            yield (*at, key, place), child


def _once(what: str, found: Sequence[Found]) -> Collection[str]:
    first: dict[str, str] = {}
    for document, at, each in found:
        id_ = each.get("id")
        if not isinstance(id_, str):
            continue
        line, column = document.place((*at, "id"))
        if id_ in first:
            said = f"the {what} id `{id_}` stands twice, first at {first[id_]}; change one"
            document.report((*at, "id"), said)
        else:
            first[id_] = f"{document.file}:{line}:{column}"
    return first.keys()


def _leads_somewhere(
    document: Document, at: At, id_: object, what: str, known: Collection[str]
) -> None:
    if isinstance(id_, str) and id_ not in known and not document.full:
        near = nearest(id_, known)
        hint = f"did you mean `{near}`?" if near else f"add that {what} or change the id"
        document.report(at, f"there is no {what} `{id_}`; {hint}")
