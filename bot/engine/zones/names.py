"""The table of names for time zones, and how names are compared."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DATA = "names.tsv.gz"

MIN_SLIP_LETTERS = 5
"""Typos are forgiven in names of at least this many letters."""

_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ə": "e", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Latin letters without a Unicode decomposition."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The zones that a name may mean, the likeliest first, and `rare` ones that it means only with
    a country or state: London in Ontario."""

    zones: tuple[str, ...]
    rare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Meanings by folded name; typos may be forgiven in `plain` names; `zones` are those in use
    today, the most populous first."""

    meanings: Mapping[str, Meaning]
    plain: Sequence[str]
    zones: Sequence[str]


def fold_words(text: str) -> list[str]:
    """Split a name into words, without case, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN_LETTERS)
    letters = "".join(c for c in folded if not unicodedata.combining(c) and c not in ".'’ʼ`")
    words = re.split(r"[\W_]+", unicodedata.normalize("NFC", letters))
    return ["st" if word == "saint" else word for word in words if word]


def fold_name(text: str) -> str:
    """Reduce a name to what's compared: its letters and digits."""
    return "".join(fold_words(text))


@cache
def load_names() -> Names:
    """Load the table on first use; `tools/zones` builds it, and lists its sources."""
    text = gzip.decompress(files(__package__).joinpath(DATA).read_bytes()).decode()
    head, *lines = text.splitlines()
    meanings: dict[str, Meaning] = {}
    plain: list[str] = []
    for line in lines:
        zones, rare, first, others = (column.split() for column in line.split("\t"))
        meanings |= dict.fromkeys(first + others, Meaning(tuple(zones), tuple(rare)))
        plain += first
    return Names(meanings, plain, head.split())
