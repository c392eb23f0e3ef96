"""Questions as they were asked: kept with their version when a round is made, so that rounds are
shown, graded and revealed whatever happens to their pack, and a press needs no index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from bot.engine.kinds import kind_of
from bot.engine.library import IndexedPack, Library
from bot.engine.rounds import NewRound, QuestionVersion, Round
from bot.engine.typed_answers.terms import find_confusable
from content.model import SCHEMA_VERSION, Question, ShortAnswer

CHANGED = "This question has changed since it was asked, so you can't answer it anymore."
NEWER = (
    "A newer version of Studyhall asked this question. Ask whoever runs this bot to update it, "
    "then try again."
)


@dataclass(frozen=True, slots=True)
class KeptQuestion:
    """A question as it was asked, with all that its screens and its grading need of its pack:
    titles, the link of its topic, and the pack's terms that could be taken for its answers."""

    schema_version: int
    pack_title: str
    chapter: str
    topic: str
    url: str | None
    terms: frozenset[str]
    question: Question


_DOCUMENT: TypeAdapter[KeptQuestion] = TypeAdapter(KeptQuestion)


class QuestionVersions(Protocol):
    """Stores questions as they were asked. They're kept with the rounds that name them."""

    async def list_unknown(self) -> Sequence[QuestionVersion]:
        """List the versions that rounds or reports name, but whose question isn't kept."""

    async def keep(self, documents: Mapping[QuestionVersion, str]) -> None:
        """Keep the questions of versions that weren't known."""


def make_round(pack: IndexedPack, question: Question, rng: Random) -> NewRound:
    """Make a round that asks a question of a pack, with a random display order."""
    return NewRound(
        question.id,
        question.version,
        kind_of(question).make_layout(question, rng),
        write_document(pack, question),
    )


def write_document(pack: IndexedPack, question: Question) -> str:
    """Write what's kept of a question."""
    return _DOCUMENT.dump_json(take_question(pack, question)).decode()


def take_question(pack: IndexedPack, question: Question) -> KeptQuestion:
    """Take a question out of its pack, as it's asked now."""
    place = pack.topics[question.topic]
    return KeptQuestion(
        schema_version=SCHEMA_VERSION,
        pack_title=pack.pack.title,
        chapter=place.chapter.title,
        topic=place.topic.title,
        url=place.topic.url,
        terms=_find_terms(pack, question),
        question=question,
    )


def _find_terms(pack: IndexedPack, question: Question) -> frozenset[str]:
    match question:
        case ShortAnswer(exact=False):
            return find_confusable(question, pack.terms)
        case _:
            return frozenset()


@lru_cache(maxsize=1000)
def read_document(document: str) -> KeptQuestion | None:
    """Read what's kept of a question; None if nothing is, or if a newer program wrote it."""
    try:
        kept = _DOCUMENT.validate_json(document)
    except ValidationError:
        return None
    return kept if kept.schema_version <= SCHEMA_VERSION else None


def find_asked(round_: Round) -> KeptQuestion | None:
    """Find a round's question as it was asked; None if it isn't known."""
    return read_document(round_.document)


def explain_unknown(round_: Round) -> str:
    """Say why a round's question isn't known."""
    return NEWER if round_.document else CHANGED


async def keep_current(library: Library, versions: QuestionVersions) -> None:
    """Keep the questions that rounds of earlier programs named, as far as packs still have them."""
    known = {}
    for version in await versions.list_unknown():
        pack = library.get(version.pack) if version.pack else None
        question = pack.questions.get(version.question) if pack else None
        if pack and question and question.version == version.version:
            known[version] = write_document(pack, question)
    if known:
        await versions.keep(known)
