"""Typed texts taken apart into what they say: words, values, signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from content.language import folding, row
from content.language.amounts import Amount, Token, read_amount
from content.language.dates import DAYS, MONTHS, read_date
from content.language.numbers import read_ordinal, read_roman, read_words
from content.language.units import units_named

_ARTICLES: Final = frozenset({"a", "an", "the"})
_BEFORE_ARTICLE: Final = frozenset(
    row("of to in on at for from by with as is are and or not than over")
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
"""Words that stand for others, wherever they stand; what is a word of its own is left out."""

_SHARES: Final = MappingProxyType(
    {
        "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4,
        "fourths": 4, "fifths": 5, "tenth": 10, "tenths": 10,
    }
)  # fmt: skip
"""What a number before it is divided by, as in two thirds."""

_TEN: Final = 10
_DOTS: Final = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")
"""An acronym with its points."""

_AND: Final = re.compile(
    r"(?<=[^\W\d_])\s*&\s*(?=[^\W\d_])|[\s-]'?n'?[\s-]|(?<=[^\W\d_]) ?\+ ?(?=[^\W\d_])"
)
_WRAPPED: Final = re.compile(r"([*_`\"'~]{1,3})(.+?)\1")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
_SIGN: Final = re.compile(r"(?P<always>\+\+|#)|[+*-](?=\s|$)")
_SIGNED_LETTERS: Final = 2
"""Letters of what a single sign belongs to: a grade, a blood group, an ion."""

_OPERATOR: Final = re.compile(r"==|!=|<=|>=|&&|\|\||\*\*|->|=>|\^|(?<=[\w)])\s+[<>]\s+(?=[\w(])")
_BETWEEN_FIGURES: Final = re.compile(r"\s*([:/*+÷-]|to)\s*(?=\.?\d)")
_SAME_BETWEEN: Final = MappingProxyType({"*": "x", "-": ":", "to": ":"})


@dataclass(frozen=True)
class Reading:
    """A text as its tokens: folded words, amounts, and signs where they carry meaning."""

    text: str
    tokens: tuple[Token, ...]
    written: tuple[str, ...]
    """Each word with its case and accents; of an amount what stands for it."""

    @cached_property
    def form(self) -> str:
        """The tokens joined, so that `file name` is `filename`."""
        return "".join(map(str, self.tokens))

    @cached_property
    def shape(self) -> str:
        """The tokens joined, with a gap for each amount."""
        return "".join("{}" if isinstance(each, Amount) else each for each in self.tokens)

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Its amounts."""
        return tuple(each for each in self.tokens if isinstance(each, Amount))

    def is_same(self, other: Reading) -> bool:
        """Whether the two say the same in the same words."""
        return self.shape == other.shape and all(
            mine.is_equal(its) for mine, its in zip(self.amounts, other.amounts, strict=True)
        )

    @cached_property
    def words(self) -> frozenset[str]:
        """Its words."""
        return frozenset(token for token in self.tokens if isinstance(token, str))


@lru_cache(maxsize=4096)
def readings(text: str) -> tuple[Reading, ...]:
    """How a text may be read: with its number words and Roman figures as numbers, and as words;
    with umlauts written out; without what is unwritten in Arabic and Hebrew."""
    plain = _unwrapped(text)
    if not any(each.isalnum() for each in plain):
        sign = "".join(plain.split())
        return (Reading(text, (sign,), (sign,)),) if sign else ()
    parts = list(_parts(plain))
    valued = _valued(parts)
    found = {
        tuple(_token(part) for part in version): tuple(map(str, version))
        for version in (valued, _unvalued(parts), _and_less(valued))
    }
    for write in (folding.expanded, folding.unpointed):
        other = tuple(p if isinstance(p, Amount) else write(p) for p in valued)
        found.setdefault(tuple(_token(part) for part in other), tuple(map(str, valued)))
    if (raised := folding.cleaned(text, powers=True)) != folding.cleaned(text):
        other = tuple(_valued(list(_parts(raised))))
        found.setdefault(tuple(map(_token, other)), tuple(map(str, other)))
    return tuple(Reading(text, tokens, written) for tokens, written in found.items() if tokens)


def say_the_same(one: str, other: str) -> bool:
    """Whether two texts are one but for case, spacing, punctuation, accents and articles."""
    return any(mine.is_same(its) for mine in readings(one) for its in readings(other))


@lru_cache(maxsize=4096)
def form(text: str) -> str:
    """The text without what doesn't matter: case, spacing, punctuation, accents, articles."""
    plain = _unwrapped(text)
    if not any(each.isalnum() for each in plain):
        return "".join(plain.split())
    return "".join(str(_token(part)) for part in _valued(list(_parts(plain))))


def _unwrapped(text: str) -> str:
    plain = folding.cleaned(text)
    while wrapped := _WRAPPED.fullmatch(plain):
        plain = wrapped[2]
    return plain


def _token(part: Token) -> Token:
    return part if isinstance(part, Amount) else folding.folded(part)


def _parts(text: str) -> Iterator[Token]:
    """Words as written, signs that carry meaning, and what is plainly a number or a date."""
    text = _DOTS.sub(lambda found: found[0].replace(".", ""), text)
    text = _AND.sub(" and ", text).replace("'", "").replace("per cent", "percent")
    figures = any(each.isdecimal() for each in text)
    place, after_figure = 0, False
    while place < len(text):
        if figures and (date := read_date(text, place)):
            yield f"date{date[0]}"
            place, after_figure = date[1], False
        elif figures and (amount := read_amount(text, place)):
            yield from amount[0]
            place, after_figure = amount[1], True
        elif after_figure and (between := _BETWEEN_FIGURES.match(text, place)):
            yield _SAME_BETWEEN.get(between[1], between[1])
            place = between.end()
        elif operator := _OPERATOR.match(text, place):
            yield operator[0].strip().replace("**", "^")
            place, after_figure = operator.end(), False
        elif folding.is_letter(text[place]):
            word, place = _word(text, place)
            yield from _CAMEL.split(word)
            after_figure = False
        else:
            after_figure = after_figure and text[place] in " :"
            place += 1


def _word(text: str, place: int) -> tuple[str, int]:
    """The word at a place with the signs that belong to it (C++, A*), and where it ends."""
    end = place + 1
    while end < len(text) and folding.is_letter(text[end]):
        end += 1
    if (sign := _SIGN.match(text, end)) and (sign["always"] or end - place <= _SIGNED_LETTERS):
        end = sign.end()
    return text[place:end], end


def _unvalued(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles, number words as words."""
    return [
        _SAME_WORDS.get(part.casefold(), part) if isinstance(part, str) else part
        for place, part in enumerate(parts)
        if not _is_idle_article(parts, place)
    ]


def _is_idle_article(parts: Sequence[Token], place: int) -> bool:
    """Whether a part is an article that could be left out: at the beginning or after a preposition
    (and any `the`), before something that is none; the A of `vitamin A` is a name."""
    word = _small(parts[place])
    if word not in _ARTICLES or place == len(parts) - 1 or _small(parts[place + 1]) in _ARTICLES:
        return False
    return word == "the" or place == 0 or _small(parts[place - 1]) in _BEFORE_ARTICLE


def _small(part: Token) -> str:
    return part.casefold() if isinstance(part, str) else ""


def _and_less(parts: Sequence[Token]) -> list[Token]:
    """The parts without their `and`: a list is the same with commas alone."""
    return [part for part in parts if part != "and"]


def _valued(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles, and with number words and Roman figures as amounts."""
    plain = _unvalued(parts)
    parts = [part for place, part in enumerate(plain) if not _is_our_era(plain, place)]
    words = [_small(part) for part in parts]
    found: list[Token] = []
    place = 0
    while place < len(parts):
        after_word = bool(found) and isinstance(found[-1], str)
        made, used = _value(parts, words, place, after_word=after_word)
        if found[-1:] == ["-"] and isinstance(made[0], Amount):
            found[-1:] = [Amount(-made[0].value, made[0].units), *made[1:]]
        else:
            found += made
        place += used
    return found


def _is_our_era(parts: Sequence[Token], place: int) -> bool:
    """Whether a part says AD of the year beside it: only one before our era is marked."""
    beside = (*parts[max(place - 1, 0) : place], *parts[place + 1 : place + 2])
    return _small(parts[place]) == "ad" and any(isinstance(each, Amount) for each in beside)


def _value(
    parts: Sequence[Token], words: Sequence[str], place: int, *, after_word: bool
) -> tuple[list[Token], int]:
    """What the parts at a place mean, and how many of them."""
    part, word = parts[place], words[place]
    if read := read_words(words[place:]):
        value, used = read
        one = read_ordinal("".join(words[place + used : place + used + 1])) or 0
        if 0 < one < _TEN and value % _TEN == 0:
            first = Amount(value + one)
            return [first] if after_word else [first, "th"], used + 1
        if (share := _SHARES.get("".join(words[place + used : place + used + 1]))) is not None:
            value, used = value / share, used + 1
        # Elsewhere than at the end, what follows is rarely a unit: one metre, but one foot in.
        last = place + used == len(parts) - 1
        units = units_named(str(parts[-1])) if last else frozenset()
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
