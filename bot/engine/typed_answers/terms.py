"""The terms of a pack: what is one of them was not mistyped, and means just that."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.typed_answers.code import is_name
from content.language.reading import canonicalize
from content.language.spelling import find_singulars


def collect_terms(questions: Iterable[Iterable[str]]) -> frozenset[str]:
    """The forms of each question's texts.

    One and many of a thing (endpoint, endpoints) are one term unless a question sets the two side
    by side, and so neither is kept. A name in code is another with an s (log_metric, log_metrics).
    """
    sides = [{canonicalize(text): text for text in texts} for texts in questions]
    found = {term: text for side in sides for term, text in side.items()}
    pairs = [
        (one, many)
        for many, text in found.items()
        if not is_name(text)
        for one in find_singulars(many) & found.keys()
    ]
    alike = {
        term
        for pair in pairs
        if not any(side.keys() >= set(pair) for side in sides)
        for term in pair
    }
    return frozenset(found.keys() - alike)
