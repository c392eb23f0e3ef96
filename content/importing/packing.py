"""Turning an outline into a pack, keeping ids and hand edits when it's imported again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from content.importing.outline import Chapter, Fact, Outline, Topic, Unit

MAX_ID_CHARS, MAX_TITLE_CHARS, MAX_NOTE_CHARS = 40, 150, 1500
"""The limits of content.model."""

MIN_SIMILARITY = 70
"""Statements of a topic at least this similar (0-100) are the same one, edited."""

Part = Chapter | Unit | Topic


@dataclass(slots=True)
class ImportRecord:
    """What the last import read: ids with their titles and texts in the notes."""

    parts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    drafted: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """Ids of notes by what has happened to them since the last import."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept_by_hand: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PackedNotes:
    """The chapters as in the pack's files, with the fact behind each note."""

    chapters: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    record: ImportRecord = field(default_factory=ImportRecord)
    changes: Changes = field(default_factory=Changes)


def pack_outline(outline: Outline, record: ImportRecord, texts: Mapping[str, str]) -> PackedNotes:
    """Turn an outline into the chapters of a pack.

    `record` is the last import's, and `texts` are the notes in the pack now: one that differs from
    the record was edited by hand and stays.
    """
    packer = _Packer(record, texts)
    for chapter in outline.chapters:
        packer.chapter(chapter)
    packer.relate()
    seen = packer.packed.facts
    packer.packed.changes.gone = [each for each in record.notes if each not in seen]
    return packer.packed


def format_note(fact: Fact) -> str:
    """A fact as a note, with the heading of its list first."""
    if not fact.group or fact.group in fact.text:
        return fact.text
    return f"{fact.group}: {fact.text}" if fact.text else fact.group


def describe_shown(fact: Fact) -> dict[str, Any]:
    """What a fact shows besides its text, as in the pack's files."""
    shown: dict[str, Any] = {}
    if fact.code:
        lang = {"lang": fact.code.lang} if fact.code.lang else {}
        shown["code"] = {**lang, "text": fact.code.text}
    if fact.table:
        shown["table"] = {"head": [*fact.table.head], "rows": [[*row] for row in fact.table.rows]}
    if fact.picture:
        shown["picture"] = {"alt": fact.picture.alt, "url": fact.picture.url}
    return shown


class _Packer:
    def __init__(self, record: ImportRecord, texts: Mapping[str, str]) -> None:
        self.packed = PackedNotes(record=ImportRecord(drafted=list(record.drafted)))
        self._old = record
        self._texts = texts
        self._by_title = {_fold(key): id_ for id_, key in record.parts.items()}
        self._taken = {*record.parts, *record.notes}
        self._topics: dict[Topic, dict[str, Any]] = {}

    def chapter(self, chapter: Chapter) -> None:
        if not any(topic.facts for topic in chapter.topics):
            return
        id_ = self._assign_id("chapter", "", chapter)
        units = [self._unit(id_, unit) for unit in chapter.units]
        self.packed.chapters.append(
            {
                "id": id_,
                "title": _truncate(chapter.title),
                "units": [unit for unit in units if unit],
            }
        )

    def _unit(self, chapter: str, unit: Unit) -> dict[str, Any] | None:
        id_ = self._assign_id("unit", chapter, unit)
        topics = [self._topic(id_, topic) for topic in unit.topics if topic.facts]
        return {"id": id_, "title": _truncate(unit.title), "topics": topics} if topics else None

    def _topic(self, unit: str, topic: Topic) -> dict[str, Any]:
        id_ = self._assign_id("topic", unit, topic)
        data: dict[str, Any] = {"id": id_, "title": _truncate(topic.title)}
        if topic.url:
            data["url"] = topic.url
        if topic.aliases:
            data["aliases"] = [*topic.aliases]
        data["notes"] = [
            {"id": note, "text": self._choose_text(note, text), **shown, "line": fact.line}
            for note, text, fact, shown in self._assign_note_ids(id_, topic.facts)
        ]
        self._topics[topic] = data
        return data

    def relate(self) -> None:
        """Write down which topics are related, once all of them have ids."""
        for topic, data in self._topics.items():
            if ids := [self._topics[each]["id"] for each in topic.related if each in self._topics]:
                notes = data.pop("notes")
                data |= {"related": ids, "notes": notes}

    def _assign_id(self, kind: str, parent: str, part: Part) -> str:
        """The id of a chapter, unit or topic: the last import's, or a new one."""
        key = f"{kind} {parent} {part.title}"
        id_ = self._by_title.get(_fold(key))
        if id_ is None or id_ in self.packed.record.parts:
            id_ = self._make_id(slugify(part.title) or kind)
        self.packed.record.parts[id_] = key
        return id_

    def _make_id(self, wish: str) -> str:
        id_, number = wish[:MAX_ID_CHARS].strip("-"), 1
        while id_ in self._taken:
            number += 1
            id_ = f"{wish[: MAX_ID_CHARS - len(str(number)) - 1].strip('-')}-{number}"
        self._taken.add(id_)
        return id_

    def _assign_note_ids(
        self, topic: str, facts: Sequence[Fact]
    ) -> Iterator[tuple[str, str, Fact, dict[str, Any]]]:
        """Ids and texts of a topic's facts; identical texts match first, then similar ones."""
        texts = [
            (text, fact, {} if place else describe_shown(fact))
            for fact in facts
            for place, text in enumerate(_split_note(format_note(fact)))
        ]
        prefix = f"{topic[: MAX_ID_CHARS - 6].strip('-')}-n"
        old = {id_: text for id_, text in self._old.notes.items() if id_ not in self.packed.facts}
        ids: dict[int, str] = {}
        by_text = {text: id_ for id_, text in reversed(old.items())}
        for place, (text, *_) in enumerate(texts):
            if (same := by_text.get(text)) and same not in ids.values():
                ids[place] = same
        near = {
            id_: text
            for id_, text in old.items()
            if re.fullmatch(rf"{re.escape(prefix)}\d+", id_) and id_ not in ids.values()
        }
        for place, (text, *_) in enumerate(texts):
            if place not in ids and near:
                found = process.extractOne(
                    text, near, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY
                )
                if found:
                    ids[place] = found[2]
                    del near[found[2]]
        for place, (text, fact, shown) in enumerate(texts):
            id_ = ids.get(place) or self._make_id(f"{prefix}{place + 1}")
            if id_ not in self._old.notes:
                self.packed.changes.new.append(id_)
            self.packed.facts[id_] = fact
            self.packed.record.notes[id_] = text
            yield id_, text, fact, shown

    def _choose_text(self, note: str, text: str) -> str:
        """The note's text: a hand edit wins over the imported one."""
        before, now = self._old.notes.get(note), self._texts.get(note)
        by_hand = now is not None and now != before
        if before is not None and before != text:
            self.packed.changes.changed.append(note)
        if by_hand and now is not None:
            self.packed.changes.kept_by_hand.append(note)
            return now
        return text


def slugify(title: str) -> str:
    """The title as an id: words joined by hyphens, without numbering, cut at a word's end."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", re.sub(r"^\s*\d+[.)]\s*", "", plain))
    kept: list[str] = []
    for word in words:
        if len("-".join([*kept, word])) > MAX_ID_CHARS - 4:
            break
        kept.append(word)
    return "-".join(kept) or "-".join(words)[: MAX_ID_CHARS - 4]


def _split_note(text: str) -> Iterable[str]:
    """The text, split after sentences if it's too long for one note."""
    while len(text) > MAX_NOTE_CHARS:
        ends = (text.rfind(mark, 0, MAX_NOTE_CHARS - 1) + 1 for mark in (". ", "; ", " "))
        end = next(filter(None, ends), MAX_NOTE_CHARS)
        yield text[:end].strip()
        text = text[end:].strip()
    yield text


def _truncate(title: str) -> str:
    return title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
