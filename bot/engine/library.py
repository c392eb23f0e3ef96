"""Packs ready for use, with indexes for everything that's looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.engine.search import Index
from bot.engine.typed_answers.terms import collect_terms
from content.model import (
    Chapter,
    MultipleChoice,
    Note,
    Pack,
    Question,
    ShortAnswer,
    SingleChoice,
    Topic,
    Unit,
)

WHOLE_PACK = ""
"""The scope of a whole pack."""

MAX_TERM_WORDS = 4
"""A longer option is a sentence, not a term."""


@dataclass(frozen=True, slots=True)
class TopicLocation:
    """A topic, with its chapter and unit."""

    chapter: Chapter
    unit: Unit
    topic: Topic


class IndexedPack:
    """A pack with its indexes. Questions that may not be asked (drafts, unless the pack allows
    them) aren't in any scope, but can be found by id, as members may have cards of them. `findings`
    is the number of problems that the quality check found."""

    def __init__(self, pack: Pack, findings: int = 0) -> None:
        self.pack = pack
        self.findings = findings
        self.topics: Mapping[str, TopicLocation] = {
            topic.id: TopicLocation(chapter, unit, topic)
            for chapter in pack.chapters
            for unit in chapter.units
            for topic in unit.topics
        }
        self.questions: Mapping[str, Question] = {each.id: each for each in pack.questions}
        self._askable: Mapping[str, list[Question]] = {topic: [] for topic in self.topics}
        for question in pack.questions:
            if pack.drafts or not question.draft:
                self._askable[question.topic].append(question)

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Each topic's share of the exam: its chapter's weight, spread over its topics."""
        topics = Counter(place.chapter.id for place in self.topics.values())
        return {
            topic: place.chapter.weight / topics[place.chapter.id]
            for topic, place in self.topics.items()
        }

    @cached_property
    def notes(self) -> Mapping[str, Note]:
        """All notes by id."""
        return {note.id: note for place in self.topics.values() for note in place.topic.notes}

    @cached_property
    def index(self) -> Index:
        """The search index, built on first use."""
        return Index(self.pack)

    def topics_in(self, scope: str) -> tuple[str, ...]:
        """List the topic ids of a chapter, unit or topic, or of the whole pack; none if unknown."""
        return tuple(
            topic
            for topic, place in self.topics.items()
            if scope in (WHOLE_PACK, place.chapter.id, place.unit.id, topic)
        )

    def questions_in(self, scope: str) -> tuple[Question, ...]:
        """List the questions that may be asked in a scope."""
        return tuple(q for topic in self.topics_in(scope) for q in self._askable[topic])

    def title_of(self, scope: str) -> str:
        """Return the title of a chapter, unit or topic; the pack's own for the whole pack."""
        for place in self.topics.values():
            for part in (place.chapter, place.unit, place.topic):
                if part.id == scope:
                    return part.title
        return self.pack.title

    @cached_property
    def terms(self) -> frozenset[str]:
        """Every term that is an answer somewhere in the pack, in the form used to compare answers.

        A typed answer that equals one of these is that term, however close it is to another.
        """
        return collect_terms(
            [text for text in _list_answers(question) if len(text.split()) <= MAX_TERM_WORDS]
            for question in self.pack.questions
        )


def _list_answers(question: Question) -> list[str]:
    """List a question's answers, right and wrong."""
    match question:
        case SingleChoice() | MultipleChoice():
            return [option.text for option in question.options]
        case ShortAnswer():
            return [*question.accepted, *(wrong.text for wrong in question.rejected)]
        case _:
            return []


class Library:
    """The installed packs. The first is the default; if two have the same id, the first counts.
    `findings` is the number of problems in each pack, by pack id."""

    def __init__(self, packs: Iterable[Pack], findings: Mapping[str, int] | None = None) -> None:
        self._packs: dict[str, IndexedPack] = {}
        for pack in packs:
            self._packs.setdefault(pack.id, IndexedPack(pack, (findings or {}).get(pack.id, 0)))

    @property
    def ids(self) -> tuple[str, ...]:
        """The packs' ids, the default first."""
        return tuple(self._packs)

    @property
    def packs(self) -> tuple[IndexedPack, ...]:
        """The packs, the default first."""
        return tuple(self._packs.values())

    def get(self, pack: str) -> IndexedPack | None:
        """Return the pack of that id, or the default pack for an empty id."""
        if not pack:
            return next(iter(self._packs.values()), None)
        return self._packs.get(pack)
