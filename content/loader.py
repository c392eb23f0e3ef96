"""Loading packs: everything that is wrong with one is told at once, and a good one loads fast."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from content import model
from content.documents import At, Document, Problem, read
from content.model import NotesFile, Pack, PackFile, QuestionsFile

_HERE = Path(__file__).parent
File = TypeVar("File", bound=BaseModel)
_KINDS = {kind.__name__: kind for kind in get_args(model.AnyQuestion)}


class BrokenPack(Exception):
    """A pack that cannot be used, with all its problems in the order of files and lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(sorted(problems))


def bundled() -> list[Path]:
    """Folders of the packs that come with Studyhall."""
    return sorted(path.parent for path in _HERE.glob("*/pack.yaml"))


def find(name: str) -> Path:
    """The folder of a pack, named as a bundled one or by its path; raises BrokenPack."""
    known = {folder.name: folder for folder in bundled()}
    if name in known:
        return known[name]
    folder = Path(name)
    if folder.is_dir():
        return folder
    what = "is not a folder" if folder.exists() else "is not there"
    raise BrokenPack(
        [Problem(name, 1, 1, f"this {what}; name a pack's folder or one of: {', '.join(known)}")]
    )


def load(folder: Path, *, cache: Path | None) -> Pack:
    """The pack in a folder; raises BrokenPack with everything that is wrong with it.

    `cache` is a folder in which a valid pack is kept in a form that loads about ten times faster;
    None does without.
    """
    fingerprint = _fingerprint(folder) if cache else None
    kept = cache / f"{_digest(str(folder.resolve()).encode())}.json" if cache else None
    if kept and fingerprint and (pack := _recall(kept, fingerprint)):
        return pack
    pack = _load(folder)
    if kept and fingerprint:
        _keep(kept, fingerprint, pack)
    return pack


def schema() -> dict[str, Any]:
    """JSON Schemas of a pack's files, by file name."""
    return {
        "pack.yaml": PackFile.model_json_schema(),
        "notes/*.yaml": NotesFile.model_json_schema(),
        "questions/*.yaml": QuestionsFile.model_json_schema(),
    }


def _load(folder: Path) -> Pack:
    main = _document(folder, "pack.yaml")
    head = _validated(main, PackFile)
    listed = main.data.get("chapters") if isinstance(main.data, dict) else None
    chapters = [
        each["id"]
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and isinstance(each.get("id"), str) and "/" not in each["id"]
    ]
    notes = {id_: _document(folder, f"notes/{id_}.yaml") for id_ in dict.fromkeys(chapters)}
    questions = {
        id_: _document(folder, f"questions/{id_}.yaml")
        for id_ in notes
        if os.path.lexists(folder / "questions" / f"{id_}.yaml")
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
        for error in invalid.errors(include_url=False):
            at = _path(document, error["loc"])
            at += tuple(error.get("ctx", {}).get("at", ()))
            document.report(at, _message(error), key=error["type"] == "extra_forbidden")
        return None


def _path(document: Document, loc: Sequence[int | str]) -> At:
    """Where in the document an error is: pydantic's path without the names of question kinds."""
    at: At = ()
    for part in loc:
        if document.has((*at, part)):
            at = (*at, part)
    return at


def _message(error: ErrorDetails) -> str:
    """The error for people: what is wrong, and what would be right."""
    last = error["loc"][-1] if error["loc"] else ""
    name = f"`{last}`" if isinstance(last, str) else f"item {last + 1}"
    context = error.get("ctx", {})
    value = error["input"]
    match error["type"]:
        case "missing":
            return f"{name} is missing; add it"
        case "extra_forbidden":
            near = process.extractOne(str(last), _FIELDS, score_cutoff=60)
            hint = f"did you mean `{near[0]}`?" if near else "remove it"
            return f"unknown key {name}; {hint}"
        case "union_tag_not_found" | "union_tag_invalid":
            said = value.get("kind") if isinstance(value, dict) else None
            wrong = f"`kind` is {said!r}" if said is not None else "`kind` is missing"
            return f"{wrong}; write one of: {', '.join(_KIND_NAMES)}"
        case "literal_error":
            return f"{name} is {value!r}; write {context['expected']}"
        case "string_type":
            hint = "" if isinstance(value, dict | list) else "; put it in quotes to make it text"
            return f"{name} is {_sort(value)}, not text{hint}"
        case "int_type" | "int_from_float" | "float_type":
            return f"{name} is {_sort(value)}; write a number, without quotes"
        case "bool_type":
            return f"{name} is {_sort(value)}; write true or false, without quotes"
        case "list_type":
            return f"{name} is {_sort(value)}; write a list, one `- ` a line"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{name} is {_sort(value)}; write `key: value` lines"
        case "string_pattern_mismatch" if last == "url":
            return f"{name} is not a web address; begin with https:// and leave no spaces"
        case "string_pattern_mismatch" if last == "language":
            return f"{name} is not a language code; write one as in `en`"
        case "string_pattern_mismatch":
            return f"{value!r} is not an id; write lower-case words joined by hyphens"
        case "value_error":
            return str(context["error"])
        case "twice":
            return error["msg"]
        case _:
            said = error["msg"].replace("Input should", "it should").replace("String", "text")
            return f"{name}: {said[0].lower()}{said[1:]}"


def _sort(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"a yes-or-no value ({value})"
        case int() | float():
            return f"a number ({value})"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a group of keys"
        case _:
            return f"a date ({value})"


_KIND_NAMES = [kind.model_fields["kind"].annotation.__args__[0] for kind in _KINDS.values()]
_FIELDS = sorted(
    {
        name
        for kind in (PackFile, NotesFile, QuestionsFile, model.ChapterEntry, model.Unit,
                     model.Topic, model.Note, model.Option, model.Rejected, *_KINDS.values())
        for name in kind.model_fields
    }
)  # fmt: skip


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


def _once(what: str, found: Sequence[Found]) -> list[str]:
    first: dict[str, str] = {}
    for document, at, each in found:
        id_ = each.get("id")
        if not isinstance(id_, str):
            continue
        line, column = document.place((*at, "id"))
        if id_ in first:
            message = f"the {what} id `{id_}` stands twice, first at {first[id_]}; change one"
            document.report((*at, "id"), message)
        else:
            first[id_] = f"{document.file}:{line}:{column}"
    return list(first)


def _leads_somewhere(
    document: Document, at: At, id_: object, what: str, known: Sequence[str]
) -> None:
    if isinstance(id_, str) and id_ not in known:
        near = process.extractOne(id_, known, score_cutoff=60)
        hint = f"did you mean `{near[0]}`?" if near else f"add that {what} or change the id"
        document.report(at, f"there is no {what} `{id_}`; {hint}")


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _fingerprint(folder: Path) -> str | None:
    """A digest of everything a pack is made of, and of the model; None if a file is unreadable."""
    parts = [Path(model.__file__).read_bytes()]
    for path in [folder / "pack.yaml", *sorted(folder.glob("[nq]*/*.yaml"))]:
        raw, problem = read(path, folder, "")
        if raw is None or problem:
            return None
        parts += [path.relative_to(folder).as_posix().encode(), raw]
    return _digest(*parts)


def _recall(kept: Path, fingerprint: str) -> Pack | None:
    try:
        head, _, body = kept.read_bytes().partition(b"\n")
        return Pack.model_validate_json(body) if head.decode() == fingerprint else None
    except (OSError, ValueError):
        return None


def _keep(kept: Path, fingerprint: str, pack: Pack) -> None:
    """Write the cache as a whole or not at all; without one the pack only loads slower."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=kept.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(f"{fingerprint}\n{pack.model_dump_json()}".encode())
        Path(name).replace(kept)
    except OSError:
        return
