"""Scripts: which differences between letters matter, and which don't."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from content.language import split_words

LATIN_LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "đ": "d", "ħ": "h"}
    | {"ı": "i", "ŀ": "l", "ŧ": "t", "ə": "e"}
)
"""Latin letters that Unicode doesn't decompose, as people type them without the key."""

UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
"""The other way to type them without the key."""

GREEK: Final[Mapping[str, str]] = MappingProxyType(
    dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            split_words(
                "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron "
                "pi rho sigma sigma tau upsilon phi chi psi omega"
            ),
            strict=True,
        )
    )
)
"""Greek letters and their names, such as pi for π."""

_SAME_SIGNS: Final = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "⁄": "/", "∕": "/", "×": "x"}
    | {"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "´": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
    | {"≠": "!=", "≤": "<=", "≥": ">="}
)
_CONTROL_TO_SPACE: Final = dict.fromkeys(range(0x20), " ")
_SUPERSCRIPTS: Final = "²³¹⁰⁴⁵⁶⁷⁸⁹"
_FIRST_HIRAGANA, _FIRST_KATAKANA, _LAST_KATAKANA = 0x3041, 0x30A1, 0x30F6
_OPTIONAL_MARKS: Final = {
    chr(code) for code in (*range(0x64B, 0x653), 0x670, *range(0x591, 0x5C8))
} | {"ـ"}
"""Vowel signs of Arabic and Hebrew, which are usually omitted, and the stroke that only stretches a
word."""


def normalize_signs(text: str, *, powers: bool = False) -> str:
    """The text with a single way to write each sign; case, accents and marks stay.

    With `powers`, every superscript digit is a power.
    """
    if text.isascii():
        return text.translate(_CONTROL_TO_SPACE).strip()
    # A superscript after a digit is a power (10² isn't 102); after a letter, it's part of a name
    # (R², m²).
    text = "".join(
        _separate(before, each, powers=powers)
        for before, each in zip(f" {text}", text, strict=False)
    )
    text = unicodedata.normalize("NFKC", text).translate(_SAME_SIGNS)
    return "".join(map(_normalize_sign, text)).strip()


def _separate(before: str, each: str, *, powers: bool) -> str:
    """A sign, separated from a digit before it if Unicode would join the two."""
    if each in _SUPERSCRIPTS and (powers or before.isdecimal()):
        return f"^{each}"
    is_fraction = unicodedata.decomposition(each).startswith("<fraction>")
    return f" {each}" if is_fraction and before.isdecimal() else each


def _normalize_sign(each: str) -> str:
    """A sign without invisible parts; digits of any script as Western ones."""
    match unicodedata.category(each):
        case "Nd":
            return str(unicodedata.decimal(each))
        case "Cf":
            return ""
        case "Zs" | "Cc":
            return " "
        case _:
            return "" if each in "\ufe0e\ufe0f" else each


def is_letter(each: str) -> bool:
    """Whether a sign is part of a word; marks are, since words differ without them."""
    return unicodedata.category(each)[0] in "LM"


def fold_case(word: str) -> str:
    """The word without case; accents and marks stay."""
    return unicodedata.normalize("NFC", word.replace("İ", "i").casefold().replace("ß", "ss"))


def fold_word(word: str) -> str:
    """The word without case and without what's optional in its script: Latin accents, the dots of
    ё, the difference between the two Japanese syllabaries."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFD", word.casefold())
    kept: list[str] = []
    base = ""
    for each in word:
        if unicodedata.combining(each):
            if not (base and unicodedata.name(base, "").startswith("LATIN")):
                kept.append(each)
        else:
            base = each
            kept.append(LATIN_LETTERS.get(each, each))
    plain = unicodedata.normalize("NFC", "".join(kept)).replace("ё", "е")
    return "".join(_to_hiragana(each) for each in plain)


def _to_hiragana(each: str) -> str:
    inside = _FIRST_KATAKANA <= ord(each) <= _LAST_KATAKANA
    return chr(ord(each) - _FIRST_KATAKANA + _FIRST_HIRAGANA) if inside else each


def strip_points(word: str) -> str:
    """The word without Arabic and Hebrew vowel signs."""
    return "".join(each for each in word if each not in _OPTIONAL_MARKS)


def expand_umlauts(word: str) -> str:
    """The folded word with its umlauts spelled out, as in Zuerich."""
    return fold_word(unicodedata.normalize("NFC", word.casefold()).translate(UMLAUTS))
