"""Splitting typed texts into words, values and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from content.language import folding, split_words
from content.language.amounts import Amount, Token, read_amount
from content.language.dates import DAYS, MONTHS, read_date
from content.language.numbers import read_ordinal, read_roman, read_words
from content.language.units import find_units

_ARTICLES: Final = frozenset({"a", "an", "the"})
_BEFORE_ARTICLE: Final = frozenset(
    split_words("of to in on at for from by with as is are and or not than over")
)
_SAME_WORDS: Final = MappingProxyType(
    {
        "bce": "bc", "ce": "ad", "squared": "2", "cubed": "3", "yaml": "yml", "jpeg": "jpg",
        "html": "htm", "tiff": "tif", "vs": "versus", "mt": "mount", "st": "saint", "minus": "-",
        "negative": "-", "dr": "doctor", "cpp": "c++", "tues": "tuesday", "thurs": "thursday",
        "weds": "wednesday",
    }
    | {name[:3]: name for name in (*MONTHS, *DAYS) if name[:3] not in {"mar", "sat", "sun", "wed"}}
)  # fmt: skip
"""Abbreviations and synonyms; those that are also other words are left out."""

_SHARES: Final = MappingProxyType(
    {
        "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
        "fourths": 4, "fifths": 5, "tenth": 10, "tenths": 10,
    }
)  # fmt: skip
"""What the number before it is divided by, as in two thirds."""

_TEN: Final = 10
_DOTS: Final = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")
"""An acronym with periods."""

_AND: Final = re.compile(
    r"(?<=[^\W\d_])\s*&\s*(?=[^\W\d_])|[\s-]'?n'?[\s-]|(?<=[^\W\d_]) ?\+ ?(?=[^\W\d_])"
)
_WRAPPED: Final = re.compile(r"([*_`\"'~]{1,3})(.+?)\1")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
_SIGN: Final = re.compile(r"(?P<always>\+\+|#)|[+*-](?=\s|$)")
_MAX_SIGNED_LETTERS: Final = 2
"""The longest word that takes a single sign: a grade, a blood type, an ion."""

_OPERATOR: Final = re.compile(r"==|!=|<=|>=|&&|\|\||\*\*|->|=>|\^|(?<=[\w)])\s+[<>]\s+(?=[\w(])")
_BETWEEN_DIGITS: Final = re.compile(r"\s*([:/*+÷-]|to)\s*(?=\.?\d)")
_SAME_BETWEEN: Final = MappingProxyType({"*": "x", "-": ":", "to": ":"})


@dataclass(frozen=True)
class Reading:
    """A text as tokens: folded words, amounts, and signs that carry meaning."""

    text: str
    tokens: tuple[Token, ...]
    source_words: tuple[str, ...]
    """Each word with its case and accents; a placeholder for each amount."""

    @cached_property
    def canonical(self) -> str:
        """The tokens joined, so that `file name` equals `filename`."""
        return "".join(map(str, self.tokens))

    @cached_property
    def shape(self) -> str:
        """The tokens joined, with a gap for each amount."""
        return "".join("{}" if isinstance(each, Amount) else each for each in self.tokens)

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """The amounts among the tokens."""
        return tuple(each for each in self.tokens if isinstance(each, Amount))

    def is_same(self, other: Reading) -> bool:
        """Whether the two have equal words and amounts."""
        return self.shape == other.shape and all(
            mine.is_equal(its) for mine, its in zip(self.amounts, other.amounts, strict=True)
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """The words among the tokens."""
        return frozenset(token for token in self.tokens if isinstance(token, str))


@lru_cache(maxsize=4096)
def find_readings(text: str) -> tuple[Reading, ...]:
    """The ways to read a text: with number words and Roman numerals as numbers or as words; with
    umlauts spelled out; without the optional signs of Arabic and Hebrew."""
    plain = _unwrap(text)
    if not any(each.isalnum() for each in plain):
        sign = "".join(plain.split())
        return (Reading(text, (sign,), (sign,)),) if sign else ()
    parts = list(_split_parts(plain))
    valued = _evaluate(parts)
    found = {
        tuple(_to_token(part) for part in version): tuple(map(str, version))
        for version in (valued, _drop_articles(parts), _drop_and(valued))
    }
    for write in (folding.expand_umlauts, folding.strip_points):
        other = tuple(p if isinstance(p, Amount) else write(p) for p in valued)
        found.setdefault(tuple(_to_token(part) for part in other), tuple(map(str, valued)))
    if (raised := folding.normalize_signs(text, powers=True)) != folding.normalize_signs(text):
        other = tuple(_evaluate(list(_split_parts(raised))))
        found.setdefault(tuple(map(_to_token, other)), tuple(map(str, other)))
    return tuple(Reading(text, tokens, written) for tokens, written in found.items() if tokens)


def are_equivalent(one: str, other: str) -> bool:
    """Whether two texts differ only in case, spacing, punctuation, accents and articles."""
    return any(mine.is_same(its) for mine in find_readings(one) for its in find_readings(other))


@lru_cache(maxsize=4096)
def canonicalize(text: str) -> str:
    """The text without what doesn't matter: case, spacing, punctuation, accents, articles."""
    plain = _unwrap(text)
    if not any(each.isalnum() for each in plain):
        return "".join(plain.split())
    return "".join(str(_to_token(part)) for part in _evaluate(list(_split_parts(plain))))


def _unwrap(text: str) -> str:
    plain = folding.normalize_signs(text)
    while wrapped := _WRAPPED.fullmatch(plain):
        plain = wrapped[2]
    return plain


def _to_token(part: Token) -> Token:
    return part if isinstance(part, Amount) else folding.fold_word(part)


def _split_parts(text: str) -> Iterator[Token]:
    """Words as written, signs that carry meaning, and clear numbers and dates."""
    text = _DOTS.sub(lambda found: found[0].replace(".", ""), text)
    text = _AND.sub(" and ", text).replace("'", "").replace("per cent", "percent")
    has_digits = any(each.isdecimal() for each in text)
    place, after_digit = 0, False
    while place < len(text):
        if has_digits and (date := read_date(text, place)):
            yield f"date{date[0]}"
            place, after_digit = date[1], False
        elif has_digits and (amount := read_amount(text, place)):
            yield from amount[0]
            place, after_digit = amount[1], True
        elif after_digit and (between := _BETWEEN_DIGITS.match(text, place)):
            yield _SAME_BETWEEN.get(between[1], between[1])
            place = between.end()
        elif operator := _OPERATOR.match(text, place):
            yield operator[0].strip().replace("**", "^")
            place, after_digit = operator.end(), False
        elif folding.is_letter(text[place]):
            word, place = _read_word(text, place)
            yield from _CAMEL.split(word)
            after_digit = False
        else:
            after_digit = after_digit and text[place] in " :"
            place += 1


def _read_word(text: str, place: int) -> tuple[str, int]:
    """The word at a position, with signs that belong to it (C++, A*), and where it ends."""
    end = place + 1
    while end < len(text) and folding.is_letter(text[end]):
        end += 1
    if (sign := _SIGN.match(text, end)) and (sign["always"] or end - place <= _MAX_SIGNED_LETTERS):
        end = sign.end()
    return text[place:end], end


def _drop_articles(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles; number words stay words."""
    return [
        _SAME_WORDS.get(part.casefold(), part) if isinstance(part, str) else part
        for place, part in enumerate(parts)
        if not _is_idle_article(parts, place)
    ]


def _is_idle_article(parts: Sequence[Token], place: int) -> bool:
    """Whether a part is an article that can be dropped: `the`, or one at the start or after a
    preposition, unless it's last or before another; the A of `vitamin A` is a name."""
    word = _lower(parts[place])
    if word not in _ARTICLES or place == len(parts) - 1 or _lower(parts[place + 1]) in _ARTICLES:
        return False
    return word == "the" or place == 0 or _lower(parts[place - 1]) in _BEFORE_ARTICLE


def _lower(part: Token) -> str:
    return part.casefold() if isinstance(part, str) else ""


def _drop_and(parts: Sequence[Token]) -> list[Token]:
    """The parts without `and`, since a list can also do with commas."""
    return [part for part in parts if part != "and"]


def _evaluate(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles, with number words and Roman numerals as amounts."""
    plain = _drop_articles(parts)
    parts = [part for place, part in enumerate(plain) if not _is_our_era(plain, place)]
    words = [_lower(part) for part in parts]
    found: list[Token] = []
    place = 0
    while place < len(parts):
        after_word = bool(found) and isinstance(found[-1], str)
        made, used = _evaluate_at(parts, words, place, after_word=after_word)
        if found[-1:] == ["-"] and isinstance(made[0], Amount):
            found[-1:] = [Amount(-made[0].value, made[0].units), *made[1:]]
        else:
            found += made
        place += used
    return found


def _is_our_era(parts: Sequence[Token], place: int) -> bool:
    """Whether a part is the AD of a year next to it; only BC matters."""
    beside = (*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2])
    return _lower(parts[place]) == "ad" and any(isinstance(each, Amount) for each in beside)


def _evaluate_at(
    parts: Sequence[Token], words: Sequence[str], place: int, *, after_word: bool
) -> tuple[list[Token], int]:
    """The tokens for the parts at a position, and how many parts they cover."""
    part, word = parts[place], words[place]
    if read := read_words(words[place:]):
        value, used = read
        one = read_ordinal("".join(words[place + used : place + used + 1])) or 0
        if 0 < one < _TEN and value % _TEN == 0:
            first = Amount(value + one)
            return [first] if after_word else [first, "th"], used + 1
        if (share := _SHARES.get("".join(words[place + used : place + used + 1]))) is not None:
            value, used = value / share, used + 1
        # Before the end, the next word is rarely a unit: one meter, but one foot in.
        last = place + used == len(parts) - 1
        units = find_units(str(parts[-1])) if last else frozenset()
        return [Amount(value, units)], used + bool(units)
    if (ordinal := read_ordinal(word)) is not None:
        placed = Amount(Fraction(ordinal))
        return [placed] if after_word else [placed, "th"], 1
    if word and (roman := read_roman(str(part), after_word=after_word)) is not None:
        return [Amount(Fraction(roman))], 1
    if word.isdecimal():
        return [Amount(Fraction(word))], 1
    if word == "half" and len(parts) == 1:
        return [Amount(Fraction(1, 2))], 1
    if len(word) == 1 and words[place + 1 : place + 3] == ["plus", "plus"]:
        return [f"{part}++"], 3
    if len(word) == 1 and words[place + 1 : place + 2] == ["sharp"]:
        return [f"{part}#"], 2
    return [folding.GREEK.get(word, part)], 1
