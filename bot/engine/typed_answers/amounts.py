"""Grading typed numbers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bot.engine.typed_answers.dressing import expand_typed
from bot.engine.typed_answers.verdict import Verdict
from content.language.amounts import Amount
from content.language.reading import canonicalize, find_readings
from content.language.spelling import is_variant
from content.language.units import PERCENT, Unit, find_units
from content.model import Numeric


def judge_number(question: Numeric, text: str) -> Verdict:
    """Grade a typed number: right within the tolerance, in any unit of the same measure. A missing
    unit is forgiven, as the text field names it."""
    found = list(find_amounts(text))
    values = [
        value
        for amount, unknown_unit in found
        if (value := _convert(question, amount, unknown_unit)) is not None
    ]
    if not values:
        return Verdict(0, "unit" if found else "no number")
    right = to_fraction(question.value)
    off = min(abs(value - right) for value in values)
    if off == 0:
        return Verdict(1, "number")
    allowed = to_fraction(question.tolerance) + to_fraction(question.relative_tolerance) * abs(
        right
    )
    return Verdict(1, "near") if off <= allowed else Verdict(0, "off")


def to_fraction(value: float) -> Fraction:
    """Convert a pack's number exactly as unknown_unit: 0.1 is a tenth."""
    return Fraction(repr(float(value)))


def find_amounts(text: str) -> Iterator[tuple[Amount, str]]:
    """Find each number that a text may mean, with the unknown unit behind it."""
    for variant in expand_typed(text):
        for reading in find_readings(variant):
            match reading.tokens:
                case (Amount() as amount, *rest) if all(isinstance(each, str) for each in rest):
                    yield amount, "".join(map(str, rest))


def _convert(question: Numeric, amount: Amount, unknown_unit: str) -> Fraction | None:
    """Convert a typed amount to the question's unit; None if it measures something else."""
    names = [question.unit, *question.unit_synonyms] if question.unit else []
    if unknown_unit:
        known = not amount.units and any(
            is_variant(unknown_unit, canonicalize(name)) for name in names
        )
        return amount.value if known else None
    if not amount.units:
        return amount.value
    if not names:
        return amount.value * PERCENT.size if PERCENT in amount.units else None
    own = frozenset[Unit]().union(*map(find_units, names))
    return next(
        (
            amount.value * unit.size / its.size
            for unit in amount.units
            for its in own
            if unit.measure == its.measure
        ),
        None,
    )
