"""How the checks read texts: what counts as a word, as code and as the same text."""

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
    """The text without backticks, case and extra spaces, so that texts that look equal are."""
    return " ".join(text.replace("`", "").casefold().split())


def blank_out_code(text: str) -> str:
    """The text with each code span replaced by a dash, since code isn't prose."""
    return CODE.sub("-", text)


def content_words(text: str) -> frozenset[str]:
    """The content words: three letters or more, without stop words and plural `s`."""
    found = re.findall(r"\w{3,}", STOP_WORDS.sub(" ", fold(text)))
    return frozenset(word.removesuffix("s") for word in found)
