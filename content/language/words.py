"""Known words and names: what is one of them was not mistyped. Loaded at the first use, which takes
some 40 ms; tools/word_list.py makes the files, and words.md says where they come from."""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(lzma.decompress((_HERE / name).read_bytes()).decode("ascii").split())


def is_word(word: str) -> bool:
    """Whether a folded word is an English word; a plural is what it's many of."""
    return _is_listed(word, "words.txt.xz")


def is_name(word: str) -> bool:
    """Whether a folded word is a known name, and no other word."""
    return _is_listed(word, "names.txt.xz")


def _is_listed(word: str, name: str) -> bool:
    words = _listed(name)
    return word in words or (word.endswith("s") and word[:-1] in words)


def is_given_name(word: str) -> bool:
    """Whether a folded word is a usual first name of people."""
    return word in _listed("given_names.txt.xz")
