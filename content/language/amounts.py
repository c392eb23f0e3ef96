"""Amounts in digits: a number with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from content.language.numbers import NUMBER, read_number
from content.language.units import COUNT, MONEY, PERCENT, SIGNS, Unit, find_units

_NO_UNITS: Final = frozenset[Unit]()
_POWER: Final = re.compile(
    r"(?<![\w.,])(?:(?P<times>-?\d+(?:\.\d+)?)\s?[x*·]\s?)?"
    r"(?P<base>\d+)(?:\^|\*\*)\(?(?P<power>-?\d+)\)?"
)
_MAX_POWER_DIGITS: Final = 400
"""A longer power stays text."""

_MIXED: Final = re.compile(r"(?<![\w.,/])(\d+) ([1-9]\d?)/([1-9]\d?)(?![\w/])")
"""A whole number with a fraction, like 3 1/2."""

_DIVIDED_BY: Final = re.compile(r"\s?/\s?(\d+)(?![\d/])")
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b")
_DECADE: Final = re.compile(r"(?<=\d{3}0)s\b")
_ARTICLE: Final = re.compile(r"\b(?:the|a|an)\s*$", re.IGNORECASE)
_DEGREES: Final = r"(?:°|deg(?:rees?)?)\s?"
_UNIT: Final = re.compile(
    rf"[ -]?({_DEGREES}[CFcf](?:elsius|ahrenheit)?\b|°|[%‰]|[^\W\d_]+(?:/[^\W\d_]+)?)(?![^\W\d_])"
)
_BEFORE_SCALE: Final = re.compile(rf"^{_DEGREES}(?=[CFcf])")
_CURRENCY: Final = re.compile(rf"\s?([{re.escape(SIGNS)}]|[A-Z]{{3}}\b)")
_CURRENCY_FIRST: Final = re.compile(rf"([{re.escape(SIGNS)}]|[A-Z]{{3}}(?=\s?\d))\s?")
_MAX_SHORT_UNIT_LETTERS: Final = 2
"""Units this short must come last: `5 A` is a current, `5 a side` isn't."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit; several units if the sign is ambiguous."""

    value: Fraction
    units: frozenset[Unit] = _NO_UNITS

    def __str__(self) -> str:
        return f"{{{self.value}}}"

    def is_equal(self, other: Amount) -> bool:
        """Whether the two amounts are equal; a missing % or currency doesn't matter."""
        if self.units and other.units:
            return any(
                mine.measure == its.measure and self.value * mine.size == other.value * its.size
                for mine in self.units
                for its in other.units
            )
        bare, full = (self, other) if other.units else (other, self)
        forgiven = not full.units or any(map(_is_optional, full.units))
        return (forgiven and bare.value == full.value) or (
            PERCENT in full.units and bare.value == full.value * PERCENT.size
        )


def _is_optional(unit: Unit) -> bool:
    return unit == PERCENT or unit.measure.startswith(MONEY)


Token = str | Amount


def read_amount(text: str, place: int) -> tuple[list[Token], int] | None:
    """The amount at a position in a text, and where it ends."""
    if mixed := _MIXED.match(text, place):
        whole, over, under = map(int, mixed.groups())
        return [Amount(whole + Fraction(over, under))], mixed.end()
    if power := _POWER.match(text, place):
        return [_evaluate_power(power)], power.end()
    if number := NUMBER.match(text, place):
        return _read_figures(text, number)
    sign = _CURRENCY_FIRST.match(text, place)
    number = NUMBER.match(text, sign.end()) if sign else None
    if sign and number and (units := _find_currencies(sign[1])):
        value = read_number(number[0])
        if value is not None:
            value, end, _ = _apply_units(text, value, number.end())
            return [Amount(value, units)], end
    return None


def _evaluate_power(found: re.Match[str]) -> Token:
    """The value of a power, and of a multiple like 5 x 10^3."""
    times, base, power = found["times"] or "1", int(found["base"]), int(found["power"])
    if abs(power) * len(found["base"]) > _MAX_POWER_DIGITS or (base == 0 and power < 0):
        return found[0]
    return Amount((read_number(times) or Fraction(1)) * Fraction(base) ** power)


def _read_figures(text: str, number: re.Match[str]) -> tuple[list[Token], int]:
    value, end = read_number(number[0]), number.end()
    after_word = _ARTICLE.sub("", text[: number.start()]).rstrip()[-1:].isalpha()
    if value is None or (after_word and "." in number[0]):
        # `Python 3.10` isn't `Python 3.1`: after a word, it's part of a name.
        digits = re.findall(r"\d+", number[0])
        found: list[Token] = [Amount(Fraction(digits[0]))]
        for each in digits[1:]:
            found += [".", Amount(Fraction(each))]
        return found, end
    if (over := _DIVIDED_BY.match(text, end)) and int(over[1]):
        value, end = value / int(over[1]), over.end()
    if ordinal := _ORDINAL.match(text, end):
        return [Amount(value)] if after_word else [Amount(value), "th"], ordinal.end()
    if decade := _DECADE.match(text, end):
        return [Amount(value), "s"], decade.end()
    value, end, units = _apply_units(text, value, end)
    if (
        not units
        and (money := _CURRENCY.match(text, end))
        and (units := _find_currencies(money[1]))
    ):
        end = money.end()
    return [Amount(value, units)], end


def _apply_units(text: str, value: Fraction, end: int) -> tuple[Fraction, int, frozenset[Unit]]:
    """The value with its thousands or millions, and the units after it."""
    while found := _UNIT.match(text, end):
        units = find_units(_BEFORE_SCALE.sub("", found[1]))
        last = not text[found.end() :].strip(" .!?")
        if not units or (
            len(found[1]) <= _MAX_SHORT_UNIT_LETTERS and found[1].isalpha() and not last
        ):
            break
        end = found.end()
        counts = [unit for unit in units if unit.measure == COUNT]
        if not counts or (len(units) > 1 and last):
            return value, end, units
        value *= counts[0].size
    return value, end, _NO_UNITS


def _find_currencies(name: str) -> frozenset[Unit]:
    return frozenset(unit for unit in find_units(name) if unit.measure.startswith(MONEY))
