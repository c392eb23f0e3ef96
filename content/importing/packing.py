"""Making a pack of an outline, and keeping ids and hand edits when the notes come again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process

from content.importing.outline import Chapter, Fact, Outline, Topic, Unit

ID_LENGTH, TITLE_LENGTH, NOTE_LENGTH = 40, 150, 1500
"""As content.model has them."""

SAME = 70
"""Two statements of a topic at least this similar (0-100) are one that has changed."""

Part = Chapter | Unit | Topic


@dataclass(slots=True)
class Record:
    """What was imported before: ids with the titles and texts as the notes had them."""

    parts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    drafted: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """Ids of notes by what happened to them since the last import."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept_by_hand: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Packed:
    """The chapters of a pack as its files have them, with what each note was made from."""

    chapters: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    record: Record = field(default_factory=Record)
    changes: Changes = field(default_factory=Changes)


def pack(outline: Outline, record: Record, texts: Mapping[str, str]) -> Packed:
    """The outline as chapters of a pack.

    `record` is of the import before, and `texts` are the notes as they now stand in the pack: one
    that is not what was imported was edited by hand, and stays.
    """
    packer = _Packer(record, texts)
    for chapter in outline.chapters:
        packer.chapter(chapter)
    seen = packer.packed.facts
    packer.packed.changes.gone = [each for each in record.notes if each not in seen]
    return packer.packed


def statement(fact: Fact) -> str:
    """A fact as a note: what it was listed under comes first."""
    text = f"{fact.group}: {fact.text}" if fact.group and fact.group not in fact.text else fact.text
    return text[0].upper() + text[1:]


class _Packer:
    def __init__(self, record: Record, texts: Mapping[str, str]) -> None:
        self.packed = Packed(record=Record(drafted=list(record.drafted)))
        self._old = record
        self._texts = texts
        self._by_title = {_folded(key): id_ for id_, key in record.parts.items()}
        self._taken = {*record.parts, *record.notes}

    def chapter(self, chapter: Chapter) -> None:
        id_ = self._part("chapter", "", chapter)
        units = [self._unit(id_, unit) for unit in chapter.units]
        self.packed.chapters.append(
            {"id": id_, "title": _cut(chapter.title), "units": [unit for unit in units if unit]}
        )

    def _unit(self, chapter: str, unit: Unit) -> dict[str, Any] | None:
        id_ = self._part("unit", chapter, unit)
        topics = [self._topic(id_, topic) for topic in unit.topics if topic.facts]
        return {"id": id_, "title": _cut(unit.title), "topics": topics} if topics else None

    def _topic(self, unit: str, topic: Topic) -> dict[str, Any]:
        id_ = self._part("topic", unit, topic)
        data: dict[str, Any] = {"id": id_, "title": _cut(topic.title)}
        if topic.url:
            data["url"] = topic.url
        data["notes"] = [
            {"id": note, "text": self._text(note, text), "line": fact.line}
            for note, text, fact in self._notes(id_, topic.facts)
        ]
        return data

    def _part(self, kind: str, parent: str, part: Part) -> str:
        """The id of a chapter, unit or topic: that of the import before, or a new one."""
        key = f"{kind} {parent} {part.title}"
        id_ = self._by_title.get(_folded(key))
        if id_ is None or id_ in self.packed.record.parts:
            id_ = self._free(slug(part.title) or kind)
        self.packed.record.parts[id_] = key
        return id_

    def _free(self, wish: str) -> str:
        id_, number = wish[:ID_LENGTH].strip("-"), 1
        while id_ in self._taken:
            number += 1
            id_ = f"{wish[: ID_LENGTH - len(str(number)) - 1].strip('-')}-{number}"
        self._taken.add(id_)
        return id_

    def _notes(self, topic: str, facts: Sequence[Fact]) -> Iterator[tuple[str, str, Fact]]:
        """Ids and texts of a topic's facts: those that stayed first, then those that changed."""
        texts = [(text, fact) for fact in facts for text in _pieces(statement(fact))]
        prefix = f"{topic[: ID_LENGTH - 6].strip('-')}-n"
        old = {id_: text for id_, text in self._old.notes.items() if id_ not in self.packed.facts}
        ids: dict[int, str] = {}
        by_text = {text: id_ for id_, text in reversed(old.items())}
        for place, (text, _) in enumerate(texts):
            if (same := by_text.get(text)) and same not in ids.values():
                ids[place] = same
        near = {
            id_: text
            for id_, text in old.items()
            if re.fullmatch(rf"{re.escape(prefix)}\d+", id_) and id_ not in ids.values()
        }
        for place, (text, _) in enumerate(texts):
            if place not in ids and near:
                found = process.extractOne(text, near, scorer=fuzz.ratio, score_cutoff=SAME)
                if found:
                    ids[place] = found[2]
                    del near[found[2]]
        for place, (text, fact) in enumerate(texts):
            id_ = ids.get(place) or self._free(f"{prefix}{place + 1}")
            if id_ not in self._old.notes:
                self.packed.changes.new.append(id_)
            self.packed.facts[id_] = fact
            self.packed.record.notes[id_] = text
            yield id_, text, fact

    def _text(self, note: str, text: str) -> str:
        """The note's text: the one that a person wrote in place of what was imported stays."""
        before, now = self._old.notes.get(note), self._texts.get(note)
        by_hand = now is not None and now != before
        if before is not None and before != text:
            self.packed.changes.changed.append(note)
        if by_hand and now is not None:
            self.packed.changes.kept_by_hand.append(note)
            return now
        return text


def slug(title: str) -> str:
    """The title as an id: words joined by hyphens, without numbering, cut between words."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", re.sub(r"^\s*\d+[.)]\s*", "", plain))
    kept: list[str] = []
    for word in words:
        if len("-".join([*kept, word])) > ID_LENGTH - 4:
            break
        kept.append(word)
    return "-".join(kept) or "-".join(words)[: ID_LENGTH - 4]


def _pieces(text: str) -> Iterable[str]:
    """The text, parted after sentences where it is longer than a note may be."""
    while len(text) > NOTE_LENGTH:
        end = max(text.rfind(mark, 0, NOTE_LENGTH - 1) for mark in (". ", "; ", " ")) + 1
        end = end or NOTE_LENGTH
        yield text[:end].strip()
        text = text[end:].strip()
    yield text


def _cut(title: str) -> str:
    return title if len(title) <= TITLE_LENGTH else f"{title[: TITLE_LENGTH - 1]}…"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
