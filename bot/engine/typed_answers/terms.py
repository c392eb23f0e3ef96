"""A pack's terms: a text that's a term isn't a typo for another one."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from rapidfuzz import fuzz, process

from bot.engine.typed_answers.code import is_identifier
from content.language.reading import canonicalize, find_readings
from content.language.spelling import find_singulars
from content.model import ShortAnswer

MIN_CONFUSABLE = 70
"""How alike a term and an answer are (0-100), or a part of either, if one may be typed for the
other. Measured: with the terms from 80 up, no verdict differs from one with all terms."""

MIN_MISSPELLED_LETTERS = 5
"""Shorter words of an answer are never forgiven a typo."""


def find_confusable(question: ShortAnswer, terms: AbstractSet[str]) -> frozenset[str]:
    """Find the terms that could be taken for one of the question's texts: others change no
    verdict."""
    texts = [*question.accepted, *(wrong.text for wrong in question.rejected)]
    words = {word for text in texts for each in find_readings(text) for word in each.words}
    forms = {canonicalize(text) for text in texts}
    forms |= {word for word in words if len(word) >= MIN_MISSPELLED_LETTERS}
    known = list(terms)
    return frozenset(
        term
        for form in forms
        for term, *_ in process.extract(
            form, known, scorer=fuzz.partial_ratio, score_cutoff=MIN_CONFUSABLE, limit=None
        )
    )


def collect_terms(questions: Iterable[Iterable[str]]) -> frozenset[str]:
    """Collect the canonical forms of all questions' texts.

    Drops a singular with its plural (endpoint, endpoints), as they're one term, unless a question
    has both. A name in code is a different one with an s (log_metric, log_metrics).
    """
    sides = [{canonicalize(text): text for text in texts} for texts in questions]
    found = {term: text for side in sides for term, text in side.items()}
    pairs = [
        (one, many)
        for many, text in found.items()
        if not is_identifier(text)
        for one in find_singulars(many) & found.keys()
    ]
    alike = {
        term
        for pair in pairs
        if not any(side.keys() >= set(pair) for side in sides)
        for term in pair
    }
    return frozenset(found.keys() - alike)
