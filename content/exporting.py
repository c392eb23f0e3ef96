"""The public form of a pack, for other programs (docs/packs.md describes it)."""

from __future__ import annotations

from typing import Any

from content.model import Matching, Numeric, Ordering, Pack, Question, ShortAnswer

_SHARED = ("id", "kind", "topic", "notes", "level", "difficulty", "stem", "rationale", "draft")
_NUMERIC = ("value", "tolerance", "relative_tolerance", "unit", "unit_synonyms")
_OWN = {"units": {"__all__": {"topics": {"__all__": {"notes": {"__all__": {"line"}}}}}}}
"""What only the importer needs to know."""


def document(pack: Pack) -> dict[str, Any]:
    """The whole pack as JSON-able data."""
    return {
        **pack.model_dump(exclude={"chapters", "questions", "drafts"}),
        "chapters": [chapter.model_dump(exclude=_OWN) for chapter in pack.chapters],
        "questions": [_question(question) for question in pack.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    shared = {name: getattr(question, name) for name in _SHARED}
    match question:
        case Ordering() as ordering:
            return shared | {"items": ordering.items}
        case Matching() as matching:
            return shared | {"pairs": matching.pairs}
        case ShortAnswer() as short:
            rejected = [wrong.model_dump() for wrong in short.rejected]
            return shared | {"accepted": short.accepted, "rejected": rejected, "exact": short.exact}
        case Numeric() as numeric:
            return shared | {name: getattr(numeric, name) for name in _NUMERIC}
        case choice:
            return shared | {"options": [option.model_dump() for option in choice.options]}
