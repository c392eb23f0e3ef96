"""Checks for questions that repeat each other or give each other away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rapidfuzz import fuzz, process

from content.model import Matching, MultipleChoice, Ordering, Question, ShortAnswer, SingleChoice
from content.quality.report import Finding
from content.quality.texts import content_words, fold
from content.quality.wording import list_reasons

MIN_DUPLICATE_SIMILARITY: Final = 88
"""Stems at least this similar (0-100) read the same."""
MIN_SHARED_WORDS: Final = 2 / 3
MIN_KEY_WORDS: Final = 2

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "near_duplicate": "Two stems are nearly the same.",
        "same_answers": "Two questions have the same key among the same options.",
        "repeated_rationale": "The same reason is given twice.",
        "answer_in_stem": "Another stem in the topic gives the answer away to a similar question.",
    }
)


def check_repetition(questions: Sequence[Question]) -> Iterator[Finding]:
    """What's wrong between these questions; of two, the later one gets the finding."""
    yield from _check_near_duplicates(questions)
    yield from _check_same_answers(questions)
    yield from _check_repeated_rationales(questions)
    yield from _check_answers_in_stems(questions)


def _check_near_duplicates(questions: Sequence[Question]) -> Iterator[Finding]:
    # Sorting words once makes the plain ratio rapidfuzz's token_sort_ratio at a fraction of
    # its time
    stems = [
        " ".join(sorted(fold("\n".join((each.stem, *each.subject))).split())) for each in questions
    ]
    for at, question in enumerate(questions):
        if nearest := process.extractOne(
            stems[at], stems[:at], scorer=fuzz.ratio, score_cutoff=MIN_DUPLICATE_SIMILARITY
        ):
            _, score, earlier = nearest
            message = (
                f"its stem is {score:.0f}% the same as in {questions[earlier].id}; ask something "
                "else or remove one"
            )
            yield Finding("near_duplicate", question.id, message)


def _check_same_answers(questions: Sequence[Question]) -> Iterator[Finding]:
    first = dict[Hashable, str]()
    for question in questions:
        if answers := _answer_key(question):
            asked = (question.kind, answers, question.subject)
            earlier = first.setdefault(asked, question.id)
            if earlier != question.id:
                message = (
                    f"has the same key and options as {earlier}; change the options or remove one"
                )
                yield Finding("same_answers", question.id, message)


def _answer_key(question: Question) -> Hashable:
    match question:
        case SingleChoice() | MultipleChoice():
            return frozenset((fold(o.text), o.correct) for o in question.options)
        case Ordering():
            return tuple(map(fold, question.items))
        case Matching():
            return frozenset((fold(left), fold(right)) for left, right in question.pairs)
        case _:  # many questions can share a term, or true, as their answer
            return None


def _check_repeated_rationales(questions: Sequence[Question]) -> Iterator[Finding]:
    first = dict[str, str]()
    for question in questions:
        texts = [why for why, _ in list_reasons(question)]
        # Near misses of one term may share a reason.
        for text in texts[:1] if isinstance(question, ShortAnswer) else texts:
            if (earlier := first.get(fold(text))) is not None:
                place = "given twice" if earlier == question.id else f"also given in {earlier}"
                message = f"`{text}` is {place}; say what's true in this case"
                yield Finding("repeated_rationale", question.id, message)
            first.setdefault(fold(text), question.id)


def _check_answers_in_stems(questions: Sequence[Question]) -> Iterator[Finding]:
    topics = defaultdict[str, list[Question]](list)
    for question in questions:
        topics[question.topic].append(question)
    for question in questions:
        for key in _find_telling_keys(question):
            verbatim = re.compile(rf"(?<!\w){re.escape(fold(key))}(?!\w)")
            asked = content_words(question.stem)
            for other in topics[question.topic]:
                known = asked & content_words(other.stem)
                if (
                    other is not question
                    and 0 < MIN_SHARED_WORDS * len(asked) <= len(known)
                    and verbatim.search(fold(other.stem))
                ):
                    message = f"the stem of {other.id} gives away its answer, `{key}`; reword one"
                    yield Finding("answer_in_stem", question.id, message)


def _find_telling_keys(question: Question) -> Iterator[str]:
    """Keys that nobody writes by accident: two or more content words, or code."""
    match question:
        case SingleChoice():
            keys = [option.text for option in question.options if option.correct]
        case ShortAnswer():
            keys = question.accepted[:1]
        case _:
            return
    yield from (
        key
        for key in keys
        if len(content_words(key)) >= MIN_KEY_WORDS or re.search(r"[`_()=.]", key)
    )
