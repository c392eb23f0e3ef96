"""The values of numbers as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from content.language import split_words

_ONES: Final = split_words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS: Final = split_words("twenty thirty forty fifty sixty seventy eighty ninety")
SMALL_NUMBERS: Final[Mapping[str, int]] = MappingProxyType(
    {word: value for value, word in enumerate(_ONES)}
    | {word: 10 * value for value, word in enumerate(_TENS, 2)}
    | {"fourty": 40}
)
_TEN, _HUNDRED = 10, 100
SCALES: Final[Mapping[str, int]] = MappingProxyType(
    {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
)
_ORDINALS: Final[Mapping[str, int]] = MappingProxyType(
    # Most are regular; the irregular ones come last and win.
    {
        f"{word.removesuffix('y')}{'ie' * word.endswith('y')}th": n
        for word, n in SMALL_NUMBERS.items()
    }
    | {f"{word}th": value for word, value in SCALES.items()}
    | {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
)

NUMBER: Final = re.compile(
    r"""
    (?: (?<![^\s(\[{"'/^=<>*$€£¥:,]) [-+] \s? )?       # a sign, not a hyphen
    (?: (?: \d{1,3} (?: [,'_ ] \d{3} )+ (?!\d) | \d+ ) (?: [.,] \d+ )* | (?<!\w) [.,] \d+ )
    (?: [eE] [-+]? \d+ (?!\w) )?
    """,
    re.VERBOSE,
)
"""A number in digits. A comma groups by threes, as in 1,000; otherwise it's a decimal comma."""

_GROUPED: Final = re.compile(r"\d{1,3}(?:([,'_ ])\d{3})(?:\1\d{3})*(?:\.\d+)?")
_DOTTED: Final = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}")
_PLAIN: Final = re.compile(r"\d*[.,]?\d+")
_ROMAN: Final = re.compile(
    r"m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.IGNORECASE
)
_ROMAN_DIGITS: Final = MappingProxyType(
    {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
)
_MIN_YEAR_LENGTH: Final = 4
"""Shorter Roman numerals with c, d or m are words and units."""

_MAX_EXPONENT: Final = 30
"""A number with a larger exponent stays text."""


def read_number(text: str) -> Fraction | None:
    """The value of a number in digits; None if it has no single value (3.11.2)."""
    sign = -1 if text.startswith("-") else 1
    plain, _, power = text.strip("+- ").lower().partition("e")
    if power and abs(int(power)) > _MAX_EXPONENT:
        return None
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[,'_ ]", "", plain)
    elif _DOTTED.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _PLAIN.fullmatch(plain):
        plain = plain.replace(",", ".")
    else:
        return None
    return sign * Fraction(plain) * Fraction(10) ** int(power or 0)


def format_number(value: Fraction) -> str:
    """A value in the form that `read_number` reads: a decimal if it's finite, else a fraction."""
    places = 0
    while places <= _MAX_EXPONENT and (value * 10**places).denominator != 1:
        places += 1
    if places > _MAX_EXPONENT:
        return f"{value.numerator}/{value.denominator}"
    whole, part = divmod(abs(value) * 10**places, 10**places)
    decimals = f".{int(part):0{places}}".rstrip("0") if places else ""
    return f"{'-' if value < 0 else ''}{int(whole)}{decimals}"


def read_roman(word: str, *, after_word: bool) -> int | None:
    """The value of a Roman numeral: i, v, x in any case, l in capitals, full years."""
    small = word.lower()
    if not word or not _ROMAN.fullmatch(word):
        return None
    if len(word) < _MIN_YEAR_LENGTH or not after_word:
        allowed = "ivxl" if word.isupper() else "ivx"
        if not after_word or set(small) - set(allowed):
            return None
    values = [_ROMAN_DIGITS[each] for each in small]
    return sum(
        -each if after > each else each
        for each, after in zip(values, [*values[1:], 0], strict=True)
    )


def read_ordinal(word: str) -> int | None:
    """The number of an ordinal word like `third`."""
    return _ORDINALS.get(word)


def read_words(words: Sequence[str]) -> tuple[Fraction, int] | None:
    """The value of the leading number words and their count; None without any."""
    total = group = 0
    room = _HUNDRED
    used = 0
    for place, word in enumerate(words):
        value = SMALL_NUMBERS.get(word, -1)
        if 0 <= value < room and (value or room == _HUNDRED):
            group += value
            # `twenty` can be followed by one to nine; anything else ends the group.
            room = _TEN if value >= 2 * _TEN else 0
        elif word == "hundred":
            group, room = (group or 1) * _HUNDRED, _HUNDRED
        elif word in SCALES:
            total, group, room = total + (group or 1) * SCALES[word], 0, _HUNDRED
        elif (
            word != "and"
            or not used
            or words[place - 1] not in SCALES
            or not (set(words[place + 1 : place + 2]) & SMALL_NUMBERS.keys())
        ):
            break
        used = place + 1
    return (Fraction(total + group), used) if used else None
