"""Checks how well members score by guessing, without knowing the topic."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.language.plural import count
from content.model import Option, Question, SingleChoice, TrueFalse
from content.quality.report import Finding, Guess, Measures, Positions
from content.quality.texts import CODE, content_words

MAX_DEVIATION: Final = 0.05
"""How far from chance a strategy's score may be, as a share of the questions."""
ROUNDING_ERROR: Final = 1e-9
"""Sums of thirds and quarters aren't exact."""
MIN_QUESTIONS: Final = 20
"""With fewer questions, counts of key positions mean nothing."""
MIN_P_VALUE: Final = 0.01

HEDGE: Final = re.compile(
    r"\b(usually|typically|normally|generally|mostly|often|sometimes|some|may|might|can|could"
    r"|likely|probably|about|roughly|almost|nearly)\b",
    re.IGNORECASE,
)
QUALIFIER: Final = re.compile(
    r"\b(if|when|while|until|unless|once|per|at least|at most|up to|as long as|depending)\b",
    re.IGNORECASE,
)
MARK: Final = re.compile(r"\d+|\(|,")

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "longest_option": "Picking the longest option is right too often or too rarely.",
        "stem_overlap": (
            "Picking the option that shares the most words with the stem is right too often or too "
            "rarely."
        ),
        "hedged_option": (
            "Picking the most hedged and specific option is right too often or too rarely."
        ),
        "always_true": "Answering each true/false question with true is right too often.",
        "always_false": "Answering each true/false question with false is right too often.",
        "key_position": "The keys of single-choice questions, as stored, favor some positions.",
    }
)


def specificity(text: str) -> int:
    """One point for each hedge, qualifier, code span, number, parenthesis and comma."""
    prose = CODE.sub(" ", text)
    marks = sum(len(pattern.findall(prose)) for pattern in (HEDGE, QUALIFIER, MARK))
    return marks + len(CODE.findall(text))


def _count_shared_words(stem: str, option: Option) -> int:
    return len(content_words(stem) & content_words(option.text))


Score = Callable[[str, Option], int]
"""Scores an option, given the stem; a strategy picks the option with the highest score."""

STRATEGIES: Final[Mapping[str, tuple[type[SingleChoice | TrueFalse], Score]]] = MappingProxyType(
    {
        "longest_option": (SingleChoice, lambda _, option: len(option.text)),
        "stem_overlap": (SingleChoice, _count_shared_words),
        "hedged_option": (SingleChoice, lambda _, option: specificity(option.text)),
        "always_true": (TrueFalse, lambda _, option: option.text == "True"),
        "always_false": (TrueFalse, lambda _, option: option.text == "False"),
    }
)


def guess(strategy: str, questions: Sequence[Question]) -> Guess:
    """Apply a strategy to the questions of its kind."""
    kind, score = STRATEGIES[strategy]
    right = chance = 0.0
    total = 0
    telling = []
    for question in questions:
        if not isinstance(question, kind):
            continue
        scores = [score(question.stem, option) for option in question.options]
        picks = [
            option.correct
            for option, rated in zip(question.options, scores, strict=True)
            if rated == max(scores)
        ]
        total += 1
        right += sum(picks) / len(picks)
        chance += 1 / len(question.options)
        if picks == [True]:
            telling.append(question.id)
    size = max(total, 1)
    return Guess(
        strategy,
        total,
        right / size,
        chance / size,
        tuple(telling),
        _compute_excess(right - chance, total),
    )


def _compute_excess(off: float, total: int) -> float:
    """How many questions the score is out of bounds by; 0 if it's within.

    If a single question weighs more than the bound, no author could meet it exactly, so one more
    question is allowed.
    """
    allowed = MAX_DEVIATION * total + (1 if total * MAX_DEVIATION < 1 else 0)
    beyond = abs(off) - allowed
    return math.copysign(beyond, off) if beyond > ROUNDING_ERROR else 0.0


def count_key_positions(questions: Sequence[Question]) -> tuple[Positions, ...]:
    """Count the positions of keys in single-choice questions, by number of options."""
    counts = defaultdict[int, list[int]](list)
    for question in questions:
        if isinstance(question, SingleChoice):
            size = len(question.options)
            counts[size] = counts[size] or [0] * size
            counts[size][[option.correct for option in question.options].index(True)] += 1
    return tuple(
        Positions(size, tuple(found), uniformity(found)) for size, found in sorted(counts.items())
    )


def uniformity(counts: Sequence[int]) -> float:
    """The p-value of Pearson's chi-square test for equal expected counts."""
    expected = sum(counts) / len(counts)
    return chi_square_tail(
        sum((found - expected) ** 2 for found in counts) / expected, len(counts) - 1
    )


def chi_square_tail(x: float, freedom: int) -> float:
    """The probability that a chi-square variable exceeds x.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5: a finite sum
    starting from one or two degrees of freedom.
    """
    half = x / 2
    start = math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)
    steps = range(1 + (freedom + 1) % 2, freedom, 2)
    terms = (math.pow(half, k / 2) / math.gamma(k / 2 + 1) for k in steps)
    return start + math.exp(-half) * sum(terms)


def check_guesses(measures: Measures) -> Iterator[Finding]:
    """A finding for each strategy that pays off, and for each uneven spread of keys."""
    for found in measures.guesses:
        figures = (
            f"right in {found.accuracy:.0%} of {count(found.questions, 'question')}, "
            f"{found.chance:.0%} by chance"
        )
        change = math.ceil(abs(found.excess))
        if found.excess > 0:
            telling = ", ".join(found.telling) or "those where the key ties"
            message = f"{figures}; change at least {change} of {telling}"
            yield Finding(found.strategy, measures.id, message)
        # If always true scores too high, always false scores too low: that's one fault, not two.
        elif found.excess < 0 and STRATEGIES[found.strategy][0] is SingleChoice:
            message = f"{figures}; make it right in at least {change} more"
            yield Finding(found.strategy, measures.id, message)
    for place in measures.positions:
        if place.p < MIN_P_VALUE and sum(place.counts) >= MIN_QUESTIONS:
            listed = ", ".join(map(str, place.counts))
            message = (
                f"in questions with {place.options} options, {listed} keys are at each position "
                f"(p = {place.p:.2g}); spread them evenly"
            )
            yield Finding("key_position", measures.id, message)
