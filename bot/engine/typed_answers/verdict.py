"""What a typed answer is worth: the first rule that knows it decides, and says so."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from bot.engine.typed_answers.code import QUOTED, is_call, names_other_path
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
        "exact": "It's an accepted text, letter by letter.",
        "not exact": "The question is `exact`, and this is no accepted text letter by letter.",
        "same": "It says the same as an accepted text, in form and value.",
        "variant": "It's an accepted text in another usual spelling, or its singular or plural.",
        "dressed": "It's an accepted text with what people usually write around it, or leave out.",
        "several": "Each of the names in it is right.",
        "slip": "It's an accepted text with a slip of the finger.",
        "rejected": "The question rejects it.",
        "denial": "It says what the answer is not.",
        "other path": "It names a part of another object than the question does.",
        "other term": "It's another term of the pack.",
        "number": "It's the number, in a unit that measures the same.",
        "near": "It's within the tolerance.",
        "off": "It's another number, outside of the tolerance.",
        "unit": "Its unit measures something else.",
        "no number": "It's not one number.",
        "different": "It's no accepted text, and too far from each for a slip.",
    }
)
"""The rules, by name, in the order in which they are asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer earns, the rule that says so, and what a member should learn of it."""

    credit: float
    rule: str
    spelled: str = ""
    """How the term is spelled, where the answer was right and spelled otherwise."""
    rejected: RejectedAnswer | None = None
    """The near miss that was typed."""

    @property
    def why(self) -> str:
        """The rule in words."""
        return RULES[self.rule]


Alike = Callable[[Reading, Reading], bool]


def judge(question: ShortAnswer, text: str, terms: AbstractSet[str]) -> Verdict:
    """What a typed text is worth. `terms` are those of the pack (IndexedPack.terms)."""
    for term in question.accepted:
        if _exactly(text) == _exactly(term):
            return Verdict(1, "exact")
    fold = str if question.exact else str.casefold
    for wrong in question.rejected:
        if fold(_exactly(text)) == fold(_exactly(wrong.text)):
            return Verdict(0, "rejected", rejected=wrong)
    if question.exact:
        return Verdict(0, "not exact")
    return _judged(question, text, terms)


def _judged(question: ShortAnswer, text: str, terms: AbstractSet[str]) -> Verdict:
    alike, asked = _alike_but_for_calls(question), find_asked_nouns(question.stem)
    if found := _decided(question, {text: _BY_NONE}, as_it_is, _is_same, "same"):
        return found
    if denies(text) and not any(map(denies, question.accepted)):
        return Verdict(0, "denial")
    if names_other_path(text, question.stem):
        return Verdict(0, "other path")
    told = canonicalize(text)
    other = told in terms and not any(
        to_american(told) == to_american(canonicalize(term)) for term in question.accepted
    )
    if not other and (found := _decided(question, {text: _BY_NONE}, as_it_is, alike, "variant")):
        return found
    if found := _decided(question, expand_typed(text), expand_accepted, alike, "dressed"):
        return found
    if other:
        return Verdict(0, "other term")
    loosely = partial(expand_accepted, asked=asked)
    if found := _decided(question, expand_typed(text, asked), loosely, alike, "dressed"):
        return found
    if _all_right(question, split_names(text), terms):
        return Verdict(1, "several")
    return _slipped(question, text, asked, terms) or Verdict(0, "different")


_BY_NONE: Final = frozenset[str]()


def as_it_is(term: str) -> Variants:
    """An accepted text with nothing left out."""
    return {term: _BY_NONE}


def _decided(
    question: ShortAnswer,
    candidates: Variants,
    undress: Callable[[str], Variants],
    alike: Alike,
    rule: str,
) -> Verdict | None:
    """The verdict where a candidate is a rejected or an accepted text by this rule."""
    for wrong in question.rejected:
        if any(_any_alike(said, wrong.text, alike) for said in candidates):
            return Verdict(0, "rejected", rejected=wrong)
    for accepted in question.accepted:
        for term, left_out in undress(accepted).items():
            for said, taken_off in candidates.items():
                # Less the noun on both sides, a method would be a class.
                if not left_out & taken_off and _any_alike(said, term, alike):
                    return Verdict(1, rule, _spelling(said, term))
    return None


def _any_alike(said: str, term: str, alike: Alike) -> bool:
    return any(alike(mine, its) for mine in find_readings(said) for its in find_readings(term))


def _is_same(said: Reading, term: Reading) -> bool:
    return said.is_same(term)


def _alike_but_for_calls(question: ShortAnswer) -> Alike:
    """Compares words in all their usual spellings; a call with an s more is another call, and so
    is a value that's in quotes."""
    known = [*question.accepted, *(wrong.text for wrong in question.rejected)]
    values = [found[2] for term in known if (found := QUOTED.search(term))]
    calls = {
        canonicalize(term)
        for term in (*known, *values)
        if term in values or is_call(term, question.stem)
    }

    def alike(said: Reading, term: Reading) -> bool:
        if said.is_same(term):
            return True
        same = _same_spelling if term.canonical in calls else _same_word
        if len(said.tokens) == len(term.tokens):
            return all(
                mine.is_equal(its)
                if isinstance(mine, Amount) and isinstance(its, Amount)
                else isinstance(mine, str) and isinstance(its, str) and same(mine, its)
                for mine, its in zip(said.tokens, term.tokens, strict=True)
            )
        return not said.amounts and not term.amounts and same(said.canonical, term.canonical)

    return alike


def _same_word(said: str, term: str) -> bool:
    return is_variant(said, term) and not are_opposed(said, term)


def _same_spelling(said: str, term: str) -> bool:
    return to_american(said) == to_american(term)


def _all_right(question: ShortAnswer, names: tuple[str, ...], terms: AbstractSet[str]) -> bool:
    """Whether a text that gives several names gives only right ones, or one and its initials."""
    if names[1:] and all(judge(question, name, terms).credit == 1 for name in names):
        return True
    match names:
        case (one, other) if is_initials(one, other) or is_initials(other, one):
            return any(judge(question, name, terms).credit == 1 for name in names)
        case _:
            return False


def _slipped(
    question: ShortAnswer, text: str, asked: frozenset[str], terms: AbstractSet[str]
) -> Verdict | None:
    """The verdict where slips of the finger lead to an accepted text, and none as few to a rejected
    one."""
    right: list[tuple[int, str]] = []
    for accepted in question.accepted:
        for term, left_out in expand_accepted(accepted, asked).items():
            for said, taken_off in expand_typed(text).items():
                if not left_out & taken_off and (found := _fewest(said, term, terms)):
                    right.append((found, term))
    wrong = [
        (found, each)
        for each in question.rejected
        if (found := _fewest(text, each.text, terms)) is not None
    ]
    fewest = min(right, default=None)
    nearest = min(wrong, key=lambda pair: pair[0], default=None)
    if nearest and (not fewest or nearest[0] <= fewest[0]):
        return Verdict(0, "rejected", rejected=nearest[1])
    return Verdict(1, "slip", fewest[1]) if fewest else None


def _fewest(said: str, term: str, terms: AbstractSet[str]) -> int | None:
    if canonicalize(said) in terms:
        return None
    found = [
        count_slips(mine, its, terms) for mine in find_readings(said) for its in find_readings(term)
    ]
    return min((each for each in found if each is not None), default=None)


def _spelling(said: str, term: str) -> str:
    """The term, where what was typed lacks its accents."""
    letters, its = _letters(said), _letters(term)
    return term if letters != its and fold_word(letters) == fold_word(its) else ""


def _letters(text: str) -> str:
    return "".join(filter(is_letter, fold_case(normalize_signs(text))))


def _exactly(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))
