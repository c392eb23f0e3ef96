"""Measures what validity can't: whether a pack asks all it should, and asks it fairly.

A valid pack may still be guessable, repetitive or full of holes; members would find out first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.model import Pack, Question, Topic
from content.quality import coverage, guessing, repetition, typed, wording
from content.quality.report import Finding, Guess, Measures, Positions, Report

__all__ = [
    "CHECKS",
    "WAIVABLE",
    "Finding",
    "Guess",
    "Measures",
    "Positions",
    "Report",
    "examine",
]

WAIVABLE: Final = frozenset({*wording.CHECKS, *repetition.CHECKS, *typed.CHECKS})
"""The checks that judge one question, which it may therefore `waive`."""

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **coverage.CHECKS,
        **guessing.CHECKS,
        **wording.CHECKS,
        **repetition.CHECKS,
        **typed.CHECKS,
        "unknown_waive": "A question waives what is no check, or none that judges one question.",
    }
)
"""What each check finds, by its name."""


def examine(pack: Pack) -> Report:
    """Measure a valid pack and its chapters, and list what is wrong with them.

    Drafts that aren't asked test nothing and can't be guessed; they are read for their wording
    and compared with each other, so that who reads them next finds the faults marked.
    """
    asked = [question for question in pack.questions if pack.drafts or not question.draft]
    drafts = [question for question in pack.questions if question.draft and not pack.drafts]
    outline = {
        chapter.id: [topic for unit in chapter.units for topic in unit.topics]
        for chapter in pack.chapters
    }
    topics = [topic for members in outline.values() for topic in members]
    whole = _measure("pack", pack.title, topics, asked, drafts)
    chapters = [
        _measure(chapter.id, chapter.title, outline[chapter.id], asked, drafts)
        for chapter in pack.chapters
    ]
    # with one chapter, what holds of it holds of the pack, and would be said twice
    judged = (whole, *chapters) if len(chapters) > 1 else (whole,)
    findings = [
        *coverage.gap_findings(whole),
        *coverage.link_findings(topics),
        *(found for part in judged for found in guessing.guess_findings(part)),
        *wording.wording_findings(pack.questions, pack.language),
        *typed.typed_findings(pack.questions),
        *repetition.repetition_findings(asked),
        *repetition.repetition_findings(drafts),
        *_unknown_waivers(pack.questions),
    ]
    waived = {
        (check, question.id)
        for question in pack.questions
        for check in question.waive.keys() & WAIVABLE
    }
    return Report(
        parts=(whole, *chapters),
        findings=tuple(f for f in findings if (f.check, f.where) not in waived),
    )


def _measure(
    name: str,
    title: str,
    topics: Sequence[Topic],
    asked: Sequence[Question],
    drafts: Sequence[Question],
) -> Measures:
    ids = {topic.id for topic in topics}
    own = [question for question in asked if question.topic in ids]
    return Measures(
        id=name,
        title=title,
        topics=len(topics),
        notes=sum(len(topic.notes) for topic in topics),
        questions=len(own),
        drafts=sum(question.topic in ids for question in drafts),
        **coverage.gaps(topics, asked),
        kinds=_counts(question.kind for question in own),
        levels=_counts(question.level for question in own),
        difficulties=_counts(str(question.difficulty) for question in own),
        guesses=tuple(guessing.guess(strategy, own) for strategy in guessing.STRATEGIES),
        positions=guessing.key_positions(own),
    )


def _counts(values: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _unknown_waivers(questions: Sequence[Question]) -> Iterator[Finding]:
    for question in questions:
        for check in sorted(question.waive.keys() - WAIVABLE):
            message = (
                f"`{check}` judges many questions together; improve them instead"
                if check in CHECKS
                else f"there is no check `{check}`; there are {', '.join(sorted(WAIVABLE))}"
            )
            yield Finding("unknown_waive", question.id, message)
