"""Comparing what people type with what packs say."""

from __future__ import annotations

import re
import unicodedata

_ARTICLES = frozenset({"a", "an", "the"})


def fold_text(text: str) -> str:
    """The text without what does not matter: case, spacing, punctuation, hyphens, articles."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[\W_]+", " ", plain).split()
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(words)


def squeeze_text(text: str) -> str:
    """The folded text without word breaks, so that `file name` is `filename`."""
    return fold_text(text).replace(" ", "")


JOINERS = "\u200c\u200d"
"""Invisible, but a part of how some emoji and some scripts are written."""


def clean_name(name: str) -> str:
    """The name on one line, without marks that can't be seen but turn, hide or break what can."""
    seen = (char for char in name if char in JOINERS or unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())


_WITHOUT_JOINERS = str.maketrans("", "", JOINERS)


def is_readable(name: str) -> bool:
    """Whether a name has something to see, and nothing that hides or turns it."""
    seen = name.translate(_WITHOUT_JOINERS)
    return bool(seen.strip()) and seen.isprintable()
