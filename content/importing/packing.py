"""Turns an outline into a pack, keeping ids and hand edits when it's imported again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from content.importing.carrying import Earlier, FoundPart, carry_over
from content.importing.outline import Chapter, Fact, Outline, Topic, Unit

MAX_ID_CHARS, MAX_TITLE_CHARS, MAX_NOTE_CHARS = 40, 150, 1500
"""The limits of content.model."""

Part = Chapter | Unit | Topic


@dataclass(slots=True)
class Changes:
    """Ids of notes by what has happened to them since the last import."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    kept_by_hand: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PackedNotes:
    """The chapters as in the pack's files, with the fact behind each note, and their ids with
    titles, links and texts as in the notes."""

    chapters: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Fact] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)


def pack_outline(outline: Outline, earlier: Earlier, taken: Iterable[str] = ()) -> PackedNotes:
    """Turn an outline into the chapters of a pack.

    What it has in common with the `earlier` import keeps its id; other ids aren't among the `taken`
    ones. A note in the pack that differs from the earlier import was edited by hand and stays.
    """
    packer = _Packer(earlier, taken)
    for chapter in outline.chapters:
        packer.add_chapter(chapter)
    packer.pack()
    packer.packed.changes.gone = [each for each in earlier.notes if each not in packer.packed.facts]
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
    def __init__(self, earlier: Earlier, taken: Iterable[str]) -> None:
        self.packed = PackedNotes()
        self._earlier = earlier
        self._taken = {*taken, *earlier.parts, *earlier.notes}
        self._found: list[FoundPart] = []
        self._facts: dict[tuple[FoundPart, int], Fact] = {}
        self._shown: dict[tuple[FoundPart, int], dict[str, Any]] = {}
        self._topics: dict[Topic, FoundPart] = {}

    def add_chapter(self, chapter: Chapter) -> None:
        """Add a chapter; parts without notes are left out."""
        units = [(unit, [each for each in unit.topics if each.facts]) for unit in chapter.units]
        units = [(unit, topics) for unit, topics in units if topics]
        if not units:
            return
        above = self._add_part("chapter", None, chapter)
        for unit, topics in units:
            inside = self._add_part("unit", above, unit)
            for topic in topics:
                self._add_topic(inside, topic)

    def _add_part(self, kind: str, above: FoundPart | None, part: Part) -> FoundPart:
        found = FoundPart(kind, above, part.title)
        self._found.append(found)
        return found

    def _add_topic(self, above: FoundPart, topic: Topic) -> None:
        found = self._add_part("topic", above, topic)
        found.link = topic.url or ""
        self._topics[topic] = found
        for fact in topic.facts:
            self._shown[found, len(found.notes)] = describe_shown(fact)
            for text in _split_note(format_note(fact)):
                self._facts[found, len(found.notes)] = fact
                found.notes.append(text)

    def pack(self) -> None:
        """Give everything its id, and build the chapters."""
        carry_over(self._found, self._earlier)
        built: dict[FoundPart, dict[str, Any]] = {}
        for part in self._found:
            data = built[part] = self._build(part)
            if part.above is None:
                self.packed.chapters.append(data)
            else:
                built[part.above][f"{part.kind}s"].append(data)
        for topic, part in self._topics.items():
            related = [self._topics[each].id for each in topic.related if each in self._topics]
            added = {"aliases": [*topic.aliases], "related": related}
            notes = built[part].pop("notes")
            built[part] |= {name: value for name, value in added.items() if value}
            built[part]["notes"] = notes

    def _build(self, part: FoundPart) -> dict[str, Any]:
        part.id = part.id or self._make_id(slugify(part.title) or part.kind)
        self.packed.parts[part.id] = part.key
        data: dict[str, Any] = {"id": part.id, "title": truncate(part.title)}
        match part.kind:
            case "chapter":
                return data | {"units": []}
            case "unit":
                return data | {"topics": []}
        if part.link:
            data["url"] = self.packed.links[part.id] = part.link
        return data | {"notes": [self._build_note(part, n) for n in range(len(part.notes))]}

    def _build_note(self, topic: FoundPart, place: int) -> dict[str, Any]:
        fact, text = self._facts[topic, place], topic.notes[place]
        prefix = f"{topic.id[: MAX_ID_CHARS - 6].strip('-')}-n"
        note = topic.ids.get(place) or self._make_id(f"{prefix}{place + 1}")
        if note not in self._earlier.notes:
            self.packed.changes.new.append(note)
        self.packed.facts[note] = fact
        self.packed.notes[note] = text
        chosen = self._choose_text(note, text)
        shown = self._shown.get((topic, place), {})
        return {"id": note} | ({"text": chosen} if chosen else {}) | shown | {"line": fact.line}

    def _make_id(self, wish: str) -> str:
        id_, number = wish[:MAX_ID_CHARS].strip("-"), 1
        while id_ in self._taken:
            number += 1
            id_ = f"{wish[: MAX_ID_CHARS - len(str(number)) - 1].strip('-')}-{number}"
        self._taken.add(id_)
        return id_

    def _choose_text(self, note: str, text: str) -> str:
        """The note's text: a hand edit wins over the imported one."""
        before, now = self._earlier.notes.get(note), self._earlier.texts.get(note)
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


def truncate(title: str) -> str:
    """A title that fits."""
    return title if len(title) <= MAX_TITLE_CHARS else f"{title[: MAX_TITLE_CHARS - 1]}…"
