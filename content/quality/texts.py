"""How the checks read texts: what counts as a word, as code, as the same."""

from __future__ import annotations

import re
from typing import Final

CODE: Final = re.compile(r"`[^`]*`")

STOP_WORDS: Final = re.compile(
    r"\b(?:the|and|but|for|nor|with|without|from|into|onto|over|under|about|after|before|than|then"
    r"|that|this|these|those|there|here|what|which|who|whom|whose|when|where|why|how|its|their|his"
    r"|her|your|our|you|she|they|them|are|was|were|been|being|has|have|had|does|did|can|could|may"
    r"|might|will|would|shall|should|must|not|also|each|one|two|such|more|most|some|any|all)\b"
)


def fold(text: str) -> str:
    """The text without its code marks, case and spacing: equal for people, equal here."""
    return " ".join(text.replace("`", "").casefold().split())


def without_code(text: str) -> str:
    """The text with each code span made a dash, since code follows no rules of prose."""
    return CODE.sub("-", text)


def words(text: str) -> frozenset[str]:
    """The content words: three letters or more, no stop words, a plural's `s` dropped."""
    found = re.findall(r"\w{3,}", STOP_WORDS.sub(" ", fold(text)))
    return frozenset(word.removesuffix("s") for word in found)
