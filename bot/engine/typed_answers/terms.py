"""A pack's terms: a text that's a term isn't a typo for another one."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.typed_answers.code import is_identifier
from content.language.reading import canonicalize
from content.language.spelling import find_singulars


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
