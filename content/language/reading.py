"""Typed texts taken apart into what they say: words, values, signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Final

from content.language import folding
from content.language.numbers import (
    NUMBER,
    read_number,
    read_ordinal,
    read_roman,
    read_words,
)
from content.language.units import COUNT, MONEY, PERCENT, SIGNS, Unit, units_named

ARTICLES: Final = frozenset({"a", "an", "the"})
_BEFORE_ARTICLE: Final = frozenset(
    "of to in on at for from by with as is are and or not than over".split()  # noqa: SIM905
)
_MONTHS: Final = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_MONTH: Final = {name: place for place, name in enumerate(_MONTHS, 1)}
_MONTH |= {name[:3]: place for name, place in _MONTH.items()} | {"sept": 9}
_SAME_WORDS: Final = {
    "bce": "bc", "ce": "ad", "squared": "2", "cubed": "3", "yaml": "yml", "jpeg": "jpg",
    "html": "htm", "tiff": "tif", "vs": "versus", "mt": "mount", "st": "saint", "minus": "-",
    "negative": "-", "dr": "doctor", "cpp": "c++", "tues": "tuesday",
    "thurs": "thursday", "weds": "wednesday",
}  # fmt: skip
_SAME_WORDS |= {name[:3]: name for name in _MONTHS if name != "march"}
_SAME_WORDS |= {
    day[:3]: day
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if day not in {"saturday", "sunday", "wednesday"}
}
"""Words that stand for others, wherever they stand."""

_SHARES: Final = {
    "half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourths": 4,
    "fifths": 5, "tenth": 10, "tenths": 10,
}  # fmt: skip
"""What a number before it is divided by, as in two thirds."""

_ACRONYM_DOTS: Final = re.compile(r"(?<!\w)(?:\w\.){2,}\w?(?!\w)")
_AND: Final = re.compile(
    r"(?<=[^\W\d_])\s*&\s*(?=[^\W\d_])|[\s-]'?n'?[\s-]|(?<=[^\W\d_]) ?\+ ?(?=[^\W\d_])"
)
_WRAPPED: Final = re.compile(r"([*_`\"'~]{1,3})(.+?)\1")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z])")
_SIGNED: Final = re.compile(r"(\+\+|#)|([+*-])(?=\s|$)")
_OPERATOR: Final = re.compile(r"==|!=|<=|>=|&&|\|\||\*\*|->|=>|\^|(?<=[\w)])\s+[<>]\s+(?=[\w(])")
_BETWEEN_FIGURES: Final = re.compile(r"\s*([:/*+÷-]|to)\s*(?=\.?\d)")
_SAME_BETWEEN: Final = {"*": "x", "-": ":", "to": ":"}
_POWER: Final = re.compile(
    r"(?<![\w.,])(?:(?P<times>-?\d+(?:\.\d+)?)\s?[x*·]\s?)?(?P<base>\d+)(?:\^|\*\*)\(?(?P<power>-?\d+)\)?"
)
_LONGEST_POWER: Final = 40
"""Figures of a power at most; a longer one is kept as text."""

_UNIT: Final = re.compile(
    r"[ -]?((?:°|deg(?:rees?)?)\s?[CFcf](?:elsius|ahrenheit)?\b|°|[%‰]|[^\W\d_]+/[^\W\d_]+|[^\W\d_]+)(?![^\W\d_])"
)
_DEGREES: Final = re.compile(r"^(?:°|deg(?:rees?)?)\s?(?=[CFcf])")
_SHORT_UNIT: Final = 2
"""A unit of so few letters stands at the end: `5 A` is a current, `5 a side` is not."""

_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DOTTED_DATE: Final = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")
_SLASHED_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\b")
_DECEMBER: Final = 12
_NAMED_DATES: Final = (
    re.compile(
        r"\b(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})\b"
    ),
    re.compile(
        r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?(?: of)? (?P<month>[A-Za-z]{3,9})\.?,? (?P<year>\d{4})\b"
    ),
    re.compile(r"\b(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?![.\d])"),
    re.compile(r"\b(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?(?: of)? (?P<month>[A-Za-z]{3,9})\b"),
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what it counts; several units where their sign doesn't tell which."""

    value: Fraction
    units: frozenset[Unit] = frozenset()

    def __str__(self) -> str:
        return f"{{{self.value}}}"

    def is_equal(self, other: Amount) -> bool:
        """Whether the two say the same, where a missing % or currency is forgiven."""
        if not self.units and not other.units:
            return self.value == other.value
        if not self.units or not other.units:
            bare, full = (self, other) if other.units else (other, self)
            return any(
                (unit == PERCENT or unit.measure.startswith(MONEY)) and bare.value == full.value
                for unit in full.units
            ) or (PERCENT in full.units and bare.value == full.value * PERCENT.size)
        return any(
            mine.measure == its.measure and self.value * mine.size == other.value * its.size
            for mine in self.units
            for its in other.units
        )


Token = str | Amount


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
    """Words as written, and what is plainly a number."""
    text = _ACRONYM_DOTS.sub(lambda found: found[0].replace(".", ""), text)
    text = _AND.sub(" and ", text).replace("'", "")
    place = 0
    after_figure = False
    figures = any(each.isdecimal() for each in text)
    while place < len(text):
        rest = text[place]
        if figures and (dated := _date(text, place)):
            yield from dated[1]
            place, after_figure = dated[0], False
        elif figures and (rest in SIGNS or rest.isupper()) and (money := _money(text, place)):
            place, after_figure = money[0], True
            yield money[1]
        elif figures and (power := _POWER.match(text, place)):
            place, after_figure = power.end(), True
            yield _powered(power)
        elif figures and (number := NUMBER.match(text, place)):
            place, tokens = _amount(text, number)
            yield from tokens
            after_figure = True
        elif after_figure and (between := _BETWEEN_FIGURES.match(text, place)):
            yield _SAME_BETWEEN.get(between[1], between[1])
            place = between.end()
        elif operator := _OPERATOR.match(text, place):
            yield operator[0].strip().replace("**", "^")
            place, after_figure = operator.end(), False
        elif folding.is_letter(rest):
            end = place + 1
            while end < len(text) and folding.is_letter(text[end]):
                end += 1
            word = text[place:end]
            signed = _SIGNED.match(text, end)
            if signed and (signed[1] or len(word) <= 2):  # noqa: PLR2004 - a grade, a blood group, an ion
                word, end = word + signed[0], signed.end()
            yield from _CAMEL.split(word)
            place, after_figure = end, False
        else:
            place, after_figure = place + 1, after_figure and rest in " :"


def _powered(found: re.Match[str]) -> Token:
    """A power as its value, and five times ten to the third as 5000."""
    times, base, power = found["times"] or "1", int(found["base"]), int(found["power"])
    if abs(power) * len(found["base"]) > _LONGEST_POWER or (base == 0 and power < 0):
        return found[0]
    return Amount((read_number(times) or Fraction(1)) * Fraction(base) ** power)


def _amount(text: str, number: re.Match[str]) -> tuple[int, list[Token]]:
    """A number with its unit, and where it ends."""
    value, end = read_number(number[0]), number.end()
    before = re.sub(r"\b(?:the|a|an)$", "", text[: number.start()].rstrip(), flags=re.IGNORECASE)
    named = before.rstrip()[-1:].isalpha()
    if value is None or (named and "." in number[0]):
        # `Python 3.10` is not `Python 3.1`: after a word it's a name.
        joined: list[Token] = []
        for figures in re.findall(r"\d+", number[0]):
            joined += (
                [".", Amount(Fraction(int(figures)))]
                if joined
                else [Amount(Fraction(int(figures)))]
            )
        return end, joined
    if over := re.compile(r"\s?/\s?(\d+)(?![\d/])").match(text, end):
        if int(over[1]):
            value, end = value / int(over[1]), over.end()
    if ordinal := re.compile(r"(st|nd|rd|th)\b").match(text, end):
        return ordinal.end(), [Amount(value)] if named else [Amount(value), "th"]
    if re.compile(r"(?<=\d{3}0)s\b").match(text, end):
        return end + 1, [Amount(value), "s"]
    value, end, units = _united(text, value, end)
    if not units and (
        money := re.compile(rf"\s?([{re.escape(SIGNS)}]|[A-Z]{{3}}\b)").match(text, end)
    ):
        units = frozenset(u for u in units_named(money[1]) if u.measure.startswith(MONEY))
        end = money.end() if units else end
    return end, [Amount(value, units)]


def _united(text: str, value: Fraction, end: int) -> tuple[Fraction, int, frozenset[Unit]]:
    """The value with its thousands or millions, and the units that follow it."""
    while found := _UNIT.match(text, end):
        units = units_named(_DEGREES.sub("", found[1]))
        last = not text[found.end() :].strip(" .!?")
        if not units or (len(found[1]) <= _SHORT_UNIT and found[1].isalpha() and not last):
            break
        counts = {unit for unit in units if unit.measure == COUNT}
        if counts and (len(units) == 1 or not last):
            value *= next(iter(counts)).size
            end = found.end()
            continue
        return value, found.end(), units
    return value, end, frozenset()


def _money(text: str, place: int) -> tuple[int, Token] | None:
    """An amount with its currency before it."""
    sign = re.compile(rf"([{re.escape(SIGNS)}]|[A-Z]{{3}}(?=\s?\d))\s?").match(text, place)
    number = NUMBER.match(text, sign.end()) if sign else None
    units = units_named(sign[1]) if sign and number else frozenset()
    units = frozenset(unit for unit in units if unit.measure.startswith(MONEY))
    if not units or not number or (value := read_number(number[0])) is None:
        return None
    value, end, _ = _united(text, value, number.end())
    return end, Amount(value, units)


def _date(text: str, place: int) -> tuple[int, list[Token]] | None:
    """A date as year, month, day, as far as it's given, and where it ends."""
    if place and text[place - 1].isalnum():
        return None
    if found := _ISO_DATE.match(text, place):
        return found.end(), [f"date{int(found[1])}.{int(found[2])}.{int(found[3])}"]
    if found := _DOTTED_DATE.match(text, place):
        return found.end(), [f"date{int(found[3])}.{int(found[2])}.{int(found[1])}"]
    if found := _SLASHED_DATE.match(text, place):
        one, other, year = map(int, found.groups())
        # Which is the month is said only by a day above 12.
        if max(one, other) > _DECEMBER >= min(one, other):
            return found.end(), [f"date{year}.{min(one, other)}.{max(one, other)}"]
    for pattern in _NAMED_DATES:
        if (found := pattern.match(text, place)) and (
            month := _MONTH.get(found["month"].casefold())
        ):
            year = found.groupdict().get("year") or ""
            return found.end(), [f"date{year}.{month}.{int(found['day'])}"]
    return None


def _unvalued(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles, number words as words."""
    return [
        _SAME_WORDS.get(part.casefold(), part) if isinstance(part, str) else part
        for part in _article_less(parts)
    ]


def _and_less(parts: Sequence[Token]) -> list[Token]:
    """The parts without their `and`: a list is the same with commas alone."""
    return [part for part in parts if part != "and"]


def _article_less(parts: Sequence[Token]) -> list[Token]:
    """The parts less their articles: at the beginning and after a preposition, never the last."""
    kept: list[Token] = []
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        before = str(parts[place - 1]).casefold() if place else "of"
        dropped = (
            isinstance(part, str)
            and part.casefold() in ARTICLES
            and not last
            and str(parts[place + 1]).casefold() not in ARTICLES
            and (before in _BEFORE_ARTICLE or part.casefold() == "the")
        )
        if not dropped:
            kept.append(part)
    return kept


def _valued(parts: Sequence[Token]) -> list[Token]:
    """The parts without articles, and with number words and Roman figures as amounts."""
    parts = _unvalued(parts)
    words = [part.casefold() if isinstance(part, str) else "" for part in parts]
    found: list[Token] = []
    place = 0
    while place < len(parts):
        part, word = parts[place], words[place]
        after_word = bool(found) and isinstance(found[-1], str)
        if word == "-" and place + 1 < len(parts):
            place += 1
            rest = _valued(parts[place:])
            if rest and isinstance(rest[0], Amount):
                return [*found, Amount(-rest[0].value, rest[0].units), *rest[1:]]
            found.append(part)
        elif read := read_words(words[place:]):
            value, used = read
            place += used
            units: frozenset[Unit] = frozenset()
            if place < len(parts) and words[place] in _SHARES:
                value, place = value / _SHARES[words[place]], place + 1
            if place < len(parts) and words[place] and place == len(parts) - 1:
                units = units_named(str(parts[place]))
                place += bool(units)
            found.append(Amount(value, units))
        elif word and (placed := read_ordinal(word)) is not None:
            found += [Amount(Fraction(placed))] if after_word else [Amount(Fraction(placed)), "th"]
            place += 1
        elif word and (roman := read_roman(str(part), after_word=after_word)) is not None:
            found.append(Amount(Fraction(roman)))
            place += 1
        elif len(word) == 1 and words[place + 1 : place + 3] == ["plus", "plus"]:
            found.append(f"{part}++")
            place += 3
        elif len(word) == 1 and words[place + 1 : place + 2] == ["sharp"]:
            found.append(f"{part}#")
            place += 2
        elif word == "half" and len(parts) == 1:
            found.append(Amount(Fraction(1, 2)))
            place += 1
        elif word in folding.GREEK:
            found.append(folding.GREEK[word])
            place += 1
        elif word.isdecimal():
            found.append(Amount(Fraction(int(word))))
            place += 1
        else:
            found.append(part)
            place += 1
    return found
