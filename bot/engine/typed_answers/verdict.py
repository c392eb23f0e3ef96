"""Grading typed answers: the first rule that applies decides, and is named."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from bot.engine.typed_answers.code import QUOTED_WORD, is_call, names_different_attribute
from bot.engine.typed_answers.dressing import (
    Variants,
    denies,
    expand_accepted,
    expand_typed,
    find_asked_nouns,
    is_initials,
    split_names,
)
from bot.engine.typed_answers.slips import count_slips
from content.language.amounts import Amount
from content.language.folding import fold_case, fold_word, is_letter, normalize_signs
from content.language.opposites import are_opposed
from content.language.reading import Reading, canonicalize, find_readings
from content.language.spelling import is_variant, to_american
from content.model import RejectedAnswer, ShortAnswer

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "exact": "It's an accepted answer, letter for letter.",
        "not exact": "The question is `exact`, and this isn't an accepted answer.",
        "same": "It has the same form and value as an accepted answer.",
        "variant": "It's a common spelling of an accepted answer, or its singular or plural.",
        "dressed": "It's an accepted answer with words that people often add or leave out.",
        "several": "Every name in it is right.",
        "slip": "It's an accepted answer with a typo.",
        "rejected": "The question rejects it.",
        "denial": "It says what the answer isn't.",
        "other path": "It names a part of a different object than the question.",
        "other term": "It's a different term of the pack.",
        "number": "It's the right number in a matching unit.",
        "near": "It's within the tolerance.",
        "off": "It's a different number, outside the tolerance.",
        "unit": "Its unit measures something else.",
        "no number": "It isn't a single number.",
        "different": "It isn't an accepted answer, and is too different for a typo.",
    }
)
"""The rules by name, in the order in which they're tried."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer's credit, the rule that decided, and what to tell the member."""

    credit: float
    rule: str
    spelled: str = ""
    """The term's usual spelling, if a right answer was spelled differently."""
    rejected: RejectedAnswer | None = None
    """The rejected answer that was typed, if any."""

    @property
    def why(self) -> str:
        """The rule in words."""
        return RULES[self.rule]


Alike = Callable[[Reading, Reading], bool]


def judge(question: ShortAnswer, text: str, terms: AbstractSet[str]) -> Verdict:
    """Grade a typed text. `terms` are the pack's terms (IndexedPack.terms)."""
    for term in question.accepted:
        if _normalize(text) == _normalize(term):
            return Verdict(1, "exact")
    fold = str if question.exact else str.casefold
    for wrong in question.rejected:
        if fold(_normalize(text)) == fold(_normalize(wrong.text)):
            return Verdict(0, "rejected", rejected=wrong)
    if question.exact:
        return Verdict(0, "not exact")
    return _judge_leniently(question, text, terms)


def _judge_leniently(question: ShortAnswer, text: str, terms: AbstractSet[str]) -> Verdict:
    alike, asked = _make_comparison(question), find_asked_nouns(question.stem)
    if found := _match(question, {text: _NO_RULES}, keep_as_is, _is_same, "same"):
        return found
    if denies(text) and not any(map(denies, question.accepted)):
        return Verdict(0, "denial")
    if names_different_attribute(text, question.stem):
        return Verdict(0, "other path")
    form = canonicalize(text)
    other = form in terms and not any(
        to_american(form) == to_american(canonicalize(term)) for term in question.accepted
    )
    if not other and (found := _match(question, {text: _NO_RULES}, keep_as_is, alike, "variant")):
        return found
    if found := _match(question, expand_typed(text), expand_accepted, alike, "dressed"):
        return found
    if other:
        return Verdict(0, "other term")
    expand_loosely = partial(expand_accepted, asked=asked)
    if found := _match(question, expand_typed(text, asked), expand_loosely, alike, "dressed"):
        return found
    if _are_all_right(question, split_names(text), terms):
        return Verdict(1, "several")
    return _judge_typos(question, text, asked, terms) or Verdict(0, "different")


_NO_RULES: Final = frozenset[str]()


def keep_as_is(term: str) -> Variants:
    """Return the term as its only variant."""
    return {term: _NO_RULES}


def _match(
    question: ShortAnswer,
    candidates: Variants,
    expand: Callable[[str], Variants],
    alike: Alike,
    rule: str,
) -> Verdict | None:
    """Return a verdict if a candidate is a rejected or accepted text by this rule."""
    for wrong in question.rejected:
        if any(_is_any_alike(typed, wrong.text, alike) for typed in candidates):
            return Verdict(0, "rejected", rejected=wrong)
    for accepted in question.accepted:
        for term, left_out in expand(accepted).items():
            for typed, taken_off in candidates.items():
                # Without the noun on both sides, a method would equal a class.
                if not left_out & taken_off and _is_any_alike(typed, term, alike):
                    return Verdict(1, rule, _find_spelling(typed, term))
    return None


def _is_any_alike(typed: str, term: str, alike: Alike) -> bool:
    return any(alike(mine, its) for mine in find_readings(typed) for its in find_readings(term))


def _is_same(typed: Reading, term: Reading) -> bool:
    return typed.is_same(term)


def _make_comparison(question: ShortAnswer) -> Alike:
    """Return a comparison of words in all their usual spellings, in which calls and quoted values
    with an s added are different ones."""
    known = [*question.accepted, *(wrong.text for wrong in question.rejected)]
    values = [found[2] for term in known if (found := QUOTED_WORD.search(term))]
    calls = {
        canonicalize(term)
        for term in (*known, *values)
        if term in values or is_call(term, question.stem)
    }

    def is_alike(typed: Reading, term: Reading) -> bool:
        if typed.is_same(term):
            return True
        same = _is_same_spelling if term.canonical in calls else _is_same_word
        if len(typed.tokens) == len(term.tokens):
            return all(
                mine.is_equal(its)
                if isinstance(mine, Amount) and isinstance(its, Amount)
                else isinstance(mine, str) and isinstance(its, str) and same(mine, its)
                for mine, its in zip(typed.tokens, term.tokens, strict=True)
            )
        return not typed.amounts and not term.amounts and same(typed.canonical, term.canonical)

    return is_alike


def _is_same_word(typed: str, term: str) -> bool:
    return is_variant(typed, term) and not are_opposed(typed, term)


def _is_same_spelling(typed: str, term: str) -> bool:
    return to_american(typed) == to_american(term)


def _are_all_right(question: ShortAnswer, names: tuple[str, ...], terms: AbstractSet[str]) -> bool:
    """Whether all given names are right, or they're a right name and its initials."""
    if names[1:] and all(judge(question, name, terms).credit == 1 for name in names):
        return True
    match names:
        case (one, other) if is_initials(one, other) or is_initials(other, one):
            return any(judge(question, name, terms).credit == 1 for name in names)
        case _:
            return False


def _judge_typos(
    question: ShortAnswer, text: str, asked: frozenset[str], terms: AbstractSet[str]
) -> Verdict | None:
    """Return a verdict if typos lead to an accepted text, or as few of them to a rejected one."""
    right: list[tuple[int, str]] = []
    for accepted in question.accepted:
        for term, left_out in expand_accepted(accepted, asked).items():
            for typed, taken_off in expand_typed(text).items():
                if not left_out & taken_off and (found := _count_fewest_slips(typed, term, terms)):
                    right.append((found, term))
    wrong = [
        (found, each)
        for each in question.rejected
        if (found := _count_fewest_slips(text, each.text, terms)) is not None
    ]
    fewest = min(right, default=None)
    nearest = min(wrong, key=lambda pair: pair[0], default=None)
    if nearest and (not fewest or nearest[0] <= fewest[0]):
        return Verdict(0, "rejected", rejected=nearest[1])
    return Verdict(1, "slip", fewest[1]) if fewest else None


def _count_fewest_slips(typed: str, term: str, terms: AbstractSet[str]) -> int | None:
    if canonicalize(typed) in terms:
        return None
    found = [
        count_slips(mine, its, terms)
        for mine in find_readings(typed)
        for its in find_readings(term)
    ]
    return min((each for each in found if each is not None), default=None)


def _find_spelling(typed: str, term: str) -> str:
    """Return the term if only its accents were typed differently, else ""."""
    letters, its = _keep_letters(typed), _keep_letters(term)
    return term if letters != its and fold_word(letters) == fold_word(its) else ""


def _keep_letters(text: str) -> str:
    return "".join(filter(is_letter, fold_case(normalize_signs(text))))


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
