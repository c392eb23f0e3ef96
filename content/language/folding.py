"""Scripts: what makes no difference in how a letter is written, and what does."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from content.language import row

LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "þ": "th", "ð": "d", "đ": "d", "ħ": "h"}
    | {"ı": "i", "ŀ": "l", "ŧ": "t", "ə": "e"}
)
"""Latin letters that Unicode doesn't take apart, as people write them who lack the key."""

UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
"""The other way to write them without the key."""

GREEK: Final[Mapping[str, str]] = MappingProxyType(
    dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            row(
                "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron "
                "pi rho sigma sigma tau upsilon phi chi psi omega"
            ),
            strict=True,
        )
    )
)
"""Names of single letters, as in π."""

_SAME: Final = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "⁄": "/", "∕": "/", "×": "x"}
    | {"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "´": "'", "“": '"', "”": '"', "„": '"', "…": "..."}
    | {"≠": "!=", "≤": "<=", "≥": ">="}
)
_UNSEEN: Final = dict.fromkeys(range(0x20), " ")
_RAISED: Final = "²³¹⁰⁴⁵⁶⁷⁸⁹"
_HIRAGANA, _KATAKANA, _KATAKANA_END = 0x3041, 0x30A1, 0x30F6
_UNWRITTEN: Final = {chr(code) for code in (*range(0x64B, 0x653), 0x670, *range(0x591, 0x5C8))} | {
    "ـ"
}
"""Vowel signs of Arabic and Hebrew, which are mostly left out, and the stroke that only stretches a
word."""


def cleaned(text: str, *, powers: bool = False) -> str:
    """The text in one way of writing its signs, with its case, accents and marks.

    With `powers` every raised figure is one.
    """
    if text.isascii():
        return text.translate(_UNSEEN).strip()
    # A raised figure after a figure is a power (10² is not 102); after a letter it's a part of a
    # name (R², m²).
    text = "".join(
        _parted(before, each, powers=powers) for before, each in zip(f" {text}", text, strict=False)
    )
    text = unicodedata.normalize("NFKC", text).translate(_SAME)
    return "".join(map(_without_variety, text)).strip()


def _parted(before: str, each: str, *, powers: bool) -> str:
    """A sign, parted from a figure before it where Unicode would run the two together."""
    if each in _RAISED and (powers or before.isdecimal()):
        return f"^{each}"
    is_fraction = unicodedata.decomposition(each).startswith("<fraction>")
    return f" {each}" if is_fraction and before.isdecimal() else each


def _without_variety(each: str) -> str:
    """A sign without what can't be seen; figures of any script as Western ones."""
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
    """Whether a sign is a part of words: marks are, since without them words differ."""
    return unicodedata.category(each)[0] in "LM"


def cased(word: str) -> str:
    """The word without its case; accents and marks stay."""
    return unicodedata.normalize("NFC", word.replace("İ", "i").casefold().replace("ß", "ss"))


def folded(word: str) -> str:
    """The word without case and without what is optional in its script: the accents of Latin, the
    dots of ё, the difference of the two Japanese syllabaries."""
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
            kept.append(LETTERS.get(each, each))
    plain = unicodedata.normalize("NFC", "".join(kept)).replace("ё", "е")
    return "".join(_hiragana(each) for each in plain)


def _hiragana(each: str) -> str:
    inside = _KATAKANA <= ord(each) <= _KATAKANA_END
    return chr(ord(each) - _KATAKANA + _HIRAGANA) if inside else each


def unpointed(word: str) -> str:
    """The word without the vowel signs of Arabic and Hebrew."""
    return "".join(each for each in word if each not in _UNWRITTEN)


def expanded(word: str) -> str:
    """The folded word with its umlauts written out, as in Zuerich."""
    return folded(unicodedata.normalize("NFC", word.casefold()).translate(UMLAUTS))
