"""Reading notes: every file into one outline, with an account of every line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

from content.importing.ledger import AuditLine, Ledger
from content.importing.lines import Omission, Repair
from content.importing.links import relate_topics, resolve
from content.importing.outline import Chapter, Fact, Outline, Topic, Unit
from content.importing.packing import MAX_TITLE_CHARS
from content.importing.readers.blocks import FileReader, Place
from content.importing.readers.encodings import UnknownEncoding
from content.importing.readers.sources import Source, fail
from content.importing.repairs import repair

MAX_CHAPTERS = 50
"""The limit of content.model."""

MAX_CHAPTER_CHARS = 2_000_000
"""More might not fit a pack's file once it's written with ids and lines."""

NOTE_OVERHEAD = 100
"""Characters that a note takes in a file besides its text."""


@dataclass(slots=True)
class Reading:
    """An outline with what was repaired and left out, and what became of each line."""

    outline: Outline
    repairs: list[Repair]
    left_out: list[Omission]
    audit: list[AuditLine]


def read_notes(source: Source, encoding: str | None = None) -> Reading:
    """Read all files of notes; raises BrokenPack if `encoding` doesn't fit them."""
    outline = Outline()
    has_many = len(source.files) > 1
    names = [file.name for file in source.files]
    repairs: list[Repair] = []
    left_out = list(source.left_out)
    ledgers: dict[str, Ledger] = {}
    titles: dict[str, str] = {}
    for file in source.files:
        try:
            repaired = repair(file.raw, encoding)
        except UnknownEncoding as problem:
            raise fail(file.name or source.title, str(problem)) from None
        place = Place(
            file.name,
            file.title,
            is_chapter=has_many,
            is_index=has_many and file.is_index,
            is_known=partial(_is_known, file=file.name, names=names),
        )
        reader = FileReader(outline, repaired, place)
        reader.read()
        repairs += [replace(each, file=file.name) for each in (*repaired.repairs, *reader.repairs)]
        left_out += [replace(each, file=file.name) for each in repaired.left_out]
        ledgers[file.name], titles[file.name] = reader.ledger, reader.title
    if has_many:
        index = next((file.name for file in source.files if file.is_index), "")
        outline.title = titles.get(index) or source.title
    _list_empty_parts(outline, ledgers)
    _fit_chapters(outline)
    relate_topics(outline, titles)
    for ledger in ledgers.values():
        ledger.close()
        left_out += ledger.left_out
    audit = [line for ledger in ledgers.values() for line in ledger.audit()]
    return Reading(
        outline, sorted(repairs, key=_by_line), sorted(dict.fromkeys(left_out), key=_by_line), audit
    )


def _by_line(each: Repair | Omission) -> tuple[str, int]:
    return each.file, each.line


def _is_known(link: str, *, file: str, names: Sequence[str]) -> bool:
    if not link.startswith("[["):
        return resolve(link.partition("#")[0], file, names) is not None
    wanted = link.strip("[]").partition("#")[0].rsplit("/", 1)[-1]
    return any(PurePosixPath(name).stem == wanted for name in names)


def _list_empty_parts(outline: Outline, ledgers: dict[str, Ledger]) -> None:
    """List what has no notes, and titles that are too long to be kept whole."""
    for chapter in list(outline.chapters):
        for unit in chapter.units:
            for topic in unit.topics:
                if not topic.facts and (topic.title, topic.line) != (unit.title, unit.line):
                    ledgers[topic.file].drop(topic.line, topic.title, "topic without notes")
                _check_title(topic, ledgers)
            if not any(topic.facts for topic in unit.topics) and (unit.title, unit.line) != (
                chapter.title,
                chapter.line,
            ):
                ledgers[unit.file].drop(unit.line, unit.title, "unit without notes")
            _check_title(unit, ledgers)
        if not chapter.is_intro and not any(topic.facts for topic in chapter.topics):
            ledgers[chapter.file].drop(chapter.line, chapter.title, "chapter without notes")
        _check_title(chapter, ledgers)


def _check_title(part: Chapter | Unit | Topic, ledgers: dict[str, Ledger]) -> None:
    if len(part.title) > MAX_TITLE_CHARS:
        rest = part.title[MAX_TITLE_CHARS - 1 :]
        why = f"end of a title with over {MAX_TITLE_CHARS} characters"
        ledgers[part.file].leave_out(part.line, part.line, rest, why)


def _fit_chapters(outline: Outline) -> None:
    """Join chapters if there are too many for a pack, and split those that are too large."""
    filled = [each for each in outline.chapters if any(topic.facts for topic in each.topics)]
    if len(filled) > MAX_CHAPTERS:
        filled = _join_chapters(filled, outline.title)
    outline.chapters = [part for chapter in filled for part in _split_chapter(chapter)]


def _join_chapters(chapters: Sequence[Chapter], title: str) -> list[Chapter]:
    """Chapters as the units of their folders, or of a single chapter."""
    folders = {chapter.file.partition("/")[0] for chapter in chapters if "/" in chapter.file}
    by_folder = 1 < len(folders) < MAX_CHAPTERS
    joined: dict[str, Chapter] = {}
    for chapter in chapters:
        folder = chapter.file.partition("/")[0] if by_folder and "/" in chapter.file else title
        parent = joined.setdefault(folder, Chapter(folder, 1, file=chapter.file))
        if len(chapter.topics) == 1 and chapter.topics[0].title == chapter.title:
            if not parent.units or parent.units[-1].title != folder:
                parent.units.append(Unit(folder, 1, file=chapter.file))
            parent.units[-1].topics += chapter.topics
            continue
        unit = Unit(chapter.title, chapter.line, file=chapter.file)
        for each in chapter.units:
            for topic in each.topics:
                if each.title not in (chapter.title, topic.title):
                    topic.title = f"{each.title}: {topic.title}"
                unit.topics.append(topic)
        parent.units.append(unit)
    return list(joined.values())


def _split_chapter(chapter: Chapter) -> Iterator[Chapter]:
    """The chapter, in parts of a size that a pack's file can have."""
    part, size, number = replace(chapter, units=[]), 0, 1
    for unit in chapter.units:
        piece = replace(unit, topics=[])
        for topic in unit.topics:
            for some in _split_topic(topic):
                grown = sum(map(_measure, some.facts))
                if size and size + grown > MAX_CHAPTER_CHARS:
                    part.units += [piece] if piece.topics else []
                    yield part
                    number += 1
                    title = f"{chapter.title[: MAX_TITLE_CHARS - 8]} ({number})"
                    part, piece, size = (
                        replace(chapter, title=title, units=[]),
                        replace(unit, topics=[]),
                        0,
                    )
                piece.topics.append(some)
                size += grown
        part.units += [piece] if piece.topics else []
    yield part


def _split_topic(topic: Topic) -> Iterator[Topic]:
    if sum(map(_measure, topic.facts)) <= MAX_CHAPTER_CHARS:
        yield topic
        return
    facts: list[Fact] = []
    size = 0
    for fact in topic.facts:
        if facts and size + _measure(fact) > MAX_CHAPTER_CHARS:
            yield replace(topic, facts=facts)
            facts, size = [], 0
        facts.append(fact)
        size += _measure(fact)
    yield replace(topic, facts=facts)


def _measure(fact: Fact) -> int:
    code = len(fact.code.text) if fact.code else 0
    table = sum(len(cell) for row in fact.table.rows for cell in row) if fact.table else 0
    return len(fact.text.encode()) + code + 2 * table + NOTE_OVERHEAD
