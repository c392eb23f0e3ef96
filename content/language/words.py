"""Known words and names, which aren't typos. Loaded on first use, which takes about 40 ms;
tools/word_list.py builds the files, and words.md lists their sources."""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def _load_list(name: str) -> frozenset[str]:
    return frozenset(lzma.decompress((_HERE / name).read_bytes()).decode("ascii").split())


def is_word(word: str) -> bool:
    """Whether a folded word is an English word or its plural."""
    return _is_listed(word, "words.txt.xz")


def is_name(word: str) -> bool:
    """Whether a folded word is a known name and not an English word."""
    return _is_listed(word, "names.txt.xz")


def _is_listed(word: str, name: str) -> bool:
    words = _load_list(name)
    return word in words or (word.endswith("s") and word[:-1] in words)


def is_given_name(word: str) -> bool:
    """Whether a folded word is a common first name."""
    return word in _load_list("given_names.txt.xz")
