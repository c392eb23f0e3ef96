"""Cleaning up and comparing what people type."""

from __future__ import annotations

import re
import unicodedata

_ARTICLES = frozenset({"a", "an", "the"})


def fold_text(text: str) -> str:
    """Drop what doesn't matter to a comparison: case, spacing, punctuation, hyphens, articles."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = re.sub(r"[\W_]+", " ", plain).split()
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(words)


def squeeze_text(text: str) -> str:
    """Fold a text and drop word breaks, so that `file name` is `filename`."""
    return fold_text(text).replace(" ", "")


JOINERS = "\u200c\u200d"
"""Invisible, but some emoji and scripts need them."""


def clean_name(name: str) -> str:
    """Return a name on one line, without invisible characters that reverse, hide or break text."""
    seen = (char for char in name if char in JOINERS or unicodedata.category(char) != "Cf")
    return " ".join("".join(seen).split())


_WITHOUT_JOINERS = str.maketrans("", "", JOINERS)


def is_readable(name: str) -> bool:
    """Whether a name has visible characters, and none that hide or reverse it."""
    seen = name.translate(_WITHOUT_JOINERS)
    return bool(seen.strip()) and seen.isprintable()
