"""Amounts in figures: a number with what it counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from content.language.numbers import NUMBER, read_number
from content.language.units import COUNT, MONEY, PERCENT, SIGNS, Unit, units_named

_WITHOUT: Final = frozenset[Unit]()
_POWER: Final = re.compile(
    r"(?<![\w.,])(?:(?P<times>-?\d+(?:\.\d+)?)\s?[x*·]\s?)?"
    r"(?P<base>\d+)(?:\^|\*\*)\(?(?P<power>-?\d+)\)?"
)
_LONGEST_POWER: Final = 400
"""Figures of a power at most; a longer one is kept as text."""

_MIXED: Final = re.compile(r"(?<![\w.,/])(\d+) ([1-9]\d?)/([1-9]\d?)(?![\w/])")
"""A whole number and a fraction, as in 3 1/2."""

_OVER: Final = re.compile(r"\s?/\s?(\d+)(?![\d/])")
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
_SHORT_UNIT: Final = 2
"""A unit of so few letters stands at the end: `5 A` is a current, `5 a side` is not."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what it counts; several units where their sign doesn't tell which."""

    value: Fraction
    units: frozenset[Unit] = _WITHOUT

    def __str__(self) -> str:
        return f"{{{self.value}}}"

    def is_equal(self, other: Amount) -> bool:
        """Whether the two say the same, where a missing % or currency is forgiven."""
        if self.units and other.units:
            return any(
                mine.measure == its.measure and self.value * mine.size == other.value * its.size
                for mine in self.units
                for its in other.units
            )
        bare, full = (self, other) if other.units else (other, self)
        forgiven = not full.units or any(map(_may_be_left_out, full.units))
        return (forgiven and bare.value == full.value) or (
            PERCENT in full.units and bare.value == full.value * PERCENT.size
        )


def _may_be_left_out(unit: Unit) -> bool:
    return unit == PERCENT or unit.measure.startswith(MONEY)


Token = str | Amount


def read_amount(text: str, place: int) -> tuple[list[Token], int] | None:
    """The amount at a place of a text, and where it ends."""
    if mixed := _MIXED.match(text, place):
        whole, over, under = map(int, mixed.groups())
        return [Amount(whole + Fraction(over, under))], mixed.end()
    if power := _POWER.match(text, place):
        return [_power(power)], power.end()
    if number := NUMBER.match(text, place):
        return _number(text, number)
    sign = _CURRENCY_FIRST.match(text, place)
    number = NUMBER.match(text, sign.end()) if sign else None
    if sign and number and (units := _currencies(sign[1])):
        value = read_number(number[0])
        if value is not None:
            value, end, _ = _with_units(text, value, number.end())
            return [Amount(value, units)], end
    return None


def _power(found: re.Match[str]) -> Token:
    """A power as its value, and five times ten to the third as 5000."""
    times, base, power = found["times"] or "1", int(found["base"]), int(found["power"])
    if abs(power) * len(found["base"]) > _LONGEST_POWER or (base == 0 and power < 0):
        return found[0]
    return Amount((read_number(times) or Fraction(1)) * Fraction(base) ** power)


def _number(text: str, number: re.Match[str]) -> tuple[list[Token], int]:
    value, end = read_number(number[0]), number.end()
    after_word = _ARTICLE.sub("", text[: number.start()]).rstrip()[-1:].isalpha()
    if value is None or (after_word and "." in number[0]):
        # `Python 3.10` is not `Python 3.1`: after a word it's a name.
        figures = re.findall(r"\d+", number[0])
        found: list[Token] = [Amount(Fraction(figures[0]))]
        for each in figures[1:]:
            found += [".", Amount(Fraction(each))]
        return found, end
    if (over := _OVER.match(text, end)) and int(over[1]):
        value, end = value / int(over[1]), over.end()
    if ordinal := _ORDINAL.match(text, end):
        return [Amount(value)] if after_word else [Amount(value), "th"], ordinal.end()
    if decade := _DECADE.match(text, end):
        return [Amount(value), "s"], decade.end()
    value, end, units = _with_units(text, value, end)
    if not units and (money := _CURRENCY.match(text, end)) and (units := _currencies(money[1])):
        end = money.end()
    return [Amount(value, units)], end


def _with_units(text: str, value: Fraction, end: int) -> tuple[Fraction, int, frozenset[Unit]]:
    """The value with its thousands or millions, and the units that follow it."""
    while found := _UNIT.match(text, end):
        units = units_named(_BEFORE_SCALE.sub("", found[1]))
        last = not text[found.end() :].strip(" .!?")
        if not units or (len(found[1]) <= _SHORT_UNIT and found[1].isalpha() and not last):
            break
        end = found.end()
        counts = [unit for unit in units if unit.measure == COUNT]
        if not counts or (len(units) > 1 and last):
            return value, end, units
        value *= counts[0].size
    return value, end, _WITHOUT


def _currencies(name: str) -> frozenset[Unit]:
    return frozenset(unit for unit in units_named(name) if unit.measure.startswith(MONEY))
