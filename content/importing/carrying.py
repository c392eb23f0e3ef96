"""Carries ids over from an earlier import: a note is recognized by what it says and where it was, a
topic, unit or chapter by its title, or else by the notes in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from content.model import Chapter

KINDS = ("chapter", "unit", "topic")
MIN_SIMILARITY = 70
"""Statements of a topic at least this similar (0-100) are the same one, edited."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier import of these notes: its parts and notes as they were there, the texts as they
    are in the pack now, and where each note is in the pack: chapter, unit and topic."""

    parts: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class FoundPart:
    """A chapter, unit or topic of the notes, with the texts of its notes; `id` and `ids` are those
    that it has from an earlier import."""

    kind: str
    above: FoundPart | None
    title: str
    link: str = ""
    notes: list[str] = field(default_factory=list)
    id: str = ""
    ids: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it's recognized by: its kind, the id of what it's in, and its title."""
        return f"{self.kind} {self.above.id if self.above else ''} {self.title}"

    @property
    def path(self) -> Iterator[FoundPart]:
        """The part and all that it's in."""
        yield self
        if self.above:
            yield from self.above.path


def find_places(chapters: Iterable[Chapter]) -> dict[str, tuple[str, str, str]]:
    """Where each note is: its chapter, unit and topic."""
    return {
        note.id: (chapter.id, unit.id, topic.id)
        for chapter in chapters
        for unit in chapter.units
        for topic in unit.topics
        for note in topic.notes
    }


def carry_over(found: Sequence[FoundPart], earlier: Earlier) -> None:
    """Give parts and notes the ids that they had. Parts are in the order of the notes, each after
    what it's in."""
    topics = [part for part in found if part.kind == "topic"]
    left = _match_equal(topics, earlier)
    for kind in KINDS:
        _match_parts([part for part in found if part.kind == kind], topics, earlier)
    _match_similar(topics, earlier, left)


def _match_equal(topics: Sequence[FoundPart], earlier: Earlier) -> set[str]:
    """Match notes with equal texts, those in places of equal titles first; returns what's left."""
    titles = {id_: _fold(key.split(" ", 2)[2]) for id_, key in earlier.parts.items()}
    left = {*earlier.notes}
    for same_place in (True, False):
        by_text = defaultdict[tuple[object, ...], list[str]](list)
        for note, text in reversed(earlier.notes.items()):
            # A note that only shows something has no text to be recognized by elsewhere.
            if note in left and (text or same_place):
                inside = earlier.places.get(note, ()) if same_place else ()
                by_text[text, *(titles.get(each) for each in inside)].append(note)
        for topic in topics:
            where = [_fold(each.title) for each in reversed([*topic.path])] if same_place else ()
            for place, text in enumerate(topic.notes):
                if place not in topic.ids and (same := by_text[text, *where]):
                    topic.ids[place] = same.pop()
                    left.discard(topic.ids[place])
    return left


def _match_parts(parts: Sequence[FoundPart], topics: Sequence[FoundPart], earlier: Earlier) -> None:
    """Match parts of one kind by title, and then by the notes in them, most of them first."""
    level = KINDS.index(parts[0].kind) if parts else 0
    by_key = {_fold(key): id_ for id_, key in earlier.parts.items()}
    free = {*earlier.parts}
    for part in parts:
        if (same := by_key.get(_fold(part.key))) in free:
            part.id = same
            free.discard(same)
    shared = Counter[tuple[FoundPart, str]]()
    for topic in topics:
        part = [*topic.path][len(KINDS) - 1 - level]
        for note in topic.ids.values():
            if note in earlier.places:
                shared[part, earlier.places[note][level]] += 1
    for (part, same), _ in shared.most_common():
        if not part.id and same in free:
            part.id = same
            free.discard(same)


def _match_similar(topics: Sequence[FoundPart], earlier: Earlier, left: set[str]) -> None:
    """Match the remaining notes of topics that were there before."""
    by_topic = defaultdict[str, dict[str, str]](dict)
    for note in earlier.notes:
        if note in left and note in earlier.places:
            by_topic[earlier.places[note][-1]][note] = earlier.notes[note]
    for topic in topics:
        near = by_topic[topic.id] if topic.id else {}
        for place, text in enumerate(topic.notes):
            if near and place not in topic.ids:
                found = process.extractOne(
                    text, near, scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY
                )
                if found:
                    topic.ids[place] = found[2]
                    del near[found[2]]


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
