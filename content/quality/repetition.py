"""What questions say twice, and what one of them gives away about another."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from rapidfuzz import fuzz, process

from content.model import Matching, MultipleChoice, Ordering, Question, ShortAnswer, SingleChoice
from content.quality.report import Finding
from content.quality.texts import fold, words
from content.quality.wording import reasons

ALIKE: Final = 88
"""From here on (of 100), two stems are the same to a reader."""
GIVEN_SHARE: Final = 2 / 3
FEWEST_KEY_WORDS: Final = 2

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "near_duplicate": "Two stems are nearly the same.",
        "same_answers": "Two questions have the same key among the same options.",
        "repeated_rationale": "The same reason is given twice.",
        "answer_in_stem": "Another stem of the topic tells the answer, and nearly the question.",
    }
)


def repetition_findings(questions: Sequence[Question]) -> Iterator[Finding]:
    """What is wrong between these questions; of two, the later one is named."""
    yield from _near_duplicates(questions)
    yield from _same_answers(questions)
    yield from _repeated_rationales(questions)
    yield from _answers_in_stems(questions)


def _near_duplicates(questions: Sequence[Question]) -> Iterator[Finding]:
    # sorted once here, so that the plain ratio is rapidfuzz's token_sort_ratio at a fraction of
    # its time
    stems = [" ".join(sorted(fold(question.stem).split())) for question in questions]
    for at, question in enumerate(questions):
        if nearest := process.extractOne(
            stems[at], stems[:at], scorer=fuzz.ratio, score_cutoff=ALIKE
        ):
            _, score, earlier = nearest
            message = (
                f"its stem is {score:.0f} % that of {questions[earlier].id}; ask something else, "
                "or remove one"
            )
            yield Finding("near_duplicate", question.id, message)


def _same_answers(questions: Sequence[Question]) -> Iterator[Finding]:
    first = dict[Hashable, str]()
    for question in questions:
        if answers := _answers(question):
            earlier = first.setdefault((question.kind, answers), question.id)
            if earlier != question.id:
                message = f"has key and options of {earlier}; change the options, or remove one"
                yield Finding("same_answers", question.id, message)


def _answers(question: Question) -> Hashable:
    match question:
        case SingleChoice() | MultipleChoice():
            return frozenset((fold(o.text), o.correct) for o in question.options)
        case Ordering():
            return tuple(map(fold, question.items))
        case Matching():
            return frozenset((fold(left), fold(right)) for left, right in question.pairs)
        case _:  # a term, or true, may well answer many questions
            return None


def _repeated_rationales(questions: Sequence[Question]) -> Iterator[Finding]:
    first = dict[str, str]()
    for question in questions:
        texts = [why for why, _ in reasons(question)]
        # near misses of one term may be wrong for one reason
        for text in texts[:1] if isinstance(question, ShortAnswer) else texts:
            if (earlier := first.get(fold(text))) is not None:
                place = "twice" if earlier == question.id else f"in {earlier} too"
                message = f"`{text}` stands {place}; say what holds in this case"
                yield Finding("repeated_rationale", question.id, message)
            first.setdefault(fold(text), question.id)


def _answers_in_stems(questions: Sequence[Question]) -> Iterator[Finding]:
    topics = defaultdict[str, list[Question]](list)
    for question in questions:
        topics[question.topic].append(question)
    for question in questions:
        for key in _telling_keys(question):
            verbatim = re.compile(rf"(?<!\w){re.escape(fold(key))}(?!\w)")
            asked = words(question.stem)
            for other in topics[question.topic]:
                known = asked & words(other.stem)
                if (
                    other is not question
                    and 0 < GIVEN_SHARE * len(asked) <= len(known)
                    and verbatim.search(fold(other.stem))
                ):
                    message = f"the stem of {other.id} tells its answer, `{key}`; reword one"
                    yield Finding("answer_in_stem", question.id, message)


def _telling_keys(question: Question) -> Iterator[str]:
    """The keys that nobody writes by accident: two content words or more, or code."""
    match question:
        case SingleChoice():
            keys = [option.text for option in question.options if option.correct]
        case ShortAnswer():
            keys = question.accepted[:1]
        case _:
            return
    yield from (
        key for key in keys if len(words(key)) >= FEWEST_KEY_WORDS or re.search(r"[`_()=.]", key)
    )
