"""Names in code: telling them from other texts, and calls from other names."""

from __future__ import annotations

import re
from typing import Final

from content.language import split_words
from content.language.reading import find_readings

_CALL_VERBS: Final = frozenset(
    split_words(
        "get set log load save list create update delete remove add start stop begin end run "
        "fetch find search infer build make read write open close send receive download upload "
        "register deploy invoke call init initialize fit transform predict score train evaluate "
        "validate test check is has can to from parse format print show display draw plot render "
        "apply map filter reduce sort split join merge concat append insert push pop enable "
        "disable connect select drop alter grant copy move rename import export convert encode "
        "decode encrypt decrypt hash sign verify wait sleep notify publish subscribe bind attach "
        "detach mount archive restore clone commit compute generate enqueue dequeue iterate "
        "extract handle assert require use do autolog train sweep"
    )
)
_FUNCTION_WORD: Final = re.compile(r"\b(?:method|function|procedure|call)s?\b", re.IGNORECASE)
QUOTED_WORD: Final = re.compile(r"^(?:\w+\s?=\s?)?([\"'])(\w+)\1$")
_COMPOUND_IDENTIFIER: Final = re.compile(r"[\w.]*(?:_|[a-z][A-Z]|\(\))[\w.]*(?:\(\))?")
"""A name with a word break in it, or parentheses after it."""

_ATTRIBUTE: Final = re.compile(r"(?<![\w.])([a-z_]\w*)\.([a-z_]\w*)")
_NESTED_ATTRIBUTE: Final = re.compile(rf"{_ATTRIBUTE.pattern}\.\w")


def is_identifier(text: str) -> bool:
    """Whether a text is a name in code."""
    return _COMPOUND_IDENTIFIER.fullmatch(text) is not None


def is_call(text: str, stem: str = "") -> bool:
    """Whether a text names a call: a verb first, parentheses last (after a class they make an
    object), or the question asks for a function."""
    if not is_identifier(text):
        return False
    words = [str(each) for each in find_readings(text)[0].tokens]
    return (
        words[0] in _CALL_VERBS
        or (text[0].islower() and text.endswith("()"))
        or ("_" in text and _FUNCTION_WORD.search(stem) is not None)
    )


def names_different_attribute(text: str, stem: str) -> bool:
    """Whether a text names a different part than the question: `ml_client.models.get` if the stem
    asks for a method of `ml_client.environments`."""
    asked = _ATTRIBUTE.findall(stem)
    return any(
        root == its_root and part not in {part for its, part in asked if its == root}
        for root, part in _NESTED_ATTRIBUTE.findall(text)
        for its_root, _ in asked
    )
