"""Export a pack for other programs (docs/packs.md describes the format)."""

from __future__ import annotations

from typing import Any

from content.model import Matching, Numeric, Ordering, Pack, Question, ShortAnswer

_SHARED = ("id", "kind", "topic", "notes", "level", "difficulty", "stem", "rationale", "draft")
_OPTIONAL = {"origin", "source", "case", "code", "apart", "spares"}
"""Fields that are only there if they're set."""

_NUMERIC = ("value", "tolerance", "relative_tolerance", "unit", "unit_synonyms")
_IMPORT_ONLY = {"units": {"__all__": {"topics": {"__all__": {"notes": {"__all__": {"line"}}}}}}}
"""Fields that only the importer needs."""


def export_pack(pack: Pack) -> dict[str, Any]:
    """The whole pack as JSON-serializable data."""
    return {
        **pack.model_dump(exclude={"chapters", "questions", "drafts"}),
        "chapters": [chapter.model_dump(exclude=_IMPORT_ONLY) for chapter in pack.chapters],
        "questions": [_export_question(question) for question in pack.questions],
    }


def _export_question(question: Question) -> dict[str, Any]:
    shared = {name: getattr(question, name) for name in _SHARED}
    shared |= question.model_dump(include=_OPTIONAL)
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
