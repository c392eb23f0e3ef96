"""Typos, forgiven word by word if what was typed isn't a different word."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

from rapidfuzz.distance import DamerauLevenshtein

from content.language import split_words
from content.language.amounts import Amount, Token
from content.language.numbers import read_roman
from content.language.opposites import are_opposed
from content.language.reading import Reading
from content.language.spelling import is_variant
from content.language.words import is_name, is_word

MIN_SLIP_LETTERS: Final = 5
"""Typos are forgiven in words of at least this length; shorter words are too similar."""

MAX_SLIPS_PER_WORD: Final = 2
"""One typo is forgiven per five letters, up to this many in a word."""

_LONG_NAME_LETTERS: Final = 9
"""Names of at least this many letters are recognized by their consonants."""

_PARTICLES: Final = frozenset(
    [
        "da",
        "de",
        "di",
        "do",
        "du",
        "del",
        "della",
        "der",
        "den",
        "van",
        "von",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
    ]
)
"""Particles in people's names, which few remember right."""

_HOMOPHONES: Final = tuple(
    frozenset(sounds.split("/"))
    for sounds in split_words(
        "principal/principle discrete/discreet descent/decent stationary/stationery "
        "complementary/complimentary capital/capitol cite/site/sight brake/break council/counsel "
        "dual/duel idle/idol lead/led waste/waist weather/whether aural/oral serial/cereal "
        "cell/sell root/route base/bass bored/board currant/current desert/dessert die/dye "
        "flour/flower gorilla/guerrilla hoard/horde peace/piece pedal/peddle plain/plane "
        "profit/prophet right/rite/write sole/soul steal/steel symbol/cymbal tide/tied vain/vein "
        "wave/waive weak/week wholly/holy census/senses mussel/muscle navel/naval "
        "patience/patients presence/presents pore/pour residence/residents mean/mien "
        "morning/mourning coarse/course colonel/kernel"
    )
)
"""Words that sound alike: within a longer term, nobody means the other one."""

_SOUNDS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"tch|tsch|tsh|cz", "ch"), (r"ph|pf", "f"), (r"kh|gh|ck|q|g(?=[aou])|c(?=[aou])", "k"),
        (r"dh", "d"), (r"th", "t"), (r"sch", "sh"), (r"w", "v"), (r"x", "ks"),
        (r"(?<=[aeiou])y(?=[aeiou])", ""), (r"(?:iy|ii|ij|y|ie|ey|j)$", "i"), (r"ou|oo", "u"),
        (r"(.)\1", r"\1"),
    )
)  # fmt: skip
_VOWELS: Final = re.compile(r"[aeiouy]+")


def count_slips(typed: Reading, term: Reading, terms: AbstractSet[str]) -> int | None:
    """Count the typos between two texts; None if they differ by more.

    `terms` are the pack's terms: a typed term isn't a typo.
    """

    def known(word: str, *, name: bool) -> bool:
        return word in terms or is_word(word) or (name and is_name(word))

    if len(typed.tokens) == len(term.tokens):
        pairs = list(zip(typed.tokens, term.tokens, strict=True))
        total = 0
        for place, (mine, its) in enumerate(pairs):
            among_others = any(one == other for one, other in pairs if other is not its)
            # A name typed for a common word (Custer for cluster) is a typo.
            name = term.source_words[place][:1].isupper()
            found = _count_in_place(mine, its, partial(known, name=name))
            if found is None and isinstance(mine, str) and isinstance(its, str):
                found = _count_other_word(mine, its, name, among_others, place == 0)
            if found is None:
                return None
            total += found
        return total
    # If words were joined or split, only the whole texts can be compared.
    if typed.amounts or term.amounts or _single_letters(typed) != _single_letters(term):
        return None
    opposite = any(
        are_opposed(_strip_around(typed.canonical, *parts), parts[1])
        for parts in _split_around(term)
    )
    name = any(each[:1].isupper() for each in term.source_words)
    return (
        None
        if opposite
        else _count_in_place(typed.canonical, term.canonical, partial(known, name=name))
    )


def _count_in_place(typed: Token, term: Token, known: Callable[[str], bool]) -> int | None:
    """Count the typos between two words in the same place."""
    if isinstance(typed, Amount) or isinstance(term, Amount):
        same = isinstance(typed, Amount) and isinstance(term, Amount) and typed.is_equal(term)
        return 0 if same else None
    if is_variant(typed, term) and not are_opposed(typed, term):
        return 0
    found = count_word_slips(typed, term)
    return None if found is None or known(typed) else found


def count_word_slips(typed: str, term: str) -> int | None:
    """Count the typos between two words; None if they're too many, or make another word."""
    if not typed.isalpha() or not _may_be_misspelled(term):
        return None
    allowed = min(len(term) // MIN_SLIP_LETTERS, MAX_SLIPS_PER_WORD)
    found = DamerauLevenshtein.distance(typed, term, score_cutoff=allowed)
    # Nobody adds a letter at the start by mistake: that makes another word (chair, air).
    prefixed = typed[1:] == term and typed[0] != term[0]
    return None if found > allowed or prefixed or are_opposed(typed, term) else found


def _count_other_word(
    typed: str, term: str, name: bool, among_others: bool, first: bool
) -> int | None:
    """Return 1 if a different word still means the term: a homophone within a longer term, a name
    spelled as it sounds, or a first name before the right last name; else None."""
    if are_opposed(typed, term):
        return None
    if among_others and (
        (typed in _PARTICLES and term in _PARTICLES)
        or any(typed in alike and term in alike for alike in _HOMOPHONES)
        or (name and first and _may_be_misspelled(term) and _consonants(typed) == _consonants(term))
    ):
        return 1
    long = len(term) >= _LONG_NAME_LETTERS and abs(len(typed) - len(term)) <= 1
    to_sounds = _consonants if long else _spell_by_sound
    return 1 if name and _may_be_misspelled(term) and to_sounds(typed) == to_sounds(term) else None


def _may_be_misspelled(term: str) -> bool:
    """Whether a word is long enough to tell a typo from another word; Roman numerals never are."""
    return (
        term.isalpha()
        and len(term) >= MIN_SLIP_LETTERS
        and read_roman(term, after_word=True) is None
    )


def _single_letters(text: Reading) -> list[str]:
    """List the one-letter words, which always matter."""
    return sorted(word for word in text.words if len(word) == 1)


def _spell_by_sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _consonants(word: str) -> str:
    return _VOWELS.sub("", _spell_by_sound(word))


def _split_around(term: Reading) -> list[tuple[str, str, str]]:
    """List each word of a term with the text before and after it."""
    words = [str(each) for each in term.tokens]
    return [("".join(words[:n]), word, "".join(words[n + 1 :])) for n, word in enumerate(words)]


def _strip_around(whole: str, before: str, _: str, behind: str) -> str:
    """Return the text in place of a term's word if the rest of the term matches, else ""."""
    if whole.startswith(before) and whole.endswith(behind):
        return whole[len(before) : len(whole) - len(behind)]
    return ""
