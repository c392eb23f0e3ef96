"""How far a member comes who knows nothing but how questions are usually written."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from content.model import Option, Question, SingleChoice, TrueFalse
from content.quality.report import Finding, Guess, Measures, Positions
from content.quality.texts import CODE, words

BOUND: Final = 0.05
"""How far from chance a strategy may be, as a share of the questions."""
ROUNDING: Final = 1e-9
"""Sums of thirds and quarters are not exact."""
FEWEST_POSITIONS: Final = 20
"""Below this many questions, counts of key positions say nothing."""
LEAST_P: Final = 0.01

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
            "Picking the option that shares most words with the stem is right too often or too "
            "rarely."
        ),
        "hedged_option": (
            "Picking the most hedged and specific option is right too often or too rarely."
        ),
        "always_true": "Answering each true/false question with true is right too often.",
        "always_false": "Answering each true/false question with false is right too often.",
        "key_position": "The keys of single-choice questions, as stored, prefer some positions.",
    }
)


def specificity(text: str) -> int:
    """Hedges, qualifiers, code spans, numbers, parentheses and commas, one point each."""
    prose = CODE.sub(" ", text)
    marks = sum(len(pattern.findall(prose)) for pattern in (HEDGE, QUALIFIER, MARK))
    return marks + len(CODE.findall(text))


def _stem_overlap(stem: str, option: Option) -> int:
    return len(words(stem) & words(option.text))


Score = Callable[[str, Option], int]
"""Rates an option beside its stem; a strategy picks the option rated highest."""

STRATEGIES: Final[Mapping[str, tuple[type[SingleChoice | TrueFalse], Score]]] = MappingProxyType(
    {
        "longest_option": (SingleChoice, lambda _, option: len(option.text)),
        "stem_overlap": (SingleChoice, _stem_overlap),
        "hedged_option": (SingleChoice, lambda _, option: specificity(option.text)),
        "always_true": (TrueFalse, lambda _, option: option.text == "True"),
        "always_false": (TrueFalse, lambda _, option: option.text == "False"),
    }
)


def guess(strategy: str, questions: Sequence[Question]) -> Guess:
    """How a strategy does on those of the questions that it is for."""
    kind, score = STRATEGIES[strategy]
    right = chance = 0.0
    count = 0
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
        count += 1
        right += sum(picks) / len(picks)
        chance += 1 / len(question.options)
        if picks == [True]:
            telling.append(question.id)
    size = max(count, 1)
    return Guess(
        strategy, count, right / size, chance / size, tuple(telling), _excess(right - chance, count)
    )


def _excess(off: float, count: int) -> float:
    """How many questions the score lies beyond the bound, 0 if it is within.

    Where a single question weighs more than the bound, no author could meet the bound exactly:
    there, a score that moving one question would bring within is within.
    """
    allowed = BOUND * count + (1 if count * BOUND < 1 else 0)
    beyond = abs(off) - allowed
    return math.copysign(beyond, off) if beyond > ROUNDING else 0.0


def key_positions(questions: Sequence[Question]) -> tuple[Positions, ...]:
    """Where the keys of single-choice questions stand, for each number of options."""
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
    """The p-value of Pearson's chi-square test that each count has the same expectation."""
    expected = sum(counts) / len(counts)
    return chi_square_tail(
        sum((count - expected) ** 2 for count in counts) / expected, len(counts) - 1
    )


def chi_square_tail(x: float, freedom: int) -> float:
    """The probability that a chi-square variable exceeds x.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.4.4 and 26.4.5: a finite sum
    from one or two degrees of freedom upwards.
    """
    half = x / 2
    start = math.erfc(math.sqrt(half)) if freedom % 2 else math.exp(-half)
    steps = range(1 + (freedom + 1) % 2, freedom, 2)
    terms = (math.pow(half, k / 2) / math.gamma(k / 2 + 1) for k in steps)
    return start + math.exp(-half) * sum(terms)


def guess_findings(measures: Measures) -> Iterator[Finding]:
    """A finding for each strategy that pays, and for each number of options with uneven keys."""
    for found in measures.guesses:
        figures = (
            f"right in {found.accuracy:.0%} of {found.questions} questions, chance being "
            f"{found.chance:.0%}"
        )
        change = math.ceil(abs(found.excess))
        if found.excess > 0:
            telling = ", ".join(found.telling) or "those in which the key ties"
            message = f"{figures}; change at least {change} of {telling}"
            yield Finding(found.strategy, measures.id, message)
        # of two constant answers, one loses what the other wins: that is one fault, not two
        elif found.excess < 0 and STRATEGIES[found.strategy][0] is SingleChoice:
            message = f"{figures}; let the strategy find the key in at least {change} more"
            yield Finding(found.strategy, measures.id, message)
    for place in measures.positions:
        if place.p < LEAST_P and sum(place.counts) >= FEWEST_POSITIONS:
            message = (
                f"the keys of questions with {place.options} options stand at their positions "
                f"{', '.join(map(str, place.counts))} times (p = {place.p:.2g}); spread them evenly"
            )
            yield Finding("key_position", measures.id, message)
