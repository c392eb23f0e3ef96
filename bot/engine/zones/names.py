"""The table of what people call time zones, and how names are compared."""

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
"""Letters of the shortest name in which a slip of the finger is forgiven."""

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "ə": "e", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters of Latin that have no decomposition."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The zones that a name may mean, the likeliest first, and those that it means only together
    with a country or state: the London of Ontario."""

    zones: tuple[str, ...]
    rare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean, by their `key`; `plain` are those in which a slip may be forgiven; `zones`
    are those that countries have today, the most populous first."""

    meanings: Mapping[str, Meaning]
    plain: Sequence[str]
    zones: Sequence[str]


def fold_words(text: str) -> list[str]:
    """The words of a name, without case, accents and punctuation."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    letters = "".join(c for c in folded if not unicodedata.combining(c) and c not in ".'’ʼ`")
    words = re.split(r"[\W_]+", unicodedata.normalize("NFC", letters))
    return ["st" if word == "saint" else word for word in words if word]


def fold_name(text: str) -> str:
    """What is compared of a name: its letters and figures."""
    return "".join(fold_words(text))


@cache
def load_names() -> Names:
    """The table, read at first use; `tools/zones` makes it, and says of what."""
    text = gzip.decompress(files(__package__).joinpath(DATA).read_bytes()).decode()
    head, *lines = text.splitlines()
    meanings: dict[str, Meaning] = {}
    plain: list[str] = []
    for line in lines:
        zones, rare, first, others = (column.split() for column in line.split("\t"))
        meanings |= dict.fromkeys(first + others, Meaning(tuple(zones), tuple(rare)))
        plain += first
    return Names(meanings, plain, head.split())
