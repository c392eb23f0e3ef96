"""Packs made ready to be asked from: everything that can be looked up is indexed at load time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.engine.rounds import Round
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
"""The scope that is the whole pack."""

TERM_WORDS = 4
"""An option of at most so many words is a term; a longer one is a sentence."""


@dataclass(frozen=True, slots=True)
class TopicLocation:
    """Where a topic stands in its pack."""

    chapter: Chapter
    unit: Unit
    topic: Topic


class IndexedPack:
    """A pack with its look-ups. Questions that may not be asked (drafts, unless the pack asks
    them) are left out of the scopes, but found by id, so that old rounds still resolve. Its
    `findings` are how much the quality check finds wrong with it."""

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
        """A topic's share of the exam: its chapter's weight, spread over the chapter's topics."""
        topics = Counter(spot.chapter.id for spot in self.topics.values())
        return {
            topic: spot.chapter.weight / topics[spot.chapter.id]
            for topic, spot in self.topics.items()
        }

    @cached_property
    def notes(self) -> Mapping[str, Note]:
        """Every note by id."""
        return {note.id: note for spot in self.topics.values() for note in spot.topic.notes}

    @cached_property
    def index(self) -> Index:
        """The search index, built at the first use."""
        return Index(self.pack)

    def topics_in(self, scope: str) -> tuple[str, ...]:
        """Ids of the topics of a chapter, unit or topic, or of the whole pack; none if unknown."""
        return tuple(
            topic
            for topic, spot in self.topics.items()
            if scope in (WHOLE_PACK, spot.chapter.id, spot.unit.id, topic)
        )

    def questions_in(self, scope: str) -> tuple[Question, ...]:
        """The questions that may be asked within a scope."""
        return tuple(q for topic in self.topics_in(scope) for q in self._askable[topic])

    def find_question(self, round_: Round) -> Question | None:
        """The question of a round as it was posed; None once it was changed or removed."""
        question = self.questions.get(round_.question)
        return question if question and question.version == round_.version else None

    def title_of(self, scope: str) -> str:
        """The title of a chapter, unit or topic; the pack's own for the whole of it."""
        for spot in self.topics.values():
            for part in (spot.chapter, spot.unit, spot.topic):
                if part.id == scope:
                    return part.title
        return self.pack.title

    @cached_property
    def terms(self) -> frozenset[str]:
        """Everything that stands somewhere in the pack as an answer of its own, in the form in
        which answers are compared.

        A typed answer that equals one of these means just that, however close it is to another.
        """
        return collect_terms(
            [text for text in _answers(question) if len(text.split()) <= TERM_WORDS]
            for question in self.pack.questions
        )


def _answers(question: Question) -> list[str]:
    """The texts that stand for an answer in a question."""
    match question:
        case SingleChoice() | MultipleChoice():
            return [option.text for option in question.options]
        case ShortAnswer():
            return [*question.accepted, *(wrong.text for wrong in question.rejected)]
        case _:
            return []


class Library:
    """The packs at hand; the first is the one meant where none is named, and of two with the same
    id the first one counts. `findings` are counted by the id of their pack."""

    def __init__(self, packs: Iterable[Pack], findings: Mapping[str, int] | None = None) -> None:
        self._packs: dict[str, IndexedPack] = {}
        for pack in packs:
            self._packs.setdefault(pack.id, IndexedPack(pack, (findings or {}).get(pack.id, 0)))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the packs, the default first."""
        return tuple(self._packs)

    def find_question(self, round_: Round) -> tuple[IndexedPack, Question] | None:
        """The question of a round as it was posed, with its pack; None once it was changed or
        either was removed."""
        pack = self.get(round_.pack)
        question = pack.find_question(round_) if pack else None
        return (pack, question) if pack and question else None

    def get(self, pack: str) -> IndexedPack | None:
        """The pack of that id, the default one for an empty id."""
        if not pack:
            return next(iter(self._packs.values()), None)
        return self._packs.get(pack)
