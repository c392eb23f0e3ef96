"""The quality check: whether a valid pack covers its notes and asks about them fairly.

A valid pack may still be guessable, repetitive or full of gaps, and members would notice first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.model import Pack, Question, Topic
from content.quality import coverage, guessing, repetition, typed, wording
from content.quality.report import Finding, Guess, Measures, Positions, QualityReport

__all__ = [
    "CHECKS",
    "WAIVABLE",
    "Finding",
    "Guess",
    "Measures",
    "Positions",
    "QualityReport",
    "examine",
]

WAIVABLE: Final = frozenset({*wording.CHECKS, *repetition.CHECKS, *typed.CHECKS})
"""The checks that judge a single question, which it can therefore `waive`."""

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **coverage.CHECKS,
        **guessing.CHECKS,
        **wording.CHECKS,
        **repetition.CHECKS,
        **typed.CHECKS,
        "unknown_waive": "A question waives an unknown check, or one that judges many questions.",
    }
)
"""What each check finds, by its code."""


def examine(pack: Pack) -> QualityReport:
    """Measure a valid pack and its chapters, and list what's wrong with them.

    Drafts that aren't asked cover nothing and can't be guessed. Only their wording is checked, and
    they're compared with each other, so that their reviewer sees the faults.
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
    # With a single chapter, each finding would be listed twice.
    judged = (whole, *chapters) if len(chapters) > 1 else (whole,)
    findings = [
        *coverage.check_gaps(whole),
        *coverage.check_links(topics),
        *(found for part in judged for found in guessing.check_guesses(part)),
        *wording.check_wording(pack.questions, pack.language),
        *typed.check_typed(pack.questions),
        *repetition.check_repetition(asked),
        *repetition.check_repetition(drafts),
        *_check_waivers(pack.questions),
    ]
    waived = {
        (check, question.id)
        for question in pack.questions
        for check in question.waive.keys() & WAIVABLE
    }
    return QualityReport(
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
        **coverage.find_gaps(topics, asked),
        kinds=_counts(question.kind for question in own),
        levels=_counts(question.level or "not set" for question in own),
        difficulties=_counts(str(question.difficulty or "not set") for question in own),
        guesses=tuple(guessing.guess(strategy, own) for strategy in guessing.STRATEGIES),
        positions=guessing.count_key_positions(own),
    )


def _counts(values: Iterator[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _check_waivers(questions: Sequence[Question]) -> Iterator[Finding]:
    for question in questions:
        for check in sorted(question.waive.keys() - WAIVABLE):
            message = (
                f"`{check}` judges many questions together, so it can't be waived; fix them instead"
                if check in CHECKS
                else f"there's no check `{check}`; use one of: {', '.join(sorted(WAIVABLE))}"
            )
            yield Finding("unknown_waive", question.id, message)
