"""Options that refer to others by position, and so can't be shuffled."""

from __future__ import annotations

import re
from typing import Final

_SEPARATOR: Final = r"\s*(?:,?\s*\b(?:and/or|and|or|nor)\b|[,/&+])\s*"
_LETTER, _NUMBER = r"[(\[]?[A-H][)\].]?", r"[(\[]?[1-8][)\].]?"
_LETTERS, _NUMBERS = (rf"{one}(?:{_SEPARATOR}{one})+" for one in (_LETTER, _NUMBER))
_OPTIONS: Final = r"(?:options?|answers?|choices?|alternatives?)"
_CORRECTNESS: Final = r"(?:(?:in)?correct|right|wrong|true|false|valid|possible)"
_END: Final = rf"(?: only)?(?: (?:is|are|apply|applies)(?: all)?(?: {_CORRECTNESS})?)?[\s.!]*$"
"""The end of such an option, with or without "are correct"."""

NAMES_OTHERS: Final = re.compile(
    rf"^(?:(?:only|both|either|neither|all|all of|none of|just) )?(?:{_OPTIONS} )?{_LETTERS}"
    rf"{_END}"
    rf"|^(?:only |both |either |neither |all of |none of )?{_OPTIONS} (?:{_NUMBERS}|{_NUMBER}"
    rf"|{_LETTER}){_END}"
    rf"|^(?:both|neither) {_NUMBERS}{_END}"
    rf"|^only [A-H][\s.!]*$|^[A-H] only[\s.!]*$"
    rf"|\b(?:first|second|third|fourth|last) (?:two |three |four )?{_OPTIONS}\b"
    rf"|^(?:only |both |both of |all of )?the (?:first|last) (?:two|three|four)[\s.!]*$",
    re.IGNORECASE,
)
"""Names others by letter, number or position: `both A and B`, `options 1 and 3`."""

REFERS_TO_GROUP: Final = re.compile(
    r"\b(?:all|none|both|neither|any|each|either|one|two|three|some|most|more than one)"
    r"(?: of)? the above\b"
    r"|^(?:all|none|both|neither|any)(?: of)? above[\s.!]*$"
    r"|^(?:all|none|both|neither|any|either|each)(?: of)? (?:the above|these|those|them"
    rf"|the others?){_END}"
    r"|^(?:all|none|both|neither|any|either|each) of (?:the|these|those)"
    rf"(?: \w+)? {_OPTIONS}(?: above| here| listed)?{_END}"
    rf"|^(?:all|none|no|both|every)(?: of)?(?: the| these| those)?(?: other)? {_OPTIONS}"
    r"(?: above)? (?:is|are|apply|applies)\b"
    r"|^(?:everything|nothing|anything) above[\s.!]*$"
    rf"|^all (?:apply|are {_CORRECTNESS})[\s.!]*$",
    re.IGNORECASE,
)
"""Refers to the options before it as a group: `all of the above`, `none of these`."""


def fixes_option_order(text: str) -> bool:
    """Whether an option names others by letter, number or position: then none may move."""
    return bool(NAMES_OTHERS.search(text))


def must_follow_others(text: str) -> bool:
    """Whether an option refers to others by position: then it must come after them."""
    return fixes_option_order(text) or bool(REFERS_TO_GROUP.search(text))
